"""Words as directions: neighbours, analogies, the odd one out. A word table in, words with cosines out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trivec.encoders.tables import WordTable
from trivec.errors import NotFound
from trivec.records import Floats1d, Floats2d


@dataclass(frozen=True)
class Neighbour:
    """A word and its cosine, 1 is the same direction."""

    word: str
    similarity: float


class WordSpace:
    """The words of a table as unit vectors.

    Args:
        table: any word vectors, Word2Vec or GloVe.
    """

    def __init__(self, table: WordTable) -> None:
        self._table = table
        vectors = np.asarray(table.vectors, dtype=np.float32)
        self._units: Floats2d = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)

    def similar(self, word: str, *, limit: int = 10) -> list[Neighbour]:
        """The words nearest to one, best first."""
        return self.common([word], limit=limit)

    def analogy(self, a: str, b: str, c: str, *, limit: int = 10) -> list[Neighbour]:
        """What is to c as b is to a: nearest to b - a + c (Mikolov et al., 2013)."""
        first, second, third = self._rows([a, b, c])
        return self._nearest(
            self._units[second] - self._units[first] + self._units[third], {first, second, third}, limit
        )

    def common(self, words: Sequence[str], *, limit: int = 10) -> list[Neighbour]:
        """What words have in common: the words nearest to their mean direction."""
        rows = self._rows(words)
        return self._nearest(self._units[rows].mean(axis=0), set(rows), limit)

    def oddness(self, words: Sequence[str]) -> list[Neighbour]:
        """Each word with its cosine to the mean of the others, the odd one first."""
        units = self._units[self._rows(words)]
        others = units.sum(axis=0) - units
        others /= np.maximum(np.linalg.norm(others, axis=1, keepdims=True), 1e-12)
        cosines = (units * others).sum(axis=1)
        return [Neighbour(words[row], float(cosines[row])) for row in np.argsort(cosines, kind="stable")]

    def _rows(self, words: Sequence[str]) -> list[int]:
        index = self._table.index
        known = [word if word in index else word.lower() for word in words]
        unknown = [word for word in known if word not in index]
        if unknown:
            names, known_here = ", ".join(map(repr, unknown)), len(self._table.words)
            raise NotFound(f"no vector for {names}: not among the {known_here:,} words known here")
        return [index[word] for word in known]

    def _nearest(self, direction: Floats1d, excluded: set[int], limit: int) -> list[Neighbour]:
        cosines = self._units @ (direction / max(float(np.linalg.norm(direction)), 1e-12))
        best = np.argsort(-cosines, kind="stable")[: limit + len(excluded)]
        rows = [int(row) for row in best if int(row) not in excluded][:limit]
        return [Neighbour(self._table.words[row], float(cosines[row])) for row in rows]
