"""A model's versions side by side, and what was decided about them, as HTML."""

from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape

from trivec.api.learning_schemas import DecisionAnswer, VersionAnswer
from trivec_ui.components import metrics

DECIDED = {
    "promote": "Version {} <b>promoted</b>",
    "rollback": "<b>Rolled back</b> to version {}",
    "withdraw": "Version {} <b>withdrawn</b>",
    "refuse": "Version {} <b>refused</b>",
}


def versions_html(versions: Sequence[VersionAnswer], decisions: Sequence[DecisionAnswer]) -> str:
    """A row for each version, newest first; the best figure of each column is marked, and so is what serves."""
    names = metrics.columns([version.metrics for version in versions])
    best = {name: metrics.best(name, [version.metrics for version in versions]) for name in names}
    head = "".join(f'<th class="number">{escape(metrics.title(name))}</th>' for name in names)
    last = {decision.version: decision.action for decision in decisions}
    rows = "".join(_row(version, names, best, refused=last.get(version.version) == "refuse") for version in versions)
    head = f"<tr><th>version</th><th>made</th>{head}</tr>"
    return f'<div class="wide"><table class="versions"><thead>{head}</thead><tbody>{rows}</tbody></table></div>'


def decisions_html(decisions: Sequence[DecisionAnswer]) -> str:
    """What was promoted, refused and rolled back, when and why, newest first.

    Args:
        decisions: oldest first, as they are recorded.
    """
    return f'<ol class="decisions">{"".join(map(_decision, reversed(decisions)))}</ol>'


def moment(at: datetime) -> str:
    """A time for people: `3 May 2026, 10:15 UTC`."""
    return f"{at.astimezone(UTC):%-d %B %Y, %H:%M} UTC"


def _row(version: VersionAnswer, names: Sequence[str], best: dict[str, float | None], *, refused: bool) -> str:
    badge = '<span class="state serves">serves</span>' if version.champion else ""
    if refused and not version.champion:
        badge = '<span class="state refused">refused</span>'
    facts = f"<td>{version.version}{badge}</td><td>{version.created_at:%-d %b %Y}</td>"
    figures = "".join(_cell(version.metrics.get(name), best[name]) for name in names)
    return f'<tr class="{"champion" if version.champion else ""}">{facts}{figures}</tr>'


def _cell(value: float | None, best: float | None) -> str:
    kind = "number best" if best is not None and value == best else "number"
    return f'<td class="{kind}">{metrics.written(value)}</td>'


def _decision(decision: DecisionAnswer) -> str:
    return (
        f'<li class="{decision.action}"><p class="decision-head">{DECIDED[decision.action].format(decision.version)}'
        f"<span>{moment(decision.at)}</span></p>"
        f'<p class="decision-why">{escape(decision.reason)}</p></li>'
    )
