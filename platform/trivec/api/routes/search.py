"""POST /v1/search: the hot path. Validated once, answered from dicts, the service runs in a thread."""

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, Response

from trivec.api import downloads, parts, views
from trivec.api.auth import READ
from trivec.api.downloads import Format, Vectors
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


@router.post("/v1/search/export", response_class=FileResponse, summary="Export what a search finds")
def export(request: Request, body: SearchBody, format: Format = "jsonl", vectors: Vectors = False) -> Response:  # noqa: A002
    """Everything the search finds as a file, best first, with rank and score; `limit` and `offset` are ignored."""
    services = parts.container(request)
    with downloads.new_file(services.settings.home, format) as path:
        asked = search_request(body)
        services.corpora.export_results(services.search, asked, format=format, vectors=vectors, path=path)
        return downloads.once(path, name=f"{body.corpus}-search.{format}")
