"""Training the fusion network on a corpus alone: pseudo-questions, a teacher's opinions, and a student that follows.

    passages -> pseudo-questions -> encoded ----------------+
    passages -> bm25 + concatenation, regularised -> opinions -> KL divergence to softmax(cosine) -> network

The recipe was found on cranfield, medline and cacm (docs/decisions, the fusion ADR); no label of a collection is used
unless the caller gives labels.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from trivec.encoders.base import EncoderSpec
from trivec.encoders.fused import WEIGHTS, Concatenation
from trivec.encoders.fused import spec as concatenation_spec
from trivec.encoders.tables import WordTable
from trivec.encoders.term_table import Bags
from trivec.errors import BadInput
from trivec.learning.base import Progress, silent
from trivec.learning.fusion.export import FusionModel
from trivec.learning.fusion.labels import LabelHeads
from trivec.learning.fusion.network import FusionNetwork, Inputs
from trivec.learning.fusion.options import FusionOptions, SourceOptions, TermOptions
from trivec.learning.fusion.passages import TrainingPassages, start_table, term_weights
from trivec.learning.fusion.pseudo_questions import draw
from trivec.learning.fusion.teacher import FORBIDDEN, Teacher, agreement
from trivec.learning.training.history import History, Stopping
from trivec.learning.training.loop import Options, fit
from trivec.learning.training.optimisers import Group, Name
from trivec.records import AnalysedText, DenseVectors, Floats2d, Ints1d, TextVectors
from trivec.text.analyser import default_analyser

Encode = Callable[[Sequence[AnalysedText]], Mapping[str, TextVectors]]
Rows = NDArray[np.int64]

MOST_PASSAGES = 20_000  # learned from; a larger corpus gives a sample
FEWEST_QUESTIONS = 64


@dataclass(frozen=True)
class FusionTraining:
    """How to train; the defaults are the measured recipe.

    Attributes:
        sources: named vectors that the network reads; the word vectors of the others are in its table.
        questions: pseudo-questions drawn.
        held_out: share of documents whose questions are not learned from.
        teacher: forms the opinions.
        certainty: temperature of the teacher's opinions; lower listens to its first passages alone.
        temperature: of the student's cosines.
        best: the teacher's first passages of each question in a batch, compared by all its questions.
        random: passages drawn at random beside them.
        batch: questions.
        epochs: passes over the questions.
        optimiser: `adamw`, `rmsprop` or `lars`.
        table_rate: learning rate of the stems' vectors; 0 freezes them.
        rate: learning rate of everything else.
        anchor: how strongly the table is held at its start.
        label_weight: share of the classification loss where documents have labels; 0 ignores them.
        hidden: widths of dense layers; () for none.
        output: dimension of the fused vector; 0 for that of the concatenation.
        source_dropout: share of sources dropped from a question in training.
        seed: of everything.
    """

    sources: tuple[str, ...] = ("bert",)
    questions: int = 4000
    held_out: float = 0.1
    teacher: Teacher = field(default_factory=Teacher)
    certainty: float = 0.5
    temperature: float = 0.05
    best: int = 16
    random: int = 512
    batch: int = 128
    epochs: int = 12
    optimiser: Name = "adamw"
    table_rate: float = 2e-3
    rate: float = 3e-4
    anchor: float = 0.01
    label_weight: float = 0.0
    hidden: tuple[int, ...] = ()
    output: int = 0
    source_dropout: float = 0.15
    seed: int = 1


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
    lessons = _lessons(passages, encode, specs, training, progress)
    model = _untrained(passages, tables, training, lessons)
    student = _Student(model.network, lessons, training, LabelHeads.of(passages.labels, model, training))
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


@dataclass(frozen=True)
class _Lessons:
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


def _lessons(
    passages: TrainingPassages, encode: Encode, specs: Sequence[EncoderSpec], training: FusionTraining, tell: Progress
) -> _Lessons:
    tell("cutting questions from the passages", 0.0)
    drawn = draw(passages.texts, count=training.questions, seed=training.seed)
    if len(drawn) < FEWEST_QUESTIONS:
        raise BadInput(f"only {len(drawn)} questions can be cut from {len(passages.texts)} passages: add documents")
    questions = default_analyser().analyse([each.text for each in drawn])
    asked: dict[str, TextVectors] = {}
    for start in range(0, len(questions), 512):
        tell(f"encoding questions: {start} of {len(questions)}", 0.15 * start / len(questions))
        _extend(asked, encode(questions[start : start + 512]))
    tell("asking the teacher", 0.2)
    weights = term_weights(passages.texts)
    question_bags, passage_bags = weights.bags(questions, question=True), weights.bags(passages.texts)
    width = len(weights.words)
    lexical = np.asarray((question_bags.matrix[:, :width] @ passage_bags.matrix[:, :width].T).todense(), np.float32)
    concatenation = Concatenation(concatenation_spec([s for s in specs if s.name in WEIGHTS]))
    together = concatenation.fuse(passages.texts, passages.vectors).values
    graph = training.teacher.neighbour_graph(together, passages.documents)
    opinions = training.teacher.opinions(lexical, concatenation.fuse(questions, asked).values @ together.T, graph)
    own = np.array([passages.documents[each.passage] for each in drawn])
    opinions[own[:, None] == passages.documents[None, :]] = FORBIDDEN
    best = np.argpartition(-opinions, min(training.best, opinions.shape[1] - 1), axis=1)[:, : training.best]
    learned, held_out = _split(own, training)
    return _Lessons(questions, asked, opinions, best, learned, held_out, passages.vectors, question_bags, passage_bags)


def _extend(whole: dict[str, TextVectors], more: Mapping[str, TextVectors]) -> None:
    for name, part in more.items():
        if isinstance(part, DenseVectors):
            so_far = whole.get(name)
            both = [so_far, part] if isinstance(so_far, DenseVectors) else [part]
            whole[name] = DenseVectors(
                np.concatenate([each.values for each in both]), np.concatenate([each.present for each in both])
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


def _untrained(
    passages: TrainingPassages, tables: Mapping[str, WordTable], training: FusionTraining, lessons: _Lessons
) -> FusionModel:
    weights = term_weights(passages.texts)
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


class _Student(nn.Module):
    """The network while it learns, and the heads that only learning needs."""

    def __init__(
        self, network: FusionNetwork, lessons: _Lessons, training: FusionTraining, heads: LabelHeads | None
    ) -> None:
        super().__init__()
        self.network = network
        self.heads = heads
        self.lessons = lessons
        self.training_options = training
        table = network.table
        self.start = None if table is None else table.weight.detach().clone()

    def groups(self) -> list[Group]:
        training = self.training_options
        rates = {"table": training.table_rate}
        groups = [
            Group(name, held, rates.get(name, training.rate)) for name, held in self.network.parameter_groups().items()
        ]
        return groups if self.heads is None else [*groups, Group("heads", list(self.heads.parameters()), 1e-2)]

    def batches(self, chance: np.random.Generator) -> list[tuple[Rows, Rows]]:
        """Questions of a batch and the passages they are asked of."""
        size, lessons = self.training_options.batch, self.lessons
        order = chance.permutation(lessons.learned)
        full = [order[start : start + size] for start in range(0, max(1, len(order) - size + 1), size)]
        count = lessons.opinions.shape[1]
        return [
            (rows, np.unique([*lessons.best[rows].ravel(), *chance.integers(0, count, self.training_options.random)]))
            for rows in full
        ]

    def loss(self, batch: tuple[Rows, Rows]) -> Tensor:
        """KL divergence from the teacher's opinions to the student's (Hinton, Vinyals & Dean, 2015)."""
        rows, columns = batch
        training, lessons = self.training_options, self.lessons
        opinions = torch.from_numpy(lessons.opinions[np.ix_(rows, columns)])
        forbidden = torch.isneginf(opinions)
        passages = self.network(self.of_passages(columns), drop=False)
        cosines = self.network(self.of_questions(rows)) @ passages.T
        student = functional.log_softmax((cosines / training.temperature).masked_fill(forbidden, -1e4), dim=1)
        teacher = functional.softmax(opinions / training.certainty, dim=1)
        loss = functional.kl_div(student, teacher, reduction="batchmean")
        if self.start is not None and self.network.table is not None and training.anchor:
            loss = loss + training.anchor * (self.network.table.weight - self.start).square().sum(dim=1).mean()
        if self.heads is not None:
            loss = loss + training.label_weight * self.heads.loss(passages, columns)
        return loss

    def held_out_scores(self) -> NDArray[np.float64]:
        self.eval()
        with torch.no_grad():
            count = self.lessons.opinions.shape[1]
            chunks = [np.arange(start, min(start + 2048, count)) for start in range(0, count, 2048)]
            passages = torch.cat([self.network(self.of_passages(rows)) for rows in chunks])
            cosines = self.network(self.of_questions(self.lessons.held_out)) @ passages.T
        return agreement(cosines.numpy(), self.lessons.opinions[self.lessons.held_out])

    def of_passages(self, rows: Rows) -> Inputs:
        return self.network.inputs(_take(self.lessons.passage_vectors, rows), self.lessons.passage_bags.take(rows))

    def of_questions(self, rows: Rows) -> Inputs:
        return self.network.inputs(_take(self.lessons.asked, rows), self.lessons.question_bags.take(rows))


def _take(parts: Mapping[str, TextVectors], rows: Rows) -> dict[str, TextVectors]:
    return {
        name: DenseVectors(part.values[rows], part.present[rows])
        for name, part in parts.items()
        if isinstance(part, DenseVectors)
    }
