"""Questions encoded beforehand, all at once: asking the same ones of every variant then costs no encoding."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trivec.encoders.catalog import EncoderSet
from trivec.records import AnalysedText, DenseVectors, SparseVectors, TextVectors


@dataclass(frozen=True)
class EncodedQuestions:
    """Stands in for the encoders of a generation where the questions are known.

    Attributes:
        encoders: for a text that was not foreseen.
        rows: of the foreseen texts.
        vectors: of the foreseen texts, by name.
    """

    encoders: EncoderSet
    rows: Mapping[AnalysedText, int]
    vectors: Mapping[str, TextVectors]

    @classmethod
    def of(cls, texts: Sequence[AnalysedText], encoders: EncoderSet) -> "EncodedQuestions":
        """Encode these texts with every encoder, in one go."""
        return cls(encoders, {text: row for row, text in enumerate(texts)}, encoders.encode_queries(texts))

    def encode_queries(
        self, texts: Sequence[AnalysedText], names: Sequence[str] | None = None
    ) -> Mapping[str, TextVectors]:
        """One vector per text and name."""
        wanted = tuple(self.vectors) if names is None else names
        if len(texts) != 1 or texts[0] not in self.rows:
            return self.encoders.encode_queries(texts, wanted)
        row = self.rows[texts[0]]
        return {name: _row(self.vectors[name], row) for name in wanted}


def _row(vectors: TextVectors, row: int) -> TextVectors:
    if isinstance(vectors, DenseVectors):
        return DenseVectors(vectors.values[row : row + 1], vectors.present[row : row + 1])
    start, end = int(vectors.starts[row]), int(vectors.starts[row + 1])
    starts = vectors.starts[row : row + 2] - vectors.starts[row]
    return SparseVectors(starts, vectors.indices[start:end], vectors.values[start:end])
