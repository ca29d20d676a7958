"""Writing points through the node in every form the client has, and in local mode: the same state afterwards."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from qdrant_client import QdrantClient, models

NAME = "points"
UUID = "550e8400-e29b-41d4-a716-446655440000"
RED = models.Filter(must=[models.FieldCondition(key="colour", match=models.MatchValue(value="red"))])
NOT_RED = models.Filter(must_not=RED.must)

Write = Callable[[QdrantClient], object]


def start(client: QdrantClient) -> None:
    """Four points: two red, one without a dense vector, one with a UUID."""
    client.delete_collection(NAME)
    client.create_collection(
        NAME,
        vectors_config={"dense": models.VectorParams(size=2, distance=models.Distance.DOT)},
        sparse_vectors_config={"sparse": models.SparseVectorParams()},
    )
    sparse = models.SparseVector(indices=[3, 1], values=[0.5, 1.0])
    client.upsert(
        NAME,
        [
            models.PointStruct(
                id=1, vector={"dense": [1, 0], "sparse": sparse}, payload={"colour": "red", "n": {"a": 1}}
            ),
            models.PointStruct(id=2, vector={"dense": [0, 1]}, payload={"colour": "blue", "n": {"a": 2}}),
            models.PointStruct(id=3, vector={"sparse": sparse}, payload={"colour": "red"}),
            models.PointStruct(id=UUID, vector={"dense": [0.5, 0.5]}, payload=None),
        ],
    )


def state(client: QdrantClient) -> dict[Any, Any]:
    """Everything that is stored, comparable."""
    records, _ = client.scroll(NAME, limit=100, with_vectors=True)
    return {record.id: (record.payload or {}, _sorted(record.vector)) for record in records}


def _sorted(vectors: Any) -> dict[str, Any]:
    return {
        name: sorted(zip(vector.indices, vector.values, strict=True))
        if isinstance(vector, models.SparseVector)
        else vector
        for name, vector in (vectors or {}).items()
    }


def batch(*operations: models.UpdateOperation) -> Write:
    return lambda client: client.batch_update_points(NAME, list(operations))


def replaced(**changes: Any) -> Write:
    """Upsert a known point and a new one."""
    points = [models.PointStruct(id=i, vector={"dense": [2, 2]}, payload={"colour": "new"}) for i in (1, 9)]
    return lambda client: client.upsert(NAME, points, **changes)


WRITES: dict[str, Write] = {
    "a list of points replaces and inserts": replaced(),
    "columns of points": lambda client: client.upsert(
        NAME,
        models.Batch(ids=[1, 7], vectors={"dense": [[5, 5], [6, 6]]}, payloads=[{"colour": "blue"}, {"x": None}]),
    ),
    "insert only": replaced(update_mode=models.UpdateMode.INSERT_ONLY),
    "update only": replaced(update_mode=models.UpdateMode.UPDATE_ONLY),
    "only where a condition holds": replaced(update_filter=NOT_RED),
    "delete by ids": lambda client: client.delete(NAME, [1, UUID, 77]),
    "delete by filter": lambda client: client.delete(NAME, RED),
    "new vectors for known points": lambda client: client.update_vectors(
        NAME, [models.PointVectors(id=3, vector={"dense": [7, 7]}), models.PointVectors(id=1, vector={"dense": [8, 8]})]
    ),
    "delete vectors by ids": lambda client: client.delete_vectors(NAME, ["sparse"], [1]),
    "delete vectors by filter": lambda client: client.delete_vectors(NAME, ["dense"], RED),
    "set payload by ids": lambda client: client.set_payload(NAME, {"n": {"b": 5}, "new": [1]}, [1, UUID]),
    "set payload under a key": lambda client: client.set_payload(NAME, {"b": 5}, [1, 2], key="n"),
    "set payload by filter": lambda client: client.set_payload(NAME, {"seen": True}, RED),
    "overwrite payload by ids": lambda client: client.overwrite_payload(NAME, {"only": 1}, [1]),
    "overwrite payload by filter": lambda client: client.overwrite_payload(NAME, {"only": 1}, RED),
    "delete payload by ids": lambda client: client.delete_payload(NAME, ["colour", "n.a"], [1, 2]),
    "delete payload by filter": lambda client: client.delete_payload(NAME, ["n"], RED),
    "clear payload by ids": lambda client: client.clear_payload(NAME, [1]),
    "clear payload by filter": lambda client: client.clear_payload(NAME, RED),
    "a batch of every kind of write": batch(
        models.UpsertOperation(
            upsert=models.PointsList(points=[models.PointStruct(id=8, vector={"dense": [3, 3]}, payload={"a": 1})])
        ),
        models.UpsertOperation(upsert=models.PointsBatch(batch=models.Batch(ids=[6], vectors={"dense": [[4, 4]]}))),
        models.SetPayloadOperation(set_payload=models.SetPayload(payload={"b": 2}, points=[8, 6])),
        models.OverwritePayloadOperation(overwrite_payload=models.SetPayload(payload={"c": 3}, points=[6])),
        models.DeletePayloadOperation(delete_payload=models.DeletePayload(keys=["a"], points=[8])),
        models.ClearPayloadOperation(clear_payload=models.FilterSelector(filter=RED)),
        models.UpdateVectorsOperation(
            update_vectors=models.UpdateVectors(points=[models.PointVectors(id=8, vector={"dense": [9, 9]})])
        ),
        models.DeleteVectorsOperation(delete_vectors=models.DeleteVectors(points=[2], vector=["dense"])),
        models.DeleteOperation(delete=models.PointIdsList(points=[1])),
    ),
}


@pytest.fixture(scope="module")
def node(node_url: str) -> Iterator[QdrantClient]:
    client = QdrantClient(url=node_url)
    yield client
    client.delete_collection(NAME)
    client.close()


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_a_write_leaves_the_same_state_as_in_local_mode(node: QdrantClient, write: Write) -> None:
    memory = QdrantClient(":memory:")
    for client in (node, memory):
        start(client)
        write(client)
    assert state(node) == state(memory)


def test_points_are_read_by_their_ids_in_the_parts_that_are_asked_for(node: QdrantClient) -> None:
    start(node)
    found = node.retrieve(NAME, [UUID.upper(), 1, 99], with_payload=["n.a"], with_vectors=["dense"])
    assert {record.id: (record.payload, record.vector) for record in found} == {
        1: ({"n": {"a": 1}}, {"dense": [1.0, 0.0]}),
        UUID: ({}, {"dense": [0.5, 0.5]}),
    }
    without = models.PayloadSelectorExclude(exclude=["n"])
    assert node.retrieve(NAME, [1], with_payload=without)[0].payload == {"colour": "red"}
    one = node.http.points_api.get_point(NAME, id=2).result
    assert one is not None
    assert one.payload == {"colour": "blue", "n": {"a": 2}}


def test_an_upload_in_parallel_batches_stores_every_point(node: QdrantClient) -> None:
    start(node)
    node.upload_points(
        NAME,
        [models.PointStruct(id=i, vector={"dense": [i, 1]}, payload={"i": i}) for i in range(100, 400)],
        batch_size=32,
        wait=True,
    )
    assert node.count(NAME).count == 304
    assert node.count(NAME, RED).count == 2
    assert node.count(NAME, exact=False).count == 304


def test_an_unnamed_vector_is_a_plain_list(node: QdrantClient) -> None:
    name = f"{NAME}-unnamed"
    node.delete_collection(name)
    node.create_collection(name, models.VectorParams(size=2, distance=models.Distance.DOT))
    node.upsert(name, models.Batch(ids=[1, 2], vectors=[[1, 2], [3, 4]]))
    assert node.query_points(name, [1.0, 1.0], with_vectors=True).points[0].vector == [3.0, 4.0]
    assert node.query_points(name, 1).points[0].id == 2
    node.delete_collection(name)


def test_examples_can_be_looked_up_in_another_collection(node: QdrantClient) -> None:
    start(node)
    other = f"{NAME}-other"
    node.delete_collection(other)
    node.create_collection(other, {"also": models.VectorParams(size=2, distance=models.Distance.DOT)})
    node.upsert(other, [models.PointStruct(id=2, vector={"also": [10, 0]}, payload={"name": "two"})])
    place = models.LookupLocation(collection=other, vector="also")
    hits = node.query_points(NAME, 2, using="dense", lookup_from=place).points
    assert [(hit.id, hit.score) for hit in hits] == [(1, 10.0), (UUID, 5.0), (2, 0.0)]  # 2 is not left out here
    node.set_payload(NAME, {"owner": 2}, [1])
    groups = node.query_points_groups(NAME, "owner", [1.0, 0.0], using="dense", with_lookup=other).groups
    assert [(group.id, group.lookup.payload if group.lookup else None) for group in groups] == [(2, {"name": "two"})]
    node.delete_collection(other)
