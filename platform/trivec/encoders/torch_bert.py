"""BERT by torch: where it was chosen, or on a GPU. Texts in, unit vectors out, as SentenceTransformer makes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from trivec.encoders.base import EncoderSpec
from trivec.encoders.model_files import find_model
from trivec.encoders.rows import unit_rows
from trivec.errors import BadInput, MissingExtra
from trivec.records import AnalysedText, DenseVectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BATCH_TEXTS = 32


@dataclass(frozen=True)
class TorchBert:
    """A sentence-transformers model run by torch.

    Attributes:
        spec: what it is; options `device` ("" chooses a GPU if there is one) and `batch_texts`.
        model: the loaded model.
    """

    spec: EncoderSpec
    model: "SentenceTransformer"

    def encode_documents(self, texts: Sequence[AnalysedText]) -> DenseVectors:
        """One vector per document text; an empty text is missing."""
        return self._encode(texts, queries=False)

    def encode_queries(self, texts: Sequence[AnalysedText]) -> DenseVectors:
        """One vector per question."""
        return self._encode(texts, queries=True)

    def _encode(self, texts: Sequence[AnalysedText], *, queries: bool) -> DenseVectors:
        present = np.fromiter((bool(text.text.strip()) for text in texts), np.bool_, len(texts))
        values = np.zeros((len(texts), self.spec.dimension), np.float32)
        wanted = [text.text for text, known in zip(texts, present, strict=True) if known]
        if wanted:
            encode = self.model.encode_query if queries else self.model.encode_document
            size = int(self.spec.options.get("batch_texts", BATCH_TEXTS))
            values[present] = encode(wanted, batch_size=size, show_progress_bar=False)
        return unit_rows(values, present=present)


def load(spec: EncoderSpec, *, threads: int = 0) -> TorchBert:
    """Build the encoder; `spec.model` is a sentence-transformers name or path, `threads` applies to the process.

    Raises:
        MissingExtra: torch is not installed.
        BadInput: the model's dimension is not the spec's.
    """
    folder = find_model(spec.model)
    try:
        import torch
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise MissingExtra("sentence-transformers", "train") from error
    if threads:
        torch.set_num_threads(threads)
    model = SentenceTransformer(str(folder), device=str(spec.options.get("device", "")) or None)
    if (dimension := model.get_embedding_dimension()) != spec.dimension:
        raise BadInput(f"encoder {spec.name!r}: {spec.model} has {dimension} dimensions, not {spec.dimension}")
    return TorchBert(spec, model)
