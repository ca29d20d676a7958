"""Learning: submit what takes long, watch it, stop it."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from trivec.api import parts, views
from trivec.api.auth import READ, WRITE
from trivec.api.learning_schemas import LearningAnswer, LearningBody, LearningJobsAnswer

router = APIRouter(prefix="/v1/learning", tags=["learning"])


@router.post("", response_model=LearningAnswer, status_code=202, summary="Learn", dependencies=[WRITE])
def learn(request: Request, body: LearningBody) -> Response:
    """Train in a worker; what is better than what serves is then served. One job of a kind and corpus at a time."""
    job = parts.container(request).learning.submit(body.kind, body.corpus, body.parameters)
    return views.reply(job, status=202)


@router.get("", response_model=LearningJobsAnswer, summary="List learning jobs", dependencies=[READ])
def list_jobs(request: Request) -> Response:
    """Every learning job, newest first."""
    return views.reply({"jobs": parts.container(request).learning.jobs()})


@router.get("/{job_id}", response_model=LearningAnswer, summary="Watch a learning job", dependencies=[READ])
def show_job(request: Request, job_id: str) -> Response:
    """How far it is, or what came of it."""
    return views.reply(parts.container(request).learning.status(job_id))


@router.delete("/{job_id}", response_model=LearningAnswer, summary="Cancel a learning job", dependencies=[WRITE])
def cancel(request: Request, job_id: str) -> Response:
    """Stop it at its next step; what serves goes on serving."""
    return views.reply(parts.container(request).learning.cancel(job_id))
