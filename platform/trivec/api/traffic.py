"""What every request passes: an id, a body limit, a count and a log line. Plain ASGI, as it is on the hot path."""

import logging
import re
import time
import uuid
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trivec.api.errors import body_too_large, error_response
from trivec.api.metrics import Metrics

log = logging.getLogger("trivec.api.access")
MEBIBYTE = 1024 * 1024
_SAFE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_QUIET = {"/healthz", "/readyz", "/metrics"}  # asked every few seconds by machines


@dataclass
class Answered:
    """The status sent, 500 until one is."""

    status: int = 500


class Traffic:
    """Gives each request an id (the caller's `X-Request-ID`, when harmless), counts and logs it."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = _request_id(Headers(scope=scope))
        scope.setdefault("state", {})["request_id"] = request_id
        answered = Answered()

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                answered.status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        began = time.perf_counter()
        try:
            await self.app(scope, receive, send_with_id)
        finally:
            self._record(scope, answered.status, time.perf_counter() - began, request_id)

    def _record(self, scope: Scope, status: int, seconds: float, request_id: str) -> None:
        route = getattr(scope.get("route"), "path", "unmatched")
        self.metrics.request(scope["method"], route, status, seconds)
        level = logging.DEBUG if route in _QUIET else logging.INFO
        if log.isEnabledFor(level):
            facts = {
                "request_id": request_id,
                "method": scope["method"],
                "path": scope["path"],
                "status": status,
                "ms": round(seconds * 1000, 2),
                "client": scope["client"][0] if scope.get("client") else "",
            }
            log.log(level, "%s %s %s", scope["method"], scope["path"], status, extra={"facts": facts})


def _request_id(headers: Headers) -> str:
    given = headers.get("x-request-id", "")
    return given if _SAFE_ID.fullmatch(given) else uuid.uuid4().hex


class BodyLimit:
    """Refuses bodies over the limit: by their declared length at once, undeclared ones as soon as they pass it.

    Uploaded files, which are streamed to disk, have a limit of their own.
    """

    def __init__(self, app: ASGIApp, *, max_body_mib: int, max_upload_mib: int) -> None:
        self.app = app
        self.body_mib = max_body_mib
        self.upload_mib = max_upload_mib

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        mib = self.upload_mib if scope["path"].startswith("/v1/ingest") else self.body_mib
        declared = Headers(scope=scope).get("content-length", "0")
        if declared.isdigit() and int(declared) > mib * MEBIBYTE:
            error = body_too_large(mib)
            response = error_response(error.status_code, "too_large", error.detail, headers={"Connection": "close"})
            await response(scope, receive, send)
            return
        await self.app(scope, _counted(receive, mib), send)


def _counted(receive: Receive, mib: int) -> Receive:
    seen = 0

    async def receive_counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > mib * MEBIBYTE:
            raise body_too_large(mib)
        return message

    return receive_counted
