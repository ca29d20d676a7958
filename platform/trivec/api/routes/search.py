"""POST /v1/search: the hot path. Validated once, answered from dicts, the service runs in a thread."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from trivec.api import parts, views
from trivec.api.auth import READ
from trivec.api.requests import search_request
from trivec.api.schemas import SearchAnswer, SearchBody

router = APIRouter(tags=["search"], dependencies=[READ])


@router.post("/v1/search", response_model=SearchAnswer, summary="Search a corpus")
def search(request: Request, body: SearchBody) -> Response:
    """Ask one named vector or several fused; hits are documents at their best passage.

    Quoted phrases must occur, words with a leading minus must not. `degraded` says what could not be done as asked
    (an encoder that does not answer, say); the rest is answered nevertheless.
    """
    services = parts.container(request)
    result = services.search.search(search_request(body))
    parts.metrics(request).search(fusion=body.fusion, using=body.using, degraded=bool(result.degraded))
    return views.reply(views.search_result(result, explain=body.explain))
