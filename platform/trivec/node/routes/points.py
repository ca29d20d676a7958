"""Points: write, read, scroll, count and facet them."""

from functools import partial

import qdrant_edge as edge
from qdrant_client.http import models

from trivec.node.conversion import updates
from trivec.node.conversion.filters import edge_filter
from trivec.node.conversion.ids import edge_id, edge_ids, id_from_path
from trivec.node.conversion.queries import at_least_one, order_by
from trivec.node.conversion.results import record, records, with_payload, with_vector
from trivec.node.conversion.vectors import Json
from trivec.node.errors import BadRequest, Missing
from trivec.node.routes.call import Call, Handler, written

_SCROLL_LIMIT = 10
_FACET_LIMIT = 10


def write(convert: updates.Convert) -> Handler:
    """The endpoint of one kind of write."""

    def handle(call: Call) -> Json:
        operation = convert(call.json(), call.shapes)
        return written(call, partial(call.collection.apply, operation))

    return handle


def batch(call: Call) -> Json:
    """Several writes in order."""
    collection = call.collection
    operations = updates.operations(call.json(), call.shapes)
    return [written(call, partial(collection.apply, operation)) for operation in operations]


def retrieve(call: Call) -> Json:
    """Points by their ids, those that exist."""
    request = call.model(models.PointRequest)
    vector = with_vector(request.with_vector)
    ids = edge_ids(i if isinstance(i, int) else str(i) for i in request.ids)
    found = call.collection.retrieve(ids, with_payload(request.with_payload, default=True), vector)
    return records(found, vector=bool(vector))


def get(call: Call) -> Json:
    """One point."""
    found = call.collection.retrieve([id_from_path(call.path("id"))], True, True)
    if not found:
        raise Missing(f"Not found: Point with id {call.path('id')} does not exists!")
    return record(found[0], vector=True)


def scroll(call: Call) -> Json:
    """Points page by page, by id or by a payload field."""
    request = call.model(models.ScrollRequest)
    if request.order_by is not None and request.offset is not None:
        raise BadRequest(
            "Bad request: Cannot use an `offset` when using `order_by`. The alternative for paging is to use "
            "`order_by.start_from` and a filter to exclude the IDs that you've already seen for that value"
        )
    points, following = call.collection.scroll(_scroll_request(request))
    return {"points": records(points, vector=bool(request.with_vector)), "next_page_offset": following}


def count(call: Call) -> Json:
    """How many points a filter meets."""
    request = call.model(models.CountRequest)
    exact = True if request.exact is None else request.exact
    return {"count": call.collection.count(edge.CountRequest(exact=exact, filter=edge_filter(request.filter)))}


def facet(call: Call) -> Json:
    """The values of a payload field with their counts."""
    request = call.model(models.FacetRequest)
    limit = at_least_one(request.limit, "limit", _FACET_LIMIT)
    answer = call.collection.facet(
        edge.FacetRequest(request.key, limit, request.exact or False, edge_filter(request.filter))
    )
    return {"hits": [{"value": hit.value, "count": hit.count} for hit in answer.hits]}


def _scroll_request(request: models.ScrollRequest) -> edge.ScrollRequest:
    offset = request.offset
    return edge.ScrollRequest(
        offset=None if offset is None else edge_id(offset if isinstance(offset, int) else str(offset)),
        limit=at_least_one(request.limit, "limit", _SCROLL_LIMIT),
        filter=edge_filter(request.filter),
        with_payload=with_payload(request.with_payload, default=True),
        with_vector=with_vector(request.with_vector),
        order_by=None if request.order_by is None else order_by(request.order_by),
    )
