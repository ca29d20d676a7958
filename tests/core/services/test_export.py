"""Exports hold what is stored, in every format, whole or not at all."""

import csv
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from trivec.errors import BadInput
from trivec.records import Filters
from trivec.services import export
from trivec.services.corpora import CorporaService
from trivec.services.export import Row
from trivec.services.search import SearchRequest, SearchService
from trivec.store import Store

from .conftest import TEXTS, stored


@pytest.fixture
def service(corpus: Store, tmp_path: Path) -> CorporaService:
    return CorporaService(corpus, exports=tmp_path / "exports")


def read_jsonl(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_every_format_holds_every_passage(service: CorporaService) -> None:
    by_format = {
        "jsonl": read_jsonl(service.export("messages", format="jsonl")),
        "csv": list(csv.DictReader(service.export("messages", format="csv").read_text("utf-8").splitlines())),
        "parquet": pq.read_table(service.export("messages", format="parquet")).to_pylist(),
    }
    for rows in by_format.values():
        texts = {row["document_id"]: row["text"] for row in rows}
        assert {key: texts[key] for key in TEXTS} == TEXTS
        assert len(rows) == len(TEXTS) + 3
    [line] = [row for row in by_format["jsonl"] if row["document_id"] == "gold"]
    [cells] = [row for row in by_format["csv"] if row["document_id"] == "gold"]
    [typed] = [row for row in by_format["parquet"] if row["document_id"] == "gold"]
    assert line["labels"] == json.loads(cells["labels"]) == typed["labels"] == ["peace", "gold"]
    assert line["metadata"] == json.loads(cells["metadata"]) == json.loads(typed["metadata"])
    assert datetime.fromisoformat(str(line["date"])) == datetime.fromisoformat(cells["date"]) == typed["date"]
    assert "vectors" not in line


def test_vectors_come_along_when_asked_for(service: CorporaService) -> None:
    lines = read_jsonl(service.export("messages", format="jsonl", vectors=True))
    table = pq.read_table(service.export("messages", format="parquet", vectors=True)).to_pylist()
    cells = list(csv.DictReader(service.export("messages", format="csv", vectors=True).read_text("utf-8").splitlines()))
    for line, typed, cell in zip(lines, table, cells, strict=True):
        vectors = line["vectors"]
        assert isinstance(vectors, dict)
        assert np.linalg.norm(vectors["bert"]) == pytest.approx(1.0, abs=1e-4)
        np.testing.assert_allclose(typed["vector.bert"], vectors["bert"], rtol=1e-6)
        np.testing.assert_allclose(json.loads(cell["vector.glove"]), vectors["glove"], rtol=1e-6)
        assert typed["vector.bm25"]["indices"] == vectors["bm25"]["indices"]


def test_filters_and_search_results_are_exported(service: CorporaService, search_service: SearchService) -> None:
    only_war = read_jsonl(service.export("messages", format="jsonl", filters=Filters(labels=("war",))))
    assert {row["document_id"] for row in only_war} == {"spain", "mexico"}
    asked = SearchRequest(query="steel cruisers and trained sailors", corpus="messages", limit=1)
    path = service.export_results(search_service, asked, format="parquet", vectors=True)
    rows = pq.read_table(path).to_pylist()
    assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1))
    assert rows[0]["document_id"] == "navy"
    assert len(rows) == len(TEXTS) + 1
    assert [row["score"] for row in rows] == sorted((row["score"] for row in rows), reverse=True)
    assert rows[0]["vector.bert"] is not None


def test_an_export_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    def rows() -> Iterator[Row]:
        yield Row(stored("gold", ["text"])[0])
        raise RuntimeError("the connection is lost")

    path = tmp_path / "out.jsonl"
    path.write_text("old", encoding="utf-8")
    for format_ in export.FORMATS:
        with pytest.raises(RuntimeError, match="lost"):
            export.write(rows(), path, format=format_)
    assert [each.name for each in tmp_path.iterdir()] == ["out.jsonl"]
    assert path.read_text(encoding="utf-8") == "old"


def test_an_empty_export_is_a_file_with_columns(tmp_path: Path) -> None:
    assert export.write([], tmp_path / "a.parquet", format="parquet") == 0
    assert "document_id" in pq.read_table(tmp_path / "a.parquet").column_names
    export.write([], tmp_path / "a.csv", format="csv")
    assert (tmp_path / "a.csv").read_text("utf-8").startswith("document_id,passage")


def test_what_cannot_be_written_says_why(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="'xlsx' is unknown: choose one of parquet, csv, jsonl"):
        export.write([], tmp_path / "a.xlsx", format="xlsx")  # type: ignore[arg-type]
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="cannot write the export"):
        export.write([], tmp_path / "file" / "a.csv", format="csv")
