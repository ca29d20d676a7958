"""Ingestion from a file to the store, through real workers: what is done, skipped, rejected and set aside."""

import csv
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.support.processes import Process, Stack
from trivec.records import JobStatus
from trivec.sources.rejects import read_rejects

pytestmark = pytest.mark.services

TOPICS = ("steel and coal", "wheat and corn", "ships and harbours", "schools and books", "forests and rivers")


def rows(count: int) -> list[dict[str, str]]:
    return [
        {
            "id": f"r{n}",
            "headline": f"Report {n}",
            "body": f"Report number {n} speaks of {TOPICS[n % 5]}.",
            "day": "1999-05-04",
        }
        for n in range(count)
    ]


def write_csv(path: Path, content: list[dict[str, str]]) -> Path:
    with path.open("w", newline="") as file:
        table = csv.DictWriter(file, fieldnames=list(content[0]))
        table.writeheader()
        table.writerows(content)
    return path


def ingest(stack: Stack, path: Path, corpus: str) -> JobStatus:
    job = stack.container.ingest.submit(path, corpus=corpus)
    stack.finished(job.id)
    return stack.container.ingest.status(job.id)


def contents(stack: Stack, corpus: str) -> dict[str, tuple[str, str]]:
    """Text and time of ingestion of each document."""
    points = stack.container.store.scroll(stack.container.store.current(corpus))
    return {p.passage.document_id: (p.passage.passage.text, p.passage.ingested_at.isoformat()) for p in points}


def test_a_csv_is_stored_with_every_vector(stack: Stack, tmp_path: Path) -> None:
    done = ingest(stack, write_csv(tmp_path / "reports.csv", rows(240)), "reports")
    assert (done.state, done.read, done.stored, done.skipped, done.failed) == ("done", 240, 240, 0, 0)
    assert done.documents_per_second > 0
    generation = stack.container.store.current("reports")
    assert set(generation.names) == {"word2vec", "glove", "bert", "fused", "bm25"}
    for point in stack.container.store.scroll(generation, with_vectors=generation.names):
        assert set(point.vectors) == set(generation.names)
        assert (point.passage.title, point.passage.source) == (f"Report {point.passage.document_id[1:]}", "reports.csv")


def test_the_same_file_twice_changes_nothing_and_a_changed_row_changes_one_document(
    stack: Stack, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "twice.csv", rows(150))
    ingest(stack, path, "twice")
    before = contents(stack, "twice")
    again = ingest(stack, path, "twice")
    assert (again.state, again.stored, again.skipped) == ("done", 0, 150)
    assert contents(stack, "twice") == before

    changed = [row | {"body": "This one is different."} if row["id"] == "r77" else row for row in rows(150)]
    once_more = ingest(stack, write_csv(path, changed), "twice")
    assert (once_more.stored, once_more.skipped) == (1, 149)
    after = contents(stack, "twice")
    assert after["r77"][0] == "This one is different."
    assert {key for key in before if before[key] != after[key]} == {"r77"}


def test_what_serves_is_copied_daily_and_old_copies_go(stack: Stack, tmp_path: Path) -> None:
    ingest(stack, write_csv(tmp_path / "copied.csv", rows(5)), "copied")
    store = stack.container.store
    generation = store.current("copied")
    made = []
    for _ in range(2):
        made.append(store.snapshot(generation, keep=9)[-1])
        time.sleep(1.1)  # snapshots are named and ordered by the second
    stack.container.maintenance.snapshot()
    made.append(store.snapshots(generation)[-1])
    assert len(set(made)) == 3
    assert store.snapshots(generation) == made[1:]


def broken_lines() -> list[bytes]:
    """A hundred, of ten kinds."""
    kinds = [
        b"{this is no JSON",
        b'{"id": "b", "text": ""}',
        b'{"id": "b", "text": ["a", "list", "of", "texts"]}',
        b'["a", "list"]',
        b"42",
        b'{"id": "b", "text": "a day that is none", "date": "the 45th of May"}',
        b'{"id": "b", "text": "bytes that are no text \xff\xfe\xc3("}',
        b'{"id": "g0", "text": "an id that another row has"}',
        b'{"id": "b", "text": "cut off in the mid',
        b'{"id": "b", "text": "&nbsp; \\u0000 \\u200b"}',
    ]
    return [kind.replace(b'"b"', b'"b%d"' % n) for n in range(10) for kind in kinds]


def test_each_of_a_hundred_broken_rows_is_explained_and_the_rest_is_stored(stack: Stack, tmp_path: Path) -> None:
    good = [
        json.dumps({"id": f"g{n}", "title": "", "text": f"A good row, number {n}.", "date": "2001-02-03"}).encode()
        for n in range(300)
    ]
    lines = list(good)
    for n, line in enumerate(broken_lines()):
        lines.insert(3 + 4 * n, line)
    path = tmp_path / "broken.jsonl"
    path.write_bytes(b"\n".join(lines) + b"\n")
    done = ingest(stack, path, "broken")
    explained = list(read_rejects(stack.container.ingest.rejects(done.id)))
    assert (done.state, done.stored, done.rejected) == ("done", 300, 100)
    assert [row.line for row in explained] == [4 + 4 * n for n in range(100)]
    assert len({row.reason for row in explained}) >= 6
    assert all(row.source == "broken.jsonl" and row.reason for row in explained)
    assert set(contents(stack, "broken")) == {f"g{n}" for n in range(300)}


@pytest.fixture
def poisonous(stack: Stack) -> Iterator[None]:
    """A worker that some documents break, in the place of the usual one."""
    usual = stack.worker
    environment = {
        **usual.environment,
        "PYTHONPATH": str(ROOT),
        "TRIVEC_BATCH_TRIES": "2",
        "TRIVEC_BATCH_DOCUMENTS": "4",
    }
    command = [word.replace("trivec_workers.app", "tests.integration.poisonous_worker") for word in usual.command]
    usual.kill()
    stack.worker = replace(usual, command=command, environment=environment, running=None)
    stack.worker.start()
    yield
    stack.worker.kill()
    stack.worker = usual
    stack.worker.start()


@pytest.mark.usefixtures("poisonous")
def test_poison_is_cornered_set_aside_with_its_reason_and_can_be_tried_again(stack: Stack, tmp_path: Path) -> None:
    content = rows(30)
    content[7]["body"] = "This is poison."
    content[21]["body"] = "This is deadly."
    done = ingest(stack, write_csv(tmp_path / "poison.csv", content), "poison")
    assert (done.state, done.read, done.stored, done.failed) == ("done", 30, 28, 2)
    aside = {entry.document.id: entry.reason for entry in stack.container.ingest.set_aside(done.id)}
    assert aside == {"r7": "RuntimeError: document r7 is poisonous", "r21": "the worker died of it"}
    assert set(contents(stack, "poison")) == {f"r{n}" for n in range(30)} - {"r7", "r21"}

    mended: Process = replace(
        stack.worker,
        command=[w.replace("tests.integration.poisonous_worker", "trivec_workers.app") for w in stack.worker.command],
        running=None,
    )
    stack.worker.kill()
    stack.worker = mended
    mended.start()
    stack.container.ingest.retry_failed(done.id)
    stack.finished(done.id)
    retried = stack.container.ingest.status(done.id)
    assert (retried.state, retried.stored, retried.failed) == ("done", 30, 0)
    assert len(contents(stack, "poison")) == 30
