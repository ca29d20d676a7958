"""Learning over HTTP, in a real worker: a job to watch, a model to look at, a way back."""

import time
from typing import Any

import httpx
import pytest

from tests.core.api.conftest import DOCUMENTS

PATIENCE = 300.0


def ended(api: httpx.Client, answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 202, answer.text
    deadline = time.monotonic() + PATIENCE
    while (job := api.get(f"/v1/learning/{answer.json()['id']}").json())["state"] in ("waiting", "running"):
        assert time.monotonic() < deadline, job
        time.sleep(0.1)
    return dict(job)


@pytest.fixture(scope="module")
def learned(api: httpx.Client, corpus: str) -> dict[str, Any]:
    """What came of learning word weights twice (the corpus is too small for Word2Vec)."""
    api.get("/v1/models", timeout=PATIENCE)  # loads MLflow, which takes long on a busy machine
    wanted = {"kind": "vectors", "corpus": corpus}
    ended(api, api.post("/v1/learning", json=wanted))
    return ended(api, api.post("/v1/learning", json=wanted))


def test_a_job_is_done_by_a_worker_and_listed(api: httpx.Client, corpus: str, learned: dict[str, Any]) -> None:
    assert (learned["state"], learned["error"], learned["share"]) == ("done", "", 1.0)
    assert learned["result"]["generation"] == api.get(f"/v1/corpora/{corpus}").json()["generation"]
    assert learned in api.get("/v1/learning").json()["jobs"]
    assert api.get(f"/v1/corpora/{corpus}").json()["documents"] == len(DOCUMENTS)


def test_a_model_shows_its_versions_and_decisions(api: httpx.Client, corpus: str, learned: dict[str, Any]) -> None:
    name = f"{corpus}.weights"
    [reference] = [each for each in learned["result"]["models"] if each.startswith(name)]
    shown = api.get(f"/v1/models/{name}").json()
    assert (shown["champion"], shown["rollback_to"]) == (reference, f"{name}:1")
    assert [version["version"] for version in shown["versions"]] == [2, 1]
    assert shown["versions"][0]["parameters"] == {"documents": str(len(DOCUMENTS))}
    assert [decision["action"] for decision in shown["decisions"]] == ["promote", "promote"]
    [listed] = [each for each in api.get("/v1/models").json()["models"] if each["name"] == name]
    assert (listed["champion"], listed["versions"]) == (reference, 2)


@pytest.mark.usefixtures("learned")
def test_rolling_back_and_promoting_switch_the_generation(api: httpx.Client, corpus: str) -> None:
    name = f"{corpus}.weights"

    def generation() -> int:
        return int(api.get(f"/v1/corpora/{corpus}").json()["generation"])

    newest = generation()
    assert api.post(f"/v1/models/{name}/rollback").json() == {"name": name, "champion": f"{name}:1"}
    assert generation() == newest - 1
    shown = api.get(f"/v1/models/{name}").json()
    assert (shown["can_roll_back"], shown["rollback_to"]) == (False, None), "no corpus is without its word weights"
    refused = api.post(f"/v1/models/{name}/rollback")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "conflict")
    promoted = api.post(f"/v1/models/{name}/promote", json={"version": 2, "reason": "liked it"})
    assert promoted.json()["champion"] == f"{name}:2"
    assert generation() == newest
    last = api.get(f"/v1/models/{name}").json()["decisions"][-1]
    assert (last["action"], last["version"], last["reason"]) == ("promote", 2, "liked it")
    assert api.get(f"/v1/corpora/{corpus}").json()["documents"] == len(DOCUMENTS)


@pytest.mark.usefixtures("learned")
def test_what_does_not_exist_is_named(api: httpx.Client, corpus: str) -> None:
    body = {"version": 99, "reason": "a try"}
    for answer in (
        api.get("/v1/models/nowhere.fusion"),
        api.post(f"/v1/models/{corpus}.weights/promote", json=body),
        api.get("/v1/learning/nobody"),
        api.delete("/v1/learning/nobody"),
        api.post("/v1/learning", json={"kind": "vectors", "corpus": "nowhere"}),
    ):
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found"), answer.text
    assert api.post("/v1/learning", json={"kind": "magic", "corpus": corpus}).status_code == 422


def test_an_ended_job_cannot_be_cancelled(api: httpx.Client, learned: dict[str, Any]) -> None:
    answer = api.delete(f"/v1/learning/{learned['id']}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "conflict")
