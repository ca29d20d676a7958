"""Classification over HTTP: labels in, a classifier trained in a real worker, and what it says."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.core.api.test_learning import ended

CORPUS = "desk"
KINDS = {
    ("nature", "rain"): "rain flood storm cloud river thunder dam",
    ("nature", "birds"): "heron nest wing feather eagle song egg",
    ("money", "banks"): "loan deposit interest mortgage credit teller vault",
}


def documents() -> list[dict[str, Any]]:
    """Twenty-five of each kind, and one without labels."""
    made = []
    for number in range(75):
        path, words = list(KINDS.items())[number % 3]
        told = words.split()
        text = f"Today number {number}: {told[number % 7]}, {told[(number + 2) % 7]} and {told[(number + 3) % 7]}."
        made.append({"id": f"d{number}", "text": text, "labels": list(path)})
    return [*made, {"id": "open", "text": "The storm brought rain, and the river a flood."}]


@pytest.fixture(scope="module")
def classifier(api: httpx.Client, finished: Callable[[httpx.Response], dict[str, Any]]) -> dict[str, Any]:
    """What came of training it, without the encoder of its own that takes minutes."""
    finished(api.post("/v1/documents", json={"corpus": CORPUS, "documents": documents()}))
    return ended(api, api.post("/v1/learning", json={"kind": "taxonomy", "corpus": CORPUS, "parameters": {"tune": ""}}))


def test_a_classifier_is_trained_judged_and_classifies_its_corpus(
    api: httpx.Client, classifier: dict[str, Any]
) -> None:
    assert (classifier["state"], classifier["error"]) == ("done", "")
    result = classifier["result"]
    assert (result["reference"], result["promoted"], result["classified"]) == (f"{CORPUS}.taxonomy:1", True, 76)
    assert api.get(f"/v1/models/{CORPUS}.taxonomy").json()["decisions"][0]["reason"] == result["verdict"]
    document = api.get("/v1/documents/open", params={"corpus": CORPUS}).json()
    assert document["labels"] == []
    assert document["predicted"]["labels"] == ["nature", "rain"]
    assert document["predicted"]["model"] == result["reference"]
    assert 0 < document["predicted"]["confidence"] <= 1


@pytest.mark.usefixtures("classifier")
def test_a_text_gets_its_path_its_chances_and_documents_like_it(api: httpx.Client) -> None:
    body = {"corpus": CORPUS, "text": "An eagle on its nest, an egg below a wing.", "similar": 3}
    said = api.post("/v1/classify", json=body).json()
    assert said["labels"] == ["nature", "birds"]
    assert [level[0]["label"] for level in said["levels"]] == ["nature", "birds"]
    assert said["levels"][1][0]["parent"] == "nature"
    assert said["levels"][1][0]["probability"] == pytest.approx(said["confidence"])
    assert len(said["similar"]) == 3
    assert said["similar"][0]["labels"] == ["nature", "birds"]


@pytest.mark.usefixtures("classifier")
def test_what_cannot_be_classified_is_said(api: httpx.Client, corpus: str) -> None:
    untaught = api.post("/v1/classify", json={"corpus": corpus, "text": "gold"})
    assert untaught.status_code == 404
    assert "trivec train taxonomy" in untaught.json()["error"]["message"]
    assert api.post("/v1/classify", json={"corpus": CORPUS, "text": " "}).status_code == 422
    assert api.post("/v1/classify", json={"corpus": CORPUS, "text": ""}).status_code == 422
