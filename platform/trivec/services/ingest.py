"""Ingestion: a file or folder becomes a job, the job becomes batches, the batches end in the store.

Everything promised is in the ledger first; Redis only carries who should do what next. Every method may be called
again, by anybody, at any time.
"""

import random
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from trivec import jobs
from trivec.errors import BadInput, Conflict, MissingExtra, NotAllowed, NotFound, TrivecError, Unavailable
from trivec.records import JobStatus
from trivec.services import ledger as ledgers
from trivec.services import spool
from trivec.services.batches import Batch, BatchWriter
from trivec.services.dispatch import Dispatcher
from trivec.services.job import PREPARE, READ, Job
from trivec.services.job_records import Attempts, SetAside
from trivec.services.ledger import Ledger
from trivec.services.reading import Source, read
from trivec.services.vectors import VectorsService

if TYPE_CHECKING:
    from trivec.sources.mapping import ColumnMapping

_PASSING = (Unavailable, Conflict, NotAllowed, MissingExtra)  # no document's fault, and somebody will mend it
_DIED = "the worker died of it"
_SLOWEST_RETRY = 60.0  # seconds
_SLOWEST_WAIT = 10.0  # for a service that is away: its return should not go unnoticed for long


class _Cancelled(Exception):
    """Breaks off a training in which nobody looks whether its job was cancelled."""


class IngestService:
    """What people and workers do with ingestion jobs.

    Args:
        ledger: of the jobs.
        dispatcher: to the queue.
        writer: of batches.
        vectors: makes a corpus's first generation.
        source: opens what is to be read.
        batch_documents: documents in a batch.
        batch_tries: runs of a batch before the documents that break it are cornered and set aside.
    """

    def __init__(
        self,
        ledger: Ledger,
        dispatcher: Dispatcher,
        *,
        writer: BatchWriter,
        vectors: VectorsService,
        source: Source,
        batch_documents: int,
        batch_tries: int,
    ) -> None:
        self._ledger = ledger
        self._dispatcher = dispatcher
        self._writer = writer
        self._vectors = vectors
        self._source = source
        self._batch_documents = batch_documents
        self._batch_tries = batch_tries

    # For people

    def submit(
        self,
        path: Path,
        *,
        corpus: str,
        mapping: "ColumnMapping | None" = None,
        source: str | None = None,
        adopt: bool = False,
    ) -> JobStatus:
        """Promises to read a file or folder into a corpus, and returns at once. Without Redis the job waits for it.

        Args:
            path: has to stay until it is read, unless it is adopted.
            corpus: made if it does not exist.
            mapping: columns by field; None guesses them.
            source: name of the source; None leaves it to the reader (the file's name).
            adopt: the file becomes the job's, which removes it at the end (uploads, machines without the path).

        Raises:
            BadInput: an impossible corpus name, or a path that does not exist.
        """
        from trivec.store.names import check_corpus

        check_corpus(corpus)
        if not path.exists():
            raise BadInput(f"{path} does not exist: give a file or folder that this machine can read")
        columns = asdict(mapping) if mapping else None
        job = self._ledger.create(corpus, path=path, source=source or "", mapping=columns, adopt=adopt)
        self._dispatcher.dispatch(job)
        return ledgers.status(job)

    def status(self, job_id: str) -> JobStatus:
        """Where a job stands.

        Raises:
            NotFound: there is no such job.
        """
        return ledgers.status(self._ledger.job(job_id))

    def jobs(self) -> list[JobStatus]:
        """Where every job stands, oldest first."""
        return [ledgers.status(job) for job in self._ledger.jobs()]

    def cancel(self, job_id: str) -> JobStatus:
        """Stops a job after the batches under way; what is stored stays.

        Raises:
            Conflict: it ended already.
        """
        job = self._ledger.job(job_id)
        if job.checkpoint.finished_at:
            raise Conflict(f"job {job_id} ended already: it is {job.checkpoint.state}")
        job.cancel()
        self._dispatcher.dispatch(job)
        return ledgers.status(job)

    def retry_failed(self, job_id: str) -> JobStatus:
        """Tries again the documents that were set aside.

        Raises:
            Conflict: the job is still running, or nothing was set aside.
        """
        job = self._ledger.job(job_id)
        if not job.checkpoint.finished_at:
            raise Conflict(f"job {job_id} is still running: wait for its end, or cancel it")
        if not job.aside():
            raise Conflict(f"job {job_id} has no document that was set aside; to ingest its source again, submit it")
        job.reopen(batch_documents=self._batch_documents)
        job.mark_ready()
        self._dispatcher.dispatch(job)
        return ledgers.status(job)

    def rejects(self, job_id: str) -> Path:
        """JSON lines of the rows that could not become documents; created empty when there are none."""
        path = self._ledger.job(job_id).rejects
        path.touch()
        return path

    def set_aside(self, job_id: str) -> list[SetAside]:
        """The documents that could not be stored, and why."""
        return self._ledger.job(job_id).aside()

    # For workers

    def read(self, job_id: str) -> float | None:
        """Reads a job's source into batches; returns the seconds to wait before trying again, or None."""
        return self._work(job_id, READ, self._read)

    def prepare(self, job_id: str) -> float | None:
        """Makes sure that the corpus has a generation, trained on the job's documents if they are enough."""
        return self._work(job_id, PREPARE, self._prepare)

    def process(self, job_id: str, batch: str) -> float | None:
        """Stores a batch; returns the seconds to wait before trying again, or None."""
        return self._work(job_id, batch, lambda job: self._store(job, batch))

    def reconcile(self) -> int:
        """Sends again what got lost, ends what is complete; returns how many jobs are unfinished."""
        unfinished = self._ledger.unfinished()
        for job in unfinished:
            if not self._dispatcher.dispatch(job):
                raise Unavailable("the queue does not answer: start Redis; nothing is lost")
        return len(unfinished)

    def _work(self, job_id: str, unit: str, action: Callable[[Job], None]) -> float | None:
        try:
            job = self._ledger.job(job_id)
        except NotFound:  # its folder was removed
            return None
        with self._claim(job, unit) as mine:
            over = not mine or job.cancelled or job.checkpoint.finished_at
            wait = None if over else self._attempt(job, unit, action)
        if wait is None:
            self._dispatcher.dispatch(job)
            if not over and job.checkpoint.finished_at:
                self._follow_growth(job.manifest.corpus)
        return wait

    def _follow_growth(self, corpus: str) -> None:
        """Asks for new vectors when the corpus outgrew those it has; where that fails, the schedule asks later."""
        with suppress(Unavailable, NotFound):
            if self._vectors.wants_renewal(corpus):
                self._dispatcher.ask(jobs.LEARN_VECTORS, queue=jobs.LEARN)

    @staticmethod
    def _claim(job: Job, unit: str) -> AbstractContextManager[bool]:
        return spool.claim(job.lock(unit), create=unit in (READ, PREPARE))

    def _attempt(self, job: Job, unit: str, action: Callable[[Job], None]) -> float | None:
        """Runs an action. A service that is away costs nothing; anything else costs a try, dying most of all."""
        before = job.attempts(unit)
        if before.tries >= self._batch_tries:
            self._give_up(job, unit, before.reason)
            return None
        job.set_attempts(unit, replace(before, tries=before.tries + 1, reason=_DIED))
        try:
            action(job)
        except _Cancelled:
            return None
        except _PASSING as error:
            again = replace(job.attempts(unit), tries=before.tries, waits=before.waits + 1, reason=str(error))
            return self._postpone(job, unit, again, _backoff(again.waits, slowest=_SLOWEST_WAIT))
        except NotFound as error:
            job.finish("failed", str(error))
        except Exception as error:  # noqa: BLE001  a document may break anything; the others go on
            again = replace(job.attempts(unit), reason=_reason(error))
            if again.tries < self._batch_tries:
                return self._postpone(job, unit, again, _backoff(again.tries, slowest=_SLOWEST_RETRY))
            self._give_up(job, unit, again.reason)
        return None

    def _postpone(self, job: Job, unit: str, attempts: Attempts, seconds: float) -> float:
        job.set_attempts(unit, attempts)
        job.mark_sent(unit, delay=seconds)
        return seconds

    def _give_up(self, job: Job, unit: str, reason: str) -> None:
        """Corners what breaks a batch by halving it; a source or a training that fails ends its job."""
        if unit == READ:
            job.set_cursor(replace(job.cursor, complete=True, error=reason))
        elif unit == PREPARE:
            job.finish("failed", f"the corpus could not be prepared: {reason}")
        elif len(documents := job.documents(unit)) > 1:
            job.split(unit)
        else:
            job.set_aside(unit, documents[0], reason)

    def _read(self, job: Job) -> None:
        """A reader that gets on is not what kills its workers, however often somebody stops them."""

        def spooled() -> None:
            if job.attempts(READ).tries > 1:
                job.set_attempts(READ, Attempts(tries=1, reason=_DIED))
            self._dispatcher.dispatch(job)

        if self._vectors.serves(job.manifest.corpus):
            job.mark_ready()
        try:
            read(
                job,
                self._source,
                batch_documents=self._batch_documents,
                spooled=spooled,
            )
        except (BadInput, NotFound) as error:
            job.set_cursor(replace(job.cursor, complete=True, error=str(error)))

    def _prepare(self, job: Job) -> None:
        cursor, corpus = job.cursor, job.manifest.corpus

        def progress(message: str) -> None:
            if job.cancelled:
                raise _Cancelled
            job.set_progress(message)

        if cursor.documents:
            self._vectors.begin(corpus, job.spooled, count=cursor.documents, progress=progress)
        for waiting in self._ledger.unfinished():
            if waiting.manifest.corpus == corpus:
                waiting.mark_ready()
                self._dispatcher.dispatch(waiting)

    def _store(self, job: Job, batch: str) -> None:
        documents, attempts, manifest = job.documents(batch), job.attempts(batch), job.manifest

        def looked(unchanged: tuple[str, ...]) -> None:
            job.set_attempts(batch, replace(attempts, unchanged=unchanged))

        given = Batch(manifest.corpus, documents, manifest.submitted_at, attempts.unchanged)
        job.settle(batch, self._writer.write(given, looked=looked))


def _backoff(times: int, *, slowest: float) -> float:
    """Seconds before the next run: doubled each time, and scattered so that not everybody comes back at once."""
    return min(slowest, 2.0 ** (times - 1)) * random.uniform(0.5, 1.0)  # noqa: S311


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, TrivecError) else f"{type(error).__name__}: {error}"
