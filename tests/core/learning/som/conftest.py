"""Eight themes of documents as unit vectors, and one map of them, made once."""

from dataclasses import dataclass

import numpy as np
import pytest

from trivec.encoders.rows import unit_rows
from trivec.learning import som
from trivec.learning.som import SomModel, SomOptions
from trivec.records import Floats2d, Ints1d

THEMES, DIMENSION = 8, 48
QUICK = SomOptions(projection="pca")


@dataclass(frozen=True)
class Collection:
    """Documents and the theme of each."""

    vectors: Floats2d
    themes: Ints1d


def themes(documents: int, *, seed: int) -> Collection:
    """Unit vectors around eight directions, which are the same whatever the seed."""
    centres = np.random.default_rng(0).normal(size=(THEMES, DIMENSION))
    chance = np.random.default_rng(seed)
    of = chance.integers(THEMES, size=documents)
    drawn = centres[of] + 0.7 * chance.normal(size=(documents, DIMENSION))
    return Collection(unit_rows(drawn.astype(np.float32)).values, of)


@pytest.fixture(scope="session")
def collection() -> Collection:
    return themes(1500, seed=1)


@pytest.fixture(scope="session")
def made(collection: Collection) -> SomModel:
    return som.train(collection.vectors, options=QUICK)
