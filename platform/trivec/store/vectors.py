"""Vectors on their way to Qdrant and back: rows of encoded texts, questions, stored points."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from qdrant_client import models

from trivec.errors import Broken
from trivec.records import DenseVectors, Floats1d, Ints1d, TextVectors

WireVector = list[float] | models.SparseVector


@dataclass(frozen=True)
class SparseRow:
    """One sparse vector; shape (entries,) each."""

    indices: Ints1d
    values: Floats1d


QueryVector = Floats1d | SparseRow


def row(vectors: TextVectors, number: int) -> QueryVector | None:
    """The vector of one text, None where there was nothing to encode."""
    if not vectors.present[number]:
        return None
    if isinstance(vectors, DenseVectors):
        vector: Floats1d = vectors.values[number]
        return vector
    entries = slice(vectors.starts[number], vectors.starts[number + 1])
    return SparseRow(vectors.indices[entries], vectors.values[entries])


def query_vectors(encoded: Mapping[str, TextVectors], number: int = 0) -> dict[str, QueryVector]:
    """The vectors of one question, by name, without those that could not be made."""
    rows = {name: row(vectors, number) for name, vectors in encoded.items()}
    return {name: vector for name, vector in rows.items() if vector is not None}


def mean(vectors: Sequence[QueryVector]) -> QueryVector:
    """The mean of a document's vectors: of unit length when dense.

    Raises:
        Broken: dense and sparse vectors together.
    """
    dense = [vector for vector in vectors if not isinstance(vector, SparseRow)]
    if len(dense) == len(vectors):
        total: Floats1d = np.sum(dense, axis=0)
        unit: Floats1d = total / max(float(np.linalg.norm(total)), 1e-12)
        return unit
    sparse = [vector for vector in vectors if isinstance(vector, SparseRow)]
    if dense:
        raise Broken("a document's vectors of one name are partly dense and partly sparse")
    indices, positions = np.unique(np.concatenate([each.indices for each in sparse]), return_inverse=True)
    values = np.bincount(positions, np.concatenate([each.values for each in sparse])) / len(sparse)
    return SparseRow(indices, values.astype(np.float32))


def to_wire(vector: QueryVector) -> WireVector:
    """As Qdrant's client takes it."""
    if isinstance(vector, SparseRow):
        return models.SparseVector(indices=vector.indices.tolist(), values=vector.values.tolist())
    floats: list[float] = vector.tolist()
    return floats


def on_wire(vector: QueryVector) -> Any:
    """As Qdrant's REST API takes it, for orjson to write."""
    return {"indices": vector.indices, "values": vector.values} if isinstance(vector, SparseRow) else vector


def from_wire(vectors: Any) -> dict[str, QueryVector]:
    """Named vectors of a stored point.

    Raises:
        Broken: the point's vectors are not named, so it is none of ours.
    """
    if not isinstance(vectors, dict):
        raise Broken(f"expected named vectors, got {type(vectors).__name__}")
    return {name: _from_wire(vector) for name, vector in vectors.items()}


def _from_wire(vector: Any) -> QueryVector:
    if isinstance(vector, models.SparseVector):
        return SparseRow(np.asarray(vector.indices, np.int64), np.asarray(vector.values, np.float32))
    if isinstance(vector, dict):
        return SparseRow(np.asarray(vector["indices"], np.int64), np.asarray(vector["values"], np.float32))
    return np.asarray(vector, np.float32)
