"""What keeps collections in shape while they are served: flushing and index building, a little at a time.

A catalogue's collections in. `step` must be called again and again on the thread that serves; it never takes long.
"""

import time
from concurrent.futures import Executor, Future

from trivec.node.collection import Collection
from trivec.node.durable import write_back
from trivec.node.index_build import Pause
from trivec.node.optimizer import Optimizer

_WRITE_BACK_SECONDS = 2.0
_QUIET_SECONDS = 2.0
_MOST_UNFLUSHED = 2000
_LONGEST_PAUSE: Pause = 0.1


class Maintenance:
    """Writes collections to disk and optimises them."""

    def __init__(self, *, pool: Executor) -> None:
        """Nothing is kept yet; `pool` does what waits for the disk."""
        self._pool = pool
        self._kept: dict[Collection, _Upkeep] = {}

    def keep(self, collection: Collection) -> None:
        """Look after a collection from now on."""
        self._kept[collection] = _Upkeep(collection, self._pool)

    def release(self, collection: Collection) -> None:
        """Stop whatever is going on for a collection, which is about to be closed."""
        self._kept.pop(collection).close()

    def step(self) -> Pause:
        """Do what is due for every collection; returns the seconds until more is."""
        return min((upkeep.step() for upkeep in list(self._kept.values())), default=_LONGEST_PAUSE)


class _Upkeep:
    """One collection's writing to disk and optimising.

    Every few seconds of writing, the log is brought to disk, without the GIL: that saves acknowledged operations from a
    power failure. Edge's flush, which holds the GIL, waits for a pause of the writers, or for a log that got long.
    """

    def __init__(self, collection: Collection, pool: Executor) -> None:
        self._collection = collection
        self._pool = pool
        self._optimizer = Optimizer(collection, pool=pool)
        self._writing: Future[int] | None = None
        self._written = 0
        self._next_write = 0.0

    def step(self) -> Pause:
        self._write_back_when_due()
        return self._optimizer.step()

    def close(self) -> None:
        self._optimizer.close()
        if self._writing is not None:
            self._writing.exception()

    def _write_back_when_due(self) -> None:
        now = time.monotonic()
        if self._writing is None:
            if now >= self._next_write and (self._collection.operations != self._written or self._may_flush(now)):
                self._written = self._collection.operations
                self._writing = self._pool.submit(write_back, self._collection.shard_path)
        elif self._writing.done():
            self._optimizer.size = self._writing.result()
            self._writing = None
            self._next_write = now + _WRITE_BACK_SECONDS
            if self._may_flush(now):
                self._collection.flush()

    def _may_flush(self, now: float) -> bool:
        collection = self._collection
        quiet = now - collection.last_write >= _QUIET_SECONDS and not self._optimizer.busy
        return bool(collection.unflushed and (quiet or collection.unflushed >= _MOST_UNFLUSHED))
