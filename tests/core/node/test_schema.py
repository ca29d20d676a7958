"""Parameters of a collection: what is served, what is refused, and how it is reported."""

import pytest
from qdrant_client import models

from trivec.node.catalogue import Catalogue
from trivec.node.errors import BadRequest, NodeError, Unsupported
from trivec.node.schema import changed, checked, reported

COSINE = models.VectorParams(size=4, distance=models.Distance.COSINE)

SERVED = {
    "unnamed": models.CreateCollection(vectors=COSINE),
    "named": models.CreateCollection(vectors={"a": COSINE, "b": COSINE}),
    "sparse only": models.CreateCollection(sparse_vectors={"s": models.SparseVectorParams()}),
    "idf": models.CreateCollection(
        vectors={},
        sparse_vectors={
            "s": models.SparseVectorParams(
                modifier=models.Modifier.IDF, index=models.SparseIndexParams(on_disk=True, full_scan_threshold=5)
            )
        },
    ),
    "multivector": models.CreateCollection(
        vectors={
            "m": models.VectorParams(
                size=4,
                distance=models.Distance.DOT,
                multivector_config=models.MultiVectorConfig(comparator=models.MultiVectorComparator.MAX_SIM),
            )
        }
    ),
    "datatype": models.CreateCollection(
        vectors={
            kind.value: models.VectorParams(size=4, distance=models.Distance.EUCLID, datatype=kind, on_disk=True)
            for kind in (models.Datatype.FLOAT16, models.Datatype.UINT8, models.Datatype.FLOAT32)
        }
    ),
    "hnsw": models.CreateCollection(
        vectors=COSINE, hnsw_config=models.HnswConfigDiff(m=8, ef_construct=32, payload_m=4)
    ),
    "scalar": models.CreateCollection(
        vectors=COSINE,
        quantization_config=models.ScalarQuantization(
            scalar=models.ScalarQuantizationConfig(type=models.ScalarType.INT8, quantile=0.99, always_ram=True)
        ),
    ),
    "product": models.CreateCollection(
        vectors=COSINE,
        quantization_config=models.ProductQuantization(
            product=models.ProductQuantizationConfig(compression=models.CompressionRatio.X16)
        ),
    ),
    "binary": models.CreateCollection(
        vectors=COSINE,
        quantization_config=models.BinaryQuantization(
            binary=models.BinaryQuantizationConfig(encoding=models.BinaryQuantizationEncoding.ONE_AND_HALF_BITS)
        ),
    ),
    "turbo": models.CreateCollection(
        vectors=COSINE,
        quantization_config=models.TurboQuantization(
            turbo=models.TurboQuantQuantizationConfig(bits=models.TurboQuantBitSize.BITS1_5)
        ),
    ),
    "one machine": models.CreateCollection(
        vectors=COSINE,
        shard_number=1,
        replication_factor=1,
        write_consistency_factor=1,
        on_disk_payload=True,
        wal_config=models.WalConfigDiff(wal_capacity_mb=8),
        metadata={"encoders": ["bert:3"]},
    ),
}


@pytest.mark.parametrize("request_", SERVED.values(), ids=SERVED.keys())
def test_what_is_asked_for_is_reported_before_and_after_a_restart(tmp_path, request_) -> None:
    with Catalogue(tmp_path / "node") as catalogue:
        before = catalogue.create("news", request_).info()
    with Catalogue(tmp_path / "node") as catalogue:
        after = catalogue.get("news").info()
    assert before == after
    asked = request_.model_dump(exclude_none=True, exclude={"hnsw_config", "wal_config", "vectors"})
    params = after.config.params.model_dump(exclude_none=True)
    told = after.config.model_dump(exclude_none=True) | params
    assert asked.items() <= told.items()
    assert params["vectors"] == request_.model_dump(exclude_none=True).get("vectors", {})


REFUSED = {
    "shards": ({"shard_number": 2}, Unsupported, "cluster"),
    "replicas": ({"replication_factor": 3}, Unsupported, "cluster"),
    "no shard": ({"shard_number": 0}, NodeError, "must be 1"),
    "custom sharding": ({"sharding_method": models.ShardingMethod.CUSTOM}, Unsupported, "cluster"),
    "strict mode": ({"strict_mode_config": models.StrictModeConfig(enabled=True)}, Unsupported, "strict_mode"),
    "deferred": (
        {"optimizers_config": models.OptimizersConfigDiff(prevent_unoptimized=True)},
        Unsupported,
        "prevent_unoptimized",
    ),
    "no size": ({"vectors": COSINE.model_copy(update={"size": 0})}, NodeError, "size is 0"),
    "twice": ({"vectors": {"s": COSINE}, "sparse_vectors": {"s": models.SparseVectorParams()}}, BadRequest, "'s'"),
}


@pytest.mark.parametrize(("options", "error", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_what_one_machine_cannot_serve_is_refused_by_name(options, error, reason: str) -> None:
    with pytest.raises(error, match=reason):
        checked(models.CreateCollection(**({"vectors": COSINE} | options)))


def test_an_update_changes_what_it_names_and_nothing_else() -> None:
    parameters = models.CreateCollection(
        vectors={"a": COSINE, "b": COSINE.model_copy()},
        hnsw_config=models.HnswConfigDiff(m=8, ef_construct=50),
        metadata={"kept": 1, "gone": 2},
    )
    update = models.UpdateCollection(
        vectors={"a": models.VectorParamsDiff(on_disk=True, hnsw_config=models.HnswConfigDiff(m=4))},
        hnsw_config=models.HnswConfigDiff(ef_construct=99),
        optimizers_config=models.OptimizersConfigDiff(indexing_threshold=5),
        metadata={"new": 3, "gone": None},
    )
    result = reported(changed(parameters, update))
    assert (result.hnsw_config.m, result.hnsw_config.ef_construct) == (8, 99)
    assert result.optimizer_config.indexing_threshold == 5
    assert result.metadata == {"kept": 1, "new": 3}
    assert result.params.vectors["a"].on_disk is True
    assert result.params.vectors["b"] == COSINE
    assert parameters.hnsw_config == models.HnswConfigDiff(m=8, ef_construct=50)


def test_quantization_can_be_switched_off() -> None:
    update = models.UpdateCollection(quantization_config=models.Disabled.DISABLED)
    assert reported(changed(SERVED["scalar"], update)).quantization_config is None


def test_an_update_of_an_unknown_vector_is_refused() -> None:
    with pytest.raises(BadRequest, match="nowhere"):
        changed(SERVED["named"], models.UpdateCollection(vectors={"nowhere": models.VectorParamsDiff(on_disk=True)}))


def test_defaults_are_a_servers() -> None:
    config = reported(models.CreateCollection(vectors=COSINE))
    assert (config.hnsw_config.m, config.hnsw_config.ef_construct) == (16, 100)
    assert config.optimizer_config.indexing_threshold == 10_000
    assert config.params.on_disk_payload is True
