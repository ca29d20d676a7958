"""What is stored of documents and what models find in them, over the in-memory client and over the real node."""

from dataclasses import replace

import numpy as np
import pytest

from trivec.errors import BadInput, NotFound
from trivec.records import (
    Anomaly,
    DenseVectors,
    Filters,
    MapPlace,
    Predicted,
)
from trivec.store import Store
from trivec.store.generation import Generation
from trivec.store.vectors import query_vectors

from .store_world import SPECS, dense, encode, fill, passage, sparse


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
    assert store.count_scored(generation, "news.anomalies:1", filters=Filters(document_ids=("d0",))) == 1
    assert len([1 for page in store.unscored(generation, "news.anomalies:1", "bert") for _ in page.points]) == 2
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
