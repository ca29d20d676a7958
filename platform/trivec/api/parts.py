"""What a route takes from its application: the container of services, uploads, metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from fastapi import Request

from trivec.api.metrics import Metrics
from trivec.api.uploads import Uploads

if TYPE_CHECKING:
    from trivec.services.container import Container


def container(request: Request) -> Container:
    """The services."""
    return cast("Container", request.app.state.container)


def uploads(request: Request) -> Uploads:
    """Where uploads wait."""
    return cast("Uploads", request.app.state.uploads)


def metrics(request: Request) -> Metrics:
    """The counters of this process."""
    return cast("Metrics", request.app.state.metrics)
