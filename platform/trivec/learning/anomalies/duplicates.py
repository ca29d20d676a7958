"""Near-duplicates in a corpus: texts that share most of their word sequences, in groups. No pairwise comparison.

MinHash signatures (Broder, 1997) in bands propose pairs, the shingles themselves confirm them. Memory grows with the
number of texts, not with its square.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]  # (shingles of a text,), ascending and distinct

SIMILAR = 0.7  # share of the shingles of two texts that both have, from which on they are near-duplicates
_SHINGLE = 3  # words
_BANDS, _ROWS = 16, 4  # a pair of similarity s is proposed with probability 1 - (1 - s^4)^16: 99 % at 0.7
_WORD = re.compile(r"\w+")
_PRIME = np.uint64((1 << 61) - 1)


@dataclass(frozen=True)
class Duplicates:
    """Texts that are nearly the same.

    Attributes:
        rows: of the texts, ascending.
        similarity: of the least similar text to the first, 0 to 1.
    """

    rows: tuple[int, ...]
    similarity: float


def groups(texts: Iterable[str], *, similar: float = SIMILAR, seed: int = 0) -> list[Duplicates]:
    """Groups of near-duplicates, largest first; each text is in one at most.

    Args:
        texts: any number, read once.
        similar: least Jaccard similarity of their shingles.
        seed: of the hash functions.
    """
    random = np.random.default_rng(seed)
    factors, shifts = random.integers(1, 1 << 31, (2, _BANDS * _ROWS)).astype(np.uint64)
    shingled = [shingles(text) for text in texts]
    buckets: dict[bytes, list[int]] = defaultdict(list)
    for row, hashes in enumerate(shingled):
        if len(hashes):
            for key in _keys(hashes, factors, shifts):
                buckets[key].append(row)
    return _group(shingled, (rows for rows in buckets.values() if len(rows) > 1), similar)


def shingles(text: str) -> Hashes:
    """Hashes of every run of three words of a text, of all its words where it has fewer."""
    words = _WORD.findall(text.lower())
    runs = {" ".join(words[at : at + _SHINGLE]) for at in range(max(1, len(words) - _SHINGLE + 1))} if words else set()
    found = [int.from_bytes(blake2b(run.encode(), digest_size=4).digest()) for run in runs]
    return np.unique(np.array(found, np.uint64))


def similarity(first: Hashes, second: Hashes) -> float:
    """Share of the shingles of either text that both have (Jaccard)."""
    shared = len(np.intersect1d(first, second, assume_unique=True))
    return shared / max(1, len(first) + len(second) - shared)


def _keys(hashes: Hashes, factors: Hashes, shifts: Hashes) -> list[bytes]:
    signature = ((factors[:, None] * hashes[None, :] + shifts[:, None]) % _PRIME).min(axis=1)
    return [bytes([band]) + signature[band * _ROWS : (band + 1) * _ROWS].tobytes() for band in range(_BANDS)]


def _group(shingled: Sequence[Hashes], buckets: Iterable[list[int]], similar: float) -> list[Duplicates]:
    """Each text joins the first one of a bucket that it is similar to; so a bucket costs no pairs."""
    leader = list(range(len(shingled)))
    for rows in buckets:
        heads: list[int] = []
        for row in rows:
            if leader[row] != row:
                continue
            found = next((head for head in heads if similarity(shingled[head], shingled[row]) >= similar), None)
            if found is None:
                heads = [*heads, row][-_HEADS:]
            else:
                leader[row] = found
    members: dict[int, list[int]] = defaultdict(list)
    for row in range(len(shingled)):
        members[_root(leader, row)].append(row)
    found_groups = [_measured(shingled, rows) for rows in members.values() if len(rows) > 1]
    return sorted(found_groups, key=lambda group: (-len(group.rows), group.rows))


_HEADS = 50  # texts of one bucket that others are compared with


def _root(leader: Sequence[int], row: int) -> int:
    while leader[row] != row:
        row = leader[row]
    return row


def _measured(shingled: Sequence[Hashes], rows: Sequence[int]) -> Duplicates:
    least = min(similarity(shingled[rows[0]], shingled[row]) for row in rows[1:])
    return Duplicates(tuple(rows), least)
