"""The API as an application: routes, keys, limits, errors and OpenAPI around one container of services."""

from __future__ import annotations

import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import FastAPI

from trivec import __version__
from trivec.api import errors, hot_path
from trivec.api.auth import Keys
from trivec.api.ingest_schemas import ErrorAnswer
from trivec.api.metrics import Metrics
from trivec.api.routes import (
    anomalies,
    classify,
    corpora,
    documents,
    health,
    ingest,
    jobs,
    learning,
    models,
    search,
    trends,
)
from trivec.api.routes import map as map_routes
from trivec.api.traffic import BodyLimit, Traffic
from trivec.api.uploads import Uploads
from trivec.errors import TrivecError

if TYPE_CHECKING:
    from trivec.services.container import Container
    from trivec.settings import Settings

log = logging.getLogger("trivec.api")
UPLOADS_KEPT_SECONDS = 24 * 3600.0  # a preview is kept so long for its ingestion

ABOUT = """Search, browse and fill corpora of text, each document with several views of its meaning as named vectors.

Every failure is `{"error": {"code", "message"}}`. Long work answers **202** with a job to watch. Where API keys are
configured, send one as `Authorization: Bearer KEY` or `X-API-Key`; reading takes any key, writing a write key.
"""
TAGS = [
    {"name": "search", "description": "Questions and their hits."},
    {"name": "corpora", "description": "Collections of documents that are searched together."},
    {"name": "documents", "description": "Single documents."},
    {"name": "ingest", "description": "Files in."},
    {"name": "jobs", "description": "Work that takes longer than a request."},
    {"name": "classify", "description": "Texts in the taxonomy that a corpus's labels make up."},
    {"name": "learning", "description": "Training in the background."},
    {"name": "models", "description": "What was learned, what serves, and why."},
    {"name": "anomalies", "description": "What is unusual in a corpus, and why."},
    {"name": "map", "description": "How the documents of a corpus lie together."},
    {"name": "trends", "description": "Topics over time, where they are going, and how their meaning moves."},
    {"name": "health", "description": "For supervisors, load balancers and Prometheus."},
]
FAILURES = {
    401: "An API key is missing or unknown",
    403: "The API key may only read",
    404: "There is no such thing",
    413: "The body is too large",
    422: "What was given cannot be used",
    503: "A part does not answer",
}


def create_app(container: Container) -> FastAPI:
    """The API over a container's services; keys and limits come from the container's settings."""
    settings = container.settings
    app = FastAPI(
        title="Trivec",
        version=__version__,
        description=ABOUT,
        openapi_tags=TAGS,
        lifespan=_lifespan,
        responses={status: {"model": ErrorAnswer, "description": text} for status, text in FAILURES.items()},
    )
    app.state.container = container
    app.state.keys = keys_of(settings)
    app.state.metrics = Metrics()
    app.state.uploads = Uploads(settings.home / "uploads")
    errors.install(app)
    for part in (
        search,
        corpora,
        documents,
        ingest,
        jobs,
        classify,
        learning,
        models,
        anomalies,
        map_routes,
        trends,
        health,
    ):
        app.include_router(part.router)
    hot_path.install(app)
    app.add_middleware(BodyLimit, max_body_mib=settings.max_body_mib, max_upload_mib=settings.max_upload_mib)
    app.add_middleware(Traffic, metrics=app.state.metrics)
    return app


def keys_of(settings: Settings) -> Keys:
    """The configured API keys."""
    return Keys(
        read=tuple(key.get_secret_value() for key in settings.api_read_keys),
        write=tuple(key.get_secret_value() for key in settings.api_write_keys),
    )


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Prepare in the background, so that the API answers at once."""
    preparing = threading.Thread(target=prepare, args=(app.state.container, app.state.uploads), daemon=True)
    preparing.start()
    yield


def prepare(container: Container, uploads: Uploads) -> None:
    """Clear away old uploads; load the encoders of every corpus by asking it something."""
    from trivec.services.search_records import SearchRequest

    uploads.sweep(older_than_seconds=UPLOADS_KEPT_SECONDS)
    try:
        for corpus in container.corpora.list():
            container.search.search(SearchRequest(query="warm up", corpus=corpus.name, limit=1))
    except TrivecError as error:
        log.info("not warmed up: %s", error)
