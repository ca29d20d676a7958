"""Updates: the JSON of a write in, an `edge.UpdateOperation` out, for single writes and for batches of them.

Bodies with vectors are converted straight from JSON; the rest, which carries no floats, is validated by the models.
"""

from __future__ import annotations  # some of Edge's names exist for type checkers only

from collections.abc import Callable, Mapping

import qdrant_edge as edge
from qdrant_client.http import models

from trivec.node.conversion.filters import edge_filter
from trivec.node.conversion.ids import edge_ids
from trivec.node.conversion.points import Object, edge_point_vectors, edge_points, json_list, json_object
from trivec.node.conversion.validation import Model, parse
from trivec.node.conversion.vectors import Json, VectorShapes
from trivec.node.errors import BadRequest, Unprocessable, Unsupported

Convert = Callable[[Json, VectorShapes], edge.UpdateOperation]
U = edge.UpdateOperation
_MODES: dict[Json, edge.UpdateMode] = {
    "upsert": edge.UpdateMode.Upsert,
    "insert_only": edge.UpdateMode.InsertOnly,
    "update_only": edge.UpdateMode.UpdateOnly,
}


def upsert(body: Json, shapes: VectorShapes) -> edge.UpdateOperation:
    """Insert or replace points, possibly under a condition."""
    fields = _fields(body, {"points", "batch", "update_filter", "update_mode"})
    mode = fields.get("update_mode") or "upsert"
    if mode not in _MODES:
        raise BadRequest(f"Format error in JSON body: update_mode: {mode!s} is none of {', '.join(map(str, _MODES))}")
    return U.upsert_points(edge_points(fields, shapes), _update_filter(fields), _MODES[mode])


def update_vectors(body: Json, shapes: VectorShapes) -> edge.UpdateOperation:
    """Replace some vectors of points that exist."""
    fields = _fields(body, {"points", "update_filter"})
    return U.update_vectors(edge_point_vectors(fields.get("points"), shapes), _update_filter(fields))


def delete_points(body: Json, shapes: VectorShapes) -> edge.UpdateOperation:
    """Delete points by ids or filter."""
    ids, filter_ = _selected(body)
    return U.delete_points(ids) if ids is not None else U.delete_points_by_filter(filter_)


def delete_vectors(body: Json, shapes: VectorShapes) -> edge.UpdateOperation:
    """Delete some vectors of points."""
    request = _parsed(models.DeleteVectors, body)
    if not request.vector:
        raise Unprocessable("Validation error in JSON body: [vector: at least one vector name is required]")
    for name in request.vector:
        shapes.require(name)
    ids, filter_ = _selection(request.points, request.filter)
    if ids is not None:
        return U.delete_vectors(ids, request.vector)
    return U.delete_vectors_by_filter(filter_, request.vector)


def set_payload(body: Json, shapes: VectorShapes) -> edge.UpdateOperation:
    """Set some payload fields."""
    request = _parsed(models.SetPayload, body)
    ids, filter_ = _selection(request.points, request.filter)
    if ids is not None:
        return U.set_payload(ids, request.payload, request.key)
    return U.set_payload_by_filter(filter_, request.payload, request.key)


def overwrite_payload(body: Json, shapes: VectorShapes) -> edge.UpdateOperation:
    """Replace the payload; a key changes nothing here, in Qdrant as well."""
    request = _parsed(models.SetPayload, body)
    ids, filter_ = _selection(request.points, request.filter)
    if ids is not None:
        return U.overwrite_payload(ids, request.payload)
    return U.overwrite_payload_by_filter(filter_, request.payload)


def delete_payload(body: Json, shapes: VectorShapes) -> edge.UpdateOperation:
    """Delete some payload fields."""
    request = _parsed(models.DeletePayload, body)
    ids, filter_ = _selection(request.points, request.filter)
    if ids is not None:
        return U.delete_payload(ids, request.keys)
    return U.delete_payload_by_filter(filter_, request.keys)


def clear_payload(body: Json, shapes: VectorShapes) -> edge.UpdateOperation:
    """Delete all payload."""
    ids, filter_ = _selected(body)
    return U.clear_payload(ids) if ids is not None else U.clear_payload_by_filter(filter_)


OPERATIONS: Mapping[str, Convert] = {
    "upsert": upsert,
    "delete": delete_points,
    "set_payload": set_payload,
    "overwrite_payload": overwrite_payload,
    "delete_payload": delete_payload,
    "clear_payload": clear_payload,
    "update_vectors": update_vectors,
    "delete_vectors": delete_vectors,
}


def operations(body: Json, shapes: VectorShapes) -> list[edge.UpdateOperation]:
    """All writes of a batch; nothing is applied unless every one of them can be read."""
    return [_operation(one, shapes) for one in json_list(json_object(body, "body").get("operations"), "operations")]


def _operation(one: Json, shapes: VectorShapes) -> edge.UpdateOperation:
    fields = json_object(one, "operations")
    name = next(iter(fields), "")
    if len(fields) != 1 or name not in OPERATIONS:
        raise BadRequest(
            f"Format error in JSON body: an operation is one of {', '.join(OPERATIONS)}; got {list(fields)}"
        )
    return OPERATIONS[name](fields[name], shapes)


def _selected(body: Json) -> tuple[list[edge.PointId] | None, edge.Filter]:
    fields = _fields(body, {"points", "filter"})
    if "points" in fields:
        return _selection(json_list(fields["points"], "points"), None)
    return _selection(None, parse(models.FilterSelector, fields).filter)


def _selection(
    ids: list[models.ExtendedPointId] | list[Json] | None, filter_: models.Filter | None
) -> tuple[list[edge.PointId] | None, edge.Filter]:
    if ids is not None:
        return edge_ids(ids), edge.Filter()
    if filter_ is None:
        raise Unprocessable("Validation error: Either list of point ids or filter must be specified")
    return None, edge_filter(filter_) or edge.Filter()


def _update_filter(fields: Object) -> edge.Filter | None:
    given = fields.get("update_filter")
    return None if given is None else edge_filter(parse(models.Filter, given))


def _parsed(model: type[Model], body: Json) -> Model:
    return parse(model, refuse_shard_key(json_object(body, "body")))


def _fields(body: Json, known: set[str]) -> Object:
    fields = refuse_shard_key(json_object(body, "body"))
    if unknown := fields.keys() - known:
        raise BadRequest(
            f"Format error in JSON body: unknown field `{min(unknown)}`, expected {', '.join(sorted(known))}"
        )
    return fields


def refuse_shard_key(fields: Object) -> Object:
    """The fields without an empty shard key; a real one asks for what one machine does not have."""
    if fields.get("shard_key") is not None:
        raise Unsupported("Shard keys are not served: every collection here is one shard. Leave shard_key out")
    return {name: value for name, value in fields.items() if name != "shard_key"} if "shard_key" in fields else fields
