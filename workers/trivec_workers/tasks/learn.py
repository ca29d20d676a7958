"""Tasks that learn."""

from celery import Task

from trivec import jobs
from trivec_workers.app import app, container

_LONG = 7 * 24 * 3600.0  # seconds


@app.task(name=jobs.LEARN_VECTORS, bind=True, max_retries=None, soft_time_limit=_LONG, time_limit=_LONG)
def vectors(task: Task) -> None:
    """Word vectors and weights for every corpus that has grown enough, in a new generation."""
    container().vectors.renew_grown()
