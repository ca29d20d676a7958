"""Everything that can be wrong with a request: Qdrant's status, Qdrant's JSON, a reason, and nothing half done."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from qdrant_client import QdrantClient, models

NAME = "errors"
POINTS = f"/collections/{NAME}/points"
QUERY = f"{POINTS}/query"
FINE = {"id": 50, "vector": {"dense": [1, 2]}}


@pytest.fixture(scope="module")
def http(node_url: str) -> Iterator[httpx.Client]:
    client = QdrantClient(url=node_url)
    client.create_collection(
        NAME,
        vectors_config={
            "dense": models.VectorParams(size=2, distance=models.Distance.DOT),
            "multi": models.VectorParams(
                size=2,
                distance=models.Distance.DOT,
                multivector_config=models.MultiVectorConfig(comparator=models.MultiVectorComparator.MAX_SIM),
            ),
        },
        sparse_vectors_config={"sparse": models.SparseVectorParams()},
    )
    client.upsert(NAME, [models.PointStruct(id=1, vector={"dense": [1, 2]}, payload={"a": 1})])
    with httpx.Client(base_url=node_url) as plain:
        yield plain
    client.delete_collection(NAME)
    client.close()


def refused(http: httpx.Client, method: str, path: str, body: Any, status: int, *reasons: str) -> None:
    """It is refused with this status, and the answer says why."""
    content = {"content": body} if isinstance(body, bytes) else {"json": body}
    answer = http.request(method, path, **content)
    assert answer.status_code == status, answer.text
    assert answer.json().keys() == {"status", "time"}
    for reason in reasons:
        assert reason in answer.json()["status"]["error"], answer.text


def point(**changes: Any) -> dict[str, Any]:
    """An upsert of a good point and one that is not; the good one must not be stored either."""
    return {"points": [FINE, {"id": 2, "vector": {"dense": [1, 2]}, **changes}]}


BAD_POINTS: dict[str, tuple[Any, int, str]] = {
    "a name that is no id": (point(id="abc"), 400, "abc is not a valid point ID"),
    "a negative id": (point(id=-1), 400, "-1 is not a valid point ID"),
    "an id beyond 64 bits": (point(id=2**64), 400, "is not a valid point ID"),
    "a fraction as id": (point(id=1.5), 400, "1.5 is not a valid point ID"),
    "true as id": (point(id=True), 400, "True is not a valid point ID"),
    "no id": ({"points": [{"vector": {"dense": [1, 2]}}]}, 400, "not a valid point ID"),
    "no vector": ({"points": [{"id": 1}]}, 400, "missing field `vector`"),
    "too few dimensions": (point(vector={"dense": [1]}), 400, "expected dim: 2, got 1"),
    "an unknown vector name": (point(vector={"nope": [1, 2]}), 400, "Not existing vector name error: nope"),
    "an unnamed vector where there is none": (point(vector=[1, 2]), 400, "Not existing vector name"),
    "text among the numbers": (point(vector={"dense": ["a", 2]}), 400, "`dense`"),
    "null among the numbers": (point(vector={"dense": [None, 2]}), 400, "`dense`"),
    "a list among the numbers": (point(vector={"dense": [[1], 2]}), 400, "`dense`"),
    "a number beyond 32-bit floats": (point(vector={"dense": [1e39, 2]}), 400, "finite"),
    "a number beyond 64-bit floats": (b'{"points": [{"id": 1, "vector": {"dense": [1e999, 2]}}]}', 400, "JSON"),
    "not a number": (b'{"points": [{"id": 1, "vector": {"dense": [NaN, 2]}}]}', 400, "JSON"),
    "a dense vector for a sparse one": (point(vector={"sparse": [1, 2]}), 400, "`indices`"),
    "a sparse vector for a dense one": (point(vector={"dense": {"indices": [1], "values": [1]}}), 400, "`dense`"),
    "sparse parts of different length": (point(vector={"sparse": {"indices": [1], "values": []}}), 422, "length"),
    "sparse indices twice": (point(vector={"sparse": {"indices": [1, 1], "values": [1, 2]}}), 422, "unique"),
    "negative sparse indices": (point(vector={"sparse": {"indices": [-1], "values": [1]}}), 400, "indices"),
    "a ragged multivector": (point(vector={"multi": [[1, 2], [1]]}), 400, "expected dim: 2, got 1"),
    "an empty multivector": (point(vector={"multi": []}), 400, "expected dim: 2, got 0"),
    "a list as payload": (point(payload=[1]), 400, "payload"),
    "text to be embedded here": (point(vector={"dense": {"text": "hi", "model": "m"}}), 400, "Inference"),
    "columns of different length": (
        {"batch": {"ids": [1, 2], "vectors": {"dense": [[1, 2]]}}},
        400,
        "number of ids (2) and vectors `dense` (1) differ",
    ),
    "neither points nor columns": ({}, 400, "`points` or `batch`"),
    "points that are no list": ({"points": {"id": 1}}, 400, "must be a list"),
    "a list instead of an object": ([1], 400, "must hold objects"),
    "broken JSON": (b'{"points": [', 400, "Format error in JSON body"),
    "no body": (b"", 400, "Format error in JSON body"),
    "an unknown mode": ({"points": [FINE], "update_mode": "maybe"}, 400, "maybe"),
    "a shard key": ({"points": [FINE], "shard_key": "a"}, 400, "Shard keys are not served"),
    "an unknown field": ({"points": [FINE], "pionts": []}, 400, "unknown field `pionts`"),
    "an unknown condition": (
        {"points": [FINE], "update_filter": {"must": [{"key": "a", "match": {"like": 1}}]}},
        400,
        "match",
    ),
}


@pytest.mark.parametrize(("body", "status", "reason"), BAD_POINTS.values(), ids=BAD_POINTS.keys())
def test_a_bad_upsert_stores_nothing_and_says_why(http: httpx.Client, body: Any, status: int, reason: str) -> None:
    refused(http, "PUT", POINTS, body, status, reason)
    assert http.post(f"{POINTS}/count", json={}).json()["result"]["count"] == 1


def dense(**changes: Any) -> dict[str, Any]:
    return {"query": [1, 2], "using": "dense", **changes}


BAD_QUERIES: dict[str, tuple[Any, int, str]] = {
    "too many dimensions": (dense(query=[1, 2, 3]), 400, "expected dim: 2, got 3"),
    "an unknown vector name": (dense(using="nope"), 400, "Not existing vector name error: nope"),
    "no vector name": ({"query": [1, 2]}, 400, "Not existing vector name"),
    "a point that does not exist": (dense(query=99), 404, "No point with id 99 found"),
    "a point without that vector": (dense(query=1, using="sparse"), 404, "not found"),
    "a name that is no id": (dense(query="abc"), 400, "abc is not a valid point ID"),
    "an infinite number": (dense(query=[1e39, 1]), 400, "finite"),
    "no result wanted": (dense(limit=0), 422, "limit: value 0 invalid, must be 1 or larger"),
    "a negative offset": (dense(offset=-1), 400, "offset"),
    "an unknown field": (dense(limt=3), 400, "limt"),
    "an unknown condition": (dense(filter={"must": [{"key": "a", "match": {"like": 1}}]}), 400, "match"),
    "a condition of nothing": (dense(filter={"must": [{"key": "a"}]}), 422, "at least one field condition"),
    "a broken path": (dense(filter={"must": [{"key": "a[", "match": {"value": 1}}]}), 400, "a["),
    "a place off the earth": (
        dense(filter={"must": [{"key": "a", "geo_radius": {"center": {"lon": 999, "lat": 0}, "radius": 1}}]}),
        400,
        "999",
    ),
    "fusion of nothing": ({"query": {"fusion": "rrf"}}, 400, "prefetch"),
    "a formula of nothing": ({"query": {"formula": "$score"}}, 400, "prefetch"),
    "a formula without a value": (
        {"prefetch": dense(), "query": {"formula": {"sum": ["$score", "missing"]}}},
        400,
        "formula",
    ),
    "no good example": (dense(query={"recommend": {"negative": [1]}}), 400, "positive"),
    "no example": (dense(query={"recommend": {"strategy": "best_score"}}), 400, "positive or negative"),
    "too much diversity": (dense(query={"nearest": [1, 2], "mmr": {"diversity": 2}}), 422, "diversity"),
    "order without an index": ({"query": {"order_by": "a"}}, 400, "No range index for `order_by` key: `a`"),
    "another collection that does not exist": (
        dense(query=1, lookup_from={"collection": "nope"}),
        404,
        "Collection `nope` doesn't exist",
    ),
    "a shard key": (dense(shard_key="a"), 400, "Shard keys are not served"),
    "a question to be embedded here": (dense(query={"text": "hi", "model": "m"}), 400, "Inference"),
}


@pytest.mark.parametrize(("body", "status", "reason"), BAD_QUERIES.values(), ids=BAD_QUERIES.keys())
def test_a_bad_query_is_refused_and_says_why(http: httpx.Client, body: Any, status: int, reason: str) -> None:
    refused(http, "POST", QUERY, body, status, reason)


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "reason"),
    [
        ("POST", f"{POINTS}/payload", {"payload": {"x": 1}, "points": [99]}, 404, "No point with id 99"),
        ("POST", f"{POINTS}/payload", {"payload": {"x": 1}}, 422, "Either list of point ids or filter"),
        ("POST", f"{POINTS}/payload/delete", {"keys": ["x"]}, 422, "Either list of point ids or filter"),
        ("POST", f"{POINTS}/payload/clear", {}, 400, "filter"),
        ("POST", f"{POINTS}/delete", {"points": ["x"]}, 400, "x is not a valid point ID"),
        ("PUT", f"{POINTS}/vectors", {"points": [{"id": 99, "vector": {"dense": [1, 1]}}]}, 404, "99"),
        ("POST", f"{POINTS}/vectors/delete", {"points": [1], "vector": []}, 422, "at least one"),
        ("POST", f"{POINTS}/vectors/delete", {"points": [1], "vector": ["nope"]}, 400, "nope"),
        ("POST", f"{POINTS}/batch", {"operations": [{"explode": {}}]}, 400, "explode"),
        ("GET", f"{POINTS}/99", None, 404, "99"),
        ("GET", f"{POINTS}/abc", None, 400, "abc is not a valid point ID"),
        ("POST", POINTS, {"ids": ["abc"]}, 400, "abc is not a valid point ID"),
        ("POST", f"{POINTS}/scroll", {"order_by": "a"}, 400, "No range index"),
        ("POST", f"{POINTS}/scroll", {"order_by": "a", "offset": 1}, 400, "offset"),
        ("POST", f"/collections/{NAME}/facet", {"key": "a"}, 400, "No appropriate index for faceting"),
        ("POST", f"{QUERY}/groups", {"query": [1, 2], "using": "dense"}, 400, "group_by"),
        ("GET", "/collections/nope", None, 404, "Collection `nope` doesn't exist!"),
        ("PUT", "/collections/nope/points", {"points": [FINE]}, 404, "Collection `nope` doesn't exist!"),
        ("PUT", "/collections/bad%2Fname", {"vectors": {"size": 2, "distance": "Dot"}}, 404, "not an endpoint"),
        ("PUT", "/collections/a", {"vectors": {"size": 0, "distance": "Dot"}}, 422, "size"),
        ("PUT", "/collections/a", {"vectors": {"size": 2, "distance": "Far"}}, 400, "distance"),
        ("PUT", "/collections/a", {"vectors": {"size": 2, "distance": "Dot"}, "shard_number": 3}, 400, "shard_number"),
        ("POST", f"{POINTS}/count", {"filter": {"must": [{"nope": 1}]}}, 400, "filter.must"),
    ],
)
def test_a_bad_request_is_refused_and_says_why(
    http: httpx.Client, method: str, path: str, body: Any, status: int, reason: str
) -> None:
    refused(http, method, path, b"" if body is None else body, status, reason)


def test_a_batch_of_writes_with_a_bad_one_changes_nothing(http: httpx.Client) -> None:
    operations = [{"upsert": {"points": [FINE]}}, {"upsert": {"points": [{"id": 3, "vector": {"dense": [1]}}]}}]
    refused(http, "POST", f"{POINTS}/batch", {"operations": operations}, 400, "expected dim: 2, got 1")
    assert http.post(f"{POINTS}/count", json={}).json()["result"]["count"] == 1


def test_options_of_other_deployments_are_accepted(http: httpx.Client) -> None:
    options = {"wait": "true", "ordering": "strong", "timeout": "5"}
    answer = http.put(POINTS, params=options, json={"points": [{"id": 1, "vector": {"dense": [1, 2]}}]})
    assert answer.json()["result"]["status"] == "completed"
    answer = http.post(QUERY, params={"consistency": "majority", "timeout": "5"}, json=dense())
    assert answer.json()["status"] == "ok"
    assert http.put(POINTS, params={"wait": "perhaps"}, json={"points": [FINE]}).status_code == 400
    assert http.get(f"{POINTS}/{FINE['id']}").status_code == 404
