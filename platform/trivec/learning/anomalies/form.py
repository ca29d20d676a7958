"""How a text is written, whatever it says: length, digits, capitals, punctuation, symbols, repetition.

Twenty numbers of a text, held against those of the normal texts by a PyOD detector. Texts in, scores and the numbers
that stand out.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from trivec.learning.anomalies.base import Rows, Scores, Texts, compared
from trivec.learning.anomalies.detectors import Detector, fit_detector
from trivec.records import Floats2d

FEATURES: Mapping[str, str] = {
    "characters": "length in characters (log)",
    "pieces": "length in words (log)",
    "word_length": "mean length of a word",
    "longest_piece": "longest run without a space (log)",
    "capitals": "share of capital letters",
    "shouted": "share of words in capitals",
    "capitalised": "share of words with a capital first letter",
    "digits": "share of digits",
    "longest_number": "digits of the longest number (log)",
    "numbers": "how many numbers (log)",
    "punctuation": "share of punctuation and symbols",
    "exclamation": "exclamation marks a word",
    "question": "question marks a word",
    "currency": "currency signs a word",
    "commas": "commas, colons and semicolons a word",
    "full_stops": "full stops a word",
    "symbols": "share of brackets, slashes and other symbols",
    "foreign": "share of characters beyond ASCII",
    "lines": "line breaks a word",
    "variety": "share of words that are not repeated",
    "sentence": "words a sentence (log)",
    "not_words": "share of pieces that are no plain words",
}
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_NUMBER = re.compile(r"\d+")
_SENTENCE = re.compile(r"[.!?]+(?:\s|$)")
_EDGES = ".,;:!?()\"'“”‘’"
_SYMBOLS = frozenset('()[]{}<>|/\\@#*_=+~^&%"')
_CURRENCY = frozenset("$£€¥₹¢")
_DETECTOR, _NEIGHBOURS = "knn", 5
MOST_TEXTS = 4096  # normal texts that are compared with
MOST_CHARACTERS = 4000  # of a text that are read


@dataclass(frozen=True)
class Trait:
    """One number of a text, and what is usual.

    Attributes:
        name: a key of `FEATURES`.
        value: of the text.
        low: 5 % of the normal texts have less.
        high: 5 % of them have more.
        deviation: from the mean, in standard deviations of the normal texts.
    """

    name: str
    value: float
    low: float
    high: float
    deviation: float


@dataclass(frozen=True)
class Form:
    """PyOD's k nearest neighbours on standardised numbers.

    Attributes:
        mean: of each number over the normal texts.
        spread: standard deviation of each; of one that never changes, what a single change is measured by.
        low: 5 % quantiles.
        high: 95 % quantiles.
        table: standardised numbers of normal texts, shape (normal, features).
    """

    mean: NDArray[np.float64]
    spread: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    table: Floats2d

    name = "form"

    @cached_property
    def _detector(self) -> Detector:
        return fit_detector(_DETECTOR, self.table, neighbours=_NEIGHBOURS, seed=0)

    def scores(self, batch: Texts) -> Scores:
        """Mean distance to the nearest normal texts, in standard deviations."""
        return self._detector.score(self._standard(measure(batch.texts)))

    def without(self, rows: Rows) -> "Form":
        """As if these normal texts had never been seen; rows are of the table."""
        return replace(self, table=np.delete(self.table, rows, axis=0))

    def traits(self, text: str, *, count: int = 3) -> list[Trait]:
        """The numbers of a text that stand out most, those outside the usual range only."""
        values = measure([text])[0]
        apart = (values - self.mean) / self.spread
        outside = (values < self.low) | (values > self.high)
        best = [int(place) for place in np.argsort(-np.abs(apart)) if outside[place]][:count]
        names = list(FEATURES)
        return [
            Trait(names[at], float(values[at]), float(self.low[at]), float(self.high[at]), float(apart[at]))
            for at in best
        ]

    def _standard(self, values: NDArray[np.float64]) -> Floats2d:
        return ((values - self.mean) / self.spread).astype(np.float32)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """What to keep."""
        numbers = np.stack([self.mean, self.spread, self.low, self.high])
        return {"form.numbers": numbers, "form.table": self.table}

    @classmethod
    def load(cls, arrays: Mapping[str, NDArray[np.generic]]) -> "Form":
        """Of what `arrays` gave."""
        mean, spread, low, high = (np.asarray(row, np.float64) for row in arrays["form.numbers"])
        return cls(mean, spread, low, high, np.asarray(arrays["form.table"], np.float32))


def fit(texts: Sequence[str], *, seed: int) -> tuple[Form, Scores]:
    """Learn from normal texts; also their own scores, each with itself left out, shape (normal,)."""
    values = measure(texts)
    # A number that never changes in the normal texts is measured by what one text in ten could have changed.
    spread = np.sqrt(values.var(axis=0) + (0.1 * np.maximum(values.mean(axis=0), 0.01)) ** 2)
    low, high = np.quantile(values, [0.05, 0.95], axis=0)
    chosen = compared(len(texts), most=MOST_TEXTS, seed=seed)
    form = Form(values.mean(axis=0), spread, low, high, ((values[chosen] - values.mean(axis=0)) / spread).astype("f4"))
    scores = form.scores(Texts(texts))
    scores[chosen] = form._detector.held_out
    return form, scores


def measure(texts: Sequence[str]) -> NDArray[np.float64]:
    """The numbers of each text, shape (texts, features)."""
    return np.array([_numbers(text[:MOST_CHARACTERS]) for text in texts], np.float64).reshape(-1, len(FEATURES))


def _numbers(text: str) -> list[float]:
    length = max(1, len(text))
    pieces = text.split()
    words = _WORD.findall(text)
    numbers = _NUMBER.findall(text)
    several, some = max(1, len(pieces)), max(1, len(words))
    letters = sum(map(len, words))
    count = text.count
    punctuation = sum(1 for character in text if not character.isalnum() and not character.isspace())
    return [
        math.log1p(len(text)),
        math.log1p(len(pieces)),
        letters / some,
        math.log1p(max(map(len, pieces), default=0)),
        sum(map(str.isupper, text)) / max(1, letters),
        sum(1 for word in words if len(word) > 1 and word.isupper()) / some,
        sum(1 for word in words if word[0].isupper()) / some,
        sum(map(len, numbers)) / length,
        math.log1p(max(map(len, numbers), default=0)),
        math.log1p(len(numbers)),
        punctuation / length,
        count("!") / several,
        count("?") / several,
        sum(map(count, _CURRENCY)) / several,
        (count(",") + count(";") + count(":")) / several,
        count(".") / several,
        sum(map(count, _SYMBOLS)) / length,
        (0 if text.isascii() else sum(1 for character in text if character > "\x7f")) / length,
        count("\n") / several,
        len({word.lower() for word in words}) / some,
        math.log1p(len(pieces) / max(1, len(_SENTENCE.findall(text)))),
        sum(1 for piece in pieces if not _WORD.fullmatch(piece.strip(_EDGES))) / several,
    ]
