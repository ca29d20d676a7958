"""Questions that nobody asked: sentences and keywords cut from passages, to learn from a corpus without any labels."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from trivec.errors import BadInput
from trivec.records import AnalysedText
from trivec.text.analyser import default_analyser
from trivec.text.sentences import sentences

SHORTEST_PASSAGE = 22  # words: a sentence of a shorter one is nearly all of it
_SENTENCE = (4, 60)  # words of a usable sentence
_KEYWORDS = (0.35, 0.8)  # share of a sentence's words that are kept
_MOST_KEYWORDS = 12


@dataclass(frozen=True)
class PseudoQuestion:
    """A question and the passage it was cut from, as a row number."""

    text: str
    passage: int


def draw(texts: Sequence[AnalysedText], *, count: int, seed: int = 1) -> list[PseudoQuestion]:
    """Distinct questions, the same for the same seed: every passage gives one before any gives a second.

    Half are sentences (the first line, often the title, or any other), half are a third to four fifths of a sentence's
    words, in order.

    Args:
        texts: the passages.
        count: questions wanted; a small corpus gives fewer.
        seed: of the draw.

    Raises:
        BadInput: no passage has sentences to cut.
    """
    chance = random.Random(seed)  # noqa: S311
    long = [row for row, text in enumerate(texts) if len(text.text.split()) >= SHORTEST_PASSAGE]
    drawn: dict[str, int] = {}
    while len(drawn) < count:
        before = len(drawn)
        chance.shuffle(long)
        for row in long:
            if len(drawn) < count and (question := _question(texts[row].text, chance)):
                drawn.setdefault(question, row)
        if len(drawn) <= before + len(long) // 100:  # the corpus is exhausted, or nearly
            break
    if not drawn:
        raise BadInput(
            f"none of {len(texts)} passages has {SHORTEST_PASSAGE} words and two sentences: there is nothing to cut "
            "questions from"
        )
    return [PseudoQuestion(text, row) for text, row in drawn.items()]


def _question(text: str, chance: random.Random) -> str:
    pieces = list(_pieces(text))
    if len(pieces) < 2:
        return ""
    piece = pieces[0] if chance.random() < 0.5 else chance.choice(pieces)
    return piece if chance.random() < 0.5 else _keywords(piece, chance)


def _pieces(text: str) -> Iterator[str]:
    """The sentences of each line that are neither too short nor too long to be asked."""
    for line in text.splitlines():
        for span in sentences(line):
            if _SENTENCE[0] <= len((piece := line[span.start : span.end]).split()) <= _SENTENCE[1]:
                yield piece


def _keywords(sentence: str, chance: random.Random) -> str:
    words = list(dict.fromkeys(default_analyser().words(sentence).tokens))
    if len(words) < 3:
        return ""
    kept = min(max(2, round(len(words) * chance.uniform(*_KEYWORDS))), _MOST_KEYWORDS)
    return " ".join(words[place] for place in sorted(chance.sample(range(len(words)), kept)))
