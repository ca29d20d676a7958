"""A collection: one Edge shard, served while it is written, and what is known about it.

Edge's requests and operations in, Edge's answers out. All calls come from one thread, as Edge holds the GIL anyway.
An operation is in Edge's write-ahead log when `apply` returns: it survives the death of the process.
"""

from __future__ import annotations  # some of Edge's names exist for type checkers only

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import qdrant_edge as edge
from qdrant_client import models

from trivec.node.collection_folder import CollectionFolder, CurrentShard, StoredCollection
from trivec.node.edge_config import edge_config, multivector, required_enum, sparse_modifier
from trivec.node.errors import BadRequest, edge_errors
from trivec.node.payload_index import edge_schema, schema_type
from trivec.node.schema import changed, reported, with_vector, without_vector

if TYPE_CHECKING:
    from trivec.node.snapshots import Snapshots


@dataclass(frozen=True)
class Health:
    """Whether indexes are complete.

    Attributes:
        status: green: all is indexed; yellow: an index build is due or going on.
        error: why the last build failed, if it did.
    """

    status: models.CollectionStatus = models.CollectionStatus.GREEN
    error: str = ""


class Collection:
    """One collection of points.

    Attributes:
        name: under which the catalogue keeps it.
        folder: where it lies.
        stored: its parameters and payload indexes.
        shard: the Edge shard that answers.
        recorded: when a list, every operation is also put there, for replay on a shard that is being built.
        copies: how many copies of the shard's folder are being taken; meanwhile nothing may be flushed.
        spoiled: counts operations that failed half-way; a copy taken across one is worthless.
        unflushed: operations that only the write-ahead log holds.
        last_write: when the last operation came (monotonic seconds).
        snapshots: its snapshots; the catalogue says where.
        operations: how many operations came since the process started.
        health: tells how index building is going; whoever builds indexes puts itself here.
    """

    snapshots: Snapshots

    def __init__(self, name: str, folder: CollectionFolder) -> None:
        """Open what `create` made; what a crash left behind is removed or completed."""
        self.name = name
        self.folder = folder
        folder.remove_leftovers()
        self.stored = folder.stored()
        self.current = folder.current()
        with edge_errors():
            self.shard = edge.EdgeShard.load(str(folder.shard_path(self.current)))
        self.recorded: list[edge.UpdateOperation] | None = None
        self.copies = 0
        self.spoiled = 0
        self.unflushed = 0
        self.last_write = 0.0
        self.health: Callable[[], Health] = Health
        self.operations = 0
        self._complete_indexes()

    @staticmethod
    def create(path: Path, parameters: models.CreateCollection) -> None:
        """Write a new, empty collection to the folder `path`."""
        folder = CollectionFolder(path)
        stored = StoredCollection.new(parameters)
        shard = folder.next_shard()
        shard.mkdir(parents=True)
        with edge_errors():
            edge.EdgeShard.create(str(shard), edge_config(parameters)).close()
        folder.store(stored)
        folder.point_to(CurrentShard(shard=shard.name, digest=stored.digest()))

    @property
    def parameters(self) -> models.CreateCollection:
        """What the collection was created with, and every change since."""
        return self.stored.parameters

    @property
    def shard_path(self) -> Path:
        """The folder of the shard that answers."""
        return self.folder.shard_path(self.current)

    def apply(self, operation: edge.UpdateOperation) -> int:
        """Carry out one operation, durably.

        Returns:
            The operation's number (counted since the process started).

        Raises:
            NodeError: when Edge refuses it. What Edge had done of it by then stays.
        """
        self.last_write = time.monotonic()
        self.unflushed += 1
        self.operations += 1
        if self.recorded is not None:
            self.recorded.append(operation)
        try:
            with edge_errors():
                self.shard.update(operation)
        except BadRequest:
            # The log holds the operation; replayed after a crash it might do more than it did now. So it must not be:
            # a flush passes it, but only when something after it has succeeded, so that much is done.
            self.spoiled += 1
            self.shard.update(edge.UpdateOperation.delete_points([]))
            self.shard.flush()
            raise
        return self.operations

    def flush(self) -> None:
        """Move what only the log holds into the segments. Holds the GIL: see `durable.write_back`."""
        if self.copies == 0 and self.unflushed:
            with edge_errors():
                self.shard.flush()
            self.unflushed = 0

    def query(self, request: edge.QueryRequest) -> list[edge.ScoredPoint]:
        """Any of Qdrant's queries."""
        with edge_errors():
            return self.shard.query(request)

    def query_batch(self, requests: Sequence[edge.QueryRequest]) -> list[list[edge.ScoredPoint]]:
        """Several queries, planned together."""
        with edge_errors():
            return self.shard.query_batch(edge.QueryBatchRequest(list(requests)))

    def search(self, request: edge.SearchRequest) -> list[edge.ScoredPoint]:
        """Nearest points."""
        with edge_errors():
            return self.shard.search(request)

    def scroll(self, request: edge.ScrollRequest) -> tuple[list[edge.Record], edge.PointId | None]:
        """A page of points and where the next begins."""
        with edge_errors():
            return self.shard.scroll(request)

    def count(self, request: edge.CountRequest) -> int:
        """How many points match."""
        with edge_errors():
            return self.shard.count(request)

    def facet(self, request: edge.FacetRequest) -> edge.FacetResponse:
        """How many points have each value of a payload field."""
        with edge_errors():
            return self.shard.facet(request)

    def retrieve(
        self,
        ids: Sequence[edge.PointId],
        with_payload: edge.WithPayloadType | None = None,
        with_vector: edge.WithVectorType | None = None,
    ) -> list[edge.Record]:
        """Points by their ids; those that do not exist are left out."""
        with edge_errors():
            return self.shard.retrieve(list(ids), with_payload, with_vector)

    def create_index(self, field: str, schema: models.PayloadFieldSchema) -> int:
        """Index a payload field; doing it twice changes nothing."""
        operation = edge.UpdateOperation.create_field_index(field, edge_schema(schema))
        number = self.apply(operation)
        self._store(indexes={**self.stored.indexes, field: schema})
        return number

    def delete_index(self, field: str) -> int:
        """Forget a payload index; one that does not exist is no error, as in Qdrant."""
        number = self.apply(edge.UpdateOperation.delete_field_index(field))
        self._store(indexes={name: schema for name, schema in self.stored.indexes.items() if name != field})
        return number

    def create_vector(self, name: str, vector: models.VectorParams | models.SparseVectorParams) -> int:
        """Add a named vector; existing points do not have it yet."""
        parameters = with_vector(self.parameters, name, vector)
        number = self.apply(_create_vector(name, vector))
        self._store(parameters=parameters)
        return number

    def delete_vector(self, name: str) -> int:
        """Remove a named vector from every point."""
        parameters = without_vector(self.parameters, name)
        number = self.apply(edge.UpdateOperation.delete_vector_name(name))
        self._store(parameters=parameters)
        return number

    def update_parameters(self, update: models.UpdateCollection) -> None:
        """Change what can be changed; the next index build brings it into effect."""
        self._store(parameters=changed(self.parameters, update))

    def info(self) -> models.CollectionInfo:
        """The same description that a Qdrant server gives."""
        with edge_errors():
            info = self.shard.info()
        health = self.health()
        return models.CollectionInfo(
            status=health.status,
            optimizer_status=_optimizer_status(health),
            indexed_vectors_count=info.indexed_vectors_count,
            points_count=info.points_count,
            segments_count=info.segments_count,
            config=reported(self.parameters),
            payload_schema=self._payload_schema(info),
            update_queue=models.UpdateQueueInfo(length=0),
            created_at=self.stored.created_at,
        )

    def switch(self, shard: edge.EdgeShard, current: CurrentShard) -> None:
        """Let another shard with the same points answer from now on; the old one stays open."""
        self.folder.point_to(current)
        self.shard, self.current = shard, current

    def rebase(self, *, size: int) -> None:
        """Take the shard as it is now for completely built."""
        current = replace(self.current, digest=self.stored.digest(), size=size or self.current.size)
        self.folder.point_to(current)
        self.current = current

    def close(self) -> None:
        """Flush and let go of the folder."""
        with edge_errors():
            self.shard.close()

    def _store(
        self,
        *,
        parameters: models.CreateCollection | None = None,
        indexes: dict[str, models.PayloadFieldSchema] | None = None,
    ) -> None:
        stored = StoredCollection(
            parameters=self.stored.parameters if parameters is None else parameters,
            indexes=self.stored.indexes if indexes is None else indexes,
            created_at=self.stored.created_at,
        )
        self.folder.store(stored)
        self.stored = stored

    def _complete_indexes(self) -> None:
        """Make the list of indexes agree with Edge, which counts: a crash may have come between the two."""
        with edge_errors():
            known = self.shard.info().payload_schema
        indexes = {field: schema for field, schema in self.stored.indexes.items() if field in known}
        for field in known.keys() - indexes.keys():
            indexes[field] = models.PayloadSchemaType(str(known[field].data_type).rpartition(".")[2].lower())
        if indexes != self.stored.indexes:
            self._store(indexes=indexes)

    def _payload_schema(self, info: edge.ShardInfo) -> dict[str, models.PayloadIndexInfo]:
        points = {field: index.points for field, index in info.payload_schema.items()}
        return {
            field: models.PayloadIndexInfo(
                data_type=schema_type(schema),
                params=None if isinstance(schema, models.PayloadSchemaType) else schema,
                points=points.get(field, 0),
            )
            for field, schema in self.stored.indexes.items()
        }


def _optimizer_status(health: Health) -> models.OptimizersStatus:
    return models.OptimizersStatusOneOf1(error=health.error) if health.error else models.OptimizersStatusOneOf.OK


def _create_vector(name: str, vector: models.VectorParams | models.SparseVectorParams) -> edge.UpdateOperation:
    if isinstance(vector, models.SparseVectorParams):
        return edge.UpdateOperation.create_sparse_vector(name, modifier=sparse_modifier(vector.modifier))
    return edge.UpdateOperation.create_dense_vector(
        name,
        vector.size,
        required_enum(edge.Distance, vector.distance),
        multivector_config=multivector(vector.multivector_config),
    )
