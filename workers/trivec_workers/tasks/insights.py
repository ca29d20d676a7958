"""Tasks that look at corpora: on schedule, what has enough that is new is submitted as a learning job."""

from trivec import jobs
from trivec_workers.app import app, container


@app.task(name=jobs.INSIGHTS_TRENDS)
def trends() -> None:
    """Submits a report of trends for every corpus that has grown."""
    container().learning.submit_due("trends")
