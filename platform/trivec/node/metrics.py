"""Figures for Prometheus: requests and their times by endpoint, collections, points and memory. Names are Qdrant's."""

from collections.abc import Iterable
from importlib.metadata import version

import psutil
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from trivec.node.catalogue import Catalogue

MEDIA_TYPE = CONTENT_TYPE_LATEST
_LABELS = ("method", "endpoint", "status")
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Metrics:
    """What one node counts."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter("rest_responses", "Answers over REST", _LABELS, registry=self._registry)
        self._seconds = Histogram(
            "rest_responses_duration_seconds", "Time to answer", _LABELS, registry=self._registry, buckets=_SECONDS
        )
        self._registry.register(_State(catalogue))

    def observe(self, method: str, endpoint: str, status: int, seconds: float) -> None:
        """Count one answer; `endpoint` is the path as the table of routes has it."""
        labels = (method, endpoint, str(status))
        self._requests.labels(*labels).inc()
        self._seconds.labels(*labels).observe(seconds)

    def exposition(self) -> bytes:
        """All figures as Prometheus reads them."""
        return generate_latest(self._registry)


class _State(Collector):
    """Figures that are read when somebody looks."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def collect(self) -> Iterable[GaugeMetricFamily]:
        app = GaugeMetricFamily("app_info", "What runs here", labels=["name", "version"])
        app.add_metric(["trivec-node", version("qdrant-client")], 1)
        names = self._catalogue.names()
        points = GaugeMetricFamily("collection_points", "Points of a collection", labels=["id"])
        for name in names:
            points.add_metric([name], self._catalogue.get(name).info().points_count or 0)
        memory = psutil.Process().memory_info().rss
        yield from (app, points)
        yield GaugeMetricFamily("collections_total", "Collections", value=len(names))
        yield GaugeMetricFamily("memory_resident_bytes", "Resident memory of this process", value=memory)
