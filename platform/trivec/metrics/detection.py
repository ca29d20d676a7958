"""How well scores tell anomalies from normal texts: scores and truth in, figures out. Higher scores are odder."""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from trivec.errors import BadInput
from trivec.metrics.significance import Interval

Floats = NDArray[np.float64]  # (texts,)
Truth = NDArray[np.bool_]  # (texts,), true for anomalies

_CELLS = 20_000_000  # pairs of an anomaly and a normal text held at a time


def auroc(scores: Floats, truth: Truth) -> float:
    """Chance that an anomaly scores above a normal text, ties counting one half; 0.5 is guessing, 1 perfect.

    >>> auroc(np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True]))
    0.75
    """
    anomalies, normal = _counts(truth)
    ranks = rankdata(scores)[truth]
    return float((ranks.sum() - anomalies * (anomalies + 1) / 2) / (anomalies * normal))


def auprc(scores: Floats, truth: Truth) -> float:
    """Average precision: mean, over the anomalies, of the precision among what scores at least as high.

    >>> round(auprc(np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True])), 4)
    0.8333
    """
    anomalies, _ = _counts(truth)
    order = np.argsort(-scores, kind="stable")
    ranked, found = scores[order], np.cumsum(truth[order])
    last = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))  # of each run of equal scores
    recall = np.diff(found[last], prepend=0) / anomalies
    return float((recall * found[last] / (last + 1)).sum())


def false_alarms(p_values: Floats, truth: Truth, *, level: float) -> float:
    """Share of the normal texts whose p-value is at most `level`; honest p-values give about `level`."""
    _counts(truth)
    return float((p_values[~truth] <= level).mean())


def auroc_difference(ours: Floats, theirs: Floats, truth: Truth, *, rounds: int = 2000, seed: int = 0) -> Interval:
    """95 % interval of the difference of two areas on the same texts: paired bootstrap within both classes."""
    anomalies, normal = _counts(truth)
    random = np.random.default_rng(seed)
    drawn = [random.multinomial(size, np.full(size, 1 / size), size=rounds) / size for size in (anomalies, normal)]
    sums = np.zeros(rounds)
    step = max(1, _CELLS // normal)
    for at in range(0, anomalies, step):
        pairs = _wins(ours, truth, at, step) - _wins(theirs, truth, at, step)
        sums += ((drawn[0][:, at : at + step] @ pairs) * drawn[1]).sum(axis=1)
    low, high = np.quantile(sums, [0.025, 0.975])
    return Interval(float(low), float(high))


def auroc_p(ours: Floats, theirs: Floats, truth: Truth, *, rounds: int = 2000, seed: int = 0) -> float:
    """Two-sided p of a difference this large if the two were exchangeable text by text (Bandos et al., 2005)."""
    random = np.random.default_rng(seed)
    first, second = rankdata(ours), rankdata(theirs)
    observed = abs(auroc(first, truth) - auroc(second, truth)) - 1e-12
    extreme = 0
    for _ in range(rounds):
        swap = random.random(len(truth)) < 0.5
        one, other = np.where(swap, second, first), np.where(swap, first, second)
        extreme += abs(auroc(one, truth) - auroc(other, truth)) >= observed
    return (extreme + 1) / (rounds + 1)


def _wins(scores: Floats, truth: Truth, at: int, step: int) -> Floats:
    """1 where an anomaly scores above a normal text, one half where they tie, shape (some anomalies, normal)."""
    anomalies, normal = scores[truth][at : at + step, None], scores[~truth][None, :]
    return np.asarray((anomalies > normal) + 0.5 * (anomalies == normal), np.float64)


def _counts(truth: Truth) -> tuple[int, int]:
    anomalies = int(truth.sum())
    if not 0 < anomalies < len(truth):
        raise BadInput(f"{anomalies} anomalies among {len(truth)} texts: both kinds are needed to tell them apart")
    return anomalies, len(truth) - anomalies
