"""Snapshot files: a folder as a tar with a checksum beside it, and back.

Folders and files in and out; nothing here knows a collection. Everything is slow and meant for a background thread.
"""

import hashlib
import os
import shutil
import tarfile
from datetime import UTC, datetime
from pathlib import Path

from qdrant_client import models

from trivec.node.durable import sync_folder, write_atomic
from trivec.node.errors import BadRequest, Missing

_CHECKSUM = ".checksum"


def pack(folder: Path, archive: Path) -> models.SnapshotDescription:
    """Write everything below `folder` to `archive`, which exists only when it is complete."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    temporary = archive.with_name(f".{archive.name}.part")
    try:
        with tarfile.open(temporary, "w") as tar:
            for path in sorted(folder.iterdir()):
                tar.add(path, path.name)
        write_atomic(archive.with_name(archive.name + _CHECKSUM), checksum(temporary).encode())
        _sync(temporary)
        temporary.replace(archive)
        sync_folder(archive.parent)
    finally:
        temporary.unlink(missing_ok=True)
    return describe(archive)


def unpack(archive: Path, folder: Path, *, expected: str | None = None) -> None:
    """Write what `archive` holds to the new folder `folder`.

    Raises:
        BadRequest: when it is no archive, is damaged, or would write outside of the folder.
    """
    if expected is not None and checksum(archive) != expected.lower():
        raise BadRequest(f"Wrong input: {archive.name} does not have the checksum {expected}; it is damaged or another")
    folder.mkdir(parents=True)
    try:
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="data")
    except (tarfile.TarError, EOFError, OSError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise BadRequest(f"Wrong input: {archive.name} is not a snapshot of this node: {error}") from error


def describe(archive: Path) -> models.SnapshotDescription:
    """Name, time, size and checksum of an archive."""
    status = archive.stat()
    beside = archive.with_name(archive.name + _CHECKSUM)
    return models.SnapshotDescription(
        name=archive.name,
        creation_time=datetime.fromtimestamp(status.st_mtime, UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        size=status.st_size,
        checksum=beside.read_text() if beside.exists() else None,
    )


def archives(folder: Path) -> list[models.SnapshotDescription]:
    """All complete archives in a folder, in order of their names."""
    return [describe(path) for path in sorted(folder.glob("*.snapshot")) if not path.name.startswith(".")]


def find(folder: Path, name: str) -> Path:
    """The archive of that name.

    Raises:
        Missing: when there is none.
    """
    path = folder / name
    if path.parent != folder or path.suffix != ".snapshot" or not path.is_file():
        raise Missing(f"Not found: Snapshot {name} not found")
    return path


def remove(folder: Path, name: str) -> None:
    """Delete an archive and its checksum."""
    path = find(folder, name)
    path.unlink()
    path.with_name(path.name + _CHECKSUM).unlink(missing_ok=True)


def checksum(file: Path) -> str:
    """SHA-256 in hexadecimal."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _sync(file: Path) -> None:
    with file.open("rb") as content:
        os.fsync(content.fileno())
