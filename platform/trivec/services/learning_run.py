"""One run of a learning job: claimed, told about, stopped when asked, ended one way or another.

A learner that fails ends its job. A service that is away, or somebody else at work on the same corpus, is waited for,
not for ever. A worker that dies costs a try, and tries count again as soon as a later run gets further.
"""

import logging
import random
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from trivec.errors import Cancelled, Conflict, TrivecError, Unavailable
from trivec.learning.base import Progress
from trivec.records import Scalar
from trivec.services.job_records import now
from trivec.services.learning_jobs import LearningJob
from trivec.services.learning_records import Runs, Step

# Corpus, parameters, checkpoint folder and progress in; plain values (reference, verdict, metrics) out.
Work = Callable[[str, Mapping[str, Scalar], Path, Progress], Mapping[str, Any]]

_logger = logging.getLogger(__name__)

_PASSING = (Unavailable, Conflict)  # nobody's fault, and somebody will mend it
_WAITS = 60  # that long about an hour; then something is wrong that waiting does not mend
_SLOWEST_WAIT = 60.0  # seconds
_TOLD_EVERY = 0.5  # seconds
_FURTHER = 0.01  # of the whole work: what counts as having got further


def run(job: LearningJob, work: Work, *, tell: Progress, tries: int) -> float | None:
    """Works on a job unless somebody else does.

    Args:
        job: to work on.
        work: what its kind means.
        tell: told of every step, besides the job's own files.
        tries: runs that may die at the same point before the job has failed.

    Returns:
        Seconds to wait before running it again, or None: it has ended, or is somebody else's.
    """
    with job.claim() as mine:
        if not mine or job.ending:
            return None
        if job.cancelled:
            job.finish("cancelled")
            return None
        before = job.runs
        if before.tries >= tries:
            job.finish("failed", error=f"{before.tries} runs died, none of them beyond {before.furthest:.0%}")
            return None
        begun = replace(before, tries=before.tries + 1, started_at=before.started_at or now(), reason="")
        job.set_runs(begun)
        return _attempt(job, work, _Watch(job, tell))


def _attempt(job: LearningJob, work: Work, watch: "_Watch") -> float | None:
    order = job.order
    try:
        job.finish("done", result=work(order.corpus, order.parameters, job.checkpoint, watch))
    except Cancelled:
        job.finish("cancelled")
    except _PASSING as error:
        return _postpone(job, str(error))
    except TrivecError as error:
        job.finish("failed", error=str(error))
    except (KeyboardInterrupt, SystemExit):  # broken off by hand, to go on later
        job.set_runs(_untried(job.runs))
        raise
    except Exception as error:  # a learner's fault must not be tried for ever
        _logger.exception("learning job %s failed", job.id)
        job.finish("failed", error=f"{type(error).__name__}: {error}")
    return None


def _postpone(job: LearningJob, reason: str) -> float | None:
    runs = _untried(job.runs)
    if runs.waits >= _WAITS:
        job.finish("failed", error=f"gave up after {runs.waits} waits: {reason}")
        return None
    job.set_runs(replace(runs, waits=runs.waits + 1, reason=reason))
    seconds = min(_SLOWEST_WAIT, 2.0**runs.waits) * random.uniform(0.5, 1.0)  # noqa: S311
    if job.queued is not None:
        job.mark_queued(time.time() + seconds)
    return seconds


def _untried(runs: Runs) -> Runs:
    return replace(runs, tries=runs.tries - 1)


class _Watch:
    """Writes down how far a run is, now and then, and stops it when somebody asked for that."""

    def __init__(self, job: LearningJob, tell: Progress) -> None:
        self._job = job
        self._tell = tell
        self._told_at = 0.0
        self._kind_of_step = ""
        self._runs = job.runs

    def __call__(self, doing: str, share: float) -> None:
        if self._job.cancelled:
            raise Cancelled(f"learning job {self._job.id} was cancelled")
        share = min(1.0, max(0.0, share))
        self._tell(doing, share)
        kind_of_step = re.sub(r"[0-9.,]+", "#", doing)  # a new number is no new step
        if kind_of_step != self._kind_of_step or time.monotonic() - self._told_at > _TOLD_EVERY:
            self._kind_of_step, self._told_at = kind_of_step, time.monotonic()
            self._job.set_step(Step(doing, share))
            self._note_advance(share)

    def _note_advance(self, share: float) -> None:
        if share > self._runs.furthest + _FURTHER:
            self._runs = replace(self._runs, tries=1, waits=0, furthest=share)
            self._job.set_runs(self._runs)
