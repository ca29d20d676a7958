"""Generations: a small corpus grows into its own word vectors while it goes on serving, writing and deleting."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from qdrant_client import QdrantClient

from tests.support.words import WORDS
from trivec.encoders import catalog, sparse
from trivec.encoders.base import EncoderSpec
from trivec.encoders.catalog import EncoderSet
from trivec.errors import Conflict, NotFound
from trivec.records import Document, Predicted
from trivec.registry import Registry
from trivec.services import spool
from trivec.services.batches import Batch, BatchWriter
from trivec.services.filling import Filler, shared_vectors
from trivec.services.ledger import Ledger
from trivec.services.passages import Preparation
from trivec.services.switching import Switcher
from trivec.services.vectors import VectorsService
from trivec.services.word_models import Artefacts, WordLearner
from trivec.store import Store
from trivec.store.generation import Generation

MINIMUM = 30


def corpus(count: int, *, start: int = 0) -> list[Document]:
    texts = (" ".join(WORDS[(n * step + step) % 12] for step in range(1, 9)) for n in range(start, start + count))
    return [Document(f"d{start + number}", text) for number, text in enumerate(texts)]


class World:
    """Services over an in-memory Qdrant, with real GloVe, Word2Vec, bm25 and registry."""

    def __init__(self, folder: Path, cache: Path, registry: Registry) -> None:
        self.store = Store.from_client(QdrantClient(":memory:"))
        self.ledger = Ledger(folder / "jobs")
        self.registry = registry
        self.cache = cache
        preparation = Preparation()
        filler = Filler(self.store, self.encoders, preparation)
        self.writer = BatchWriter(self.store, self.encoders, preparation)
        self.switcher = Switcher(self.store, filler, lock=self.ledger.corpus_lock)
        self.vectors = VectorsService(
            self.store,
            WordLearner(registry, self.specs, cache=cache, dimension=16),
            filler,
            preparation,
            lock=self.ledger.corpus_lock,
            minimum_documents=MINIMUM,
        )

    def specs(self, word2vec: str, weights: str, artefacts: Artefacts) -> tuple[EncoderSpec, ...]:
        glove = EncoderSpec(name="glove", family="glove", kind="dense", dimension=50)
        own = (EncoderSpec("word2vec", "word2vec", "dense", 16, model=word2vec, weights=weights),) if word2vec else ()
        return (*own, glove, sparse.spec("bm25", average_terms=8.0))

    def encoders(self, generation: Generation) -> EncoderSet:
        return catalog.build(generation.specs, artefacts=self.registry.path, cache=self.cache)

    def begin(self, documents: Sequence[Document]) -> Generation:
        return self.vectors.begin("news", lambda: documents, count=len(documents), progress=lambda message: None)

    def write(self, documents: Sequence[Document]) -> None:
        self.writer.write(Batch("news", documents, datetime.now(UTC)), looked=lambda unchanged: None)

    def texts(self) -> dict[str, str]:
        points = self.store.scroll(self.store.current("news"))
        return {point.passage.document_id: point.passage.passage.text for point in points}


@pytest.fixture
def world(tmp_path: Path, registry: Registry, pytestconfig: pytest.Config) -> World:
    return World(tmp_path, pytestconfig.cache.mkdir("encoders"), registry)  # type: ignore[union-attr]


@pytest.fixture
def grown(world: World) -> World:
    """A corpus that began small and has enough documents by now."""
    world.begin(corpus(5))
    world.write(corpus(MINIMUM))
    return world


def test_a_corpus_that_begins_small_serves_without_word2vec(world: World) -> None:
    generation = world.begin(corpus(5))
    assert generation.state == "active"
    assert generation.names == ("glove", "bm25")
    assert not world.vectors.wants_renewal("news")


def test_a_corpus_that_begins_large_learns_first(world: World) -> None:
    generation = world.begin(corpus(MINIMUM))
    assert generation.names == ("word2vec", "glove", "bm25")
    reference = str(generation.details["word2vec"])
    assert world.registry.champion("news.word2vec") == reference
    version = next(each for each in world.registry.versions("news.word2vec") if each.reference == reference)
    assert version.parameters["dimension"] == "16"
    assert version.data_hash


def test_beginning_twice_is_beginning_once(world: World) -> None:
    first = world.begin(corpus(5))
    assert world.begin(corpus(50)) == first


def test_a_generation_whose_maker_died_before_the_switch_is_switched_to(world: World) -> None:
    made = world.store.create_generation("news", world.specs("", "", Path))
    assert world.begin(corpus(50)).number == made.number


def test_only_one_makes_a_generation_at_a_time(world: World) -> None:
    with spool.claim(world.ledger.corpus_lock("news"), create=True) as mine:
        assert mine
        with pytest.raises(Conflict, match="being made right now"):
            world.begin(corpus(5))


def test_a_corpus_that_has_grown_gets_its_own_word_vectors(grown: World) -> None:
    before = grown.texts()
    assert grown.vectors.wants_renewal("news")
    renewed = grown.vectors.renew("news")
    assert (renewed.number, renewed.state) == (2, "active")
    assert renewed.names == ("word2vec", "glove", "bm25")
    assert grown.texts() == before
    assert not grown.vectors.wants_renewal("news")
    assert [each.state for each in grown.store.generations("news")] == ["retired", "active"]
    points = list(grown.store.scroll(renewed, with_vectors=["word2vec", "glove"]))
    assert all({"word2vec", "glove"} <= set(point.vectors) for point in points)


def test_a_killed_filling_is_finished_by_the_next(grown: World, monkeypatch: pytest.MonkeyPatch) -> None:
    upsert, calls = grown.store.upsert, []

    def dies(*arguments: object, **options: object) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        upsert(*arguments, **options)  # type: ignore[arg-type]

    grown.write(corpus(300))
    monkeypatch.setattr(grown.store, "upsert", dies)
    with pytest.raises(KeyboardInterrupt):
        grown.vectors.renew("news")
    assert grown.store.current("news").number == 1
    half = grown.store.filling("news")
    assert half is not None
    assert 0 < grown.store.count(half) < 300
    assert grown.vectors.wants_renewal("news")
    renewed = grown.vectors.renew("news")
    assert renewed.number == half.number
    assert grown.store.count(renewed) == 300


def meanwhile(world: World, monkeypatch: pytest.MonkeyPatch, event: Callable[[], None]) -> None:
    """Lets something happen after the filler read a page and before it writes it."""
    analyse, done = Preparation.analyse, []

    def busy(self: Preparation, passages: Sequence[object]) -> object:
        if world.store.filling("news") and not done:
            done.append(1)
            event()
        return analyse(self, passages)  # type: ignore[arg-type]

    monkeypatch.setattr(Preparation, "analyse", busy)


def test_what_is_written_while_filling_is_in_both(grown: World, monkeypatch: pytest.MonkeyPatch) -> None:
    meanwhile(grown, monkeypatch, lambda: grown.write([Document("d3", "changed meanwhile"), Document("new", "added")]))
    grown.vectors.renew("news")
    texts = grown.texts()
    assert (texts["d3"], texts["new"]) == ("changed meanwhile", "added")
    assert len(texts) == MINIMUM + 1


def test_what_is_deleted_while_filling_stays_deleted(grown: World, monkeypatch: pytest.MonkeyPatch) -> None:
    meanwhile(grown, monkeypatch, lambda: grown.store.delete_documents("news", ["d3"]))
    grown.vectors.renew("news")
    assert set(grown.texts()) == {f"d{number}" for number in range(MINIMUM)} - {"d3"}
    with pytest.raises(NotFound):
        grown.store.document(grown.store.current("news"), "d3")


def test_a_batch_under_way_when_filling_begins_reaches_the_new_generation(
    grown: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It looked for generations before there was a second one, and stores after the filler has passed."""
    upsert, done = grown.store.upsert, []

    def late(generation: Generation, *arguments: object, **options: object) -> None:
        if not done:
            done.append(1)
            grown.vectors.renew("news")
        upsert(generation, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(grown.store, "upsert", late)
    grown.write([Document("late", "arrives late")])
    assert grown.store.current("news").number == 2
    assert grown.texts()["late"] == "arrives late"


def test_predicted_labels_come_along_into_a_new_generation(grown: World) -> None:
    old = grown.store.current("news")
    said = Predicted(("water", "rivers"), 0.8, "news.taxonomy:1")
    grown.store.set_predicted("news", {"d7": said}, hashes=grown.store.hashes(old, ["d7"]))
    new = grown.vectors.renew("news")
    assert grown.store.document(new, "d7")[0].passage.predicted == said
    assert grown.store.document(new, "d8")[0].passage.predicted is None


def test_vectors_that_are_made_alike_are_copied(grown: World) -> None:
    old = grown.store.current("news")
    assert shared_vectors(old, old) == ("glove",)
    before = {point.id: point.vectors["glove"] for point in grown.store.scroll(old, with_vectors=["glove"])}
    new = grown.vectors.renew("news")
    for point in grown.store.scroll(new, with_vectors=["glove"]):
        assert list(point.vectors["glove"]) == pytest.approx(list(before[point.id]))  # type: ignore[arg-type]


def test_going_back_to_older_vectors_loses_nothing_written_since(grown: World) -> None:
    first, second = grown.vectors.renew("news"), grown.vectors.renew("news")
    assert first.details["word2vec"] != second.details["word2vec"]
    grown.write([Document("new", "written since"), Document("d3", "changed since")])
    grown.store.delete_documents("news", ["d5"])
    before = grown.texts()
    serving = grown.switcher.serve(str(first.details["word2vec"]), progress=lambda doing: None)
    assert serving == (first.details["word2vec"], first.details["weights"])
    assert grown.store.current("news").number == first.number
    assert grown.texts() == before
    assert grown.store.filling("news") is None
    assert grown.switcher.serve(serving[0], progress=lambda doing: None) == serving  # twice is once


def test_a_model_without_a_generation_switches_nothing(grown: World) -> None:
    serving = grown.store.current("news")
    assert grown.switcher.serve("news.word2vec:99", progress=lambda doing: None) == ()
    assert grown.switcher.serve("nowhere.word2vec:1", progress=lambda doing: None) == ()
    assert grown.store.current("news") == serving


def test_nobody_goes_back_while_another_generation_is_being_filled(grown: World) -> None:
    first, second = grown.vectors.renew("news"), grown.vectors.renew("news")
    half = grown.store.create_generation("news", grown.specs("", "", Path))
    with pytest.raises(Conflict, match=half.collection):
        grown.switcher.serve(str(first.details["word2vec"]), progress=lambda doing: None)
    assert grown.store.current("news").number == second.number
