"""Ingestion in one process: a real Redis, real GloVe and bm25, an in-memory Qdrant; this test is the worker."""

import base64
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from qdrant_client import QdrantClient
from redis import Redis

from tests.support.processes import Process
from tests.support.words import WORDS
from trivec import jobs
from trivec.encoders import catalog, sparse
from trivec.encoders.base import EncoderSpec
from trivec.encoders.catalog import EncoderSet
from trivec.errors import BadInput, Conflict, Unavailable
from trivec.records import Document, RejectedRow
from trivec.registry import Registry
from trivec.services.batches import Batch, BatchWriter
from trivec.services.dispatch import Dispatcher
from trivec.services.filling import Filler
from trivec.services.ingest import IngestService
from trivec.services.job_records import Counts
from trivec.services.ledger import Ledger
from trivec.services.passages import Preparation
from trivec.services.reading import Rejects
from trivec.services.spool import Json
from trivec.services.vectors import VectorsService
from trivec.services.word_models import Artefacts, Progress, WordLearner
from trivec.store import Store
from trivec.store.generation import Generation

TRIES = 2


def text(number: int) -> str:
    return " ".join(WORDS[(number * step + step) % len(WORDS)] for step in range(1, 9))


def corpus(count: int) -> list[Document]:
    return [Document(f"d{number}", text(number), title=WORDS[number % 12]) for number in range(count)]


class Away(BatchWriter):
    """A writer of which a test decides when it breaks."""

    before: Callable[[Batch], None] = staticmethod(lambda batch: None)
    after: Callable[[Batch], None] = staticmethod(lambda batch: None)

    def write(self, batch: Batch, *, looked: Callable[[tuple[str, ...]], None]) -> Counts:
        self.before(batch)
        counts = super().write(batch, looked=looked)
        self.after(batch)
        return counts


@dataclass
class World:
    """The services of one test and the worker it plays."""

    service: IngestService
    vectors: VectorsService
    store: Store
    ledger: Ledger
    writer: Away
    queue: "Redis"
    documents: dict[str, list[Document | RejectedRow]]
    folder: Path

    def file(self, documents: list[Document] | list[Document | RejectedRow], name: str = "news") -> Path:
        path = self.folder / name
        path.write_text(name)
        self.documents[name] = list(documents)
        return path

    def step(self) -> str:
        """Takes one task from the queue and does it; its id, or "" when there was none."""
        for priority in jobs.PRIORITY_STEPS:
            message = self.queue.lpop(f"ingest\x06\x16{priority}" if priority else "ingest")
            if message is None:
                continue
            fields = json.loads(message)  # type: ignore[arg-type]
            arguments = json.loads(base64.b64decode(fields["body"]))[0]
            action = {
                jobs.INGEST_READ: self.service.read,
                jobs.INGEST_PREPARE: self.service.prepare,
                jobs.INGEST_BATCH: self.service.process,
            }[fields["headers"]["task"]]
            action(*arguments)
            return str(fields["headers"]["id"])
        return ""

    def work(self) -> int:
        """Does all there is to do, what was postponed included; returns how many tasks that took."""
        steps = 0
        while self.step() or self.overdue():
            steps += 1
            assert steps < 500, "the job does not end"
        return steps

    def overdue(self) -> bool:
        for job in self.ledger.unfinished():
            for unit in job.sent():
                job.mark_sent(unit, delay=-1000)
        self.service.reconcile()
        return bool(self.queue.llen("ingest\x06\x163") or self.queue.llen("ingest\x06\x166"))

    def stored(self) -> dict[str, str]:
        points = self.store.scroll(self.store.current("news"))
        return {point.passage.document_id: point.passage.passage.text for point in points}


@pytest.fixture
def world(tmp_path: Path, redis: Process, queue: "Redis", registry: Registry, pytestconfig: pytest.Config) -> World:
    cache: Path = pytestconfig.cache.mkdir("encoders")  # type: ignore[union-attr]
    store = Store.from_client(QdrantClient(":memory:"))
    ledger = Ledger(tmp_path / "jobs")
    documents: dict[str, list[Document | RejectedRow]] = {}

    def specs(word2vec: str, weights: str, artefacts: Artefacts) -> tuple[EncoderSpec, ...]:
        glove = EncoderSpec(name="glove", family="glove", kind="dense", dimension=50, weights=weights)
        own = (EncoderSpec("word2vec", "word2vec", "dense", 16, model=word2vec, weights=weights),) if word2vec else ()
        return (*own, glove, sparse.spec("bm25", average_terms=8.0))

    def encoders(generation: Generation) -> EncoderSet:
        return catalog.build(generation.specs, artefacts=registry.path, cache=cache)

    def source(path: Path, mapping: Json | None, rejects: Rejects) -> Iterator[Document]:
        for row in documents[path.name]:
            if isinstance(row, RejectedRow):
                rejects(row)
            else:
                yield row

    preparation = Preparation()
    vectors = VectorsService(
        store,
        WordLearner(registry, specs, cache=cache, dimension=16),
        Filler(store, encoders, preparation),
        preparation,
        lock=ledger.corpus_lock,
        minimum_documents=40,
    )
    writer = Away(store, encoders, preparation)
    dispatcher = Dispatcher(jobs.Producer(redis.address), in_flight=2, lost_after=60.0)
    service = IngestService(
        ledger, dispatcher, writer=writer, vectors=vectors, source=source, batch_documents=4, batch_tries=TRIES
    )
    return World(service, vectors, store, ledger, writer, queue, documents, tmp_path)


def test_a_file_becomes_searchable_documents(world: World) -> None:
    job = world.service.submit(world.file(corpus(10)), corpus="news")
    assert (job.state, job.read) == ("reading", 0)
    world.work()
    done = world.service.status(job.id)
    assert (done.state, done.read, done.stored, done.failed) == ("done", 10, 10, 0)
    assert world.stored() == {document.id: document.text for document in corpus(10)}


def test_the_same_file_twice_changes_nothing(world: World) -> None:
    path = world.file(corpus(10))
    world.service.submit(path, corpus="news")
    world.work()
    before = list(world.store.scroll(world.store.current("news")))
    again = world.service.submit(path, corpus="news")
    world.work()
    status = world.service.status(again.id)
    assert (status.stored, status.skipped) == (0, 10)
    assert list(world.store.scroll(world.store.current("news"))) == before


def test_a_changed_row_changes_one_document(world: World) -> None:
    world.service.submit(world.file(corpus(10)), corpus="news")
    world.work()
    changed = [replace(each, text="entirely new") if each.id == "d3" else each for each in corpus(10)]
    again = world.service.submit(world.file(changed), corpus="news")
    world.work()
    status = world.service.status(again.id)
    assert (status.stored, status.skipped) == (1, 9)
    assert world.stored()["d3"] == "entirely new"


def test_a_batch_that_runs_twice_changes_nothing(world: World) -> None:
    """Its worker dies after storing and before saying so; the second run still counts the documents as stored."""
    job = world.service.submit(world.file(corpus(10)), corpus="news")

    def die(batch: Batch) -> None:
        world.writer.after = lambda batch: None
        raise KeyboardInterrupt

    world.writer.after = die
    with pytest.raises(KeyboardInterrupt):
        world.work()
    world.work()
    done = world.service.status(job.id)
    assert (done.state, done.stored, done.skipped) == ("done", 10, 0)
    assert len(world.stored()) == 10


def test_never_more_batches_in_flight_than_allowed(world: World) -> None:
    world.service.submit(world.file(corpus(30)), corpus="news")
    world.step()
    world.step()
    seen = []
    while world.queue.llen("ingest\x06\x166"):
        seen.append(world.queue.llen("ingest\x06\x166"))
        world.step()
    assert max(seen) == 2
    assert len(world.stored()) == 30


def test_a_job_submitted_without_redis_waits_in_the_ledger(world: World, redis: Process) -> None:
    redis.kill()
    try:
        job = world.service.submit(world.file(corpus(3)), corpus="news")
        assert job.state == "reading"
        assert "queue did not answer" in job.message
        with pytest.raises(Unavailable):
            world.service.reconcile()
    finally:
        redis.start()
    world.work()
    assert world.service.status(job.id).stored == 3


def test_losing_everything_in_redis_loses_nothing(world: World) -> None:
    job = world.service.submit(world.file(corpus(20)), corpus="news")
    while not world.queue.llen("ingest\x06\x166"):
        world.queue.flushall()
        world.overdue()
        world.step()
    world.queue.flushall()
    world.work()
    done = world.service.status(job.id)
    assert (done.state, done.stored) == ("done", 20)


def test_a_document_that_breaks_its_batch_is_cornered(world: World) -> None:
    poisonous = replace(corpus(10)[5], text="poison")

    def choke(batch: Batch) -> None:
        if any(document.text == "poison" for document in batch.documents):
            raise ValueError("cannot swallow this")

    world.writer.before = choke
    job = world.service.submit(world.file([*corpus(5), poisonous, *corpus(10)[6:]]), corpus="news")
    world.work()
    done = world.service.status(job.id)
    assert (done.state, done.stored, done.failed) == ("done", 9, 1)
    (aside,) = world.service.set_aside(job.id)
    assert (aside.document, aside.reason) == (poisonous, "ValueError: cannot swallow this")

    world.writer.before = lambda batch: None
    world.service.retry_failed(job.id)
    world.work()
    done = world.service.status(job.id)
    assert (done.state, done.stored, done.failed) == ("done", 10, 0)
    with pytest.raises(Conflict, match="no document"):
        world.service.retry_failed(job.id)


def test_a_batch_that_kills_its_workers_is_cornered_too(world: World) -> None:
    """Nobody is left to write down the reason; the ledger notes each try before it begins."""

    def die(batch: Batch) -> None:
        if any(document.id == "d2" for document in batch.documents):
            raise KeyboardInterrupt

    world.writer.before = die
    job = world.service.submit(world.file(corpus(8)), corpus="news")
    for _ in range(50):
        try:
            world.work()
        except KeyboardInterrupt:
            continue
        break
    done = world.service.status(job.id)
    assert (done.state, done.stored, done.failed) == ("done", 7, 1)
    assert [aside.reason for aside in world.service.set_aside(job.id)] == ["the worker died of it"]


def test_a_service_that_is_away_is_not_the_batch_s_fault(world: World) -> None:
    away = [True] * (3 * TRIES)

    def node_is_down(batch: Batch) -> None:
        if away and away.pop():
            raise Unavailable("Qdrant does not answer")

    world.writer.before = node_is_down
    job = world.service.submit(world.file(corpus(4)), corpus="news")
    while not world.queue.llen("ingest\x06\x166"):
        world.step()
    world.step()
    assert world.service.status(job.id).message == "waiting: Qdrant does not answer"
    world.work()
    done = world.service.status(job.id)
    assert (done.stored, done.failed) == (4, 0)


def test_waits_grow_and_scatter(world: World) -> None:
    def node_is_down(batch: Batch) -> None:
        raise Unavailable("Qdrant does not answer")

    world.writer.before = node_is_down
    job = world.service.submit(world.file(corpus(4)), corpus="news")
    while not world.queue.llen("ingest\x06\x166"):
        world.step()
    waits = [world.service.process(job.id, "000001") for _ in range(6)]
    assert all(wait is not None and 0 < wait <= 10 for wait in waits)
    assert max(wait or 0 for wait in waits[-2:]) > max(wait or 0 for wait in waits[:1])
    assert len(set(waits)) == 6


def test_a_reader_that_died_goes_on_where_it_was(world: World) -> None:
    rows = [*corpus(6), RejectedRow("news", 7, "no text"), *corpus(14)[6:], RejectedRow("news", 16, "no text")]
    path = world.file(rows)
    opened: list[int] = []
    whole = world.service._source

    def dies(path: Path, mapping: Json | None, rejects: Rejects) -> Iterator[Document]:
        opened.append(1)
        for number, document in enumerate(whole(path, mapping, rejects)):
            if len(opened) == 1 and number == 10:
                raise KeyboardInterrupt
            yield document

    world.service._source = dies
    job = world.service.submit(path, corpus="news")
    with pytest.raises(KeyboardInterrupt):
        world.work()
    assert world.service.status(job.id).read == 8
    world.work()
    done = world.service.status(job.id)
    assert (done.read, done.stored, done.rejected) == (14, 14, 2)
    assert len(world.service.rejects(job.id).read_text().splitlines()) == 2


def test_a_source_that_changes_while_it_is_read_is_not_mixed(world: World) -> None:
    path = world.file(corpus(14))
    whole = world.service._source

    def dies(path: Path, mapping: Json | None, rejects: Rejects) -> Iterator[Document]:
        for number, document in enumerate(whole(path, mapping, rejects)):
            if number == 10:
                raise KeyboardInterrupt
            yield document

    world.service._source = dies
    job = world.service.submit(path, corpus="news")
    with pytest.raises(KeyboardInterrupt):
        world.work()
    path.write_text("something else")
    world.work()
    done = world.service.status(job.id)
    assert (done.state, done.read, done.stored) == ("failed", 8, 8)
    assert "changed while it was being read" in done.message


def test_a_document_that_cannot_be_written_down_is_explained(world: World) -> None:
    job = world.service.submit(world.file([*corpus(6), Document("odd", "half a pair: \ud800")]), corpus="news")
    world.work()
    done = world.service.status(job.id)
    assert (done.stored, done.rejected) == (6, 1)
    assert "UTF-8" in json.loads(world.service.rejects(job.id).read_text())["reason"]


def test_a_book_is_a_batch_of_its_own_and_is_stored_whole(world: World) -> None:
    book = Document("book", " ".join(f"Chapter {number} tells of {text(number)}." for number in range(20_000)))
    job = world.service.submit(world.file([*corpus(3), book, *corpus(6)[3:]]), corpus="news")
    world.step()
    assert [len(world.ledger.job(job.id).documents(name)) for name in world.ledger.job(job.id).pending()] == [3, 1, 3]
    world.work()
    generation = world.store.current("news")
    passages = [point.passage for point in world.store.document(generation, "book")]
    assert len(passages) > 200
    assert [each.passage.number for each in passages] == list(range(len(passages)))
    again = world.service.submit(world.file([book]), corpus="news")
    world.work()
    assert world.service.status(again.id).skipped == 1


def test_two_first_ingestions_make_one_generation(world: World) -> None:
    first = world.service.submit(world.file(corpus(50), "a"), corpus="news")
    second = world.service.submit(world.file(corpus(60)[50:], "b"), corpus="news")
    world.work()
    assert [each.number for each in world.store.generations("news")] == [1]
    assert world.service.status(first.id).stored + world.service.status(second.id).stored == 60


def test_a_first_ingestion_trains_before_it_stores(world: World) -> None:
    job = world.service.submit(world.file(corpus(50)), corpus="news")
    world.step()
    assert world.service.status(job.id).state == "training"
    world.step()
    assert world.service.status(job.id).state == "running"
    assert world.store.current("news").names == ("word2vec", "glove", "bm25")
    assert str(world.store.current("news").details["word2vec"]).startswith("news.word2vec:")


def test_a_corpus_that_has_grown_asks_for_its_own_vectors(world: World) -> None:
    world.service.submit(world.file(corpus(10)), corpus="news")
    world.work()
    assert not world.queue.llen(jobs.LEARN)
    world.service.submit(world.file(corpus(50)), corpus="news")
    world.work()
    message = json.loads(world.queue.lindex(jobs.LEARN + "\x06\x163", 0) or "{}")  # type: ignore[arg-type]
    assert message["headers"]["task"] == jobs.LEARN_VECTORS


def test_cancelling_stops_and_keeps_what_is_stored(world: World) -> None:
    job = world.service.submit(world.file(corpus(20)), corpus="news")
    while not world.service.status(job.id).stored:
        world.step()
    cancelled = world.service.cancel(job.id)
    assert cancelled.state == "cancelled"
    world.work()
    assert world.service.status(job.id).stored == len(world.stored()) == 4
    with pytest.raises(Conflict, match="ended already"):
        world.service.cancel(job.id)


def test_cancelling_breaks_off_a_training(world: World) -> None:
    job = world.service.submit(world.file(corpus(50)), corpus="news")
    world.step()
    told: list[str] = []
    begin = world.vectors.begin

    def cancelled_meanwhile(
        name: str, documents: Callable[[], Iterable[Document]], *, count: int, progress: Progress
    ) -> Generation:
        def told_progress(message: str) -> None:
            told.append(message)
            world.service.cancel(job.id)
            progress(message)

        return begin(name, documents, count=count, progress=told_progress)

    world.vectors.begin = cancelled_meanwhile  # type: ignore[method-assign]
    world.work()
    assert len(told) == 1
    assert world.service.status(job.id).state == "cancelled"
    assert world.store.corpora() == []


def test_deleting_the_corpus_ends_its_jobs(world: World) -> None:
    job = world.service.submit(world.file(corpus(20)), corpus="news")
    while not world.service.status(job.id).stored:
        world.step()
    world.store.delete_corpus("news")
    world.work()
    done = world.service.status(job.id)
    assert done.state == "failed"
    assert "does not exist" in done.message


def test_an_empty_source_is_done_at_once(world: World) -> None:
    job = world.service.submit(world.file([]), corpus="news")
    world.work()
    done = world.service.status(job.id)
    assert (done.state, done.read) == ("done", 0)


def test_what_cannot_be_is_refused_at_once(world: World) -> None:
    with pytest.raises(BadInput, match="corpus name"):
        world.service.submit(world.file(corpus(1)), corpus="a/b")
    with pytest.raises(BadInput, match="does not exist"):
        world.service.submit(world.folder / "nothing.csv", corpus="news")
    assert world.service.jobs() == []
