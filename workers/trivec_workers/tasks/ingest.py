"""Tasks of ingestion: each is one call of the service, which may be made twice.

The service says how long to wait when a service is away or a batch failed; Celery's retry does the waiting.
"""

from celery import Task

from trivec import jobs
from trivec_workers.app import app, container
from trivec_workers.retrying import LONG, again


@app.task(name=jobs.INGEST_READ, bind=True, max_retries=None, soft_time_limit=LONG, time_limit=LONG)
def read(task: Task, job_id: str) -> None:
    """Reads a job's source into batches."""
    again(task, container().ingest.read(job_id))


@app.task(name=jobs.INGEST_PREPARE, bind=True, max_retries=None, soft_time_limit=LONG, time_limit=LONG)
def prepare(task: Task, job_id: str) -> None:
    """Trains for a corpus that begins with this job."""
    again(task, container().ingest.prepare(job_id))


@app.task(name=jobs.INGEST_BATCH, bind=True, max_retries=None)
def batch(task: Task, job_id: str, name: str) -> None:
    """Stores a batch."""
    again(task, container().ingest.process(job_id, name))
