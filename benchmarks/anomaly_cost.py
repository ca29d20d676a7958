"""What scoring anomalies adds to ingestion: both timed in one run, on the same passages, with one thread.

    python benchmarks/anomaly_cost.py [DOCUMENTS] [--json FILE]

Ingests annual messages of US presidents (package `sotu`) into a node of its own, learns what is usual, and scores every
passage as the hourly task does: read with its vectors, judged, written back.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

from trivec.evaluation.own_services import CORPUS, ingest, own_services
from trivec.services.anomaly_models import texts_of
from trivec.services.container import Container
from trivec.settings import Settings
from trivec.sources.demo import sotu_documents


def main() -> None:
    """Measure, print, and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("documents", type=int, nargs="?", default=3000)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    found = measure(asked.documents)
    print(json.dumps(found, indent=1))
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def measure(count: int) -> dict[str, float]:
    """Seconds of ingestion and of scoring, and the one as a share of the other."""
    some = [each for number, each in enumerate(sotu_documents()) if number % 7 == 0][:count]
    with own_services(Container(Settings()), threads=1) as (services, _):
        begun = time.perf_counter()
        ingest(services, some, say=print)
        ingested = time.perf_counter() - begun
        generation = services.store.current(CORPUS)
        learned = services.learning.learn("anomalies", CORPUS)
        assert learned.state == "done", learned.error
        names = list(services._anomaly_models.current(generation).model.tables)
        current = services._anomaly_models.current(generation)
        points = [point for page in services.store.pages(generation, with_vectors=names) for point in page.points]
        judged = _timed(lambda: current.model.judge(texts_of(points, names)))
        _forget_scores(services)
        again = _timed(lambda: services.anomalies.score_corpus(CORPUS))
        return {
            "documents": len(some),
            "passages": len(points),
            "reference": len(current.model.ids),
            "seconds_ingestion": round(ingested, 2),
            "seconds_judging": round(judged, 3),
            "seconds_scoring": round(again, 3),
            "judging_share": round(judged / ingested, 4),
            "scoring_share": round(again / ingested, 4),
            "milliseconds_a_passage": round(1000 * again / len(points), 3),
        }


def _forget_scores(services: Container) -> None:
    """As before the first scoring."""
    generation = services.store.current(CORPUS)
    ids = [each.passage.document_id for page in services.store.pages(generation) for each in page.points]
    services.store.set_payload(CORPUS, sorted(set(ids)), {"anomaly": None})


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
