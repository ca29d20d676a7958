"""A corpus's classifier: trained on its labels, judged on documents held out, asked about texts and documents."""

import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from qdrant_client import QdrantClient

from trivec.encoders.catalog import EncoderSet
from trivec.errors import BadInput, Cancelled, NotFound
from trivec.learning.base import silent
from trivec.records import Document
from trivec.registry import Registry
from trivec.services.batches import Batch, BatchWriter
from trivec.services.classifiers import Classifiers
from trivec.services.job_records import now
from trivec.services.passages import Preparation
from trivec.services.taxonomy import TaxonomyService
from trivec.services.taxonomy_learning import TaxonomyLearner, is_held_out
from trivec.services.whole_documents import WholeDocuments
from trivec.store import Store

WORDS = {
    ("sports", "football"): "goal striker penalty keeper league coach offside",
    ("sports", "tennis"): "serve racket volley baseline umpire deuce court",
    ("money", "banks"): "loan deposit interest mortgage credit teller vault",
    ("money", "court"): "lawsuit verdict judge fraud settlement appeal damages",  # a second `court`, elsewhere
}
QUICK = {"tune": ""}  # no encoder of its own: seconds instead of minutes
COUNT = 160


def text(path: tuple[str, ...], chance: random.Random) -> str:
    return "They spoke of " + ", ".join(chance.choices(WORDS[path].split(), k=6)) + "."


def corpus(*, labelled: bool = True, shuffled: bool = False, seed: int = 1, prefix: str = "d") -> list[Document]:
    """Documents of four kinds; shuffled labels have nothing to do with the words."""
    chance = random.Random(seed)
    paths = [list(WORDS)[number % 4] for number in range(COUNT)]
    texts = [text(path, chance) for path in paths]
    if shuffled:
        chance.shuffle(paths)
    return [
        Document(f"{prefix}{number}", words, labels=path if labelled else ())
        for number, (words, path) in enumerate(zip(texts, paths, strict=True))
    ]


class World:
    """Services over an in-memory Qdrant with real encoders and a real registry."""

    def __init__(self, encoders: EncoderSet, registry: Registry, name: str) -> None:
        self.name = name
        self.registry = registry
        self.store = Store.from_client(QdrantClient(":memory:"))
        self.store.activate(self.store.create_generation(name, encoders.specs))
        preparation = Preparation()
        self.writer = BatchWriter(self.store, lambda _generation: encoders, preparation)
        documents = WholeDocuments(self.store, lambda _generation: encoders, preparation)
        known = Classifiers(registry, documents, threads=1)
        self.service = TaxonomyService(self.store, documents, known)
        self.learner = TaxonomyLearner(self.store, registry, documents, known, self.service)

    def write(self, documents: list[Document]) -> None:
        self.writer.write(Batch(self.name, documents, now()), looked=lambda unchanged: None)

    def learn(self, folder: Path, **parameters: str | bool) -> dict[str, object]:
        folder.mkdir(parents=True, exist_ok=True)
        return self.learner.learn(self.name, QUICK | parameters, folder, silent)

    def predicted(self) -> dict[str, tuple[str, ...] | None]:
        points = self.store.scroll(self.store.current(self.name))
        return {
            point.passage.document_id: point.passage.predicted.labels if point.passage.predicted else None
            for point in points
        }


@pytest.fixture
def make(encoders: EncoderSet, registry: Registry) -> Callable[[str], World]:
    return lambda name: World(encoders, registry, name)


@pytest.fixture(scope="module")
def trained(encoders: EncoderSet, registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A corpus with a champion; some of its documents have no labels."""
    world = World(encoders, registry, "desk")
    world.write(corpus())
    world.write([replace(each, id=f"new{number}") for number, each in enumerate(corpus(labelled=False, seed=2)[:8])])
    world.result = world.learn(tmp_path_factory.mktemp("desk"))  # type: ignore[attr-defined]
    yield world
    world.store.close()


def test_the_first_version_is_registered_judged_and_promoted(trained: World) -> None:
    result = trained.result  # type: ignore[attr-defined]
    assert (result["reference"], result["promoted"]) == ("desk.taxonomy:1", True)
    assert "the commonest path" in str(result["verdict"])
    assert trained.registry.champion("desk.taxonomy") == "desk.taxonomy:1"
    [version] = trained.registry.versions("desk.taxonomy")
    assert version.metrics["accuracy"] > 0.9
    assert version.parameters["documents"] == str(COUNT)
    assert trained.registry.promotions("desk.taxonomy")[0].reason == result["verdict"]


def test_every_document_gets_its_predicted_labels_and_is_not_looked_at_twice(trained: World) -> None:
    result, said = trained.result, trained.predicted()  # type: ignore[attr-defined]
    assert result["classified"] == len(said) == COUNT + 8
    wanted = {document.id: document.labels for document in corpus()}
    wanted |= {f"new{number}": each.labels for number, each in enumerate(corpus(seed=2)[:8])}
    right = [said[document] == labels for document, labels in wanted.items()]
    assert sum(right) / len(right) > 0.9
    assert trained.service.classify_corpus("desk") == 0
    assert not trained.learner.wants("desk")


def test_a_text_is_placed_with_its_chances_and_examples_like_it(trained: World) -> None:
    found = trained.service.classify("desk", "A lawsuit over fraud ended with a verdict and damages.")
    assert found.prediction.labels == ("money", "court")  # not the court of tennis
    assert found.model == "desk.taxonomy:1"
    top, leaf = found.prediction.levels[0][0], found.prediction.levels[1][0]
    assert (top.label, leaf.label, leaf.parent) == ("money", "court", "money")
    assert leaf.path == ("money", "court")
    assert 0 < leaf.probability <= top.probability <= 1
    assert len(found.similar) == 5
    assert len({example.document_id for example in found.similar}) == 5
    assert all(example.labels for example in found.similar)
    scores = [example.score for example in found.similar]
    assert scores == sorted(scores, reverse=True)
    assert found.similar[0].labels == ("money", "court")


def test_what_cannot_be_classified_is_said(trained: World, make: Callable[[str], World]) -> None:
    with pytest.raises(BadInput, match="empty"):
        trained.service.classify("desk", "  ")
    with pytest.raises(NotFound, match="trivec train taxonomy --corpus bare"):
        make("bare").service.classify("bare", "anything")
    with pytest.raises(NotFound, match="nowhere"):
        trained.service.classify("nowhere", "anything")


def test_a_challenger_trained_on_shuffled_labels_is_refused_and_that_is_on_record(
    make: Callable[[str], World], tmp_path: Path
) -> None:
    world = make("shuffled")
    world.write(corpus())
    assert world.learn(tmp_path / "1")["promoted"]
    held = [document for document in corpus() if is_held_out(document.text)]
    assert held
    wrong = {document.id: document.labels for document in corpus(shuffled=True)}
    taught = [document for document in corpus() if not is_held_out(document.text)]
    changed = [replace(each, labels=wrong[each.id]) for each in taught if each.labels != wrong[each.id]]
    world.write(changed)
    refused = world.learn(tmp_path / "2")
    assert (refused["reference"], refused["promoted"]) == ("shuffled.taxonomy:2", False)
    assert world.registry.champion("shuffled.taxonomy") == "shuffled.taxonomy:1"
    event = world.registry.promotions("shuffled.taxonomy")[-1]
    assert (event.action, event.version, event.reason) == ("refuse", 2, refused["verdict"])
    assert "not better than" in event.reason
    assert refused["classified"] == len(changed)  # by the champion that stayed


def test_a_broken_off_job_neither_judges_nor_classifies_twice(make: Callable[[str], World], tmp_path: Path) -> None:
    world = make("broken")
    world.write(corpus())

    def stop(doing: str, _share: float) -> None:
        if doing.startswith("classifying") and ": 64 documents" in doing:
            raise Cancelled("enough")

    tmp_path.mkdir(exist_ok=True)
    with pytest.raises(Cancelled):
        world.learner.learn("broken", QUICK, tmp_path, stop)
    assert sum(labels is not None for labels in world.predicted().values()) == 64
    again = world.learn(tmp_path)
    assert again["classified"] == COUNT - 64
    assert again["reference"] == "broken.taxonomy:1"
    assert len(world.registry.versions("broken.taxonomy")) == 1


def test_the_schedule_trains_only_when_enough_labels_are_new(make: Callable[[str], World], tmp_path: Path) -> None:
    world = make("grown")
    world.write(corpus()[:20])
    assert not world.learner.wants("grown")
    world.write(corpus())
    assert world.learner.wants("grown")
    world.learn(tmp_path / "1")
    assert not world.learner.wants("grown")
    world.write(corpus(labelled=False, seed=3, prefix="new")[:4])
    assert world.learner.wants("grown")  # they wait to be classified
    again = world.learn(tmp_path / "2", only_if_new=True)
    assert again == {"classified": 4}
    world.write(corpus(seed=4, prefix="more")[:30])
    assert world.learner.wants("grown")
    assert world.learn(tmp_path / "3", only_if_new=True)["reference"] == "grown.taxonomy:2"
    assert any(world.predicted().values())
    withdraw = world.learner.learner.withdraw
    assert withdraw
    withdraw("grown.taxonomy:2")
    assert not any(world.predicted().values())


def test_too_few_labels_and_unknown_parameters_are_named(make: Callable[[str], World], tmp_path: Path) -> None:
    world = make("few")
    world.write(corpus()[:1])
    with pytest.raises(BadInput, match="1 documents with labels"):
        world.learn(tmp_path)
    with pytest.raises(BadInput, match="'depth'"):
        world.learner.learn("few", {"depth": 3}, tmp_path, silent)
    with pytest.raises(BadInput, match="epochs='many'"):
        world.learner.learn("few", {"epochs": "many"}, tmp_path, silent)


def test_what_is_held_out_is_a_steady_share_and_follows_the_words() -> None:
    held = [is_held_out(f"text number {number}") for number in range(2000)]
    assert 0.12 < sum(held) / len(held) < 0.18
    assert all(is_held_out(f"Text  number {number}") == held[number] for number in range(50))


def test_asking_loads_no_torch() -> None:
    code = """
import sys, trivec.services.taxonomy, trivec.services.taxonomy_learning, trivec.api.app
sys.exit(", ".join(sorted({"torch", "mlflow", "sentence_transformers"} & set(sys.modules))) or None)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
