"""The node of a measurement answers while it is needed and leaves nothing running."""

import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from trivec.errors import Unavailable
from trivec.evaluation.own_node import own_node


def test_the_node_answers_inside_the_block_and_is_gone_after_it(tmp_path: Path) -> None:
    with own_node(tmp_path / "node") as node:
        assert httpx.get(f"{node.url}/collections").json()["result"] == {"collections": []}
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{node.url}/collections")


def test_the_node_is_stopped_when_the_measurement_fails(tmp_path: Path) -> None:
    urls = []

    def measure() -> None:
        with own_node(tmp_path / "node") as node:
            urls.append(node.url)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        measure()
    with pytest.raises(httpx.ConnectError):
        httpx.get(urls[0])


TERMINATED = """
import sys, time
from pathlib import Path
from trivec.evaluation.own_node import own_node
with own_node(Path(sys.argv[1])) as node:
    print(node.url, flush=True)
    time.sleep(60)
"""


def test_the_node_is_stopped_when_the_measurement_is_terminated(tmp_path: Path) -> None:
    command = [sys.executable, "-c", TERMINATED, str(tmp_path / "node")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as measurement:
        assert measurement.stdout is not None
        url = measurement.stdout.readline().strip()
        assert httpx.get(f"{url}/readyz").is_success
        measurement.terminate()
        assert measurement.wait(30) == 128 + signal.SIGTERM
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)


def test_a_node_that_cannot_start_says_why(tmp_path: Path) -> None:
    (tmp_path / "node").mkdir()
    (tmp_path / "node" / "data").write_text("a file where the folder should be")
    with pytest.raises(Unavailable, match="FileExistsError"), own_node(tmp_path / "node"):
        pass
