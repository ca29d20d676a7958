"""How a text is spelt: a language model of characters, learned from the normal texts, that is surprised by others.

Word vectors do not see digits, capitals, prices and slang, and TF-IDF does not see words it never counted; characters
show all of it. Texts in, bits of surprise out. All of it is array work: a thousand characters take a fraction of a
millisecond.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from trivec.learning.anomalies.base import Rows, Scores, Texts
from trivec.records import Floats1d

Codes = NDArray[np.uint64]  # (characters of all texts, each text with a start mark before and an end mark behind,)
Slots = NDArray[np.int64]  # (characters,): where an n-gram is counted
Counts = NDArray[np.uint32]  # (orders, slots)

ORDER = 5  # characters of the longest n-gram counted
MOST_CHARACTERS = 2000  # of a text that are read
PRIOR = 40.0  # characters that the usual value counts for in a text's mean
FOLDS = 5
_BITS = 19
_SLOTS = 1 << _BITS
_BATCH = 2048  # texts at a time
_START, _END = 2, 3
_ALPHABET = 1 << 12  # what an unseen character is one of
_MULTIPLIER, _MIX = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93)


@dataclass(frozen=True)
class Spelling:
    """Interpolated Witten-Bell model of character n-grams (Witten & Bell, 1991), counted in hashed slots.

    Attributes:
        joint: how often each n-gram occurred, shape (orders, slots).
        context: how often each n-gram was followed by something, shape (orders, slots).
        distinct: by how many different characters, shape (orders, slots).
        usual: mean bits a character of normal texts that it has not seen.
    """

    joint: Counts
    context: Counts
    distinct: Counts
    usual: float = 0.0

    name = "spelling"

    def scores(self, batch: Texts) -> Scores:
        """Mean bits a character, shape (texts,)."""
        return self._drawn(*self._sums(batch.texts))

    def characters(self, texts: Sequence[str]) -> list[Floats1d]:
        """Bits of each character of each text, and of its end."""
        codes, starts = _codes(texts)
        bits = self._bits(codes)
        return [bits[begin + 1 : end] for begin, end in pairwise(starts)]

    def without(self, texts: Sequence[str]) -> "Spelling":
        """As if these normal texts had never been counted; exact but for n-grams that share a slot.

        What was not counted (a text that has changed since) takes nothing away.
        """
        if not texts:
            return self
        theirs = count(texts)
        joint, context = (
            np.maximum(mine, other) - other
            for mine, other in ((self.joint, theirs.joint), (self.context, theirs.context))
        )
        distinct = self.distinct.copy()
        codes, _ = _codes(texts)
        counted = codes != _START
        for order, (before, whole) in enumerate(_grams(codes)):
            gone = counted & (joint[order, whole] == 0) & (self.joint[order, whole] > 0)
            pairs = np.unique(before[gone] << _BITS | whole[gone])
            np.subtract.at(distinct[order], pairs >> _BITS, 1)
        return replace(self, joint=joint, context=context, distinct=distinct)

    def _drawn(self, sums: Scores, lengths: Scores) -> Scores:
        """Means, drawn towards the usual value where there are few characters."""
        return (sums + PRIOR * self.usual) / (lengths + PRIOR)

    def _sums(self, texts: Sequence[str]) -> tuple[Scores, Scores]:
        """Bits and characters of each text."""
        parts = [self._some_sums(texts[at : at + _BATCH]) for at in range(0, len(texts), _BATCH)]
        return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])

    def _some_sums(self, texts: Sequence[str]) -> tuple[Scores, Scores]:
        codes, starts = _codes(texts)
        bits = np.where(codes == _START, 0, self._bits(codes)).astype(np.float64)
        return np.add.reduceat(bits, starts[:-1]), (np.diff(starts) - 1).astype(np.float64)

    def _bits(self, codes: Codes) -> Floats1d:
        chance = np.full(len(codes), 1 / _ALPHABET)
        for order, (context, joint) in enumerate(_grams(codes)):
            distinct = self.distinct[order, context].astype(np.float64)
            seen = self.context[order, context]
            chance = np.where(
                seen > 0, (self.joint[order, joint] + distinct * chance) / np.maximum(seen + distinct, 1), chance
            )
        return np.asarray(-np.log2(np.minimum(chance, 1)), np.float32)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """What to keep."""
        return {
            "spelling.joint": self.joint,
            "spelling.context": self.context,
            "spelling.distinct": self.distinct,
            "spelling.usual": np.array([self.usual]),
        }

    @classmethod
    def load(cls, arrays: Mapping[str, NDArray[np.uint32]]) -> "Spelling":
        """Of what `arrays` gave."""
        joint, context, distinct = (arrays[f"spelling.{name}"] for name in ("joint", "context", "distinct"))
        return cls(joint, context, distinct, float(arrays["spelling.usual"][0]))


def fit(texts: Sequence[str], *, siblings: csr_array, seed: int) -> tuple[Spelling, Scores]:
    """Learn from normal texts; also their own scores, each by a model of the other parts, shape (normal,)."""
    fold = _folds(siblings, seed)
    sums, lengths = np.empty(len(texts)), np.empty(len(texts))
    for part in range(FOLDS):
        held, others = np.flatnonzero(fold == part), np.flatnonzero(fold != part)
        sums[held], lengths[held] = count(_some(texts, others))._sums(_some(texts, held))
    model = replace(count(texts), usual=float(sums.sum() / lengths.sum()))
    return model, model._drawn(sums, lengths)


def _folds(siblings: csr_array, seed: int) -> NDArray[np.int64]:
    """Which part each text is in; siblings are in one, unless nearly all are siblings."""
    families, family = connected_components(siblings, directed=False)
    random = np.random.default_rng(seed)
    fold: NDArray[np.int64] = (random.permutation(families) % FOLDS)[family]
    if np.bincount(fold, minlength=FOLDS).max() <= len(family) / 2:
        return fold
    return np.asarray(random.permutation(len(family)) % FOLDS, np.int64)


def count(texts: Sequence[str]) -> Spelling:
    """Count the n-grams of texts."""
    joint, context, distinct = (np.zeros((ORDER, _SLOTS), np.uint32) for _ in range(3))
    codes, _ = _codes(texts)
    counted = codes != _START
    for order, (before, whole) in enumerate(_grams(codes)):
        before, whole = before[counted], whole[counted]
        joint[order] = np.bincount(whole, minlength=_SLOTS)
        context[order] = np.bincount(before, minlength=_SLOTS)
        pairs = np.unique(before << _BITS | whole)
        distinct[order] = np.bincount(pairs >> _BITS, minlength=_SLOTS)
    return Spelling(joint, context, distinct)


def _some(texts: Sequence[str], rows: Rows) -> list[str]:
    return [texts[row] for row in rows]


def _codes(texts: Sequence[str]) -> tuple[Codes, NDArray[np.int64]]:
    """Characters of all texts in a row, and where each text begins (and the last ends)."""
    cut = [f"{chr(_START)}{text[:MOST_CHARACTERS]}{chr(_END)}" for text in texts]
    starts = np.cumsum([0, *map(len, cut)])
    raw = "".join(cut).encode("utf-32-le", errors="replace")
    return np.frombuffer(raw, np.uint32).astype(np.uint64), starts


def _grams(codes: Codes) -> list[tuple[Slots, Slots]]:
    """For each order, the slots of every character's context and of context and character."""
    with np.errstate(over="ignore"):
        begun = np.maximum.accumulate(np.where(codes == _START, np.arange(len(codes)), 0))
        context = np.zeros(len(codes), np.uint64)
        found = []
        for order in range(ORDER):
            if order:
                back = np.maximum(np.arange(len(codes)) - order, begun)
                context = (context + codes[back] + np.uint64(order)) * _MULTIPLIER
                context ^= context >> np.uint64(29)
            whole = (context ^ (codes * _MIX)) * _MULTIPLIER
            found.append((_slot(context), _slot(whole ^ (whole >> np.uint64(31)))))
    return found


def _slot(hashed: Codes) -> Slots:
    return ((hashed * _MIX) >> np.uint64(64 - _BITS)).astype(np.int64)
