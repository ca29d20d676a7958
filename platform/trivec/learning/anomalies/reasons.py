"""Why a text is unusual: what each view says, which words make it so, and what stands out in how it is written."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from trivec.learning.anomalies.base import Texts
from trivec.learning.anomalies.form import Trait
from trivec.learning.anomalies.model import AnomalyModel, Judged
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


@dataclass(frozen=True)
class Reasons:
    """Why a text is unusual.

    Attributes:
        judged: of this text alone.
        words: that make it odd, the oddest first.
        traits: of its form, what stands out most first.
        nearest: ids of the nearest normal texts, nearest first.
        distances: of these, 1 - cosine.
    """

    judged: Judged
    words: tuple[OddWord, ...]
    traits: tuple[Trait, ...]
    nearest: tuple[str, ...]
    distances: tuple[float, ...]


def explain(model: AnomalyModel, text: str, *, encode: Encode, similar: int = 3) -> Reasons:
    """Judge one text and say why.

    Args:
        model: of the corpus.
        text: cleaned.
        encode: makes the vectors that count, one row a text.
        similar: how many of the nearest normal texts to name.
    """
    places = _candidates(model, text)
    without = [_without(text, spans) for spans in places.values()]
    vectors = encode([text, *without])
    batch = Texts([text, *without], {model.options.vector: vectors})
    judged = model.judge(batch)
    weights = judged.scores[0] - judged.scores[1:]
    odd = sorted(zip(places.items(), weights, strict=True), key=lambda item: -item[1])
    near = model.nearest(vectors[:1], count=similar)
    return Reasons(
        Judged(judged.scores[:1], judged.p_values[:1], {name: p[:1] for name, p in judged.views.items()}),
        tuple(
            OddWord(text[spans[0].start : spans[0].end], tuple(spans), float(weight), word not in model.words.rarity)
            for (word, spans), weight in odd
            if weight > 0
        ),
        tuple(model.form.traits(text)),
        tuple(model.ids[row] for row in near.rows[0]),
        tuple(float(distance) for distance in near.distances[0]),
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
        return model.words.rarity.get(word, model.words.unknown) + 0.2 * spelt

    best = sorted(found, key=lambda word: (-worth(word), found[word][0].start))[:MOST_WORDS]
    return {word: found[word] for word in best} if len(found) > 1 else {}


def _without(text: str, spans: Sequence[Span]) -> str:
    kept, at = [], 0
    for span in spans:
        kept.append(text[at : span.start])
        at = span.end
    return " ".join("".join([*kept, text[at:]]).split()) or "."
