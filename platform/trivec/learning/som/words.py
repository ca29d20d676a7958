"""What the cells are about: their most telling words by class-based TF-IDF (Grootendorst, 2022)."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from scipy import sparse

from trivec.learning.som.grid import Floats, Grid
from trivec.records import Ints1d
from trivec.text.topical import has_case, is_topical

WORDS = 6  # of a cell
_NEIGHBOURS = 0.3  # share of a neighbour's documents that count in a cell too: a cell holds a dozen documents
_LEAST = 2  # documents of the whole map that a word is in


class WordCounts:
    """How many documents of each cell hold each word; documents are added as they are read."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._words: list[int] = []
        self._cells: list[int] = []

    def add(self, cell: int, words: Iterable[str]) -> None:
        """One document, its words in order: each counts once, however often it says it."""
        for word in dict.fromkeys(_telling(words)):
            self._words.append(self._numbers.setdefault(word, len(self._numbers)))
            self._cells.append(cell)

    def labels(self, grid: Grid, *, count: int = WORDS) -> list[tuple[str, ...]]:
        """The most telling words of each cell, the best first; none where there are no documents around.

        A word's weight is its frequency in the cell times log(1 + average words of a cell / frequency everywhere).
        """
        shape = (grid.cells, len(self._numbers))
        counts = sparse.csr_array((np.ones(len(self._words)), (self._cells, self._words)), shape=shape)
        near = sparse.csr_array(np.eye(grid.cells) + _NEIGHBOURS * grid.touching)
        frequent: Floats = np.asarray(counts.sum(axis=0), np.float64).ravel()
        average = frequent.sum() / grid.cells
        weights = np.where(frequent >= _LEAST, np.log1p(average / np.maximum(frequent, 1)), 0.0)
        scored = sparse.csr_array((near @ counts) * weights[None, :]) if self._words else counts
        names = list(self._numbers)
        return [_best(scored, cell, names, count) for cell in range(grid.cells)]


def nearest_documents(cells: Ints1d, distances: Sequence[float], names: Sequence[str], *, count: int) -> list[str]:
    """The name of the document nearest to each cell's centre, "" for a cell that has none."""
    found = [""] * count
    for row in np.argsort(-np.asarray(distances), kind="stable"):  # the nearest comes last and stays
        found[int(cells[row])] = names[row]
    return found


def _best(scored: sparse.csr_array, cell: int, names: Sequence[str], count: int) -> tuple[str, ...]:
    start, end = scored.indptr[cell], scored.indptr[cell + 1]
    values, columns = scored.data[start:end], scored.indices[start:end]
    order = np.lexsort((columns, -values))[:count]
    return tuple(names[columns[at]] for at in order if values[at] > 0)


def _telling(words: Iterable[str]) -> Iterator[str]:
    """What can name a cell: words, in runs of single characters (Han, kana) their pairs, as most words are two."""
    before = ""
    for word in words:
        single = len(word) == 1 and not has_case(word)
        if single and before:
            yield before + word
        elif not single and is_topical(word):
            yield word
        before = word if single else ""
