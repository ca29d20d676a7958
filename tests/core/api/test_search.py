"""Questions over HTTP: what comes back, and what is refused with which words."""

import asyncio
import math
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tests.support.processes import Stack
from trivec.api.app import create_app
from trivec.api.schemas import SearchAnswer


def ask(api: httpx.Client, corpus: str, query: str, **options: Any) -> dict[str, Any]:
    answer = api.post("/v1/search", json={"corpus": corpus, "query": query, **options})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_the_answer_is_what_openapi_says(api: httpx.Client, corpus: str) -> None:
    answer = ask(api, corpus, "steel ships for sailors", explain=True, facets=["labels"], histogram="year")
    parsed = SearchAnswer.model_validate(answer)
    assert set(answer) == set(SearchAnswer.model_fields)
    assert set(answer["hits"][0]) == set(type(parsed.hits[0]).model_fields)
    assert parsed.hits[0].document_id == "navy"


def test_contributions_add_up_to_the_score(api: httpx.Client, corpus: str) -> None:
    for hit in ask(api, corpus, "gold and silver prices", explain=True)["hits"]:
        parts = sum(part["contribution"] for part in hit["explanation"]["sources"])
        assert math.isclose(parts, hit["score"], abs_tol=1e-6)
    assert all(hit["explanation"] is None for hit in ask(api, corpus, "gold and silver prices")["hits"])


def test_filters_facets_and_histogram_agree(api: httpx.Client, corpus: str) -> None:
    inside = {"date_from": "1890-01-01", "date_to": "1891-01-01", "labels": ["money"]}
    answer = ask(api, corpus, "money", filters=inside, facets=["labels"], histogram="year")
    assert {hit["document_id"] for hit in answer["hits"]} == {"gold", "silver"}
    assert answer["histogram"] == [{"value": "1890", "count": 2}]
    assert {each["value"]: each["count"] for each in answer["facets"]["labels"]} == {"economy": 2, "money": 2}


def test_pages_follow_each_other(api: httpx.Client, corpus: str) -> None:
    whole = [hit["document_id"] for hit in ask(api, corpus, "the western coast", limit=4)["hits"]]
    pages = [ask(api, corpus, "the western coast", limit=2, offset=offset)["hits"] for offset in (0, 2)]
    assert [hit["document_id"] for page in pages for hit in page] == whole


def test_highlights_mark_the_words_asked_for(api: httpx.Client, corpus: str) -> None:
    hit = ask(api, corpus, "sailor", limit=1)["hits"][0]
    marked = [hit["passage"][span["start"] : span["end"]] for span in hit["highlights"]]
    assert marked == ["sailors"]


@pytest.mark.parametrize(
    ("options", "status", "complaint"),
    [
        ({"limit": 0}, 422, "body.limit"),
        ({"limit": 201}, 422, "less than or equal to 200, not 201"),
        ({"offset": 10_001}, 422, "body.offset"),
        ({"weights": {"bm25": -1}}, 422, "body.weights.bm25"),
        ({"diversity": 2}, 422, "body.diversity"),
        ({"fusion": "magic"}, 422, "not 'magic'"),
        ({"usign": ["bm25"]}, 422, "body.usign"),
        ({"using": ["word3vec"]}, 422, "word3vec"),
        ({"filters": {"date_from": "soon"}}, 422, "body.filters.date_from"),
        ({"query": "long " * 1000}, 413, "1,000"),
        ({"corpus": "nwes"}, 404, "nwes"),
        ({"corpus": "../etc"}, 422, "body.corpus"),
    ],
)
def test_what_cannot_be_asked_is_said(
    api: httpx.Client, corpus: str, options: dict[str, Any], status: int, complaint: str
) -> None:
    answer = api.post("/v1/search", json={"corpus": corpus, "query": "gold"} | options)
    assert answer.status_code == status, answer.text
    assert set(answer.json()) == {"error"}
    assert complaint in answer.json()["error"]["message"]


def test_everything_a_search_finds_can_be_exported(api: httpx.Client, corpus: str) -> None:
    body = {"corpus": corpus, "query": "gold", "using": ["bm25"]}
    answer = api.post("/v1/search/export", params={"format": "csv"}, json=body)
    assert answer.status_code == 200
    assert "The gold standard fixes" in answer.text
    assert "sailors" not in answer.text


@pytest.mark.parametrize(
    "content",
    [
        b'{"corpus": "messages", "query": "gold and silver", "explain": true, "facets": ["source"]}',
        b'{"corpus": "messages", "query": "gold", "limit": 0}',
        b'{"corpus": "messages"}',
        b'{"corpus": "nowhere", "query": "gold"}',
    ],
)
@pytest.mark.usefixtures("corpus")
def test_the_fast_route_answers_as_the_documented_one(stack: Stack, content: bytes) -> None:
    async def post(app: FastAPI) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api") as client:
            headers = {"Content-Type": "application/json"}
            return await client.post("/v1/search", content=content, headers=headers)

    app, without = create_app(stack.container), create_app(stack.container)
    del without.router.routes[0]
    fast, documented = asyncio.run(post(app)), asyncio.run(post(without))
    assert fast.status_code == documented.status_code
    assert fast.json() | {"took_ms": 0} == documented.json() | {"took_ms": 0}
