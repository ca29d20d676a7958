"""Detectors of unusual vectors by name: PyOD's, and our own between two of them. Rows in, scores out.

A PyOD detector is never pickled: it is kept as the rows it learned from, and learns again when it is opened, which a
seed makes the same.
"""

import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import numpy as np
from scipy.sparse import csr_array

from trivec.errors import BadInput, MissingExtra
from trivec.learning.anomalies import neighbours as near
from trivec.learning.anomalies.base import Rows, Scores
from trivec.records import Floats2d

FOLDS = 5  # parts of the normal rows, each scored by a model of the others
_FEW_FOLDS = 2  # of networks, which learn for minutes


class Detector(Protocol):
    """Learned from normal rows."""

    @property
    def held_out(self) -> Scores:
        """Of the rows it learned from, each scored without itself, shape (normal,)."""
        ...

    def score(self, rows: Floats2d) -> Scores:
        """Higher is more unusual, shape (texts,)."""
        ...

    def without(self, rows: Rows) -> "Detector":
        """As if these normal rows had never been seen, as far as it can forget: PyOD's detectors go on knowing them."""
        ...


@dataclass(frozen=True)
class Relative:
    """Our own: between k nearest neighbours and LOF.

    Attributes:
        model: the neighbours.
        held_out: of the normal texts.
        siblings: who wrote the same as whom, see `neighbours.fit`; known while it is learned only.
    """

    model: near.Relative
    held_out: Scores
    siblings: csr_array = field(default_factory=lambda: csr_array((0, 0)))

    @classmethod
    def fit(cls, rows: Floats2d, neighbours: int) -> "Relative":
        """Learn from normal rows."""
        return cls(*near.fit(rows, neighbours=neighbours))

    def score(self, rows: Floats2d) -> Scores:
        """Higher is more unusual, shape (texts,)."""
        return self.model.score(rows)

    def without(self, rows: Rows) -> "Relative":
        """As if these normal rows had never been seen."""
        return Relative(self.model.without(rows), np.delete(self.held_out, rows))


@dataclass(frozen=True)
class _Pyod:
    model: Any
    held_out: Scores

    def score(self, rows: Floats2d) -> Scores:
        with _quiet():
            return np.asarray(self.model.decision_function(rows), np.float64)

    def without(self, rows: Rows) -> "_Pyod":
        return _Pyod(self.model, np.delete(self.held_out, rows))


def _relative(rows: Floats2d, count: int, _seed: int) -> Detector:
    return Relative.fit(rows, count)


def _knn(rows: Floats2d, count: int, _seed: int) -> Detector:
    """Its scores of what it learned from leave the row itself out."""
    from pyod.models.knn import KNN

    model = KNN(n_neighbors=min(count, len(rows) - 1), method="mean").fit(rows)
    return _Pyod(model, np.asarray(model.decision_scores_, np.float64))


def _lof(rows: Floats2d, count: int, _seed: int) -> Detector:
    from pyod.models.lof import LOF

    return _in_folds(rows, lambda part: LOF(n_neighbors=min(count, len(part) - 1), novelty=True).fit(part))


def _ecod(rows: Floats2d, _count: int, _seed: int) -> Detector:
    from pyod.models.ecod import ECOD

    return _in_folds(rows, lambda part: ECOD().fit(part))


def _iforest(rows: Floats2d, _count: int, seed: int) -> Detector:
    from pyod.models.iforest import IForest

    return _in_folds(rows, lambda part: IForest(random_state=seed).fit(part))


def _lunar(rows: Floats2d, count: int, seed: int) -> Detector:
    from pyod.models.lunar import LUNAR

    def fit(part: Floats2d) -> Any:
        return LUNAR(n_neighbours=min(count, len(part) // 2), random_state=seed).fit(part)

    return _in_folds(rows, fit, folds=_FEW_FOLDS)


def _autoencoder(rows: Floats2d, _count: int, seed: int) -> Detector:
    from pyod.models.auto_encoder import AutoEncoder

    return _in_folds(rows, lambda part: AutoEncoder(random_state=seed, verbose=0).fit(part), folds=_FEW_FOLDS)


CATALOGUE: Final[Mapping[str, Callable[[Floats2d, int, int], Detector]]] = {
    "relative": _relative,
    "knn": _knn,
    "lof": _lof,
    "ecod": _ecod,
    "iforest": _iforest,
    "lunar": _lunar,
    "autoencoder": _autoencoder,
}
NEEDS_TORCH: Final = frozenset({"lunar", "autoencoder"})  # which a process that answers people does not load


def fit_detector(name: str, rows: Floats2d, *, neighbours: int, seed: int) -> Detector:
    """Learn from normal rows.

    Args:
        name: of the catalogue.
        rows: shape (normal, dimension).
        neighbours: of detectors that look at neighbours.
        seed: of those that draw by chance.

    Raises:
        BadInput: no such detector.
        MissingExtra: PyOD, or torch for those that need it, is not installed.
    """
    if name not in CATALOGUE:
        raise BadInput(f"detector {name!r} does not exist: choose one of {', '.join(CATALOGUE)}")
    try:
        with _quiet():
            return CATALOGUE[name](rows, neighbours, seed)
    except ImportError as missing:
        raise MissingExtra(str(missing.name), "train" if name in NEEDS_TORCH else "insights") from missing


def _in_folds(rows: Floats2d, fit: Callable[[Floats2d], Any], *, folds: int = FOLDS) -> Detector:
    """Cross-conformal: each part is scored by a model of the others, new rows by a model of all (Vovk, 2015)."""
    fold = np.random.default_rng(0).permutation(len(rows)) % folds
    held_out = np.empty(len(rows))
    for part in range(folds):
        held_out[fold == part] = fit(rows[fold != part]).decision_function(rows[fold == part])
    return _Pyod(fit(rows), held_out)


@contextmanager
def _quiet() -> Iterator[None]:
    """PyOD passes on what its parts warn of; nothing of it is for our users."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
