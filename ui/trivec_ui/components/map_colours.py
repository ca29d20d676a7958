"""What a map is coloured by: numbers of cells and of documents, and the scales that turn them into colours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log1p

import numpy as np
from numpy.typing import NDArray

from trivec.api.map_schemas import CellAnswer, MapAnswer, PointsAnswer

WALLS, COUNTS, LABEL, DATE, ANOMALIES, SOURCE, AGE, TREND = (
    "Walls between regions",
    "Number of documents",
    "Label",
    "Date",
    "Anomalies",
    "Source",
    "Older or newer",
    "Rising or falling",
)
PLANE = "Component"  # followed by its number
_SCALES = {
    WALLS: [[0, "#f7f4ec"], [0.5, "#c8b990"], [1, "#4a3b20"]],
    COUNTS: "Tealgrn",
    DATE: "Viridis",
    ANOMALIES: "OrRd",
    AGE: [[0, "#7c5c2e"], [0.5, "#ddd5bd"], [1, "#0f766e"]],
    TREND: [[0, "#2563a8"], [0.5, "#ddd5bd"], [1, "#c2410c"]],
    PLANE: [[0, "#1d6f72"], [0.5, "#d6d6cc"], [1, "#8c3b76"]],
}
_CHANCE = 0.05  # false discovery rate above which a trend is not shown
_MOST_TREND = 3.0  # eightfold: what rises or falls more has the same colour


@dataclass(frozen=True)
class Scale:
    """How numbers become colours.

    Attributes:
        colours: as Plotly names or lists them.
        low: number of the first colour.
        high: of the last.
        ticks: numbers and what stands beside them; empty: as Plotly likes.
    """

    colours: str | Sequence[Sequence[object]]
    low: float
    high: float
    ticks: Mapping[float, str]


def colourings(view: MapAnswer) -> list[str]:
    """What this map can be coloured by."""
    cells = view.cells
    known = {
        WALLS: True,
        LABEL: any(cell.label for cell in cells),
        DATE: any(cell.date for cell in cells),
        AGE: bool(view.periods),
        TREND: bool(view.periods),
        COUNTS: True,
        ANOMALIES: any(cell.anomalies is not None for cell in cells),
        SOURCE: len({cell.source for cell in cells if cell.source}) > 1,
    }
    planes = [f"{PLANE} {number + 1}" for number in range(len(cells[0].planes) if cells else 0)]
    return [name for name, there in known.items() if there] + planes


def cell_value(cell: CellAnswer, by: str) -> float | None:
    """What a cell is coloured by; None where there is nothing to say."""
    if by.startswith(PLANE):
        return cell.planes[int(by.removeprefix(PLANE)) - 1]
    if by == WALLS:
        return cell.ridge
    if not cell.count:
        return None
    known = {COUNTS: log1p(cell.count), ANOMALIES: cell.anomalies, AGE: cell.age, TREND: trend(cell)}
    return float(cell.date.toordinal()) if by == DATE and cell.date else known.get(by)


def trend(cell: CellAnswer) -> float | None:
    """log2 of how many times its former share a cell has now; 0 where that may be chance, None where nobody knows."""
    return 0.0 if cell.trend_rate is not None and cell.trend_rate > _CHANCE else cell.trend


def times(change: float) -> str:
    """How many times, of a binary logarithm of either sign; no more than a few documents can tell."""
    return f"{2 ** abs(change):.1f}" if abs(change) < _MOST_TREND else f"{2**_MOST_TREND:.0f} or more"


def point_values(view: MapAnswer, points: PointsAnswer, by: str) -> NDArray[np.float32]:
    """What each document is coloured by: of its own, else of its cell; NaN where there is nothing to say."""
    if by == ANOMALIES:
        return np.array([np.nan if p is None else -np.log10(max(p, 1e-4)) for p in points.p_values], np.float32)
    if by == DATE:
        days = np.array(points.days)
        ordinal = np.round(days // 10_000 * 365.2425 + (days // 100 % 100) * 30.44 + days % 100)
        return np.where(days > 0, ordinal, np.nan).astype(np.float32)
    of_cells = [value if (value := cell_value(cell, by)) is not None else np.nan for cell in view.cells]
    return np.array(of_cells, np.float32)[np.array(points.cells, np.int64)] if points.cells else np.empty(0, np.float32)


def scale_of(by: str, values: Sequence[float]) -> Scale:
    """The scale for what these values are."""
    kind = PLANE if by.startswith(PLANE) else by
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    if kind in (AGE, TREND, PLANE):
        high = max(abs(low), abs(high))
        high = min(_MOST_TREND, max(1.0, high)) if kind == TREND else high
        low = -high
    ticks: dict[float, str] = {}
    if kind == DATE:
        ticks = {
            low + (high - low) * step / 4: f"{int((low + (high - low) * step / 4) / 365.2425)}" for step in range(5)
        }
    if kind == COUNTS:
        ticks = {log1p(count): f"{count:,}" for count in (1, 3, 10, 30, 100, 300, 1000) if low <= log1p(count) <= high}
    if kind == TREND:
        ticks = {low: f"÷ {2**high:.2g}", 0.0: "no clear<br>change", high: f"× {2**high:.2g}"}
    if kind == AGE:
        ticks = {low: "older", high: "newer"}
    return Scale(_SCALES[kind], low, max(high, low + 1e-9), ticks)
