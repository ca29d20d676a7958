"""Versions side by side and decisions, as HTML: the best is marked where there is a best, reasons stay text."""

from datetime import UTC, datetime
from typing import Literal

from trivec.api.learning_schemas import DecisionAnswer, VersionAnswer
from trivec_ui.components import metrics
from trivec_ui.components.versions import decisions_html, versions_html

MORNING = datetime(2026, 5, 3, 6, 15, tzinfo=UTC)


def version(number: int, *, champion: bool = False, **reached: float | None) -> VersionAnswer:
    return VersionAnswer(
        reference=f"news.taxonomy:{number}",
        version=number,
        created_at=MORNING,
        champion=champion,
        parameters={},
        metrics=reached,
        curves={},
        data_hash="",
        code_version="",
        tags={},
    )


def decision(action: Literal["promote", "rollback", "refuse"], number: int, reason: str = "so") -> DecisionAnswer:
    return DecisionAnswer(action=action, version=number, reason=reason, at=MORNING)


def test_the_best_is_the_highest_accuracy_and_the_lowest_error_and_no_count() -> None:
    rows = [{"accuracy": 0.8, "validation_ece": 0.02, "documents": 10.0}, {"accuracy": 0.9, "validation_ece": 0.05}]
    assert metrics.best("accuracy", rows) == 0.9
    assert metrics.best("validation_ece", rows) == 0.02
    assert metrics.best("documents", rows) is None


def test_one_version_or_equal_ones_have_no_best() -> None:
    assert metrics.best("accuracy", [{"accuracy": 0.8}]) is None
    assert metrics.best("accuracy", [{"accuracy": 0.8}, {"accuracy": 0.8}, {"accuracy": None}]) is None


def test_what_versions_are_judged_by_comes_first_and_counts_come_last() -> None:
    rows = [{"held_out_documents": 4.0, "validation_accuracy": 0.5}, {"accuracy": 0.5}]
    assert metrics.columns(rows) == ["accuracy", "validation_accuracy", "held_out_documents"]


def test_a_table_marks_the_best_the_champion_and_what_was_refused() -> None:
    versions = [version(3, accuracy=0.7), version(2, accuracy=None), version(1, champion=True, accuracy=0.85)]
    html = versions_html(versions, [decision("promote", 1), decision("refuse", 3)])
    third, second, first = html.split("<tr")[2:]
    assert '<td class="number best">0.8500</td>' in first
    assert "serves" in first
    assert "refused" in third
    assert '<td class="number">0.7000</td>' in third
    assert '<td class="number">–</td>' in second
    assert "refused" not in second


def test_a_refused_version_that_was_promoted_by_hand_is_no_longer_refused() -> None:
    decided = [decision("promote", 1), decision("refuse", 2), decision("promote", 2), decision("rollback", 1)]
    assert "refused" not in versions_html([version(2), version(1, champion=True)], decided)


def test_decisions_stand_newest_first_with_their_reasons_as_text() -> None:
    html = decisions_html([decision("promote", 1, "better"), decision("rollback", 1, "<i>worse</i>")])
    assert html.index("<b>Rolled back</b> to version 1") < html.index("Version 1 <b>promoted</b>")
    assert "&lt;i&gt;worse" in html
    assert "3 May 2026, 06:15 UTC" in html
