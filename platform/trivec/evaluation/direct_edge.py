"""Qdrant Edge without anything around it: what a search costs at least. For comparison only.

The one place below the node that knows Edge: it opens the shard that a stopped node has left and asks it in process.
"""

from collections.abc import Mapping
from pathlib import Path

import qdrant_edge as edge

from trivec.errors import Broken
from trivec.store.vectors import QueryVector, SparseRow


class DirectEdge:
    """One shard, opened in this process.

    Args:
        node_folder: of a node that is stopped.
        collection: whose shard.

    Raises:
        Broken: there is no such shard.
    """

    def __init__(self, node_folder: Path, collection: str) -> None:
        shards = sorted((node_folder / "collections" / collection / "shards").glob("*"))
        if not shards:
            raise Broken(f"{node_folder} holds no shard of collection {collection!r}")
        self._shard = edge.EdgeShard.load(str(shards[-1]))

    def nearest(self, vectors: Mapping[str, QueryVector], *, limit: int) -> int:
        """The nearest passages by each vector, as a hybrid needs them; returns how many were found."""
        return sum(
            len(self._shard.query(edge.QueryRequest(limit=limit, query=edge.Query.Nearest(_wire(vector), name))))
            for name, vector in vectors.items()
        )

    def close(self) -> None:
        """Let go of the shard."""
        self._shard.close()


def _wire(vector: QueryVector) -> edge.SparseVector | list[float]:
    if isinstance(vector, SparseRow):
        return edge.SparseVector(vector.indices.tolist(), vector.values.tolist())
    floats: list[float] = vector.tolist()
    return floats
