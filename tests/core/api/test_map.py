"""The map over HTTP: made by a real worker, looked at, listed, exported; texts and results found on it."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.core.api.test_learning import ended

CORPUS = "atlas"
THEMES = {
    "sea": "ship captain harbour sailor anchor storm island fleet",
    "field": "wheat farmer plough harvest barley tractor meadow orchard",
    "court": "judge lawyer verdict witness trial jury appeal statute",
}
EACH = 24


def documents() -> list[dict[str, Any]]:
    """Notes on three themes, the sea long ago and the courts of late."""
    made = []
    for decade, (theme, known) in enumerate(THEMES.items()):
        words = known.split()
        for number in range(EACH):
            said = [words[(number * step + step) % 8] for step in (1, 3, 5)]
            text = f"The {said[0]} and the {said[1]} were seen with the {said[2]}, note {number}."
            date = f"{1950 + 10 * decade}-{1 + number % 12:02}-01"
            made.append({"id": f"{theme}-{number}", "text": text, "labels": [theme], "date": date})
    return made


@pytest.fixture(scope="module")
def mapped(api: httpx.Client, finished: Callable[[httpx.Response], dict[str, Any]]) -> dict[str, Any]:
    """What came of a map, made by a worker."""
    finished(api.post("/v1/documents", json={"corpus": CORPUS, "documents": documents()}))
    body = {"kind": "map", "corpus": CORPUS, "parameters": {"projection": "pca"}}
    return ended(api, api.post("/v1/learning", json=body))


@pytest.fixture
def view(api: httpx.Client, mapped: dict[str, Any]) -> dict[str, Any]:
    assert mapped["state"] == "done", mapped
    return dict(api.get("/v1/map", params={"corpus": CORPUS}).raise_for_status().json())


def test_a_corpus_without_a_map_says_how_to_make_one(api: httpx.Client, corpus: str) -> None:
    answer = api.get("/v1/map", params={"corpus": corpus})
    assert answer.status_code == 404
    assert f"trivec train map --corpus {corpus}" in answer.json()["error"]["message"]


def test_the_map_holds_every_document_in_labelled_cells(mapped: dict[str, Any], view: dict[str, Any]) -> None:
    assert mapped["result"]["promoted"]
    assert mapped["result"]["placed"] == view["placed"] == view["documents"] == len(THEMES) * EACH
    assert view["model"] == f"{CORPUS}.map:1"
    assert sum(cell["count"] for cell in view["cells"]) == len(THEMES) * EACH
    full = [cell for cell in view["cells"] if cell["count"]]
    assert all(cell["label"] in THEMES and cell["nearest"].startswith(tuple(THEMES)) for cell in full)
    pure = [cell for cell in full if cell["label_share"] == 1]
    assert len(pure) > len(full) * 0.7
    assert any(set(cell["words"]) & set(THEMES[cell["label"]].split()) for cell in pure)
    sea, court = ([cell for cell in pure if cell["label"] == theme] for theme in ("sea", "court"))
    assert max(cell["age"] for cell in sea) < 0 < min(cell["age"] for cell in court)
    assert max(cell["trend"] for cell in sea) < 0 < min(cell["trend"] for cell in court)
    assert min(cell["trend_rate"] for cell in court) < 0.05


def test_the_points_are_the_documents(api: httpx.Client, view: dict[str, Any]) -> None:
    points = api.get("/v1/map/points", params={"corpus": CORPUS}).json()
    assert sorted(points["ids"]) == sorted(each["id"] for each in documents())
    assert len(points["x"]) == len(points["y"]) == len(points["cells"]) == points["total"]
    assert {points["labels"][code] for code in points["label"]} == set(THEMES)
    assert len(api.get("/v1/map/points", params={"corpus": CORPUS, "limit": 10}).json()["ids"]) == 10


def test_a_cell_lists_its_documents_and_a_search_stays_in_it(api: httpx.Client, view: dict[str, Any]) -> None:
    cell = max(view["cells"], key=lambda one: one["count"])
    listed = api.get(f"/v1/map/cells/{cell['number']}/documents", params={"corpus": CORPUS}).json()
    assert listed["total"] == cell["count"] == len(listed["documents"])
    distances = [each["distance"] for each in listed["documents"]]
    assert distances == sorted(distances)
    body = {"query": "judge ship farmer", "corpus": CORPUS, "filters": {"cells": [cell["number"]]}, "limit": 100}
    hits = {hit["document_id"] for hit in api.post("/v1/search", json=body).json()["hits"]}
    assert hits
    assert hits <= {each["document_id"] for each in listed["documents"]}


def test_chosen_cells_are_filtered_and_exported(api: httpx.Client, view: dict[str, Any]) -> None:
    cells = [cell["number"] for cell in view["cells"] if cell["label"] == "sea"]
    body = {"corpus": CORPUS, "cells": cells, "filters": {"labels": ["sea"]}}
    assert api.post("/v1/map/documents", json=body).json()["total"] > EACH * 0.7
    exported = api.post("/v1/map/documents/export", params={"format": "csv"}, json=body)
    assert exported.headers["content-disposition"].endswith('atlas-map.csv"')
    assert exported.text.count("\nsea-") > EACH * 0.7
    assert "\ncourt-" not in exported.text


def test_texts_and_results_are_found_on_the_map(api: httpx.Client, view: dict[str, Any]) -> None:
    texts = [f"The {one} was seen, note 99." for one in ("ship and the storm", "judge and the jury")]
    found = api.post("/v1/map/locate", json={"corpus": CORPUS, "texts": texts}).json()
    labels = [view["cells"][place["cell"]]["label"] for place in found["places"]]
    assert labels == ["sea", "court"]
    search = {"query": "harvest of barley", "corpus": CORPUS, "limit": 5}
    lit = api.post("/v1/map/locate", json={"corpus": CORPUS, "search": search}).json()["places"]
    assert len(lit) == 5
    assert {view["cells"][place["cell"]]["label"] for place in lit} == {"field"}


def test_new_documents_get_their_place_without_another_map(
    api: httpx.Client, view: dict[str, Any], finished: Callable[[httpx.Response], dict[str, Any]]
) -> None:
    text = "The captain of the ship saw the island."
    finished(api.post("/v1/documents", json={"corpus": CORPUS, "documents": [{"id": "sea-new", "text": text}]}))
    search = {"query": text, "corpus": CORPUS, "limit": 1}
    [place] = api.post("/v1/map/locate", json={"corpus": CORPUS, "search": search}).json()["places"]
    assert (place["document_id"], view["cells"][place["cell"]]["label"]) == ("sea-new", "sea")
    body = {"kind": "map", "corpus": CORPUS, "parameters": {"only_if_new": True}}
    job = ended(api, api.post("/v1/learning", json=body))
    assert job["result"] == {"placed": 1}
    now = api.get("/v1/map", params={"corpus": CORPUS}).json()
    assert (now["model"], now["placed"]) == (view["model"], view["placed"] + 1)


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("/v1/map/documents", {"corpus": CORPUS, "cells": [9000]}, "has no cell 9000"),
        ("/v1/map/locate", {"corpus": CORPUS}, "give either `texts` or `search`"),
        ("/v1/map/locate", {"corpus": CORPUS, "search": {"query": "a", "corpus": "other"}}, "the map is of"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(
    api: httpx.Client, mapped: dict[str, Any], path: str, body: dict[str, Any], said: str
) -> None:
    assert mapped
    answer = api.post(path, json=body)
    assert answer.status_code in (404, 422)
    assert said in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("parameters", "said"),
    [({"vector": "bm25"}, "no dense vector 'bm25'"), ({"colour": "red"}, "map has no parameter 'colour'")],
)
def test_a_map_that_cannot_be_made_fails_with_a_reason(
    api: httpx.Client, mapped: dict[str, Any], parameters: dict[str, Any], said: str
) -> None:
    assert mapped
    job = ended(api, api.post("/v1/learning", json={"kind": "map", "corpus": CORPUS, "parameters": parameters}))
    assert job["state"] == "failed"
    assert said in job["error"]
