"""What an encoder is: texts in, one vector per text out, documents and questions apart.

`EncoderSpec` describes an encoder completely and travels as JSON: a generation stores the specs that wrote it, and
questions are encoded by encoders built from those same specs (see `catalog`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Protocol, runtime_checkable

from trivec.errors import Broken
from trivec.records import AnalysedText, Scalar, TextVectors


@dataclass(frozen=True)
class EncoderSpec:
    """Everything needed to build the same encoder again.

    Attributes:
        name: the named vector it fills (`word2vec`, `glove`, `bert`, `fused`, `bm25`), unique within a generation.
        family: which implementation (`word2vec`, `glove`, `onnx`, `torch`, `remote`, `sparse`, `concat`, `fusion`).
        kind: dense or sparse.
        dimension: of a dense vector; 0 for a sparse one.
        model: what it was made from: a model name or path, or a registry reference (`name:version`); "" if nothing.
        weights: registry reference of the word weights it uses (`name:version`); "" if none.
        options: implementation options, plain values only.
        modifier: `idf` when Qdrant has to apply inverse document frequency at query time (on its own counts).
        parts: names of the vectors it is computed from (fused only).
        licence: SPDX identifier of what it was made from, or "" when it is the user's own.
    """

    name: str
    family: str
    kind: Literal["dense", "sparse"]
    dimension: int
    model: str = ""
    weights: str = ""
    options: Mapping[str, Scalar] = field(default_factory=dict)
    modifier: Literal["", "idf"] = ""
    parts: tuple[str, ...] = ()
    licence: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {**asdict(self), "options": dict(self.options), "parts": list(self.parts)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "EncoderSpec":
        """The spec that `as_dict` described.

        Raises:
            Broken: a key is missing or unknown, or a value has the wrong kind.
        """
        try:
            parts, options = tuple(values.get("parts", ())), dict(values.get("options", {}))
            spec = cls(**{**values, "parts": parts, "options": options})
        except (TypeError, ValueError) as error:
            raise Broken(f"stored encoder spec {dict(values)!r} cannot be read: {error}") from error
        if spec.kind not in ("dense", "sparse") or not isinstance(spec.dimension, int):
            raise Broken(f"stored encoder spec {spec.name!r}: kind {spec.kind!r}, dimension {spec.dimension!r}")
        return spec


@runtime_checkable
class Encoder(Protocol):
    """Makes vectors from texts. Dense rows are unit length, so that cosine is the dot product."""

    @property
    def spec(self) -> EncoderSpec:
        """What it is."""
        ...

    def encode_documents(self, texts: Sequence[AnalysedText]) -> TextVectors:
        """One vector per document text, in order; a text with nothing to encode is marked missing, never zero."""
        ...

    def encode_queries(self, texts: Sequence[AnalysedText]) -> TextVectors:
        """One vector per question, in order."""
        ...


@runtime_checkable
class Fusion(Protocol):
    """Makes one dense vector out of the other named vectors of the same text."""

    @property
    def spec(self) -> EncoderSpec:
        """What it is; `spec.parts` names the vectors it wants."""
        ...

    def fuse(
        self, texts: Sequence[AnalysedText], parts: Mapping[str, TextVectors], *, question: bool = False
    ) -> TextVectors:
        """One unit vector per text; a missing part is left out of it, a text with nothing at all is missing.

        Args:
            texts: documents, or questions.
            parts: their other vectors, made as documents or as questions.
            question: which of the two they are.
        """
        ...
