"""What people said of texts, fine or odd, and what it changes: near a fine text less surprises, near an odd one more.

Marks change the score only. Its p-values are found afterwards, on normal texts that nobody marked, scored the same
way; so 5 % of false alarms stay 5 %.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from trivec.learning.anomalies.base import Scores
from trivec.records import Floats2d

ODD = 20.0  # surprise that a copy of an odd text has on top
SAME = 0.9999  # cosine of a text with itself


def _none() -> Floats2d:
    return np.zeros((0, 0), np.float32)


@dataclass(frozen=True)
class Marks:
    """Vectors of marked texts, unit rows.

    Attributes:
        fine: shape (fine texts, dimension).
        odd: shape (odd texts, dimension).
    """

    fine: Floats2d = field(default_factory=_none)
    odd: Floats2d = field(default_factory=_none)

    def adjust(self, scores: Scores, vectors: Floats2d, *, near: float) -> Scores:
        """Scores of texts with what was said of texts like them.

        Args:
            scores: sums of surprises, shape (texts,).
            vectors: of the texts, shape (texts, dimension).
            near: cosine from which on two texts are closer than neighbours usually are.
        """
        raised = scores + ODD * _closeness(vectors, self.odd, near)
        return np.asarray(raised * (1 - _closeness(vectors, self.fine, near)), np.float64)

    def holds(self, vectors: Floats2d) -> NDArray[np.bool_]:
        """Which of these texts are marked themselves."""
        marked = [table for table in (self.fine, self.odd) if len(table)]
        if not marked:
            return np.zeros(len(vectors), np.bool_)
        return np.asarray((vectors @ np.concatenate(marked).T).max(axis=1) > SAME, np.bool_)


def _closeness(vectors: Floats2d, marked: Floats2d, near: float) -> Scores:
    """0 for a text no closer to a marked one than neighbours usually are, 1 for a copy of one."""
    if not len(marked):
        return np.zeros(len(vectors))
    cosine = np.asarray((vectors @ marked.T).max(axis=1), np.float64)
    return np.clip((cosine - near) / max(1 - near, 1e-6), 0.0, 1.0)
