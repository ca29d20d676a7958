"""One suite for the store, over the in-memory client and over the real node through its REST API."""

import random
import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from qdrant_client import QdrantClient

from trivec.encoders.base import EncoderSpec
from trivec.errors import BadInput, Conflict, NotAllowed, NotFound, Unavailable
from trivec.records import (
    Anomaly,
    DenseVectors,
    Filters,
    MapPlace,
    Passage,
    Predicted,
    SparseVectors,
    StoredPassage,
    TextVectors,
)
from trivec.store import Store
from trivec.store.counts import Interval
from trivec.store.filters import TextConditions
from trivec.store.generation import Generation
from trivec.store.queries import rrf_share
from trivec.store.vectors import SparseRow, query_vectors

from .conftest import NodeProcess

SPECS = (
    EncoderSpec(name="bert", family="onnx", kind="dense", dimension=8),
    EncoderSpec(name="glove", family="glove", kind="dense", dimension=4, options={"window": 5}),
    EncoderSpec(name="bm25", family="sparse", kind="sparse", dimension=0, modifier="idf"),
)
SPECS_BY_NAME = {spec.name: spec for spec in SPECS}
WORDS = ("gold", "silver", "tariff", "navy", "peace", "rail", "bank", "law", "land", "war")


@pytest.fixture(scope="module", params=["memory", "node"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """One store for all tests of a kind; every test that writes has a corpus of its own."""
    if request.param == "memory":
        opened = Store.from_client(QdrantClient(":memory:"))
    else:
        opened = Store(request.getfixturevalue("node_url"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def shared(store: Store) -> Generation:
    """Forty documents to read from."""
    return fill(store, "shared")


@pytest.fixture
def corpus(request: pytest.FixtureRequest) -> str:
    return f"c{abs(hash(request.node.nodeid)) % 10**9}"


def passage(document_id: str, number: int = 0, passages: int = 1, **changes: object) -> StoredPassage:
    """A passage whose words, labels and date follow from its id."""
    draw = random.Random(document_id)
    words = " ".join(draw.choices(WORDS, k=12))
    stored = StoredPassage(
        document_id=document_id,
        passage=Passage(number, f"{words} {number}", 100 * number, 100 * number + len(words) + 2),
        passages=passages,
        title=f"Message {document_id}",
        date=datetime(1900, 1, 1, tzinfo=UTC) + timedelta(days=draw.randrange(36_500)),
        labels=(draw.choice(("early", "late")), draw.choice(("whig", "federalist"))),
        source=draw.choice(("a.csv", "b.csv")),
        content_hash=f"hash of {document_id}",
        ingested_at=datetime(2026, 1, 1, tzinfo=UTC),
        language=draw.choice(("en", "de", "")),
        metadata={"page": draw.randrange(5), "president name": draw.choice(("Polk", "Tyler"))},
    )
    return replace(stored, **changes)  # type: ignore[arg-type]


def encode(passages: Sequence[StoredPassage]) -> dict[str, TextVectors]:
    """Vectors that depend on the text only."""
    return {
        "bert": dense([stored.passage.text for stored in passages], 8),
        "glove": dense([stored.passage.text for stored in passages], 4),
        "bm25": sparse([stored.passage.text for stored in passages]),
    }


def dense(texts: Sequence[str], dimension: int) -> DenseVectors:
    rows = [np.random.default_rng(list(text.encode())).standard_normal(dimension) for text in texts]
    values = np.array([row / np.linalg.norm(row) for row in rows], np.float32)
    return DenseVectors(values, np.ones(len(texts), bool))


def sparse(texts: Sequence[str]) -> SparseVectors:
    starts, indices, values = [0], [], []
    for text in texts:
        known = {WORDS.index(word): text.split().count(word) for word in text.split() if word in WORDS}
        indices += sorted(known)
        values += [float(known[index]) for index in sorted(known)]
        starts.append(len(indices))
    return SparseVectors(np.array(starts), np.array(indices, np.int64), np.array(values, np.float32))


def fill(store: Store, corpus: str, count: int = 40) -> Generation:
    generation = store.activate(store.create_generation(corpus, SPECS))
    passages = [passage(f"d{number}") for number in range(count)]
    store.upsert(generation, passages, encode(passages))
    return generation


def test_a_generation_remembers_its_encoders(store: Store, corpus: str) -> None:
    made = store.create_generation(corpus, SPECS, details={"job": "j1"})
    assert made.specs == SPECS
    assert (made.collection, made.state, made.details) == (f"{corpus}.g1", "filling", {"job": "j1"})
    assert store.activate(made) == store.current(corpus) == replace(made, state="active")


def test_making_a_generation_twice_makes_one(store: Store, corpus: str) -> None:
    assert store.create_generation(corpus, SPECS) == store.create_generation(corpus, SPECS)
    assert len(store.generations(corpus)) == 1
    with pytest.raises(Conflict, match="still filling"):
        store.create_generation(corpus, SPECS[:1])


def test_a_corpus_that_serves_nothing_is_not_found(store: Store, corpus: str) -> None:
    store.create_generation(corpus, SPECS)
    with pytest.raises(NotFound, match=f"'{corpus}' does not exist"):
        store.current(corpus)
    assert store.filling(corpus) is not None


def test_switching_and_rolling_back_moves_the_alias_and_keeps_the_old(store: Store, corpus: str) -> None:
    first = fill(store, corpus)
    second = store.create_generation(corpus, SPECS[:2])
    assert [each.number for each in store.targets(corpus)] == [1, 2]
    store.activate(second)
    assert [each.state for each in store.generations(corpus)] == ["retired", "active"]
    assert store.rollback(corpus).number == first.number
    assert [each.state for each in store.generations(corpus)] == ["active", "retired"]
    with pytest.raises(NotFound, match="no generation before 1"):
        store.rollback(corpus)


def test_only_a_generation_that_does_not_serve_can_be_dropped(store: Store, corpus: str) -> None:
    first = fill(store, corpus)
    with pytest.raises(Conflict, match="serves"):
        store.drop(first)
    store.activate(store.create_generation(corpus, SPECS))
    store.drop(first)
    assert [each.number for each in store.generations(corpus)] == [2]


def test_a_switch_that_died_before_the_metadata_was_written_is_completed(store: Store, corpus: str) -> None:
    first = fill(store, corpus)
    second = store.create_generation(corpus, SPECS)
    store._point_alias(corpus, second.collection, replaces=True)  # and here the process dies
    assert [each.state for each in store.generations(corpus)] == ["retired", "active"]
    store.rollback(corpus)
    assert [each.state for each in store.generations(corpus)] == ["active", "retired"]
    assert store.current(corpus).number == first.number


def test_a_batch_that_runs_twice_changes_nothing(store: Store, corpus: str) -> None:
    generation = fill(store, corpus)
    before = list(store.scroll(generation, with_vectors=("bert", "bm25")))
    passages = [passage(f"d{number}") for number in range(40)]
    store.upsert(generation, passages, encode(passages))
    after = list(store.scroll(generation, with_vectors=("bert", "bm25")))
    assert [(point.id, point.passage) for point in after] == [(point.id, point.passage) for point in before]
    assert store.count(generation) == store.count_documents(generation) == 40


def test_a_passage_comes_back_as_it_was_stored(store: Store, corpus: str) -> None:
    generation = store.activate(store.create_generation(corpus, SPECS))
    stored = passage("ü/1", metadata={"tags": ("a", "b"), "n": None, "x": 1.5, "on": True}, date=None)
    store.upsert(generation, [stored], encode([stored]))
    [point] = store.document(generation, "ü/1", with_vectors=("bert", "glove"))
    assert point.passage == replace(stored, metadata={"tags": ["a", "b"], "n": None, "x": 1.5, "on": True})
    vector = point.dense("bert")
    assert vector is not None
    np.testing.assert_allclose(vector, dense([stored.passage.text], 8).values[0], rtol=1e-5)


def test_a_shorter_version_of_a_document_leaves_no_passages_behind(store: Store, corpus: str) -> None:
    generation = fill(store, corpus, 3)
    long = [passage("d1", number, 4, content_hash="long") for number in range(4)]
    store.upsert(generation, long, encode(long))
    assert len(store.document(generation, "d1")) == 4
    short = [passage("d1", number, 2, content_hash="short") for number in range(2)]
    store.upsert(generation, short, encode(short))
    assert [point.passage.passage.number for point in store.document(generation, "d1")] == [0, 1]
    assert store.count(generation, filters=Filters(document_ids=("d1",))) == 2
    assert store.count_documents(generation) == 3


def test_a_half_written_document_counts_as_not_stored(store: Store, corpus: str) -> None:
    generation = fill(store, corpus, 2)
    parts = [passage("d1", number, 3, content_hash="new") for number in range(2)]
    store.upsert(generation, parts, encode(parts))
    assert store.hashes(generation, ["d0", "d1", "unknown"]) == {"d0": "hash of d0"}
    last = [passage("d1", 2, 3, content_hash="new")]
    store.upsert(generation, last, encode(last))
    assert store.hashes(generation, ["d1"]) == {"d1": "new"}


def test_filling_does_not_overwrite_what_was_written_meanwhile(store: Store, corpus: str) -> None:
    generation = fill(store, corpus, 3)
    old = [passage("d1", content_hash="old"), passage("d9")]
    store.upsert(generation, old, encode(old), only_new=True)
    assert store.hashes(generation, ["d1", "d9"]) == {"d1": "hash of d1", "d9": "hash of d9"}


def test_a_vector_that_cannot_be_made_is_left_out(store: Store, corpus: str) -> None:
    generation = store.activate(store.create_generation(corpus, SPECS))
    passages = [passage("d0"), passage("d1")]
    vectors = encode(passages)
    values = dense(["x", "y"], 4).values
    vectors["glove"] = DenseVectors(values, np.array([True, False]))
    vectors["bm25"] = sparse(["gold", "unknown words"])
    store.upsert(generation, passages, vectors)
    found = {
        point.passage.document_id: set(point.vectors)
        for point in store.scroll(generation, with_vectors=generation.names)
    }
    assert found == {"d0": {"bert", "glove", "bm25"}, "d1": {"bert"}}
    question = query_vectors({"glove": DenseVectors(values[:1], np.array([True]))})
    [only] = store.candidates(generation, question, limit=10)["glove"]
    assert store.document_ids(generation, [only.id]) == {only.id: "d0"}


def test_vectors_that_do_not_fit_are_refused(store: Store, shared: Generation) -> None:
    with pytest.raises(BadInput, match="no vectors \\['word2vec'\\]"):
        store.upsert(shared, [passage("d1")], {"word2vec": dense(["x"], 4)})
    with pytest.raises(BadInput, match="2 'bert' vectors were given for 1 passages"):
        store.upsert(shared, [passage("d1")], {"bert": dense(["x", "y"], 8)})


def test_deleting_reaches_every_generation(store: Store, corpus: str) -> None:
    first = fill(store, corpus)
    second = store.create_generation(corpus, SPECS)
    passages = [passage(f"d{number}") for number in range(40)]
    store.upsert(second, passages, encode(passages))
    store.activate(second)
    store.delete_documents(corpus, ["d1", "d2", "unknown"])
    store.delete_source(corpus, "a.csv")
    expected = {stored.document_id for stored in passages if stored.source == "b.csv"} - {"d1", "d2"}
    for generation in (first, second):
        assert {point.passage.document_id for point in store.scroll(generation)} == expected
    store.delete_corpus(corpus)
    assert corpus not in {info.name for info in store.corpora()}
    with pytest.raises(NotFound):
        store.delete_corpus(corpus)


def test_a_corpus_is_listed_with_its_counts(store: Store, corpus: str) -> None:
    generation = fill(store, corpus, 5)
    parts = [passage("d7", number, 3) for number in range(3)]
    store.upsert(generation, parts, encode(parts))
    [info] = [each for each in store.corpora() if each.name == corpus]
    assert (info.name, info.documents, info.passages, info.specs) == (corpus, 6, 8, SPECS)


def test_pages_go_on_where_they_broke_off(store: Store, shared: Generation) -> None:
    first = next(store.pages(shared, size=15))
    rest = [point for page in store.pages(shared, start=first.next, size=15) for point in page.points]
    assert len(first.points) == 15
    assert {point.id for point in (*first.points, *rest)} == {point.id for point in store.scroll(shared, size=7)}


def test_set_payload_keeps_the_rest(store: Store, corpus: str) -> None:
    generation = fill(store, corpus, 2)
    store.set_payload(corpus, ["d1"], {"note": {"score": 2.5}})
    assert store.document(generation, "d1")[0].passage == passage("d1")


def test_anomaly_scores_and_marks_are_kept_with_the_passage_they_are_of(store: Store, corpus: str) -> None:
    generation = fill(store, corpus, 2)
    store.upsert(generation, long := [passage("long", number, 2) for number in range(2)], encode(long))
    found = {("d0", 0): Anomaly(1.0, 0.5, {"bert": 0.4}, "news.anomalies:1")}
    found |= {("long", 1): Anomaly(9.0, 0.01, {"bert": 0.02}, "news.anomalies:1"), ("d1", 0): found["d0", 0]}
    hashes = {each: store.document(generation, each)[0].passage.content_hash for each in ("d0", "long")}
    store.set_anomalies(corpus, found, hashes=hashes | {"d1": "of an older text"})
    assert [point.passage.anomaly for point in store.document(generation, "long")] == [None, found["long", 1]]
    assert store.document(generation, "d1")[0].passage.anomaly is None
    assert store.count_scored(generation, "news.anomalies:1") == 2
    assert len([1 for page in store.unscored(generation, "news.anomalies:1") for _ in page.points]) == 2
    [odd] = [point for page in store.unusual(generation, below=0.05) for point in page.points]
    assert (odd.passage.document_id, odd.passage.passage.number) == ("long", 1)
    store.set_mark(corpus, "long", 1, "odd")
    marked = [point.passage for page in store.marked(generation) for point in page.points]
    assert [(each.document_id, each.passage.number, each.mark) for each in marked] == [("long", 1, "odd")]
    store.set_mark(corpus, "long", 1, None)
    assert [point for page in store.marked(generation) for point in page.points] == []


def test_predicted_labels_are_kept_with_every_passage_of_documents_that_have_not_changed(
    store: Store, corpus: str
) -> None:
    generation = fill(store, corpus, 3)
    long = [passage("long", number, 3) for number in range(3)]
    store.upsert(generation, long, encode(long))
    found = {
        "d0": Predicted(("early", "whig"), 0.9, "news.taxonomy:1"),
        "d1": Predicted((), 0.2, "news.taxonomy:1"),
        "long": Predicted(("late",), 0.6, "news.taxonomy:1"),
    }
    hashes = {"d0": "hash of d0", "d1": "hash of what it was before", "long": "hash of long"}
    store.set_predicted(corpus, found, hashes=hashes)
    stored = {(p.passage.document_id, p.passage.passage.number): p.passage.predicted for p in store.scroll(generation)}
    assert stored[("d0", 0)] == found["d0"]
    assert [stored[("long", number)] for number in range(3)] == [found["long"]] * 3
    assert stored[("d1", 0)] is stored[("d2", 0)] is None
    pages = store.unpredicted(generation, "news.taxonomy:1")
    assert sorted(point.passage.document_id for page in pages for point in page.points) == ["d1", "d2"]
    assert sum(len(page.points) for page in store.unpredicted(generation, "news.taxonomy:2", size=2)) == 4
    again = [replace(passage("d0"), content_hash="changed")]
    store.upsert(generation, again, encode(again))
    assert store.document(generation, "d0")[0].passage.predicted is None


def test_what_models_found_is_forgotten_of_all_or_of_all_but_one(store: Store, corpus: str) -> None:
    generation = fill(store, corpus, 3)
    hashes = {f"d{number}": f"hash of d{number}" for number in range(3)}
    store.set_predicted(corpus, {"d0": Predicted(("early",), 0.9, "news.taxonomy:1")}, hashes=hashes)
    store.set_predicted(corpus, {"d1": Predicted(("late",), 0.9, "news.taxonomy:2")}, hashes=hashes)
    store.set_anomalies(corpus, {("d0", 0): Anomaly(1.0, 0.5, {"bert": 0.4}, "news.anomalies:1")}, hashes=hashes)

    def predicted() -> list[str]:
        points = store.scroll(generation)
        return sorted(point.passage.document_id for point in points if point.passage.predicted)

    store.forget(corpus, "predicted", but="news.taxonomy:2")
    assert predicted() == ["d1"]
    store.forget(corpus, "predicted")
    assert predicted() == []
    assert store.document(generation, "d0")[0].passage.anomaly is not None
    store.set_places(corpus, {"d0": MapPlace(4, 0.1, 1.0, 2.0, "news.map:1")}, hashes=hashes)
    store.set_places(corpus, {"d2": MapPlace(5, 0.1, 1.0, 2.0, "news.map:2")}, hashes=hashes)
    store.forget_places(corpus, "news.map:2")
    assert [point.passage.document_id for point in store.scroll(generation) if point.passage.place] == ["d2"]


def test_facets_count_documents_not_passages(store: Store, corpus: str) -> None:
    generation = fill(store, corpus, 5)
    parts = [
        passage("long", number, 6, source="c.csv", metadata={"page": 77, "a.b": "x", "on": True}) for number in range(6)
    ]
    store.upsert(generation, parts, encode(parts))
    found = store.facets(generation, ["source", "page", "metadata.president name", "a.b", "on"])
    assert {(each.value, each.count) for each in found["source"]} >= {("c.csv", 1)}
    assert sum(each.count for each in found["source"]) == 6
    assert next(each for each in found["page"] if each.value == "77").count == 1
    assert sum(each.count for each in found["metadata.president name"]) == 5
    assert [(each.value, each.count) for each in found["a.b"]] == [("x", 1)]
    assert [(each.value, each.count) for each in found["on"]] == [("true", 1)]


def test_what_a_facet_shows_can_be_filtered_on(store: Store, shared: Generation) -> None:
    for key in ("page", "president name"):
        for facet in store.facets(shared, [key])[key]:
            assert store.count_documents(shared, filters=Filters(metadata={key: (facet.value,)})) == facet.count


def test_a_histogram_counts_each_dated_document_once(store: Store, corpus: str) -> None:
    generation = fill(store, corpus)
    undated = [passage("undated", date=None)]
    store.upsert(generation, undated, encode(undated))
    for interval in get_args(Interval):
        bins = store.histogram(generation, interval)
        assert sum(each.count for each in bins) == 40
        assert [each.value for each in bins] == sorted({each.value for each in bins})
    years = store.histogram(generation, "year", filters=Filters(date_from=datetime(1950, 1, 1, tzinfo=UTC)))
    assert min(each.value for each in years) >= "1950"


def test_days_count_documents_or_the_passages_that_say_something_either_way(store: Store, corpus: str) -> None:
    generation = fill(store, corpus, 0)
    day = datetime(1990, 5, 17, tzinfo=UTC)
    said = ("the rail strike", "two railroads", "nothing of the kind", "the RAIL again")
    parts = [
        passage("long", number, 4, date=day, passage=Passage(number, text, 0, len(text)))
        for number, text in enumerate(said)
    ]
    other = [passage("short", date=datetime(1991, 1, 2, tzinfo=UTC)), passage("undated", date=None)]
    store.upsert(generation, [*parts, *other], encode([*parts, *other]))
    assert store.days(generation) == {date(1990, 5, 17): 1, date(1991, 1, 2): 1}
    assert store.days(generation, passages=True)[date(1990, 5, 17)] == 4
    either = TextConditions(either=("rail", "railroads"))
    assert store.days(generation, text=either, passages=True) == {date(1990, 5, 17): 3}
    ids = [point.id for point in store.scroll(generation) if point.passage.document_id == "short"]
    assert store.days(generation, ids=ids) == {date(1991, 1, 2): 1}


def test_every_source_is_asked_in_one_request_and_ranks_by_its_own_scores(store: Store, shared: Generation) -> None:
    question = query_vectors(encode([passage("d7")]))
    found = store.candidates(shared, question, limit=10)
    assert set(found) == {"bert", "glove", "bm25"}
    for candidates in found.values():
        scores = [candidate.score for candidate in candidates]
        assert scores == sorted(scores, reverse=True)
        assert "d7" in store.document_ids(shared, [candidate.id for candidate in candidates[:3]]).values()
    assert found["bert"][0].score == pytest.approx(1.0, abs=1e-5)


def test_rank_fusion_is_the_sum_of_the_shares_that_explain_it(store: Store, shared: Generation) -> None:
    question = query_vectors(encode([passage("d7")]))
    for k, weights in ((10, {"bert": 1.0, "glove": 1.0, "bm25": 1.0}), (60, {"bert": 3.0, "glove": 0.5, "bm25": 1.0})):
        answer = store.rank_fused(shared, question, k=k, weights=weights, limit=20, candidates=20)
        ranks = {name: {each.id: rank for rank, each in enumerate(found, 1)} for name, found in answer.sources.items()}
        for candidate in answer.fused:
            shares = [
                rrf_share(found[candidate.id], k=k, weight=weights[name])
                for name, found in ranks.items()
                if candidate.id in found
            ]
            assert candidate.score == pytest.approx(sum(shares), rel=1e-4)


def test_the_terms_of_a_sparse_question_add_up_to_its_score(store: Store, shared: Generation) -> None:
    question = query_vectors({"bm25": sparse(["gold bank war"])})
    found = store.candidates(shared, question, limit=10)["bm25"]
    terms = [SparseRow(np.array([WORDS.index(word)]), np.ones(1, np.float32)) for word in ("gold", "bank", "war")]
    shares = store.term_scores(shared, "bm25", terms, [each.id for each in found])
    for candidate in found:
        assert sum(share.get(candidate.id, 0.0) for share in shares) == pytest.approx(candidate.score, rel=1e-4)


def test_phrases_must_occur_and_excluded_words_must_not(store: Store, corpus: str) -> None:
    generation = store.activate(store.create_generation(corpus, SPECS))
    texts = {"a": "the Gold standard stands", "b": "a standard of gold", "c": "gold, standard", "d": "silver"}
    passages = [passage(key, passage=Passage(0, text, 0, len(text)), title="") for key, text in texts.items()]
    passages.append(passage("e", title="The Gold Standard"))
    store.upsert(generation, passages, encode(passages))

    def found(**conditions: tuple[str, ...]) -> set[str]:
        question = query_vectors({"bert": dense(["anything"], 8)})
        answer = store.candidates(generation, question, limit=10, text=TextConditions(**conditions))
        return set(store.document_ids(generation, [candidate.id for candidate in answer["bert"]]).values())

    assert found(phrases=("gold standard",)) == {"a", "c", "e"}
    assert found(phrases=("GOLD",), excluded=("stands",)) == {"b", "c", "e"} | (
        {"e"} if "gold" in passages[-1].passage.text else set()
    )
    assert "d" not in found(excluded=("silver",))


def test_conditions_name_what_they_filter(store: Store, shared: Generation) -> None:
    everything = [point.passage for point in store.scroll(shared)]
    since, until = datetime(1930, 1, 1, tzinfo=UTC), datetime(1960, 1, 1, tzinfo=UTC)
    cases: list[tuple[Filters, Callable[[StoredPassage], bool]]] = [
        (Filters(date_from=since, date_to=until), lambda each: each.date is not None and since <= each.date < until),
        (Filters(labels=("whig",), sources=("a.csv",)), lambda each: "whig" in each.labels and each.source == "a.csv"),
        (Filters(languages=("en", "de")), lambda each: each.language in ("en", "de")),
        (Filters(document_ids=("d1", "d2"), exclude_ids=("d2",)), lambda each: each.document_id == "d1"),
    ]
    for filters, accepts in cases:
        expected = {each.document_id for each in everything if accepts(each)}
        assert {each.passage.document_id for each in store.scroll(shared, filters=filters)} == expected
    pages = Filters(metadata={"page": (1, 2), "president name": ("Polk",)})
    expected = {
        each.document_id
        for each in everything
        if each.metadata["page"] in (1, 2) and each.metadata["president name"] == "Polk"
    }
    assert {each.passage.document_id for each in store.scroll(shared, filters=pages)} == expected


def test_both_kinds_answer_random_questions_alike(node_url: str) -> None:
    memory, node = Store.from_client(QdrantClient(":memory:")), Store(node_url)
    draw = random.Random(7)
    generations = [fill(each, "alike", 100) for each in (memory, node)]
    for _ in range(200):
        question = encode([passage(f"question {draw.random()}")])
        filters = random_filters(draw)
        text = TextConditions(
            phrases=tuple(draw.sample(WORDS, draw.choice((0, 0, 1)))),
            excluded=tuple(draw.sample(WORDS, draw.choice((0, 0, 1)))),
        )
        first, second = (
            store.candidates(generation, query_vectors(question), limit=15, filters=filters, text=text)
            for store, generation in zip((memory, node), generations, strict=True)
        )
        for name in SPECS_BY_NAME:
            assert [each.score for each in first[name]] == pytest.approx(
                [each.score for each in second[name]], rel=1e-4
            )
            distinct = {round(each.score, 5) for each in first[name]}
            if len(distinct) == len(first[name]):  # where scores tie, the order is anybody's
                assert [each.id for each in first[name][:-1]] == [each.id for each in second[name][:-1]]
        counts = [
            (store.count(generation, filters=filters, text=text), store.facets(generation, ["labels"], filters=filters))
            for store, generation in zip((memory, node), generations, strict=True)
        ]
        assert counts[0] == counts[1]
    node.close()


def random_filters(draw: random.Random) -> Filters:
    since = datetime(1900, 1, 1, tzinfo=UTC) + timedelta(days=draw.randrange(20_000))
    return Filters(
        date_from=draw.choice((None, since)),
        date_to=draw.choice((None, since + timedelta(days=15_000))),
        labels=tuple(draw.sample(("early", "late", "whig", "federalist", "unknown"), draw.choice((0, 1, 2)))),
        sources=tuple(draw.sample(("a.csv", "b.csv"), draw.choice((0, 0, 1)))),
        languages=draw.choice(((), (), ("en",), ("de", "en"))),
        metadata=draw.choice(({}, {}, {"page": (1, 2)}, {"page": ("3",), "president name": ("Polk",)})),
        exclude_ids=draw.choice(((), ("d1", "d2"))),
    )


def test_a_store_that_does_not_answer_is_unavailable() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound, and nobody listens
        store = Store(f"http://127.0.0.1:{closed.getsockname()[1]}", patience=0.2)
        with pytest.raises(Unavailable, match="Qdrant does not answer"):
            store.ping()
        store.close()


def test_a_wrong_key_is_said_to_be_wrong(run_node: Callable[..., NodeProcess], tmp_path: Path) -> None:
    node = run_node(tmp_path, api_key="right")
    wrong, right = Store(node.url, api_key="wrong"), Store(node.url, api_key="right")
    with pytest.raises(NotAllowed, match="TRIVEC_QDRANT_API_KEY"):
        wrong.corpora()
    assert right.corpora() == []
    wrong.close()
    right.close()
    node.stop()
