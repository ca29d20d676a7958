"""CSV, TSV, JSON, JSON lines and Parquet become documents; what cannot is rejected where it stands."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from trivec.errors import BadInput, BadMapping
from trivec.sources.mapping import ColumnMapping

Ingest = Callable  # type: ignore[type-arg]


def test_a_csv_becomes_documents(ingest: Ingest) -> None:
    found = ingest("news.csv", "id,title,text,date,labels,price\n7,Hi,Some text,2020-05-01,a > b,3.5\n")
    (document,) = found.documents
    assert (document.id, document.title, document.text) == ("7", "Hi", "Some text")
    assert document.date == datetime(2020, 5, 1, tzinfo=UTC)
    assert document.labels == ("a", "b")
    assert document.source == "news.csv"
    assert document.metadata == {"price": "3.5"}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(ingest: Ingest, delimiter: str) -> None:
    rows = [["id", "text"], ["1", "one, two; three"], ["2", "four. five"]]
    content = "\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in rows)
    assert ingest("table.csv", content).texts == ["one, two; three", "four. five"]


def test_quoted_line_breaks_stay_and_are_counted(ingest: Ingest) -> None:
    found = ingest("a.csv", 'id,text\n1,"two\nlines, ""quoted"""\n2,\n3,fine\n')
    assert found.texts == ['two\nlines, "quoted"', "fine"]
    assert found.lines == [4]


def test_a_quote_that_is_never_closed_costs_one_row(ingest: Ingest) -> None:
    found = ingest("a.csv", 'id,title,text\n1,a,one\n2,b,"two\n3,c,three\n4,d,"four"\n5,e,five\n')
    assert found.ids == ["1", "3", "4", "5"]
    assert found.lines == [3]
    assert "quote" in found.reasons[0]
    assert found.rejects[0].row == '2,b,"two'


def test_tabs_separate_without_quoting(ingest: Ingest) -> None:
    found = ingest("a.tsv", 'id\ttext\tdate\n1\t"Hello she said\t2020\n2\tfine\t2021\n')
    assert found.texts == ['"Hello she said', "fine"]


def test_a_table_without_header_is_still_read(ingest: Ingest) -> None:
    found = ingest("a.csv", "1,2020-01-01,A long enough text to be prose.\n2,2020-01-02,Another text that is long.\n")
    assert found.texts == ["A long enough text to be prose.", "Another text that is long."]
    assert found.documents[1].date == datetime(2020, 1, 2, tzinfo=UTC)


def test_undecodable_bytes_cost_their_row_only(ingest: Ingest) -> None:
    found = ingest("a.csv", b"id,text\n1,caf\xc3\xa9\n2,br\xff\xfeken\n3,fine\n")
    assert found.texts == ["café", "fine"]
    assert found.lines == [3]
    assert "UTF-8" in found.reasons[0]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "cp1252", "utf-32"])
def test_encodings_are_found(ingest: Ingest, encoding: str) -> None:
    content = "id,text\n" + "".join(f"{n},Voilà une journée d’été à l’hôtel\n" for n in range(20))
    found = ingest("a.csv", content.encode(encoding))
    assert set(found.texts) == {"Voilà une journée d’été à l’hôtel"}
    assert not found.rejects


def test_cyrillic_of_old_is_read(ingest: Ingest) -> None:
    content = "id,text\n" + "".join(f"{n},Правительство решило снизить налоги в этом году\n" for n in range(20))
    assert ingest("a.csv", content.encode("cp1251")).texts[0] == "Правительство решило снизить налоги в этом году"


def test_beir_rows_find_their_fields_in_the_metadata(ingest: Ingest) -> None:
    row = {
        "_id": "d1",
        "title": "T",
        "text": "Body",
        "metadata": {"date": "1979-12", "labels": ["a", "b"], "by": {"n": 1}},
    }
    (document,) = ingest("corpus.jsonl", json.dumps(row)).documents
    assert document.date == datetime(1979, 12, 1, tzinfo=UTC)
    assert document.labels == ("a", "b")
    assert document.metadata == {"by.n": 1}


def test_columns_that_come_late_are_taken_up(ingest: Ingest) -> None:
    rows = [{"id": n, "text": f"text {n}"} for n in range(300)] + [
        {"id": 300, "text": "t", "labels": ["x"], "date": "2001"}
    ]
    last = ingest("a.jsonl", "\n".join(map(json.dumps, rows))).documents[-1]
    assert last.labels == ("x",)
    assert last.date == datetime(2001, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "content",
    [
        '[{"id": "1", "text": "one"}, {"id": "2", "text": "two"}]',
        '{"took": 3, "data": [{"id": "1", "text": "one"}, {"id": "2", "text": "two"}], "next": null}',
        '{"id": "1", "text": "one"}\n{"id": "2", "text": "two"}\n',
        '{\n"id": "1",\n "text": "one"}\n{"id": "2",\n "text": "two"}\n',
        '\ufeff[{"id": "1", "text": "one"}, {"id": "2", "text": "two"}]',
    ],
)
def test_json_of_many_shapes(ingest: Ingest, content: str) -> None:
    found = ingest("a.json", content)
    assert list(zip(found.ids, found.texts, strict=True)) == [("1", "one"), ("2", "two")]


def test_one_json_object_is_one_document(ingest: Ingest) -> None:
    found = ingest("a.json", '{"id": "x", "text": "alone", "authors": [{"n": 1}], "deep": {"a": {"b": [1, 2]}}}')
    assert found.ids == ["x"]
    assert found.documents[0].metadata == {"authors": ['{"n": 1}'], "deep.a.b": [1, 2]}


def test_json_that_breaks_off_keeps_what_came_before(ingest: Ingest) -> None:
    found = ingest("a.json", '[{"id": 1, "text": "one"}, {"id": 2, "text": "tw')
    assert found.ids == ["1"]
    assert "after object 1" in found.reasons[0]


def test_undecodable_bytes_in_json_cost_one_object(ingest: Ingest) -> None:
    found = ingest("a.json", b'[{"id": 1, "text": "on\xffe"}, {"id": 2, "text": "two"}]')
    assert (found.ids, found.lines) == (["2"], [1])


def test_parquet_keeps_types(tmp_path: Path, outcome: Callable) -> None:  # type: ignore[type-arg]
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    when = datetime(2020, 1, 1, 12, tzinfo=UTC)
    table = pa.table(
        {"uuid": ["a", "b"], "body": ["one", None], "created_at": [when, when], "tags": [["x", "y"], []], "n": [1, 2]}
    )
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=1)
    found = outcome(tmp_path / "a.parquet")
    assert found.documents[0].date == when
    assert found.documents[0].metadata == {"tags": ["x", "y"], "n": 1}
    assert found.lines == [2]


def test_a_mapping_overrides_and_guessing_fills_the_rest(ingest: Ingest) -> None:
    content = "id,headline,body,text,when\n1,H,B,T,2020\n"
    (document,) = ingest(
        "a.csv", content, ColumnMapping(text="body", date="when", title="", metadata=("headline",))
    ).documents
    assert (document.id, document.text, document.title) == ("1", "B", "")
    assert document.date is not None
    assert document.metadata == {"headline": "H"}


def test_a_column_that_does_not_exist_is_named_with_those_that_do(ingest: Ingest) -> None:
    with pytest.raises(BadMapping, match="no column 'boddy' for text; there are: id, body"):
        ingest("a.csv", "id,body\n1,x\n", ColumnMapping(text="boddy"))


def test_a_table_without_text_says_so(ingest: Ingest) -> None:
    with pytest.raises(BadMapping, match="a, b"):
        ingest("a.csv", "a,b\n1,2\n")


def test_rows_without_ids_are_called_by_their_number(ingest: Ingest) -> None:
    first = ingest("a.csv", "text\none\ntwo\nthree\n")
    changed = ingest("a.csv", "text\none\n2\nthree\n")
    assert first.ids == changed.ids == ["a.csv#1", "a.csv#2", "a.csv#3"]
    assert [a == b for a, b in zip(first.documents, changed.documents, strict=True)] == [True, False, True]


def test_a_row_with_only_a_title_is_its_title(ingest: Ingest) -> None:
    (document,) = ingest("a.jsonl", '{"_id": "1", "title": "Only a title", "text": ""}').documents
    assert (document.text, document.title) == ("Only a title", "")


@pytest.mark.parametrize("content", [b"", b"[{", b"{"], ids=["empty", "broken array", "broken object"])
def test_a_lone_file_that_cannot_be_read_is_an_error(ingest: Ingest, content: bytes) -> None:
    with pytest.raises(BadInput, match=r"a\.json"):
        ingest("a.json", content)
