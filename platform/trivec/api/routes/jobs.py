"""Jobs: watch, stop, try again, and read what was rejected."""

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, Response

from trivec.api import parts, views
from trivec.api.auth import READ, WRITE
from trivec.api.ingest_schemas import JobAnswer, JobsAnswer

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])


@router.get("", response_model=JobsAnswer, summary="List jobs", dependencies=[READ])
def list_jobs(request: Request) -> Response:
    """Every job, newest first."""
    jobs = sorted(parts.container(request).ingest.jobs(), key=lambda job: job.started_at, reverse=True)
    return views.reply({"jobs": jobs})


@router.get("/{job_id}", response_model=JobAnswer, summary="Watch a job", dependencies=[READ])
def show_job(request: Request, job_id: str) -> Response:
    """How far it is."""
    return views.reply(parts.container(request).ingest.status(job_id))


@router.get("/{job_id}/rejects", response_class=FileResponse, summary="Download rejects", dependencies=[READ])
def rejects(request: Request, job_id: str) -> Response:
    """The rows that could not become documents, with source, line and reason."""
    path = parts.container(request).ingest.rejects(job_id)
    return FileResponse(path, filename=f"{job_id}-{path.name}")


@router.post("/{job_id}/cancel", response_model=JobAnswer, summary="Cancel a job", dependencies=[WRITE])
def cancel(request: Request, job_id: str) -> Response:
    """Stop it; what is stored stays."""
    return views.reply(parts.container(request).ingest.cancel(job_id))


@router.post("/{job_id}/retry", response_model=JobAnswer, summary="Retry a job", dependencies=[WRITE])
def retry(request: Request, job_id: str) -> Response:
    """Try again the batches that were set aside after all their tries."""
    return views.reply(parts.container(request).ingest.retry_failed(job_id))
