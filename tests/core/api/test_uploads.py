"""Files in: streamed, named harmlessly, previewed, ingested; nothing stays of what is refused."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.support.processes import Stack
from trivec.api.uploads import safe_name

CSV = "key,headline,body,when\n1,Rain,The rivers are rising again.,2024-05-02\n2,Sun,A dry summer.,never\n3,,,\n"
Finished = Callable[[httpx.Response], dict[str, Any]]


def file(content: str = CSV, name: str = "news.csv") -> dict[str, tuple[str, bytes]]:
    return {"file": (name, content.encode())}


def test_a_file_becomes_a_job_and_its_bad_rows_can_be_downloaded(api: httpx.Client, finished: Finished) -> None:
    mapping = json.dumps({"id": "key", "text": "body", "title": "headline", "date": "when"})
    job = finished(api.post("/v1/ingest", files=file(), data={"corpus": "uploads", "mapping": mapping}))
    assert (job["state"], job["stored"], job["rejected"]) == ("done", 1, 2)
    rejects = [json.loads(line) for line in api.get(f"/v1/jobs/{job['id']}/rejects").text.splitlines()]
    assert {row["source"] for row in rejects} == {"news.csv"}
    assert "never" in " ".join(row["reason"] for row in rejects)
    document = api.get("/v1/documents/1", params={"corpus": "uploads"}).json()
    assert (document["title"], document["source"]) == ("Rain", "news.csv")


def test_a_preview_is_not_sent_twice(api: httpx.Client, finished: Finished, stack: Stack) -> None:
    preview = api.post("/v1/ingest/preview", files=file()).json()
    assert preview["columns"] == ["key", "headline", "body", "when"]
    assert preview["mapping"]["text"] == "body"
    assert preview["rows"][0]["body"] == "The rivers are rising again."
    form = {"corpus": "previewed", "upload": preview["upload"], "mapping": json.dumps({"text": "body", "date": ""})}
    job = finished(api.post("/v1/ingest", data=form))
    assert job["stored"] == 2
    assert not (stack.home / "uploads" / preview["upload"]).exists()


@pytest.mark.parametrize(
    ("form", "files", "complaint"),
    [
        ({"corpus": "no/slash"}, file(), "no/slash"),
        ({}, file(), "corpus ''"),
        ({"corpus": "a", "coprus": "b"}, file(), "coprus"),
        ({"corpus": "a", "mapping": "{]"}, file(), "mapping '{]'"),
        ({"corpus": "a", "mapping": '{"txt": "body"}'}, file(), "txt"),
        ({"corpus": "a", "upload": "../../etc"}, {"file": ("", b"")}, "../../etc"),
        ({"corpus": "a"}, [("file", ("a.csv", b"x")), ("file", ("b.csv", b"y"))], "2 files"),
    ],
)
def test_a_form_that_does_not_fit_leaves_nothing(
    api: httpx.Client, stack: Stack, form: dict[str, str], files: Any, complaint: str
) -> None:
    before = set((stack.home / "uploads").glob("*"))
    answer = api.post("/v1/ingest", data=form, files=files)
    assert answer.status_code in (404, 422), answer.text
    assert complaint in answer.json()["error"]["message"]
    assert set((stack.home / "uploads").glob("*")) == before


def test_a_body_that_is_no_form_is_said_to_be_none(api: httpx.Client) -> None:
    answer = api.post("/v1/ingest", json={"corpus": "a"})
    assert answer.status_code == 422
    assert "multipart/form-data" in answer.json()["error"]["message"]


def test_a_file_of_no_known_kind_is_refused_at_its_preview(api: httpx.Client, stack: Stack) -> None:
    before = set((stack.home / "uploads").glob("*"))
    answer = api.post("/v1/ingest/preview", files=file(name="holiday.mp4"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "unknown_format")
    assert set((stack.home / "uploads").glob("*")) == before


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\a b.csv", "a b.csv"),
        (".bashrc", "bashrc"),
        ("...", "upload"),
        ("", "upload"),
        ("a\x00\n<b>.csv", "a___b_.csv"),
        ("x" * 300 + ".csv.gz", "x" * 113 + ".csv.gz"),
        ("Äpfel 2024 (1).csv", "Äpfel 2024 (1).csv"),
    ],
)
def test_file_names_of_strangers_are_harmless(given: str, kept: str) -> None:
    assert safe_name(given) == kept


def test_an_unknown_job_is_named(api: httpx.Client) -> None:
    for answer in (api.get("/v1/jobs/j1"), api.get("/v1/jobs/j1/rejects"), api.post("/v1/jobs/j1/cancel")):
        assert answer.status_code == 404
        assert "j1" in answer.json()["error"]["message"]
