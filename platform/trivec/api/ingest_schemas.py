"""The JSON of bringing documents in: documents, column mappings, previews and jobs."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from trivec.api.schemas import CorpusName, Moment, Request, example
from trivec.records import JobState, Scalar

MAX_DOCUMENTS = 10_000  # of one POST /v1/documents; more is a file's business


class DocumentBody(Request):
    """One document to store; the same id again replaces it."""

    id: Annotated[str, Field(min_length=1, max_length=512)]
    text: Annotated[str, Field(min_length=1)]
    title: str = ""
    date: Moment | None = None
    labels: list[str] = Field(default=[], description="Path in your taxonomy, root first.")
    source: str = Field(default="", description='Where it came from; empty means "api".')
    metadata: dict[str, Scalar | list[Scalar] | None] = Field(default={}, description="Anything else, one level deep.")


class DocumentsBody(Request):
    """Documents for a corpus, which is made when it does not exist yet."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "corpus": "news",
                "documents": [
                    {
                        "id": "n1",
                        "title": "Rain at last",
                        "text": "After a dry spring the rivers are rising again.",
                        "date": "2024-05-02",
                        "labels": ["weather", "rain"],
                        "source": "gazette",
                        "metadata": {"page": 3},
                    }
                ],
            }
        },
    )

    corpus: CorpusName
    documents: list[DocumentBody] = Field(min_length=1, max_length=MAX_DOCUMENTS)


class MappingBody(Request):
    """Which column holds what; null (or nothing) means guess, "" means there is none."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"id": "article_id", "text": "body", "date": "published"}}
    )

    id: str | None = None
    title: str | None = None
    text: str | None = None
    date: str | None = None
    labels: str | None = None
    source: str | None = None
    metadata: list[str] | None = Field(default=None, description="Columns to keep as metadata; null means all others.")


class RejectAnswer(BaseModel):
    """A row that cannot become a document, and why; line 0 is the file as a whole."""

    source: str
    line: int
    reason: str
    row: str


class PreviewAnswer(BaseModel):
    """The first rows of an upload, and how its columns would be read."""

    model_config = example(
        {
            "upload": "7f9c0d5e4a7f9c0d5e4a7f9c",
            "source": "news.csv",
            "columns": ["article_id", "headline", "body"],
            "mapping": {"id": "article_id", "title": "headline", "text": "body"},
            "rows": [{"article_id": "n1", "headline": "Rain at last", "body": "After a dry spring ..."}],
            "rejected": [],
        }
    )

    upload: str = Field(description="Give it to POST /v1/ingest as `upload` instead of sending the file again.")
    source: str = Field(description="The file that is shown: of an archive, the first that can be read.")
    columns: list[str]
    mapping: MappingBody
    rows: list[dict[str, str]] = Field(description="Cells as text; long ones are cut.")
    rejected: list[RejectAnswer] = Field(description="Rows among these that would be rejected.")


class JobAnswer(BaseModel):
    """Where an ingestion stands; counts are documents."""

    model_config = example(
        {
            "id": "20260501-101500-4f2a",
            "corpus": "news",
            "state": "running",
            "read": 5000,
            "stored": 3200,
            "skipped": 0,
            "rejected": 3,
            "failed": 0,
            "started_at": "2026-05-01T10:15:00Z",
            "finished_at": None,
            "documents_per_second": 48.2,
            "seconds_left": 37.3,
            "message": "",
        }
    )

    id: str
    corpus: str
    state: JobState
    read: int
    stored: int
    skipped: int = Field(description="Unchanged since an earlier ingestion.")
    rejected: int = Field(description="Rows that could not become documents: GET /v1/jobs/{id}/rejects says why.")
    failed: int = Field(description="Set aside after all tries: POST /v1/jobs/{id}/retry tries them again.")
    started_at: datetime
    finished_at: datetime | None
    documents_per_second: float
    seconds_left: float | None
    message: str


class JobsAnswer(BaseModel):
    """Jobs, newest first."""

    jobs: list[JobAnswer]


class ReadyAnswer(BaseModel):
    """Whether each part this process leans on answers; `ready` when all of them do."""

    model_config = example({"ready": True, "parts": {"node": "ok", "redis": "ok"}})

    ready: bool
    parts: dict[str, str] = Field(description='"ok", or what is wrong.')


class ErrorDetail(BaseModel):
    """What went wrong: a stable code for programs and a message for people."""

    code: str
    message: str


class ErrorAnswer(BaseModel):
    """The body of every answer that is not a success."""

    model_config = example({"error": {"code": "not_found", "message": "no corpus is called 'nwes': there is 'news'"}})

    error: ErrorDetail
