"""Tasks of ingestion: each is one call of the service, which may be made twice.

The service says how long to wait when a service is away or a batch failed; Celery's retry does the waiting.
"""

from celery import Task

from trivec import jobs
from trivec_workers.app import app, container

_LONG = 7 * 24 * 3600.0  # seconds: reading and training take as long as the source is big; both are claimed


@app.task(name=jobs.INGEST_READ, bind=True, max_retries=None, soft_time_limit=_LONG, time_limit=_LONG)
def read(task: Task, job_id: str) -> None:
    """Reads a job's source into batches."""
    _again(task, container().ingest.read(job_id))


@app.task(name=jobs.INGEST_PREPARE, bind=True, max_retries=None, soft_time_limit=_LONG, time_limit=_LONG)
def prepare(task: Task, job_id: str) -> None:
    """Trains for a corpus that begins with this job."""
    _again(task, container().ingest.prepare(job_id))


@app.task(name=jobs.INGEST_BATCH, bind=True, max_retries=None)
def batch(task: Task, job_id: str, name: str) -> None:
    """Stores a batch."""
    _again(task, container().ingest.process(job_id, name))


def _again(task: Task, seconds: float | None) -> None:
    if seconds is not None:
        raise task.retry(countdown=seconds, max_retries=None)
