"""Finding models: what is at hand is used, and a hub out of reach is said at once."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from trivec.encoders.model_files import MINILM, dimension_of, find_model, model_fingerprint
from trivec.errors import BadInput, NotFound, Unavailable


@pytest.fixture
def empty_hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A hub that has no models."""

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response(404)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Silence."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    yield
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("name", ["all-MiniLM-L6-v2", MINILM])
def test_minilm_is_found_without_the_hub(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    folder = find_model(name)
    assert (folder / "modules.json").is_file()
    assert dimension_of(folder) == 384


def test_a_path_is_taken_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "modules.json").write_text("[]")
    assert find_model(str(tmp_path)) == tmp_path


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no modules\.json"):
        find_model(str(tmp_path))


def test_a_path_that_does_not_exist_is_not_looked_for_on_the_hub(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="there is no folder"):
        find_model(str(tmp_path / "nowhere"))


def test_a_hub_out_of_reach_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(Unavailable, match=r"'owner/model' is not on this machine and .* does not answer"):
        find_model("owner/model")


@pytest.mark.usefixtures("empty_hub")
def test_a_model_that_the_hub_does_not_know_is_not_found() -> None:
    with pytest.raises(NotFound, match="no model 'owner/model'"):
        find_model("owner/model")


def test_a_changed_model_has_another_fingerprint(tmp_path: Path) -> None:
    (tmp_path / "modules.json").write_text("[]")
    (tmp_path / "model.safetensors").write_bytes(b"one")
    before = model_fingerprint(tmp_path)
    assert model_fingerprint(tmp_path) == before
    (tmp_path / "model.safetensors").write_bytes(b"two")
    assert model_fingerprint(tmp_path) != before
