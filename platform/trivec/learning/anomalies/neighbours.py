"""Nearest normal texts: exact search in a bounded table of unit vectors, and how far from them a text lies.

One matrix product answers for a whole batch; reasons show the same neighbours that made the score.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from trivec.learning.anomalies.base import Scores
from trivec.records import Floats1d, Floats2d

Rows2d = NDArray[np.int64]  # (texts, neighbours)

LOCAL = 1 / 3  # how far the neighbours' own distances count: 0 is k nearest neighbours, 1 about LOF
SIBLING = 0.4  # of the distance to a text's last neighbour: who is nearer says the same again
MOST_SIBLINGS = 64  # of a text that are known
_FLOOR = 1e-3  # of a distance, so that copies are no nearer than near
_CELLS = 1 << 23  # similarities held at a time


@dataclass(frozen=True)
class Nearest:
    """The nearest rows of a table, nearest first.

    Attributes:
        rows: shape (texts, neighbours).
        distances: 1 - cosine, shape (texts, neighbours).
    """

    rows: Rows2d
    distances: Floats2d


@dataclass(frozen=True)
class Relative:
    """Distance to the k nearest normal texts, partly relative to how far these lie from their own neighbours.

    `log mean(d(x)) - LOCAL * log mean(d(neighbours))`. With 0 this is k nearest neighbours (Ramaswamy et al., 2000),
    with 1 nearly the local outlier factor (Breunig et al., 2000). A third was better than either on nearly every
    development set: topics differ in how dense they are, but a thin topic is also odder than a dense one.

    Attributes:
        table: normal texts, unit rows, shape (normal, dimension).
        spread: mean distance of each to its own neighbours, shape (normal,).
        neighbours: how many are looked at.
    """

    table: Floats2d
    spread: Floats1d
    neighbours: int

    def score(self, rows: Floats2d) -> Scores:
        """Higher is more unusual; shape (texts,)."""
        return self.score_of(search(self.table, rows, self.neighbours))

    def without(self, rows: NDArray[np.int64]) -> "Relative":
        """As if these normal texts had never been seen."""
        return replace(self, table=np.delete(self.table, rows, axis=0), spread=np.delete(self.spread, rows))

    def score_of(self, nearest: Nearest) -> Scores:
        """Of texts whose neighbours are known."""
        near = np.log(nearest.distances[:, : self.neighbours].mean(axis=1, dtype=np.float64) + _FLOOR)
        local = np.log(self.spread[nearest.rows[:, : self.neighbours]].mean(axis=1, dtype=np.float64) + _FLOOR)
        return np.asarray(near - LOCAL * local, np.float64)


def fit(table: Floats2d, *, neighbours: int) -> tuple[Relative, Scores, csr_array]:
    """Learn from normal texts.

    Returns:
        The model; the normal texts' own scores, each with itself and its siblings left out, shape (normal,); and who
        is whose sibling, itself included, shape (normal, normal). Siblings are much nearer than neighbours usually are
        (`SIBLING`): one hand often wrote both, and a new text has no such sibling, so that 5 % of false alarms would
        become 7 or 8.
    """
    count = max(1, min(neighbours, len(table) - 1))
    around = search(table, table, min(count + MOST_SIBLINGS, len(table) - 1), without_self=True)
    model = Relative(table, around.distances[:, :count].mean(axis=1), count)
    close = around.distances < SIBLING * around.distances[:, count - 1 : count]
    starts = np.minimum(close.sum(axis=1), around.rows.shape[1] - count)
    places = starts[:, None] + np.arange(count)
    strangers = Nearest(
        np.take_along_axis(around.rows, places, axis=1), np.take_along_axis(around.distances, places, axis=1)
    )
    return model, model.score_of(strangers), _pairs(around.rows, close)


def siblings(table: Floats2d, row: int, *, neighbours: int) -> NDArray[np.int64]:
    """A normal text and its siblings, as `fit` has them, in no order."""
    count = max(1, min(neighbours, len(table) - 1))
    around = search(table, table[row : row + 1], min(count + MOST_SIBLINGS + 1, len(table)))
    others = around.rows[0] != row
    rows, distances = around.rows[0][others], around.distances[0][others]
    close = rows[distances < SIBLING * distances[count - 1]][: len(rows) - count]
    return np.concatenate([[row], close])


def _pairs(rows: Rows2d, close: NDArray[np.bool_]) -> csr_array:
    size = len(rows)
    first, place = np.nonzero(close)
    own = np.arange(size)
    both = np.concatenate([first, own]), np.concatenate([rows[first, place], own])
    return csr_array((np.ones(len(both[0]), np.bool_), both), shape=(size, size))


def search(table: Floats2d, rows: Floats2d, count: int, *, without_self: bool = False) -> Nearest:
    """The `count` nearest rows of a table of unit vectors; `without_self` when both are the same table."""
    count = min(count, len(table) - without_self)
    step = max(1, _CELLS // max(1, len(table)))
    found = [_part(table, rows[at : at + step], count, at if without_self else -1) for at in range(0, len(rows), step)]
    if not found:
        return Nearest(np.zeros((0, count), np.int64), np.zeros((0, count), np.float32))
    return Nearest(np.concatenate([part[0] for part in found]), np.concatenate([part[1] for part in found]))


def _part(table: Floats2d, rows: Floats2d, count: int, own: int) -> tuple[Rows2d, Floats2d]:
    distances = 1 - rows @ table.T
    if own >= 0:
        distances[np.arange(len(rows)), own + np.arange(len(rows))] = np.inf
    best = np.argpartition(distances, count - 1, axis=1)[:, :count]
    near = np.take_along_axis(distances, best, axis=1)
    order = np.argsort(near, axis=1, kind="stable")
    return np.take_along_axis(best, order, axis=1), np.maximum(np.take_along_axis(near, order, axis=1), 0)
