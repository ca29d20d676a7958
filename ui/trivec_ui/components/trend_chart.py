"""Topics over time as a Plotly figure: lines with gaps, partial periods hollow, fans of 80 and 95 %, changes marked."""

from collections.abc import Sequence

import plotly.graph_objects as go

from trivec.api.trend_schemas import TrendAnswer, TrendsAnswer

COLOURS = ("#3056d3", "#b45309", "#0f766e", "#be123c", "#6d28d9", "#475569", "#15803d", "#a16207")
_FADED, _FAINT = 0.28, 0.12
_SMOOTHED = 5  # periods of the moving mean that is drawn over noisy series
_MANY = 60  # periods from which on it is


def name(trend: TrendAnswer) -> str:
    """Of a topic, for people."""
    kinds = {"term": "", "label": "label ", "predicted": "predicted ", "cell": "cell ", "query": "about "}
    value = trend.topic.value.replace("|", " or ")
    return f"{kinds[trend.topic.kind]}{value}"


def colour(number: int) -> str:
    """Of the topic at this place."""
    return COLOURS[number % len(COLOURS)]


def figure(answer: TrendsAnswer, shown: Sequence[int], *, past: bool = False) -> go.Figure:
    """The figure.

    Args:
        answer: series over the same periods.
        shown: places of the topics that are drawn.
        past: also draw what was forecast at origins of the past, beside what happened.
    """
    drawn = go.Figure()
    for number in shown:
        trend, tone = answer.trends[number], colour(number)
        _draw_fans(drawn, trend, tone)
        _draw_line(drawn, trend, tone, share=answer.measure == "share")
        _draw_partial(drawn, trend, tone, share=answer.measure == "share")
        _draw_changes(drawn, trend, tone)
        if past and trend.tested is not None:
            _draw_past(drawn, trend, tone)
    percent = answer.measure == "share"
    drawn.update_layout(
        height=430 if len(shown) > 1 or len(answer.trends) == 1 else 230,
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        hovermode="x unified",
        showlegend=True,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        plot_bgcolor="#fff",
        xaxis={"type": "date" if answer.frequency != "year" else "linear", "showgrid": False},
        yaxis={"tickformat": ".1%" if percent else ",d", "rangemode": "tozero", "gridcolor": "#eef0f6"},
    )
    return drawn


def _draw_line(drawn: go.Figure, trend: TrendAnswer, tone: str, *, share: bool) -> None:
    """The series; where periods are missing the line breaks. Long ones are thin, under their moving mean."""
    shown = ".2%" if share else ",.0f"
    many = len(trend.periods) >= _MANY
    drawn.add_scatter(
        x=trend.periods,
        y=trend.values,
        name=name(trend),
        mode="lines+markers",
        line={"color": tone, "width": 1 if many else 2},
        marker={"size": 3 if many else 5},
        opacity=0.45 if many else 1.0,
        customdata=list(zip(trend.counts, trend.totals, strict=True)),
        hovertemplate=f"%{{y:{shown}}} (%{{customdata[0]:,}} of %{{customdata[1]:,}} {trend.unit})",
        showlegend=not many,
    )
    if many:
        drawn.add_scatter(
            x=trend.periods,
            y=_moving(trend.values),
            name=name(trend),
            mode="lines",
            line={"color": tone, "width": 2.5},
            hoverinfo="skip",
            connectgaps=True,
        )


def _draw_partial(drawn: go.Figure, trend: TrendAnswer, tone: str, *, share: bool) -> None:
    """Periods that are known in part only: what is known of them, hollow."""
    places = [place for place, partial in enumerate(trend.partial) if partial and trend.totals[place]]
    if places:
        drawn.add_scatter(
            x=[trend.periods[place] for place in places],
            y=[trend.counts[place] / (trend.totals[place] if share else 1) for place in places],
            name=f"{name(trend)}, period not over",
            mode="markers",
            marker={"symbol": "circle-open", "size": 9, "color": tone, "line": {"width": 2}},
            showlegend=False,
        )


def _draw_fans(drawn: go.Figure, trend: TrendAnswer, tone: str) -> None:
    if trend.forecast is None:
        return
    ahead = trend.forecast
    for ends, opacity, level in ((ahead.interval_95, _FAINT, "95 %"), (ahead.interval_80, _FADED, "80 %")):
        drawn.add_scatter(
            x=[*ahead.periods, *reversed(ahead.periods)],
            y=[*ends.upper, *reversed(ends.lower)],
            mode="lines",
            fill="toself",
            fillcolor=_clear(tone, opacity),
            line={"width": 0},
            hoverinfo="skip",
            name=f"{name(trend)}, {level}",
            showlegend=False,
        )
    drawn.add_scatter(
        x=ahead.periods,
        y=ahead.middle,
        mode="lines",
        line={"color": tone, "dash": "dot", "width": 2},
        name=f"{name(trend)}, forecast",
        showlegend=False,
    )


def _draw_changes(drawn: go.Figure, trend: TrendAnswer, tone: str) -> None:
    value = dict(zip(trend.periods, trend.values, strict=True))
    found = [each for each in trend.changes if value.get(each.period) is not None]
    drawn.add_scatter(
        x=[each.period for each in found],
        y=[each.after for each in found],
        mode="markers",
        marker={"symbol": "diamond", "size": 9, "color": tone, "line": {"color": "#fff", "width": 1.5}},
        hovertemplate="new level from here on: %{y}",
        name=f"{name(trend)}, change",
        showlegend=False,
    )


def _draw_past(drawn: go.Figure, trend: TrendAnswer, tone: str) -> None:
    for past in trend.tested.past if trend.tested else ():
        drawn.add_scatter(
            x=past.periods,
            y=past.middle,
            mode="lines",
            line={"color": tone, "dash": "dash", "width": 1},
            opacity=0.6,
            hoverinfo="skip",
            name=f"forecast after {past.made_after}",
            showlegend=False,
        )


def _moving(values: Sequence[float | None]) -> list[float | None]:
    """Mean of the known ones of five neighbours; nothing where three of them are missing."""
    half = _SMOOTHED // 2
    windows = (values[max(0, place - half) : place + half + 1] for place in range(len(values)))
    known = [[value for value in window if value is not None] for window in windows]
    return [sum(each) / len(each) if len(each) > half else None for each in known]


def _clear(tone: str, opacity: float) -> str:
    """The colour as plotly wants it with an opacity."""
    red, green, blue = (int(tone[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"
