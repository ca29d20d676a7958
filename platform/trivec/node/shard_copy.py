"""A consistent copy of a shard that is being written.

A collection in, a folder out that Edge loads with exactly the operations that were applied when `finish` was called.

How: Edge's segments are copied while they change, and its write-ahead log last, between two operations. Nothing is
flushed meanwhile, so what lies in the copy is what a power failure would leave, and loading it replays the log.
"""

from concurrent.futures import Executor, Future
from pathlib import Path

from trivec.node.collection import Collection
from trivec.node.durable import copy_file, files_below
from trivec.node.errors import Internal

_LOG = "wal"


class ShardCopy:
    """One copy in the making; use `ready`, then `finish` (or `abandon`) on the thread that owns the shard."""

    def __init__(self, collection: Collection, target: Path, *, pool: Executor) -> None:
        """Begin to copy in the background.

        Args:
            collection: whose current shard is copied.
            target: the copy's folder; it does not exist yet.
            pool: runs the copying.
        """
        collection.copies += 1
        self._collection = collection
        self._source = collection.shard_path
        self._target = target
        self._spoiled = collection.spoiled
        self._copied: Future[dict[Path, int]] = pool.submit(_copy_all, self._source, target)

    @property
    def ready(self) -> bool:
        """Whether only `finish` is left to do."""
        return self._copied.done()

    def finish(self) -> None:
        """Complete the copy: what appeared meanwhile, and the end of the log.

        Raises:
            Internal: when an operation failed half-way meanwhile (take another copy), or the disk is full.
        """
        try:
            if self._collection.spoiled != self._spoiled:
                raise Internal("an operation failed while its shard was copied")
            copied = self._copied.result()
            _copy_missing(self._source, self._target, copied)
            _copy_open_log(self._source / _LOG, self._target / _LOG)
        except OSError as error:
            raise Internal(f"{self._source} cannot be copied: {error}") from error
        finally:
            self._collection.copies -= 1

    def abandon(self) -> None:
        """Wait for the copying to end and forget it."""
        self._copied.exception()
        self._collection.copies -= 1


def _copy_all(source: Path, target: Path) -> dict[Path, int]:
    """Copy until no new file appears; returns the size of every file that was copied."""
    copied: dict[Path, int] = {}
    while _copy_missing(source, target, copied):
        pass
    return copied


def _copy_missing(source: Path, target: Path, copied: dict[Path, int]) -> int:
    """Copy files that are not copied yet or have another size now; returns how many."""
    missing = [path for path in files_below(source) if _is_settled(path) and copied.get(path) != path.stat().st_size]
    for path in missing:
        copied[path] = path.stat().st_size
        copy_file(path, target / path.relative_to(source))
    return len(missing)


def _is_settled(path: Path) -> bool:
    """Not an open part of the log: these are copied last (closed parts never change)."""
    return path.parent.name != _LOG or path.name.startswith("closed-")


def _copy_open_log(source: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for path in sorted(source.iterdir()):
        if not _is_settled(path):
            copy_file(path, target / path.name)
