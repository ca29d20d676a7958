"""Passages: long texts cut where sentences end, into pieces that BERT reads whole.

Cleaned text goes in; passages with exact character offsets into it come out, overlapping so that no thought is lost
between two. A short text is one passage.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from trivec.errors import BadInput
from trivec.records import Passage, Span
from trivec.text.pieces import Counter, PieceTable, characters, estimate
from trivec.text.sentences import sentences

_WORD = re.compile(r"\S+")


@dataclass(frozen=True)
class _Block:
    """What is not cut any further, and its word pieces."""

    span: Span
    pieces: float


class Splitter:
    """Cuts texts into passages of evenly spread size. Threads may share one.

    Args:
        max_pieces: word pieces a passage may have (MiniLM truncates at 256, of which two are its own).
        overlap: word pieces, at most, that a passage repeats from the one before, in whole sentences.
        whole: a text of up to this many pieces is left whole.
        counter: pieces of a word; adds up over the words of a text. By default an estimate on the high side.

    Raises:
        BadInput: sizes that cannot be kept.

    Example:
        >>> text = "One is short. Two is short. Three is short."
        >>> [passage.text for passage in Splitter(max_pieces=9, overlap=5, whole=9).split(text)]
        ['One is short. Two is short.', 'Two is short. Three is short.']
    """

    def __init__(
        self, *, max_pieces: int = 200, overlap: int = 40, whole: int = 230, counter: Counter | None = None
    ) -> None:
        if not 0 <= overlap < max_pieces <= whole:
            sizes = f"overlap {overlap}, max_pieces {max_pieces}, whole {whole}"
            raise BadInput(f"passages need 0 <= overlap < max_pieces <= whole, not {sizes}")
        self._max = max_pieces
        self._overlap = overlap
        self._whole = whole
        self._pieces = PieceTable(counter or estimate)

    def split(self, text: str, *, reserved: int = 0) -> list[Passage]:
        """The passages of a cleaned text, in order; `text[p.start:p.end] == p.text` for each of them.

        Args:
            text: cleaned text; an empty one has no passages.
            reserved: word pieces to leave free in every passage, for a title put before it.
        """
        if self._count(text) <= self._whole - reserved:
            spans = _stripped(text)
        else:
            most = max(self._max - reserved, self._overlap + 1)
            spans = _packed(list(self._blocks(text, most)), most, self._overlap)
        return [Passage(number, text[s.start : s.end], s.start, s.end) for number, s in enumerate(spans)]

    def _count(self, text: str) -> float:
        return sum(map(self._pieces.__getitem__, text.split()))

    def _blocks(self, text: str, most: int) -> Iterator[_Block]:
        """Sentences; the words of a sentence that is too long; the parts of a word that is."""
        for span in sentences(text):
            pieces = self._count(text[span.start : span.end])
            if pieces <= most:
                yield _Block(span, pieces)
            else:
                yield from self._words(text, span, most)

    def _words(self, text: str, sentence: Span, most: int) -> Iterator[_Block]:
        for match in _WORD.finditer(text, sentence.start, sentence.end):
            pieces = self._pieces[match.group()]
            if pieces <= most:
                yield _Block(Span(*match.span()), pieces)
            else:
                yield from _parts(text, match.start(), match.end(), most)


def _parts(text: str, start: int, end: int, most: int) -> Iterator[_Block]:
    """Equal parts of a word, each taken to cost a piece per character, the most it can."""
    step = max(1, most // 4)  # a character may come apart into four
    for left in range(start, end, step):
        right = min(left + step, end)
        yield _Block(Span(left, right), characters(text[left:right]))


def _packed(blocks: list[_Block], most: int, overlap: int) -> list[Span]:
    """Spans of consecutive blocks: at most `most` pieces each, about equal, repeating the end of the one before."""
    total = sum(block.pieces for block in blocks)
    count = max(1, math.ceil((total - overlap) / (most - overlap)))
    goal = (total - overlap) / count + overlap
    spans: list[Span] = []
    first = past = 0
    while past < len(blocks):
        first = _stepped_back(blocks, first, past, min(overlap, most - blocks[past].pieces))
        past = _filled(blocks, first, past, goal, most)
        spans.append(Span(blocks[first].span.start, blocks[past - 1].span.end))
    return spans


def _stepped_back(blocks: list[_Block], previous: int, past: int, budget: float) -> int:
    """Where to begin so that no more than `budget` pieces come twice, and later than the `previous` passage."""
    first = past
    while first - 1 > previous and blocks[first - 1].pieces <= budget:
        first -= 1
        budget -= blocks[first].pieces
    return first


def _filled(blocks: list[_Block], first: int, past: int, goal: float, most: int) -> int:
    """Where to end: one new block at least, then as near to `goal` as whole blocks allow."""
    pieces = sum(block.pieces for block in blocks[first : past + 1])
    past += 1
    while past < len(blocks) and pieces + blocks[past].pieces <= most and pieces + blocks[past].pieces / 2 <= goal:
        pieces += blocks[past].pieces
        past += 1
    return past


def _stripped(text: str) -> list[Span]:
    start, end = len(text) - len(text.lstrip()), len(text.rstrip())
    return [Span(start, end)] if start < end else []
