"""Learning what is usual in a real worker: killed twice in the middle it still ends, with every passage scored."""

import json
from collections.abc import Iterator

import pytest

from tests.support.processes import Stack, wait_until
from trivec.services.learning_records import LearningStatus
from trivec.sources.demo import sotu_documents

pytestmark = pytest.mark.services

CORPUS = "messages"
PASSAGES = 500


@pytest.fixture(scope="module")
def corpus(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Paragraphs of two centuries."""
    every = [document for document in sotu_documents() if 30 <= len(document.text.split()) <= 80]
    rows = [{"id": each.id, "title": each.title, "text": each.text} for each in every[:: len(every) // PASSAGES]]
    file = tmp_path_factory.mktemp("messages") / "messages.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    stack.finished(stack.container.ingest.submit(file, corpus=CORPUS).id)
    yield CORPUS
    stack.container.store.delete_corpus(CORPUS)


def test_a_job_whose_worker_is_killed_ends_in_the_next_one(stack: Stack, corpus: str) -> None:
    service, store, killed = stack.container.learning, stack.container.store, 0
    job = service.submit("anomalies", corpus).id
    for share in (0.05, 0.5):
        under_way = when_reached(stack, job, share)
        if under_way.finished_at:
            break
        stack.worker.kill()
        wait_until(lambda: service.status(job).state == "waiting", what="the kernel takes the claim back")
        stack.worker.start()
        killed += 1
    assert killed, "too fast: nothing was killed in the middle"
    when_reached(stack, job, 1.0)
    done = service.status(job)
    assert (done.state, done.error) == ("done", "")
    reference = done.result["reference"]
    assert stack.container.registry.champion(f"{CORPUS}.anomalies") == reference
    assert not [point for page in store.unscored(store.current(corpus), reference, "bert") for point in page.points]
    assert service.reconcile() == 0


def when_reached(stack: Stack, job: str, share: float) -> LearningStatus:
    """Where the job stands once it has come so far, or has ended."""

    def reached() -> bool:
        stack.supervise()
        status = stack.container.learning.status(job)
        return status.finished_at is not None or status.share >= share

    wait_until(reached, seconds=180, what=f"{share:.0%}: {stack.container.learning.status(job)}, logs in {stack.home}")
    return stack.container.learning.status(job)
