"""A text as the weighted sum of its stems' vectors: the term side of the trained fusion.

Analysed texts in, unit vectors out. Documents weigh their stems as bm25 does and questions by counting, each times the
square root of the stem's rarity, so the product of two weights is bm25's. A stem without a row gets random signs of its
own, the same in every process and for ever, so that exact matches of new words still count.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import shake_128

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from trivec.encoders.rows import unit_rows
from trivec.encoders.sparse import K1, B
from trivec.records import AnalysedText, DenseVectors, Floats1d, Floats2d


@dataclass(frozen=True)
class TermWeights:
    """How much each stem of a text counts, frozen with the network that was trained on it.

    Attributes:
        words: the stems that have a row, in the order of the rows.
        idf: how rare each is, 0 or more, shape (words,).
        unseen_idf: of a stem that no document had.
        average_terms: of a document, repeated stems counted.
        k1: how slowly repetitions saturate (Robertson & Zaragoza, 2009).
        b: how much long documents are damped, 0 to 1.
    """

    words: tuple[str, ...]
    idf: Floats1d
    unseen_idf: float
    average_terms: float
    k1: float = K1
    b: float = B

    @cached_property
    def index(self) -> Mapping[str, int]:
        """Row of each stem."""
        return {word: row for row, word in enumerate(self.words)}

    def of(self, terms: Sequence[str], *, question: bool = False) -> dict[str, float]:
        """The weight of each distinct stem of a text."""
        damping = self.k1 * (1 - self.b + self.b * len(terms) / (self.average_terms or 1.0))
        return {
            term: (count if question else count * (self.k1 + 1) / (count + damping)) * math.sqrt(self._idf(term))
            for term, count in Counter(terms).items()
        }

    def bags(self, texts: Sequence[AnalysedText], *, question: bool = False) -> "Bags":
        """The weights of many texts as one sparse matrix."""
        strangers = dict[str, int]()
        columns, weights, starts = list[int](), list[float](), [0]
        for text in texts:
            for term, weight in self.of(text.terms, question=question).items():
                if (column := self.index.get(term)) is None:
                    column = strangers.setdefault(term, len(self.words) + len(strangers))
                columns.append(column)
                weights.append(weight)
            starts.append(len(columns))
        shape = (len(texts), len(self.words) + len(strangers))
        return Bags(
            csr_array((np.array(weights, np.float32), np.array(columns, np.int64), np.array(starts)), shape=shape),
            tuple(strangers),
        )

    def _idf(self, term: str) -> float:
        row = self.index.get(term)
        return self.unseen_idf if row is None else float(self.idf[row])


@dataclass(frozen=True)
class Bags:
    """Weighted stems of texts.

    Attributes:
        matrix: shape (texts, words + strangers).
        strangers: stems without a row, in the order of the last columns.
    """

    matrix: csr_array
    strangers: tuple[str, ...]

    def take(self, rows: Sequence[int] | NDArray[np.int64]) -> "Bags":
        """Those of some of the texts."""
        return Bags(self.matrix[rows], self.strangers)


@dataclass(frozen=True)
class Signs:
    """Which columns of a table hold random signs, and how large.

    Attributes:
        start: first of the columns.
        count: how many; 0 if the table has none, and stems without a row count for nothing.
        scale: what a sign is multiplied with.
    """

    start: int = 0
    count: int = 0
    scale: float = 1.0

    def rows(self, words: Sequence[str], *, dimension: int) -> Floats2d:
        """Rows of a table for these stems: signs in their columns, zero elsewhere, shape (words, dimension)."""
        rows = np.zeros((len(words), dimension), np.float32)
        rows[:, self.start : self.start + self.count] = self.scale * random_signs(words, self.count)
        return rows


@dataclass(frozen=True)
class TermTable:
    """Trained vectors of stems, ready to serve.

    Attributes:
        weights: of the stems.
        vectors: one row per stem, shape (words, dimension); may be mapped from a file.
        signs: for stems without a row.
    """

    weights: TermWeights
    vectors: Floats2d
    signs: Signs

    def encode(self, texts: Sequence[AnalysedText], *, question: bool = False) -> DenseVectors:
        """Unit vectors, one per text; a text of which no stem counts is marked missing."""
        bags = self.weights.bags(texts, question=question)
        known = len(self.weights.words)
        sums = bags.matrix[:, :known] @ self.vectors
        if bags.strangers:
            sums = sums + bags.matrix[:, known:] @ self.signs.rows(bags.strangers, dimension=self.vectors.shape[1])
        return unit_rows(np.asarray(sums, np.float32))


def random_signs(words: Sequence[str], count: int) -> Floats2d:
    """1 or -1 from the SHAKE-128 digest of each word, shape (words, count).

    >>> random_signs(["wing"], 6).tolist() == random_signs(["flow", "wing"], 6)[1:].tolist()
    True
    """
    size = (count + 7) // 8
    digests = b"".join(shake_128(word.encode("utf-8", "surrogatepass")).digest(size) for word in words)
    bits: NDArray[np.uint8] = np.unpackbits(np.frombuffer(digests, np.uint8).reshape(len(words), size), axis=1)
    return bits[:, :count].astype(np.float32) * 2 - 1
