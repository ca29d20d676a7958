"""Points to write, what a collection holds, and waiting for maintenance."""

from __future__ import annotations  # some of Edge's names exist for type checkers only

import random
import time
from collections.abc import Callable
from contextlib import suppress

import qdrant_edge as edge
from qdrant_client import models

from trivec.node.catalogue import Catalogue
from trivec.node.collection import Collection
from trivec.node.errors import Missing

DIMENSION = 16


class Points:
    """Random points and operations that are the same in every run."""

    def __init__(self, seed: int = 7) -> None:
        self._random = random.Random(seed)
        self.next_id = 0

    def vector(self) -> list[float]:
        return [self._random.uniform(-1, 1) for _ in range(DIMENSION)]

    def sparse(self) -> edge.SparseVector:
        indices = sorted(self._random.sample(range(1000), 6))
        return edge.SparseVector(indices=indices, values=[self._random.random() for _ in indices])

    def point(self, number: int) -> edge.Point:
        vector: dict[str, edge.NamedVector] = {"dense": self.vector(), "sparse": self.sparse()}
        if self._random.random() < 0.5:
            vector["other"] = self.vector()
        payload = {"group": self._random.randrange(10), "text": f"word{self._random.randrange(40)} and {number}"}
        return edge.Point(id=number, vector=vector, payload=payload)

    def upsert(self, count: int) -> edge.UpdateOperation:
        """New points."""
        first, self.next_id = self.next_id, self.next_id + count
        return edge.UpdateOperation.upsert_points([self.point(number) for number in range(first, self.next_id)])

    def some(self, count: int) -> list[edge.PointId]:
        """Ids that were written, alive or not."""
        return list(self._random.sample(range(self.next_id), min(count, self.next_id)))

    def group(self) -> edge.Filter:
        condition = edge.FieldCondition(key="group", match=edge.MatchValue(self._random.randrange(10)))
        return edge.Filter(must=[condition])

    def change(self, collection: Collection) -> None:
        """Carry out some change; one that names a point that is gone fails as it would on a server."""
        with suppress(Missing):
            collection.apply(self._operation())

    def _operation(self) -> edge.UpdateOperation:
        update = edge.UpdateOperation
        kinds = [
            lambda: self.upsert(32),
            lambda: self.upsert(32),
            lambda: update.upsert_points([self.point(int(str(number))) for number in self.some(8)]),
            lambda: update.delete_points(self.some(4)),
            lambda: update.set_payload_by_filter(self.group(), {"seen": self._random.randrange(5)}),
            lambda: update.delete_points_by_filter(edge.Filter(must=[self.group(), self.group()])),
            lambda: update.delete_vectors(self.some(4), ["other"]),
            lambda: update.overwrite_payload_by_filter(self.group(), {"group": self._random.randrange(10)}),
        ]
        return self._random.choice(kinds)()


def contents(collection: Collection) -> dict[str, object]:
    """Everything that a collection holds, comparable."""
    found: dict[str, object] = {}
    offset: edge.PointId | None = None
    while True:
        page, offset = collection.scroll(
            edge.ScrollRequest(offset=offset, limit=500, with_payload=True, with_vector=True)
        )
        for record in page:
            found[str(record.id)] = (record.payload, _comparable(record.vector))
        if offset is None:
            return found


def _comparable(vector: object) -> object:
    if isinstance(vector, edge.SparseVector):
        return sorted(zip(vector.indices, vector.values, strict=True))
    return {name: _comparable(part) for name, part in vector.items()} if isinstance(vector, dict) else vector


def work_until(catalogue: Catalogue, *, seconds: float = 60.0, done: Callable[[], bool]) -> None:
    """Let the catalogue do its maintenance until `done()`, or fail."""
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "maintenance did not get there"
        time.sleep(catalogue.step())


def is_green(collection: Collection) -> bool:
    return collection.info().status == models.CollectionStatus.GREEN


def create_collection() -> models.CreateCollection:
    """Two dense vectors, one sparse, and an index as soon as 20 KB ask for it."""
    dense = models.VectorParams(size=DIMENSION, distance=models.Distance.COSINE)
    return models.CreateCollection(
        vectors={"dense": dense, "other": dense.model_copy()},
        sparse_vectors={"sparse": models.SparseVectorParams(modifier=models.Modifier.IDF)},
        optimizers_config=models.OptimizersConfigDiff(indexing_threshold=20, vacuum_min_vector_number=100),
    )
