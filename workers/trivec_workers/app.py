"""The Celery application of the workers and of beat: `celery -A trivec_workers.app worker -Q ingest,learn,insight`.

One process per worker by default: ONNX Runtime uses all cores by itself (TRIVEC_THREADS). Models are loaded in the
child process at its first batch, never before the fork.
"""

import logging
from functools import cache
from typing import TYPE_CHECKING

from celery import Celery

from trivec import jobs
from trivec.settings import Settings
from trivec_workers.schedule import schedule

if TYPE_CHECKING:
    from trivec.services.container import Container

TASKS = [f"trivec_workers.tasks.{room}" for room in ("ingest", "learn", "insights", "maintenance")]
_CHILD_KIB = 6 * 1024 * 1024  # a child that has grown beyond this is replaced after its task


def create(settings: Settings) -> Celery:
    """The application for these settings."""
    app = Celery("trivec", include=TASKS)
    app.conf.update(jobs.configuration(settings.redis_url.get_secret_value()))
    app.conf.update(
        worker_concurrency=1,
        worker_max_memory_per_child=_CHILD_KIB,
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
        task_soft_time_limit=30 * 60,
        task_time_limit=35 * 60,
        beat_scheduler="redbeat.RedBeatScheduler",
        beat_max_loop_interval=5,
        beat_schedule=schedule(settings),
        redbeat_redis_url=settings.redis_url.get_secret_value(),
        # A killed beat holds its lock this long, and no longer; the default is 25 minutes.
        redbeat_lock_timeout=30,
    )
    return app


@cache
def container() -> "Container":
    """The services of this process, put together at the first task."""
    from trivec.services.container import Container

    return Container(Settings())


logging.getLogger("httpx").setLevel(logging.WARNING)  # it would tell of every request to Qdrant
app = create(Settings())
