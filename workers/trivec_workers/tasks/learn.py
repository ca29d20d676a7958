"""Tasks that learn: on schedule, what has enough that is new is submitted; a submitted job is run.

A job is claimed by whoever runs it, so that a second delivery returns at once, and is taken up where it broke off.
"""

from celery import Task

from trivec import jobs
from trivec_workers.app import app, container
from trivec_workers.retrying import LONG, again


@app.task(name=jobs.LEARN_VECTORS)
def vectors() -> None:
    """Submits word vectors for every corpus that has grown enough."""
    container().learning.submit_due("vectors")


@app.task(name=jobs.LEARN_FUSION)
def fusion() -> None:
    """Submits the fusion network for every corpus in which enough is new."""
    container().learning.submit_due("fusion")


@app.task(name=jobs.LEARN_TAXONOMY)
def taxonomy() -> None:
    """Submits the classifier for every corpus in which enough labels are new."""
    container().learning.submit_due("taxonomy")


@app.task(name=jobs.LEARN_RUN, bind=True, max_retries=None, soft_time_limit=LONG, time_limit=LONG)
def run(task: Task, job_id: str) -> None:
    """Runs a learning job."""
    again(task, container().learning.run(job_id))
