"""What can be said in words about a topic: where it is going, how good its forecasts were, when it changed."""

from html import escape

from trivec.api.trend_schemas import ForecastAnswer, TestedAnswer, TrendAnswer
from trivec_ui.components.trend_chart import colour, name

BASELINES = {"naive": "repeating the last value", "mean": "the mean", "seasonal_naive": "the season before"}


def cards_html(trends: list[TrendAnswer], *, share: bool, helped: bool = False) -> str:
    """A card for each topic; `helped` where backtests of other topics help the forecasts."""
    cards = "".join(_card(trend, colour(number), share=share, helped=helped) for number, trend in enumerate(trends))
    return f'<div class="trend-cards">{cards}</div>'


def _card(trend: TrendAnswer, tone: str, *, share: bool, helped: bool) -> str:
    lines = [_ahead(trend.forecast, share=share) if trend.forecast else f"No forecast: {escape(trend.refusal)}."]
    if trend.tested is not None:
        lines += [_tested(trend.tested, helped=helped)]
    elif trend.forecast is not None:
        lines += ["Too short to test forecasts on its own past."]
    if trend.changes or trend.forecast is not None:
        lines += [_changes(trend, share=share)]
    body = "".join(f"<p>{line}</p>" for line in lines if line)
    return f'<div class="trend-card" style="border-color:{tone}"><h5>{escape(name(trend))}</h5>{body}</div>'


def _ahead(forecast: ForecastAnswer, *, share: bool) -> str:
    low, high = forecast.interval_80.lower[0], forecast.interval_80.upper[0]
    said = (
        f"<b>{forecast.periods[0]}: {number(forecast.middle[0], share=share)}</b>, with 80 % chance "
        f"{number(low, share=share)} to {number(high, share=share)}"
    )
    method, weight = max(forecast.methods.items(), key=lambda item: item[1])
    simple = " Too few points for fitted models." if forecast.simple else ""
    return f"{said}. Most weight: {escape(method.replace('_', ' '))} ({weight:.0%}).{simple}"


def _tested(tested: TestedAnswer, *, helped: bool) -> str:
    """Against the obvious forecasts: an error below theirs is better."""
    ours = tested.mase.get("trivec")
    held = f"{tested.coverage:.0%} of {tested.points} past points lay in the 80 % interval"
    some = f" Other topics helped at {tested.helped} of them." if helped and tested.helped < tested.origins else ""
    if ours is None:
        return f"Tested at {tested.origins} origins: {held}.{some}"
    theirs = [(said, error) for name, said in BASELINES.items() if (error := tested.mase.get(name)) is not None]
    verdicts = ", ".join(f"{_verdict(ours, error)} {said} ({error:.2f})" for said, error in theirs)
    return f"Tested at {tested.origins} origins: MASE {ours:.2f}, {verdicts}; {held}.{some}"


def _verdict(ours: float, theirs: float) -> str:
    if f"{ours:.2f}" == f"{theirs:.2f}":
        return "as good as"
    return "better than" if ours < theirs else "<em>worse</em> than"


def _changes(trend: TrendAnswer, *, share: bool) -> str:
    found = [
        f"{each.period} ({number(each.before, share=share)} → {number(each.after, share=share)})"
        for each in trend.changes
    ]
    return f"Changed level: {', '.join(found)}." if found else "No change of level beyond chance."


def set_apart(left_out: int) -> str:
    """That documents are left out, where any are; a sentence to add.

    >>> set_apart(0), set_apart(1)
    ('', ' 1 document with a date far from all others is left out.')
    """
    if not left_out:
        return ""
    many = f"{left_out:,} documents with dates far from all others are" if left_out > 1 else ""
    return f" {many or '1 document with a date far from all others is'} left out."


def number(value: float, *, share: bool) -> str:
    """A share or a count, for people.

    >>> number(0.1234, share=True), number(1234.5, share=False)
    ('12.3 %', '1,234')
    """
    if not share:
        return f"{value:,.0f}"
    return f"{value * 100:.1f} %" if value >= 0.0995 else f"{value * 100:.2f} %"
