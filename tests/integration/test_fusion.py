"""Training a fusion for real: killed in the middle it goes on; it serves without a pause; one can go back."""

import json
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.processes import Stack, wait_until
from trivec.records import Document
from trivec.services.search_records import SearchRequest
from trivec.sources.demo import sotu_documents

pytestmark = pytest.mark.services

CORPUS = "speeches"
TRAIN = ("train", "fusion", "--corpus", CORPUS, "--json", "--set", "questions=400", "--set", "batch=32")


@pytest.fixture(scope="module")
def corpus(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Paragraphs of two centuries, stored with every vector."""
    every = [document for document in sotu_documents() if 40 <= len(document.text.split()) <= 120]
    file = tmp_path_factory.mktemp("speeches") / "speeches.jsonl"
    file.write_text("".join(line(document) for document in every[:: len(every) // 220]))
    job = stack.container.ingest.submit(file, corpus=CORPUS)
    stack.finished(job.id)
    assert stack.container.store.current(CORPUS).spec("fused").family == "concat"  # type: ignore[union-attr]
    yield CORPUS
    stack.container.store.delete_corpus(CORPUS)


def line(document: Document) -> str:
    return json.dumps({"id": document.id, "title": document.title, "text": document.text}) + "\n"


def trivec(stack: Stack, *arguments: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "trivec.cli", *arguments]
    return subprocess.Popen(
        command, env=dict(stack.worker.environment), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def output(process: "subprocess.Popen[str]") -> str:
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    return out


@contextmanager
def searching(stack: Stack) -> Iterator[list[int]]:
    """A loop of searches that goes on in the block; yields how many documents each found."""
    found: list[int] = []
    stop, failed = threading.Event(), list[Exception]()

    def loop() -> None:
        while not stop.is_set():
            try:
                found.append(len(stack.container.search.search(SearchRequest("war and peace", CORPUS)).hits))
            except Exception as error:  # noqa: BLE001  any failure at all is what is looked for
                failed.append(error)

    thread = threading.Thread(target=loop)
    thread.start()
    yield found
    stop.set()
    thread.join()
    assert not failed, f"{len(failed)} of {len(found)} searches failed, the first with {failed[0]!r}"


def served_by(stack: Stack) -> str:
    spec = stack.container.store.current(CORPUS).spec("fused")
    assert spec
    return spec.model


def test_a_killed_training_goes_on_and_its_network_serves_without_a_failed_search(stack: Stack, corpus: str) -> None:
    learning = stack.container.learning
    with searching(stack) as found:
        killed = trivec(stack, *TRAIN, "--set", "epochs=12")
        beyond = re.compile(r"epoch ([3-9]|1\d) ")  # told twice a second: a quick epoch may go by untold
        wait_until(lambda: any(beyond.search(job.step) for job in learning.jobs()), seconds=300, what="epoch 3")
        killed.send_signal(signal.SIGKILL)
        killed.communicate()
        [job] = [job for job in learning.jobs() if job.corpus == corpus]
        wait_until(lambda: learning.status(job.id).state == "waiting", what="the kernel takes the claim back")
        done = json.loads(output(trivec(stack, *TRAIN, "--set", "epochs=12")))
    assert (done["id"], done["state"], done["result"]["promoted"]) == (job.id, "done", True)
    assert len(found) > 10
    assert set(found) == {10}
    assert served_by(stack) == f"{corpus}.fusion:1" == stack.container.registry.champion(f"{corpus}.fusion")
    current = stack.container.store.current(corpus)
    assert current.number == 2
    assert stack.container.store.count_documents(current) == len(
        {point.passage.document_id for point in stack.container.store.scroll(current)}
    )
    [version] = stack.container.registry.versions(f"{corpus}.fusion")
    assert version.metrics["agreement"] > version.metrics["agreement_before"]
    curve = stack.container.registry.curves(version.reference)["agreement"]
    assert len(curve) == 13, "the untrained network and twelve epochs, none of them twice"


def test_documents_that_come_later_get_the_trained_vector(stack: Stack, corpus: str, tmp_path: Path) -> None:
    file = tmp_path / "more.jsonl"
    file.write_text(line(Document(id="new", text="The zeppelin landed in the harbour, to the joy of all gathered.")))
    stack.finished(stack.container.ingest.submit(file, corpus=corpus).id)
    result = stack.container.search.search(SearchRequest("zeppelin", corpus, using=("fused",)))
    assert result.hits[0].document_id == "new", "a word that the training never saw is still matched"


def test_what_is_not_better_is_refused_on_record_and_a_promotion_by_hand_can_be_rolled_back(
    stack: Stack, corpus: str
) -> None:
    name = f"{corpus}.fusion"
    worse = json.loads(
        output(trivec(stack, *TRAIN, "--set", "epochs=1", "--set", "table_rate=0", "--set", "rate=1e-7"))
    )
    assert (worse["state"], worse["result"]["promoted"]) == ("done", False)
    assert served_by(stack) == f"{name}:1"
    refusal = stack.container.registry.promotions(name)[-1]
    assert (refusal.action, refusal.version) == ("refuse", 2)
    assert "not better" in refusal.reason
    with searching(stack) as found:
        output(trivec(stack, "models", "promote", f"{name}:2", "--reason", "to see it serve"))
        assert served_by(stack) == f"{name}:2"
        output(trivec(stack, "models", "rollback", name))
    assert served_by(stack) == f"{name}:1" == stack.container.registry.champion(name)
    assert set(found) == {10}
    hits = stack.container.search.search(SearchRequest("zeppelin", corpus)).hits
    assert hits[0].document_id == "new", "what was written meanwhile is there"


def test_the_first_fusion_is_rolled_back_to_the_generation_before_it(stack: Stack, corpus: str) -> None:
    name = f"{corpus}.fusion"
    with searching(stack) as found:
        assert "no version" in output(trivec(stack, "models", "rollback", name))
    assert stack.container.registry.champion(name) is None
    current = stack.container.store.current(corpus)
    assert current.number == 1
    assert set(found) == {10}
    hits = stack.container.search.search(SearchRequest("zeppelin", corpus)).hits
    assert hits[0].document_id == "new", "what was written since is there, with the untrained vector"
    output(trivec(stack, "models", "promote", f"{name}:1", "--reason", "it was better after all"))
    assert served_by(stack) == f"{name}:1"
