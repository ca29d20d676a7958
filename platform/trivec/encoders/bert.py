"""BERT: what a sentence means in its context, by ONNX Runtime.

Texts in, unit vectors out. Texts of similar length share a batch, so that little padding is computed, and a batch holds
a bounded number of tokens, so that it stays in the processor's cache.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np

from trivec.encoders.base import EncoderSpec
from trivec.encoders.onnx_model import OnnxModel, Precision, open_model
from trivec.encoders.rows import unit_rows
from trivec.errors import BadInput
from trivec.records import AnalysedText, DenseVectors

BATCH_TOKENS = 768  # measured best between 512 and 1,024 on 180-token texts


@dataclass(frozen=True)
class Bert:
    """A sentence-transformers model, exported to ONNX.

    Attributes:
        spec: what it is; options `precision` (fp32, int8) and `batch_tokens`.
        model: the opened export.
    """

    spec: EncoderSpec
    model: OnnxModel

    def encode_documents(self, texts: Sequence[AnalysedText]) -> DenseVectors:
        """One vector per document text; an empty text is missing."""
        return self.encode([text.text for text in texts], prompt=self.model.document_prompt)

    def encode_queries(self, texts: Sequence[AnalysedText]) -> DenseVectors:
        """One vector per question."""
        return self.encode([text.text for text in texts], prompt=self.model.query_prompt)

    def encode(self, texts: Sequence[str], *, prompt: str = "") -> DenseVectors:
        """Unit vectors of plain texts, in their order."""
        present = np.fromiter((bool(text.strip()) for text in texts), np.bool_, len(texts))
        values = np.zeros((len(texts), self.spec.dimension), np.float32)
        rows = np.flatnonzero(present).tolist()
        encoded = self.model.tokenizer.encode_batch_fast([prompt + texts[row] for row in rows]) if rows else []
        tokens = [encoding.ids for encoding in encoded]
        for batch in batches(
            [len(ids) for ids in tokens], budget=int(self.spec.options.get("batch_tokens", BATCH_TOKENS))
        ):
            values[[rows[entry] for entry in batch]] = self.model.run([tokens[entry] for entry in batch])
        return unit_rows(values, present=present)


def load(spec: EncoderSpec, *, cache: Path, threads: int = 0) -> Bert:
    """Build the encoder; `spec.model` is a sentence-transformers name or path.

    Raises:
        BadInput: the model's dimension is not the spec's, or the precision is unknown.
    """
    precision = str(spec.options.get("precision", "fp32"))
    if precision not in ("fp32", "int8"):
        raise BadInput(f"encoder {spec.name!r}: precision is {precision!r}; choose fp32 or int8")
    model = open_model(spec.model, precision=cast("Precision", precision), cache=cache, threads=threads)
    if model.dimension != spec.dimension:
        raise BadInput(f"encoder {spec.name!r}: {spec.model} has {model.dimension} dimensions, not {spec.dimension}")
    return Bert(spec, model)


def batches(lengths: Sequence[int], *, budget: int) -> Iterator[list[int]]:
    """Entries grouped by length, longest first, each group within the budget of rows times longest row.

    >>> list(batches([3, 9, 4, 3], budget=10))
    [[1], [2, 0], [3]]
    """
    batch: list[int] = []
    for entry in sorted(range(len(lengths)), key=lambda entry: -lengths[entry]):
        if batch and (len(batch) + 1) * lengths[batch[0]] > budget:
            yield batch
            batch = []
        batch.append(entry)
    if batch:
        yield batch
