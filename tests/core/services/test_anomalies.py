"""What is unusual in a corpus: learned from its own passages, written into them, marked, and watched for drift."""

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from qdrant_client import QdrantClient

from trivec.encoders.catalog import EncoderSet
from trivec.errors import BadInput, Cancelled, Conflict, NotFound
from trivec.learning.base import silent
from trivec.records import Document, Filters
from trivec.registry import Registry
from trivec.services.anomalies import AnomalyService
from trivec.services.anomaly_learning import AnomalyLearner
from trivec.services.anomaly_models import AnomalyModels
from trivec.services.anomaly_texts import AnomalyTexts
from trivec.services.batches import Batch, BatchWriter
from trivec.services.job_records import now
from trivec.services.passages import Preparation
from trivec.store import Store
from trivec.store.generation import Generation

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


def copies() -> list[Document]:
    """Two texts that are nearly the same, and two that begin alike but go on differently; all of several passages."""
    chance = random.Random(3)

    def words(count: int) -> str:
        return " ".join(f"{chance.choice(WORDS)}{chance.randrange(10_000)}" for _ in range(count))

    opening, body = words(300), words(900)
    return [
        Document("copy-1", body),
        Document("copy-2", f"{body} indeed"),
        Document("opening-1", f"{opening} {words(900)}"),
        Document("opening-2", f"{opening} {words(900)}"),
    ]


class World:
    """Services over an in-memory Qdrant with real encoders and a real registry."""

    def __init__(self, encoders: EncoderSet, registry: Registry) -> None:
        self.store = Store.from_client(QdrantClient(":memory:"))
        self.store.activate(self.store.create_generation(CORPUS, encoders.specs))
        self.writer = BatchWriter(self.store, lambda _generation: encoders, Preparation())
        self.models = AnomalyModels(registry)
        self.service = AnomalyService(self.store, self.models)
        self.texts = AnomalyTexts(self.store, lambda _generation: encoders, Preparation(), self.models)
        self.learner = AnomalyLearner(self.store, registry, self.models, self.service, self.texts)

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
    assert (only.scored, only.passages) == (220, 220)


def test_passages_that_were_learned_from_are_scored_without_themselves(world: World) -> None:
    model = world.models.open(f"{CORPUS}.anomalies:1").model
    of_sum = dict(zip(model.ids, model.calibration.p_values(model._sum(model.held_out)), strict=True))
    stored = {point.id: point.passage.anomaly for point in world.store.scroll(world.store.current(CORPUS))}
    assert len(of_sum) > 150
    assert all(each and each.p_value == pytest.approx(of_sum[name]) for name, each in stored.items() if name in of_sum)


def test_a_passage_of_the_corpus_is_explained_as_if_it_had_not_been_learned(world: World) -> None:
    model = world.models.open(f"{CORPUS}.anomalies:1").model
    learned = world.store.passages(world.store.current(CORPUS), [model.ids[5]])[model.ids[5]].passage
    said = world.texts.explain_passage(CORPUS, learned.document_id, 0, similar=4)
    assert said.text == learned.passage.text
    assert len(said.nearest) == 4
    assert learned.document_id not in {near.document_id for near in said.nearest}
    assert learned.anomaly
    assert said.score == pytest.approx(learned.anomaly.score, abs=0.5)
    assert said.score > world.texts.explain(CORPUS, said.text).score, "beside itself it would look more usual"
    odd = world.texts.explain_passage(CORPUS, "odd", 0)
    assert odd.p_value < 0.02
    assert odd.words
    with pytest.raises(NotFound, match="no passage 3: it has 1"):
        world.texts.explain_passage(CORPUS, "odd", 3)


def test_vectors_that_are_only_shown_may_be_made_anew(world: World, encoders: EncoderSet) -> None:
    def with_changed(name: str) -> Generation:
        specs = [replace(spec, model="another") if spec.name == name else spec for spec in encoders.specs]
        return replace(world.store.current(CORPUS), specs=tuple(specs))

    still = world.models.current(with_changed("glove"))
    assert set(still.model.tables) == {"bert"}
    assert set(still.model.held_out) == {"bert", "words", "form", "spelling"}
    assert still is world.models.current(with_changed("glove"))
    assert set(world.models.current(world.store.current(CORPUS)).model.tables) == {"bert", "glove"}
    with pytest.raises(Conflict, match="trivec train anomalies --corpus ledger"):
        world.models.current(with_changed("bert"))


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
    said = world.texts.explain(CORPUS, "The iguana and the deposit of silver number gold were counted.")
    assert said.words[0].word == "iguana"
    assert said.words[0].unknown
    assert len(said.nearest) == 3
    assert all(near.document_id and near.text for near in said.nearest)
    _, [usual, odd] = world.texts.score(CORPUS, ["The loan and the debt of gold number note were counted.", ODD.text])
    assert usual.p_value > 0.05
    assert not usual.anomaly
    assert odd.p_value < 0.02
    with pytest.raises(BadInput, match="text 2 of 2 has no word"):
        world.texts.score(CORPUS, ["gold", "  "])


def test_what_is_marked_fine_is_shown_no_more_and_texts_like_it_are_usual(world: World) -> None:
    before = world.texts.score(CORPUS, [ODD.text])[1][0]
    world.service.mark(CORPUS, "odd", 0, "fine")
    assert "odd" not in {each.document_id for each in world.service.unusual(CORPUS).found}
    assert world.texts.score(CORPUS, [ODD.text])[1][0].p_value > 0.5
    world.service.mark(CORPUS, "odd", 0, "odd")
    assert world.texts.score(CORPUS, [ODD.text])[1][0].score > before.score
    world.service.mark(CORPUS, "odd", 0, None)
    assert world.service.unusual(CORPUS, limit=1).found[0].anomaly.score == pytest.approx(before.score, abs=0.01)
    assert world.texts.score(CORPUS, [ODD.text])[1][0].score == pytest.approx(before.score)
    first = world.service.unusual(CORPUS, limit=1).found[0].document_id
    near = next(each for each in world.texts.explain_passage(CORPUS, "d7", 0).nearest if each.document_id != first)

    def score_of_near() -> float:
        [point] = world.store.document(world.store.current(CORPUS), near.document_id)
        assert point.passage.anomaly
        return point.passage.anomaly.score

    usual = score_of_near()
    world.service.mark(CORPUS, "d7", 0, "odd")
    assert score_of_near() > usual, "a passage like the one that was marked is scored again at once"
    world.service.mark(CORPUS, "d7", 0, None)
    assert score_of_near() == pytest.approx(usual)
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


def test_any_dense_vector_may_count_and_a_refused_version_answers_drift(world: World, tmp_path: Path) -> None:
    world.write(copies())
    result = world.learner.learn(CORPUS, {"vector": "glove"}, tmp_path, silent)
    assert (result["reference"], result["promoted"]) == (f"{CORPUS}.anomalies:2", False)
    assert world.models.open(result["reference"]).model.options.vector == "glove"
    said = world.service.drift(CORPUS)
    assert (said.state, said.incoming) == ("too few", 0), "it has seen what came: nobody is told twice"
    with pytest.raises(BadInput, match="no vector 'fused'"):
        world.learner.learn(CORPUS, {"vector": "fused"}, tmp_path / "other", silent)


def test_near_duplicates_are_alike_all_through_and_kept_with_what_was_learned(world: World) -> None:
    found = world.service.duplicates(CORPUS)
    assert found["model"] == f"{CORPUS}.anomalies:2"
    groups = [set(group["document_ids"]) for group in found["groups"]]
    assert {"copy-1", "copy-2"} in groups
    assert not any("opening" in document for group in groups for document in group)


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


def test_scores_go_when_the_first_version_is_withdrawn(world: World) -> None:
    withdraw = world.learner.learner.withdraw
    assert withdraw
    withdraw(f"{CORPUS}.anomalies:1")
    assert not any(point.passage.anomaly for point in world.store.scroll(world.store.current(CORPUS)))
