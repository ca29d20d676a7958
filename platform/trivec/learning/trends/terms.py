"""Emerging and fading terms: which words are said more, or less, than they used to be, beyond chance.

How many passages of each period say each term goes in; terms with how sure that is come out. Among what is called
emerging or fading, at most the given share is expected to be chance (Benjamini & Hochberg, 1995).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from trivec.errors import BadInput

Counts2d = NDArray[np.float64]  # (terms, periods)
Floats = NDArray[np.float64]

FEWEST_PERIODS: Final = 6  # known ones, of which at least two are recent or before
FEWEST_PASSAGES: Final = 5  # that say a term: what is rarer is not tested
_RATE_PRIOR: Final = 0.5  # passages that are added, so that nothing is infinitely more


@dataclass(frozen=True)
class TermTrend:
    """A term that is said more or less than before.

    Attributes:
        term: one word, or two side by side.
        recent: share of the recent passages that say it.
        before: share of the earlier ones.
        times: how many times as often now; below 1 it fades.
        q: false discovery rate at which it would still be called so, 0 to 1; lower is surer.
    """

    term: str
    recent: float
    before: float
    times: float
    q: float


@dataclass(frozen=True)
class TermTrends:
    """What a test of all terms says.

    Attributes:
        emerging: surest first.
        fading: surest first.
        tested: how many terms.
        recent: the periods that count as recent.
    """

    emerging: tuple[TermTrend, ...]
    fading: tuple[TermTrend, ...]
    tested: int
    recent: tuple[str, ...]


def term_trends(
    terms: Sequence[str],
    counts: Counts2d,
    totals: Floats,
    periods: Sequence[str],
    *,
    recent: int,
    rate: float = 0.05,
    most: int = 50,
) -> TermTrends:
    """Tests every term for being said more, or less, in the last periods than before.

    Args:
        terms: names of the rows.
        counts: passages that say them, shape (terms, periods); known periods only, in order.
        totals: all passages of each period, above 0, shape (periods,).
        periods: their names.
        recent: how many of the last ones are compared with all before.
        rate: accepted false discovery rate of each list.
        most: terms of each list.

    Raises:
        BadInput: too few periods on one side.
    """
    length = len(periods)
    if length < FEWEST_PERIODS or not 1 <= recent <= length - 2:
        raise BadInput(
            f"{recent} recent of {length} known periods cannot be compared with the rest: "
            f"there have to be {FEWEST_PERIODS} periods, and 2 before the recent ones"
        )
    enough = counts.sum(axis=1) >= FEWEST_PASSAGES
    tested = counts[enough]
    late = np.arange(length) >= length - recent
    more, less = _p_values(tested, totals, late)
    names = [term for term, tells in zip(terms, enough, strict=True) if tells]
    found = [_select(names, tested, totals, late, p, rate, most) for p in (more, less)]
    return TermTrends(found[0], found[1], len(names), tuple(periods[length - recent :]))


def _p_values(counts: Counts2d, totals: Floats, late: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """One-sided p of being said more and of being said less, shape (terms,) each.

    The least sure of three tests, as each alone is fooled by some terms: a score test in a binomial model whose
    variance is as large as the term's bursts make it (McCullagh & Nelder, 1989), Student's test of the logits, which
    bursts cannot skew, and the exact test without bursts, which rare terms need.
    """
    from scipy import stats

    shares = counts.sum(axis=1) / totals.sum()
    expected = shares[:, None] * totals
    variance = expected * (1 - shares[:, None])
    freedom = len(totals) - 2
    centred = late - (late * totals).sum() / totals.sum()
    within = _within(counts, totals, late)
    dispersion = np.maximum(1.0, within / freedom)
    spread = np.sqrt(dispersion * (variance * centred**2).sum(axis=1))
    score = np.divide((counts * centred).sum(axis=1), spread, out=np.zeros(len(counts)), where=spread > 0)
    recent, whole = counts[:, late].sum(axis=1), counts.sum(axis=1)
    share = float(totals[late].sum() / totals.sum())
    logits = np.log((counts + _RATE_PRIOR) / (totals - counts + _RATE_PRIOR))
    smoothed = _student(logits, late)
    more = np.maximum.reduce([stats.t.sf(score, freedom), smoothed, stats.binom.sf(recent - 1, whole, share)])
    less = np.maximum.reduce([stats.t.cdf(score, freedom), 1 - smoothed, stats.binom.cdf(recent, whole, share)])
    return more, less


def _student(values: Counts2d, late: NDArray[np.bool_]) -> Floats:
    """One-sided p of the late values being higher, by one variance for both sides, shape (terms,)."""
    from scipy import stats

    now, then = values[:, late], values[:, ~late]
    freedom = len(late) - 2
    within = (now.var(axis=1) * now.shape[1] + then.var(axis=1) * then.shape[1]) / freedom
    spread = np.sqrt(np.maximum(within, 1e-12) * (1 / now.shape[1] + 1 / then.shape[1]))
    return np.asarray(stats.t.sf((now.mean(axis=1) - then.mean(axis=1)) / spread, freedom), np.float64)


def _within(counts: Counts2d, totals: Floats, late: NDArray[np.bool_]) -> Floats:
    """Pearson's chi-square about the levels before and after, shape (terms,): what no change of level explains."""
    sums = np.zeros(len(counts))
    for side in (late, ~late):
        level = (counts[:, side].sum(axis=1) + _RATE_PRIOR) / (totals[side].sum() + 2 * _RATE_PRIOR)
        expected = level[:, None] * totals[side]
        sums += ((counts[:, side] - expected) ** 2 / (expected * (1 - level[:, None]))).sum(axis=1)
    return sums


def _select(
    names: Sequence[str],
    counts: Counts2d,
    totals: Floats,
    late: NDArray[np.bool_],
    p: Floats,
    rate: float,
    most: int,
) -> tuple[TermTrend, ...]:
    from scipy import stats

    if not len(p):
        return ()
    q = stats.false_discovery_control(p, method="bh")
    now = counts[:, late].sum(axis=1)
    then = counts[:, ~late].sum(axis=1)
    recent, before = now / totals[late].sum(), then / totals[~late].sum()
    times = ((now + _RATE_PRIOR) / (totals[late].sum() + 1)) / ((then + _RATE_PRIOR) / (totals[~late].sum() + 1))
    order = [int(row) for row in np.lexsort((-np.abs(np.log(times)), q)) if q[row] <= rate]
    return tuple(
        TermTrend(names[row], float(recent[row]), float(before[row]), float(times[row]), float(q[row]))
        for row in order[:most]
    )
