"""What was acknowledged is there after `kill -9`, and snapshots bring collections back."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

NAME = "kept"
BATCH = 20


def create(client: QdrantClient) -> None:
    client.create_collection(
        NAME,
        vectors_config={"dense": models.VectorParams(size=4, distance=models.Distance.COSINE)},
        sparse_vectors_config={"words": models.SparseVectorParams(modifier=models.Modifier.IDF)},
    )
    client.create_payload_index(NAME, "batch", models.PayloadSchemaType.INTEGER)


def batch(number: int) -> list[models.PointStruct]:
    return [
        models.PointStruct(
            id=number * BATCH + i,
            vector={"dense": [1, i, number, 1], "words": models.SparseVector(indices=[i], values=[1.0])},
            payload={"batch": number},
        )
        for i in range(BATCH)
    ]


def write_until_it_dies(url: str, acknowledged: list[int]) -> None:
    client = QdrantClient(url=url, check_compatibility=False)
    number = 0
    try:
        while True:
            client.upsert(NAME, batch(number), wait=True)
            acknowledged.append(number)
            number += 1
    except (ResponseHandlingException, UnexpectedResponse):
        client.close()


def test_acknowledged_points_survive_kill_9_in_the_middle_of_writing(run_node: Any, tmp_path: Path) -> None:
    acknowledged: list[int] = []
    for _ in range(2):  # what the first restart recovers must survive the second as well
        node = run_node(tmp_path)
        client = QdrantClient(url=node.url, check_compatibility=False)
        if not client.collection_exists(NAME):
            create(client)
        client.close()
        before = len(acknowledged)
        writer = threading.Thread(target=write_until_it_dies, args=(node.url, acknowledged))
        writer.start()
        while len(acknowledged) < before + 30:
            writer.join(timeout=0.01)
        node.kill()
        writer.join()
    client = QdrantClient(url=run_node(tmp_path).url, check_compatibility=False)
    everything, _ = client.scroll(NAME, limit=100_000, with_vectors=True)
    stored = {record.id: record for record in everything}
    for number in set(acknowledged):
        for point in batch(number):
            record = stored[point.id]
            assert record.payload == point.payload
            assert isinstance(record.vector, dict)
            assert record.vector.keys() == {"dense", "words"}
        only = models.Filter(must=[models.FieldCondition(key="batch", match=models.MatchValue(value=number))])
        assert client.count(NAME, only).count == BATCH
    client.close()


@pytest.fixture(scope="module")
def client(node_url: str) -> Iterator[QdrantClient]:
    opened = QdrantClient(url=node_url, timeout=60)
    create(opened)
    for number in range(3):
        opened.upsert(NAME, batch(number))
    yield opened
    for name in (NAME, "copy", "uploaded"):
        opened.delete_collection(name)
    opened.close()


def contents(client: QdrantClient, name: str) -> dict[Any, Any]:
    records, _ = client.scroll(name, limit=1000, with_vectors=True)
    return {record.id: (record.payload, record.vector) for record in records}


def test_a_snapshot_brings_a_collection_back(client: QdrantClient, node_url: str, tmp_path: Path) -> None:
    before = contents(client, NAME)
    snapshot = client.create_snapshot(NAME)
    assert snapshot is not None
    assert [found.name for found in client.list_snapshots(NAME)] == [snapshot.name]

    file = tmp_path / snapshot.name
    with httpx.stream("GET", f"{node_url}/collections/{NAME}/snapshots/{snapshot.name}") as answer:
        file.write_bytes(b"".join(answer.iter_bytes()))
    assert file.stat().st_size == snapshot.size

    client.delete(NAME, models.Filter())
    assert client.count(NAME).count == 0
    assert client.recover_snapshot(NAME, location=file.as_uri(), checksum=snapshot.checksum)
    assert contents(client, NAME) == before
    assert client.recover_snapshot("copy", location=str(file))
    assert contents(client, "copy") == before
    with file.open("rb") as content:
        done = client.http.snapshots_api.recover_from_uploaded_snapshot("uploaded", wait=True, snapshot=content)
    assert done.result
    assert contents(client, "uploaded") == before
    assert client.get_collection("uploaded").payload_schema.keys() == {"batch"}

    client.delete_snapshot(NAME, snapshot.name)
    assert client.list_snapshots(NAME) == []


def test_a_snapshot_of_everything_can_be_taken_listed_and_deleted(client: QdrantClient) -> None:
    snapshot = client.create_full_snapshot()
    assert snapshot is not None
    assert snapshot.name in [found.name for found in client.list_full_snapshots()]
    client.delete_full_snapshot(snapshot.name)
    assert snapshot.name not in [found.name for found in client.list_full_snapshots()]


def test_what_is_no_snapshot_changes_nothing(client: QdrantClient, node_url: str, tmp_path: Path) -> None:
    before = contents(client, NAME)
    file = tmp_path / "no.snapshot"
    file.write_bytes(b"not a snapshot")
    url = f"{node_url}/collections/{NAME}/snapshots"
    assert httpx.post(f"{url}/upload", files={"snapshot": file.read_bytes()}).status_code == 400
    assert httpx.post(f"{url}/upload", files={"other": b""}).status_code == 400
    assert httpx.put(f"{url}/recover", json={"location": str(tmp_path / "missing")}).status_code == 400
    assert httpx.put(f"{url}/recover", json={"location": "http://elsewhere/x.snapshot"}).status_code == 400
    assert httpx.get(f"{url}/missing.snapshot").status_code == 404
    assert httpx.delete(f"{url}/missing.snapshot").status_code == 404
    assert contents(client, NAME) == before
