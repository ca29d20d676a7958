"""Tasks that look at corpora: on schedule, what has enough that is new is submitted as a learning job."""

from trivec import jobs
from trivec_workers.app import app, container


@app.task(name=jobs.INSIGHTS_MAP)
def map_() -> None:
    """Submits a map for every corpus in which enough is new, or in which documents wait for their place."""
    container().learning.submit_due("map")


@app.task(name=jobs.INSIGHTS_ANOMALIES)
def anomalies() -> None:
    """Submits the search for anomalies where passages wait for their score, or enough is new to learn again."""
    container().learning.submit_due("anomalies")


@app.task(name=jobs.INSIGHTS_TRENDS)
def trends() -> None:
    """Submits a report of trends where one can be made, and would hold something new."""
    container().learning.submit_due("trends")
