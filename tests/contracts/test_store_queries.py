"""Counting and searching, over the in-memory client and over the real node; both answer alike."""

import random
import socket
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from qdrant_client import QdrantClient

from trivec.errors import NotAllowed, Unavailable
from trivec.records import (
    Filters,
    Passage,
    StoredPassage,
)
from trivec.store import Store
from trivec.store.counts import Interval
from trivec.store.filters import TextConditions
from trivec.store.generation import Generation
from trivec.store.queries import rrf_share
from trivec.store.vectors import SparseRow, query_vectors

from .conftest import NodeProcess
from .store_world import SPECS, SPECS_BY_NAME, WORDS, dense, encode, fill, passage, sparse


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
