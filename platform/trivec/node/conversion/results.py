"""Results: Edge's points in, the JSON of Qdrant's answers out."""

from __future__ import annotations  # some of Edge's names exist for type checkers only

from collections.abc import Iterable

import qdrant_edge as edge
from qdrant_client.http import models

from trivec.node.conversion.vectors import json_vector

Json = dict[str, object]


def with_payload(selector: models.WithPayloadInterface | None, *, default: bool) -> edge.WithPayloadType:
    """Which payload fields to read."""
    match selector:
        case None:
            return default
        case models.PayloadSelectorExclude(exclude=keys):
            return edge.PayloadSelector.Exclude(keys)
        case models.PayloadSelectorInclude(include=keys) | list(keys):
            return edge.PayloadSelector.Include(keys)
        case bool():
            return selector
    return default


def with_vector(selector: models.WithVector | None) -> edge.WithVectorType:
    """Which vectors to read; none by default."""
    return selector if selector is not None else False


def scored_point(point: edge.ScoredPoint, *, vector: bool) -> Json:
    """One hit; Edge may carry vectors that nobody asked for (MMR reads them), so `vector` decides."""
    result: Json = {"id": point.id, "version": point.version, "score": point.score}
    return _complete(result, point, vector=vector)


def record(point: edge.Record, *, vector: bool) -> Json:
    """One stored point."""
    return _complete({"id": point.id}, point, vector=vector)


def scored_points(points: Iterable[edge.ScoredPoint], *, vector: bool) -> list[Json]:
    """Hits in order."""
    return [scored_point(point, vector=vector) for point in points]


def records(points: Iterable[edge.Record], *, vector: bool) -> list[Json]:
    """Stored points in order."""
    return [record(point, vector=vector) for point in points]


def _complete(result: Json, point: edge.ScoredPoint | edge.Record, *, vector: bool) -> Json:
    payload = point.payload
    if payload is not None:
        result["payload"] = payload
    if vector and (vectors := point.vector) is not None:
        result["vector"] = json_vector(vectors)
    if (order := point.order_value) is not None:
        result["order_value"] = order
    return result
