"""The queue as seen from both sides: names of tasks and queues, Celery's configuration, and a producer.

The producer needs no worker code. Messages are JSON: ids and plain values, never documents.
"""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING

from trivec.errors import Unavailable

if TYPE_CHECKING:
    from celery import Celery
    from redis import Redis

INGEST, LEARN, INSIGHT = "ingest", "learn", "insight"
QUEUES = (INGEST, LEARN, INSIGHT)

INGEST_READ = "ingest.read"
INGEST_PREPARE = "ingest.prepare"
INGEST_BATCH = "ingest.batch"
LEARN_VECTORS = "learn.vectors"
LEARN_FUSION = "learn.fusion"
LEARN_TAXONOMY = "learn.taxonomy"
LEARN_RUN = "learn.run"
INSIGHTS_MAP = "insights.map"
INSIGHTS_ANOMALIES = "insights.anomalies"
INSIGHTS_TRENDS = "insights.trends"
RECONCILE = "maintenance.reconcile"
SNAPSHOT = "maintenance.snapshot"

# Redis lists by priority, the lowest number first: upkeep overtakes batches, which fill the queue for hours.
PRIORITY_STEPS = (0, 3, 6, 9)
UPKEEP, SOON, BULK = 0, 3, 6
_SEPARATOR = "\x06\x16"

# After `kill -9` a message waits this long before Redis hands it out again. The ledger does not wait for it; long
# trainings are claimed, so that a second delivery of theirs finds the claim taken and returns.
VISIBILITY_SECONDS = 3600


def configuration(redis_url: str) -> dict[str, object]:
    """Celery's settings, the same for producers, workers and beat."""
    return {
        "broker_url": redis_url,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "broker_transport_options": {
            "visibility_timeout": VISIBILITY_SECONDS,
            "priority_steps": list(PRIORITY_STEPS),
            "sep": _SEPARATOR,
            "socket_timeout": 5,
            "socket_connect_timeout": 3,
            "health_check_interval": 10,
        },
        "task_default_queue": INGEST,
        "task_default_priority": SOON,
        "task_create_missing_queues": True,
        "task_serializer": "json",
        "result_serializer": "json",
        "accept_content": ["json"],
        "task_ignore_result": True,
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "worker_prefetch_multiplier": 1,
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        "enable_utc": True,
        "timezone": "UTC",
    }


class Producer:
    """Sends tasks and looks at what waits. It fails fast: the ledger keeps what could not be sent."""

    def __init__(self, redis_url: str) -> None:
        self.redis_url = redis_url

    @cached_property
    def _celery(self) -> Celery:
        from celery import Celery

        app = Celery("trivec", set_as_current=False)
        app.conf.update(configuration(self.redis_url))
        return app

    @cached_property
    def _redis(self) -> Redis:
        from redis import Redis

        return Redis.from_url(self.redis_url, socket_timeout=5, socket_connect_timeout=3)

    def send(self, task: str, *args: str | int, queue: str = INGEST, task_id: str = "", priority: int = SOON) -> None:
        """Puts a task on a queue.

        Raises:
            Unavailable: Redis does not answer.
        """
        from kombu.exceptions import OperationalError
        from redis.exceptions import RedisError

        try:
            self._redis.ping()  # Celery's own connection takes six seconds to find out
            self._celery.send_task(
                task, args=args, queue=queue, task_id=task_id or None, priority=priority, retry=False
            )
        except (OperationalError, RedisError, OSError) as error:
            raise Unavailable(f"the queue does not answer ({error}): start Redis, or `trivec up`") from error

    def waiting(self, queue: str = INGEST) -> set[str]:
        """Ids of the tasks on a queue that no worker has taken yet.

        Raises:
            Unavailable: Redis does not answer.
        """
        from redis.exceptions import RedisError

        names = [f"{queue}{_SEPARATOR}{step}" if step else queue for step in PRIORITY_STEPS]
        try:
            messages = [message for name in names for message in self._redis.lrange(name, 0, -1)]
        except RedisError as error:
            raise Unavailable(f"the queue does not answer ({error}): start Redis, or `trivec up`") from error
        return {json.loads(message)["headers"]["id"] for message in messages}
