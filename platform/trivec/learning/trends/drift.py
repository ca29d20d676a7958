"""Semantic drift of a topic: the movement of its centroid, and where it would be next.

Sums of unit vectors of the topic's passages by period go in; distances between periods and a forecast direction come
out. A topic that stays where it is has a centroid that wobbles by the noise of few passages: that much is taken off.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from trivec.errors import BadInput

Floats1d = NDArray[np.float64]
Floats2d = NDArray[np.float64]  # (periods, dimension)

FEWEST: Final = 4  # periods with the topic: with fewer there is no movement to speak of
_TESTED: Final = 8  # last periods that the forecast is tested on
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
        moving: share of the usual movement that goes on: 0 where staying was the better forecast.
        error: mean cosine distance of that forecast on past periods.
        error_of_staying: of the forecast that the centroid stays.
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
    shares = (0.0, 0.25, 0.5, 1.0)
    errors = [_tested(sums, counts, share) for share in shares]
    best = int(np.argmin(errors))
    steps = 1 - np.einsum("td,td->t", centroids[1:], centroids[:-1])
    return TopicDrift(
        names,
        tuple(map(int, counts)),
        (0.0, *map(float, steps)),
        (0.0, *map(float, noise[1:] + noise[:-1])),
        tuple(map(float, 1 - centroids @ centroids[0])),
        _next(sums, counts, shares[best]),
        _units(sums[: max(1, len(sums) // 4)].sum(axis=0, keepdims=True))[0],
        _smooth(sums, counts)[-1],
        shares[best],
        errors[best],
        errors[0],
    )


def _tested(sums: Floats2d, counts: NDArray[np.int64], share: float) -> float:
    """Mean cosine distance to what came, over the last periods; weighted by how many passages tell where that was."""
    places = range(max(2, len(sums) - _TESTED), len(sums))
    off = [
        1 - float(_next(sums[:place], counts[:place], share) @ _units(sums[place : place + 1])[0]) for place in places
    ]
    return float(np.average(off, weights=[counts[place] for place in places]))


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
