"""The ledger: a folder per job that outlives Redis, workers and the node. Promises go in, statuses come out.

jobs/20261122T101500-1f3a9c/
    job.json            what was asked for
    cursor.json         how far the source is read
    rejects.jsonl       rows that could not become documents
    round-0/            a retry begins the next round
        batches/000001.zst      documents that are promised; whoever works on a batch locks it
        attempts/000001.json    what was tried on it
        sent/000001             sent to the queue; its time is when it is due
        outcomes/000001-120-8-0 settled: 120 stored, 8 skipped, 0 failed
        aside/000001.0.1.json   a document that could not be stored, and why
    checkpoint.json     what earlier rounds came to, and how it ended
"""

import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from trivec.errors import NotFound
from trivec.records import JobState, JobStatus
from trivec.services import job_folder, spool
from trivec.services.job import PREPARE, READ, Job
from trivec.services.job_records import Checkpoint, Counts, Cursor, Manifest, as_json, now
from trivec.services.spool import Json


class Ledger:
    """All jobs. Several processes, and machines that share the folder, may use it at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def create(
        self,
        corpus: str,
        *,
        path: Path | None = None,
        source: str = "",
        mapping: Json | None = None,
        adopt: bool = False,
        fill: Callable[[Job], None] | None = None,
    ) -> Job:
        """Accepts a job: it is there whole, or not at all.

        Args:
            corpus: where the documents go.
            path: what to read, or None when `fill` spools the documents.
            source: name for documents without a source of their own.
            mapping: columns by field.
            adopt: move the file into the job's folder; it is removed when the job ends.
            fill: writes into the job before anybody sees it.
        """
        at = now()
        job_id = f"{at:%Y%m%dT%H%M%S}{at.microsecond // 1000:03}-{secrets.token_hex(3)}"
        draft, folder = self.folder / f".{job_id}", self.folder / job_id
        draft.mkdir(parents=True)
        try:
            manifest = Manifest(job_id, corpus, str(path.resolve()) if path else "", source, mapping, at, adopt)
            if path and adopt:
                shutil.move(path, draft / path.name)
                manifest = Manifest(job_id, corpus, str(folder / path.name), source, mapping, at, adopt)
            spool.write_json(draft / "job.json", as_json(manifest))
            if fill:
                fill(Job(draft))
            draft.rename(folder)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        spool.sync_folder(self.folder)
        return Job(folder)

    def job(self, job_id: str) -> Job:
        """The job of that id.

        Raises:
            NotFound: there is none.
        """
        job = Job(self.folder / job_id)
        if "/" in job_id or job_id.startswith(".") or job.manifest.id != job_id:
            raise NotFound(f"there is no job {job_id!r}")
        return job

    def jobs(self) -> list[Job]:
        """Every job, oldest first."""
        return [Job(folder) for folder in job_folder.folders(self.folder)]

    def unfinished(self) -> list[Job]:
        """Jobs that still have work to do, oldest first."""
        return [job for job in self.jobs() if job.checkpoint.finished_at is None]

    def corpus_lock(self, corpus: str) -> Path:
        """The file to claim before making a generation of a corpus."""
        folder = self.folder / ".corpora"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{corpus}.lock"


@dataclass(frozen=True)
class _Pace:
    """Documents per second of the round under way, and how long the rest will take."""

    per_second: float
    seconds_left: float | None


def status(job: Job) -> JobStatus:
    """Where a job stands, derived from its files."""
    manifest, cursor, checkpoint = job.manifest, job.cursor, job.checkpoint
    this_round = Counts() if checkpoint.finished_at else sum((o.counts for o in job.outcomes()), Counts())
    counts = checkpoint.counts + this_round
    pace = _pace(job, checkpoint, this_round, remaining=cursor.documents - counts.settled, complete=cursor.complete)
    return JobStatus(
        id=manifest.id,
        corpus=manifest.corpus,
        state=_state(job, cursor, checkpoint),
        read=cursor.documents,
        stored=counts.stored,
        skipped=counts.skipped,
        rejected=cursor.rejected,
        failed=counts.failed,
        started_at=manifest.submitted_at,
        finished_at=checkpoint.finished_at,
        documents_per_second=pace.per_second,
        seconds_left=pace.seconds_left,
        message=checkpoint.message if checkpoint.finished_at else _doing(job, cursor),
    )


def _state(job: Job, cursor: Cursor, checkpoint: Checkpoint) -> JobState:
    if checkpoint.finished_at:
        return checkpoint.state
    if job.cancelled:
        return "cancelled"
    if not cursor.complete:
        return "reading"
    return "running" if job.ready else "training"


def _doing(job: Job, cursor: Cursor) -> str:
    if job.cancelled:
        return "stopping after the batch under way"
    unit = READ if not cursor.complete else PREPARE
    if trouble := job.trouble():
        return f"waiting: {trouble}"
    if job.ready and cursor.complete:
        return "encoding and storing"
    if unit not in job.sent():
        return "waiting: the queue did not answer; it is sent as soon as Redis does"
    if not spool.claimed(job.lock(unit)):
        return "waiting for a worker"
    return "reading" if unit == READ else job.progress or "preparing the corpus"


def _pace(job: Job, checkpoint: Checkpoint, done: Counts, *, remaining: int, complete: bool) -> _Pace:
    if checkpoint.finished_at:
        return _Pace(checkpoint.counts.settled / checkpoint.seconds if checkpoint.seconds else 0.0, 0.0)
    since = job.ready
    seconds = now().timestamp() - since if since else 0.0
    if seconds <= 0 or not done.settled:
        return _Pace(0.0, None)
    rate = done.settled / seconds
    return _Pace(rate, remaining / rate if complete else None)
