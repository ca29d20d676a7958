"""What the command line says when little or nothing runs."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.core.cli.conftest import Trivec

HEAVY = ("torch", "gensim", "mlflow", "spacy", "onnxruntime", "pandas", "pyarrow", "streamlit", "celery", "fastapi")


def test_help_names_every_command_and_loads_nothing_heavy() -> None:
    script = f"import sys; from trivec.cli.app import app; print([m for m in {HEAVY} if m in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


COMMANDS = (
    *("up", "down", "demo", "doctor", "backup", "restore", "ingest", "search", "corpora", "documents", "jobs"),
    *("classify", "train", "models", "words", "evaluate", "bench", "node", "api", "ui", "worker", "beat"),
)


def test_every_command_explains_itself(alone: Trivec) -> None:
    overview = alone("--help")
    for command in COMMANDS:
        assert f" {command} " in overview, command


@pytest.mark.parametrize("command", ["search", "ingest", "up"])
def test_help_shows_examples(alone: Trivec, command: str) -> None:
    assert f"trivec {command}" in alone(command, "--help")


def test_without_services_the_way_to_start_them_is_said_in_one_line(alone: Trivec) -> None:
    said = alone("search", "gold", "--corpus", "messages", code=1)
    assert said.startswith("error: ")
    assert "trivec up" in said
    assert "Traceback" not in said
    assert "Traceback" in alone("--debug", "search", "gold", "--corpus", "messages", code=1)


def test_wrong_usage_is_2(alone: Trivec) -> None:
    assert "--corpus" in alone("search", "gold", code=2)
    assert "searhc" in alone("searhc", code=2)


def test_a_file_that_is_not_there_is_named(alone: Trivec) -> None:
    assert "nowhere.csv" in alone("ingest", "nowhere.csv", "--corpus", "a", code=1)


def test_a_setting_that_does_not_fit_is_named_with_its_value(alone: Trivec) -> None:
    assert "TRIVEC_THREADS is 'many'" in alone("doctor", code=1, TRIVEC_THREADS="many")
    assert "api_write_keys" in alone("doctor", code=1, TRIVEC_API_WRITE_KEYS="secret")


def test_the_doctor_says_what_to_do(alone: Trivec) -> None:
    report = json.loads(alone("doctor", "--json", code=1))
    wrong = {finding["what"]: finding for finding in report["findings"] if finding["state"] == "wrong"}
    assert {"redis", "node", "workers", "api", "ui"} <= set(wrong)
    assert all(finding["mend"] for finding in wrong.values())
    assert "trivec up" in wrong["node"]["mend"]


def test_the_doctor_warns_of_an_api_that_is_open_to_others(alone: Trivec) -> None:
    report = json.loads(alone("doctor", "--json", code=1, TRIVEC_API_URL="http://search.example.org:8000"))
    [keys] = [finding for finding in report["findings"] if finding["what"] == "keys"]
    assert keys["state"] == "warning"
    assert "TRIVEC_API_WRITE_KEYS" in keys["mend"]


def test_down_without_up_says_so(alone: Trivec) -> None:
    assert "nothing runs" in alone("down", code=1)


@pytest.fixture(scope="session")
def glove(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of six words in which royalty and gender are directions."""
    path = tmp_path_factory.mktemp("glove") / "glove.tiny.txt"
    path.write_text("man 0 1 .1\nwoman 0 -1 .1\nking 2 1 .1\nqueen 2 -1 .1\nprince 1.9 .8 .1\nwheat 0 .1 3\n")
    return path


def test_words_are_neighbours_analogies_and_odd_ones(alone: Trivec, glove: Path) -> None:
    def ask(*question: str) -> list[str]:
        said = json.loads(alone("words", *question, "--json", TRIVEC_GLOVE_PATH=str(glove)))
        return [each["word"] for each in said["words"]]

    assert ask("similar", "King")[0] == "prince"
    assert ask("analogy", "man", "king", "woman")[0] == "queen"
    assert ask("odd-one-out", "prince", "king", "wheat", "queen")[0] == "wheat"
    assert ask("common", "king", "queen")[0] == "prince"


def test_an_unknown_word_is_named(alone: Trivec, glove: Path) -> None:
    said = alone("words", "similar", "zeitgeist", code=1, TRIVEC_GLOVE_PATH=str(glove))
    assert "'zeitgeist'" in said
