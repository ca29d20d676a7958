"""The node itself: its version, its health, its metrics and its telemetry."""

from datetime import UTC, datetime
from importlib.metadata import version

from starlette.responses import PlainTextResponse, Response

from trivec.node import answers, metrics
from trivec.node.conversion.vectors import Json
from trivec.node.routes.call import Call

API_VERSION = version("qdrant-client")
"""The API that is served is the one these models describe."""
STARTED = datetime.now(UTC)


def root(call: Call) -> Response:
    """Name and version, outside the usual envelope as with Qdrant."""
    return answers.plain({"title": "trivec node: Qdrant's REST API over Qdrant Edge", "version": API_VERSION})


def healthy(call: Call) -> Response:
    """For probes: this process answers."""
    return PlainTextResponse(f"{call.request.url.path.strip('/')} check passed")


def prometheus(call: Call) -> Response:
    """Counts and times for Prometheus."""
    return Response(call.metrics.exposition(), media_type=metrics.MEDIA_TYPE)


def telemetry(call: Call) -> Json:
    """What runs here, in Qdrant's form."""
    return {
        "id": "trivec-node",
        "app": {"name": "trivec-node", "version": API_VERSION, "startup": STARTED.isoformat()},
        "collections": {"number_of_collections": len(call.catalogue.names())},
        "cluster": {"enabled": False},
    }


def cluster(call: Call) -> Json:
    """One machine: there is no cluster."""
    return {"status": "disabled"}
