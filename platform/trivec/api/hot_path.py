"""POST /v1/search without the framework's machinery, which costs more than half of what the API adds to a search.

The same checks, errors and answer: the route of `routes.search` stays behind it, as what the documentation shows and as
what this calls; a test holds the two against each other.
"""

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from trivec.api.auth import Keys, key_in
from trivec.api.routes.search import search
from trivec.api.schemas import SearchBody

PATH = "/v1/search"


def install(app: FastAPI) -> None:
    """Answer searches before any other route is looked at."""
    app.router.routes.insert(0, Route(PATH, _search, methods=["POST"], include_in_schema=False))


async def _search(request: Request) -> Response:
    request.scope["route"] = _ROUTE  # as FastAPI does, for the count of requests by route
    keys: Keys = request.app.state.keys
    keys.check(key_in(request.headers), "read")
    try:
        body = SearchBody.model_validate_json(await request.body())
    except ValidationError as error:
        raise RequestValidationError([{**each, "loc": ("body", *each["loc"])} for each in error.errors()]) from error
    return await run_in_threadpool(search, request, body)


_ROUTE = Route(PATH, _search, methods=["POST"])
