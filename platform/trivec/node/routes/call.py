"""One request as the endpoints see it: the catalogue, the collection it names, its body and its options."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cached_property

import orjson
from starlette.requests import Request

from trivec.node.auth import Access
from trivec.node.catalogue import Catalogue
from trivec.node.collection import Collection
from trivec.node.conversion.points import json_object
from trivec.node.conversion.updates import refuse_shard_key
from trivec.node.conversion.validation import Model, parse
from trivec.node.conversion.vectors import Json, VectorShapes
from trivec.node.errors import BadRequest
from trivec.node.metrics import Metrics

Handler = Callable[["Call"], Json | Awaitable[Json]]
"""Does the work of an endpoint. What it returns is the `result` of the answer, unless it is a whole response."""


@dataclass(frozen=True)
class Endpoint:
    """One line of the table of routes.

    Attributes:
        method: HTTP method.
        path: with parameters in braces.
        handle: does the work.
        access: what it asks of the caller.
        streams: the handler reads the body itself.
    """

    method: str
    path: str
    handle: Handler
    access: Access
    streams: bool = False


@dataclass(frozen=True)
class Call:
    """A request to an endpoint.

    Attributes:
        request: Starlette's view of it.
        catalogue: all collections.
        metrics: what the node counts.
        body: as it came, empty where the endpoint streams.
    """

    request: Request
    catalogue: Catalogue
    metrics: Metrics
    body: bytes

    @cached_property
    def collection(self) -> Collection:
        """The collection that the path names."""
        return self.catalogue.get(self.path("collection"))

    @property
    def shapes(self) -> VectorShapes:
        """The vectors that the collection holds."""
        return VectorShapes.of(self.collection.parameters)

    def path(self, name: str) -> str:
        """A parameter of the path."""
        return str(self.request.path_params[name])

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A true-or-false option of the query string."""
        given = self.request.query_params.get(name)
        if given is None:
            return default
        if given.lower() not in {"true", "false"}:
            raise BadRequest(f"Wrong input: {name} must be true or false, got {given}")
        return given.lower() == "true"

    def json(self) -> Json:
        """The body as JSON."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            raise BadRequest(f"Format error in JSON body: {error}") from error

    def model(self, model: type[Model]) -> Model:
        """The body as one of Qdrant's models."""
        return parse(model, refuse_shard_key(json_object(self.json(), "body")))


def written(call: Call, write: Callable[[], int]) -> Json:
    """Write, and answer. It is durable either way; who did not ask to wait is told no more than with Qdrant."""
    status = "completed" if call.flag("wait") else "acknowledged"
    return {"operation_id": write(), "status": status}
