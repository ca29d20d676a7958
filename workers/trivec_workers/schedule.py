"""What beat sends, and when."""

from datetime import timedelta

from trivec import jobs
from trivec.settings import Settings

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def schedule(settings: Settings) -> dict[str, dict[str, object]]:
    """Celery's schedule. What could not run in time is dropped: the next one does the same."""
    reconcile = timedelta(seconds=settings.reconcile_after_seconds)
    return {
        jobs.RECONCILE: _every(jobs.RECONCILE, reconcile, queue=jobs.INGEST, expires=4 * reconcile),
        jobs.SNAPSHOT: _every(jobs.SNAPSHOT, DAY, queue=jobs.LEARN, expires=DAY),
        jobs.LEARN_VECTORS: _every(jobs.LEARN_VECTORS, 7 * DAY, queue=jobs.LEARN, expires=DAY),
        jobs.LEARN_FUSION: _every(jobs.LEARN_FUSION, DAY, queue=jobs.LEARN, expires=DAY),
        jobs.LEARN_TAXONOMY: _every(jobs.LEARN_TAXONOMY, DAY, queue=jobs.LEARN, expires=DAY),
        jobs.INSIGHTS_MAP: _every(jobs.INSIGHTS_MAP, DAY, queue=jobs.INSIGHT, expires=DAY),
        jobs.INSIGHTS_ANOMALIES: _every(jobs.INSIGHTS_ANOMALIES, HOUR, queue=jobs.INSIGHT, expires=HOUR),
        jobs.INSIGHTS_TRENDS: _every(jobs.INSIGHTS_TRENDS, DAY, queue=jobs.INSIGHT, expires=DAY),
    }


def _every(task: str, period: timedelta, *, queue: str, expires: timedelta) -> dict[str, object]:
    options = {"queue": queue, "expires": expires.total_seconds(), "priority": jobs.UPKEEP}
    return {"task": task, "schedule": period, "options": options}
