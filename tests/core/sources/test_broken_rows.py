"""A file with 100 broken rows of ten kinds: the rest is read, and each of the 100 is explained."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from trivec.records import RejectedRow
from trivec.sources.catalog import read
from trivec.sources.rejects import RejectsWriter, read_rejects

GOOD, EACH = 400, 10
KINDS: dict[str, tuple[Callable[[int], bytes], str]] = {
    "no text": (lambda n: row(id=f"k0-{n}", text="  "), "no text"),
    "missing text": (lambda n: row(id=f"k1-{n}", date="2020"), "no text"),
    "broken JSON": (lambda n: b'{"id": "k2", "text": "unfinished', "broken JSON"),
    "not an object": (lambda n: b'["a", "list"]', "array where an object was expected"),
    "undecodable": (lambda n: b'{"id": "k4-%d", "text": "b\xff\xfed"}' % n, "not text"),
    "no date": (lambda n: row(id=f"k5-{n}", text="fine", date="2020-02-31"), "'2020-02-31' is not a date"),
    "same id": (lambda n: row(id=f"good-{n}", text="again"), "was used before, in rows.jsonl line"),
    "long id": (lambda n: row(id=f"{n}" * 600, text="fine"), "at most 512"),
    "metadata": (lambda n: row(id=f"k8-{n}", text="fine", metadata="oops"), "metadata is a string, not an object"),
    "text of another type": (lambda n: row(id=f"k9-{n}", text=["fine"]), "text is a list, not a string"),
}


def row(**values: object) -> bytes:
    return json.dumps(values).encode()


def broken_file(path: Path) -> dict[int, str]:
    """Good rows with broken ones between; the kind of each broken line."""
    lines: list[bytes] = []
    kinds: dict[int, str] = {}
    for number in range(GOOD):
        lines.append(
            row(id=f"good-{number}", text=f"Good text number {number}.", date="2020-01-01", metadata={"n": number})
        )
        if number % 4 == 3:
            kind = list(KINDS)[number // 4 % len(KINDS)]
            lines.append(KINDS[kind][0](number // 40))
            kinds[len(lines)] = kind
    path.write_bytes(b"\n".join(lines) + b"\n")
    return kinds


def test_each_of_a_hundred_broken_rows_is_explained_and_the_rest_is_read(tmp_path: Path) -> None:
    kinds = broken_file(tmp_path / "rows.jsonl")
    assert Counter(kinds.values()) == dict.fromkeys(KINDS, EACH)
    with RejectsWriter(tmp_path / "out" / "rejects.jsonl") as rejects:
        documents = list(read(tmp_path / "rows.jsonl", rejects=rejects))
    assert [document.id for document in documents] == [f"good-{number}" for number in range(GOOD)]
    assert rejects.count == len(KINDS) * EACH
    for rejected in read_rejects(tmp_path / "out" / "rejects.jsonl"):
        assert KINDS[kinds.pop(rejected.line)][1] in rejected.reason
        assert rejected.source == "rows.jsonl"
        assert rejected.row
    assert not kinds


def test_a_csv_with_broken_rows_of_many_kinds(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(
        b"id,title,text,date,metadata\n"
        b'1,a,good,2020-01-01,"{""n"": 1}"\n'
        b"2,b,too few\n"
        b"3,c,too,many,cells,here,now\n"
        b"4,,\x00\x00,2020-01-01,\n"
        b"5,e,bad date,31/31/2020,\n"
        b"6,f,bad \xe2\x28 bytes,2020-01-01,\n"
        b'7,g,"open quote,2020-01-01,\n'
        b"1,h,same id,2020-01-01,\n"
        b",i,no id,2020-01-01,\n"
        b'8,j,broken metadata,2020-01-01,"{""n"": "\n'
        b"9,k,good,2020-01-01,\n"
    )
    rejects: list[RejectedRow] = []
    documents = list(read(path, rejects=rejects.append))
    assert [document.id for document in documents] == ["1", "9"]
    assert documents[0].metadata == {"n": 1}
    told = {reject.line: reject.reason for reject in rejects}
    assert told.keys() == set(range(3, 12))


def test_no_rejects_no_file(tmp_path: Path) -> None:
    with RejectsWriter(tmp_path / "none.jsonl"):
        pass
    assert not (tmp_path / "none.jsonl").exists()
    assert list(read_rejects(tmp_path / "none.jsonl")) == []
