"""Trends over HTTP: dated documents in, series and forecasts, a report by a real worker, terms and movements out."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.core.api.test_learning import ended

CORPUS = "harvest"
WORDS = ["wheat", "corn", "barley", "rye", "oats", "hay", "clover", "straw"]


def documents() -> list[dict[str, Any]]:
    """Eight notes in each of sixteen years; from the twelfth on half of them speak of tractors."""
    made = []
    for year in range(1910, 1926):
        for number in range(8):
            said = [WORDS[(year + number + step) % 8] for step in range(4)]
            said += ["tractors"] if year >= 1921 and number % 2 else []
            text = f"The farmers brought in {', '.join(said)}."
            labels = ["farm", "machines" if "tractors" in said else "crops"]
            made.append({"id": f"{year}-{number}", "text": text, "labels": labels, "date": f"{year}-0{number + 1}-15"})
    return made


@pytest.fixture(scope="module")
def corpus(api: httpx.Client, finished: Callable[[httpx.Response], dict[str, Any]]) -> str:
    finished(api.post("/v1/documents", json={"corpus": CORPUS, "documents": documents()}))
    return CORPUS


@pytest.fixture(scope="module")
def report(api: httpx.Client, corpus: str) -> dict[str, Any]:
    """What came of a report, made by a worker."""
    return ended(api, api.post("/v1/learning", json={"kind": "trends", "corpus": corpus}))


def test_a_topic_comes_with_its_series_its_forecast_and_its_test(api: httpx.Client, corpus: str) -> None:
    body = {"corpus": corpus, "topics": [{"value": "tractors"}, {"kind": "label", "value": "crops"}], "horizon": 2}
    answer = api.post("/v1/trends", json=body).json()
    assert (answer["frequency"], answer["measure"], answer["experience"]) == ("year", "share", "")
    tractors, crops = answer["trends"]
    assert tractors["topic"] == {"kind": "term", "value": "tractors"}
    assert (tractors["unit"], crops["unit"]) == ("passages", "documents")
    assert tractors["counts"] == [0] * 11 + [4] * 5
    assert tractors["values"] == [0.0] * 11 + [0.5] * 5
    assert [change["period"] for change in tractors["changes"]] == ["1921"]
    assert tractors["forecast"]["periods"] == ["1926", "1927"]
    assert 0.3 < tractors["forecast"]["middle"][0] <= 0.55
    assert tractors["tested"]["origins"] > 0
    assert (tractors["tested"]["helped"], answer["left_out"]) == (0, 0)
    assert set(tractors["tested"]["mase"]) == {"trivec", "naive", "mean"}


def test_too_few_periods_are_refused_in_words(api: httpx.Client, corpus: str) -> None:
    body = {"corpus": corpus, "topics": [{"value": "wheat"}], "date_from": "1923-01-01"}
    [trend] = api.post("/v1/trends", json={**body, "frequency": "year"}).json()["trends"]
    assert trend["periods"] == ["1923", "1924", "1925"]
    assert trend["forecast"] is None
    assert "3 known periods are too few" in trend["refusal"]


def test_what_cannot_be_asked_is_a_clear_error(api: httpx.Client, corpus: str) -> None:
    assert api.post("/v1/trends", json={"corpus": corpus, "topics": []}).status_code == 422
    body = {"corpus": corpus, "topics": [{"kind": "mood", "value": "gay"}]}
    assert api.post("/v1/trends", json=body).status_code == 422
    missing = api.post("/v1/trends/terms", json={"corpus": "nowhere"})
    assert missing.status_code == 404
    assert "trivec train trends" in missing.json()["error"]["message"]


def test_a_report_tells_the_terms_that_come(api: httpx.Client, report: dict[str, Any]) -> None:
    assert (report["state"], report["error"]) == ("done", "")
    answer = api.post("/v1/trends/terms", json={"corpus": CORPUS, "recent": 5}).json()
    assert answer["report"] == report["result"]["reference"] == f"{CORPUS}.trends:1"
    assert answer["left_out"] == 0
    assert answer["recent"] == [str(year) for year in range(1921, 1926)]
    assert "tractors" in {each["term"] for each in answer["emerging"]}
    assert not {each["term"] for each in answer["emerging"]} & set(WORDS)


@pytest.mark.usefixtures("report")
def test_a_topic_moves_and_words_need_more_text(api: httpx.Client, corpus: str) -> None:
    body = {"corpus": corpus, "topic": {"kind": "label", "value": "crops"}, "using": "bert", "near": 2}
    answer = api.post("/v1/trends/drift", json=body).json()
    assert len(answer["periods"]) == len(answer["steps"]) == len(answer["travelled"]) == 16
    assert len(answer["near"]) == 2
    assert (answer["moving"], answer["left_out"]) == (0.0, 0)
    refused = api.get("/v1/trends/words/wheat", params={"corpus": corpus})
    assert refused.status_code == 422
    assert "too little dated text" in refused.json()["error"]["message"]
