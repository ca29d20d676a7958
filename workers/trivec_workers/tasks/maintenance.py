"""Tasks that keep things in order."""

from trivec import jobs
from trivec_workers.app import app, container


@app.task(name=jobs.RECONCILE)
def reconcile() -> None:
    """Sends again what the queue lost; see `services.dispatch` and `services.learning`."""
    container().ingest.reconcile()
    container().learning.reconcile()


@app.task(name=jobs.SNAPSHOT)
def snapshot() -> None:
    """Snapshots what serves, drops what is too old."""
    container().maintenance.snapshot()
