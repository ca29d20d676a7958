"""The node as an ASGI application: every request is let in, read, answered and counted here, and nowhere else.

Handlers run on the event loop's thread, because that is the one thread that touches shards.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from inspect import isawaitable
from time import perf_counter

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from trivec.node import answers
from trivec.node.auth import Guard
from trivec.node.catalogue import Catalogue
from trivec.node.errors import Internal, NodeError, edge_errors
from trivec.node.metrics import Metrics
from trivec.node.routes.call import Call, Endpoint
from trivec.node.routes.table import ENDPOINTS

BODY_LIMIT = 32 * 1024 * 1024
"""Qdrant's default, in bytes."""


class TooLarge(NodeError):
    """A body beyond the limit."""

    code = "too_large"
    status = 413


_UPKEEP_RETRY_SECONDS = 5
_LOG = logging.getLogger(__name__)


def create_app(
    catalogue: Catalogue,
    *,
    api_key: str | None = None,
    read_only_api_key: str | None = None,
    body_limit: int = BODY_LIMIT,
) -> Starlette:
    """The node over a catalogue, which it closes when it stops.

    Args:
        catalogue: the collections to serve.
        api_key: may read and write; without any key, everybody may.
        read_only_api_key: may read.
        body_limit: bytes of the largest body that is read into memory.
    """
    node = _Node(catalogue, Guard(api_key=api_key, read_only_api_key=read_only_api_key), Metrics(catalogue), body_limit)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        upkeep = asyncio.create_task(_maintain(catalogue))
        yield
        upkeep.cancel()
        await asyncio.wait([upkeep])
        catalogue.close()

    return Starlette(
        routes=[Route(one.path, _Served(node, one), methods=[one.method]) for one in ENDPOINTS],
        lifespan=lifespan,
        exception_handlers={HTTPException: _not_an_endpoint},
    )


async def _maintain(catalogue: Catalogue) -> None:
    """Index building and flushing, for as long as we serve: what fails is logged and tried again."""
    while True:
        try:
            await catalogue.maintain()
        except Exception:  # noqa: BLE001  serving goes on without upkeep better than not at all
            _LOG.exception("upkeep failed, trying again in %s s", _UPKEEP_RETRY_SECONDS)
            await asyncio.sleep(_UPKEEP_RETRY_SECONDS)


@dataclass(frozen=True)
class _Node:
    """What all endpoints share."""

    catalogue: Catalogue
    guard: Guard
    metrics: Metrics
    body_limit: int


@dataclass(frozen=True)
class _Served:
    """One endpoint as an ASGI application."""

    node: _Node
    endpoint: Endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = perf_counter()
        request = Request(scope, receive)
        try:
            response = await self._answer(request, started)
        except NodeError as error:
            if isinstance(error, Internal):
                _LOG.exception("%s %s failed", scope["method"], scope["path"])
            response = answers.failure(error, started=started)
        except Exception as error:  # noqa: BLE001  the last resort of a server: say so, log it, live on
            _LOG.exception("%s %s failed", scope["method"], scope["path"])
            response = answers.failure(Internal(f"Service internal error: {error!r}"), started=started)
        await response(scope, receive, send)
        seconds = perf_counter() - started
        self.node.metrics.observe(self.endpoint.method, self.endpoint.path, response.status_code, seconds)

    async def _answer(self, request: Request, started: float) -> Response:
        self.node.guard.check(request.headers, self.endpoint.access)
        body = b"" if self.endpoint.streams else await _read(request, self.node.body_limit)
        with edge_errors():
            result = self.endpoint.handle(Call(request, self.node.catalogue, self.node.metrics, body))
        if isawaitable(result):
            result = await result
        return result if isinstance(result, Response) else answers.success(result, started=started)


async def _read(request: Request, limit: int) -> bytes:
    """The whole body, unless it is larger than the limit."""
    announced = int(request.headers.get("content-length", "0"))
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if max(size, announced) > limit:
            raise TooLarge(
                f"Payload error: JSON payload ({max(size, announced)} bytes) is larger than allowed ({limit} bytes)"
            )
        chunks.append(chunk)
    return b"".join(chunks)


async def _not_an_endpoint(request: Request, error: Exception) -> Response:
    """A path or method that Qdrant does not have either."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    text = f"Not found: {request.method} {request.url.path} is not an endpoint of this node"
    return answers.plain({"status": {"error": text}, "time": 0.0}, status=status)
