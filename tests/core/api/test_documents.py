"""Documents in, corpora to look at, documents out again."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pyarrow.parquet as pq
import pytest

from tests.core.api.conftest import DOCUMENTS
from tests.support.processes import Stack, wait_until

Finished = Callable[[httpx.Response], dict[str, Any]]


def test_a_document_comes_back_as_it_was_given(api: httpx.Client, corpus: str) -> None:
    document = api.get("/v1/documents/gold", params={"corpus": corpus}).json()
    assert document["text"] == DOCUMENTS[0]["text"]
    assert document["title"] == "On gold"
    assert document["date"] == "1890-12-01T00:00:00Z"
    assert document["labels"] == ["economy", "money"]
    assert document["metadata"] == {"pages": 3, "place": "Washington"}
    assert document["source"] == "api"
    [passage] = document["passages"]
    assert document["text"][passage["start"] : passage["end"]] == passage["text"]


def test_an_id_may_hold_a_slash(api: httpx.Client, corpus: str) -> None:
    assert api.get("/v1/documents/army/west", params={"corpus": corpus}).json()["title"] == "On the army"
    similar = api.get("/v1/documents/army/west/similar", params={"corpus": corpus, "limit": 2}).json()
    assert len(similar["hits"]) == 2
    assert "army/west" not in {hit["document_id"] for hit in similar["hits"]}


def test_a_corpus_names_its_vectors_and_counts(api: httpx.Client, corpus: str) -> None:
    shown = api.get(f"/v1/corpora/{corpus}").json()
    assert shown in api.get("/v1/corpora").json()["corpora"]
    assert shown["documents"] == len(DOCUMENTS)
    dimensions = {vector["name"]: vector["dimension"] for vector in shown["vectors"]}
    assert dimensions == {"glove": 50, "bert": 384, "bm25": 0}


def test_facets_count_documents(api: httpx.Client, corpus: str) -> None:
    asked = {"keys": ["labels", "metadata.place"]}
    facets = api.get(f"/v1/corpora/{corpus}/facets", params=asked).json()["facets"]
    assert {each["value"]: each["count"] for each in facets["labels"]} == {"economy": 2, "money": 2}
    assert facets["metadata.place"] == [{"value": "Washington", "count": 2}]


@pytest.mark.parametrize("form", ["jsonl", "csv", "parquet"])
def test_an_export_holds_every_document_and_leaves_no_file_behind(
    api: httpx.Client, corpus: str, form: str, stack: Stack, tmp_path_factory: pytest.TempPathFactory
) -> None:
    answer = api.get(f"/v1/corpora/{corpus}/export", params={"format": form, "vectors": True})
    assert answer.headers["content-disposition"] == f'attachment; filename="{corpus}.{form}"'
    if form == "parquet":
        path = tmp_path_factory.mktemp("export") / "corpus.parquet"
        path.write_bytes(answer.content)
        ids = set(pq.read_table(path)["document_id"].to_pylist())
    elif form == "jsonl":
        ids = {json.loads(line)["document_id"] for line in answer.text.splitlines()}
    else:
        ids = {document["id"] for document in DOCUMENTS if document["text"] in answer.text}
    assert ids == {document["id"] for document in DOCUMENTS}
    wait_until(lambda: not list((stack.home / "exports").iterdir()), what="the export is removed")


def test_a_deleted_document_a_deleted_source_and_a_deleted_corpus_are_gone(
    api: httpx.Client, finished: Finished
) -> None:
    documents = [{"id": f"d{n}", "text": f"Text number {n}.", "source": "a/b" if n else "c"} for n in range(3)]
    finished(api.post("/v1/documents", json={"corpus": "passing", "documents": documents}))
    assert api.delete("/v1/documents/d1", params={"corpus": "passing"}).json()["deleted"] == "d1"
    assert api.get("/v1/documents/d1", params={"corpus": "passing"}).status_code == 404
    assert api.delete("/v1/corpora/passing/sources/a/b").json() == {"deleted": "a/b", "documents": 1}
    assert api.get("/v1/corpora/passing").json()["documents"] == 1
    assert api.delete("/v1/corpora/passing").status_code == 200
    assert api.get("/v1/corpora/passing").status_code == 404


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({"corpus": "x y", "documents": [{"id": "a", "text": "b"}]}, "body.corpus"),
        ({"corpus": "x", "documents": []}, "body.documents"),
        ({"corpus": "x", "documents": [{"id": "a"}]}, "body.documents.0.text"),
        ({"corpus": "x", "documents": [{"id": "a", "text": "b", "date": "yesterday"}]}, "body.documents.0.date"),
        ({"corpus": "x", "documents": [{"id": "a", "text": "b", "txet": "c"}]}, "body.documents.0.txet"),
    ],
)
def test_a_document_that_cannot_be_one_is_refused_by_name(
    api: httpx.Client, body: dict[str, Any], complaint: str
) -> None:
    answer = api.post("/v1/documents", json=body)
    assert answer.status_code == 422
    assert complaint in answer.json()["error"]["message"]
