"""A report of trends in a real worker: killed in the middle it is finished by the next one.

That it is the same as an undisturbed one is tested beside its service.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from tests.support.processes import Stack, wait_until
from trivec.encoders import sparse
from trivec.encoders.catalog import build
from trivec.records import Document
from trivec.services.batches import Batch, BatchWriter
from trivec.services.job_records import now
from trivec.services.learning_records import LearningStatus
from trivec.services.passages import Preparation

pytestmark = pytest.mark.services

CORPUS = "ledgers"
WORDS = [f"{one}{other}" for one in ("river", "snow", "farm", "ship", "court") for other in "abcdefghijklmnopqrst"]


def documents() -> list[Document]:
    """Three years of notes, one a day for most of each month."""
    random = np.random.default_rng(1)
    return [
        Document(
            f"{month}-{number}",
            " ".join(random.choice(WORDS, 60)),
            date=datetime(2001 + month // 12, month % 12 + 1, 1 + number, tzinfo=UTC),
        )
        for month in range(36)
        for number in range(28)
    ]


@pytest.fixture(scope="module")
def corpus(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    store, spec = stack.container.store, sparse.spec("bm25", average_terms=60.0)
    store.activate(store.create_generation(CORPUS, [spec]))
    encoders = build([spec], artefacts=Path, cache=tmp_path_factory.mktemp("none"), threads=1)
    writer = BatchWriter(store, lambda _generation: encoders, Preparation())
    writer.write(Batch(CORPUS, documents(), now()), looked=lambda unchanged: None)
    yield CORPUS
    store.delete_corpus(CORPUS)


def when(stack: Stack, job: str, share: float) -> LearningStatus:
    def reached() -> bool:
        stack.supervise()
        status = stack.container.learning.status(job)
        return status.share >= share or status.finished_at is not None

    wait_until(reached, seconds=240, what=f"{share:.0%} done, logs in {stack.home}")
    return stack.container.learning.status(job)


def test_a_report_whose_worker_is_killed_is_finished_by_the_next(stack: Stack, corpus: str) -> None:
    service = stack.container.learning
    job = service.submit("trends", corpus).id
    assert when(stack, job, 0.61).state == "running", "too fast: nothing was killed in the middle"
    stack.worker.kill()
    wait_until(lambda: service.status(job).state == "waiting", what="the kernel takes the claim back")
    stack.worker.start()
    done = when(stack, job, 1.0)
    assert (done.state, done.error) == ("done", "")
    files = {path.name for path in stack.container.registry.path(done.result["reference"]).rglob("*")}
    assert {"report.json", "terms.safetensors", "drift.safetensors"} <= files
