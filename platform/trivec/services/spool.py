"""Files that survive a crash: whole or absent, never half; and locks that the kernel takes back from the dead.

Owns how the ledger touches the disk. Documents go in and come out as compressed JSON lines.
"""

import fcntl
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import zstandard

from trivec.errors import Broken, Conflict
from trivec.records import Document

Json = dict[str, Any]


def write(path: Path, data: bytes) -> None:
    """Puts `data` at `path` in one step: after a crash the old content is there or the new one."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Makes creations, renames and removals in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_json(path: Path, value: Json) -> None:
    """`write` of one JSON object."""
    write(path, orjson.dumps(value))


def read_json(path: Path) -> Json | None:
    """The object at `path`, or None where nothing was ever written."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        value: Json = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise Broken(f"{path} is not JSON ({error}): it was changed from outside; remove the job's folder") from error
    return value


def document_line(document: Document) -> bytes:
    """One document as one JSON line.

    Raises:
        TypeError: it holds what JSON in UTF-8 cannot, such as half a surrogate pair or a huge integer.
    """
    return orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_SORT_KEYS)


def write_documents(path: Path, lines: Sequence[bytes]) -> None:
    """`write` of documents, each one `document_line`."""
    write(path, zstandard.ZstdCompressor(level=3).compress(b"".join(lines)))


def read_documents(path: Path) -> list[Document]:
    """What `write_documents` wrote, in order.

    Raises:
        FileNotFoundError: the batch is finished, or never was.
    """
    lines = zstandard.ZstdDecompressor().decompress(path.read_bytes()).splitlines()
    return [parse_document(orjson.loads(line)) for line in lines]


def parse_document(fields: Json) -> Document:
    """The document that `document_line` wrote."""
    date = fields["date"]
    return Document(
        **{
            **fields,
            "date": datetime.fromisoformat(date) if date else None,
            "labels": tuple(fields["labels"]),
        }
    )


@contextmanager
def claim(path: Path, *, create: bool = False, patience: float = 0.2) -> Iterator[bool]:
    """Holds `path` for this process alone; yields whether it could. A holder that dies lets go at once.

    Args:
        path: an existing file (a batch claims itself), or one to be made.
        create: make the file if it is not there; otherwise a missing file cannot be claimed.
        patience: seconds to try, since `claimed` takes the lock for an instant to look.
    """
    try:
        handle = os.open(path, os.O_RDONLY | (os.O_CREAT if create else 0), 0o644)
    except FileNotFoundError:
        yield False
        return
    try:
        yield _lock(handle, patience) and (create or os.fstat(handle).st_nlink > 0)
    finally:
        os.close(handle)


@contextmanager
def alone(path: Path, *, otherwise: str) -> Iterator[None]:
    """Holds `path`, made where it is missing, for this process alone.

    Raises:
        Conflict: somebody else holds it; the message is `otherwise`.
    """
    with claim(path, create=True) as mine:
        if not mine:
            raise Conflict(otherwise)
        yield


def claimed(path: Path) -> bool:
    """Whether some process holds `path` now."""
    with claim(path, patience=0.0) as free:
        return not free and path.exists()


def _lock(handle: int, patience: float) -> bool:
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.02)
        else:
            return True
