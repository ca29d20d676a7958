"""What a fusion learns from: pseudo-questions, their vectors, and what the teacher thinks of each passage for each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trivec.encoders.base import EncoderSpec
from trivec.encoders.fused import WEIGHTS, Concatenation
from trivec.encoders.fused import spec as concatenation_spec
from trivec.encoders.term_table import Bags, TermWeights
from trivec.errors import BadInput
from trivec.learning.base import Progress
from trivec.learning.fusion.passages import TrainingPassages
from trivec.learning.fusion.pseudo_questions import draw
from trivec.learning.fusion.recipe import FusionTraining
from trivec.learning.fusion.teacher import FORBIDDEN
from trivec.records import AnalysedText, DenseVectors, Floats2d, Ints1d, TextVectors
from trivec.text.analyser import default_analyser

Encode = Callable[[Sequence[AnalysedText]], Mapping[str, TextVectors]]
Rows = NDArray[np.int64]

FEWEST_QUESTIONS = 64
_ENCODED_AT_ONCE = 512  # questions


@dataclass(frozen=True)
class Lessons:
    """All that is learned from, made once.

    Attributes:
        questions: pseudo-questions.
        asked: their dense vectors by source.
        opinions: the teacher's, shape (questions, passages); `FORBIDDEN` at the question's own document.
        best: the teacher's first passages, shape (questions, how many).
        learned: rows of questions to learn from.
        held_out: rows of the others.
        passage_vectors: dense vectors of the passages by source.
        question_bags: weighted stems of the questions.
        passage_bags: weighted stems of the passages.
    """

    questions: Sequence[AnalysedText]
    asked: Mapping[str, TextVectors]
    opinions: Floats2d
    best: Ints1d
    learned: Rows
    held_out: Rows
    passage_vectors: Mapping[str, DenseVectors]
    question_bags: Bags
    passage_bags: Bags


def prepare(
    passages: TrainingPassages,
    *,
    weights: TermWeights,
    encode: Encode,
    specs: Sequence[EncoderSpec],
    training: FusionTraining,
    tell: Progress,
) -> Lessons:
    """Cut the questions, encode them, ask the teacher.

    Args:
        passages: of the corpus.
        weights: of their stems.
        encode: questions, by every encoder in `specs`.
        specs: of the dense vectors that the teacher's concatenation is made of.
        training: the recipe.
        tell: told what is being done; shares up to .3.

    Raises:
        BadInput: too little text to cut questions from.
    """
    tell("cutting questions from the passages", 0.0)
    drawn = draw(passages.texts, count=training.questions, seed=training.seed)
    if len(drawn) < FEWEST_QUESTIONS:
        raise BadInput(f"only {len(drawn)} questions can be cut from {len(passages.texts)} passages: add documents")
    questions = default_analyser().analyse([each.text for each in drawn])
    asked = _encoded(questions, encode, tell)
    tell("asking the teacher", 0.2)
    question_bags, passage_bags = weights.bags(questions, question=True), weights.bags(passages.texts)
    together = Concatenation(concatenation_spec([spec for spec in specs if spec.name in WEIGHTS]))
    dense = together.fuse(passages.texts, passages.vectors).values
    opinions = training.teacher.opinions(
        bm25(question_bags, passage_bags, words=len(weights.words)),
        together.fuse(questions, asked).values @ dense.T,
        training.teacher.neighbour_graph(dense, passages.documents),
    )
    own = np.array([passages.documents[each.passage] for each in drawn])
    opinions[own[:, None] == passages.documents[None, :]] = FORBIDDEN
    best = np.argpartition(-opinions, min(training.best, opinions.shape[1] - 1), axis=1)[:, : training.best]
    learned, held_out = _split(own, training)
    return Lessons(questions, asked, opinions, best, learned, held_out, passages.vectors, question_bags, passage_bags)


def bm25(questions: Bags, passages: Bags, *, words: int) -> Floats2d:
    """Scores of all passages, shape (questions, passages): products of the weights of shared stems."""
    return np.asarray((questions.matrix[:, :words] @ passages.matrix[:, :words].T).todense(), np.float32)


def _encoded(questions: Sequence[AnalysedText], encode: Encode, tell: Progress) -> dict[str, TextVectors]:
    """Dense vectors of the questions by name."""
    chunks = []
    for start in range(0, len(questions), _ENCODED_AT_ONCE):
        tell(f"encoding questions: {start} of {len(questions)}", 0.2 * start / len(questions))
        chunks.append(encode(questions[start : start + _ENCODED_AT_ONCE]))
    return {name: _joined([chunk[name] for chunk in chunks]) for name in chunks[0]}


def _joined(parts: Sequence[TextVectors]) -> DenseVectors:
    dense = [part for part in parts if isinstance(part, DenseVectors)]
    return DenseVectors(
        np.concatenate([part.values for part in dense]), np.concatenate([part.present for part in dense])
    )


def _split(own: Rows, training: FusionTraining) -> tuple[Rows, Rows]:
    """Questions of a share of the documents are held out."""
    documents = np.unique(own)
    chance = np.random.default_rng([training.seed, 7])
    kept_back = chance.permutation(documents)[: max(1, round(training.held_out * len(documents)))]
    behind = np.isin(own, kept_back)
    if behind.all():
        raise BadInput("all questions come from one document: a fusion needs several documents to learn from")
    return np.flatnonzero(~behind), np.flatnonzero(behind)
