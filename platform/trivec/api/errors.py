"""Every failure leaves as `{"error": {"code", "message"}}` with the status that fits."""

import logging

import orjson
from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.responses import Response

from trivec.errors import NotAllowed, TrivecError

log = logging.getLogger("trivec.api")

CODES = {
    400: "bad_request",
    401: "not_allowed",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    411: "length_required",
    413: "too_large",
    415: "unsupported_media_type",
    422: "bad_input",
}


def error_response(status: int, code: str, message: str, *, headers: dict[str, str] | None = None) -> Response:
    """One error as JSON."""
    body = orjson.dumps({"error": {"code": code, "message": message}})
    return Response(body, status_code=status, headers=headers, media_type="application/json")


def body_too_large(limit_mib: int) -> HTTPException:
    """413. An HTTPException, as FastAPI would turn any other one raised while it reads a body into a 400."""
    message = (
        f"the body is larger than {limit_mib} MiB: send less at once, ingest the file on the server "
        "(`trivec ingest`), or raise TRIVEC_MAX_BODY_MIB (TRIVEC_MAX_UPLOAD_MIB for uploaded files)"
    )
    return HTTPException(413, message)


def install(app: FastAPI) -> None:
    """Answer every kind of failure in our shape."""
    app.add_exception_handler(TrivecError, _of_our_tree)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(StarletteHTTPException, _of_http)
    app.add_exception_handler(Exception, _unexpected)


async def _of_our_tree(request: Request, error: Exception) -> Response:
    assert isinstance(error, TrivecError)  # noqa: S101  registered for nothing else
    if error.status >= 500:
        log.error("%s %s: %s", request.method, request.url.path, error)
    headers = {"WWW-Authenticate": "Bearer"} if isinstance(error, NotAllowed) and error.status == 401 else None
    return error_response(error.status, error.code, str(error), headers=headers)


async def _of_validation(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101  registered for nothing else
    return error_response(422, "bad_input", "; ".join(_complaint(detail) for detail in error.errors()))


def _complaint(detail: dict[str, object]) -> str:
    """`body.limit: Input should be less than or equal to 200, not 1000`."""
    location = detail.get("loc")
    where = ".".join(str(part) for part in location) if isinstance(location, tuple | list) else ""
    message = f"{where}: {detail.get('msg')}"
    if detail.get("type") == "json_invalid":
        context = detail.get("ctx")
        return f"{message} ({context.get('error')})" if isinstance(context, dict) else message
    value = detail.get("input")
    if value is None or isinstance(value, dict | list):
        return message
    shown = repr(value)
    return f"{message}, not {shown if len(shown) <= 80 else shown[:77] + '...'}"


async def _of_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, StarletteHTTPException)  # noqa: S101  registered for nothing else
    headers = dict(error.headers) if error.headers else None
    message = str(error.detail)
    if message in ("Not Found", "Method Not Allowed"):
        message = f"there is no {request.method} {request.url.path[:200]}: /docs lists what there is"
    return error_response(error.status_code, CODES.get(error.status_code, "error"), message, headers=headers)


async def _unexpected(request: Request, error: Exception) -> Response:
    request_id = request.scope.get("state", {}).get("request_id", "")
    log.error("%s %s failed (request %s)", request.method, request.url.path, request_id, exc_info=error)
    message = f"something went wrong here; the log of the API knows more under request id {request_id}"
    return error_response(500, "internal", message, headers={"X-Request-ID": request_id} if request_id else None)
