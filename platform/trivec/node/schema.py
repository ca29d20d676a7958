"""What a collection is: the request that made it, checked, changed and reported the way a Qdrant server does.

`CreateCollection` and `UpdateCollection` in; the parameters we store and a server's `CollectionConfig` out.
"""

from typing import TypeVar

from pydantic import BaseModel
from qdrant_client import models

from trivec.node.edge_config import HNSW_EF_CONSTRUCT, HNSW_FULL_SCAN_KB, HNSW_M, dense_vectors, edge_config
from trivec.node.errors import BadRequest, Missing, Unprocessable, Unsupported, edge_errors

DEFAULT_INDEXING_THRESHOLD_KB = 10_000
MAX_VECTOR_SIZE = 65_536
_FORBIDDEN_IN_NAMES = frozenset('<>:"/\\|?*\0\x1f')

Model = TypeVar("Model", bound=BaseModel)


def check_name(name: str) -> str:
    """A collection or alias name by Qdrant's rules (and one that can be a folder).

    Raises:
        Unprocessable: for an empty, overlong or unsafe name.
    """
    if not 1 <= len(name.encode()) <= 255:
        raise Unprocessable(f"Validation error: name has {len(name.encode())} bytes, must be between 1 and 255")
    forbidden = sorted(set(name) & _FORBIDDEN_IN_NAMES)
    if forbidden:
        raise Unprocessable(f"Validation error: name {name!r} cannot contain {forbidden[0]!r}")
    if name in {".", ".."} or name.startswith("."):
        raise Unprocessable(f"Validation error: name {name!r} cannot start with a dot")
    return name


def checked(request: models.CreateCollection) -> models.CreateCollection:
    """The request, if one machine can serve it.

    Raises:
        BadRequest: for what no Qdrant would accept.
        Unsupported: for what needs a cluster or what Edge does not have.
    """
    _check_single_machine(request)
    _check_vectors(request)
    with edge_errors():
        edge_config(request)
    return request


def _check_single_machine(request: models.CreateCollection) -> None:
    for option in ("shard_number", "replication_factor", "write_consistency_factor"):
        value = getattr(request, option)
        if value == 0:
            raise Unprocessable(f"Validation error: {option} is 0, must be 1 or larger")
        if value is not None and value > 1:
            raise Unsupported(f"{option}={value} needs a Qdrant cluster; on one machine it is 1")
    if request.sharding_method == models.ShardingMethod.CUSTOM:
        raise Unsupported("sharding_method 'custom' needs a Qdrant cluster")
    if request.strict_mode_config is not None and request.strict_mode_config.enabled:
        raise Unsupported("strict_mode_config is not served by this node; leave it out or disable it")
    if request.optimizers_config is not None and request.optimizers_config.prevent_unoptimized:
        raise Unsupported(
            "prevent_unoptimized is not served by this node: points are visible as soon as they are written"
        )


def _check_vectors(request: models.CreateCollection) -> None:
    dense, sparse = dense_vectors(request), request.sparse_vectors or {}
    for name, vector in dense.items():
        if not 1 <= vector.size <= MAX_VECTOR_SIZE:
            raise Unprocessable(
                f"Validation error: vectors.{name}.size is {vector.size}, must be from 1 to {MAX_VECTOR_SIZE}"
            )
    shared = sorted(dense.keys() & sparse.keys())
    if shared:
        raise BadRequest(f"Wrong input: vector name {shared[0]!r} is both dense and sparse")


def changed(parameters: models.CreateCollection, update: models.UpdateCollection) -> models.CreateCollection:
    """`parameters` with an update applied; `parameters` itself stays as it is.

    Raises:
        Missing: for a vector that the collection does not have.
    """
    result = parameters.model_copy(deep=True)
    _change_vectors(result, update.vectors or {})
    _change_sparse(result, update.sparse_vectors or {})
    result.hnsw_config = _over(result.hnsw_config, update.hnsw_config)
    result.optimizers_config = _over(result.optimizers_config, update.optimizers_config)
    if update.quantization_config is not None:
        result.quantization_config = _quantization_or_none(update.quantization_config)
    if update.params is not None:
        _change_params(result, update.params)
    if update.strict_mode_config is not None:
        result.strict_mode_config = update.strict_mode_config
    if update.metadata is not None:
        kept = (result.metadata or {}) | update.metadata
        result.metadata = {key: value for key, value in kept.items() if value is not None}
    return checked(result)


def _over(base: Model | None, change: Model | None) -> Model | None:
    if change is None or base is None:
        return change or base
    return base.model_copy(update={name: getattr(change, name) for name in change.model_fields_set})


def _quantization_or_none(change: models.QuantizationConfigDiff) -> models.QuantizationConfig | None:
    return None if isinstance(change, models.Disabled) else change


def _change_vectors(result: models.CreateCollection, updates: dict[str, models.VectorParamsDiff]) -> None:
    known = dense_vectors(result)
    for name, update in updates.items():
        if name not in known:
            raise BadRequest(f"Wrong input: Not existing vector name error: {name}")
        vector = known[name]
        vector.hnsw_config = _over(vector.hnsw_config, update.hnsw_config)
        if update.quantization_config is not None:
            vector.quantization_config = _quantization_or_none(update.quantization_config)
        vector.on_disk = vector.on_disk if update.on_disk is None else update.on_disk
        vector.memory = update.memory or vector.memory


def _change_sparse(result: models.CreateCollection, updates: dict[str, models.SparseVectorParams]) -> None:
    known = dict(result.sparse_vectors or {})
    for name, update in updates.items():
        if name not in known:
            raise BadRequest(f"Wrong input: Not existing vector name error: {name}")
        known[name] = models.SparseVectorParams(
            index=_over(known[name].index, update.index), modifier=update.modifier or known[name].modifier
        )
    result.sparse_vectors = known or None


def _change_params(result: models.CreateCollection, change: models.CollectionParamsDiff) -> None:
    for name in change.model_fields_set & models.CreateCollection.model_fields.keys():
        setattr(result, name, getattr(change, name))


def with_vector(
    parameters: models.CreateCollection, name: str, vector: models.VectorParams | models.SparseVectorParams
) -> models.CreateCollection:
    """`parameters` with one more named vector."""
    result = parameters.model_copy(deep=True)
    if isinstance(result.vectors, models.VectorParams):
        raise BadRequest("Wrong input: the collection has one unnamed vector; named vectors cannot be added to it")
    if isinstance(vector, models.SparseVectorParams):
        result.sparse_vectors = dict(result.sparse_vectors or {}) | {name: vector}
    else:
        result.vectors = dict(result.vectors or {}) | {name: vector}
    return checked(result)


def without_vector(parameters: models.CreateCollection, name: str) -> models.CreateCollection:
    """`parameters` without a named vector.

    Raises:
        Missing: when there is no such vector.
    """
    result = parameters.model_copy(deep=True)
    dense, sparse = dense_vectors(result), dict(result.sparse_vectors or {})
    if dense.pop(name, None) is None and sparse.pop(name, None) is None:
        raise Missing(f"Not found: vector name {name!r}")
    if name:
        result.vectors, result.sparse_vectors = dense, sparse
    return result


def reported(parameters: models.CreateCollection) -> models.CollectionConfig:
    """The `config` of a server's collection info: what was asked for, completed by Qdrant's defaults."""
    return models.CollectionConfig(
        params=models.CollectionParams(
            vectors=parameters.vectors if parameters.vectors is not None else {},
            shard_number=1,
            replication_factor=1,
            write_consistency_factor=1,
            on_disk_payload=True if parameters.on_disk_payload is None else parameters.on_disk_payload,
            payload=parameters.payload,
            id_tracker=parameters.id_tracker,
            sparse_vectors=parameters.sparse_vectors,
        ),
        hnsw_config=_reported_hnsw(parameters.hnsw_config or models.HnswConfigDiff()),
        optimizer_config=_reported_optimizers(parameters.optimizers_config or models.OptimizersConfigDiff()),
        wal_config=_reported_wal(parameters.wal_config or models.WalConfigDiff()),
        quantization_config=parameters.quantization_config,
        metadata=parameters.metadata,
    )


def _reported_hnsw(config: models.HnswConfigDiff) -> models.HnswConfig:
    defaults = {"m": HNSW_M, "ef_construct": HNSW_EF_CONSTRUCT, "full_scan_threshold": HNSW_FULL_SCAN_KB}
    return models.HnswConfig(**({"max_indexing_threads": 0} | defaults | config.model_dump(exclude_none=True)))


def _reported_optimizers(config: models.OptimizersConfigDiff) -> models.OptimizersConfig:
    defaults = {
        "deleted_threshold": 0.2,
        "vacuum_min_vector_number": 1000,
        "default_segment_number": 0,
        "indexing_threshold": DEFAULT_INDEXING_THRESHOLD_KB,
        "flush_interval_sec": 5,
    }
    given = config.model_dump(exclude_none=True)
    if not isinstance(given.get("max_optimization_threads"), int):
        given.pop("max_optimization_threads", None)  # "auto"
    return models.OptimizersConfig(**(defaults | given))


def _reported_wal(config: models.WalConfigDiff) -> models.WalConfig:
    defaults = {"wal_capacity_mb": 32, "wal_segments_ahead": 0, "wal_retain_closed": 1}
    return models.WalConfig(**(defaults | config.model_dump(exclude_none=True)))
