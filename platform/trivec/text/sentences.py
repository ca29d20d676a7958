"""Where sentences end, by rule: fast, for any script that marks its ends; a blank line or list item always ends one.

Cleaned text goes in; spans come out, in order, without the space between them.
"""

import re
from collections.abc import Iterator

from trivec.records import Span

# A stop with its closing quotes before a space; a full-width stop; a line break before a blank line or a list item.
_STOP = re.compile(r"[.!?…]+[\"'”’)\]]*(?=\s)|[。！？]+[」』”）]*|\n(?=\n|[*•–-] |[0-9]{1,3}[.)] )")
_NEXT = re.compile(r"\s+[\"'“‘(\[]*(\w)")
_LAST_WORD = re.compile(r"[^\s(\[\"'“‘]+\Z")
_LONGEST_ABBREVIATION = 12
_TITLES = "mr mrs ms dr prof rev hon gen col lt sgt capt gov sen rep pres st mt messrs"
_REFERENCES = "no nos vs fig figs eq eqs ref refs sec vol vols ed eds pp p art ch cf approx ca resp viz al dept est"
_DATES = "jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun"
_ABBREVIATIONS = frozenset(f"{_TITLES} {_REFERENCES} {_DATES}".split())
_INITIALS = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")


def sentences(text: str) -> Iterator[Span]:
    """The sentences of a text; together they cover everything but the spaces between them.

    Example:
        >>> text = "Dr. Smith et al. found it. Nobody knew!"
        >>> [text[s.start : s.end] for s in sentences(text)]
        ['Dr. Smith et al. found it.', 'Nobody knew!']
    """
    start = 0
    for end in (*_ends(text), len(text)):
        piece = text[start:end]
        if kept := piece.strip():
            left = start + len(piece) - len(piece.lstrip())
            yield Span(left, left + len(kept))
        start = end


def _ends(text: str) -> Iterator[int]:
    no_capitals = text.islower()
    for stop in _STOP.finditer(text):
        if stop.group()[0] in "\n。！？" or _ends_sentence(text, stop, no_capitals=no_capitals):
            yield stop.end()


def _ends_sentence(text: str, stop: re.Match[str], *, no_capitals: bool) -> bool:
    """Whether a stop before a space ends a sentence: a capital follows, and it does not just end an abbreviation."""
    following = _NEXT.match(text, stop.end())
    if following is None or (following.group(1).islower() and not no_capitals):
        return False
    if stop.group() != ".":
        return True
    before = _LAST_WORD.search(text, max(0, stop.start() - _LONGEST_ABBREVIATION), stop.start())
    word = before.group() if before else ""
    return word.lower() not in _ABBREVIATIONS and not _INITIALS.fullmatch(word)
