"""Anomalies: what is unusual in a corpus, why, what people say of it, and whether the corpus is changing."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from trivec.api import parts, requests, views
from trivec.api.anomaly_schemas import (
    DriftStatusAnswer,
    DuplicatesAnswer,
    ExplainBody,
    ExplainedAnswer,
    MarkBody,
    ScoreBody,
    ScoresAnswer,
    UnusualAnswer,
    UnusualBody,
)
from trivec.api.auth import READ, WRITE
from trivec.api.schemas import CorpusName

router = APIRouter(prefix="/v1/anomalies", tags=["anomalies"])


@router.post("", response_model=UnusualAnswer, summary="Most unusual documents", dependencies=[READ])
def unusual(request: Request, body: UnusualBody) -> Response:
    """The oddest first, each at its oddest passage; what was marked fine is left out."""
    service = parts.container(request).anomalies
    found = service.unusual(body.corpus, limit=body.limit, rate=body.rate, filters=requests.filters(body.filters))
    return views.reply(found)


@router.post("/score", response_model=ScoresAnswer, summary="Score texts", dependencies=[READ])
def score(request: Request, body: ScoreBody) -> Response:
    """How unusual texts are in a corpus, with control of false discoveries over the batch."""
    judge = parts.container(request).anomaly_texts
    model, texts = judge.score(body.corpus, body.texts, titles=body.titles, rate=body.rate)
    return views.reply({"model": model, "texts": texts})


@router.post("/explain", response_model=ExplainedAnswer, summary="Why a text is unusual", dependencies=[READ])
def explain(request: Request, body: ExplainBody) -> Response:
    """The views, words and traits that make it so, and the nearest usual passages.

    A passage of the corpus is judged as if what is usual had been learned without it.
    """
    judge = parts.container(request).anomaly_texts
    if body.document_id is not None:
        said = judge.explain_passage(body.corpus, body.document_id, body.passage_number, similar=body.similar)
    else:
        said = judge.explain(body.corpus, body.text or "", title=body.title, similar=body.similar)
    return views.reply(said)


@router.put("/marks", status_code=204, summary="Mark a passage", dependencies=[WRITE])
def mark(request: Request, body: MarkBody) -> Response:
    """Fine or odd: texts like it are scored accordingly from now on, and the passages nearest to it at once."""
    parts.container(request).anomalies.mark(body.corpus, body.document_id, body.passage_number, body.mark)
    return Response(status_code=204)


@router.get("/drift", response_model=DriftStatusAnswer, summary="Drift", dependencies=[READ])
def drift(request: Request, corpus: CorpusName) -> Response:
    """Whether what came in since the last learning still looks like the corpus."""
    return views.reply(parts.container(request).anomalies.drift(corpus))


@router.get("/duplicates", response_model=DuplicatesAnswer, summary="Near-duplicates", dependencies=[READ])
def duplicates(request: Request, corpus: CorpusName) -> Response:
    """Groups of documents that are nearly the same, as of the last learning."""
    return views.reply(parts.container(request).anomalies.duplicates(corpus))
