"""From scores to p-values that keep their word: conformal p-values, their tails, and false discovery control.

A text's p-value says how many normal texts look at least as odd. If it is as normal as they are, it is below .05 in
5 % of cases, whatever the score (Bates, Candes, Lei, Romano & Sesia, 2023: Testing for outliers with conformal
p-values). Scores in, probabilities out.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trivec.learning.anomalies.base import Scores

Chances = NDArray[np.float64]  # (texts,), 0 to 1

TAIL = 0.1  # share of the normal texts that the tail is fitted to


@dataclass(frozen=True)
class Calibration:
    """Scores of normal texts that the detector had not seen when it scored them.

    Attributes:
        scores: ascending, shape (normal,).
    """

    scores: Scores

    @classmethod
    def of(cls, scores: Scores) -> "Calibration":
        """Of scores in any order."""
        return cls(np.sort(np.asarray(scores, np.float64)))

    def p_values(self, scores: Scores) -> Chances:
        """(1 + normal texts that look at least as odd) / (1 + normal texts); low is unusual, never 0."""
        above = len(self.scores) - np.searchsorted(self.scores, scores, side="left")
        return np.asarray((1 + above) / (1 + len(self.scores)), np.float64)

    def surprise(self, scores: Scores) -> Scores:
        """-ln p, beyond the normal texts' last tenth with an exponential tail, so that far out is told from very far.

        This orders texts and adds up over views; what is claimed is `p_values`.
        """
        begin, mean = self._tail
        beyond = -np.log(TAIL) + (np.asarray(scores, np.float64) - begin) / mean
        return np.asarray(np.where(scores > begin, beyond, -np.log(self.p_values(scores))), np.float64)

    @property
    def _tail(self) -> tuple[float, float]:
        """Where the tail begins, and the mean of what exceeds it."""
        begin = float(np.quantile(self.scores, 1 - TAIL))
        excess = self.scores[self.scores > begin] - begin
        spread = float(self.scores[-1] - self.scores[0])
        return begin, max(float(excess.mean()) if excess.size else 0.0, 1e-6 * spread, 1e-12)


def adjusted(p_values: Chances, *, total: int | None = None) -> Chances:
    """The lowest level at which each text of a batch would be called an anomaly, shape (texts,).

    Of those called at a level, at most this share is normal, on average: Benjamini & Hochberg (1995), which holds for
    conformal p-values with one calibration set (Bates et al., theorem 2).

    >>> adjusted(np.array([0.001, 0.9, 0.02, 0.5])) <= 0.1
    array([ True, False,  True, False])

    Args:
        p_values: of the batch, or of all its texts up to some p-value.
        total: texts of the batch, where these are only the lowest.
    """
    order = np.argsort(-p_values, kind="stable")
    ranks = np.arange(len(p_values), 0, -1)
    running = np.minimum.accumulate(p_values[order] * (total or len(p_values)) / np.maximum(ranks, 1))
    found = np.empty(len(p_values))
    found[order] = np.minimum(running, 1.0)
    return found
