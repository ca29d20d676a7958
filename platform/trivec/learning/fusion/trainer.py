"""Training the fusion network on a corpus alone: pseudo-questions, a teacher's opinions, and a student that follows.

    passages -> pseudo-questions -> encoded ----------------+
    passages -> bm25 + concatenation, regularised -> opinions -> KL divergence to softmax(cosine) -> network

The recipe was found on cranfield, medline and cacm (docs/decisions, the fusion ADR); no label of a collection is used
unless the caller gives labels.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trivec.encoders.base import EncoderSpec
from trivec.encoders.fused import WEIGHTS
from trivec.encoders.tables import WordTable
from trivec.encoders.term_table import TermWeights
from trivec.errors import BadInput
from trivec.learning.base import Progress, silent
from trivec.learning.fusion.export import FusionModel
from trivec.learning.fusion.labels import LabelHeads
from trivec.learning.fusion.lessons import Encode, prepare
from trivec.learning.fusion.network import FusionNetwork
from trivec.learning.fusion.options import FusionOptions, SourceOptions, TermOptions
from trivec.learning.fusion.passages import TrainingPassages, start_table, term_weights
from trivec.learning.fusion.recipe import FusionTraining
from trivec.learning.fusion.student import Student
from trivec.learning.fusion.teacher import agreement
from trivec.learning.training.history import History, Stopping
from trivec.learning.training.loop import Options, fit
from trivec.records import AnalysedText, DenseVectors, Floats2d

MOST_PASSAGES = 20_000  # learned from; a larger corpus gives a sample


@dataclass(frozen=True)
class HeldOut:
    """Questions that were not learned from, and what the teacher thinks of every passage.

    Attributes:
        questions: the questions.
        opinions: shape (questions, passages).
    """

    questions: Sequence[AnalysedText]
    opinions: Floats2d

    def score(self, questions: DenseVectors, passages: DenseVectors) -> NDArray[np.float64]:
        """Agreement of a fused vector's rankings with the teacher, per question, 0 to 1, higher is better."""
        return agreement(questions.values @ passages.values.T, self.opinions)


@dataclass(frozen=True)
class TrainedFusionNetwork:
    """What a training gave.

    Attributes:
        model: the network with its stems' weights.
        history: its curves; the score is the mean agreement on the held-out questions.
        held_out: to hold other fused vectors against.
        scores: the model's own agreement with the teacher, per held-out question.
    """

    model: FusionModel
    history: History
    held_out: HeldOut
    scores: NDArray[np.float64]


def train(
    passages: TrainingPassages,
    *,
    encode: Encode,
    specs: Sequence[EncoderSpec],
    tables: Mapping[str, WordTable],
    training: FusionTraining | None = None,
    checkpoint: Path | None = None,
    progress: Progress = silent,
) -> TrainedFusionNetwork:
    """Train a fusion network; equal input gives an equal network.

    Args:
        passages: of the corpus, or a sample of at most `MOST_PASSAGES`.
        encode: questions, by every encoder in `specs`.
        specs: of the dense vectors that the teacher's concatenation is made of.
        tables: word vectors that stems start from, by the name of their encoder.
        training: the recipe.
        checkpoint: folder to save epochs in and to resume from.
        progress: told what is being done.

    Raises:
        BadInput: too little text to cut questions from, or a source without vectors.
        Cancelled: by `progress`; the next call with the same checkpoint goes on after the last whole epoch.
    """
    training = training or FusionTraining()
    if missing := [name for name in training.sources if name not in passages.vectors]:
        raise BadInput(f"the passages have no vectors {missing}: choose sources among {list(passages.vectors)}")
    weights = term_weights(passages.texts)
    lessons = prepare(passages, weights=weights, encode=encode, specs=specs, training=training, tell=progress)
    model = _untrained(passages, weights, tables, training)
    student = Student(model.network, lessons, training, LabelHeads.of(passages.labels, model, training))
    if checkpoint:
        checkpoint.mkdir(parents=True, exist_ok=True)
    history = fit(
        student,
        groups=student.groups(),
        batches=student.batches,
        loss=student.loss,
        score=lambda: float(student.held_out_scores().mean()),
        options=Options(training.optimiser, Stopping(training.epochs), seed=training.seed),
        checkpoint=checkpoint / "fusion.safetensors" if checkpoint else None,
        fingerprint=json.dumps([passages.digest(), asdict(training)]),
        progress=lambda doing, share: progress(f"training the fusion, {doing}", 0.3 + 0.7 * share),
    )
    scores = student.held_out_scores()
    held_out = HeldOut([lessons.questions[row] for row in lessons.held_out], lessons.opinions[lessons.held_out])
    return TrainedFusionNetwork(model, history, held_out, scores)


def _untrained(
    passages: TrainingPassages, weights: TermWeights, tables: Mapping[str, WordTable], training: FusionTraining
) -> FusionModel:
    table, signs = start_table(passages.texts, weights.words, tables)
    strongest = max(WEIGHTS.get(name, 1.0) for name in training.sources)
    sources = tuple(
        SourceOptions(name, passages.vectors[name].values.shape[1], WEIGHTS.get(name, 1.0) / strongest)
        for name in training.sources
    )
    options = FusionOptions(
        sources=sources,
        terms=TermOptions(len(weights.words), table.shape[1], signs=signs),
        hidden=training.hidden,
        source_dropout=training.source_dropout,
        output=training.output,
        seed=training.seed,
    )
    return FusionModel(FusionNetwork(options, table=table), weights)
