"""The node of a measurement answers while it is needed and leaves nothing running."""

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


def test_a_node_that_cannot_start_says_why(tmp_path: Path) -> None:
    (tmp_path / "node").mkdir()
    (tmp_path / "node" / "data").write_text("a file where the folder should be")
    with pytest.raises(Unavailable, match="FileExistsError"), own_node(tmp_path / "node"):
        pass
