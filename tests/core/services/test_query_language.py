"""Taking a question apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivec.errors import BadQuery, TooLarge
from trivec.services.query_language import Question, parse, says


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("plain words", Question("plain words")),
        ('the "gold standard" act', Question("the gold standard act", ("gold standard",))),
        ("jaguar -car", Question("jaguar", (), ("car",))),
        ('jaguar -"sports car" -new', Question("jaguar", (), ("sports car", "new"))),
        ("well-known e-mail 1861-1865", Question("well-known e-mail 1861-1865")),
        ("a - b", Question("a - b")),
        ("“curly quotes” work", Question("curly quotes work", ("curly quotes",))),
        ('an "open quote', Question('an "open quote')),
        ('"gold" "gold"', Question("gold gold", ("gold",))),
        ('"!?" what', Question("what")),
        ('"don\'t tread" on me', Question("don't tread on me", ("don t tread",))),
        ("'; DROP TABLE passages; -- ", Question("'; DROP TABLE passages; --")),
        ('{"must": [{"key": "source"}]}', Question("{ must : [{ key : source }]}", ("must", "key", "source"))),
        ("<script>alert(1)</script> wool", Question("<script>alert(1)</script> wool")),
    ],
)
def test_a_question_is_words_phrases_and_exclusions(query: str, expected: Question) -> None:
    assert parse(query) == expected


@pytest.mark.parametrize("query", ["", "   ", "-war", '-"civil war" -peace', "\x00\x01", '""'])
def test_a_question_that_asks_nothing_is_refused(query: str) -> None:
    with pytest.raises(BadQuery, match="does not say what to look for"):
        parse(query)


def test_a_question_has_a_longest_length_and_a_largest_number_of_conditions() -> None:
    with pytest.raises(TooLarge, match="1,001 characters: ask with at most 1,000"):
        parse("x" * 1001, max_characters=1000)
    with pytest.raises(BadQuery, match="33 quoted or excluded parts"):
        parse("word " + " ".join(f"-w{number}" for number in range(33)))


@given(st.text(max_size=200))
def test_no_text_breaks_the_parser_and_phrases_are_words_of_it(query: str) -> None:
    try:
        question = parse(query)
    except BadQuery:
        return
    assert question.text.strip()
    for phrase in question.phrases:
        assert says(question.text, phrase)


def test_a_phrase_is_said_word_by_word() -> None:
    assert says("The Gold-Standard, act", "gold standard act")
    assert not says("the golden standard", "gold standard")
    assert not says("standard of gold", "gold standard")
