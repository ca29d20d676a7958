"""Trends: series of topics and where they are going, terms that come and go, movements of topics and words."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from trivec.api import parts, trend_views, views
from trivec.api.auth import READ
from trivec.api.schemas import CorpusName
from trivec.api.trend_schemas import (
    DriftAnswer,
    DriftBody,
    TermsAnswer,
    TermsBody,
    TopicBody,
    TrendsAnswer,
    TrendsBody,
    WordDriftAnswer,
    WordMovesAnswer,
)
from trivec.services.trend_records import Topic, TrendRequest

router = APIRouter(prefix="/v1/trends", tags=["trends"], dependencies=[READ])


@router.post("", response_model=TrendsAnswer, summary="Draw topics over time")
def trends(request: Request, body: TrendsBody) -> Response:
    """Series with forecasts and intervals, how good such forecasts were, and changes of level."""
    topics = tuple(map(_topic, body.topics))
    asked = TrendRequest(body.corpus, topics, body.frequency, body.measure, body.horizon, body.date_from, body.date_to)
    return views.reply(trend_views.trends(parts.container(request).trends.trends(asked)))


@router.post("/terms", response_model=TermsAnswer, summary="Emerging and fading terms")
def terms(request: Request, body: TermsBody) -> Response:
    """Terms that are said more, or less, than before, beyond chance; from the last report (`trivec train trends`)."""
    reference, report = parts.container(request).trend_reports.current(body.corpus)
    found = report.term_trends(recent=body.recent, rate=body.rate, most=body.limit)
    return views.reply(trend_views.terms(reference, report, found))


@router.post("/drift", response_model=DriftAnswer, summary="Movement of a topic")
def drift(request: Request, body: DriftBody) -> Response:
    """How far a topic's centroid moved from period to period, and what lies where it would be next."""
    found = parts.container(request).drift.topic(
        body.corpus, _topic(body.topic), using=body.using, frequency=body.frequency, near=body.near
    )
    return views.reply(found)


@router.get("/words", response_model=WordMovesAnswer, summary="Words that moved most")
def words(request: Request, corpus: CorpusName, limit: Annotated[int, Query(ge=1, le=500)] = 20) -> Response:
    """Words whose company changed most for their frequency; from the last report."""
    return views.reply({"words": parts.container(request).drift.words(corpus, most=limit)})


@router.get("/words/{word}", response_model=WordDriftAnswer, summary="Movement of a word")
def word(request: Request, word: str, corpus: CorpusName) -> Response:
    """A word's neighbours in each slice of time; from the last report."""
    return views.reply(parts.container(request).drift.word(corpus, word))


def _topic(body: TopicBody) -> Topic:
    return Topic(body.kind, body.value.strip())
