"""How the cells of a map stand in time: how old what lies in them is, and whether they grow.

The day and the cell of every document come in, a row for each cell goes out.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from trivec.days import as_date, day_number
from trivec.records import Ints1d
from trivec.services import trend_periods

PERIODS = 12  # equal spans of time
LATE = 3  # of them, the last: what rises is compared there with before
_PRIOR = 0.5  # documents added to both sides, so that a share is never nothing

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Course:
    """Cells in time; row i of everything is cell i.

    Attributes:
        periods: first day of each period; empty where fewer than two days are known.
        shares: share of the documents of each period that lie in the cell, shape (cells, periods).
        ages: mean place of a cell's documents among all in order of time, -1 where they are the oldest, 1 where they
            are the newest; NaN where none is dated, shape (cells,).
        trends: log2 of the cell's share of all documents in the last `LATE` periods over its share before; NaN where
            none is dated, shape (cells,).
        rates: lowest false discovery rate over all cells at which the cell rises or falls (Fisher's exact test,
            Benjamini & Hochberg, 1995), 0 to 1; NaN where none is dated, shape (cells,).
    """

    periods: tuple[date, ...]
    shares: Floats
    ages: Floats
    trends: Floats
    rates: Floats


def course(days: Ints1d, cells: Ints1d, *, count: int) -> Course:
    """How each of `count` cells stands in time.

    Args:
        days: of the documents, as 20240131, 0 where there is no date, shape (documents,); stray ones, far from nine in
            ten, count as none.
        cells: of the documents, shape (documents,).
        count: of the cells.
    """
    first, last = _reach(days)
    within = (days >= first) & (days <= last) & (days > 0)
    days, cells = days[within], cells[within]
    periods = _periods(days)
    if not periods:
        unknown = np.full(count, np.nan)
        return Course((), np.empty((count, 0)), unknown, unknown, unknown)
    starts = [day_number(each) for each in periods]
    spans = np.searchsorted(starts, days, side="right") - 1
    counts = np.bincount(cells * PERIODS + spans, minlength=count * PERIODS).reshape(count, PERIODS)
    trends, rates = _trends(counts)
    return Course(periods, counts / np.maximum(1, counts.sum(axis=0)), _ages(days, cells, count), trends, rates)


def _reach(days: Ints1d) -> tuple[int, int]:
    """First and last day of the bulk of the documents."""
    known, counts = np.unique(days[days > 0], return_counts=True)
    if not len(known):
        return 0, 0
    first, last = trend_periods.bulk({as_date(int(day)): int(each) for day, each in zip(known, counts, strict=True)})
    return day_number(first), day_number(last)


def _periods(days: Ints1d) -> tuple[date, ...]:
    if len(known := np.unique(days)) < 2:
        return ()
    first, last = as_date(int(known[0])), as_date(int(known[-1]))
    return tuple(first + timedelta(days=step * ((last - first).days + 1) / PERIODS) for step in range(PERIODS))


def _ages(days: Ints1d, cells: Ints1d, count: int) -> Floats:
    """Equal days share one place."""
    ordered = np.sort(days)
    places = (np.searchsorted(ordered, days) + np.searchsorted(ordered, days, side="right")) / len(days) - 1
    sums, counts = np.bincount(cells, weights=places, minlength=count), np.bincount(cells, minlength=count)
    return np.where(counts > 0, sums / np.maximum(1, counts), np.nan)


def _trends(counts: Ints1d) -> tuple[Floats, Floats]:
    from scipy import stats

    late, whole = counts[:, -LATE:].sum(axis=1), counts.sum(axis=1)
    all_late, everything = late.sum(), whole.sum()
    recent = (late + _PRIOR) / (all_late + 2 * _PRIOR)
    before = (whole - late + _PRIOR) / (everything - all_late + 2 * _PRIOR)
    drawn = stats.hypergeom(everything, all_late, np.maximum(1, whole))
    p = np.minimum(1.0, 2 * np.minimum(drawn.cdf(late), drawn.sf(late - 1)))
    there = whole > 0
    trends, rates = np.full(len(counts), np.nan), np.full(len(counts), np.nan)
    trends[there] = np.log2(recent / before)[there]
    rates[there] = stats.false_discovery_control(p[there])
    return trends, rates
