"""A node of one's own: started on a free port over a temporary folder, gone when the block ends, whatever happens."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from trivec.errors import Unavailable
from trivec.evaluation.cleanup import ending_cleanly

PATIENCE_SECONDS: Final = 60.0


@dataclass(frozen=True)
class OwnNode:
    """Where the node answers, and the process it is (its optimiser processes are children of it)."""

    url: str
    pid: int


@contextmanager
def own_node(folder: Path, *, patience: float = PATIENCE_SECONDS) -> Iterator[OwnNode]:
    """Run `trivec.node.serve` over a folder on a free port of this machine.

    Raises:
        Unavailable: it does not answer in time; the message ends with what it said last.
    """
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    said = folder / "node.log"
    command = [sys.executable, "-m", "trivec.node.serve", "--folder", str(folder / "data"), "--port", str(port)]
    with ending_cleanly(), said.open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(url, process, said, patience)
            yield OwnNode(url, process.pid)
        finally:
            _stop(process)


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(url: str, process: "subprocess.Popen[bytes]", said: Path, patience: float) -> None:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{url}/readyz", timeout=2.0).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    last = said.read_text("utf-8", "replace").strip()[-800:]
    state = "did not answer in time" if process.poll() is None else f"ended with {process.returncode}"
    raise Unavailable(f"the node started for this measurement {state}: {last or 'it said nothing'}")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
