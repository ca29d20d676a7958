"""Files in: preview an upload, then turn it into a job."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from trivec.api import parts, views
from trivec.api.auth import WRITE
from trivec.api.ingest_schemas import JobAnswer, PreviewAnswer
from trivec.api.requests import IngestForm, column_mapping
from trivec.api.uploads import Form
from trivec.errors import BadInput

router = APIRouter(prefix="/v1/ingest", tags=["ingest"], dependencies=[WRITE])

_FILE = {"type": "string", "format": "binary", "description": "CSV, JSON, Parquet, PDF, DOCX, ...; may be an archive."}
_MAPPING = {"type": "string", "description": "A MappingBody as JSON; left out, columns are guessed."}


def _form(required: list[str], **properties: dict[str, str]) -> dict[str, Any]:
    """OpenAPI of a multipart body that is parsed by hand, as it streams."""
    schema = {"type": "object", "required": required, "properties": properties}
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}


@router.post(
    "",
    status_code=202,
    response_model=JobAnswer,
    summary="Ingest a file",
    openapi_extra=_form(
        ["corpus"],
        file=_FILE,
        upload={"type": "string", "description": "Of an earlier preview, instead of `file`."},
        corpus={"type": "string", "description": "Made when it does not exist yet."},
        source={"type": "string", "description": "Name of the source; the file's name when left out."},
        mapping=_MAPPING,
    ),
)
async def ingest(request: Request) -> Response:
    """Promise to read a file and store its documents; the answer is the job that does it."""
    form = await _receive(request)
    return await run_in_threadpool(_submit, request, form)


def _submit(request: Request, form: Form) -> Response:
    with _kept_on_success(request, form):
        wanted = IngestForm.parse(form.fields)
        mapping = column_mapping(wanted.mapping)
        path = form.path or parts.uploads(request).find(wanted.upload)
        job = parts.container(request).ingest.submit(
            path, corpus=wanted.corpus, mapping=mapping, source=wanted.source, adopt=True
        )
    parts.uploads(request).discard(form.upload or wanted.upload)  # the job has taken the file
    return views.reply(job, status=202)


@router.post(
    "/preview",
    response_model=PreviewAnswer,
    summary="Look into a file",
    openapi_extra=_form(["file"], file=_FILE),
)
async def preview(request: Request) -> Response:
    """The first rows and the guessed columns; the upload is kept for a day, so that it need not be sent again."""
    form = await _receive(request)
    return await run_in_threadpool(_preview, request, form)


def _preview(request: Request, form: Form) -> Response:
    from trivec.sources.catalog import preview

    if form.path is None:
        raise BadInput("there is no file in the form: send one in the field `file`")
    with _kept_on_success(request, form):
        seen = preview(form.path)
    return views.reply({"upload": form.upload, **asdict(seen)})


@contextmanager
def _kept_on_success(request: Request, form: Form) -> Iterator[None]:
    try:
        yield
    except BaseException:
        parts.uploads(request).discard(form.upload)
        raise


async def _receive(request: Request) -> Form:
    return await parts.uploads(request).receive(request.headers.get("content-type", ""), request.stream())
