"""A corpus's map as a kind of learning: what it leaves in the store, broken off anywhere, withdrawn, and looked at."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
from qdrant_client import QdrantClient

from trivec.encoders.base import EncoderSpec
from trivec.encoders.catalog import EncoderSet
from trivec.encoders.rows import unit_rows
from trivec.errors import Cancelled
from trivec.learning.base import Progress, silent
from trivec.records import Anomaly, Filters, MapPlace, Passage, Scalar, StoredPassage
from trivec.registry import Registry
from trivec.services import map_learning, maps
from trivec.services.corpora import CorporaService
from trivec.services.map import MapService
from trivec.services.map_learning import MapLearner
from trivec.services.maps import Maps
from trivec.services.passages import Preparation
from trivec.services.whole_documents import WholeDocuments
from trivec.store import Store

DIMENSION, COUNT, PAGE = 16, 120, 32
THEMES = ("ship harbour", "wheat farmer", "judge verdict", "loan credit", "river flood", "school pupil")
QUICK: dict[str, Scalar] = {"vector": "glove", "projection": "pca", "seed": 7}


class Killed(BaseException):
    """As sudden as SIGKILL: nothing catches it, nothing is cleaned up on its account."""


def no_encoders(_generation: object) -> EncoderSet:
    raise AssertionError("nothing here is encoded")


def no_search() -> NoReturn:
    raise AssertionError("nothing here is searched")


class World:
    """A corpus of random vectors around six themes in an in-memory Qdrant, and a real registry."""

    def __init__(self, registry: Registry, name: str) -> None:
        self.name, self.maps_name = name, maps.name(name)
        self.registry = registry
        self.store = Store.from_client(QdrantClient(":memory:"))
        spec = EncoderSpec(name="glove", family="glove", kind="dense", dimension=DIMENSION)
        self.generation = self.store.activate(self.store.create_generation(name, [spec]))
        self.maps = Maps(registry)
        self.learner = MapLearner(self.store, registry, self.documents, self.maps, str.split)
        self.service = MapService(self.store, self.maps, self.documents, no_search, CorporaService(self.store))
        chance = np.random.default_rng(1)
        centres = 2 * np.eye(len(THEMES), DIMENSION)
        drawn = centres[np.arange(COUNT) % len(THEMES)] + 0.1 * chance.normal(size=(COUNT, DIMENSION))
        passages = [stored(number, THEMES[number % len(THEMES)]) for number in range(COUNT)]
        self.store.upsert(self.generation, passages, {"glove": unit_rows(drawn.astype(np.float32))})

    def documents(self, vector: str) -> WholeDocuments:
        return WholeDocuments(self.store, no_encoders, Preparation(), vector=vector)

    def learn(self, folder: Path, progress: Progress = silent, **parameters: int) -> dict[str, object]:
        folder.mkdir(parents=True, exist_ok=True)
        return self.learner.learn(self.name, QUICK | parameters, folder, progress)

    def withdraw(self) -> None:
        withdraw = self.learner.learner.withdraw
        assert withdraw
        withdraw(str(self.maps.champion(self.name)))
        self.registry.withdraw(self.maps_name)

    def places(self) -> dict[str, MapPlace]:
        points = self.store.scroll(self.generation)
        return {each.passage.document_id: each.passage.place for each in points if each.passage.place}


def stored(number: int, text: str) -> StoredPassage:
    return StoredPassage(
        document_id=f"d{number}",
        passage=Passage(0, text, 0, len(text)),
        passages=1,
        title="",
        date=None,
        labels=(),
        source="feed",
        content_hash=f"{number * 2654435761 % 2**32:08x}",
        ingested_at=datetime(2026, 1, 1, tzinfo=UTC),
        language="en",
        metadata={},
    )


@pytest.fixture
def make(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], World]]:
    monkeypatch.setattr(map_learning, "_PAGE", PAGE)
    made: list[World] = []

    def build(name: str) -> World:
        made.append(World(registry, name))
        return made[-1]

    yield build
    for world in made:
        world.store.close()


def breaking_off(at: str, error: BaseException) -> Progress:
    def progress(doing: str, _share: float) -> None:
        if doing.startswith(at):
            raise error

    return progress


@pytest.mark.parametrize(
    ("at", "error", "placed"),
    [
        ("reading 32", Killed(), 0),
        ("ordering", Killed(), 0),
        ("naming", Killed(), 0),
        ("placing documents: 64", Killed(), 64),
        ("ordering", Cancelled("enough"), 0),
        ("placing documents: 64", Cancelled("enough"), 64),
    ],
)
def test_a_map_broken_off_anywhere_ends_as_if_nothing_had_been(
    make: Callable[[str], World], tmp_path: Path, at: str, error: BaseException, placed: int
) -> None:
    world = make(f"broken-{tmp_path.name}")
    assert world.learn(tmp_path / "calm")["placed"] == COUNT
    calm, undisturbed = world.places(), world.maps.open(f"{world.maps_name}:1").model
    world.withdraw()
    with pytest.raises(type(error)):
        world.learn(tmp_path / "broken", breaking_off(at, error))
    assert len(world.places()) == placed
    again = world.learn(tmp_path / "broken")
    assert (again["reference"], again["placed"]) == (f"{world.maps_name}:2", COUNT - placed)
    assert len(world.registry.versions(world.maps_name)) == 2, "what was saved before the blow is not made again"
    found = world.places()
    assert len(found) == COUNT
    assert {each.model for each in found.values()} == {f"{world.maps_name}:2"}
    assert {key: replace(each, model=calm[key].model) for key, each in found.items()} == calm
    model = world.maps.open(f"{world.maps_name}:2").model
    assert np.array_equal(model.weights, undisturbed.weights)
    assert (model.quality, model.notes) == (undisturbed.quality, undisturbed.notes)


def test_a_map_without_order_has_a_word_about_it_on_its_record(make: Callable[[str], World], tmp_path: Path) -> None:
    world = make("order")
    world.learn(tmp_path / "1")
    world.learn(tmp_path / "2", ordering=1, cells=400)  # a cell for each document, and no time to unfold
    torn, whole = world.registry.promotions(world.maps_name)[::-1]
    assert "the two nearest cells do not touch" in torn.reason
    assert "touch" not in whole.reason


def test_a_withdrawn_map_leaves_no_place_behind_and_nothing_else_goes(
    make: Callable[[str], World], tmp_path: Path
) -> None:
    world = make("withdrawn")
    world.learn(tmp_path)
    odd = {("d1", 0): Anomaly(1.0, 0.01, {}, "withdrawn.anomalies:1")}
    world.store.set_anomalies(world.name, odd, hashes={"d1": stored(1, "").content_hash})
    assert len(world.places()) == COUNT
    world.withdraw()
    assert world.places() == {}
    assert [each.passage.document_id for each in world.store.scroll(world.generation) if each.passage.anomaly] == ["d1"]


def test_cells_and_lists_take_a_document_at_its_oddest_passage(make: Callable[[str], World], tmp_path: Path) -> None:
    world = make("odd")
    long = [
        replace(stored(500, "ship"), passages=2, passage=Passage(number, "ship", number, number + 4))
        for number in (0, 1)
    ]
    world.store.upsert(world.generation, long, {"glove": unit_rows(np.eye(2, DIMENSION, dtype=np.float32))})
    world.learn(tmp_path)
    found = {("d500", number): Anomaly(1.0, p, {}, "odd.anomalies:1") for number, p in ((0, 0.8), (1, 0.004))}
    world.store.set_anomalies(world.name, found, hashes={"d500": long[0].content_hash})
    assert [each for each in world.service.points(world.name).p_values if not np.isnan(each)] == pytest.approx([0.008])
    assert [cell.anomalies for cell in world.service.show(world.name).cells if cell.anomalies is not None] == [1.0]
    [listed] = world.service.documents(world.name, Filters(document_ids=("d500",))).documents
    assert listed.p_value == pytest.approx(0.008)
