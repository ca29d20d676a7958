"""Long learning work as folders that outlive Redis and workers: what was asked for, how far it is, how it ended.

learning/20261122T101500123-1f3a9c/
    job.json        what was asked for
    queued          it is the workers' business; its time is when it was sent, or is to be
    run.lock        held by the process that works on it: the kernel takes it back from the dead
    runs.json       what became of the runs so far
    step.json       where the present run is
    checkpoint/     the learner's own: what a later run resumes from
    cancelled       somebody asked to stop it
    ending.json     how it ended
"""

import os
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from trivec.errors import NotFound, Unavailable
from trivec.records import LearningKind, LearningState, Scalar
from trivec.services import job_folder, spool
from trivec.services.job_folder import JobFolder
from trivec.services.job_records import now
from trivec.services.learning_records import (
    Ending,
    LearningStatus,
    Order,
    Runs,
    Step,
    as_json,
)

_KEPT = 20  # ended jobs of each kind and corpus


class LearningJob(JobFolder):
    """One piece of learning, as its folder says."""

    @cached_property
    def order(self) -> Order:
        """What was asked for.

        Raises:
            NotFound: there is no such job.
        """
        fields = spool.read_json(self.folder / "job.json")
        if fields is None:
            raise NotFound(f"there is no learning job {self.id!r}; `GET /v1/learning` lists those that are")
        return Order.parse(fields)

    def claim(self) -> AbstractContextManager[bool]:
        """Holds the job for this process alone; yields whether it could."""
        return spool.claim(self.folder / "run.lock", create=True)

    @property
    def claimed(self) -> bool:
        """Whether some process works on it now."""
        return spool.claimed(self.folder / "run.lock")

    @property
    def queued(self) -> float | None:
        """When it was sent to the queue, or is to be, in seconds since the epoch; None: no worker is to have it."""
        try:
            return (self.folder / "queued").stat().st_mtime
        except FileNotFoundError:
            return None

    def mark_queued(self, due: float) -> None:
        """Makes it the workers' business."""
        path = self.folder / "queued"
        path.touch()
        os.utime(path, (due, due))

    @property
    def checkpoint(self) -> Path:
        """The folder that is the learner's own, made at its first use."""
        folder = self.folder / "checkpoint"
        folder.mkdir(exist_ok=True)
        return folder

    @property
    def runs(self) -> Runs:
        """What became of the runs so far."""
        fields = spool.read_json(self.folder / "runs.json")
        return Runs.parse(fields) if fields else Runs()

    def set_runs(self, runs: Runs) -> None:
        """Notes what became of the runs so far."""
        spool.write_json(self.folder / "runs.json", as_json(runs))

    @property
    def step(self) -> Step:
        """Where the present or last run is."""
        fields = spool.read_json(self.folder / "step.json")
        return Step(**fields) if fields else Step()

    def set_step(self, step: Step) -> None:
        """Says where the present run is."""
        spool.write_json(self.folder / "step.json", as_json(step))

    @property
    def ending(self) -> Ending | None:
        """How it ended, None until it has."""
        fields = spool.read_json(self.folder / "ending.json")
        return Ending.parse(fields) if fields else None

    def finish(self, state: LearningState, *, result: Mapping[str, Any] | None = None, error: str = "") -> None:
        """Ends the job: one file says how, then the checkpoint goes."""
        spool.write_json(self.folder / "ending.json", as_json(Ending(state, now(), dict(result or {}), error)))
        shutil.rmtree(self.folder / "checkpoint", ignore_errors=True)


class LearningLedger:
    """All learning jobs. Several processes, and machines that share the folder, may use it at once.

    Args:
        folder: of the jobs; made with the first one.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def open(
        self, kind: LearningKind, corpus: str, parameters: Mapping[str, Scalar], *, scheduled: bool = False
    ) -> LearningJob:
        """The unfinished job of this kind and corpus, else a new one."""
        with self._alone():
            for job in self.unfinished():
                if (job.order.kind, job.order.corpus) == (kind, corpus) and not job.cancelled:
                    return job
            self._forget_old(kind, corpus)
            return self._create(kind, corpus, parameters, scheduled)

    def job(self, job_id: str) -> LearningJob:
        """The job of that id.

        Raises:
            NotFound: there is none.
        """
        job = LearningJob(self.folder / job_id)
        if "/" in job_id or job_id.startswith(".") or job.order.id != job_id:
            raise NotFound(f"there is no learning job {job_id!r}")
        return job

    def jobs(self) -> list[LearningJob]:
        """Every job, oldest first."""
        return [LearningJob(folder) for folder in job_folder.folders(self.folder)]

    def unfinished(self) -> list[LearningJob]:
        """Jobs that have not ended, oldest first."""
        return [job for job in self.jobs() if job.ending is None]

    def _create(
        self, kind: LearningKind, corpus: str, parameters: Mapping[str, Scalar], scheduled: bool
    ) -> LearningJob:
        at = now()
        job_id = f"{at:%Y%m%dT%H%M%S}{at.microsecond // 1000:03}-{secrets.token_hex(3)}"
        draft = self.folder / f".{job_id}"
        draft.mkdir()
        spool.write_json(draft / "job.json", as_json(Order(job_id, kind, corpus, dict(parameters), at, scheduled)))
        draft.rename(self.folder / job_id)
        spool.sync_folder(self.folder)
        return LearningJob(self.folder / job_id)

    def _forget_old(self, kind: LearningKind, corpus: str) -> None:
        ended = [j for j in self.jobs() if (j.order.kind, j.order.corpus) == (kind, corpus) and j.ending is not None]
        for job in ended[:-_KEPT]:
            shutil.rmtree(job.folder, ignore_errors=True)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One process at a time looks for a job and makes it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with spool.claim(self.folder / ".open.lock", create=True, patience=10.0) as mine:
            if not mine:
                raise Unavailable(f"{self.folder} is busy: too many jobs are being submitted at once; try again")
            yield


def status(job: LearningJob) -> LearningStatus:
    """Where a job stands, derived from its files."""
    order, claimed = job.order, job.claimed  # looked at first: who lets go has written the ending before
    runs, ending = job.runs, job.ending
    step = job.step if claimed or ending else Step(_waits_for(job, runs), runs.furthest)
    if claimed and job.cancelled:
        step = Step("stopping", step.share)
    state: LearningState = ending.state if ending else "running" if claimed else "waiting"
    return LearningStatus(
        id=order.id,
        kind=order.kind,
        corpus=order.corpus,
        parameters=order.parameters,
        state=state,
        step="" if ending else step.doing,
        share=1.0 if state == "done" else step.share,
        submitted_at=order.submitted_at,
        started_at=runs.started_at,
        finished_at=ending.finished_at if ending else None,
        result=ending.result if ending else {},
        error=ending.error if ending else "",
    )


def _waits_for(job: LearningJob, runs: Runs) -> str:
    if runs.reason:
        return f"waiting: {runs.reason}"
    if (due := job.queued) is None:
        again = f"`trivec train {job.order.kind} --corpus {job.order.corpus}`"
        return f"broken off; {again} goes on" if runs.started_at else f"waiting for {again}"
    if not due:
        return "waiting: the queue did not answer; it is sent as soon as Redis does"
    return "waiting for a worker"


def is_due(job: LearningJob, *, lost_after: float) -> bool:
    """Whether a job should have been begun by a worker `lost_after` seconds ago."""
    due = job.queued
    return due is not None and due + lost_after < time.time()
