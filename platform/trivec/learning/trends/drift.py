"""Semantic drift of a topic: the movement of its centroid, and where it would be next.

Sums of unit vectors of the topic's passages by period go in; distances between periods and a forecast direction come
out. A topic that stays where it is has a centroid that wobbles by the noise of few passages: that much is taken off.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from trivec.errors import BadInput

Floats1d = NDArray[np.float64]
Floats2d = NDArray[np.float64]  # (periods, dimension)

FEWEST: Final = 4  # periods with the topic: with fewer there is no movement to speak of
_TESTED: Final = 8  # last periods that the forecast is judged on
_FEWEST_JUDGED: Final = 3  # with fewer, that it goes on is never sure
_SHARES: Final = (0.0, 0.25, 0.5, 1.0)  # of the usual movement, that may go on; the first is to stay
_CHANCE: Final = 0.05  # that a topic which stays is said to move
_PASSAGES: Final = 5  # passages after which a period's own centroid counts as much as the last one


@dataclass(frozen=True)
class TopicDrift:
    """How a topic moved.

    Attributes:
        periods: those with the topic, in order.
        passages: of each.
        steps: cosine distance of each centroid to the one before, 0 for the first; 0 to 2, higher moved further.
        noise: the distance that chance alone would make of it, by period.
        travelled: cosine distance of each centroid to the first one.
        forecast: unit vector where the centroid would be next, shape (dimension,).
        begun: unit vector where it was in its first periods, shape (dimension,).
        present: unit vector where it is now, shape (dimension,).
        moving: share of the usual movement that goes on: 0 unless that was the better forecast beyond chance.
        error: mean cosine distance of forecasts that it goes on, on past periods, by the share best before each.
        error_of_staying: of forecasts that it stays, on the same periods.
    """

    periods: tuple[str, ...]
    passages: tuple[int, ...]
    steps: tuple[float, ...]
    noise: tuple[float, ...]
    travelled: tuple[float, ...]
    forecast: Floats1d
    begun: Floats1d
    present: Floats1d
    moving: float
    error: float
    error_of_staying: float


def topic_drift(periods: tuple[str, ...], sums: Floats2d, passages: NDArray[np.int64]) -> TopicDrift:
    """How a topic moved, from period to period.

    Args:
        periods: names, in order.
        sums: of the unit vectors of its passages, shape (periods, dimension).
        passages: how many each sum is of, shape (periods,).

    Raises:
        BadInput: too few periods have the topic.
    """
    there = passages > 0
    if there.sum() < FEWEST:
        raise BadInput(f"{int(there.sum())} periods have this topic: its movement needs {FEWEST}")
    names = tuple(name for name, has in zip(periods, there, strict=True) if has)
    sums, counts = np.asarray(sums[there], np.float64), passages[there]
    centroids = _units(sums)
    noise = _noise(sums, counts)
    judged = _judged(sums, counts)
    steps = 1 - np.einsum("td,td->t", centroids[1:], centroids[:-1])
    return TopicDrift(
        names,
        tuple(map(int, counts)),
        (0.0, *map(float, steps)),
        (0.0, *map(float, noise[1:] + noise[:-1])),
        tuple(map(float, 1 - centroids @ centroids[0])),
        _next(sums, counts, judged.share),
        _units(sums[: max(1, len(sums) // 4)].sum(axis=0, keepdims=True))[0],
        _smooth(sums, counts)[-1],
        judged.share,
        judged.error,
        judged.error_of_staying,
    )


@dataclass(frozen=True)
class _Judgement:
    """Which share of its movement goes on, 0 where that is not sure, and how both forecasts did on later periods."""

    share: float
    error: float
    error_of_staying: float


def _judged(sums: Floats2d, counts: NDArray[np.int64]) -> _Judgement:
    """Goes through the periods: each is forecast by the share that was best on those before it.

    So no period chooses the share that it then judges. A topic moves on if its periods say so beyond chance: by
    Student's test of how much nearer than staying each forecast came.
    """
    places = range(2, len(sums))
    off = np.array([[_off(sums, counts, place, share) for share in _SHARES] for place in places])
    weight = counts[2:].astype(np.float64)  # how many passages tell where it was
    begin = max(1, len(places) - _TESTED)
    chosen = [int(np.average(off[:row], axis=0, weights=weight[:row]).argmin()) for row in range(begin, len(off))]
    going = off[np.arange(begin, len(off)), chosen]
    staying, weight = off[begin:, 0], weight[begin:]
    sure = len(going) >= _FEWEST_JUDGED and _positive(staying - going, weight)
    return _Judgement(
        _SHARES[int(np.average(off, axis=0, weights=counts[2:]).argmin())] if sure else 0.0,
        float(np.average(going, weights=weight)),
        float(np.average(staying, weights=weight)),
    )


def _off(sums: Floats2d, counts: NDArray[np.int64], place: int, share: float) -> float:
    """Cosine distance of a period's centroid to the forecast from the periods before it."""
    return 1 - float(_next(sums[:place], counts[:place], share) @ _units(sums[place : place + 1])[0])


def _positive(gains: Floats1d, weight: Floats1d) -> bool:
    """Whether a weighted mean is above 0 beyond chance."""
    weight = weight / weight.sum()
    mean = float(weight @ gains)
    effective = 1 / float(weight @ weight)
    if effective <= 1 or mean <= 0:
        return False
    error = float(np.sqrt(weight @ (gains - mean) ** 2 / (effective - 1)))
    return mean > error * float(stdtrit(effective - 1, 1 - _CHANCE))


def _next(sums: Floats2d, counts: NDArray[np.int64], share: float) -> Floats1d:
    """The smoothed centroid, moved on by a share of its mean movement."""
    path = _smooth(sums, counts)
    recent = path[-min(len(path), _TESTED) :]
    step = (recent[-1] - recent[0]) / max(1, len(recent) - 1)
    return np.asarray(_units((recent[-1] + share * step)[None])[0], np.float64)


def _smooth(sums: Floats2d, counts: NDArray[np.int64]) -> Floats2d:
    """Where the centroid was believed to be after each period: few passages move it a little, many move it there."""
    path = [_units(sums[:1])[0]]
    for centroid, count in zip(_units(sums[1:]), counts[1:], strict=True):
        weight = count / (count + _PASSAGES)
        path.append(_units(((1 - weight) * path[-1] + weight * centroid)[None])[0])
    return np.stack(path)


def _noise(sums: Floats2d, counts: NDArray[np.int64]) -> Floats1d:
    """Half the squared standard error of each centroid: the cosine distance that drawing other passages makes."""
    lengths = np.linalg.norm(sums, axis=1) / counts  # 1 where all passages agree
    spread = np.where(counts > 1, (1 - lengths**2) * counts / np.maximum(counts - 1, 1), np.nan)
    usual = float(np.nanmean(spread)) if (counts > 1).any() else 0.0
    spread = np.where(np.isnan(spread), usual, spread)
    return np.asarray(spread / counts / np.maximum(lengths, 1e-6) ** 2 / 2, np.float64)


def _units(rows: Floats2d) -> Floats2d:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1.0), np.float64)
