"""`kill -9` of a worker, of the node and of Redis in the middle of an ingestion: every document is there exactly once.

The documents are short, so that all encoders, BERT among them, get through 5,000 of them in a short time.
"""

import json
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from redis import Redis

from tests.support.processes import Stack, wait_until
from tests.support.words import WORDS
from trivec.records import JobStatus

pytestmark = pytest.mark.services

DOCUMENTS = 5000


def write(path: Path, count: int, *, seed: int) -> Path:
    chance = random.Random(seed)
    rows = ({"id": f"{path.stem}-{number}", "text": " ".join(chance.choices(WORDS, k=5))} for number in range(count))
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def when_stored(stack: Stack, job: str, count: int) -> None:
    def reached() -> bool:
        stack.supervise()
        return stack.container.ingest.status(job).stored >= count

    wait_until(reached, seconds=240, what=f"{count} documents stored")


def in_store(stack: Stack, corpus: str) -> Counter[str]:
    points = stack.container.store.scroll(stack.container.store.current(corpus), size=1000)
    return Counter(point.passage.document_id for point in points)


def test_killing_worker_node_and_redis_loses_and_doubles_nothing(stack: Stack, tmp_path: Path) -> None:
    path = write(tmp_path / "news.jsonl", DOCUMENTS, seed=1)
    job = stack.container.ingest.submit(path, corpus="killed").id
    blows: list[tuple[int, Callable[[], None]]] = [
        (500, stack.worker.restart),
        (1500, stack.node.restart),
        (2500, stack.redis.restart),
        (3500, stack.worker.restart),
    ]
    for stored, blow in blows:
        when_stored(stack, job, stored)
        blow()
        under_way = stack.container.ingest.status(job)
        assert under_way.finished_at is None, "too fast: nothing was killed in the middle"
    stack.finished(job, seconds=300)

    status: JobStatus = stack.container.ingest.status(job)
    assert (status.state, status.read, status.stored, status.failed) == ("done", DOCUMENTS, DOCUMENTS, 0)
    stored = in_store(stack, "killed")
    assert set(stored) == {f"news-{number}" for number in range(DOCUMENTS)}
    assert set(stored.values()) == {1}


def test_a_reader_killed_in_the_middle_goes_on(stack: Stack, tmp_path: Path) -> None:
    path = write(tmp_path / "many.jsonl", 60_000, seed=2)
    job = stack.container.ingest.submit(path, corpus="read").id
    wait_until(lambda: stack.container.ingest.status(job).read > 0, what="reading")
    stack.worker.restart()
    read = stack.container.ingest.status(job)
    assert read.state == "reading", "too fast: the reader was not killed in the middle"
    wait_until(lambda: stack.container.ingest.status(job).state != "reading", what="reading again")
    assert stack.container.ingest.status(job).read == 60_000
    ids = [document.id for document in stack.container.ledger.job(job).spooled()]
    assert ids == [f"many-{number}" for number in range(60_000)]
    stack.container.ingest.cancel(job)
    stack.finished(job)


def test_redis_that_forgets_everything_loses_nothing(stack: Stack, tmp_path: Path) -> None:
    path = write(tmp_path / "forgotten.jsonl", 1500, seed=3)
    job = stack.container.ingest.submit(path, corpus="forgotten").id
    when_stored(stack, job, 300)
    with Redis.from_url(stack.redis_url) as client:
        client.flushall()
    stack.finished(job)
    status = stack.container.ingest.status(job)
    assert (status.state, status.stored) == ("done", 1500)
    assert sum(in_store(stack, "forgotten").values()) == 1500
