"""A corpus small enough to train on in a test: presidential paragraphs with the packaged GloVe's vectors."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from sotu import all_speeches

from trivec.encoders import catalog, glove
from trivec.encoders.base import EncoderSpec
from trivec.encoders.catalog import EncoderSet
from trivec.learning.fusion.passages import TrainingPassages
from trivec.learning.fusion.trainer import FusionTraining, TrainedFusionNetwork, train
from trivec.services.fusion_learning import word_tables
from trivec.text.analyser import default_analyser

QUICK = FusionTraining(sources=("glove",), questions=300, epochs=2, batch=32, best=8, random=32)


@dataclass(frozen=True)
class Speeches:
    """Passages, and the encoders that made their vectors."""

    passages: TrainingPassages
    encoders: EncoderSet

    def train(
        self, *, passages: TrainingPassages | None = None, checkpoint: Path | None = None, **changed: object
    ) -> TrainedFusionNetwork:
        """Train quickly on these passages, or on others."""
        return train(
            passages or self.passages,
            encode=lambda texts: self.encoders.encode_queries(texts, ["glove"]),
            specs=self.encoders.specs,
            tables=word_tables(self.encoders),
            training=replace(QUICK, **changed),  # type: ignore[arg-type]  # fields by name, checked by replace
            checkpoint=checkpoint,
        )


def read(cache: Path, *, count: int = 160) -> Speeches:
    """The paragraphs of some messages."""
    paragraphs = [
        (number, paragraph)
        for number, speech in enumerate(all_speeches()[::20])
        for paragraph in speech.text.split("\n\n")
        if 40 <= len(paragraph.split()) <= 150
    ][:count]
    texts = default_analyser().analyse([paragraph for _, paragraph in paragraphs])
    spec = EncoderSpec(
        "glove", "glove", "dense", glove.PACKAGED_DIMENSION, glove.PACKAGED, options={"weighting": "idf"}
    )
    encoders = catalog.build([spec], artefacts=Path, cache=cache)
    documents = np.arange(len(texts), dtype=np.int64)
    labels = [("early",) if number < 6 else ("late",) for number, _ in paragraphs]
    return Speeches(TrainingPassages(texts, documents, dict(encoders.encode_documents(texts)), labels), encoders)
