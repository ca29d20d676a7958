"""What came of a learning job, in words."""

from datetime import UTC, datetime
from typing import Any, Literal

import pytest

from trivec.api.learning_schemas import LearningAnswer
from trivec_ui.components.learning_jobs import outcome

NOW = datetime(2026, 5, 3, tzinfo=UTC)


def job(state: Literal["done", "failed", "cancelled"], *, error: str = "", **result: Any) -> LearningAnswer:
    return LearningAnswer(
        id="1",
        kind="taxonomy",
        corpus="news",
        parameters={},
        state=state,
        step="",
        share=1.0,
        submitted_at=NOW,
        started_at=NOW,
        finished_at=NOW,
        result=result,
        error=error,
    )


@pytest.mark.parametrize(
    ("ended", "said"),
    [
        (job("failed", error="too few labels"), "too few labels"),
        (job("cancelled"), ""),
        (
            job("done", reference="news.taxonomy:2", verdict="0.8 is better", promoted=True, classified=1200),
            "news.taxonomy:2 · 0.8 is better · 1,200 documents classified",
        ),
        (
            job("done", reference="news.taxonomy:3", verdict="0.7 is not better", promoted=False, classified=0),
            "news.taxonomy:3 · refused · 0.7 is not better",
        ),
        (job("done", generation=4, vectors=["bert"], models=["news.weights:4"]), "generation 4 serves"),
    ],
)
def test_an_outcome_is_said_with_its_verdict(ended: LearningAnswer, said: str) -> None:
    assert outcome(ended) == said
