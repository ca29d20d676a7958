"""`trivec trends`: where topics of a corpus are going."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from trivec.services.trend_records import Trend

SHOWN = 12  # last periods
BARS = " ▁▂▃▄▅▆▇█"


def trends(
    topics: Annotated[
        list[str],
        typer.Argument(
            metavar="TOPIC...",
            help="A term, or kind:value with kind label, predicted, cell, term or query.",
            show_default=False,
        ),
    ],
    corpus: Annotated[str, typer.Option(help="Of which corpus.", show_default=False)],
    by: Annotated[
        Literal["day", "week", "month", "year"] | None,
        typer.Option(help="Length of a period; without it the finest one that the corpus fills.", show_default=False),
    ] = None,
    start: Annotated[
        str | None, typer.Option("--from", help="Begin with the period of this date.", show_default=False)
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", help="End with the period of the day before.", show_default=False)
    ] = None,
    counts: Annotated[bool, typer.Option("--counts", help="Counts instead of shares.")] = False,
    ahead: Annotated[int | None, typer.Option(min=1, help="Periods to forecast.", show_default=False)] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON, as POST /v1/trends answers.")] = False,
) -> None:
    """Series of topics, where they are going with 80 % intervals, how good such forecasts were, when they changed.

    Without dates the series reach as far as the bulk of the documents.

    trivec trends slavery railroad "label:World War II" --corpus sotu --from 1850 --to 1951
    """
    from trivec.api import trend_views
    from trivec.cli import context, printing
    from trivec.services.trend_records import Topic, TrendRequest

    first, last = _day(start), _day(end)
    asked = TrendRequest(
        corpus,
        tuple(map(Topic.parse, topics)),
        by,
        "count" if counts else "share",
        ahead,
        first,
        last - timedelta(days=1) if last else None,
    )
    found = context.container().trends.trends(asked)
    if json:
        printing.as_json(trend_views.trends(found))
        return
    if found.left_out:
        printing.note(
            f"{found.left_out:,} documents with dates far from all others are left out: --from and --to count them"
        )
    for trend in found.trends:
        printing.line(f"{trend.topic} ({found.measure} of {trend.unit} by {found.frequency})", style="bold")
        for line in _lines(trend, share=not counts):
            printing.line(f"  {line}")


def _day(text: str | None) -> date | None:
    from trivec.cli import dates
    from trivec.errors import BadInput

    try:
        return date.fromisoformat(dates.first_day(text) or "") if text is not None else None
    except ValueError as unusable:
        raise BadInput(f"{text!r} is no date: write 1861, 1861-04 or 1861-04-12") from unusable


def _lines(trend: Trend, *, share: bool) -> list[str]:
    known = [(period, value) for period, value in zip(trend.periods, trend.values, strict=True) if value is not None]
    lines = [f"{_bars([value for _, value in known])}  {known[0][0]} to {known[-1][0]}"] if known else []
    lines += [
        f"changed in {each.period}: {_shown(each.before, share=share)} to {_shown(each.after, share=share)}"
        for each in trend.changes
    ]
    lines += [", ".join(f"{period} {_shown(value, share=share)}" for period, value in known[-SHOWN:])]
    if trend.forecast is None:
        return [*lines, f"no forecast: {trend.refusal}"]
    ahead = zip(trend.forecast.periods, trend.forecast.middle, trend.forecast.interval_80.lower, strict=True)
    upper = trend.forecast.interval_80.upper
    told = [
        f"{period} {_shown(middle, share=share)} ({_shown(low, share=share)} to {_shown(high, share=share)})"
        for (period, middle, low), high in zip(ahead, upper, strict=True)
    ]
    lines.append("forecast: " + ", ".join(told))
    if trend.tested is not None:
        mase = ", ".join(f"{name} {value:.2f}" for name, value in trend.tested.mase.items() if value is not None)
        held = f"{trend.tested.coverage:.0%} of {trend.tested.points} points lay in the 80 % interval"
        others = f" ({trend.tested.helped} helped by other topics)" if trend.tested.helped else ""
        lines.append(
            f"tested at {trend.tested.origins} origins{others}: MASE {mase or 'unknown, it never changed'}; {held}"
        )
    return lines


def _shown(value: float, *, share: bool) -> str:
    return f"{value:.2%}" if share else f"{value:,.0f}"


def _bars(values: list[float]) -> str:
    """The series in characters, at most one for each of the last 80 periods."""
    last = values[-80:]
    top = max(last) or 1.0
    return "".join(BARS[round(value / top * (len(BARS) - 1))] for value in last)
