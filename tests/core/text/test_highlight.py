"""Highlights: by stem, in the text as it stands."""

from hypothesis import given, settings
from hypothesis import strategies as st

from trivec.text.analyser import default_analyser
from trivec.text.highlight import spans


def marked(text: str, question: str) -> list[str]:
    terms = default_analyser().analyse([question])[0].terms
    return [text[span.start : span.end] for span in spans(text, terms)]


def test_words_of_the_same_stem_are_marked() -> None:
    assert marked("Flows: flowing air, overflow. FLOWED!", "flow") == ["Flows", "flowing", "FLOWED"]


def test_parts_of_hyphenated_words_are_marked_alone() -> None:
    assert marked("A heat-transfer rate (transferred)", "transfer") == ["transfer", "transferred"]


def test_numbers_acronyms_and_ligatures_are_found_as_written() -> None:
    text = "In the U.S., 10,000 eﬃcient and naïve users."
    assert marked(text, "U.S. 10,000 efficiency naive") == ["U.S", "10,000", "eﬃcient", "naïve"]


def test_nothing_is_marked_for_stop_words() -> None:
    assert marked("the cat and the hat", "the and") == []


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=80), st.text(max_size=20))
def test_spans_lie_in_the_text_in_order_and_apart(text: str, question: str) -> None:
    terms = default_analyser().analyse([question + " " + text[:20]])[0].terms
    end = 0
    for span in spans(text, terms):
        assert end <= span.start < span.end <= len(text)
        end = span.end
