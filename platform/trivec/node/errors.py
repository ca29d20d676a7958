"""Every error the node answers with, and the one place where Edge's exceptions become them.

TrivecError
└── NodeError
    ├── BadRequest      what was asked cannot be done this way       HTTP 400
    │   └── Unsupported Qdrant has it, one machine over Edge has not HTTP 400
    ├── Forbidden       a missing, unknown or too weak API key       HTTP 401, 403
    ├── Missing         a collection, point, alias or snapshot       HTTP 404
    ├── Conflict        it exists already, or is busy                HTTP 409
    ├── Unprocessable   a request that does not fit the schema       HTTP 422
    └── Internal        the engine failed                            HTTP 500
"""

from collections.abc import Iterator
from contextlib import contextmanager

from trivec.errors import TrivecError


class NodeError(TrivecError):
    """Root of the node's errors; `status` is the HTTP status, the message is what Qdrant's JSON carries."""

    code = "node_error"


class BadRequest(NodeError):
    """What was asked cannot be done this way."""

    code = "bad_request"
    status = 400


class Unsupported(BadRequest):
    """A Qdrant feature that one machine over Qdrant Edge does not serve."""

    code = "unsupported"


class Forbidden(NodeError):
    """A missing, unknown or too weak API key."""

    code = "forbidden"
    status = 403

    def __init__(self, message: str, *, status: int = 403) -> None:
        super().__init__(message)
        self.status = status


class Missing(NodeError):
    """A collection, point, alias or snapshot that does not exist."""

    code = "not_found"
    status = 404


class Conflict(NodeError):
    """It exists already, or is in use."""

    code = "conflict"
    status = 409


class Unprocessable(NodeError):
    """A request that does not fit the schema."""

    code = "unprocessable"
    status = 422


class Internal(NodeError):
    """The engine failed; nothing the client sent explains it."""

    code = "internal"
    status = 500


# What Edge says (it raises plain `Exception` with a text) and what it means to a client of the REST API.
_MISSING = ("No point with id", "Not found:", "not found")
_INTERNAL = ("Service runtime error", "Service internal error", "IO Error", "panicked")


@contextmanager
def edge_errors() -> Iterator[None]:
    """Turn whatever Edge raises inside the block into a `NodeError`."""
    try:
        yield
    except NodeError:
        raise
    except (KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:
        raise _translated(error) from error


def _translated(error: BaseException) -> NodeError:
    text = str(error)
    if isinstance(error, TypeError | ValueError | OverflowError):
        return BadRequest(f"Wrong input: {text}")
    if any(mark in text for mark in _MISSING):
        return Missing(text)
    if not isinstance(error, Exception) or any(mark in text for mark in _INTERNAL):
        return Internal(text)
    return BadRequest(f"Wrong input: {text}")
