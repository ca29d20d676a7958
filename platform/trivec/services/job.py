"""One job's folder: what was promised, what came of it, and so where it stands.

Nothing is stored twice: pending batches are files, settled ones are empty files named by their counts, and the status
is a listing of both. See `ledger` for the layout.
"""

import os
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import orjson

from trivec.errors import Broken, NotFound
from trivec.records import Document, JobState, RejectedRow
from trivec.services import spool
from trivec.services.job_folder import JobFolder
from trivec.services.job_records import (
    Attempts,
    Checkpoint,
    Counts,
    Cursor,
    Manifest,
    Outcome,
    SetAside,
    as_json,
    now,
)

READ = "read"
PREPARE = "prepare"


class Job(JobFolder):
    """One ingestion, as its folder says."""

    @cached_property
    def manifest(self) -> Manifest:
        """What was asked for.

        Raises:
            NotFound: there is no such job.
        """
        fields = spool.read_json(self.folder / "job.json")
        if fields is None:
            raise NotFound(f"there is no job {self.id!r}; `GET /v1/jobs` lists those that are")
        return Manifest.parse(fields)

    # Reading

    @property
    def cursor(self) -> Cursor:
        """How far the source has been read."""
        fields = spool.read_json(self.folder / "cursor.json")
        return Cursor(**fields) if fields else Cursor()

    def set_cursor(self, cursor: Cursor) -> None:
        """Promises everything before the cursor."""
        spool.write_json(self.folder / "cursor.json", as_json(cursor))

    def add_batch(self, cursor: Cursor, lines: Sequence[bytes]) -> Cursor:
        """Spools the next batch and moves the cursor past it. A crash in between leaves a file that nobody reads."""
        number = cursor.batches + 1
        spool.write_documents(self._batch(f"{number:06}"), lines)
        moved = replace(cursor, batches=number, documents=cursor.documents + len(lines))
        self.set_cursor(moved)
        return moved

    @property
    def rejects(self) -> Path:
        """JSON lines, one `RejectedRow` each; the file may not exist."""
        return self.folder / "rejects.jsonl"

    def add_rejects(self, cursor: Cursor, rows: Sequence[RejectedRow]) -> Cursor:
        """Explains rows durably; the cursor returned counts them, and is to be set."""
        if not rows:
            return cursor
        with self.rejects.open("r+b" if self.rejects.exists() else "wb") as file:
            file.seek(cursor.rejects_bytes)
            file.truncate()
            file.writelines(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows)
            end = file.tell()
            file.flush()
            os.fsync(file.fileno())
        return replace(cursor, rejected=cursor.rejected + len(rows), rejects_bytes=end)

    # Batches

    def documents(self, batch: str) -> list[Document]:
        """Of a pending batch.

        Raises:
            FileNotFoundError: it is settled.
        """
        return spool.read_documents(self._batch(batch))

    def spooled(self) -> Iterator[Document]:
        """Every document that is spooled and not settled, in order."""
        for batch in self.pending():
            yield from self.documents(batch)

    def pending(self) -> list[str]:
        """Batches without an outcome, in order."""
        settled = {outcome.batch for outcome in self.outcomes()}
        names = {path.name.removesuffix(".zst") for path in self._files("batches") if path.suffix == ".zst"}
        limit = self.cursor.batches if self.checkpoint.round == 0 else len(names)
        return sorted(name for name in names - settled if int(name.partition(".")[0]) <= limit)

    def outcomes(self) -> list[Outcome]:
        """Of this round."""
        return [Outcome.parse(path.name) for path in self._files("outcomes")]

    def settled(self) -> Counts:
        """What came of all documents settled so far, in this round and before."""
        return sum((outcome.counts for outcome in self.outcomes()), self.checkpoint.counts)

    def settle(self, batch: str, counts: Counts) -> None:
        """Writes down what came of a batch, then lets go of its documents. Settling twice is settling once."""
        outcomes = self._round_folder("outcomes")
        if not any(Outcome.parse(path.name).batch == batch for path in outcomes.iterdir()):
            (outcomes / Outcome(batch, counts).name).touch()
            spool.sync_folder(outcomes)
        for path in (self._batch(batch), self._attempts(batch), self._sent(batch)):
            path.unlink(missing_ok=True)

    def set_aside(self, batch: str, document: Document, reason: str) -> None:
        """Settles a batch of one document that cannot be stored, keeping it and the reason for a retry."""
        path = self._round_folder("aside") / f"{batch}.json"
        spool.write(path, orjson.dumps({"reason": reason, "document": document}))
        self.settle(batch, Counts(failed=1))

    def split(self, batch: str) -> tuple[str, str]:
        """Replaces a batch by its halves, whose last try comes next, to corner the document that breaks it."""
        documents, attempts = self.documents(batch), self.attempts(batch)
        settled = {outcome.batch for outcome in self.outcomes()}
        middle = (len(documents) + 1) // 2
        names = (f"{batch}.0", f"{batch}.1")
        for name, part in zip(names, (documents[:middle], documents[middle:]), strict=True):
            if name not in settled:
                self.set_attempts(name, replace(attempts, tries=attempts.tries - 1))
                spool.write_documents(self._batch(name), [spool.document_line(document) for document in part])
        self.settle(batch, Counts())
        return names

    def attempts(self, batch: str) -> Attempts:
        """What was tried on a pending batch."""
        fields = spool.read_json(self._attempts(batch))
        return Attempts.parse(fields) if fields else Attempts()

    def set_attempts(self, batch: str, attempts: Attempts) -> None:
        """Notes what was tried."""
        spool.write_json(self._attempts(batch), as_json(attempts))

    def trouble(self) -> str:
        """What keeps the work under way from going on, or ""."""
        entries = (spool.read_json(path) for path in sorted(self._files("attempts")) if path.suffix == ".json")
        reasons = (str(entry["reason"]) for entry in entries if entry and entry["waits"])
        return next(reasons, "")

    def lock(self, unit: str) -> Path:
        """The file to claim before working on a batch, on reading, or on preparing."""
        return self.folder / f"{unit}.lock" if unit in (READ, PREPARE) else self._batch(unit)

    # What was sent to the queue

    def mark_sent(self, unit: str, *, delay: float = 0.0) -> None:
        """Notes that a unit of work was sent, to run in `delay` seconds."""
        path, due = self._sent(unit), time.time() + delay
        path.touch()
        os.utime(path, (due, due))

    def sent(self) -> dict[str, float]:
        """When each unit that was sent is due, in seconds since the epoch."""
        due = {}
        for path in self._files("sent"):
            try:
                due[path.name] = path.stat().st_mtime
            except FileNotFoundError:  # settled this moment by a worker
                continue
        return due

    # Beginning and end

    @property
    def ready(self) -> float | None:
        """Since when its documents may be stored (seconds since the epoch), or None: the corpus is not prepared."""
        try:
            return (self._round_folder() / "ready").stat().st_mtime
        except FileNotFoundError:
            return None

    def mark_ready(self) -> None:
        """The corpus has a generation to write to."""
        if self.ready is None:
            (self._round_folder() / "ready").touch()

    @property
    def progress(self) -> str:
        """What the preparation is doing."""
        return str((spool.read_json(self.folder / "progress.json") or {}).get("message", ""))

    def set_progress(self, message: str) -> None:
        """Says what the preparation is doing."""
        spool.write_json(self.folder / "progress.json", {"message": message})

    @property
    def checkpoint(self) -> Checkpoint:
        """What earlier rounds came to, and the end."""
        fields = spool.read_json(self.folder / "checkpoint.json")
        return Checkpoint.parse(fields) if fields else Checkpoint()

    def finish(self, state: JobState, message: str = "") -> None:
        """Ends the round: one file says how, then the spool goes. What was set aside stays."""
        checkpoint = self.checkpoint
        if checkpoint.finished_at is None:
            seconds = time.time() - (self.ready or time.time())
            ended = Checkpoint(checkpoint.round, self.settled(), now(), state, message, seconds)
            spool.write_json(self.folder / "checkpoint.json", as_json(ended))
        for name in ("batches", "attempts", "sent", "outcomes"):
            shutil.rmtree(self._round_folder() / name, ignore_errors=True)
        if self.manifest.adopted:
            Path(self.manifest.path).unlink(missing_ok=True)

    def aside(self) -> list[SetAside]:
        """Documents that could not be stored in this round."""
        entries = (spool.read_json(path) for path in sorted(self._files("aside")) if path.suffix == ".json")
        return [
            SetAside(spool.parse_document(entry["document"]), entry["reason"]) for entry in entries if entry is not None
        ]

    def reopen(self, *, batch_documents: int) -> None:
        """Begins a new round with what was set aside; the switch is one file."""
        checkpoint, entries = self.checkpoint, self.aside()
        if checkpoint.finished_at is None:
            raise Broken(f"job {self.id} is still running: only a finished job has a next round")
        upcoming = self.folder / f"round-{checkpoint.round + 1}"
        shutil.rmtree(upcoming, ignore_errors=True)
        (upcoming / "batches").mkdir(parents=True)
        for number, start in enumerate(range(0, len(entries), batch_documents), 1):
            part = entries[start : start + batch_documents]
            lines = [spool.document_line(entry.document) for entry in part]
            spool.write_documents(upcoming / "batches" / f"{number:06}.zst", lines)
        (self.folder / "cancelled").unlink(missing_ok=True)
        spool.write_json(self.folder / "checkpoint.json", as_json(checkpoint.reopened()))
        shutil.rmtree(self.folder / f"round-{checkpoint.round}", ignore_errors=True)

    # Files

    def _round_folder(self, name: str = "") -> Path:
        folder = self.folder / f"round-{self.checkpoint.round}" / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _files(self, name: str) -> list[Path]:
        try:
            with os.scandir(self.folder / f"round-{self.checkpoint.round}" / name) as entries:
                return [Path(entry.path) for entry in entries if not entry.name.startswith(".")]
        except FileNotFoundError:
            return []

    def _batch(self, name: str) -> Path:
        return self._round_folder("batches") / f"{name}.zst"

    def _attempts(self, name: str) -> Path:
        return self._round_folder("attempts") / f"{name}.json"

    def _sent(self, name: str) -> Path:
        return self._round_folder("sent") / name
