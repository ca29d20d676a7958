"""Sparse vectors: the traditional family, one number per term.

Term stems in, (index, value) pairs out. Rarity is left to Qdrant: its `idf` modifier multiplies by the inverse document
frequency at query time, from its own counts, so it is never stale.
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Literal, cast, get_args

import numpy as np

from trivec.encoders.base import EncoderSpec
from trivec.errors import BadInput
from trivec.records import AnalysedText, SparseVectors

Weighting = Literal["one_hot", "bag_of_words", "tfidf", "bm25"]

# Robertson & Zaragoza (2009), section 3.5.1. Passages are cut to much the same length, so that length says little: b of
# .5 instead of .75 was better on cranfield, medline and cacm together (nDCG@10 .541 and .534).
K1, B = 1.2, 0.5
AVERAGE_TERMS = 100.0  # of a passage, where no corpus has been counted yet

Weigh = Callable[[Counter[str], int], Mapping[str, float]]  # term counts and their sum -> weight of each term


def spec(weighting: Weighting = "bm25", *, name: str = "bm25", average_terms: float = 0.0) -> EncoderSpec:
    """Describe a sparse encoder; `average_terms` is bm25's average length, frozen in the spec of a generation."""
    options: dict[str, str | float] = {"weighting": weighting}
    if weighting == "bm25":
        options |= {"k1": K1, "b": B, "average_terms": round(average_terms, 3) or AVERAGE_TERMS}
    modifier: Literal["", "idf"] = "idf" if weighting in ("tfidf", "bm25") else ""
    return EncoderSpec(name=name, family="sparse", kind="sparse", dimension=0, options=options, modifier=modifier)


@dataclass(frozen=True)
class Sparse:
    """One sparse encoder for four weightings.

    `one_hot` marks which terms occur; `bag_of_words` counts them; `tfidf` dampens counts to 1 + ln(count) and scales
    documents to unit length; `bm25` saturates them by length. Questions carry plain counts (`one_hot`: marks; `tfidf`:
    dampened), so the dot product is the usual score.
    """

    spec: EncoderSpec

    def __post_init__(self) -> None:
        if self.spec.options.get("weighting") not in get_args(Weighting):
            raise BadInput(
                f"encoder {self.spec.name!r}: weighting is {self.spec.options.get('weighting')!r}; "
                f"choose one of {', '.join(get_args(Weighting))}"
            )

    def encode_documents(self, texts: Sequence[AnalysedText]) -> SparseVectors:
        """One sparse vector per document text; a text without terms is an empty row."""
        return _rows(texts, self._document_weights())

    def encode_queries(self, texts: Sequence[AnalysedText]) -> SparseVectors:
        """One sparse vector per question."""
        return _rows(texts, {"one_hot": _marks, "tfidf": _damped}.get(self._weighting, _counts))

    @property
    def _weighting(self) -> Weighting:
        return cast("Weighting", self.spec.options["weighting"])

    def _document_weights(self) -> Weigh:
        if self._weighting != "bm25":
            return {"one_hot": _marks, "bag_of_words": _counts, "tfidf": _damped_unit}[self._weighting]
        numbers = (float(self.spec.options.get(key, default)) for key, default in _BM25.items())
        return _saturated(*numbers)


_BM25 = {"k1": K1, "b": B, "average_terms": AVERAGE_TERMS}


def _marks(counts: Counter[str], length: int) -> Mapping[str, float]:
    return dict.fromkeys(counts, 1.0)


def _counts(counts: Counter[str], length: int) -> Mapping[str, float]:
    return counts


def _damped(counts: Counter[str], length: int) -> Mapping[str, float]:
    return {term: 1 + math.log(count) for term, count in counts.items()}


def _damped_unit(counts: Counter[str], length: int) -> Mapping[str, float]:
    damped = _damped(counts, length)
    norm = math.sqrt(sum(value * value for value in damped.values())) or 1.0
    return {term: value / norm for term, value in damped.items()}


def _saturated(k1: float, b: float, average: float) -> Weigh:
    def weigh(counts: Counter[str], length: int) -> Mapping[str, float]:
        damping = k1 * (1 - b + b * length / average)
        return {term: count * (k1 + 1) / (count + damping) for term, count in counts.items()}

    return weigh


@lru_cache(maxsize=1 << 18)
def term_index(term: str) -> int:
    """The dimension of a term: 32 bits of its BLAKE2b digest, the same in every process and for ever.

    Among n distinct terms about n**2 / 2**33 pairs collide: one pair among 100,000 terms, 116 among a million, each
    adding a stray match between two mostly rare terms.
    """
    return int.from_bytes(blake2b(term.encode("utf-8", "surrogatepass"), digest_size=4).digest(), "little")


def _rows(texts: Sequence[AnalysedText], weigh: Weigh) -> SparseVectors:
    rows = [_row(text.terms, weigh) for text in texts]
    starts = np.zeros(len(rows) + 1, np.int64)
    np.cumsum([len(row) for row in rows], out=starts[1:])
    size = int(starts[-1])
    return SparseVectors(
        starts=starts,
        indices=np.fromiter((index for row in rows for index in row), np.int64, size),
        values=np.fromiter((value for row in rows for value in row.values()), np.float32, size),
    )


def _row(terms: Sequence[str], weigh: Weigh) -> dict[int, float]:
    """Values by ascending index; terms that collide share one index and add up."""
    row: dict[int, float] = {}
    for term, value in weigh(Counter(terms), len(terms)).items():
        index = term_index(term)
        row[index] = row.get(index, 0.0) + value
    return dict(sorted(row.items()))
