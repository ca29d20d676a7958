"""Reading: a source streams into batches on disk, from where it was left.

A source reads the same way twice, so a reader that was killed skips what its cursor says is spooled. Memory is one
batch and some rejects.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import blake2b
from itertools import islice
from pathlib import Path

from trivec.errors import BadInput, NotFound
from trivec.records import Document, RejectedRow
from trivec.services.job import Job
from trivec.services.job_records import Cursor
from trivec.services.spool import Json, document_line

Rejects = Callable[[RejectedRow], None]
Source = Callable[[Path, Json | None, Rejects], Iterator[Document]]

_BATCH_BYTES = 1 << 20  # about a thousand passages
_REJECTS_KEPT = 1000  # in memory before they are written


def read(job: Job, source: Source, *, batch_documents: int, spooled: Callable[[], object]) -> None:
    """Spools what the job's source still holds; stops early when the job is cancelled.

    Args:
        job: whose manifest says what to read.
        source: opens a path.
        batch_documents: documents in a batch.
        spooled: called after each batch.

    Raises:
        BadInput: the source changed since reading began, or cannot be read.
        NotFound: it is gone.
    """
    cursor, path = job.cursor, Path(job.manifest.path)
    if cursor.complete:
        return
    fingerprint = _fingerprint(path)
    if cursor.fingerprint not in ("", fingerprint):
        raise BadInput(f"{path} changed while it was being read: ingest it again, what is unchanged is skipped")
    reading = _Reading(job, replace(cursor, fingerprint=fingerprint))
    lines = reading.lines(source(path, job.manifest.mapping, reading.reject))
    for _ in islice(lines, cursor.documents):
        pass
    for batch in _batches(lines, batch_documents):
        if job.cancelled:
            return
        reading.spool(batch)
        spooled()
    reading.end()


def _batches(lines: Iterator[bytes], documents: int) -> Iterator[list[bytes]]:
    """Bounded in documents and, for whole books, in bytes: nobody should wait long for one batch."""
    batch: list[bytes] = []
    size = 0
    for line in lines:
        if batch and (len(batch) == documents or size + len(line) > _BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(line)
        size += len(line)
    if batch:
        yield batch


class _Reading:
    """One pass over a source; what was promised in an earlier pass is recognised by its number."""

    def __init__(self, job: Job, cursor: Cursor) -> None:
        self.job, self.cursor = job, cursor
        self._skip = cursor.rejected
        self._rejects: list[RejectedRow] = []
        self._rows = 0

    def lines(self, documents: Iterator[Document]) -> Iterator[bytes]:
        """Documents as JSON lines; what has no place in the corpus is rejected."""
        manifest = self.job.manifest
        named = manifest.source and not (manifest.mapping or {}).get("source")
        for document in documents:
            self._rows += 1
            try:
                yield document_line(replace(document, source=manifest.source) if named else document)
            except TypeError as error:
                reason = f"it cannot be written as UTF-8 JSON: {error}"
                self._keep(RejectedRow(document.source, self._rows, reason, ascii(document.text[:200])))

    def reject(self, row: RejectedRow) -> None:
        """Keeps the reason, unless an earlier pass did."""
        self._rows += 1
        self._keep(row)

    def spool(self, batch: list[bytes]) -> None:
        """Promises a batch, after the rejects that came before it."""
        self._write_rejects()
        self.cursor = self.job.add_batch(self.cursor, batch)

    def end(self) -> None:
        """Nothing more comes."""
        self._write_rejects()
        self.job.set_cursor(replace(self.cursor, complete=True))

    def _keep(self, row: RejectedRow) -> None:
        if self._skip:
            self._skip -= 1
            return
        self._rejects.append(row)
        if len(self._rejects) >= _REJECTS_KEPT:
            self._write_rejects()
            self.job.set_cursor(self.cursor)

    def _write_rejects(self) -> None:
        self.cursor = self.job.add_rejects(self.cursor, self._rejects)
        self._rejects = []


def _fingerprint(path: Path) -> str:
    """Changes when a file or anything in a folder does."""
    try:
        files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
        facts = [(str(file.relative_to(path)), file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    except FileNotFoundError as error:
        raise NotFound(f"{error.filename} is gone: it has to stay until the job has read it") from error
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}") from error
    return blake2b(repr(facts).encode(), digest_size=12).hexdigest()
