"""Change points: when the level of a series became another one, by ruptures' PELT. A series in, the periods out."""

import itertools
from dataclasses import dataclass
from typing import Final

import numpy as np

from trivec.errors import MissingExtra
from trivec.learning.trends.panel import Panel, Values1d

FEWEST: Final = 8  # known periods: with fewer, a level cannot be told from chance
_SHORTEST: Final = 3  # known periods of a level; more in long series, where chance has more places
_LONGEST_SHORTEST: Final = 5
_CAUTION: Final = 3.0  # times variance times log of length: a change has to explain that much


@dataclass(frozen=True)
class Change:
    """A new level.

    Attributes:
        period: the first one of the new level.
        before: mean value of the level before it.
        after: mean value of the new level.
    """

    period: str
    before: float
    after: float


def changes(panel: Panel, row: int) -> tuple[Change, ...]:
    """When one series changed its level, in order of time; none where it is too short to tell.

    PELT (Killick, Fearnhead & Eckley, 2012) with a squared cost on shares and counts whose variance does not depend on
    their level, and a penalty that follows from how much neighbouring values differ (Yao, 1988).

    Raises:
        MissingExtra: ruptures is not installed.
    """
    known = np.flatnonzero(panel.observed)
    stable = _stable(panel, row)
    if len(known) < FEWEST or not np.ptp(stable):
        return ()
    noise = max(_noise(stable), _sampling_noise(panel))
    found = _breaks(stable / noise, _CAUTION * float(np.log(len(known))))
    values = panel.values[row, known]
    edges = [0, *found, len(known)]
    means = [float(values[begin:end].mean()) for begin, end in itertools.pairwise(edges)]
    return tuple(
        Change(panel.periods[known[place]], means[number], means[number + 1]) for number, place in enumerate(found)
    )


def _breaks(signal: Values1d, penalty: float) -> list[int]:
    try:
        import ruptures
    except ImportError as missing:
        raise MissingExtra("ruptures", "insights") from missing
    shortest = min(_LONGEST_SHORTEST, max(_SHORTEST, len(signal) // 20))
    return ruptures.Pelt(model="l2", min_size=shortest, jump=1).fit(signal[:, None]).predict(pen=penalty)[:-1]


def _stable(panel: Panel, row: int) -> Values1d:
    """Known values with steady variance: arcsine roots of shares (Anscombe, 1948), square roots of counts."""
    counts = panel.counts[row, panel.observed]
    if panel.measure == "count":
        return np.asarray(np.sqrt(counts), np.float64)
    shares = counts / panel.totals[panel.observed]  # nothing added: it would make a change of few texts to many
    return np.asarray(np.arcsin(np.sqrt(np.clip(shares, 0.0, 1.0))), np.float64)


def _noise(stable: Values1d) -> float:
    """Standard deviation about the levels: from differences of neighbours, of which few cross a change."""
    differences = np.abs(np.diff(stable))
    robust = float(np.median(differences)) / 0.9539  # median of |a - b| of standard normal a, b
    return robust or float(differences.mean()) / 1.1284


def _sampling_noise(panel: Panel) -> float:
    """Standard deviation that counting alone makes on the steady scale."""
    texts = 1.0 if panel.measure == "count" else float(np.median(panel.totals[panel.observed]))
    return 0.5 / float(np.sqrt(texts))
