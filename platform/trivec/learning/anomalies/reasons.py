"""Which words make a text unusual: those without which it is less so."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from trivec.learning.anomalies.base import Texts
from trivec.learning.anomalies.model import AnomalyModel
from trivec.records import Floats2d, Span

MOST_WORDS = 24  # of a text that are left out one by one
_WORD = re.compile(r"[^\W_]+(?:['’\-.,/:@][^\W_]+)*")

Encode = Callable[[Sequence[str]], Floats2d]


@dataclass(frozen=True)
class OddWord:
    """A word of a text, and how much less unusual the text is without it.

    Attributes:
        word: as written.
        spans: where it stands.
        weight: surprise that goes when it is left out; higher matters more.
        unknown: whether no normal text has it.
    """

    word: str
    spans: tuple[Span, ...]
    weight: float
    unknown: bool


def odd_words(model: AnomalyModel, text: str, *, encode: Encode) -> tuple[OddWord, ...]:
    """The words of a text without which it is less unusual, the oddest first: each is left out once (occlusion).

    Args:
        model: of the corpus; where the text is one of its normal texts, without that (`AnomalyModel.without`).
        text: cleaned.
        encode: makes the vectors that count, one row a text.
    """
    places = _candidates(model, text)
    if not places:
        return ()
    without = [_without(text, spans) for spans in places.values()]
    judged = model.judge(Texts([text, *without], {model.options.vector: encode([text, *without])}))
    weights = judged.scores[0] - judged.scores[1:]
    odd = sorted(zip(places.items(), weights, strict=True), key=lambda item: -item[1])
    return tuple(
        OddWord(text[spans[0].start : spans[0].end], tuple(spans), float(weight), not model.words.knows(word))
        for (word, spans), weight in odd
        if weight > 0
    )


def _candidates(model: AnomalyModel, text: str) -> dict[str, list[Span]]:
    """The words that could matter most: rare ones, and those that are spelt in a surprising way."""
    found: dict[str, list[Span]] = {}
    for match in _WORD.finditer(text):
        found.setdefault(match.group().lower(), []).append(Span(match.start(), match.end()))
    [bits] = model.spelling.characters([text])

    def worth(word: str) -> float:
        span = found[word][0]
        spelt = float(np.sum(bits[span.start : span.end])) if span.end <= len(bits) else 0.0
        rarity = model.words.rarity[word] if model.words.knows(word) else model.words.unknown
        return rarity + 0.2 * spelt

    best = sorted(found, key=lambda word: (-worth(word), found[word][0].start))[:MOST_WORDS]
    return {word: found[word] for word in best} if len(found) > 1 else {}


def _without(text: str, spans: Sequence[Span]) -> str:
    kept, at = [], 0
    for span in spans:
        kept.append(text[at : span.start])
        at = span.end
    return " ".join("".join([*kept, text[at:]]).split()) or "."
