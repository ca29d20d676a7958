"""Collections, aliases, indexes and named vectors through the official client."""

from collections.abc import Iterator

import pytest
from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import UnexpectedResponse

NAME = "things"
DENSE = models.VectorParams(size=2, distance=models.Distance.COSINE)


@pytest.fixture
def node(node_url: str) -> Iterator[QdrantClient]:
    client = QdrantClient(url=node_url)
    client.create_collection(NAME, {"dense": DENSE}, metadata={"owner": "tests"})
    yield client
    for name in (NAME, f"{NAME}.2"):
        client.delete_collection(name)
    client.close()


def aliases(client: QdrantClient) -> dict[str, str]:
    return {alias.alias_name: alias.collection_name for alias in client.get_aliases().aliases}


def alias(collection: str) -> models.CreateAliasOperation:
    return models.CreateAliasOperation(
        create_alias=models.CreateAlias(collection_name=collection, alias_name="current")
    )


def test_a_collection_tells_what_it_was_made_with(node: QdrantClient) -> None:
    info = node.get_collection(NAME)
    assert info.status is models.CollectionStatus.GREEN
    assert info.points_count == 0
    assert info.config.params.vectors == {"dense": DENSE}
    assert info.config.metadata == {"owner": "tests"}
    assert NAME in [collection.name for collection in node.get_collections().collections]


def test_a_collection_exists_until_it_is_deleted(node: QdrantClient) -> None:
    assert node.collection_exists(NAME)
    assert node.delete_collection(NAME)
    assert not node.collection_exists(NAME)
    assert not node.delete_collection(NAME)


def test_a_name_is_taken_once(node: QdrantClient) -> None:
    with pytest.raises(UnexpectedResponse, match="already exists") as refusal:
        node.create_collection(NAME, DENSE)
    assert refusal.value.status_code == 409


def test_parameters_and_metadata_can_be_changed(node: QdrantClient) -> None:
    assert node.update_collection(
        NAME,
        hnsw_config=models.HnswConfigDiff(m=24),
        optimizers_config=models.OptimizersConfigDiff(indexing_threshold=5000),
        metadata={"version": 2},
    )
    config = node.get_collection(NAME).config
    assert (config.hnsw_config.m, config.optimizer_config.indexing_threshold) == (24, 5000)
    assert config.metadata == {"owner": "tests", "version": 2}


def test_aliases_switch_in_one_step(node: QdrantClient) -> None:
    node.create_collection(f"{NAME}.2", {"dense": DENSE})
    node.update_collection_aliases([alias(NAME)])
    node.upsert("current", [models.PointStruct(id=1, vector={"dense": [1, 0]})])
    assert node.count(NAME).count == 1
    away = models.DeleteAliasOperation(delete_alias=models.DeleteAlias(alias_name="current"))
    node.update_collection_aliases([away, alias(f"{NAME}.2")])
    assert aliases(node) == {"current": f"{NAME}.2"}
    assert node.count("current").count == 0
    assert [a.alias_name for a in node.get_collection_aliases(f"{NAME}.2").aliases] == ["current"]
    assert node.get_collection_aliases(NAME).aliases == []


def test_alias_changes_are_all_or_nothing(node: QdrantClient) -> None:
    with pytest.raises(UnexpectedResponse, match="`nowhere`"):
        node.update_collection_aliases([alias(NAME), alias("nowhere")])
    assert aliases(node) == {}


@pytest.mark.parametrize("field", ["colour", "deep.er[].colour", "a/b"])
def test_payload_indexes_come_and_go(node: QdrantClient, field: str) -> None:
    name = '"a/b"' if field == "a/b" else field
    node.create_payload_index(NAME, name, models.PayloadSchemaType.KEYWORD)
    assert node.get_collection(NAME).payload_schema[name].data_type is models.PayloadSchemaType.KEYWORD
    node.delete_payload_index(NAME, name)
    assert node.get_collection(NAME).payload_schema == {}


def test_an_index_remembers_its_parameters(node: QdrantClient) -> None:
    params = models.TextIndexParams(
        type=models.TextIndexType.TEXT, tokenizer=models.TokenizerType.WORD, lowercase=True, phrase_matching=True
    )
    node.create_payload_index(NAME, "text", params)
    assert node.get_collection(NAME).payload_schema["text"].params == params


def test_named_vectors_come_and_go(node: QdrantClient) -> None:
    dense = models.DenseVectorConfig(size=3, distance=models.Distance.DOT)
    node.create_vector_name(NAME, "late", models.DenseVectorNameConfig(dense=dense))
    sparse = models.SparseVectorConfig(modifier=models.Modifier.IDF)
    node.create_vector_name(NAME, "words", models.SparseVectorNameConfig(sparse=sparse))
    words = models.SparseVector(indices=[1], values=[1.0])
    node.upsert(NAME, [models.PointStruct(id=1, vector={"late": [1, 2, 3], "words": words})])
    assert node.query_points(NAME, [1.0, 1.0, 1.0], using="late").points[0].score == pytest.approx(6)
    assert [hit.id for hit in node.query_points(NAME, words, using="words").points] == [1]
    node.delete_vector_name(NAME, "late")
    with pytest.raises(UnexpectedResponse, match="Not existing vector name"):
        node.query_points(NAME, [1.0, 1.0, 1.0], using="late")


def test_the_node_says_that_it_is_alone(node: QdrantClient) -> None:
    spread = node.http.distributed_api.collection_cluster_info(NAME).result
    assert spread is not None
    assert (spread.shard_count, spread.remote_shards) == (1, [])
    status = node.http.distributed_api.cluster_status().result
    assert status == models.ClusterStatusOneOf(status="disabled")
    assert node.http.collections_api.get_optimizations(NAME).result is not None
