"""From the ledger to the queue: a bounded window of each job's work is in flight, and what got lost is sent again.

Work is lost when it was sent, is due, waits in no queue, and nobody has claimed it: its worker was killed, or Redis
lost it. The ledger alone decides, so that no message is ever needed to finish a job.
"""

import time
from collections.abc import Sequence

from trivec import jobs
from trivec.errors import Unavailable
from trivec.services import spool
from trivec.services.job import PREPARE, READ, Job

_TASKS = {READ: jobs.INGEST_READ, PREPARE: jobs.INGEST_PREPARE}


class Dispatcher:
    """Sends work, ends jobs.

    Args:
        producer: of tasks.
        in_flight: batches of one job in the queue or being worked on, at most.
        lost_after: seconds after which work that is nowhere to be seen counts as lost.
    """

    def __init__(self, producer: jobs.Producer, *, in_flight: int, lost_after: float) -> None:
        self._producer = producer
        self._in_flight = in_flight
        self._lost_after = lost_after

    def dispatch(self, job: Job) -> bool:
        """Sends what should be in flight and is not; ends the job when nothing is left.

        Returns:
            Whether the queue answered; if not, a later call sends the same.
        """
        with spool.claim(job.folder / "dispatch.lock", create=True, patience=5.0) as mine:
            if not mine or job.checkpoint.finished_at or _conclude(job):
                return True
            try:
                for unit in self._missing(job):
                    self._send(job, unit)
            except Unavailable:
                return False
        return True

    def ask(self, task: str, *, queue: str) -> None:
        """Sends a task that belongs to no job.

        Raises:
            Unavailable: the queue does not answer.
        """
        if task not in self._producer.waiting(queue):
            self._producer.send(task, queue=queue, task_id=task)

    def _missing(self, job: Job) -> list[str]:
        if job.cancelled:
            return []
        wanted = [*_stages(job), *(job.pending() if job.ready else ())]
        sent = job.sent()
        lost = self._lost(job, [unit for unit in wanted if unit in sent], due=sent)
        new = [unit for unit in wanted if unit not in sent]
        room = self._in_flight - (len(wanted) - len(new) - len(lost))
        return (lost + new)[: max(0, room)]

    def _lost(self, job: Job, units: Sequence[str], *, due: dict[str, float]) -> list[str]:
        overdue = [unit for unit in units if due[unit] + self._lost_after < time.time()]
        if not overdue:
            return []
        waiting = self._producer.waiting()
        missing = [unit for unit in overdue if task_id(job, unit) not in waiting]
        return [unit for unit in missing if not spool.claimed(job.lock(unit))]

    def _send(self, job: Job, unit: str) -> None:
        task, name = _TASKS.get(unit, jobs.INGEST_BATCH), task_id(job, unit)
        arguments = (job.id,) if unit in _TASKS else (job.id, unit)
        self._producer.send(task, *arguments, task_id=name, priority=jobs.SOON if unit in _TASKS else jobs.BULK)
        job.mark_sent(unit)


def task_id(job: Job, unit: str) -> str:
    """The id of the task that does a unit of work, so that it can be found in the queue."""
    return f"{job.id}:{unit}"


def _stages(job: Job) -> list[str]:
    if not job.cursor.complete:
        return [READ]
    return [] if job.ready else [PREPARE]


def _conclude(job: Job) -> bool:
    """Ends the job if it has nothing left to do; true if it ended."""
    cursor = job.cursor
    if job.cancelled:
        at_work = [unit for unit in (READ, PREPARE, *job.pending()) if spool.claimed(job.lock(unit))]
        if not at_work:
            job.finish("cancelled", "stopped on request; what was stored stays")
        return not at_work
    if not cursor.complete or job.pending() or not (job.ready or not cursor.documents):
        return False
    settled = job.settled().settled
    if settled != cursor.documents:
        job.finish("failed", f"{cursor.documents} documents were read but {settled} are accounted for; ingest again")
    elif cursor.error:
        job.finish("failed", f"reading stopped: {cursor.error}; the {settled} documents before it are settled")
    else:
        job.finish("done", "" if settled else "the source holds no documents")
    return True
