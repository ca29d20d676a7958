"""Highlights: where a passage says what the question says, whatever the ending of the word.

A passage's text and the question's stems go in; spans of that text come out, in order and apart.
"""

import re
from collections.abc import Collection, Iterator
from functools import lru_cache

from trivec.records import Span
from trivec.text.analyser import default_analyser

_CHUNK = re.compile(r"\S+")
# Inside a chunk: words with their apostrophes, dots and commas between letters or digits (don't, U.S., 10,000).
_WORD = re.compile(r"[^\W_](?:[^\W_]|[.,'’](?=[^\W_])|[\u0300-\u036f])*")


def spans(passage_text: str, query_terms: Collection[str]) -> tuple[Span, ...]:
    """The words of a passage whose stem is one of `query_terms` (the `terms` of the analysed question).

    Example:
        >>> spans("Flows: the flowing of air.", {"flow"})
        (Span(start=0, end=5), Span(start=11, end=18))
    """
    wanted = frozenset(query_terms)
    matching = {chunk for chunk in set(passage_text.split()) if not wanted.isdisjoint(_terms(chunk))}
    if not matching:
        return ()
    chunks = (chunk for chunk in _CHUNK.finditer(passage_text) if chunk.group() in matching)
    return tuple(span for chunk in chunks for span in _within(passage_text, chunk, wanted))


def _within(text: str, chunk: re.Match[str], wanted: frozenset[str]) -> Iterator[Span]:
    """The matching words of a chunk that is known to match, or all of it where only the whole does."""
    found = False
    for word in _WORD.finditer(text, chunk.start(), chunk.end()):
        if not wanted.isdisjoint(_terms(word.group())):
            found = True
            yield Span(*word.span())
    if not found:
        yield Span(*chunk.span())


@lru_cache(maxsize=100_000)
def _terms(chunk: str) -> tuple[str, ...]:
    """The stems of a chunk, remembered: passages of a corpus share most of theirs."""
    return default_analyser().words(chunk).terms
