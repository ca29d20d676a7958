"""What cleaning removes, what it keeps, and that it is done once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivec.text.cleaning import clean

DIRT = [
    "&",
    "amp;",
    "&lt;",
    "&#",
    "x41;",
    "#65;",
    "\x00",
    "\r",
    "\n",
    " ",
    "\t",
    "\u00a0",
    "\u200b",
    "e",
    "\u0301",
    "\u037e",
    "\u2028",
]


@given(st.one_of(st.text(), st.lists(st.sampled_from(DIRT)).map("".join)))
def test_cleaning_what_is_clean_changes_nothing(text: str) -> None:
    once = clean(text)
    assert clean(once) == once


@given(st.text())
def test_a_clean_text_can_be_stored_and_holds_no_controls(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode("utf-8")
    assert all(char == "\n" or ord(char) >= 32 for char in cleaned)
    assert cleaned == cleaned.strip()


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("cafe\u0301", "café"),
        ("AT&amp;amp;T &lt;b&gt;", "AT&T <b>"),
        ("?a=1&copy=2 R&D", "?a=1&copy=2 R&D"),
        ("&bogus; &#65;&#x42;", "&bogus; AB"),
        ("a\x00b\x07c", "abc"),
        ("so\u00adft zero\u200bwidth \u202eturned", "soft zerowidth turned"),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("  a \t b\u00a0c  ", "a b c"),
        ("p1\n\n\n \n p2", "p1\n\np2"),
        ("\ud800lone", "lone"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("ﬁnal", "ﬁnal"),
        ("\x00\x00", ""),
    ],
)
def test_cleaning(raw: str, cleaned: str) -> None:
    assert clean(raw) == cleaned
