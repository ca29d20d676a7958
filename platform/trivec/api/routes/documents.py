"""Documents: add a few, read one, find the like, delete one."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from trivec.api import parts, views
from trivec.api.auth import READ, WRITE
from trivec.api.ingest_schemas import DocumentsBody, JobAnswer
from trivec.api.requests import document_lines, document_mapping
from trivec.api.schemas import CorpusName, DeletedAnswer, DocumentAnswer, Limit, SimilarAnswer, VectorName

router = APIRouter(prefix="/v1/documents", tags=["documents"])
Corpus = Annotated[CorpusName, Query()]


@router.post("", status_code=202, response_model=JobAnswer, summary="Add documents", dependencies=[WRITE])
def add_documents(request: Request, body: DocumentsBody) -> Response:
    """Promise to store documents; the answer is the job that does it.

    Once this has answered the documents survive any restart. A document with a known id replaces the stored one.
    """
    upload, path = parts.uploads(request).create("api.jsonl")
    path.write_bytes(b"".join(document_lines(body.documents)))
    job = parts.container(request).ingest.submit(path, corpus=body.corpus, mapping=document_mapping(), adopt=True)
    parts.uploads(request).discard(upload)  # the job has taken the file
    return views.reply(job, status=202)


@router.get("/{document_id:path}/similar", response_model=SimilarAnswer, summary="More like this", dependencies=[READ])
def similar(
    request: Request,
    document_id: str,
    corpus: Corpus,
    using: Annotated[VectorName | None, Query(description="One dense vector; the best one when left out.")] = None,
    limit: Limit = 10,
) -> Response:
    """Documents nearest to this one, without itself."""
    result = parts.container(request).search.similar(corpus, document_id, using=using, limit=limit)
    return views.reply(views.similar_result(result))


@router.get("/{document_id:path}", response_model=DocumentAnswer, summary="Read a document", dependencies=[READ])
def show_document(request: Request, document_id: str, corpus: Corpus) -> Response:
    """The document in full, with its passages' offsets."""
    return views.reply(parts.container(request).corpora.document(corpus, document_id))


@router.delete("/{document_id:path}", response_model=DeletedAnswer, summary="Delete a document", dependencies=[WRITE])
def delete_document(request: Request, document_id: str, corpus: Corpus) -> Response:
    """All its passages, in all generations."""
    parts.container(request).corpora.delete_document(corpus, document_id)
    return views.reply({"deleted": document_id})
