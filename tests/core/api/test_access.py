"""Who may do what, how much at once, and what is told about it."""

import gc
from collections.abc import Iterator

import httpx
import pytest

from trivec.api.auth import Keys
from trivec.errors import NotAllowed

WRITES = [
    ("POST", "/v1/documents"),
    ("POST", "/v1/ingest"),
    ("POST", "/v1/ingest/preview"),
    ("POST", "/v1/jobs/x/cancel"),
    ("POST", "/v1/jobs/x/retry"),
    ("POST", "/v1/learning"),
    ("DELETE", "/v1/learning/x"),
    ("POST", "/v1/models/x/promote"),
    ("POST", "/v1/models/x/rollback"),
    ("DELETE", "/v1/corpora/x"),
    ("DELETE", "/v1/corpora/x/sources/y"),
    ("DELETE", "/v1/documents/x?corpus=x"),
]
READS = [
    ("GET", "/v1/corpora"),
    ("GET", "/v1/corpora/x/export"),
    ("GET", "/v1/documents/x?corpus=x"),
    ("GET", "/v1/jobs"),
    ("GET", "/v1/jobs/x/rejects"),
    ("GET", "/v1/learning"),
    ("GET", "/v1/learning/x"),
    ("GET", "/v1/models"),
    ("GET", "/v1/models/x"),
    ("GET", "/metrics"),
    ("POST", "/v1/classify"),
    ("POST", "/v1/search"),
    ("POST", "/v1/search/export"),
]
OPEN = {"/healthz", "/readyz"}


@pytest.mark.parametrize(("method", "path"), WRITES + READS)
def test_without_a_known_key_nothing_opens(guarded: httpx.Client, method: str, path: str) -> None:
    for headers in ({}, {"X-API-Key": "guess"}, {"Authorization": "Bearer guess"}, {"Authorization": "Basic dG91Y2g="}):
        answer = guarded.request(method, path, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "not_allowed")
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_a_read_key_does_not_write(guarded: httpx.Client, method: str, path: str) -> None:
    answer = guarded.request(method, path, headers={"X-API-Key": "look"})
    assert answer.status_code == 403
    assert "only read" in answer.json()["error"]["message"]


@pytest.mark.parametrize("key", ["look", "touch"])
@pytest.mark.parametrize(("method", "path"), READS)
def test_both_keys_read(guarded: httpx.Client, method: str, path: str, key: str) -> None:
    assert guarded.request(method, path, headers={"Authorization": f"Bearer {key}"}).status_code not in (401, 403)


def test_every_path_but_health_asks_for_a_key(guarded: httpx.Client) -> None:
    for path, methods in guarded.get("/openapi.json").json()["paths"].items():
        for method, described in methods.items():
            assert ("security" in described) == (path not in OPEN), (method, path)


def test_read_keys_alone_do_not_let_anybody_write() -> None:
    keys = Keys(read=("look",))
    keys.check("look", "read")
    with pytest.raises(NotAllowed) as refused:
        keys.check("look", "write")
    assert refused.value.status == 403


def test_a_declared_body_over_the_limit_is_refused_before_it_is_read(api: httpx.Client) -> None:
    answer = api.post("/v1/search", content=b" " * (1024 * 1024 + 1), headers={"content-type": "application/json"})
    assert answer.status_code == 413
    assert "1 MiB" in answer.json()["error"]["message"]
    assert "TRIVEC_MAX_BODY_MIB" in answer.json()["error"]["message"]


# python-multipart leaves the file of a form that breaks off to the garbage collector
@pytest.mark.filterwarnings("ignore:.*/uploads/.*:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("path", ["/v1/search", "/v1/ingest", "/v1/documents"])
def test_a_streamed_body_over_the_limit_is_refused_when_it_gets_there(api: httpx.Client, path: str) -> None:
    def endless() -> Iterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
        for _ in range(2 * 24):
            yield b"a" * 65536

    answer = api.post(path, content=endless(), headers={"content-type": "multipart/form-data; boundary=x"})
    assert answer.status_code in (413, 422)
    if path == "/v1/ingest":
        assert answer.json()["error"]["code"] == "too_large"
        assert "2 MiB" in answer.json()["error"]["message"]
    gc.collect()


def test_a_request_keeps_its_id_if_harmless_and_gets_one_otherwise(api: httpx.Client) -> None:
    assert api.get("/healthz", headers={"X-Request-ID": "trace-1.a"}).headers["x-request-id"] == "trace-1.a"
    own = api.get("/healthz", headers={"X-Request-ID": "a b<script>"}).headers["x-request-id"]
    assert len(own) == 32


def test_other_sites_get_no_cors_permission(api: httpx.Client) -> None:
    answer = api.get("/v1/corpora", headers={"Origin": "https://elsewhere.example"})
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_pages_of_other_sites_do_not_write_to_an_open_api(api: httpx.Client) -> None:
    body = {"corpus": "evil", "documents": [{"id": "a", "text": "b"}]}
    refused = api.post("/v1/documents", json=body, headers={"Origin": "https://elsewhere.example"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "not_allowed")
    assert api.get("/v1/corpora/evil").status_code == 404
    own = api.delete("/v1/corpora/evil", headers={"Origin": str(api.base_url).rstrip("/")})
    assert own.status_code == 404


def test_an_unknown_path_answers_in_our_shape(api: httpx.Client) -> None:
    answer = api.get("/v1/nothing")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
    assert api.put("/v1/corpora").json()["error"]["code"] == "method_not_allowed"


def test_metrics_count_requests_by_route_and_searches_by_mode(api: httpx.Client, corpus: str) -> None:
    api.post("/v1/search", json={"corpus": corpus, "query": "gold", "using": ["bert", "bm25"], "fusion": "rrf"})
    text = api.get("/metrics").text
    assert 'trivec_requests_total{method="POST",route="/v1/search",status="200"}' in text
    assert 'trivec_searches_total{fusion="rrf",using="bert+bm25"}' in text
    assert 'trivec_jobs{state="done"}' in text
    assert "trivec_request_seconds_bucket" in text


def test_ready_says_which_part_is_missing(api: httpx.Client, lonely: httpx.Client) -> None:
    assert api.get("/readyz").json() == {"ready": True, "parts": {"node": "ok", "redis": "ok"}}
    answer = lonely.get("/readyz")
    assert answer.status_code == 503
    assert "127.0.0.1:9" in answer.json()["parts"]["node"]
    assert lonely.get("/healthz").status_code == 200


def test_a_part_that_is_away_is_unavailable_not_an_inner_failure(lonely: httpx.Client) -> None:
    answer = lonely.get("/v1/corpora")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "unavailable")
