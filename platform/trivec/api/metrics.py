"""What Prometheus reads at /metrics: requests, latencies, searches by mode, jobs by state."""

from collections import Counter as Tally
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

from trivec.records import JobStatus

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_STATES = ("reading", "training", "running", "done", "failed", "cancelled")


class Metrics:
    """The counters of one API process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self._requests = Counter(
            "trivec_requests", "Requests answered.", ["method", "route", "status"], registry=self.registry
        )
        self._seconds = Histogram(
            "trivec_request_seconds", "Time to answer.", ["method", "route"], buckets=_SECONDS, registry=self.registry
        )
        self._searches = Counter(
            "trivec_searches", "Searches, by fusion and vectors asked.", ["fusion", "using"], registry=self.registry
        )
        self._degraded = Counter("trivec_searches_degraded", "Searches with parts missing.", registry=self.registry)
        self._jobs = Gauge("trivec_jobs", "Ingestion jobs, by state.", ["state"], registry=self.registry)

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count an answered request; `route` is the template, so that ids do not become labels."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def search(self, *, fusion: str, using: Iterable[str] | None, degraded: bool) -> None:
        """Count a search that answered."""
        self._searches.labels(fusion, "+".join(sorted(using)) if using else "default").inc()
        if degraded:
            self._degraded.inc()

    def text(self, jobs: Iterable[JobStatus]) -> bytes:
        """Everything in Prometheus's text format."""
        states: Tally[str] = Tally(job.state for job in jobs)
        for state in _STATES:
            self._jobs.labels(state).set(states[state])
        return generate_latest(self.registry)
