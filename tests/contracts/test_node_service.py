"""The node as operators see it: probes, metrics, keys, limits, and what it says about things it does not serve."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from qdrant_client import QdrantClient, models
from qdrant_client.common.version_check import is_compatible
from qdrant_client.http.exceptions import UnexpectedResponse

WRITE, READ = "write-key", "read-key"
COLLECTION = {"vectors": {"size": 2, "distance": "Dot"}}


@pytest.fixture(scope="module")
def locked_url(run_node: Any, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A node with both keys and one collection."""
    node = run_node(tmp_path_factory.mktemp("locked"), api_key=WRITE, read_only_api_key=READ)
    httpx.put(f"{node.url}/collections/kept", json=COLLECTION, headers={"api-key": WRITE}).raise_for_status()
    return str(node.url)


@pytest.fixture
def open_http(node_url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=node_url) as client:
        yield client


@pytest.mark.parametrize("path", ["/healthz", "/livez", "/readyz", "/"])
def test_probes_need_no_key(locked_url: str, path: str) -> None:
    assert httpx.get(locked_url + path).status_code == 200


@pytest.mark.parametrize("headers", [{}, {"api-key": "guess"}, {"Authorization": "Bearer guess"}, {"api-key": "é"}])
def test_without_a_known_key_nothing_is_told(locked_url: str, headers: dict[str, str]) -> None:
    encoded = {name: value.encode("latin-1") for name, value in headers.items()}
    for path in ("/collections", "/metrics", "/telemetry", "/collections/kept", "/collections/missing"):
        answer = httpx.get(locked_url + path, headers=encoded)
        assert answer.status_code == 401, path
        assert "key" in answer.json()["status"]["error"].lower()


@pytest.mark.parametrize("headers", [{"api-key": READ}, {"Authorization": f"Bearer {READ}"}])
def test_the_read_only_key_reads_and_changes_nothing(locked_url: str, headers: dict[str, str]) -> None:
    with httpx.Client(base_url=locked_url, headers=headers) as client:
        assert client.post("/collections/kept/points/query", json={"query": [1, 2]}).status_code == 200
        assert client.post("/collections/kept/points/scroll", json={}).status_code == 200
        refused = [
            client.put("/collections/new", json=COLLECTION),
            client.delete("/collections/kept"),
            client.put("/collections/kept/points", json={"points": []}),
            client.post("/collections/kept/points/delete", json={"points": [1]}),
            client.post("/collections/kept/snapshots"),
            client.post("/collections/aliases", json={"actions": []}),
        ]
        assert {answer.status_code for answer in refused} == {403}
        assert "write access" in refused[0].json()["status"]["error"]


@pytest.mark.filterwarnings("ignore:Api key is used with an insecure connection")
def test_the_official_client_passes_its_key(locked_url: str) -> None:
    client = QdrantClient(url=locked_url, api_key=WRITE)
    client.upsert("kept", [models.PointStruct(id=1, vector=[1, 2])])
    assert client.count("kept").count == 1
    client.close()
    with pytest.raises(UnexpectedResponse) as refusal:
        QdrantClient(url=locked_url, api_key="wrong", check_compatibility=False).get_collections()
    assert refusal.value.status_code == 401


def test_the_client_takes_the_version_for_compatible(open_http: httpx.Client) -> None:
    from importlib.metadata import version

    assert is_compatible(version("qdrant-client"), open_http.get("/").json()["version"])


def test_metrics_count_answers_by_endpoint(open_http: httpx.Client) -> None:
    name = "rest_responses_total"
    labels = 'endpoint="/collections/{collection}/exists",method="GET",status="200"'

    def count() -> float:
        lines = open_http.get("/metrics").text.splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.startswith(f"{name}{{{labels}}}"))

    before = count()
    open_http.get("/collections/whatever/exists")
    assert count() == before + 1
    text = open_http.get("/metrics").text
    assert "collections_total" in text
    assert "memory_resident_bytes" in text
    assert "rest_responses_duration_seconds_bucket" in text


def test_telemetry_has_qdrants_form(node_url: str) -> None:
    client = QdrantClient(url=node_url)
    telemetry = client.http.service_api.telemetry().result
    assert telemetry is not None
    assert telemetry.collections.number_of_collections == len(client.get_collections().collections)
    client.close()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/collections/x/shards"),
        ("POST", "/collections/x/shards/delete"),
        ("POST", "/collections/x/cluster"),
        ("POST", "/collections/x/shards/0/snapshots"),
        ("DELETE", "/cluster/peer/7"),
        ("POST", "/cluster/recover"),
        ("GET", "/issues"),
        ("POST", "/collections/x/points/search"),
        ("POST", "/collections/x/points/recommend/batch"),
    ],
)
def test_what_one_machine_does_not_serve_is_said(open_http: httpx.Client, method: str, path: str) -> None:
    answer = open_http.request(method, path, json={})
    assert answer.status_code == 400
    assert "not served" in answer.json()["status"]["error"]


def test_unknown_paths_and_methods_are_errors_in_qdrants_form(open_http: httpx.Client) -> None:
    for method, path, status in (("GET", "/nowhere", 404), ("PATCH", "/collections", 405)):
        answer = open_http.request(method, path)
        assert answer.status_code == status
        assert path in answer.json()["status"]["error"]


def test_a_body_over_the_limit_is_refused_and_the_node_lives_on(open_http: httpx.Client) -> None:
    answer = open_http.put("/collections/x/points", content=b" " * (33 * 1024 * 1024))
    assert answer.status_code == 413
    assert "larger than allowed" in answer.json()["status"]["error"]
    assert open_http.get("/healthz").status_code == 200


def test_a_node_stops_cleanly_and_starts_again(run_node: Any, tmp_path: Path) -> None:
    node = run_node(tmp_path)
    client = QdrantClient(url=node.url)
    client.create_collection("kept", models.VectorParams(size=2, distance=models.Distance.DOT))
    client.upsert("kept", [models.PointStruct(id=1, vector=[1, 2])])
    client.close()
    assert node.stop() == 0
    again = QdrantClient(url=run_node(tmp_path).url)
    assert again.count("kept").count == 1
    again.close()


def test_a_folder_is_served_by_one_node_at_a_time(run_node: Any, tmp_path: Path) -> None:
    run_node(tmp_path)
    with pytest.raises(AssertionError, match="the node ended with 1"):
        run_node(tmp_path)
