"""From word vectors to a text vector: the weighted mean of the words, less what all texts have in common.

The one implementation behind Word2Vec and GloVe (Arora, Liang & Ma, 2017: "A simple but tough-to-beat baseline").
Measured (docs/guide/encoders.md): the corpus's idf suits Word2Vec best, the idf of its own ranks GloVe.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast, get_args

import numpy as np

from trivec.encoders.base import EncoderSpec
from trivec.encoders.rows import unit_rows
from trivec.encoders.tables import WordTable
from trivec.encoders.words import SIF_SMOOTHING, Tokens, Weighting, WordWeights, matrix, product, zipf
from trivec.errors import BadInput
from trivec.records import AnalysedText, DenseVectors, Floats1d, Floats2d


@dataclass(frozen=True)
class WordAverage:
    """An encoder that averages word vectors; questions are weighted as documents are.

    Attributes:
        spec: what it is.
        table: the word vectors.
        weights: of each row of the table, shape (words,).
        common: unit direction removed from every text vector, shape (dimension,); zeros remove nothing.
    """

    spec: EncoderSpec
    table: WordTable
    weights: Floats1d
    common: Floats1d

    def encode(self, texts: Sequence[Tokens]) -> DenseVectors:
        """Unit vectors, one per text; a text with no known word is marked missing, never zero."""
        return unit_rows(without(weighted_sums(texts, self.table, self.weights), self.common))

    def encode_documents(self, texts: Sequence[AnalysedText]) -> DenseVectors:
        """One vector per document text."""
        return self.encode([text.tokens for text in texts])

    def encode_queries(self, texts: Sequence[AnalysedText]) -> DenseVectors:
        """One vector per question."""
        return self.encode([text.tokens for text in texts])


def build(spec: EncoderSpec, table: WordTable, weights: WordWeights | None) -> WordAverage:
    """Put an encoder together from its table and its corpus's word weights, or by the ranks of the table's words.

    Raises:
        BadInput: the table's dimension is not the spec's, or the spec asks for an unknown weighting.
    """
    if table.dimension != spec.dimension:
        raise BadInput(f"encoder {spec.name!r}: its table has {table.dimension} dimensions, not {spec.dimension}")
    known = weights if weights is not None and weights.documents else zipf(table.words)
    row_weights = row_weights_of(table, known, spec)
    common = known.common.get(spec.name)
    return WordAverage(
        spec, table, row_weights, expected_direction(table, known, row_weights) if common is None else common
    )


def row_weights_of(table: WordTable, weights: WordWeights, spec: EncoderSpec) -> Floats1d:
    """The weight of each row of the table, as the spec's options `weighting` (idf, sif) and `smoothing` ask."""
    weighting = str(spec.options.get("weighting", "idf"))
    if weighting not in get_args(Weighting):
        raise BadInput(f"encoder {spec.name!r}: weighting is {weighting!r}; choose {' or '.join(get_args(Weighting))}")
    return weights.of(
        table.words,
        weighting=cast("Weighting", weighting),
        smoothing=float(spec.options.get("smoothing", SIF_SMOOTHING)),
    )


def weighted_sums(texts: Sequence[Tokens], table: WordTable, weights: Floats1d) -> Floats2d:
    """Sum of weight times vector over the words of each text, shape (texts, dimension).

    Sums serve as well as means: the common direction is projected out and the rows are scaled to unit length after.
    """
    return product(matrix(texts, table.index, weights=weights), table.vectors)


def without(values: Floats2d, direction: Floats1d) -> Floats2d:
    """The rows less their part along a unit direction."""
    return values - np.outer(values @ direction, direction)


def common_direction(sample: Sequence[Tokens], table: WordTable, weights: Floats1d) -> Floats1d:
    """First right singular vector of the sample's unit text vectors, shape (dimension,); zeros if there are none."""
    rows = unit_rows(weighted_sums(sample, table, weights))
    known = rows.values[rows.present].astype(np.float64)
    if not len(known):
        return np.zeros(table.dimension, np.float32)
    return np.asarray(np.linalg.eigh(known.T @ known).eigenvectors[:, -1], np.float32)


def expected_direction(table: WordTable, weights: WordWeights, row_weights: Floats1d) -> Floats1d:
    """Stands in for `common_direction` where there is no corpus: the direction of the expected text vector."""
    chance = weights.occurrences if weights.words == table.words else zipf(table.words).occurrences
    mean = (row_weights * (chance / chance.sum())).astype(np.float32) @ table.vectors
    length = float(np.linalg.norm(mean))
    return np.asarray(mean / length if length else mean, np.float32)


def fit_common(weights: WordWeights, encoder: WordAverage, sample: Sequence[AnalysedText]) -> WordWeights:
    """The weights together with the common direction of this encoder's vectors on a sample of the corpus.

    A few thousand texts drawn at random are enough for a direction.
    """
    row_weights = row_weights_of(encoder.table, weights, encoder.spec)
    tokens = [text.tokens for text in sample]
    return weights.with_common(encoder.spec.name, common_direction(tokens, encoder.table, row_weights))
