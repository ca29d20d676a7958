"""A small world of texts: two named vectors, some of them missing, and stems, some of them never seen in training."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from trivec.encoders import catalog, glove
from trivec.encoders.base import EncoderSpec
from trivec.encoders.catalog import EncoderSet
from trivec.encoders.rows import unit_rows
from trivec.encoders.term_table import Signs, TermWeights
from trivec.learning.base import Progress, silent
from trivec.learning.fusion.options import FusionOptions, SourceOptions, TermOptions
from trivec.learning.fusion.passages import TrainingPassages
from trivec.learning.fusion.recipe import FusionTraining
from trivec.learning.fusion.trainer import TrainedFusionNetwork, train
from trivec.records import AnalysedText, DenseVectors, Floats2d
from trivec.services.fusion_learning import word_tables
from trivec.sources.demo import sotu_documents
from trivec.text.analyser import default_analyser

WORDS = ("wing", "flow", "market", "bank", "kitten")
SOURCES = (SourceOptions("glove", 6, 0.5), SourceOptions("bert", 8, 1.0))
TERMS = TermOptions(words=len(WORDS), dimension=12, weight=0.8, signs=Signs(start=4, count=8, scale=0.3))


@dataclass(frozen=True)
class World:
    """Texts with their vectors, the term side's weights and its table."""

    texts: list[AnalysedText]
    parts: dict[str, DenseVectors]
    weights: TermWeights
    table: Floats2d


def text(terms: str) -> AnalysedText:
    """A text of these stems."""
    return AnalysedText(terms, tuple(terms.split()), tuple(terms.split()))


def vectors(dimension: int, present: list[bool], *, seed: int) -> DenseVectors:
    """Random unit rows, some of them missing."""
    values = np.random.default_rng(seed).normal(size=(len(present), dimension)).astype(np.float32)
    return unit_rows(values, present=np.array(present))


@pytest.fixture
def world() -> World:
    return World(
        texts=[text(terms) for terms in ("wing flow wing", "market zebra", "", "", "bank bank kitten zebra xylem")],
        parts={
            "glove": vectors(6, [True, False, True, False, True], seed=1),
            "bert": vectors(8, [True, True, True, False, False], seed=2),
        },
        weights=TermWeights(WORDS, np.array([1, 2, 3, 4, 5], np.float32), unseen_idf=6.0, average_terms=3.0),
        table=np.random.default_rng(4).normal(size=(len(WORDS), 12)).astype(np.float32),
    )


@pytest.fixture
def options() -> FusionOptions:
    """Everything that a network can have."""
    return FusionOptions(SOURCES, TERMS, hidden=(16, 10), output=9)


@dataclass(frozen=True)
class Speeches:
    """Presidential paragraphs with the packaged GloVe's vectors: a corpus small enough to train on in a test."""

    passages: TrainingPassages
    encoders: EncoderSet

    def train(
        self,
        training: FusionTraining,
        *,
        passages: TrainingPassages | None = None,
        checkpoint: Path | None = None,
        progress: Progress = silent,
    ) -> TrainedFusionNetwork:
        """Train on these passages, or on others."""
        return train(
            passages or self.passages,
            encode=lambda texts: self.encoders.encode_queries(texts, ["glove"]),
            specs=self.encoders.specs,
            tables=word_tables(self.encoders),
            training=training,
            checkpoint=checkpoint,
            progress=progress,
        )


@pytest.fixture(scope="session")
def speeches(pytestconfig: pytest.Config) -> Speeches:
    every = [document for document in sotu_documents() if 40 <= len(document.text.split()) <= 150]
    documents = every[:: len(every) // 160]
    texts = default_analyser().analyse([document.text for document in documents])
    spec = EncoderSpec(
        "glove", "glove", "dense", glove.PACKAGED_DIMENSION, glove.PACKAGED, options={"weighting": "idf"}
    )
    encoders = catalog.build([spec], artefacts=Path, cache=pytestconfig.cache.mkdir("encoders"))
    vectors = {name: part for name, part in encoders.encode_documents(texts).items() if isinstance(part, DenseVectors)}
    numbers = np.arange(len(texts), dtype=np.int64)
    passages = TrainingPassages(texts, numbers, vectors, [document.labels for document in documents])
    return Speeches(passages, encoders)
