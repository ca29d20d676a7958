"""Alive, ready, measured: for supervisors, load balancers and Prometheus."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from trivec.api import parts, probes, views
from trivec.api.auth import READ
from trivec.api.ingest_schemas import ReadyAnswer

router = APIRouter(tags=["health"])


@router.get("/healthz", summary="Is the process alive")
async def healthz() -> Response:
    """Yes, whatever the state of the parts it leans on."""
    return views.reply({"status": "ok"})


@router.get("/readyz", response_model=ReadyAnswer, responses={503: {"model": ReadyAnswer}}, summary="Can it serve")
def readyz(request: Request) -> Response:
    """Whether Qdrant (the node) and Redis answer; 503 when one does not."""
    settings = parts.container(request).settings
    key = settings.qdrant_api_key
    found = {
        "node": probes.node(settings.qdrant_url, api_key=key.get_secret_value() if key else None),
        "redis": probes.queue(settings.redis_url.get_secret_value()),
    }
    ready = all(state == probes.OK for state in found.values())
    return views.reply({"ready": ready, "parts": found}, status=200 if ready else 503)


@router.get("/metrics", summary="Prometheus metrics", dependencies=[READ])
def metrics(request: Request) -> Response:
    """Requests, latencies, searches and jobs in Prometheus's text format."""
    text = parts.metrics(request).text(parts.container(request).ingest.jobs())
    return Response(text, media_type="text/plain; version=0.0.4")
