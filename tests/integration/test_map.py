"""A map whose real worker is killed, while it is made and while documents are placed, ends as an undisturbed one."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from tests.support.processes import Process, Stack, wait_until
from trivec.encoders.base import EncoderSpec
from trivec.encoders.rows import unit_rows
from trivec.records import MapPlace, Passage, StoredPassage
from trivec.services.learning_records import LearningStatus

pytestmark = pytest.mark.services

CORPUS, COUNT, DIMENSION, THEMES = "plots", 700, 16, 6
MODEL = f"{CORPUS}.map"


@pytest.fixture(scope="module")
def patient(stack: Stack) -> Iterator[Process]:
    """A worker that makes maps slowly, in the place of the usual one."""
    with stack.working_as("tests.integration.slow_map") as worker:
        yield worker


@pytest.fixture
def corpus(stack: Stack) -> Iterator[str]:
    """Vectors around some themes; nothing has to be encoded."""
    store = stack.container.store
    spec = EncoderSpec(name="glove", family="glove", kind="dense", dimension=DIMENSION)
    generation = store.activate(store.create_generation(CORPUS, [spec]))
    chance = np.random.default_rng(1)
    drawn = 2 * np.eye(THEMES, DIMENSION)[np.arange(COUNT) % THEMES] + 0.1 * chance.normal(size=(COUNT, DIMENSION))
    passages = [
        StoredPassage(
            document_id=f"d{number}",
            passage=Passage(0, "a plot", 0, 6),
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
        for number in range(COUNT)
    ]
    store.upsert(generation, passages, {"glove": unit_rows(drawn.astype(np.float32))})
    yield CORPUS
    store.delete_corpus(CORPUS)


def mapped(stack: Stack, patient: Process, kills: tuple[str, ...]) -> LearningStatus:
    """A map whose worker is killed as soon as it does each of these."""
    service = stack.container.learning
    job = service.submit("map", CORPUS, {"vector": "glove", "projection": "pca", "seed": 7}).id
    for doing in kills:
        wait_until(lambda doing=doing: service.status(job).step.startswith(doing), what=doing)  # type: ignore[misc]
        patient.kill()
        wait_until(lambda: service.status(job).state == "waiting", what="the kernel takes the claim back")
        patient.start()

    def over() -> bool:
        stack.supervise()
        return service.status(job).finished_at is not None

    wait_until(over, seconds=180, what=f"{service.status(job)}")
    return service.status(job)


def places(stack: Stack) -> dict[str, MapPlace]:
    points = stack.container.store.scroll(stack.container.store.current(CORPUS))
    return {each.passage.document_id: replace(each.passage.place, model="") for each in points if each.passage.place}


@pytest.mark.usefixtures("corpus")
def test_a_map_whose_worker_is_killed_twice_is_the_one_it_would_have_been(stack: Stack, patient: Process) -> None:
    registry = stack.container.registry
    calm = mapped(stack, patient, ())
    undisturbed = places(stack)
    assert (calm.state, len(undisturbed)) == ("done", COUNT)
    stack.container.learning.rollback(MODEL)
    assert places(stack) == {}
    done = mapped(stack, patient, ("ordering", "placing documents: 256"))
    assert (done.state, done.error, done.result["reference"]) == ("done", "", f"{MODEL}:2")
    assert 0 < done.result["placed"] < COUNT, "what was placed before the blow is not placed again"
    assert len(registry.versions(MODEL)) == 2, "the map that was saved before the blow is not made again"
    assert places(stack) == undisturbed
