"""The words as they stand: every word, neighbouring pairs, the first words of the text, and pieces of words.

Sentence vectors forget which words were used, and our tokens have no stop words; but `what is` and `who` say more about
a question than its nouns. Texts in, sparse TF-IDF rows out.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array, diags_array

from trivec.errors import Broken
from trivec.records import Floats1d

START = "⊢"  # stands before the first word, so that a pair with it says how a text begins
PIECES = (3, 4, 5)  # characters of a piece of a word, its borders included
MOST_WORDS = 1000  # of a text that are read
_WORD = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True)
class Lexical:
    """TF-IDF over words, pairs of words and pieces of words; each of the two kinds has unit length in a row.

    Attributes:
        features: what is counted: `word`, `word word`, or `#pie`.
        rarity: inverse document frequency of each, shape (features,).
    """

    features: tuple[str, ...]
    rarity: Floats1d

    @cached_property
    def index(self) -> Mapping[str, int]:
        """Column of each feature."""
        return {feature: column for column, feature in enumerate(self.features)}

    def encode(self, texts: Sequence[str]) -> csr_array:
        """One row per text, shape (texts, features); 1 + ln(count) times rarity."""
        counted = [[self._row(grams) for grams in kinds(text)] for text in texts]
        blocks = [_unit_rows([row[kind] for row in counted], self.rarity) for kind in range(2)]
        return csr_array(blocks[0] + blocks[1])

    def _row(self, grams: Iterator[str]) -> dict[int, float]:
        lookup = self.index.get
        counts = Counter(column for column in map(lookup, grams) if column is not None)
        return {column: 1 + math.log(count) for column, count in sorted(counts.items())}

    def save(self, folder: Path) -> None:
        """Write `features.json` and `features.safetensors`."""
        from safetensors.numpy import save_file

        (folder / "features.json").write_text(json.dumps(self.features, ensure_ascii=False), encoding="utf-8")
        save_file({"rarity": self.rarity}, folder / "features.safetensors")

    @classmethod
    def load(cls, folder: Path) -> "Lexical":
        """Read what `save` wrote.

        Raises:
            Broken: the folder does not hold it.
        """
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        try:
            features = tuple(json.loads((folder / "features.json").read_text("utf-8")))
            return cls(features, load_file(folder / "features.safetensors")["rarity"])
        except (OSError, ValueError, KeyError, SafetensorError) as error:
            raise Broken(f"no lexical features in {folder}: {error}") from error


def fit(texts: Sequence[str], *, most: int) -> Lexical:
    """Features that stand in two texts at least, the `most` frequent ones."""
    frequency = Counter[str]()
    for text in texts:
        for grams in kinds(text):
            frequency.update(set(grams))
    kept = sorted((f for f, count in frequency.items() if count > 1), key=lambda f: (-frequency[f], f))[:most]
    counts = np.array([frequency[feature] for feature in kept], np.float64)
    rarity = np.log((1 + len(texts)) / (1 + counts)) + 1
    return Lexical(tuple(kept), rarity.astype(np.float32))


def kinds(text: str) -> tuple[Iterator[str], Iterator[str]]:
    """Words with their pairs, and pieces of words.

    >>> [list(kind) for kind in kinds("Who am")]
    [['who', '⊢ who', 'am', 'who am'], ['#⟨wh', '#who', '#ho⟩', '#⟨who', '#who⟩', '#⟨who⟩', '#⟨am', '#am⟩', '#⟨am⟩']]
    """
    words = _WORD.findall(text.lower())[:MOST_WORDS]
    return _words(words), (piece for word in words if word.isalnum() for piece in _pieces(word))


def _words(words: Sequence[str]) -> Iterator[str]:
    for before, word in pairwise((START, *words)):
        yield word
        yield f"{before} {word}"


@lru_cache(maxsize=1 << 16)
def _pieces(word: str) -> tuple[str, ...]:
    whole = f"⟨{word[:30]}⟩"
    return tuple(f"#{whole[at : at + size]}" for size in PIECES for at in range(len(whole) - size + 1))


def _unit_rows(rows: Sequence[Mapping[int, float]], rarity: Floats1d) -> csr_array:
    starts = np.cumsum([0, *map(len, rows)])
    columns = np.fromiter((column for row in rows for column in row), np.int64, int(starts[-1]))
    values = np.fromiter((value for row in rows for value in row.values()), np.float64, int(starts[-1]))
    matrix = csr_array((values * rarity[columns], columns, starts), shape=(len(rows), len(rarity)))
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return csr_array(diags_array(1 / np.maximum(lengths, 1e-9)) @ matrix)
