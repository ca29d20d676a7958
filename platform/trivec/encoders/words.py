"""Word weights: how much a word says, from how often a corpus uses it.

A stream of analysed texts in, frozen statistics out: weights for averaging word vectors, the average length for bm25,
and the direction that all texts of the corpus share, per table of word vectors.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from trivec.errors import Broken
from trivec.records import AnalysedText, Floats1d, Floats2d

Weighting = Literal["sif", "idf"]
Tokens = Sequence[str]
Counts1d = NDArray[np.int64]  # (words,)

SIF_SMOOTHING = 1e-3  # `a` of Arora, Liang & Ma (2017), section 4: between 1e-3 and 1e-4
MOST_WORDS = 1_000_000  # a corpus's rarer words all weigh about the same: they need not be kept
ZIPF_TOKENS = 1_000_000_000
ZIPF_LENGTH = 100  # tokens per text that document frequencies are derived from where there is no corpus


@dataclass(frozen=True)
class WordWeights:
    """Statistics of a corpus's words, frozen for a generation.

    Attributes:
        words: the known words, most frequent first.
        occurrences: how often each occurs, shape (words,).
        document_frequency: in how many texts each occurs, shape (words,).
        documents: texts counted.
        average_terms: mean number of terms of a text (bm25's average length); 0 if unknown.
        common: direction shared by all texts, by the name of the encoder whose averages it was fitted on.
    """

    words: tuple[str, ...]
    occurrences: Counts1d
    document_frequency: Counts1d
    documents: int
    average_terms: float
    common: Mapping[str, Floats1d] = field(default_factory=dict)

    @cached_property
    def index(self) -> dict[str, int]:
        """Row of each known word."""
        return {word: row for row, word in enumerate(self.words)}

    def of(self, words: Sequence[str], *, weighting: Weighting = "sif", smoothing: float = SIF_SMOOTHING) -> Floats1d:
        """The weight of each word, positive, higher for rarer words; an unknown word weighs as the rarest one.

        `sif` is a / (a + p(word)) (Arora, Liang & Ma, 2017); `idf` is ln((1 + documents) / (1 + frequency)) + 1.
        """
        rows = np.fromiter((self.index.get(word, -1) for word in words), np.int64, len(words))
        if weighting == "sif":
            total = max(1, int(self.occurrences.sum()))
            chance = np.append(self.occurrences, 1)[rows] / total
            return (smoothing / (smoothing + chance)).astype(np.float32)
        frequency = np.append(self.document_frequency, 1)[rows]
        return (np.log((1 + self.documents) / (1 + frequency)) + 1).astype(np.float32)

    def with_common(self, name: str, direction: Floats1d) -> "WordWeights":
        """The same statistics with the common direction of one more encoder."""
        return replace(self, common={**self.common, name: direction})

    def save(self, folder: Path) -> None:
        """Write `words.json`, `weights.json` and `weights.safetensors` into the folder."""
        from safetensors.numpy import save_file

        folder.mkdir(parents=True, exist_ok=True)
        (folder / "words.json").write_text(json.dumps(self.words, ensure_ascii=False), encoding="utf-8")
        numbers = {"documents": self.documents, "average_terms": self.average_terms}
        (folder / "weights.json").write_text(json.dumps(numbers), encoding="utf-8")
        arrays = {"occurrences": self.occurrences, "document_frequency": self.document_frequency}
        save_file({**arrays, **{f"common.{n}": c for n, c in self.common.items()}}, folder / "weights.safetensors")

    @classmethod
    def load(cls, folder: Path) -> "WordWeights":
        """Read what `save` wrote.

        Raises:
            Broken: the folder does not hold word weights.
        """
        from safetensors.numpy import load_file

        try:
            words = tuple(json.loads((folder / "words.json").read_text("utf-8")))
            numbers = json.loads((folder / "weights.json").read_text("utf-8"))
            arrays = load_file(folder / "weights.safetensors")
            common = {n.removeprefix("common."): a for n, a in arrays.items() if n.startswith("common.")}
            return cls(words, arrays["occurrences"], arrays["document_frequency"], **numbers, common=common)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Broken(f"no word weights in {folder}: {error}") from error


def fit(texts: Iterable[AnalysedText]) -> WordWeights:
    """Count the words of a corpus in one pass, in memory that is bounded by the number of distinct words kept."""
    occurrences, frequency = Counter[str](), Counter[str]()
    documents = terms = 0
    for text in texts:
        occurrences.update(text.tokens)
        frequency.update(set(text.tokens))
        documents, terms = documents + 1, terms + len(text.terms)
        if len(occurrences) > 3 * MOST_WORDS:
            occurrences = Counter(dict(occurrences.most_common(2 * MOST_WORDS)))
            frequency = Counter({word: frequency[word] for word in occurrences})
    words = sorted(occurrences, key=lambda word: (-occurrences[word], word))[:MOST_WORDS]
    return WordWeights(
        words=tuple(words),
        occurrences=np.array([occurrences[word] for word in words], np.int64),
        document_frequency=np.array([frequency[word] for word in words], np.int64),
        documents=documents,
        average_terms=terms / documents if documents else 0.0,
    )


def zipf(words: Sequence[str]) -> WordWeights:
    """Weights for a ranked vocabulary without a corpus: the word of rank r has a chance of 1/r (Zipf, 1949)."""
    chance = 1.0 / np.arange(1, len(words) + 1)
    chance /= chance.sum() or 1.0
    frequency = ZIPF_TOKENS / ZIPF_LENGTH * -np.expm1(-ZIPF_LENGTH * chance)
    return WordWeights(
        words=tuple(words),
        occurrences=np.maximum(1, ZIPF_TOKENS * chance).astype(np.int64),
        document_frequency=np.maximum(1, frequency).astype(np.int64),
        documents=ZIPF_TOKENS // ZIPF_LENGTH,
        average_terms=0.0,
    )


def matrix(texts: Sequence[Tokens], vocabulary: Mapping[str, int], *, weights: Floats1d) -> csr_array:
    """How much of each known word a text holds: count times weight, shape (texts, vocabulary), sparse.

    Args:
        texts: the tokens of each text.
        vocabulary: row of each known word.
        weights: shape (vocabulary,).
    """
    lookup = vocabulary.get
    rows = [[row for row in map(lookup, text) if row is not None] for text in texts]
    starts = np.zeros(len(texts) + 1, np.int64)
    np.cumsum([len(row) for row in rows], out=starts[1:])
    columns = np.fromiter((row for text in rows for row in text), np.int64, int(starts[-1]))
    return csr_array((weights[columns], columns, starts), shape=(len(texts), len(weights)))


def product(texts: csr_array, table: Floats2d) -> Floats2d:
    """Texts times table, shape (texts, dimension), reading only the rows that occur.

    A table mapped from disk may lie there column by column: the plain product would copy all of it for one question.
    """
    used, columns = np.unique(texts.indices, return_inverse=True)
    small = csr_array((texts.data, columns, texts.indptr), shape=(texts.shape[0], len(used)))
    return np.asarray(small @ table[used], np.float32)
