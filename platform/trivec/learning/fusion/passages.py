"""What the fusion is trained on: the passages of a corpus with their vectors, and the statistics of their stems."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from trivec.encoders.rows import unit_rows
from trivec.encoders.sparse import K1, B
from trivec.encoders.tables import WordTable
from trivec.encoders.term_table import Signs, TermWeights, random_signs
from trivec.errors import BadInput
from trivec.records import AnalysedText, DenseVectors, Floats2d, Ints1d

MOST_STEMS = 100_000  # rows of the table; rarer stems are served by their random signs alone
SIGNS = 128  # columns of random signs
# How much each part of a stem's first vector counts; chosen together on three small collections.
START_WEIGHTS = {"word2vec": 0.6, "glove": 0.3}
START_SIGNS = 0.75


@dataclass(frozen=True)
class TrainingPassages:
    """Passages of one corpus.

    Attributes:
        texts: one per passage.
        documents: number of the document each passage belongs to, shape (passages,).
        vectors: the passages' dense vectors by name.
        labels: the path of each passage's document; () where it has none. Empty if no document has any.
    """

    texts: Sequence[AnalysedText]
    documents: Ints1d
    vectors: Mapping[str, DenseVectors]
    labels: Sequence[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        counts = {name: len(part.values) for name, part in self.vectors.items()} | {"documents": len(self.documents)}
        if wrong := {name: count for name, count in counts.items() if count != len(self.texts)}:
            raise BadInput(f"{len(self.texts)} passages, but {wrong}: give one of each per passage")

    def digest(self) -> str:
        """A hash of the texts, to know the same data again."""
        whole = blake2b(digest_size=16)
        for text in self.texts:
            whole.update(text.text.encode("utf-8", "surrogatepass") + b"\0")
        return whole.hexdigest()


def term_weights(texts: Sequence[AnalysedText]) -> TermWeights:
    """How much each stem counts, from the passages themselves; inverse document frequency as Qdrant computes it."""
    frequency, length = Counter[str](), 0
    for text in texts:
        frequency.update(set(text.terms))
        length += len(text.terms)
    words = sorted(frequency, key=lambda word: (-frequency[word], word))[:MOST_STEMS]
    counts = np.array([frequency[word] for word in words] + [0], np.float64)
    idf = np.log1p((len(texts) - counts + 0.5) / (counts + 0.5)).astype(np.float32)
    average = length / max(1, len(texts))
    return TermWeights(tuple(words), idf[:-1], float(idf[-1]), average, k1=K1, b=B)


def start_table(
    texts: Sequence[AnalysedText], words: Sequence[str], tables: Mapping[str, WordTable]
) -> tuple[Floats2d, Signs]:
    """The first vectors of stems: what word vectors say of the words behind each, then random signs of its own.

    Args:
        texts: the passages, which say what words a stem stands for.
        words: the stems.
        tables: word vectors by the name of their encoder.

    Returns:
        Shape (stems, columns), and where the signs are.
    """
    behind = Counter(pair for text in texts for pair in zip(text.terms, text.tokens, strict=True))
    rows = {word: row for row, word in enumerate(words)}
    parts = [START_WEIGHTS.get(name, 0.5) * _stem_vectors(behind, rows, table) for name, table in tables.items()]
    scale = START_SIGNS / SIGNS**0.5
    signs = Signs(start=sum(part.shape[1] for part in parts), count=SIGNS, scale=scale)
    return np.concatenate([*parts, scale * random_signs(words, SIGNS)], axis=1).astype(np.float32), signs


def _stem_vectors(behind: Mapping[tuple[str, str], int], rows: Mapping[str, int], table: WordTable) -> Floats2d:
    """Mean of the vectors of a stem's words, centred, without the direction that all share, of unit length."""
    sums = np.zeros((len(rows), table.dimension), np.float32)
    for (stem, word), count in behind.items():
        if stem in rows and word in table.index:
            sums[rows[stem]] += count * table.vectors[table.index[word]]
    known = unit_rows(sums).present
    if not known.any():
        return sums
    means = unit_rows(sums).values
    means[known] -= means[known].mean(axis=0)
    common = np.linalg.eigh(means[known].T @ means[known]).eigenvectors[:, -1].astype(np.float32)
    means[known] -= np.outer(means[known] @ common, common)
    return unit_rows(means, present=known).values
