"""Passages keep their offsets, stay within their size, and lose nothing."""

import itertools
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from trivec.errors import BadInput
from trivec.records import Passage
from trivec.text.cleaning import clean
from trivec.text.passages import Splitter
from trivec.text.pieces import estimate
from trivec.text.sentences import sentences

SENTENCE = "The boundary layer on a flat plate was measured at several speeds in the tunnel."
WORDS = st.sampled_from(
    [
        "word",
        "a",
        "Internationalization",
        "x" * 300,
        "東京は日本の首都。",
        "한국어" * 40,
        "3.14",
        "e.g.",
        "no.",
        "End.",
        "!?",
    ]
)
TEXTS = st.lists(st.tuples(WORDS, st.sampled_from([" ", "\n", "\n\n", ". "])), max_size=120).map(
    lambda pairs: clean("".join(itertools.chain.from_iterable(pairs)))
)


def by_character(word: str) -> int:
    """The worst tokenizer there is."""
    return len(unicodedata.normalize("NFD", word))


def numbered(count: int) -> str:
    return " ".join(f"Sentence {n} says something about the matter at hand." for n in range(count))


@settings(deadline=None)
@given(TEXTS, st.integers(5, 60), st.integers(0, 4), st.sampled_from([estimate, by_character]))
@example("x" * 520, 52, 0, estimate)
def test_passages_fit_cover_and_know_where_they_are(text: str, size: int, overlap: int, counter) -> None:  # type: ignore[no-untyped-def]
    passages = Splitter(max_pieces=size, overlap=overlap, whole=size, counter=counter).split(text)
    covered: set[int] = set()
    for number, passage in enumerate(passages):
        assert passage.number == number
        assert text[passage.start : passage.end] == passage.text == passage.text.strip()
        assert sum(counter(word) for word in passage.text.split() if len(word) <= 100) <= size
        covered.update(range(passage.start, passage.end))
    assert all(char.isspace() for position, char in enumerate(text) if position not in covered)
    assert [p.start for p in passages] == sorted({p.start for p in passages})


def test_a_short_text_is_one_passage() -> None:
    assert Splitter().split("Short.") == [Passage(0, "Short.", 0, 6)]


def test_an_abstract_a_little_too_long_stays_whole() -> None:
    abstract = " ".join([SENTENCE] * 13)
    assert 200 < estimate(abstract) < 230
    assert len(Splitter().split(abstract)) == 1


def test_an_empty_text_has_no_passages() -> None:
    assert Splitter().split("") == []


def test_passages_end_where_sentences_end() -> None:
    passages = Splitter().split(numbered(60))
    assert len(passages) > 2
    assert all(passage.text.endswith(".") and passage.text.startswith("Sentence") for passage in passages)


def test_a_passage_repeats_the_end_of_the_one_before() -> None:
    passages = Splitter().split(numbered(60))
    assert all(later.start < earlier.end for earlier, later in itertools.pairwise(passages))
    assert all(
        estimate(earlier.text[later.start - earlier.end :]) <= 40 for earlier, later in itertools.pairwise(passages)
    )


def test_passages_are_of_about_equal_size() -> None:
    sizes = [estimate(passage.text) for passage in Splitter().split(numbered(33))]
    assert min(sizes) > 0.6 * max(sizes)


def test_a_title_s_room_is_left_free() -> None:
    passages = Splitter().split(numbered(60), reserved=80)
    assert max(estimate(passage.text) for passage in passages) <= 120


def test_sizes_that_cannot_be_kept_are_refused() -> None:
    with pytest.raises(BadInput, match="overlap 300, max_pieces 200"):
        Splitter(overlap=300)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Dr. Smith of St. Louis met J. R. Jones. They spoke.", 2),
        ("It rose 3.5 percent vs. 2 percent. Why? Nobody knows! So.", 4),
        ("See Fig. 3 and refs. 4, 5. Done.", 2),
        ('He said "Stop." Then he left.', 2),
        ("all in small letters. nothing is a capital . still sentences.", 3),
        ("東京は首都。大阪は？そう。", 3),
        ("A heading\n\nA paragraph", 2),
        ("Buy:\n- milk\n- bread", 3),
        ("", 0),
    ],
)
def test_sentences(text: str, count: int) -> None:
    assert len(list(sentences(text))) == count
