"""A working day at the command line, over everything that `trivec up` starts."""

import gzip
import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.core.cli.conftest import Trivec, free_port

ROWS = [
    {"key": "gold", "headline": "On gold", "body": "The gold standard fixes the dollar in gold.", "when": "1890-12-01"},
    {"key": "navy", "headline": "On ships", "body": "The navy needs steel cruisers and sailors.", "when": "1891-12-01"},
    {"key": "rail", "headline": "On rails", "body": "Railroads carry wheat to the coast.", "when": "1892-12-01"},
]


@pytest.fixture(scope="session")
def corpus(trivec: Trivec, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Three documents from a compressed file that also holds a row without text."""
    path = tmp_path_factory.mktemp("source") / "messages.jsonl.gz"
    lines = [json.dumps(row) for row in [*ROWS, {"key": "none", "headline": "", "body": "", "when": None}]]
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    columns = ("--id", "key", "--title", "headline", "--text", "body", "--date", "when")
    job = trivec.json("ingest", str(path), "--corpus", "messages", *columns)
    assert (job["state"], job["stored"], job["rejected"]) == ("done", 3, 1), job
    return "messages"


def test_the_same_file_again_changes_nothing(trivec: Trivec, corpus: str, tmp_path: Path) -> None:
    path = tmp_path / "again.jsonl"
    path.write_text("\n".join(json.dumps(row | {"body": row["body"]}) for row in ROWS))
    columns = ("--id", "key", "--title", "headline", "--text", "body", "--date", "when")
    job = trivec.json("ingest", str(path), "--corpus", corpus, "--source", "messages.jsonl.gz", *columns)
    assert (job["stored"], job["skipped"]) == (0, 3)


def test_search_prints_json_as_the_api_answers(trivec: Trivec, corpus: str) -> None:
    options = ("--from", "1890", "--to", "1892", "--facets", "source", "--histogram", "year", "--explain")
    printed = trivec.json("search", "steel ships", "--corpus", corpus, *options)
    body = {
        "query": "steel ships",
        "corpus": corpus,
        "filters": {"date_from": "1890-01-01", "date_to": "1892-01-01"},
        "facets": ["source"],
        "histogram": "year",
        "explain": True,
    }
    answer = httpx.post(f"{trivec.api_url}/v1/search", json=body, timeout=60).json()
    assert _without_time(printed) == _without_time(answer)
    assert printed["hits"][0]["document_id"] == "navy"


def test_search_for_people_shows_where_the_score_comes_from(trivec: Trivec, corpus: str) -> None:
    said = trivec("search", "gold", "--corpus", corpus, "--explain", "--limit", "1")
    assert "On gold" in said
    assert "bm25 +" in said
    assert "words: gold +" in said


def test_everything_that_is_listed_can_be_shown(trivec: Trivec, corpus: str) -> None:
    [listed] = [one for one in trivec.json("corpora", "list")["corpora"] if one["name"] == corpus]
    assert listed == trivec.json("corpora", "show", corpus)
    assert trivec.json("documents", "show", "rail", "--corpus", corpus)["text"] == ROWS[2]["body"]
    assert len(trivec.json("documents", "similar", "rail", "--corpus", corpus)["hits"]) == 2
    jobs = trivec.json("jobs", "list")["jobs"]
    assert trivec.json("jobs", "show", jobs[0]["id"]) == jobs[0]
    rejected = next(job for job in jobs if job["rejected"])
    [row] = [json.loads(line) for line in trivec("jobs", "rejects", rejected["id"]).splitlines()]
    assert (row["source"], row["line"]) == ("messages.jsonl.gz", 4)


def test_an_export_names_its_format_and_is_not_overwritten(trivec: Trivec, corpus: str, tmp_path: Path) -> None:
    path = tmp_path / "messages.jsonl"
    trivec("corpora", "export", corpus, str(path), "--vectors")
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert {row["document_id"] for row in rows} == {row["key"] for row in ROWS}
    assert "exists" in trivec("corpora", "export", corpus, str(path), code=1)
    assert "names no format" in trivec("corpora", "export", corpus, str(tmp_path / "messages.xls"), code=1)


def test_a_restored_backup_answers_as_before(trivec: Trivec, corpus: str, tmp_path: Path) -> None:
    question = {"corpus": corpus, "query": "wheat"}
    before = httpx.post(f"{trivec.api_url}/v1/search", json=question, timeout=60).json()
    archive = tmp_path / "monday.tar.gz"
    assert corpus in " ".join(trivec.json("backup", str(archive))["collections"])
    assert "--force" in trivec("restore", str(archive), code=1)
    trivec("corpora", "delete", corpus, "--yes")
    assert httpx.get(f"{trivec.api_url}/v1/corpora/{corpus}", timeout=60).status_code == 404
    trivec("restore", str(archive), "--force")
    after = httpx.post(f"{trivec.api_url}/v1/search", json=question, timeout=60).json()
    assert _without_time(after) == _without_time(before)


def test_a_broken_backup_changes_nothing(trivec: Trivec, corpus: str, tmp_path: Path) -> None:
    archive = tmp_path / "half.tar"
    trivec("backup", str(archive))
    archive.write_bytes(archive.read_bytes()[:2000])
    assert "no complete backup" in trivec("restore", str(archive), "--force", code=1)
    assert trivec.json("corpora", "show", corpus)["documents"] == 3


def test_the_doctor_finds_nothing_wrong(trivec: Trivec, corpus: str) -> None:
    report = json.loads(trivec("doctor", "--json", code=1))  # the pages do not run here, and it says so
    assert [finding["what"] for finding in report["findings"] if finding["state"] == "wrong"] == ["ui"]


def test_training_runs_here_or_in_a_worker_and_can_be_taken_back(trivec: Trivec, corpus: str) -> None:
    job = trivec.json("train", "vectors", "--corpus", corpus)
    assert (job["state"], job["error"]) == ("done", "")
    sent = trivec.json("train", "vectors", "--corpus", corpus, "--background")
    assert sent["state"] in ("waiting", "running")
    assert "vectors of messages" in trivec("train", "vectors", "--corpus", corpus)  # watches the worker, or takes over
    first, second = trivec.json("train", "jobs")["jobs"][1], trivec.json("train", "jobs")["jobs"][0]
    assert [each["state"] for each in (first, second)] == ["done", "done"]
    assert (first["id"], second["id"]) == (job["id"], sent["id"])
    assert "ended already" in trivec("train", "cancel", job["id"], code=1)

    served = trivec.json("corpora", "show", corpus)["generation"]
    assert "messages.weights:1 is champion again" in trivec("models", "rollback", "messages.weights")
    assert trivec.json("corpora", "show", corpus)["generation"] == served - 1
    trivec("models", "promote", "messages.weights:2")
    shown = trivec.json("models", "show", "messages.weights")
    assert [event["action"] for event in shown["promotions"]] == ["promote", "promote", "rollback", "promote"]
    assert trivec.json("corpora", "show", corpus)["generation"] == served
    assert trivec.json("corpora", "show", corpus)["documents"] == 3


def test_a_node_that_is_killed_comes_back_with_its_documents(trivec: Trivec, corpus: str) -> None:
    [node] = [pid for pid, command in trivec.children().items() if command.rstrip().endswith("node")]
    os.kill(node, signal.SIGKILL)
    ends = time.monotonic() + 60
    while node in trivec.children() or httpx.get(f"{trivec.api_url}/readyz", timeout=30).status_code != 200:
        assert time.monotonic() < ends
        time.sleep(0.1)
    assert trivec.json("corpora", "show", corpus)["documents"] == 3


def test_an_up_that_is_killed_leaves_nothing_and_the_next_one_is_new(trivec: Trivec, corpus: str) -> None:
    up = json.loads((trivec.home / "run" / "up.json").read_text())["pid"]
    children = trivec.children()
    os.kill(up, signal.SIGKILL)
    trivec("up", "--detach", "--no-ui")
    assert json.loads((trivec.home / "run" / "up.json").read_text())["pid"] != up
    assert not set(children) & set(trivec.children())
    assert trivec.json("corpora", "show", corpus)["documents"] == 3


def test_a_second_up_on_the_same_home_or_ports_is_refused(trivec: Trivec, tmp_path: Path) -> None:
    assert "runs already" in trivec("up", code=1)
    elsewhere = {"TRIVEC_HOME": str(tmp_path), "TRIVEC_REDIS_URL": f"redis://127.0.0.1:{free_port()}/0"}
    assert "TRIVEC_QDRANT_URL" in trivec("up", "--no-ui", code=1, **elsewhere)


def _without_time(answer: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in answer.items() if key != "took_ms"}
