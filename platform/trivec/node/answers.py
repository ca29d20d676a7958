"""Answers in Qdrant's envelope: `{"result", "status", "time"}`, and for errors `{"status": {"error"}, "time"}`."""

from time import perf_counter

import orjson
from starlette.responses import Response

from trivec.node.conversion.vectors import Json
from trivec.node.errors import NodeError

_JSON = "application/json"


def plain(value: Json, *, status: int = 200) -> Response:
    """A JSON value without an envelope."""
    return Response(orjson.dumps(value), status_code=status, media_type=_JSON)


def success(result: Json, *, started: float) -> Response:
    """What was asked for."""
    return plain({"result": result, "status": "ok", "time": perf_counter() - started})


def failure(error: NodeError, *, started: float) -> Response:
    """Why it could not be done."""
    return plain({"status": {"error": str(error)}, "time": perf_counter() - started}, status=error.status)
