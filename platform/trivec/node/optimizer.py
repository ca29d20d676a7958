"""When a collection gets a new index, and how it is going.

A collection in, a status out; `step` does a little of whatever there is to do. Rules, in Qdrant's words: a build is
wanted when un-indexed vectors exceed `indexing_threshold`, when a share `deleted_threshold` of the indexed ones is
gone, when parameters changed, or when the folder grew out of proportion. It starts when writers pause, or when so much
has come that it pays although they do not; so the work of all builds stays proportional to n log n.
"""

import logging
import time
from collections.abc import Generator
from concurrent.futures import Executor
from dataclasses import dataclass

import qdrant_edge as edge
from qdrant_client import models

from trivec.node.collection import Collection, Health
from trivec.node.edge_config import dense_vectors
from trivec.node.errors import NodeError
from trivec.node.index_build import Pause, build
from trivec.node.schema import DEFAULT_INDEXING_THRESHOLD_KB

_LOG = logging.getLogger(__name__)

_QUIET_SECONDS = 1.0
_RETRY_SECONDS = 30.0
_DELETED_THRESHOLD = 0.2
_VACUUM_MIN = 1000
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
        self._futile = 0
        self._need = _Need()
        self._state: tuple[int, str, int] | None = None
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
        except NodeError as error:
            _LOG.warning("index build of %s failed, the old index stays: %s", self._collection.name, error)
            self._finish(str(error), futile=False)
        return _BREATH

    def _finish(self, error: str, *, futile: bool) -> None:
        self._build = None
        self._error = error
        self._next_start = time.monotonic() + (_RETRY_SECONDS if error else _QUIET_SECONDS)
        self._state = None
        self._futile = _Need.of(self._collection, self.size).unindexed if futile else 0
        if futile:  # nothing to build: what we measure now is the new normal
            self._collection.rebase(size=self.size)

    def _is_time(self) -> bool:
        now = time.monotonic()
        if now < self._next_start or not self._is_wanted():
            return False
        quiet = now - self._collection.last_write >= _QUIET_SECONDS
        return self._collection.copies == 0 and (quiet or self._need.pays)

    def _is_wanted(self) -> bool:
        """Looked up anew only when something was written."""
        state = (self._collection.operations, self._collection.stored.digest(), self.size)
        if state != self._state:
            self._state = state
            self._need = _Need.of(self._collection, self.size)
        return self._need.exists and self._need.unindexed >= self._futile * _FUTILE_FACTOR


@dataclass(frozen=True)
class _Need:
    """How much there is to build.

    Attributes:
        unindexed: vectors that no index holds.
        exists: whether a build would bring anything.
        pays: whether it is worth to build while writers go on.
    """

    unindexed: int = 0
    exists: bool = False
    pays: bool = False

    @classmethod
    def of(cls, collection: Collection, size: int) -> "_Need":
        """Measure a collection whose folder has `size` bytes (0: not known)."""
        options = collection.parameters.optimizers_config or models.OptimizersConfigDiff()
        threshold = DEFAULT_INDEXING_THRESHOLD_KB if options.indexing_threshold is None else options.indexing_threshold
        indexed = collection.shard.info().indexed_vectors_count
        unindexed, kilobytes = _unindexed(collection, indexed, threshold)
        lost = collection.current.indexed - indexed
        share = _DELETED_THRESHOLD if options.deleted_threshold is None else options.deleted_threshold
        least = _VACUUM_MIN if options.vacuum_min_vector_number is None else options.vacuum_min_vector_number
        exists = (
            kilobytes > threshold > 0
            or lost > max(share * collection.current.indexed, least)
            or collection.current.digest != collection.stored.digest()
            or size > _BLOAT_FACTOR * collection.current.size + _BLOAT_BYTES
        )
        return cls(unindexed, exists, kilobytes > 2 * threshold > 0 and unindexed > indexed / 2)


def _unindexed(collection: Collection, indexed: int, threshold: int) -> tuple[int, float]:
    """Vectors without an index, and the size in KB of the largest dense one of them.

    Sparse vectors are always indexed; dense ones are counted exactly only when it can matter, as not every point needs
    to have each.
    """
    dense = dense_vectors(collection.parameters)
    if not dense:
        return 0, 0.0
    kilobytes = max(vector.size for vector in dense.values()) * 4 / 1024
    points = collection.shard.info().points_count
    if points * kilobytes <= threshold:
        return 0, 0.0
    counts = [_holders(collection, name) for name in dense]
    sparse = sum(_holders(collection, name) for name in collection.parameters.sparse_vectors or {})
    unindexed = max(0, sum(counts) + sparse - indexed)
    return unindexed, unindexed * max(counts) / max(1, sum(counts)) * kilobytes


def _holders(collection: Collection, vector: str) -> int:
    condition = edge.Filter(must=[edge.HasVectorCondition(vector)])
    return collection.count(edge.CountRequest(exact=False, filter=condition))
