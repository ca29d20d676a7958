"""The schema of a generation: named vectors from encoder specs, payload indexes, quantization where it is safe."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qdrant_client import models

from trivec.encoders.base import EncoderSpec
from trivec.errors import BadInput


@dataclass(frozen=True)
class Parameters:
    """What a generation's index is made with.

    Attributes:
        hnsw_m: edges per node of the graph.
        hnsw_ef_construct: neighbours considered while it is built.
        expected_passages: what the maker expects to store; 0 when unknown.
        quantize_from: dense vectors are held as int8 in memory when at least so many passages are expected: below,
            they fit anyway and every bit of precision is kept.
        quantize_dimension: no vector with fewer dimensions is ever quantized (int8 costs short vectors more than it
            saves; binary is never used).
        on_disk_payload: payload stays on disk and is read when asked for.
    """

    hnsw_m: int = 16
    hnsw_ef_construct: int = 128
    expected_passages: int = 0
    quantize_from: int = 500_000
    quantize_dimension: int = 256
    on_disk_payload: bool = True


def dense(specs: Sequence[EncoderSpec], parameters: Parameters) -> dict[str, models.VectorParams]:
    """Cosine vectors of the dense specs.

    Raises:
        BadInput: two specs share a name, or a dense one has no dimension.
    """
    names = [spec.name for spec in specs]
    if not names or len(set(names)) != len(names):
        raise BadInput(f"a generation needs encoders with distinct names, got {names}")
    for spec in specs:
        if spec.kind == "dense" and spec.dimension < 1:
            raise BadInput(f"encoder {spec.name!r} is dense but its dimension is {spec.dimension}")
    return {spec.name: _vector(spec, parameters) for spec in specs if spec.kind == "dense"}


def sparse(specs: Sequence[EncoderSpec]) -> dict[str, models.SparseVectorParams]:
    """Sparse vectors; where the spec says so, Qdrant multiplies by inverse document frequency at query time."""
    return {
        spec.name: models.SparseVectorParams(modifier=models.Modifier.IDF if spec.modifier == "idf" else None)
        for spec in specs
        if spec.kind == "sparse"
    }


def payload_indexes() -> Mapping[str, models.PayloadSchemaType | models.TextIndexParams]:
    """Indexed fields; metadata keys get theirs when somebody first counts by them."""
    words = models.TextIndexParams(
        type=models.TextIndexType.TEXT, tokenizer=models.TokenizerType.WORD, lowercase=True, phrase_matching=True
    )
    return {
        "document_id": models.PayloadSchemaType.KEYWORD,
        "passage": models.PayloadSchemaType.INTEGER,
        "source": models.PayloadSchemaType.KEYWORD,
        "labels": models.PayloadSchemaType.KEYWORD,
        "language": models.PayloadSchemaType.KEYWORD,
        "date": models.PayloadSchemaType.DATETIME,
        "day": models.PayloadSchemaType.INTEGER,
        "cell.number": models.PayloadSchemaType.INTEGER,
        "text": words,
        "title": words,
    }


def _vector(spec: EncoderSpec, parameters: Parameters) -> models.VectorParams:
    large = parameters.expected_passages >= parameters.quantize_from
    quantize = large and spec.dimension >= parameters.quantize_dimension
    return models.VectorParams(
        size=spec.dimension,
        distance=models.Distance.COSINE,
        quantization_config=_int8() if quantize else None,
    )


def _int8() -> models.ScalarQuantization:
    return models.ScalarQuantization(
        scalar=models.ScalarQuantizationConfig(type=models.ScalarType.INT8, quantile=0.99, always_ram=True)
    )
