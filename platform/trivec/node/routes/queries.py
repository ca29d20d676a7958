"""Queries: one, several at once, and grouped."""

from __future__ import annotations  # some of Edge's names exist for type checkers only

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import qdrant_edge as edge
from qdrant_client.http import models

from trivec.node.catalogue import Catalogue
from trivec.node.collection import Collection
from trivec.node.conversion.points import json_list, json_object
from trivec.node.conversion.queries import QueryReader
from trivec.node.conversion.results import scored_points
from trivec.node.conversion.updates import refuse_shard_key
from trivec.node.conversion.validation import parse
from trivec.node.conversion.vectors import Json, VectorShapes, vector_of
from trivec.node.errors import BadRequest, Missing
from trivec.node.routes.call import Call


def query(call: Call) -> Json:
    """The best points for one query."""
    request = call.model(models.QueryRequest)
    asked = reader(call).request(request)
    with formula_errors():
        points = call.collection.query(asked)
    return {"points": scored_points(points, vector=bool(request.with_vector))}


def query_batch(call: Call) -> Json:
    """The best points for each of several queries."""
    searches = json_list(json_object(call.json(), "body").get("searches"), "searches")
    requests = [parse(models.QueryRequest, refuse_shard_key(json_object(one, "searches"))) for one in searches]
    read = reader(call)
    asked = [read.request(request) for request in requests]
    with formula_errors():
        answers = call.collection.query_batch(asked)
    return [
        {"points": scored_points(points, vector=bool(request.with_vector))}
        for request, points in zip(requests, answers, strict=True)
    ]


@contextmanager
def formula_errors() -> Iterator[None]:
    """A formula that lacks a number is all that makes Edge cancel a query; say that instead."""
    try:
        yield
    except BadRequest as error:
        if "Operation cancelled" not in str(error):
            raise
        raise BadRequest(
            "Wrong input: the formula cannot be evaluated: one of its variables is no number in some payload and has "
            "no default, or a term is not finite. Give it a value in `defaults`"
        ) from error


def reader(call: Call) -> QueryReader:
    """Reads queries to the collection of the call."""
    return QueryReader(call.shapes, StoredVectors(call.catalogue, call.collection))


@dataclass(frozen=True)
class StoredVectors:
    """Reads the vector of a point, in the collection that is asked or in another."""

    catalogue: Catalogue
    asked: Collection

    def __call__(self, lookup: models.LookupLocation | None, name: str, point_id: edge.PointId) -> edge.NamedVector:
        """The stored vector.

        Raises:
            Missing: no such collection, no such point, or it has no such vector.
        """
        collection = self.catalogue.get(lookup.collection) if lookup else self.asked
        VectorShapes.of(collection.parameters).require(name)
        found = collection.retrieve([point_id], False, [name])
        if not found:
            raise Missing(f"Not found: No point with id {point_id} found")
        vector = vector_of(found[0].vector, name)
        if vector is None:
            raise Missing(f'Not found: Vector with name "{name}" for point {point_id} not found')
        return vector
