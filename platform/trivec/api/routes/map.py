"""The map of a corpus: how it all lies together."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import FileResponse, Response

from trivec.api import downloads, parts, views
from trivec.api.auth import READ
from trivec.api.downloads import Format
from trivec.api.map_schemas import (
    Cell,
    LocateBody,
    MapAnswer,
    MapDocumentsAnswer,
    MapDocumentsBody,
    PlacesAnswer,
    PointsAnswer,
)
from trivec.api.requests import filters, search_request
from trivec.api.schemas import CorpusName, Limit, Offset
from trivec.records import Filters

router = APIRouter(prefix="/v1/map", tags=["map"], dependencies=[READ])
Corpus = Annotated[CorpusName, Query()]


@router.get("", response_model=MapAnswer, summary="Look at the map")
def show(request: Request, corpus: Corpus) -> Response:
    """Every cell: where it lies, what it is about, how many documents it holds and what they have in common."""
    return views.reply(parts.container(request).map.show(corpus))


@router.get("/points", response_model=PointsAnswer, summary="Documents as points")
def points(request: Request, corpus: Corpus, limit: Annotated[int, Query(ge=1, le=100_000)] = 100_000) -> Response:
    """The projection beside the map, column by column; an even choice where there are more than `limit`."""
    return views.reply(parts.container(request).map.points(corpus, limit=limit))


@router.get("/cells/{cell}/documents", response_model=MapDocumentsAnswer, summary="Documents of a cell")
def cell_documents(
    request: Request, cell: Annotated[Cell, Path()], corpus: Corpus, limit: Limit = 20, offset: Offset = 0
) -> Response:
    """The nearest to the cell's centre first."""
    found = parts.container(request).map.documents(corpus, Filters(cells=(cell,)), limit=limit, offset=offset)
    return views.reply(found)


@router.post("/documents", response_model=MapDocumentsAnswer, summary="Documents of some cells")
def documents(request: Request, body: MapDocumentsBody) -> Response:
    """Of any cells and under any filters, the nearest to their cell's centre first."""
    found = parts.container(request).map.documents(body.corpus, _where(body), limit=body.limit, offset=body.offset)
    return views.reply(found)


@router.post("/documents/export", response_class=FileResponse, summary="Export documents of some cells")
def export(request: Request, body: MapDocumentsBody, format: Format = "jsonl") -> Response:  # noqa: A002
    """All of them as a file, a row per passage; `limit` and `offset` are ignored."""
    services = parts.container(request)
    with downloads.new_file(services.settings.home, format) as path:
        services.map.export(body.corpus, _where(body), format=format, path=path)
        return downloads.once(path, name=f"{body.corpus}-map.{format}")


@router.post("/locate", response_model=PlacesAnswer, summary="Find texts or results on the map")
def locate(request: Request, body: LocateBody) -> Response:
    """Where texts would lie, without storing them; or where the results of a question lie."""
    service = parts.container(request).map
    if body.search:
        return views.reply(service.locate_results(search_request(body.search)))
    return views.reply(service.locate(body.corpus, body.texts))


def _where(body: MapDocumentsBody) -> Filters:
    cells = {"cells": sorted({*body.cells, *body.filters.cells})}
    return filters(body.filters.model_copy(update=cells))
