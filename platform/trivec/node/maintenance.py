"""What keeps collections in shape while they are served: flushing and index building, a little at a time.

A catalogue's collections in. `step` must be called again and again on the thread that serves; it never takes long.
"""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future

from trivec.node.collection import Collection
from trivec.node.durable import write_back
from trivec.node.index_build import Pause
from trivec.node.optimizer import Optimizer

_FLUSH_SECONDS = 2.0
_LONGEST_PAUSE: Pause = 0.1


class Maintenance:
    """Flushes and optimises collections."""

    def __init__(self, collections: Callable[[], Iterable[Collection]], *, pool: Executor) -> None:
        """Nothing happens before the first step.

        Args:
            collections: gives the collections there are now.
            pool: does what waits for the disk.
        """
        self._collections = collections
        self._pool = pool
        self._kept: dict[int, _Upkeep] = {}

    def step(self) -> Pause:
        """Do what is due for every collection; returns the seconds until more is."""
        present = {id(collection): collection for collection in self._collections()}
        for gone in self._kept.keys() - present.keys():
            self._kept.pop(gone).close()
        pause = _LONGEST_PAUSE
        for key, collection in present.items():
            pause = min(pause, self._upkeep(key, collection).step())
        return pause

    def _upkeep(self, key: int, collection: Collection) -> "_Upkeep":
        if key not in self._kept:
            self._kept[key] = _Upkeep(collection, self._pool)
        return self._kept[key]

    def release(self, collection: Collection) -> None:
        """Stop whatever is going on for a collection that is about to be closed."""
        upkeep = self._kept.pop(id(collection), None)
        if upkeep is not None:
            upkeep.close()

    def close(self) -> None:
        """Stop everything that is going on."""
        for upkeep in self._kept.values():
            upkeep.close()
        self._kept = {}


class _Upkeep:
    """One collection's flushing and optimising."""

    def __init__(self, collection: Collection, pool: Executor) -> None:
        self._collection = collection
        self._pool = pool
        self._optimizer = Optimizer(collection, pool=pool)
        self._writing: Future[int] | None = None
        self._flushed = time.monotonic()

    def step(self) -> Pause:
        self._flush_when_due()
        return self._optimizer.step()

    def close(self) -> None:
        self._optimizer.close()
        if self._writing is not None:
            self._writing.exception()

    def _flush_when_due(self) -> None:
        """Flush in two parts, as the disk can be waited for without the GIL but Edge's own flush cannot."""
        if self._writing is not None:
            if self._writing.done():
                self._optimizer.size = self._writing.result()
                self._writing = None
                self._collection.flush()
                self._flushed = time.monotonic()
        elif self._collection.unflushed and time.monotonic() - self._flushed >= _FLUSH_SECONDS:
            self._writing = self._pool.submit(write_back, self._collection.shard_path)
