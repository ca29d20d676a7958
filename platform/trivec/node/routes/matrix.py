"""Distance matrices: how near each of some sampled points is to its nearest among them."""

from __future__ import annotations  # some of Edge's names exist for type checkers only

import qdrant_edge as edge
from qdrant_client.http import models

from trivec.node.conversion.filters import edge_filter, with_conditions
from trivec.node.conversion.queries import at_least_one
from trivec.node.conversion.vectors import Json, vector_of
from trivec.node.routes.call import Call

_LIMIT = 3
_SAMPLE = 10


def pairs(call: Call) -> Json:
    """The matrix as pairs."""
    return {"pairs": [{"a": a, "b": hit.id, "score": hit.score} for a, hits in _rows(call) for hit in hits]}


def offsets(call: Call) -> Json:
    """The matrix as rows and columns of a sparse matrix."""
    rows = _rows(call)
    column = {point_id: position for position, (point_id, _) in enumerate(rows)}
    cells = [(row, column[hit.id], hit.score) for row, (_, hits) in enumerate(rows) for hit in hits]
    return {
        "offsets_row": [row for row, _, _ in cells],
        "offsets_col": [col for _, col, _ in cells],
        "scores": [score for _, _, score in cells],
        "ids": [point_id for point_id, _ in rows],
    }


def _rows(call: Call) -> list[tuple[edge.PointId, list[edge.ScoredPoint]]]:
    request = call.model(models.SearchMatrixRequest)
    limit = at_least_one(request.limit, "limit", _LIMIT)
    name = request.using or ""
    call.shapes.require(name)
    sampled = _sample(call, request, name)
    if len(sampled) < 2:
        return []
    ids = [point.id for point in sampled]
    answers = call.collection.query_batch([_nearest(point, name, ids, limit) for point in sampled])
    return list(zip(ids, answers, strict=True))


def _sample(call: Call, request: models.SearchMatrixRequest, name: str) -> list[edge.ScoredPoint]:
    points = call.collection.query(
        edge.QueryRequest(
            limit=at_least_one(request.sample, "sample", _SAMPLE),
            query=edge.Sample.Random,
            with_vector=[name],
            filter=with_conditions(edge_filter(request.filter), edge.HasVectorCondition(name)),
        )
    )
    return sorted(points, key=lambda point: (not isinstance(point.id, int), point.id))


def _nearest(point: edge.ScoredPoint, name: str, ids: list[edge.PointId], limit: int) -> edge.QueryRequest:
    others = edge.HasIdCondition({other for other in ids if other != point.id})
    vector = vector_of(point.vector, name) or []
    return edge.QueryRequest(limit=limit, query=edge.Query.Nearest(vector, name), filter=edge.Filter(must=[others]))
