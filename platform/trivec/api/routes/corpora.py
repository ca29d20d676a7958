"""Corpora: list, look at, count, export, delete."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import FileResponse, Response

from trivec.api import downloads, parts, views
from trivec.api.auth import READ, WRITE
from trivec.api.downloads import Format, Vectors
from trivec.api.schemas import CorporaAnswer, CorpusAnswer, CorpusName, DeletedAnswer, FacetsAnswer

router = APIRouter(prefix="/v1/corpora", tags=["corpora"])
Corpus = Annotated[CorpusName, Path()]


@router.get("", response_model=CorporaAnswer, summary="List corpora", dependencies=[READ])
def list_corpora(request: Request) -> Response:
    """Every corpus with its size and its named vectors."""
    corpora = parts.container(request).corpora.list()
    return views.reply({"corpora": [views.corpus(info) for info in corpora]})


@router.get("/{corpus}", response_model=CorpusAnswer, summary="Look at a corpus", dependencies=[READ])
def show_corpus(request: Request, corpus: Corpus) -> Response:
    """Its size, the generation that answers and its named vectors."""
    return views.reply(views.corpus(parts.container(request).corpora.show(corpus)))


@router.delete("/{corpus}", response_model=DeletedAnswer, summary="Delete a corpus", dependencies=[WRITE])
def delete_corpus(request: Request, corpus: Corpus) -> Response:
    """All its documents, in all its generations. There is no way back but a backup."""
    parts.container(request).corpora.delete(corpus)
    return views.reply({"deleted": corpus})


@router.delete(
    "/{corpus}/sources/{source:path}", response_model=DeletedAnswer, summary="Delete a source", dependencies=[WRITE]
)
def delete_source(request: Request, corpus: Corpus, source: str) -> Response:
    """Every document that came from one source (a file's name, a feed)."""
    count = parts.container(request).corpora.delete_source(corpus, source)
    return views.reply({"deleted": source, "documents": count})


@router.get("/{corpus}/facets", response_model=FacetsAnswer, summary="Count values", dependencies=[READ])
def facets(
    request: Request,
    corpus: Corpus,
    keys: Annotated[list[str], Query(max_length=16, description="`labels`, `source`, `language`, `metadata.KEY`.")] = [  # noqa: B006
        "labels",
        "source",
        "language",
    ],
) -> Response:
    """How many documents carry each value, most frequent first: what filters can be offered."""
    counts = parts.container(request).corpora.facets(corpus, keys)
    return views.reply({"facets": {key: views.facet(values) for key, values in counts.items()}})


@router.get("/{corpus}/export", response_class=FileResponse, summary="Export a corpus", dependencies=[READ])
def export(request: Request, corpus: Corpus, format: Format = "jsonl", vectors: Vectors = False) -> Response:  # noqa: A002
    """The whole corpus as a file, one row per passage."""
    services = parts.container(request)
    with downloads.new_file(services.settings.home, format) as path:
        services.corpora.export(corpus, format=format, vectors=vectors, path=path)
        return downloads.once(path, name=f"{corpus}.{format}")
