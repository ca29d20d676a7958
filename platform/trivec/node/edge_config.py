"""How a collection's stored parameters are said to Edge.

`qdrant_client.models` in, `qdrant_edge` configuration out. What Edge has no word for is refused by name.
"""

from __future__ import annotations  # some of Edge's names exist for type checkers only

from enum import Enum
from typing import TypeVar

import qdrant_edge as edge
from qdrant_client import models

from trivec.node.errors import Unsupported

EdgeEnum = TypeVar("EdgeEnum")

# Qdrant's own defaults, which Edge wants spelled out.
HNSW_M = 16
HNSW_EF_CONSTRUCT = 100
HNSW_FULL_SCAN_KB = 10_000

Quantization = (
    models.ScalarQuantization | models.ProductQuantization | models.BinaryQuantization | models.TurboQuantization
)


def edge_config(parameters: models.CreateCollection, *, indexing_threads: int = 0) -> edge.EdgeConfig:
    """The whole configuration of a shard.

    Args:
        parameters: what `schema.checked` let through.
        indexing_threads: threads for building HNSW graphs; 0 leaves it to the collection or to Edge.
    """
    hnsw = _hnsw(parameters.hnsw_config, threads=indexing_threads)
    return edge.EdgeConfig(
        vectors={
            name: _dense(vector, parameters, indexing_threads) for name, vector in dense_vectors(parameters).items()
        },
        sparse_vectors={name: _sparse(vector) for name, vector in (parameters.sparse_vectors or {}).items()},
        on_disk_payload=parameters.on_disk_payload,
        payload_memory=_memory(parameters.payload.memory if parameters.payload else None),
        id_tracker_memory=_memory(parameters.id_tracker.memory if parameters.id_tracker else None),
        hnsw_config=hnsw,
        quantization_config=quantization(parameters.quantization_config),
        optimizers=_optimizers(parameters.optimizers_config),
    )


def dense_vectors(parameters: models.CreateCollection) -> dict[str, models.VectorParams]:
    """Dense vectors by name; the unnamed one is called ""."""
    if parameters.vectors is None:
        return {}
    return {"": parameters.vectors} if isinstance(parameters.vectors, models.VectorParams) else dict(parameters.vectors)


def edge_enum(kind: type[EdgeEnum], value: Enum | None) -> EdgeEnum | None:
    """Edge's member for a Qdrant enum value: `one_and_half_bits` is `OneAndHalfBits`."""
    if value is None:
        return None
    wanted = str(value.value).replace("_", "").lower()
    for name in dir(kind):
        if not name.startswith("_") and name.replace("_", "").lower() == wanted:
            member: EdgeEnum = getattr(kind, name)
            return member
    raise Unsupported(f"{type(value).__name__} {value.value!r} is not supported by Qdrant Edge")


def required_enum(kind: type[EdgeEnum], value: Enum) -> EdgeEnum:
    """`edge_enum` for a value that is always there."""
    member = edge_enum(kind, value)
    if member is None:
        raise Unsupported(f"{kind.__name__} needs a value")
    return member


def _memory(value: models.Memory | None) -> edge.Memory | None:
    return edge_enum(edge.Memory, value)


def _dense(vector: models.VectorParams, parameters: models.CreateCollection, threads: int) -> edge.EdgeVectorParams:
    own_hnsw = None
    if vector.hnsw_config is not None:
        own_hnsw = _hnsw(merged_hnsw(parameters.hnsw_config, vector.hnsw_config), threads=threads)
    return edge.EdgeVectorParams(
        size=vector.size,
        distance=required_enum(edge.Distance, vector.distance),
        on_disk=vector.on_disk,
        multivector_config=multivector(vector.multivector_config),
        datatype=edge_enum(edge.VectorStorageDatatype, vector.datatype),
        quantization_config=quantization(vector.quantization_config),
        hnsw_config=own_hnsw,
        memory=_memory(vector.memory),
    )


def multivector(config: models.MultiVectorConfig | None) -> edge.MultiVectorConfig | None:
    """Several vectors under one name, compared by their best matches."""
    if config is None:
        return None
    return edge.MultiVectorConfig(required_enum(edge.MultiVectorComparator, config.comparator))


def sparse_modifier(modifier: models.Modifier | None) -> edge.Modifier | None:
    """IDF or nothing."""
    return None if modifier in (None, models.Modifier.NONE) else edge_enum(edge.Modifier, modifier)


def _sparse(vector: models.SparseVectorParams) -> edge.EdgeSparseVectorParams:
    index = vector.index or models.SparseIndexParams()
    return edge.EdgeSparseVectorParams(
        full_scan_threshold=index.full_scan_threshold,
        on_disk=index.on_disk,
        modifier=sparse_modifier(vector.modifier),
        datatype=edge_enum(edge.VectorStorageDatatype, index.datatype),
        memory=_memory(index.memory),
    )


def merged_hnsw(base: models.HnswConfigDiff | None, change: models.HnswConfigDiff | None) -> models.HnswConfigDiff:
    """`base` with what `change` says."""
    own = base.model_dump(exclude_none=True) if base else {}
    return models.HnswConfigDiff(**(own | (change.model_dump(exclude_none=True) if change else {})))


def _hnsw(config: models.HnswConfigDiff | None, *, threads: int) -> edge.HnswIndexConfig:
    config = config or models.HnswConfigDiff()
    return edge.HnswIndexConfig(
        m=HNSW_M if config.m is None else config.m,
        ef_construct=HNSW_EF_CONSTRUCT if config.ef_construct is None else config.ef_construct,
        full_scan_threshold=HNSW_FULL_SCAN_KB if config.full_scan_threshold is None else config.full_scan_threshold,
        max_indexing_threads=threads or config.max_indexing_threads or 0,
        on_disk=config.on_disk,
        payload_m=config.payload_m,
        inline_storage=config.inline_storage,
        memory=_memory(config.memory),
    )


def _optimizers(config: models.OptimizersConfigDiff | None) -> edge.EdgeOptimizersConfig:
    config = config or models.OptimizersConfigDiff()
    return edge.EdgeOptimizersConfig(
        deleted_threshold=config.deleted_threshold,
        vacuum_min_vector_number=config.vacuum_min_vector_number,
        default_segment_number=config.default_segment_number,
        max_segment_size=config.max_segment_size,
        indexing_threshold=config.indexing_threshold,
    )


def quantization(config: Quantization | None) -> edge.QuantizationConfigType | None:
    """Any of Qdrant's quantizations."""
    match config:
        case None:
            return None
        case models.ScalarQuantization(scalar=own):
            return edge.ScalarQuantizationConfig(
                type=required_enum(edge.ScalarType, own.type),
                quantile=own.quantile,
                always_ram=own.always_ram,
                memory=_memory(own.memory),
            )
        case models.ProductQuantization(product=product):
            return edge.ProductQuantizationConfig(
                compression=required_enum(edge.CompressionRatio, product.compression),
                always_ram=product.always_ram,
                memory=_memory(product.memory),
            )
        case models.BinaryQuantization(binary=binary):
            return edge.BinaryQuantizationConfig(
                always_ram=binary.always_ram,
                encoding=edge_enum(edge.BinaryQuantizationEncoding, binary.encoding),
                query_encoding=edge_enum(edge.BinaryQuantizationQueryEncoding, binary.query_encoding),
                memory=_memory(binary.memory),
            )
        case models.TurboQuantization(turbo=turbo):
            return edge.TurboQuantQuantizationConfig(
                always_ram=turbo.always_ram,
                bits=edge_enum(edge.TurboQuantBitSize, turbo.bits),
                memory=_memory(turbo.memory),
            )
