"""Anomalies over HTTP: learned in a real worker, then asked for, explained, marked."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.core.api.test_learning import ended

CORPUS = "counter"
WORDS = ["loan", "deposit", "interest", "mortgage", "credit", "teller", "vault", "silver", "dollar", "debt"]
ODD = "WIN!!! a FREE iguana, call 09061701461 NOW %%%@@@ 77777777"


def documents() -> list[dict[str, Any]]:
    """A hundred and twenty alike, and one that is not."""
    made = []
    for number in range(120):
        first, second, third = (WORDS[(number * step + step) % 10] for step in (1, 3, 7))
        made.append({"id": f"d{number}", "text": f"The {first} and the {second} of row {number} were a {third}."})
    return [*made, {"id": "odd", "text": ODD}]


@pytest.fixture(scope="module")
def learned(api: httpx.Client, finished: Callable[[httpx.Response], dict[str, Any]]) -> dict[str, Any]:
    """What came of learning what is usual."""
    finished(api.post("/v1/documents", json={"corpus": CORPUS, "documents": documents()}))
    return ended(api, api.post("/v1/learning", json={"kind": "anomalies", "corpus": CORPUS}))


def test_the_oddest_document_is_named_explained_and_marked(api: httpx.Client, learned: dict[str, Any]) -> None:
    assert (learned["state"], learned["error"], learned["result"]["scored"]) == ("done", "", 121)
    answer = api.post("/v1/anomalies", json={"corpus": CORPUS, "limit": 3}).json()
    assert (answer["model"], answer["scored"], len(answer["found"])) == (f"{CORPUS}.anomalies:1", 121, 3)
    assert answer["found"][0]["document_id"] == "odd"
    said = api.post("/v1/anomalies/explain", json={"corpus": CORPUS, "text": ODD}).json()
    assert said["p_value"] < 0.05
    assert said["words"]
    assert all(word["word"] in ODD for word in said["words"])
    own = api.post("/v1/anomalies/explain", json={"corpus": CORPUS, "document_id": "odd"}).json()
    assert (own["text"], own["p_value"] < 0.05) == (ODD, True)
    mark = {"corpus": CORPUS, "document_id": "odd", "passage_number": 0, "mark": "fine"}
    assert api.put("/v1/anomalies/marks", json=mark).status_code == 204
    assert api.post("/v1/anomalies", json={"corpus": CORPUS}).json()["found"][0]["document_id"] != "odd"
    assert api.put("/v1/anomalies/marks", json=mark | {"mark": None}).status_code == 204


@pytest.mark.usefixtures("learned")
def test_texts_drift_and_near_duplicates_are_answered(api: httpx.Client) -> None:
    texts = ["The loan and the debt of row 9 were a vault.", ODD]
    scored = api.post("/v1/anomalies/score", json={"corpus": CORPUS, "texts": texts}).json()["texts"]
    assert scored[0]["p_value"] > scored[1]["p_value"]
    assert api.get("/v1/anomalies/drift", params={"corpus": CORPUS}).json()["state"] == "too few"
    assert api.get("/v1/anomalies/duplicates", params={"corpus": CORPUS}).json()["documents"] == 121


@pytest.mark.usefixtures("learned")
def test_what_cannot_be_judged_is_said(api: httpx.Client, guarded: httpx.Client, corpus: str) -> None:
    untaught = api.post("/v1/anomalies", json={"corpus": corpus})
    assert untaught.status_code == 404
    assert "trivec train anomalies" in untaught.json()["error"]["message"]
    assert api.post("/v1/anomalies/score", json={"corpus": CORPUS, "texts": ["..."]}).status_code == 422
    for unclear in ({}, {"text": ODD, "document_id": "odd"}):
        answer = api.post("/v1/anomalies/explain", json={"corpus": CORPUS, **unclear})
        assert (answer.status_code, "either a text of your own" in answer.text) == (422, True)
    assert api.post("/v1/anomalies/explain", json={"corpus": CORPUS, "document_id": "nobody"}).status_code == 404
    titles = {"corpus": CORPUS, "texts": [ODD], "titles": ["one", "two"]}
    assert "2 titles were given for 1 texts" in api.post("/v1/anomalies/score", json=titles).text
    mark = {"corpus": CORPUS, "document_id": "odd", "mark": "fine"}
    assert guarded.put("/v1/anomalies/marks", json=mark, headers={"X-API-Key": "look"}).status_code == 403
