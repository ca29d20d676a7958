"""Searching a small corpus with the encoders that users get."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import numpy as np
import pytest
from qdrant_client import QdrantClient

from trivec.encoders.catalog import EncoderSet
from trivec.errors import BadQuery, NotFound, TooLarge, Unavailable
from trivec.records import AnalysedText, DenseVectors, Filters, TextVectors
from trivec.services.search import SearchRequest, SearchResult, SearchService
from trivec.store import Store
from trivec.text.analyser import Analyser

from .conftest import SPECS, TEXTS, stored, write

MODES = [
    {"using": ("bm25",)},
    {"using": ("glove",)},
    {"using": ("bert",)},
    {},
    {"fusion": "rrf"},
    {"fusion": "rrf", "k": 60, "using": ("bm25", "glove", "bert")},
    {"fusion": "weighted_rrf", "weights": {"bm25": 1, "bert": 3}},
    {"weights": {"bm25": 0.2, "bert": 0.5, "glove": 0.3}, "using": ("bm25", "bert", "glove")},
]


@pytest.fixture
def service(search_service: SearchService) -> SearchService:
    return search_service


def ask(service: SearchService, query: str, **options: object) -> SearchResult:
    return service.search(SearchRequest(query=query, corpus="messages", **options))  # type: ignore[arg-type]


def documents(result: SearchResult) -> list[str]:
    return [hit.document_id for hit in result.hits]


@pytest.mark.parametrize("mode", MODES, ids=str)
def test_every_mode_finds_the_document_and_explains_its_score(service: SearchService, mode: dict[str, object]) -> None:
    result = ask(service, "ships of the navy on the ocean", **mode)
    assert "navy" in documents(result)[:3]
    assert [hit.score for hit in result.hits] == sorted((hit.score for hit in result.hits), reverse=True)
    for hit in result.hits:
        assert sum(hit.contributions.values()) == pytest.approx(hit.score, rel=1e-4, abs=1e-6)
        assert all(seen.rank >= 1 for seen in hit.sources.values())
    assert result.degraded == ()


def test_the_default_is_the_hybrid_of_bm25_and_bert(service: SearchService) -> None:
    result = ask(service, "paper money redeemed in gold")
    weights = {"bm25": 0.4, "bert": 0.6}
    assert documents(result) == documents(
        ask(service, "paper money redeemed in gold", using=("bm25", "bert"), weights=weights)
    )
    assert set(result.hits[0].sources) == {"bm25", "bert"}
    assert result.hits[0].score == pytest.approx(1.0)


def test_meaning_is_found_without_a_common_word(service: SearchService) -> None:
    assert documents(ask(service, "education of the young"))[0] == "schools"
    assert documents(ask(service, "preventing epidemics"))[0] == "health"


def test_words_of_the_question_are_highlighted(service: SearchService) -> None:
    [hit] = ask(service, "replanting a forest", limit=1).hits
    text = hit.passage.passage.text
    assert [text[span.start : span.end] for span in hit.highlights] == ["Forests", "replanted"]


def test_a_document_appears_once_at_its_best_passage(service: SearchService) -> None:
    result = ask(service, "taxes and debt", limit=20)
    assert len(set(documents(result))) == len(result.hits) == result.total
    [union] = [hit for hit in result.hits if hit.document_id == "union"]
    assert union.passage.passage.number == 1


def test_pages_follow_each_other_without_gap_or_overlap(service: SearchService) -> None:
    whole = documents(ask(service, "war and peace", limit=13))
    pages = [documents(ask(service, "war and peace", limit=3, offset=offset)) for offset in range(0, 15, 3)]
    assert [document for page in pages for document in page] == whole
    assert documents(ask(service, "war and peace", offset=100)) == []


def test_a_quoted_phrase_must_occur(service: SearchService) -> None:
    assert set(documents(ask(service, '"gold standard" money'))) == {"gold", "union"}
    assert set(documents(ask(service, '"on navy"'))) == {"navy"}  # its title
    assert documents(ask(service, '"silver standard"')) == []


def test_an_excluded_word_excludes_the_whole_document(service: SearchService) -> None:
    assert "union" in documents(ask(service, "gold money", limit=20))
    without = documents(ask(service, "gold money -taxes", limit=20))
    assert "union" not in without
    assert "gold" in without
    assert set(documents(ask(service, 'war -"peace treaty"', limit=20))) == {*TEXTS, "union"} - {"spain"}


def test_filters_hold_for_every_hit(service: SearchService) -> None:
    result = ask(service, "money", limit=20, filters=Filters(labels=("war",)))
    assert set(documents(result)) == {"spain", "mexico"}
    early = Filters(date_to=datetime(1900, 1, 1, tzinfo=UTC))
    for hit in ask(service, "money", limit=20, filters=early).hits:
        assert hit.passage.date is not None
        assert hit.passage.date.year < 1900


def test_facets_and_histogram_count_the_documents_found(service: SearchService) -> None:
    result = ask(service, "money", facets=("labels", "source"), histogram="decade", limit=2)
    assert {each.value: each.count for each in result.facets["source"]} == {"messages.csv": result.total}
    assert {each.value: each.count for each in result.facets["labels"]}["war"] == 2
    assert result.histogram is not None
    assert sum(each.count for each in result.histogram) == result.total
    filtered = ask(service, "money", facets=("labels",), filters=Filters(labels=("war",)))
    assert {each.value: each.count for each in filtered.facets["labels"]} == {"war": 2, "spain": 1, "mexico": 1}


def test_the_words_of_bm25_add_up_to_what_it_contributed(service: SearchService) -> None:
    for options in ({}, {"using": ("bm25",)}, {"fusion": "rrf"}):
        result = ask(service, "coins of silver and silver credit for farmers", explain=True, **options)
        explained = [hit for hit in result.hits if hit.words]
        assert explained
        for hit in explained:
            assert sum(word.contribution for word in hit.words) == pytest.approx(hit.contributions["bm25"], abs=1e-6)
        silver = next(hit for hit in result.hits if hit.document_id == "silver")
        assert {word.word for word in silver.words} == {"silver", "credit", "farmers"}
        assert silver.words[0].word == "silver"


def test_diversity_changes_the_order_only(service: SearchService) -> None:
    plain, diverse = ask(service, "war", limit=13), ask(service, "war", limit=13, diversity=0.8)
    assert set(documents(plain)) == set(documents(diverse))
    assert documents(plain) != documents(diverse)
    assert documents(plain)[0] == documents(diverse)[0]


def test_more_like_this_is_like_it_and_not_itself(service: SearchService) -> None:
    assert documents(service.similar("messages", "spain"))[0] == "mexico"
    assert documents(service.similar("messages", "union", using="bm25"))[0] in {"gold", "navy"}
    assert "gold" not in documents(service.similar("messages", "gold", limit=20))
    with pytest.raises(NotFound, match="'nothing' is not in corpus"):
        service.similar("messages", "nothing")


def test_a_source_that_knows_no_word_is_left_out_and_named(service: SearchService) -> None:
    result = ask(service, "zxqv zxqw", using=("glove", "bert"))
    assert [reason.split(":")[0] for reason in result.degraded] == ["glove"]
    assert result.hits[0].contributions.keys() == {"bert"}
    nothing = ask(service, "zxqv zxqw", using=("glove",))
    assert (nothing.hits, nothing.total) == ((), 0)
    assert nothing.degraded


def test_an_encoder_that_is_down_is_named_and_the_rest_answers(
    corpus: Store, encoders: EncoderSet, analyser: Analyser
) -> None:
    class BertDown:
        def encode_queries(
            self, texts: Sequence[AnalysedText], names: Sequence[str] | None = None
        ) -> Mapping[str, TextVectors]:
            if "bert" in (names or ()):
                raise Unavailable("the endpoint does not answer")
            return encoders.encode_queries(texts, names)

    result = ask(SearchService(corpus, lambda _generation: BertDown(), analyser), "gold")
    assert result.degraded == ("bert: the endpoint does not answer",)
    assert documents(result)[0] in {"gold", "union"}


def test_another_language_is_answered_with_a_warning(service: SearchService) -> None:
    result = ask(service, "Die Kriegsflotte braucht neue Schiffe und ausgebildete Matrosen")
    assert any("'de'" in reason for reason in result.degraded)
    assert result.hits


@pytest.mark.parametrize(
    "query", ["'; DROP TABLE x; --", "<b>gold</b>", "a" * 5000, "金本位", "👍 gold", "\\x00 {}[]()*?~^:"]
)
def test_strange_questions_are_only_words(service: SearchService, query: str) -> None:
    assert ask(service, query).total >= 0


def test_questions_that_cannot_be_asked_say_why(service: SearchService) -> None:
    with pytest.raises(BadQuery, match="does not say what to look for"):
        ask(service, " ")
    with pytest.raises(TooLarge, match="10,001 characters"):
        ask(service, "x" * 10_001)
    with pytest.raises(BadQuery, match=r"has no vectors \['word2vec'\]: choose among"):
        ask(service, "gold", using=("word2vec",))
    with pytest.raises(BadQuery, match="leave nothing"):
        ask(service, "gold", weights={"glove": 1.0})
    with pytest.raises(BadQuery, match="diversity 2"):
        ask(service, "gold", diversity=2.0)
    with pytest.raises(NotFound, match="'nothing' does not exist"):
        service.search(SearchRequest(query="gold", corpus="nothing"))


def test_a_switch_of_generations_is_followed_even_when_the_old_one_is_gone(
    encoders: EncoderSet, analyser: Analyser
) -> None:
    store = Store.from_client(QdrantClient(":memory:"))
    service = SearchService(store, lambda _generation: encoders, analyser, fresh_seconds=3600)
    first = store.activate(store.create_generation("messages", SPECS))
    write(store, first, stored("old", ["gold"]), encoders, analyser)
    assert documents(ask(service, "gold")) == ["old"]
    second = store.create_generation("messages", SPECS)
    write(store, second, stored("new", ["gold"]), encoders, analyser)
    store.activate(second)
    store.drop(first)
    assert documents(ask(service, "gold")) == ["new"]


def test_each_generation_is_asked_with_its_own_encoders(
    corpus: Store, analyser: Analyser, encoders: EncoderSet
) -> None:
    class Constant:
        def encode_queries(
            self, texts: Sequence[AnalysedText], names: Sequence[str] | None = None
        ) -> Mapping[str, TextVectors]:
            values = np.ones((1, 384), np.float32) / np.sqrt(384)
            return {"bert": DenseVectors(values, np.ones(1, bool))}

    store = Store.from_client(QdrantClient(":memory:"))
    built: list[int] = []

    def build(generation: object) -> Constant | EncoderSet:
        number = getattr(generation, "number", 0)
        built.append(number)
        return encoders if number == 1 else Constant()

    service = SearchService(store, build, analyser, fresh_seconds=0)
    for _ in range(2):
        generation = store.create_generation("messages", SPECS)
        write(store, generation, stored("gold", ["gold"]), encoders, analyser)
        store.activate(generation)
        first = ask(service, "gold", using=("bert",)).hits[0].score
        again = ask(service, "gold", using=("bert",)).hits[0].score
        assert first == again
        assert (first > 0.9) == (generation.number == 1)
    assert built == [1, 2]
