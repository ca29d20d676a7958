"""Examples in queries: a vector stands for itself, a point id for the vector stored with that point.

Owns resolving ids to vectors and remembering which points were named, because a point is never its own answer.
"""

from __future__ import annotations  # some of Edge's names exist for type checkers only

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

import numpy as np
import qdrant_edge as edge
from qdrant_client.http import models

from trivec.node.conversion.ids import edge_id
from trivec.node.conversion.vectors import VectorShapes
from trivec.node.errors import BadRequest


class ReadVector(Protocol):
    """Reads the stored vector of a point."""

    def __call__(self, lookup: models.LookupLocation | None, name: str, point_id: edge.PointId) -> edge.NamedVector:
        """The vector called `name` of a point, in the collection that is asked or at `lookup`."""


@dataclass
class Examples:
    """The examples of one query or prefetch.

    Attributes:
        shapes: what vectors the collection holds.
        read: reads the stored vector of a point.
        name: the vector that is searched.
        lookup: another place to read ids from.
        named: the ids of this collection that were used.
    """

    shapes: VectorShapes
    read: ReadVector
    name: str
    lookup: models.LookupLocation | None = None
    named: list[edge.PointId] = field(default_factory=list)

    def vector(self, example: models.VectorInput) -> edge.NamedVector:
        """The vector that an example stands for."""
        if isinstance(example, int | str | UUID):
            return self._stored(edge_id(example if isinstance(example, int) else str(example)))
        if isinstance(example, models.SparseVector):
            return self.shapes.vector(self.name, {"indices": example.indices, "values": example.values})
        if isinstance(example, models.Document | models.Image | models.InferenceObject):
            return self.shapes.vector(self.name, {"model": example.model})
        return self.shapes.vector(self.name, example)

    def vectors(self, examples: Sequence[models.VectorInput] | None) -> list[edge.NamedVector]:
        """The vectors that examples stand for."""
        return [self.vector(example) for example in examples or ()]

    def pairs(self, pairs: models.ContextInput) -> list[edge.ContextPair]:
        """Pairs of a good and a bad example."""
        listed = pairs if isinstance(pairs, list) else [pairs]
        return [edge.ContextPair(self.vector(pair.positive), self.vector(pair.negative)) for pair in listed]

    def _stored(self, point_id: edge.PointId) -> edge.NamedVector:
        if self.lookup is None:
            self.named.append(point_id)
        name = self.lookup.vector if self.lookup and self.lookup.vector is not None else self.name
        return self.read(self.lookup, name, point_id)


def average(positives: list[edge.NamedVector], negatives: list[edge.NamedVector]) -> edge.NamedVector:
    """The vector to search for examples by their average: mean of the good, moved away from the mean of the bad.

    Raises:
        BadRequest: there is no good example.
    """
    if not positives:
        raise BadRequest("Wrong input: At least one positive vector ID required with this strategy")
    if sparse := [vector for vector in positives if isinstance(vector, edge.SparseVector)]:
        return _average_sparse(sparse, [vector for vector in negatives if isinstance(vector, edge.SparseVector)])
    good, bad = [_rows(vector) for vector in positives], [_rows(vector) for vector in negatives]
    if _is_multi(positives[0]):
        return [row for rows in good for row in rows] + [[-x for x in row] for rows in bad for row in rows]
    mean = np.mean(np.array(good, dtype=np.float32), axis=(0, 1))
    if bad:
        mean = mean + mean - np.mean(np.array(bad, dtype=np.float32), axis=(0, 1))
    return [float(x) for x in mean]


def _is_multi(vector: edge.NamedVector) -> bool:
    return isinstance(vector, list) and bool(vector) and isinstance(vector[0], list)


def _rows(vector: edge.NamedVector) -> list[list[float]]:
    """The rows of a multivector; a dense vector is one row."""
    if isinstance(vector, edge.SparseVector):
        raise BadRequest("Wrong input: examples must all be sparse, or all be dense")
    rows = [row for row in vector if isinstance(row, list)]
    return rows or [[x for x in vector if not isinstance(x, list)]]


def _average_sparse(positives: list[edge.SparseVector], negatives: list[edge.SparseVector]) -> edge.SparseVector:
    weights: dict[int, float] = {}
    for vectors, sign in ((positives, 2.0 if negatives else 1.0), (negatives, -1.0)):
        for vector in vectors:
            for index, value in zip(vector.indices, vector.values, strict=True):
                weights[index] = weights.get(index, 0.0) + sign * value / len(vectors)
    indices = sorted(weights)
    return edge.SparseVector(indices, [weights[index] for index in indices])
