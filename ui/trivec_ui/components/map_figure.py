"""The map as Plotly figures: a sheet of hexagons, and documents as points beside it.

Answers of the API in, figures out. What a click or a lasso reports are cell numbers of the sheet and row numbers of the
points, as `customdata`.
"""

from collections.abc import Mapping, Sequence
from html import escape
from textwrap import shorten

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.colors import sample_colorscale

from trivec.api.map_schemas import CellAnswer, MapAnswer, PointsAnswer
from trivec_ui.components.map_colours import (
    LABEL,
    SOURCE,
    Scale,
    cell_value,
    colourings,
    point_values,
    scale_of,
    times,
    trend,
)

_COLOURS = (
    "#3056d3 #e07a1f #0f9d78 #be123c #7c3aed #a16207 #0891b2 #db2777 #65a30d #475569 #f2b705 #5b8def "
    "#9f1239 #14b8a6 #c084fc #92400e #1e3a8a #84cc16 #f472b6 #334155 #0369a1 #d97706 #15803d #6b21a8"
)
COLOURS = [_COLOURS[start : start + 7] for start in range(0, len(_COLOURS), 8)]
MOST_NAMES = len(COLOURS)  # the commonest; all others share a colour
EMPTY, OTHER, LIT = "#ececec", "#a3abbd", "#facc15"
_BINS = 40  # colours of a scale
_BLOCK = (3, 5)  # rows and columns of cells that share a word
_LETTERS = 66  # that find room beside each other in all columns
_HEIGHT = 500
_SHOWN = 40  # characters of a name
LEGEND = {"orientation": "h", "y": -0.02, "font": {"size": 11}, "entrywidth": 150}


def sheet(view: MapAnswer, points: PointsAnswer, by: str, lit: Mapping[int, int]) -> go.Figure:
    """The hexagons.

    Args:
        view: of the map.
        points: its documents.
        by: one of `colourings`.
        lit: how many results lie in each cell; the others step back where there are any.
    """
    drawn = go.Figure()
    if by in (LABEL, SOURCE):
        _draw_names(drawn, view, by, points.labels if by == LABEL else points.sources)
    else:
        values = {cell.number: value for cell in view.cells if (value := cell_value(cell, by)) is not None}
        _draw_values(drawn, view, values, scale_of(by, list(values.values())))
    _draw_words(drawn, view)
    _draw_lit(drawn, view, lit)
    _draw_handles(drawn, view, lit)
    drawn.update_layout(**_frame(), legend={**LEGEND, "itemclick": False})
    drawn.update_layout(
        xaxis={"range": [-0.8, view.columns + 0.3], "constrain": "domain"},
        yaxis={"range": [-0.8, view.rows * 0.866], "scaleanchor": "x", "scaleratio": 1, "constrain": "domain"},
    )
    return drawn


def cloud(view: MapAnswer, points: PointsAnswer, by: str, lit: Sequence[tuple[float, float, str]]) -> go.Figure:
    """The documents as points.

    Args:
        view: of the map.
        points: its documents.
        by: one of `colourings`.
        lit: place and title of results; drawn large.
    """
    drawn = go.Figure()
    rows = np.arange(len(points.ids))
    if by in (LABEL, SOURCE):
        names, codes = (points.labels, points.label) if by == LABEL else (points.sources, points.source)
        coded = np.minimum(codes, MOST_NAMES)
        for code in range(-1, min(len(names), MOST_NAMES + 1)):
            if len(some := rows[coded == code]):
                true = [names[codes[row]] if code >= 0 else "" for row in some]
                _draw_points(drawn, points, some, {"color": _colour(code)}, name=_name(code, names), names=true)
    else:
        values = point_values(view, points, by)
        known = ~np.isnan(values)
        scale = scale_of(by, values[known].tolist())
        marker = {"color": values[known], "colorscale": scale.colours, "cmin": scale.low, "cmax": scale.high}
        _draw_points(drawn, points, rows[~known], {"color": OTHER})
        _draw_points(drawn, points, rows[known], marker)
    if lit:
        _draw_results(drawn, lit)
    drawn.update_layout(**_frame(), legend={**LEGEND, "itemsizing": "constant"})
    return drawn


def _draw_values(drawn: go.Figure, view: MapAnswer, values: Mapping[int, float], scale: Scale) -> None:
    """One polygon trace for each colour: hexagons that grow when somebody zooms in."""
    span = scale.high - scale.low
    bins = {cell: int(np.clip((value - scale.low) / span * _BINS, 0, _BINS - 1)) for cell, value in values.items()}
    colours = sample_colorscale(scale.colours, [(number + 0.5) / _BINS for number in range(_BINS)])
    for number in sorted(set(bins.values())):
        _draw_hexagons(drawn, [view.cells[cell] for cell, of in bins.items() if of == number], colours[number])
    _draw_hexagons(drawn, [cell for cell in view.cells if cell.number not in bins], EMPTY)
    bar = {"thickness": 8, "len": 0.6, "outlinewidth": 0, "tickfont": {"size": 10}, "x": 1.0, "xpad": 4}
    if scale.ticks:
        bar |= {"tickvals": list(scale.ticks), "ticktext": list(scale.ticks.values())}
    marker = {"color": [scale.low], "colorscale": scale.colours, "cmin": scale.low, "cmax": scale.high, "colorbar": bar}
    drawn.add_scatter(x=[None], y=[None], mode="markers", marker=marker, showlegend=False, hoverinfo="skip")


def _draw_names(drawn: go.Figure, view: MapAnswer, by: str, names: Sequence[str]) -> None:
    """Hexagons in the colour of a name, those that share it with others paler."""
    codes = {name: min(code, MOST_NAMES) for code, name in enumerate(names)}
    shown: dict[tuple[int, bool], list[CellAnswer]] = {}
    for cell in view.cells:
        name, share = (cell.label, cell.label_share) if by == LABEL else (cell.source, cell.source_share)
        shown.setdefault((codes.get(name, -1), share >= 2 / 3), []).append(cell)
    _draw_hexagons(drawn, [cell for (code, _), cells in shown.items() if code < 0 for cell in cells], EMPTY)
    for (code, clear), cells in shown.items():
        if code >= 0:
            _draw_hexagons(drawn, cells, _colour(code), opacity=0.85 if clear else 0.45)
    for code in sorted({code for code, _ in shown if code >= 0}):
        marker = {"color": _colour(code), "size": 10, "symbol": "hexagon"}
        name = escape(_name(code, names))
        drawn.add_scatter(x=[None], y=[None], mode="markers", marker=marker, name=name, hoverinfo="skip")


def _colour(code: int) -> str:
    return COLOURS[code] if 0 <= code < MOST_NAMES else OTHER


def _name(code: int, names: Sequence[str]) -> str:
    """Of a colour, in the legend."""
    if code < 0:
        return "none"
    return names[code] if code < MOST_NAMES else f"other ({len(names) - MOST_NAMES:,})"


def _draw_hexagons(drawn: go.Figure, cells: Sequence[CellAnswer], colour: str, *, opacity: float = 1.0) -> None:
    if not cells:
        return
    x, y = outline(cells)
    drawn.add_scatter(
        x=x,
        y=y,
        mode="lines",
        fill="toself",
        fillcolor=colour,
        opacity=opacity,
        line={"width": 0.6, "color": "#ffffff"},
        hoverinfo="skip",
        showlegend=False,
    )


def outline(cells: Sequence[CellAnswer]) -> tuple[list[float | None], list[float | None]]:
    """The corners of hexagons around the cells' centres, each closed and followed by a gap."""
    x: list[float | None] = []
    y: list[float | None] = []
    angles = np.pi / 6 + np.arange(7) * np.pi / 3
    across, up = (np.cos(angles) / np.sqrt(3)).tolist(), (np.sin(angles) / np.sqrt(3)).tolist()
    for cell in cells:
        x += [cell.x + step for step in across] + [None]
        y += [cell.y + step for step in up] + [None]
    return x, y


def _draw_words(drawn: go.Figure, view: MapAnswer) -> None:
    """The first word of the fullest cell of every block of cells, each word once."""
    chosen = _named(view)
    drawn.add_scatter(
        x=[cell.x for cell in chosen],
        y=[cell.y for cell in chosen],
        text=[f"<b>{escape(cell.words[0])}</b>" for cell in chosen],
        textposition=[_side(cell, view.columns) for cell in chosen],
        mode="text",
        textfont={"size": 11, "color": "#111827", "shadow": "0 0 3px #fff, 0 0 3px #fff, 0 0 3px #fff"},
        unselected={"textfont": {"color": "#111827"}},
        hoverinfo="skip",
        showlegend=False,
        cliponaxis=False,
    )


def _named(view: MapAnswer) -> list[CellAnswer]:
    """The fullest cell of each block; its first word is drawn, unless that of a fuller one is there or in its way."""
    fullest: dict[tuple[int, int], CellAnswer] = {}
    for cell in sorted(view.cells, key=lambda one: one.count):
        if cell.words and cell.count:
            fullest[cell.row // _BLOCK[0], cell.column // _BLOCK[1]] = cell
    chosen: list[CellAnswer] = []
    for cell in sorted(fullest.values(), key=lambda one: -one.count):
        begin, end = _reach(cell, view.columns)
        beside = (_reach(other, view.columns) for other in chosen if abs(other.row - cell.row) <= 1)
        free = all(end < other_begin or other_end < begin for other_begin, other_end in beside)
        if free and cell.words[0] not in {other.words[0] for other in chosen}:
            chosen.append(cell)
    return chosen


def _reach(cell: CellAnswer, columns: int) -> tuple[float, float]:
    """From where to where the word of a cell goes, in columns."""
    length = len(cell.words[0]) * columns / _LETTERS
    ahead = {"middle right": 0.0, "middle center": 0.5, "middle left": 1.0}[_side(cell, columns)]
    return cell.x - ahead * length, cell.x + (1 - ahead) * length


def _side(cell: CellAnswer, columns: int) -> str:
    """Where a word stands beside its cell, so that it does not leave the sheet."""
    margin = columns / 10
    return "middle right" if cell.x < margin else "middle left" if cell.x > columns - margin else "middle center"


def _draw_lit(drawn: go.Figure, view: MapAnswer, lit: Mapping[int, int]) -> None:
    if not lit:
        return
    veil = [cell for cell in view.cells if cell.number not in lit]
    _draw_hexagons(drawn, veil, "#ffffff", opacity=0.5)
    cells = [view.cells[number] for number in lit]
    sizes = [9 + 5 * min(4.0, float(np.sqrt(count))) for count in lit.values()]
    marker = {"color": LIT, "size": sizes, "line": {"width": 1.5, "color": "#713f12"}}
    drawn.add_scatter(
        x=[cell.x for cell in cells],
        y=[cell.y for cell in cells],
        mode="markers",
        marker=marker,
        unselected={"marker": {"opacity": 1}},
        name="results",
        hoverinfo="skip",
    )


def _draw_handles(drawn: go.Figure, view: MapAnswer, lit: Mapping[int, int]) -> None:
    """What the pointer meets: a marker for each cell, seen only where it is chosen."""
    sources = SOURCE in colourings(view)
    drawn.add_scatter(
        x=[cell.x for cell in view.cells],
        y=[cell.y for cell in view.cells],
        customdata=[cell.number for cell in view.cells],
        text=[_hover(cell, lit.get(cell.number, 0), sources=sources) for cell in view.cells],
        mode="markers",
        marker={"size": 17, "symbol": "hexagon", "color": "#111827", "opacity": 0},
        selected={"marker": {"opacity": 0.4}},
        unselected={"marker": {"opacity": 0}},
        hovertemplate="%{text}<extra></extra>",
        name="cells",
        showlegend=False,
    )


def _hover(cell: CellAnswer, results: int, *, sources: bool) -> str:
    if not cell.count:
        return f"cell {cell.number}: empty"
    lines = [f"<b>{escape(', '.join(cell.words[:5]))}</b>", f"{cell.count:,} documents · cell {cell.number}"]
    if cell.label:
        lines.append(f"{escape(cell.label)} {cell.label_share:.0%}")
    if sources and cell.source:
        lines.append(f"{escape(shorten(cell.source, _SHOWN, placeholder='…'))} {cell.source_share:.0%}")
    if change := trend(cell):
        lines.append(f"share {'×' if change > 0 else '÷'} {times(change)} of late")
    if cell.date:
        lines.append(f"median {cell.date:%Y}")
    if cell.anomalies is not None:
        lines.append(f"{cell.anomalies:.0%} anomalous")
    if results:
        lines.append(f"{results} results")
    return "<br>".join(lines)


def _draw_points(
    drawn: go.Figure,
    points: PointsAnswer,
    rows: NDArray[np.int64],
    marker: Mapping[str, object],
    *,
    name: str = "",
    names: Sequence[str] = (),
) -> None:
    """Some documents in one colour or scale; `name` stands in the legend, `names` beside each one's title."""
    if not len(rows):
        return
    titles = [escape(points.titles[row]) for row in rows]
    size = 4.5 if len(points.ids) < 5_000 else 3 if len(points.ids) < 40_000 else 2
    drawn.add_scattergl(
        x=np.array(points.x, np.float32)[rows],
        y=np.array(points.y, np.float32)[rows],
        customdata=rows.astype(np.int32),
        text=[f"{title}<br>{escape(each)}" for title, each in zip(titles, names, strict=True)] if names else titles,
        mode="markers",
        marker={"size": size, "opacity": 0.65, **marker},
        unselected={"marker": {"opacity": 0.12}},
        hovertemplate="%{text}<extra></extra>",
        name=escape(name),
        showlegend=bool(name),
    )


def _draw_results(drawn: go.Figure, lit: Sequence[tuple[float, float, str]]) -> None:
    drawn.add_scatter(
        x=[x for x, _, _ in lit],
        y=[y for _, y, _ in lit],
        text=[escape(title) for _, _, title in lit],
        mode="markers",
        marker={"color": LIT, "size": 10, "line": {"width": 1.5, "color": "#713f12"}},
        hovertemplate="%{text}<extra></extra>",
        name="results",
    )


def _frame() -> dict[str, object]:
    bare = {"visible": False, "showgrid": False, "zeroline": False}
    return {
        "height": _HEIGHT,
        "margin": {"l": 0, "r": 0, "t": 6, "b": 0},
        "plot_bgcolor": "#ffffff",
        "paper_bgcolor": "#ffffff",
        "xaxis": bare,
        "yaxis": bare,
        "dragmode": "pan",  # in which a click chooses; the lasso is a tool of the chart
        "clickmode": "event+select",
        "hoverlabel": {"bgcolor": "#ffffff", "font": {"size": 12, "color": "#1c2333"}},
        "uirevision": "map",
    }
