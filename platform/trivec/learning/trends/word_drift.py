"""Semantic drift of words: a word in slices of time, its vectors brought into one space, its neighbours compared.

Tokens of each slice go in. Word2Vec learns each slice alone; a rotation lays each table onto the last one (orthogonal
Procrustes; Hamilton, Leskovec & Jurafsky, 2016). How far a word is then from where it was is held against words that
are as frequent, since rare words are badly placed everywhere.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from trivec.encoders.tables import WordTable
from trivec.encoders.word2vec import Training
from trivec.errors import BadInput, NotFound

Floats1d = NDArray[np.float64]
Floats3d = NDArray[np.float32]  # (slices, words, dimension)

FEWEST_TOKENS: Final = 5_000  # of a slice: with fewer, vectors are mostly chance
MOST_SLICES: Final = 4
MOST_WORDS: Final = 20_000
_FEWEST_TIMES: Final = 5  # that a word has to occur in every slice
_ANCHORS: Final = 5_000  # most frequent words that the rotation is fitted on
_PEERS: Final = 200  # words of similar frequency that a word's movement is held against
TRAINING: Final = Training(dimension=64, minimum_count=_FEWEST_TIMES)


@dataclass(frozen=True)
class WordMove:
    """How far a word moved.

    Attributes:
        word: the word.
        distance: cosine distance between its first and its last place, 0 to 2; higher moved further.
        score: the same in standard deviations above words of its frequency.
    """

    word: str
    distance: float
    score: float


@dataclass(frozen=True)
class Neighbour:
    """A word near another one in one slice; `cosine` is higher for nearer ones."""

    word: str
    cosine: float


@dataclass(frozen=True)
class WordSpace:
    """Words in slices of time, in one space.

    Attributes:
        slices: names of the slices, in order.
        words: that occur often enough in all of them, most frequent first.
        vectors: unit rows, shape (slices, words, dimension).
    """

    slices: tuple[str, ...]
    words: tuple[str, ...]
    vectors: Floats3d

    def neighbours(self, word: str, *, count: int = 10) -> tuple[tuple[Neighbour, ...], ...]:
        """Of each slice, the words nearest to a word, nearest first.

        Raises:
            NotFound: the word is not in every slice.
        """
        row = self._row(word)
        found = []
        for table in self.vectors:
            near = table @ table[row]
            near[row] = -np.inf
            best = np.argsort(near)[::-1][:count]
            found.append(tuple(Neighbour(self.words[place], float(near[place])) for place in best))
        return tuple(found)

    def distances(self, word: str) -> tuple[float, ...]:
        """Cosine distance of a word's place in each slice to its place in the first one.

        Raises:
            NotFound: the word is not in every slice.
        """
        row = self._row(word)
        return tuple(float(1 - self.vectors[0, row] @ table[row]) for table in self.vectors)

    def moves(self) -> tuple[WordMove, ...]:
        """How far every word moved from the first slice to the last one, furthest for its frequency first."""
        distance = 1 - np.einsum("wd,wd->w", self.vectors[0], self.vectors[-1]).astype(np.float64)
        score = _against_peers(distance)
        order = np.argsort(score)[::-1]
        return tuple(WordMove(self.words[row], float(distance[row]), float(score[row])) for row in order)

    def save(self, folder: Path) -> None:
        """Write `drift.json` and `drift.safetensors`."""
        import json

        from safetensors.numpy import save_file

        folder.mkdir(parents=True, exist_ok=True)
        save_file({"vectors": np.ascontiguousarray(self.vectors)}, folder / "drift.safetensors")
        held = {"slices": self.slices, "words": self.words}
        (folder / "drift.json").write_text(json.dumps(held, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote."""
        import json

        from safetensors.numpy import load_file

        held = json.loads((folder / "drift.json").read_text(encoding="utf-8"))
        vectors = load_file(folder / "drift.safetensors")["vectors"]
        return cls(tuple(held["slices"]), tuple(held["words"]), vectors)

    def _row(self, word: str) -> int:
        wanted = word.lower()
        if wanted not in self.words:
            raise NotFound(f"{word!r} does not occur {_FEWEST_TIMES} times in each of {', '.join(self.slices)}")
        return self.words.index(wanted)


def aligned(names: Sequence[str], tables: Sequence[WordTable]) -> WordSpace:
    """Tables laid onto the last one, each by the rotation that brings its words closest to where they are there.

    Raises:
        BadInput: there is no word that all of them have.
    """
    shared = set.intersection(*(set(table.words) for table in tables))
    ranks = [table.index for table in tables]
    words = sorted(shared, key=lambda word: (sum(rank[word] for rank in ranks), word))[:MOST_WORDS]
    if len(words) < TRAINING.dimension:
        raise BadInput(f"the slices share {len(words)} words, too few to compare them: make fewer slices")
    picked = [_units(np.asarray(table.vectors)[[table.index[word] for word in words]]) for table in tables]
    return WordSpace(tuple(names), tuple(words), np.stack([_rotated(each, picked[-1]) for each in picked]))


def cut(tokens: Sequence[int], *, most: int = MOST_SLICES, fewest: int = FEWEST_TOKENS) -> tuple[slice, ...]:
    """Consecutive slices of the periods with about as many tokens each; one alone where there are too few.

    Args:
        tokens: of each period, in order.
        most: slices at most.
        fewest: tokens of a slice, about.

    >>> cut([5000, 1000, 4000, 5000, 5000], most=4)
    (slice(0, 2, None), slice(2, 4, None), slice(4, 5, None))
    """
    total = sum(tokens)
    count = max(1, min(most, total // fewest, len(tokens)))
    middles = np.cumsum(tokens) - np.asarray(tokens) / 2
    owners = np.minimum((middles * count / max(1, total)).astype(int), count - 1)
    edges = [0, *(np.flatnonzero(np.diff(owners)) + 1), len(tokens)]
    return tuple(slice(int(begin), int(end)) for begin, end in itertools.pairwise(edges))


def _rotated(table: "NDArray[np.float32]", onto: "NDArray[np.float32]") -> "NDArray[np.float32]":
    """The table under the rotation that minimises the distance of frequent words (Schönemann, 1966)."""
    left, _, right = np.linalg.svd(table[:_ANCHORS].T.astype(np.float64) @ onto[:_ANCHORS])
    return _units(table @ (left @ right).astype(np.float32))


def _units(rows: "NDArray[np.float32]") -> "NDArray[np.float32]":
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1.0), np.float32)


def _against_peers(distance: Floats1d) -> Floats1d:
    """Deviation of each from the words next to it in frequency, in their robust standard deviations."""
    scores = np.empty(len(distance))
    for row in range(len(distance)):
        begin = max(0, min(row - _PEERS // 2, len(distance) - _PEERS))
        peers = distance[begin : begin + _PEERS]
        middle = float(np.median(peers))
        spread = 1.4826 * float(np.median(np.abs(peers - middle)))
        scores[row] = (distance[row] - middle) / max(spread, 1e-6)
    return scores
