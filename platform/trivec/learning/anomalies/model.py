"""The anomaly model as it serves: numpy and PyOD, never torch. Texts with their vectors in, p-values out.

    bert ──── far from the nearest normal texts ──┐
    words ─── other words than these ─────────────┤  conformal    weighted sum   conformal
    form ──── written otherwise ──────────────────┼─ surprise ─── of surprises ─ p-value
    spelling  characters that do not follow ──────┘
    glove, word2vec: judged and shown, not counted

Surprises are -ln p, so the sum is Fisher's (1925), weighted; what it is worth is found on the normal texts again.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from trivec.errors import BadInput
from trivec.learning.anomalies import form, words
from trivec.learning.anomalies.base import Rows, Scores, Texts, compared
from trivec.learning.anomalies.conformal import Calibration, Chances
from trivec.learning.anomalies.detectors import Detector
from trivec.learning.anomalies.form import Form
from trivec.learning.anomalies.marks import SAME, Marks
from trivec.learning.anomalies.neighbours import Nearest, search, siblings
from trivec.learning.anomalies.options import AnomalyOptions
from trivec.learning.anomalies.spelling import Spelling
from trivec.learning.anomalies.words import Words
from trivec.records import Floats2d

WRITING = ("words", "form", "spelling")  # views of the text itself


@dataclass(frozen=True)
class Judged:
    """What a model says of texts.

    Attributes:
        scores: weighted sum of surprises, higher is more unusual, shape (texts,).
        p_values: of the sum, shape (texts,): the share of normal texts that are at least as odd.
        views: the same of each view alone, by name.
    """

    scores: Scores
    p_values: Chances
    views: Mapping[str, Chances]

    def of(self, row: int) -> dict[str, float]:
        """What each view says of one text."""
        return {name: float(p_values[row]) for name, p_values in self.views.items()}


@dataclass(frozen=True)
class AnomalyModel:
    """Learned from the normal texts of a corpus. Safe to use from several threads.

    Attributes:
        options: how it was learned.
        ids: of the normal texts.
        tables: vectors of the normal texts by name, unit rows, shape (normal, dimension).
        dense: a detector for each of them.
        words: view of the words.
        form: view of how texts are written.
        spelling: view of the characters.
        held_out: by view, scores of the normal texts, each found without the text itself, shape (normal,).
        weights: of the views that count.
        marks: what people said of texts.
        metrics: figures of the training.
    """

    options: AnomalyOptions
    ids: tuple[str, ...]
    tables: Mapping[str, Floats2d]
    dense: Mapping[str, Detector]
    words: Words
    form: Form
    spelling: Spelling
    held_out: Mapping[str, Scores]
    weights: Mapping[str, float]
    marks: Marks = field(default_factory=Marks)
    metrics: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def _rows(self) -> Mapping[str, int]:
        return {each: row for row, each in enumerate(self.ids)}

    @property
    def views(self) -> tuple[str, ...]:
        """Names of the views, vectors first."""
        return (*self.dense, *WRITING)

    @cached_property
    def calibrations(self) -> Mapping[str, Calibration]:
        """By view."""
        return {name: Calibration.of(scores) for name, scores in self.held_out.items()}

    @cached_property
    def calibration(self) -> Calibration:
        """Of the sum, marks included."""
        vectors = self.tables[self.options.vector]
        sums = self.marks.adjust(self._sum(self.held_out), vectors, near=self.near)
        return Calibration.of(sums[~self.marks.holds(vectors)])

    def judge(self, batch: Texts, *, known: Rows | None = None) -> Judged:
        """How unusual each text is, alone and in each view.

        Args:
            batch: the texts.
            known: where the texts are normal ones that it learned from, their rows, else -1 (see `known`): these are
                judged by what was found of them without themselves, as nothing is odd beside itself.

        Raises:
            BadInput: a vector that counts is missing, or of another dimension or number.
        """
        if not len(batch):
            return Judged(np.zeros(0), np.zeros(0), {name: np.zeros(0) for name in self.views})
        raw = self.raw(batch)
        if known is not None:
            raw = {name: np.where(known >= 0, self.held_out[name][known], scores) for name, scores in raw.items()}
        sums = self.marks.adjust(self._sum(raw), batch.vectors[self.options.vector], near=self.near)
        views = {name: self.calibrations[name].p_values(scores) for name, scores in raw.items()}
        return Judged(sums, self.calibration.p_values(sums), views)

    def raw(self, batch: Texts) -> dict[str, Scores]:
        """Each view's scores, on its own scale; a vector that shows only and is not there is left out."""
        found = {name: self._dense(name, batch) for name in self.dense if name in batch.vectors}
        if self.options.vector not in found:
            raise BadInput(f"vector {self.options.vector!r} is needed to judge texts, but {list(batch.vectors)} came")
        return found | {
            "words": self.words.scores(batch),
            "form": self.form.scores(batch),
            "spelling": self.spelling.scores(batch),
        }

    def known(self, ids: Sequence[str], vectors: Floats2d) -> Rows:
        """Rows of the normal texts that these are, -1 for others and for texts that have changed since.

        Args:
            ids: of the texts.
            vectors: of the one that counts, shape (texts, dimension).
        """
        rows = np.array([self._rows.get(each, -1) for each in ids], np.int64)
        same = np.einsum("ij,ij->i", self.tables[self.options.vector][rows], vectors) > SAME
        return np.where(same, rows, -1)

    def family(self, row: int) -> Rows:
        """A normal text and its siblings, which its own score was found without."""
        return siblings(self.tables[self.options.vector], row, neighbours=self.options.neighbours)

    def without(self, rows: Rows, texts: Sequence[str]) -> "AnomalyModel":
        """As if these normal texts had never been seen: how it judges one of them on its own.

        Args:
            rows: of the normal texts.
            texts: what these say.
        """
        count, seed = len(self.ids), self.options.seed
        in_words, in_form = (
            np.flatnonzero(np.isin(compared(count, most=most, seed=seed), rows))
            for most in (words.MOST_TEXTS, form.MOST_TEXTS)
        )
        kept = np.delete(np.arange(count), rows)
        return replace(
            self,
            ids=tuple(self.ids[row] for row in kept),
            tables={name: table[kept] for name, table in self.tables.items()},
            dense={name: detector.without(rows) for name, detector in self.dense.items()},
            words=self.words.without(in_words, texts),
            form=self.form.without(in_form),
            spelling=self.spelling.without(texts),
            held_out={name: scores[kept] for name, scores in self.held_out.items()},
        )

    def nearest(self, vectors: Floats2d, *, count: int) -> Nearest:
        """The nearest normal texts by the vector that counts; rows are those of `ids`."""
        return search(self.tables[self.options.vector], vectors, count)

    def showing(self, names: Collection[str]) -> "AnomalyModel":
        """The same without the vectors that are not among these; the one that counts stays."""
        kept = [name for name in self.tables if name in names or name == self.options.vector]
        return replace(
            self,
            tables={name: self.tables[name] for name in kept},
            dense={name: self.dense[name] for name in kept},
            held_out={name: scores for name, scores in self.held_out.items() if name in (*kept, *WRITING)},
        )

    def with_marks(self, marks: Marks) -> "AnomalyModel":
        """The same with what people said, calibrated anew."""
        return replace(self, marks=marks)

    def surprises(self, raw: Mapping[str, Scores]) -> dict[str, Scores]:
        """What each view that counts adds to the sum."""
        return {name: weight * self.calibrations[name].surprise(raw[name]) for name, weight in self.weights.items()}

    def _dense(self, name: str, batch: Texts) -> Scores:
        rows, table = batch.vectors[name], self.tables[name]
        if rows.shape != (len(batch), table.shape[1]):
            raise BadInput(f"{name} vectors of shape {rows.shape}, but {(len(batch), table.shape[1])} are needed")
        return self.dense[name].score(rows)

    def _sum(self, raw: Mapping[str, Scores]) -> Scores:
        return np.asarray(np.sum(list(self.surprises(raw).values()), axis=0), np.float64)

    @cached_property
    def near(self) -> float:
        """Cosine that a normal text has with its nearest one, typically."""
        table = self.tables[self.options.vector]
        sample: NDArray[np.int64] = np.arange(0, len(table), max(1, len(table) // 500))
        two = search(table, table[sample], 2).distances
        return float(1 - np.median(two[:, -1]))
