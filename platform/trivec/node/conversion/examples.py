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
    if isinstance(positives[0], edge.SparseVector):
        return _average_sparse(positives, negatives)
    if isinstance(positives[0][0], list):
        return [row for rows in positives for row in rows] + [[-x for x in row] for rows in negatives for row in rows]
    good = np.mean(np.array(positives, dtype=np.float32), axis=0)
    if negatives:
        good = good + good - np.mean(np.array(negatives, dtype=np.float32), axis=0)
    return [float(x) for x in good]


def _average_sparse(positives: list[edge.NamedVector], negatives: list[edge.NamedVector]) -> edge.SparseVector:
    weights: dict[int, float] = {}
    parts = [(positives, 2.0 if negatives else 1.0), (negatives, -1.0)]
    for vectors, sign in parts:
        for vector in vectors:
            for index, value in zip(vector.indices, vector.values, strict=True):
                weights[index] = weights.get(index, 0.0) + sign * value / len(vectors)
    return edge.SparseVector(sorted(weights), [weights[index] for index in sorted(weights)])
