"""Nodes and stores for contract tests: real processes on free ports, reached as anybody reaches them."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from qdrant_client import QdrantClient

from trivec.store import Store
from trivec.store.generation import Generation

from .store_world import fill

_START_SECONDS = 30


@dataclass
class NodeProcess:
    """A node that runs."""

    process: subprocess.Popen[bytes]
    url: str
    folder: Path

    def kill(self) -> None:
        """As the kernel kills: no goodbye, no flush."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """As a supervisor stops it; returns the exit code."""
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(timeout=30)


RunNode = Callable[..., NodeProcess]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_ready(node: NodeProcess) -> NodeProcess:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        assert node.process.poll() is None, f"the node ended with {node.process.returncode}"
        try:
            if httpx.get(f"{node.url}/readyz", timeout=5).status_code == 200:
                return node
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(f"no answer from {node.url} within {_START_SECONDS} s")


@pytest.fixture(scope="session")
def run_node() -> Iterator[RunNode]:
    """Start a node on a folder; whatever still runs at the end is stopped."""
    nodes: list[NodeProcess] = []

    def run(folder: Path, *, api_key: str = "", read_only_api_key: str = "") -> NodeProcess:
        port = _free_port()
        command = [sys.executable, "-m", "trivec.node.serve", "--folder", str(folder), "--port", str(port)]
        keys = {"TRIVEC_QDRANT_API_KEY": api_key, "TRIVEC_QDRANT_READ_ONLY_API_KEY": read_only_api_key}
        process = subprocess.Popen(command, env={**os.environ, **keys})
        nodes.append(NodeProcess(process, f"http://127.0.0.1:{port}", folder))
        return _wait_until_ready(nodes[-1])

    yield run
    for node in nodes:
        node.stop()


@pytest.fixture(scope="session")
def node_url(run_node: RunNode, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A node that all contract tests share; use collection names of your own."""
    return run_node(tmp_path_factory.mktemp("node")).url


@pytest.fixture(scope="module", params=["memory", "node"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """One store for all tests of a module and kind; every test that writes has a corpus of its own."""
    if request.param == "memory":
        opened = Store.from_client(QdrantClient(":memory:"))
    else:
        opened = Store(request.getfixturevalue("node_url"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def shared(store: Store, request: pytest.FixtureRequest) -> Generation:
    """Forty documents to read from."""
    return fill(store, f"shared-{request.node.path.stem}")


@pytest.fixture
def corpus(request: pytest.FixtureRequest) -> str:
    """A name for a corpus of the test's own."""
    return f"c{abs(hash(request.node.nodeid)) % 10**9}"
