"""The one connection to Qdrant: patience with a server that restarts, and its errors in our tree."""

import re
import warnings
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
import numpy as np
import orjson
from pydantic import BaseModel
from qdrant_client import QdrantClient, models
from qdrant_client.common.client_exceptions import ResourceExhaustedResponse
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_exponential, wait_random

from trivec.errors import BadInput, Broken, Conflict, NotAllowed, NotFound, TooLarge, TrivecError, Unavailable

T = TypeVar("T")
Json = dict[str, Any]

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Connection:
    """Sends requests, again and again for a while when the server does not answer.

    Every request of the store may run twice (writes are keyed by point id), so repeating is always safe.

    Attributes:
        client: the official client.
        local: it is an in-memory client, which has no payload indexes.
        patience: seconds to go on trying.
    """

    def __init__(self, client: QdrantClient, *, patience: float) -> None:
        self.client = client
        self.local = client.init_options.get("location") == ":memory:" or client.init_options.get("path") is not None
        self.patience = patience

    @classmethod
    def open(cls, url: str, *, api_key: str | None, timeout: float, patience: float) -> "Connection":
        """A connection that keeps its sockets open; nothing is sent yet."""
        with warnings.catch_warnings():
            if urlsplit(url).hostname in _LOOPBACK:
                warnings.filterwarnings("ignore", message="Api key is used with an insecure connection")
            client = QdrantClient(
                url=url,
                api_key=api_key,
                timeout=max(1, round(timeout)),
                check_compatibility=False,
                limits=httpx.Limits(max_keepalive_connections=32, keepalive_expiry=30.0),
            )
        return cls(client, patience=patience)

    def call(self, what: str, request: Callable[[], T]) -> T:
        """The answer to a request; `what` names it in error messages.

        Raises:
            Unavailable: no answer after all tries.
            TrivecError: whatever else the server said, in our words.
        """
        tries = Retrying(
            retry=retry_if_exception(_may_pass),
            wait=wait_exponential(multiplier=0.05, max=2.0) + wait_random(0, 0.1),
            stop=stop_after_delay(self.patience),
            reraise=True,
        )
        try:
            return tries(request)
        except (UnexpectedResponse, ResponseHandlingException, ResourceExhaustedResponse, ValueError) as error:
            raise _ours(what, error) from error

    def query(self, collection: str, searches: Sequence[Json]) -> list[list[tuple[str, float]]]:
        """Several queries in one request, as Qdrant's REST API spells them; ids and scores, best first.

        This is the hot path: the client's models would take longer to build than Qdrant to answer, so arrays go
        straight to JSON and scores straight to tuples, through the client's own connection.
        """
        body = orjson.dumps({"searches": searches}, default=_plain, option=orjson.OPT_SERIALIZE_NUMPY)
        if self.local:
            requests = models.QueryRequestBatch.model_validate_json(body).searches
            answers = self.client.query_batch_points(collection, requests)
            return [[(str(point.id), point.score) for point in answer.points] for answer in answers]
        answer = self._post("/collections/{name}/points/query/batch", collection, body)
        return [[(str(point["id"]), point["score"]) for point in found["points"]] for found in answer]

    def retrieve(
        self, collection: str, ids: Sequence[str], *, payload: bool | Sequence[str], vectors: Sequence[str] = ()
    ) -> list[Json]:
        """Points by id, each with `id`, `payload` and `vector`, as Qdrant's REST API spells them."""
        if self.local:
            with_payload = payload if isinstance(payload, bool) else list(payload)
            records = self.client.retrieve(collection, ids, with_payload=with_payload, with_vectors=list(vectors))
            return [record.model_dump() for record in records]
        body = orjson.dumps({"ids": ids, "with_payload": payload, "with_vector": vectors})
        found: list[Json] = self._post("/collections/{name}/points", collection, body)
        return found

    def _post(self, path: str, collection: str, body: bytes) -> Any:
        """The `result` of an answer, plain, through the official client's own connection."""
        answer = self.client.http.search_api.api_client.request(
            type_=dict,
            method="POST",
            url=path,
            path_params={"name": collection},
            headers={"Content-Type": "application/json"},
            content=body,
        )
        return answer["result"]


def _plain(value: object) -> object:
    """What orjson does not write by itself: filters, and arrays that are views."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude_none=True)
    if isinstance(value, np.ndarray):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} in a query")


def _may_pass(error: BaseException) -> bool:
    if isinstance(error, ResponseHandlingException):
        return isinstance(error.source, httpx.TransportError)
    if isinstance(error, UnexpectedResponse):
        return error.status_code in (429, 502, 503, 504)
    return isinstance(error, ResourceExhaustedResponse)


def _ours(what: str, error: Exception) -> TrivecError:
    if isinstance(error, UnexpectedResponse):
        return _of_status(what, error.status_code or 500, error)
    if isinstance(error, ResponseHandlingException):
        if isinstance(error.source, httpx.TransportError):
            return Unavailable(f"{what}: Qdrant does not answer ({error.source or type(error.source).__name__})")
        return Broken(f"{what}: Qdrant's answer cannot be read: {error.source}")
    if isinstance(error, ResourceExhaustedResponse):
        return Unavailable(f"{what}: Qdrant is overloaded: {error}")
    missing = re.search(r"not found|doesn't exist", str(error))
    return NotFound(f"{what}: {error}") if missing else BadInput(f"{what}: {error}")


def _of_status(what: str, status: int, error: UnexpectedResponse) -> TrivecError:
    message = f"{what}: {_reason(error)}"
    if status in (401, 403):
        return NotAllowed(f"{message}; check TRIVEC_QDRANT_API_KEY", status=status)
    kinds: dict[int, type[TrivecError]] = {404: NotFound, 409: Conflict, 413: TooLarge}
    kind = kinds.get(status, BadInput if 400 <= status < 500 and status != 429 else Unavailable)
    return kind(message)


def _reason(error: UnexpectedResponse) -> str:
    found = re.search(rb'"error"\s*:\s*"((?:[^"\\]|\\.)*)"', error.content or b"")
    return found.group(1).decode(errors="replace") if found else f"HTTP {error.status_code} from Qdrant"
