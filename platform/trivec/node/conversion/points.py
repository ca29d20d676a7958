"""Points to store: the JSON of an upsert in, `edge.Point`s out.

This is the hottest path of the node, so no model is built on the way: JSON goes straight into Edge's types.
"""

from __future__ import annotations  # some of Edge's names exist for type checkers only

from collections.abc import Sequence

import qdrant_edge as edge

from trivec.node.conversion.ids import edge_id
from trivec.node.conversion.vectors import Json, VectorShapes
from trivec.node.errors import BadRequest

Object = dict[str, Json]


def edge_points(body: Object, shapes: VectorShapes) -> list[edge.Point]:
    """The points of an upsert, given as a list (`points`) or in columns (`batch`)."""
    if "points" in body:
        return [_point(one, shapes) for one in json_list(body["points"], "points")]
    if "batch" in body:
        return _columns(json_object(body["batch"], "batch"), shapes)
    raise BadRequest("Format error in JSON body: an upsert has either `points` or `batch`")


def edge_point_vectors(points: Json, shapes: VectorShapes) -> list[edge.PointVectors]:
    """The points of a vector update."""
    given = [json_object(one, "points") for one in json_list(points, "points")]
    return [edge.PointVectors(edge_id(one.get("id")), shapes.point_vector(_vector(one))) for one in given]


def _point(one: Json, shapes: VectorShapes) -> edge.Point:
    point = json_object(one, "points")
    payload = _payload(point.get("payload"))
    return edge.Point(edge_id(point.get("id")), shapes.point_vector(_vector(point)), payload)


def _columns(batch: Object, shapes: VectorShapes) -> list[edge.Point]:
    ids = json_list(batch.get("ids"), "ids")
    payloads = json_list(batch.get("payloads") or [None] * len(ids), "payloads")
    vectors = _rows(batch.get("vectors"), len(ids))
    if not len(ids) == len(vectors) == len(payloads):
        raise BadRequest(
            f"Bad request: number of ids ({len(ids)}), vectors ({len(vectors)}) and payloads ({len(payloads)}) differ"
        )
    rows = zip(ids, vectors, payloads, strict=True)
    return [edge.Point(edge_id(i), shapes.point_vector(vector), _payload(payload)) for i, vector, payload in rows]


def _rows(vectors: Json, count: int) -> Sequence[Json]:
    if not isinstance(vectors, dict):
        return json_list(vectors, "vectors")
    columns = {name: json_list(column, f"vectors.{name}") for name, column in vectors.items()}
    for name, column in columns.items():
        if len(column) != count:
            raise BadRequest(f"Bad request: number of ids ({count}) and vectors `{name}` ({len(column)}) differ")
    return [{name: column[row] for name, column in columns.items()} for row in range(count)]


def _vector(point: Object) -> Json:
    if "vector" not in point:
        raise BadRequest("Format error in JSON body: missing field `vector`")
    return point["vector"]


def _payload(payload: Json) -> edge.Payload | None:
    return None if payload is None else json_object(payload, "payload")


def json_list(value: Json, name: str) -> list[Json]:
    """The value, if it is a list."""
    if not isinstance(value, list):
        raise BadRequest(f"Format error in JSON body: `{name}` must be a list, got {type(value).__name__}")
    return value


def json_object(value: Json, name: str) -> Object:
    """The value, if it is an object."""
    if not isinstance(value, dict):
        raise BadRequest(f"Format error in JSON body: `{name}` must hold objects, got {type(value).__name__}")
    return value
