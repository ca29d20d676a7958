"""Files that survive a crash: whole-file replacement, sparse copies, and early write-back.

Paths in, nothing out. Every function here releases the GIL while it waits for the disk.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_BLOCK = 1 << 20


def write_atomic(path: Path, content: bytes) -> None:
    """Replace `path` by `content`: after a crash it holds the old bytes or the new ones, never a mixture."""
    temporary = path.with_name(f".{path.name}.tmp")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make renames and new names inside `folder` durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def rename_durably(source: Path, target: Path) -> None:
    """Move a folder to its final name in one step that a crash cannot split."""
    target.parent.mkdir(parents=True, exist_ok=True)
    source.rename(target)
    sync_folder(target.parent)
    if source.parent != target.parent:
        sync_folder(source.parent)


def files_below(folder: Path) -> Iterator[Path]:
    """Every file below `folder`; what vanishes while we look is left out."""
    for root, _, names in os.walk(folder):
        yield from (Path(root, name) for name in names)


def write_back(folder: Path) -> int:
    """Wait until every dirty page below `folder` is on disk, so that a flush after it finds little to do.

    Edge holds the GIL while it flushes; this does the waiting without it, and makes its log safe from a power failure.

    Returns:
        Bytes on disk below the folder.
    """
    size = 0
    for path in files_below(folder):
        with suppress(FileNotFoundError):
            handle = os.open(path, os.O_RDONLY)
            try:
                os.fdatasync(handle)
                size += os.fstat(handle).st_blocks * 512
            finally:
                os.close(handle)
    return size


def copy_file(source: Path, target: Path) -> None:
    """Copy the parts of a file that hold data; holes stay holes (Edge preallocates 32 MB files)."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with source.open("rb", buffering=0) as reader, target.open("wb", buffering=0) as writer:
        size = os.fstat(reader.fileno()).st_size
        for start, end in _extents(reader.fileno(), size):
            _copy_range(reader.fileno(), writer.fileno(), start, end)
        writer.truncate(size)


def _extents(handle: int, size: int) -> Iterator[tuple[int, int]]:
    position = 0
    while position < size:
        try:
            start = os.lseek(handle, position, os.SEEK_DATA)
        except OSError:  # only a hole is left
            return
        end = min(os.lseek(handle, start, os.SEEK_HOLE), size)
        yield start, end
        position = end


def _copy_range(source: int, target: int, start: int, end: int) -> None:
    while start < end:
        block = os.pread(source, min(_BLOCK, end - start), start)
        if not block:
            return
        start += os.pwrite(target, block, start)


def copy_folder(source: Path, target: Path) -> None:
    """Copy everything below `source` that nobody changes meanwhile."""
    for path in files_below(source):
        copy_file(path, target / path.relative_to(source))
