"""Which words a text uses: TF-IDF rows, and how far a text's lies from the nearest normal ones.

Words that no normal text has count as the rarest there are. Texts in, scores out.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array

from trivec.learning.anomalies.base import Rows, Scores, Texts, compared
from trivec.records import Floats1d

NEIGHBOURS = 5
MOST_WORDS = 400  # of a text that are read
MOST_TEXTS = 8192  # normal texts that are compared with
_COMMON = 0.5  # share of the texts: words in more of them say nothing and cost much
_WORD = re.compile(r"\w+")
_CELLS = 1 << 22  # similarities held at a time


@dataclass(frozen=True)
class Words:
    """Mean TF-IDF distance to the nearest normal texts.

    Attributes:
        rarity: inverse document frequency by word; 0 of words that most texts have.
        unknown: of a word that no normal text has.
        table: normal texts, unit rows, shape (normal, words).
        forgotten: words that count as unknown although they have a column, see `without`.
    """

    rarity: Mapping[str, float]
    unknown: float
    table: csr_array
    forgotten: frozenset[str] = frozenset()

    name = "words"

    @cached_property
    def _columns(self) -> Mapping[str, int]:
        return {word: column for column, word in enumerate(self.rarity)}

    @cached_property
    def _by_word(self) -> csr_array:
        return csr_array(self.table.T)

    def scores(self, batch: Texts) -> Scores:
        """1 - mean cosine with the nearest normal texts, 0 to 1."""
        return _distances(self.rows(batch.texts), self._by_word)

    def rows(self, texts: Sequence[str]) -> csr_array:
        """TF-IDF of texts, shape (texts, words); shorter than a unit where words are unknown."""
        counted = [tokens(text) for text in texts]
        return _matrix(counted, self.rarity, self._columns, self.unknown, unseen=self.forgotten)

    def knows(self, word: str) -> bool:
        """Whether some normal text has this word (lower case)."""
        return word in self.rarity and word not in self.forgotten

    def without(self, rows: Rows, texts: Sequence[str]) -> "Words":
        """Not compared with these normal texts; words that one text alone has are unknown again.

        Args:
            rows: of the table.
            texts: what they say.
        """
        said = {word for text in texts for word in tokens(text)}
        single = self.unknown - math.log(2)  # rarity of what one text has
        alone = frozenset(word for word in said if math.isclose(self.rarity.get(word, 0.0), single))
        kept = np.setdiff1d(np.arange(self.table.shape[0]), rows)
        return replace(self, table=csr_array(self.table[kept]), forgotten=alone)

    def save(self, folder: Path) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.generic]]]:
        """Write `words.json`; the arrays to keep."""
        (folder / "words.json").write_text(json.dumps(list(self.rarity), ensure_ascii=False), encoding="utf-8")
        return {
            "words.rarity": np.array([*self.rarity.values(), self.unknown], np.float64),
            "words.values": self.table.data.astype(np.float32),
            "words.columns": self.table.indices.astype(np.int32),
            "words.starts": self.table.indptr.astype(np.int64),
        }

    @classmethod
    def load(cls, folder: Path, arrays: Mapping[str, Floats1d]) -> "Words":
        """Read what `save` wrote."""
        names = json.loads((folder / "words.json").read_text("utf-8"))
        values = [float(value) for value in arrays["words.rarity"]]
        starts = arrays["words.starts"]
        table = csr_array(
            (arrays["words.values"], arrays["words.columns"], starts), shape=(len(starts) - 1, len(names))
        )
        return cls(dict(zip(names, values, strict=False)), values[-1], table)


def fit(texts: Sequence[str], *, siblings: csr_array, seed: int) -> tuple[Words, Scores]:
    """Learn from normal texts; also their own scores, each without itself and its siblings, shape (normal,)."""
    counted = [tokens(text) for text in texts]
    frequency = Counter[str]()
    for each in counted:
        frequency.update(each.keys())
    common = max(2, _COMMON * len(texts))
    single = frozenset(word for word, count in frequency.items() if count == 1)
    rarity = {word: _rarity(frequency[word], len(texts)) * (frequency[word] <= common) for word in sorted(frequency)}
    unknown = _rarity(0, len(texts))
    columns = {word: column for column, word in enumerate(rarity)}
    # A text is held out by counting each of its words once less; those that only it has are unknown then.
    without = {word: _rarity(frequency[word] - 1, len(texts)) * (weight > 0) for word, weight in rarity.items()}
    held = _matrix(counted, without, columns, unknown, unseen=single)
    whole = _matrix(counted, rarity, columns, unknown)
    chosen = compared(len(texts), most=MOST_TEXTS, seed=seed)
    words = Words(rarity, unknown, csr_array(whole[chosen]))
    return words, _distances(held, words._by_word, hidden=csr_array(siblings[:, chosen]))


def _rarity(count: int, texts: int) -> float:
    return math.log((1 + texts) / (1 + count)) + 1


def tokens(text: str) -> Counter[str]:
    """Words of a text, lower case, with their counts."""
    return Counter(_WORD.findall(text.lower())[:MOST_WORDS])


def _matrix(
    counted: Sequence[Counter[str]],
    rarity: Mapping[str, float],
    columns: Mapping[str, int],
    unknown: float,
    *,
    unseen: Collection[str] = (),
) -> csr_array:
    """Rows without common words, whose length counts unknown words too, and `unseen` ones as unknown."""
    data: list[float] = []
    indices: list[int] = []
    starts = [0]
    for counts in counted:
        row, rest = [], 0.0
        for word, count in counts.items():
            column = columns.get(word)
            weight = (1 + math.log(count)) * (unknown if column is None else rarity[word])
            if column is None or word in unseen:
                rest += weight * weight
            elif weight:
                row.append((column, weight))
        row.sort()
        length = math.sqrt(sum(weight * weight for _, weight in row) + rest) or 1.0
        indices += [column for column, _ in row]
        data += [weight / length for _, weight in row]
        starts.append(len(indices))
    return csr_array((np.array(data, np.float32), np.array(indices, np.int32), starts), (len(counted), len(columns)))


def _distances(rows: csr_array, by_word: csr_array, *, hidden: csr_array | None = None) -> Scores:
    """1 - mean cosine with the nearest columns, those left out that `hidden` says, shape (texts,)."""
    normal = by_word.shape[1]
    count = min(NEIGHBOURS, normal)
    step = max(1, _CELLS // max(1, normal))
    found = np.ones(rows.shape[0])
    for at in range(0, rows.shape[0], step):
        near = (rows[at : at + step] @ by_word).toarray()
        if hidden is not None:
            near[csr_array(hidden[at : at + step]).nonzero()] = 0
        best = np.partition(near, normal - count, axis=1)[:, normal - count :]
        found[at : at + step] = 1 - best.mean(axis=1)
    return found
