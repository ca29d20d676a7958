"""When a collection gets a new index, and how it is going.

A collection in, a status out; `step` does a little of whatever there is to do. Rules, in Qdrant's words: a build is
wanted when un-indexed vectors exceed `indexing_threshold`, when a share `deleted_threshold` of all points is dead,
when parameters changed, or when the folder grew out of proportion. It starts when writers pause, or when so much has
come that it pays although they do not; so the work of all builds stays proportional to n log n.
"""

import logging
import time
from collections.abc import Generator
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from qdrant_client import models

from trivec.node.collection import Collection, Health
from trivec.node.edge_config import dense_vectors
from trivec.node.errors import NodeError
from trivec.node.index_build import Pause, build
from trivec.node.schema import reported

_LOG = logging.getLogger(__name__)

_QUIET_SECONDS = 1.0
_RETRY_SECONDS = 30.0
_BLOAT_FACTOR = 4
_BLOAT_BYTES = 256 << 20
_FUTILE_FACTOR = 1.5
_IDLE: Pause = 0.1
_BREATH: Pause = 0.005


class Optimizer:
    """Watches one collection.

    Attributes:
        size: bytes in the shard's folder, as measured last; 0 before that.
    """

    def __init__(self, collection: Collection, *, pool: Executor) -> None:
        self._collection = collection
        self._pool = pool
        self._build: Generator[Pause, None, bool] | None = None
        self._error = ""
        self._next_start = 0.0
        self._futile = _Need()
        self._need = _Need()
        self._state: tuple[int, int, str, int] | None = None
        self.size = 0
        collection.health = self.health

    @property
    def busy(self) -> bool:
        """Whether a build is going on."""
        return self._build is not None

    def step(self) -> Pause:
        """Do a little; returns the seconds that may pass before the next step."""
        if self._build is None and self._is_time():
            self._build = build(self._collection, pool=self._pool)
        return _IDLE if self._build is None else self._advance(self._build)

    def close(self) -> None:
        """Stop a build; the collection keeps the shard it has."""
        if self._build is not None:
            self._build.close()
            self._build = None

    def health(self) -> Health:
        """What `CollectionInfo` says about indexing."""
        pending = self.busy or self._is_wanted()
        status = models.CollectionStatus.YELLOW if pending else models.CollectionStatus.GREEN
        return Health(status=status, error=self._error)

    def _advance(self, build: Generator[Pause, None, bool]) -> Pause:
        try:
            return next(build)
        except StopIteration as end:
            self._finish("", futile=not end.value)
        except (NodeError, OSError) as error:
            _LOG.warning("index build of %s failed, the old index stays: %s", self._collection.name, error)
            self._finish(str(error), futile=False)
        return _BREATH

    def _finish(self, error: str, *, futile: bool) -> None:
        self._build = None
        self._error = error
        self._next_start = time.monotonic() + (_RETRY_SECONDS if error else _QUIET_SECONDS)
        self._state = None
        self._futile = self._need if futile else _Need()
        if futile:  # there was nothing to build: what we have is what the parameters ask for
            self._collection.rebase(size=self.size)

    def _is_time(self) -> bool:
        now = time.monotonic()
        if now < self._next_start or not self._is_wanted():
            return False
        quiet = now - self._collection.last_write >= _QUIET_SECONDS
        return self._collection.copies == 0 and (quiet or self._need.pays)

    def _is_wanted(self) -> bool:
        """Looked up anew only when something was written."""
        collection = self._collection
        state = (collection.operations, collection.unflushed, collection.stored.digest(), self.size)
        if state != self._state:
            self._state = state
            self._need = _Need.of(collection, self.size, self._futile)
        return self._need.exists


@dataclass(frozen=True)
class _Need:
    """How much there is to build.

    Attributes:
        kilobytes: size of the largest dense vector's storage that no index covers.
        dead: points that take space and are deleted, or live on elsewhere.
        exists: whether a build would bring anything.
        pays: whether it is worth to build while writers go on.
    """

    kilobytes: float = 0.0
    dead: int = 0
    exists: bool = False
    pays: bool = False

    @classmethod
    def of(cls, collection: Collection, size: int, futile: "_Need") -> "_Need":
        """Measure a collection.

        Args:
            collection: the collection.
            size: bytes in its folder, 0 if not known.
            futile: what a build has lately failed to change; only clearly more counts.
        """
        options = reported(collection.parameters).optimizer_config
        threshold, built = options.indexing_threshold or 0, collection.current.points
        points = collection.shard.info().points_count
        slots = appended_vectors(collection.shard_path)
        dense = dense_vectors(collection.parameters)
        new = {name: max(slots.get(name, 0), points - built) for name in dense}
        kilobytes = max((new[name] * vector.size * 4 / 1024 for name, vector in dense.items()), default=0.0)
        appended = max(slots.values(), default=0)
        dead = built + appended - points
        least = max((options.deleted_threshold or 0.0) * (built + appended), options.vacuum_min_vector_number or 0)
        exists = (
            0 < threshold < kilobytes > futile.kilobytes * _FUTILE_FACTOR
            or dead > max(least, futile.dead * _FUTILE_FACTOR)
            or collection.current.digest != collection.stored.digest()
            or size > _BLOAT_FACTOR * collection.current.size + _BLOAT_BYTES
        )
        return cls(kilobytes, dead, exists, kilobytes > 2 * threshold and max(appended, points - built) > built / 2)


def appended_vectors(shard: Path) -> dict[str, int]:
    """How many dense vectors, deleted ones included, each name has in segments that take writes.

    Edge does not tell, and its `indexed_vectors_count` does not change when points do; but these segments keep the
    number, as of the last flush, in a file of eight bytes. Segments with an index have no such file.
    """
    counts: dict[str, int] = {}
    for status in shard.glob("segments/*/vector_storage*/vectors/status.dat"):
        name = status.parts[-3].removeprefix("vector_storage").removeprefix("-")
        counts[name] = counts.get(name, 0) + int.from_bytes(status.read_bytes(), "little")
    return counts
