"""Whether a difference is more than luck: figures of the same queries under two methods in, probability out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]  # (queries,)
_CELLS = 4_000_000  # random numbers held at a time


@dataclass(frozen=True)
class Interval:
    """Bounds of a mean, at the level asked for."""

    low: float
    high: float


def randomisation_test(ours: Floats, theirs: Floats, *, rounds: int = 10_000, seed: int = 0) -> float:
    """Two-sided p of a mean difference this large if the two methods were exchangeable query by query.

    Fisher's paired randomisation test, the one to use for retrieval (Smucker, Allan & Carterette, 2007): every
    round exchanges the two figures of each query with probability one half. The lowest p is 1 / (rounds + 1).

    >>> randomisation_test(np.full(20, 0.5), np.full(20, 0.4)) < 0.001
    True
    """
    differences = np.asarray(ours, np.float64) - np.asarray(theirs, np.float64)
    observed = abs(differences.sum()) - 1e-9 * np.abs(differences).sum()  # sums in another order count as equal
    random = np.random.default_rng(seed)
    extreme, done = 0, 0
    while done < rounds:
        some = min(rounds - done, max(1, _CELLS // max(1, differences.size)))
        signs = random.integers(0, 2, size=(some, differences.size), dtype=np.int8) * 2 - 1
        extreme += int((np.abs(signs @ differences) >= observed).sum())
        done += some
    return (extreme + 1) / (rounds + 1)


def bootstrap_interval(figures: Floats, *, level: float = 0.95, rounds: int = 10_000, seed: int = 0) -> Interval:
    """Percentile bootstrap interval of the mean over queries (Efron & Tibshirani, 1993, chapter 13)."""
    values = np.asarray(figures, np.float64)
    random = np.random.default_rng(seed)
    means = np.empty(rounds)
    step = max(1, _CELLS // max(1, values.size))
    for start in range(0, rounds, step):
        rows = random.integers(0, values.size, size=(min(step, rounds - start), values.size))
        means[start : start + step] = values[rows].mean(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high))
