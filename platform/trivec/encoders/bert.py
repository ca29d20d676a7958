"""BERT: what a sentence means in its context, by ONNX Runtime. Texts in, unit vectors out."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from trivec.encoders.base import EncoderSpec
from trivec.encoders.exported import Precision, open_model
from trivec.encoders.fidelity import Fidelity
from trivec.encoders.onnx_model import BATCH_TOKENS, OnnxModel
from trivec.errors import BadInput
from trivec.records import AnalysedText, DenseVectors


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
        return self._encode(texts, self.model.document_prompt)

    def encode_queries(self, texts: Sequence[AnalysedText]) -> DenseVectors:
        """One vector per question."""
        return self._encode(texts, self.model.query_prompt)

    @property
    def fidelity(self) -> Fidelity | None:
        """How true the vectors of an 8-bit model are to the full one's, measured when it was made."""
        return Fidelity.load(self.model.folder) if self.spec.options.get("precision") == "int8" else None

    def _encode(self, texts: Sequence[AnalysedText], prompt: str) -> DenseVectors:
        budget = int(self.spec.options.get("batch_tokens", BATCH_TOKENS))
        return self.model.encode([text.text for text in texts], prompt=prompt, batch_tokens=budget)


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
