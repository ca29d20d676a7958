"""What is unusual in a corpus: learned from its own passages, written into them, marked, and watched for drift."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from qdrant_client import QdrantClient

from trivec.encoders.catalog import EncoderSet
from trivec.errors import BadInput, Cancelled, NotFound
from trivec.learning.base import silent
from trivec.records import Document, Filters
from trivec.registry import Registry
from trivec.services.anomalies import AnomalyService
from trivec.services.anomaly_learning import AnomalyLearner
from trivec.services.anomaly_models import AnomalyModels
from trivec.services.batches import Batch, BatchWriter
from trivec.services.job_records import now
from trivec.services.passages import Preparation
from trivec.store import Store

CORPUS = "ledger"
WORDS = (
    "loan",
    "deposit",
    "interest",
    "mortgage",
    "credit",
    "teller",
    "vault",
    "silver",
    "dollar",
    "note",
    "gold",
    "debt",
)
ODD = Document("odd", "WIN!!! a FREE iguana, call 09061701461 NOW or e-mail %%%@@@ 77777777", source="mail")


def documents(count: int, *, prefix: str, seed: int) -> list[Document]:
    chance = random.Random(seed)
    return [
        Document(
            f"{prefix}{number}",
            f"The {chance.choice(WORDS)} and the {chance.choice(WORDS)} of "
            f"{chance.choice(WORDS)} number {chance.choice(WORDS)} were counted.",
            source="book",
        )
        for number in range(count)
    ]


def long_documents(count: int, *, seed: int) -> list[Document]:
    """Of several passages each."""
    return [
        Document(f"long{number}", " ".join(each.text for each in documents(40, prefix="part", seed=seed + number)))
        for number in range(count)
    ]


class World:
    """Services over an in-memory Qdrant with real encoders and a real registry."""

    def __init__(self, encoders: EncoderSet, registry: Registry) -> None:
        self.store = Store.from_client(QdrantClient(":memory:"))
        self.store.activate(self.store.create_generation(CORPUS, encoders.specs))
        self.writer = BatchWriter(self.store, lambda _generation: encoders, Preparation())
        self.models = AnomalyModels(registry)
        self.service = AnomalyService(self.store, lambda _generation: encoders, Preparation(), self.models)
        self.learner = AnomalyLearner(self.store, registry, self.models, self.service)

    def write(self, written: list[Document]) -> None:
        self.writer.write(Batch(CORPUS, written, now()), looked=lambda unchanged: None)


@pytest.fixture(scope="module")
def world(encoders: EncoderSet, registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(encoders, registry)
    with pytest.raises(NotFound, match="trivec train anomalies --corpus ledger"):
        made.service.unusual(CORPUS)
    assert not made.learner.wants(CORPUS)
    made.write([*documents(220, prefix="d", seed=1), ODD])
    assert made.learner.wants(CORPUS)
    made.result = made.learner.learn(  # type: ignore[attr-defined]
        CORPUS, {}, tmp_path_factory.mktemp("job"), silent
    )
    yield made
    made.store.close()


def test_a_corpus_is_learned_judged_and_scored(world: World) -> None:
    result = world.result  # type: ignore[attr-defined]
    assert (result["reference"], result["promoted"], result["scored"]) == (f"{CORPUS}.anomalies:1", True, 221)
    assert result["metrics"]["accuracy"] > 0.7
    assert not world.learner.wants(CORPUS)


def test_the_odd_document_comes_first_with_what_finds_it_odd(world: World) -> None:
    found = world.service.unusual(CORPUS, limit=5)
    assert (found.scored, found.passages, len(found.found)) == (221, 221, 5)
    first = found.found[0]
    assert (first.document_id, first.mark) == ("odd", None)
    assert first.anomaly.p_value < 0.02
    assert first.anomaly.views["form"] < 0.05
    assert set(first.anomaly.views) == {"bert", "glove", "words", "form", "spelling"}
    scores = [each.anomaly.score for each in found.found]
    assert scores == sorted(scores, reverse=True)
    only = world.service.unusual(CORPUS, filters=Filters(sources=("book",)))
    assert "odd" not in {each.document_id for each in only.found}


def test_what_is_new_is_scored_and_nothing_twice(world: World, tmp_path: Path) -> None:
    world.write(documents(3, prefix="late", seed=5))
    assert world.learner.wants(CORPUS)
    assert world.learner.learn(CORPUS, {"only_if_new": True}, tmp_path, silent)["scored"] == 3
    assert world.learner.learn(CORPUS, {"only_if_new": True}, tmp_path, silent)["scored"] == 0


def test_a_scoring_that_is_stopped_goes_on_where_it_was(world: World) -> None:
    world.write(documents(2, prefix="stopped", seed=6))

    def stop(doing: str, share: float) -> None:
        raise Cancelled(f"{doing} {share}")

    with pytest.raises(Cancelled):
        world.service.score_corpus(CORPUS, progress=stop)
    assert world.service.score_corpus(CORPUS) == 2


def test_a_text_is_explained_by_its_words_and_by_usual_passages(world: World) -> None:
    said = world.service.explain(CORPUS, "The iguana and the deposit of silver number gold were counted.")
    assert said.words[0].word == "iguana"
    assert said.words[0].unknown
    assert len(said.nearest) == 3
    assert all(near.document_id and near.text for near in said.nearest)
    _, [usual, odd] = world.service.score(CORPUS, ["The loan and the debt of gold number note were counted.", ODD.text])
    assert usual.p_value > 0.05
    assert not usual.anomaly
    assert odd.p_value < 0.02
    with pytest.raises(BadInput, match="text 2 of 2 has no word"):
        world.service.score(CORPUS, ["gold", "  "])


def test_what_is_marked_fine_is_shown_no_more_and_texts_like_it_are_usual(world: World) -> None:
    before = world.service.score(CORPUS, [ODD.text])[1][0]
    world.service.mark(CORPUS, "odd", 0, "fine")
    assert "odd" not in {each.document_id for each in world.service.unusual(CORPUS).found}
    assert world.service.score(CORPUS, [ODD.text])[1][0].p_value > 0.5
    world.service.mark(CORPUS, "odd", 0, "odd")
    assert world.service.score(CORPUS, [ODD.text])[1][0].score > before.score
    world.service.mark(CORPUS, "odd", 0, None)
    assert world.service.score(CORPUS, [ODD.text])[1][0].score == pytest.approx(before.score)
    with pytest.raises(NotFound, match="no passage 7"):
        world.service.mark(CORPUS, "odd", 7, "fine")


def test_documents_of_another_kind_are_told_as_drift(world: World) -> None:
    assert world.service.drift(CORPUS).state == "too few"
    world.write([*documents(40, prefix="same", seed=8), *long_documents(5, seed=9)])
    assert world.service.drift(CORPUS).state == "steady"
    chance = random.Random(7)
    herons = ["heron", "nest", "wing", "feather", "eagle", "song", "egg"]
    world.write(
        [Document(f"bird{n}", f"A {chance.choice(herons)} by the {chance.choice(herons)} at dawn.") for n in range(60)]
    )
    said = world.service.drift(CORPUS)
    assert (said.state, said.incoming) == ("drifted", 110)


def test_near_duplicates_are_kept_with_what_was_learned(world: World) -> None:
    found = world.service.duplicates(CORPUS)
    assert (found["model"], found["documents"]) == (f"{CORPUS}.anomalies:1", 221)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"magic": 1}, "no parameter 'magic'"),
        ({"neighbours": "many"}, "has to be of the kind"),
        ({"detector": "lunar"}, "needs torch"),
    ],
)
def test_parameters_that_do_not_fit_are_said(
    world: World, parameters: dict[str, str | int], message: str, tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match=message):
        world.learner.learn(CORPUS, parameters, tmp_path, silent)
