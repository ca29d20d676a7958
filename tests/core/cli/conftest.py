"""`trivec` as people run it: a process, in a home and on ports of its own; and everything that `trivec up` starts."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Trivec:
    """The command line over one home."""

    home: Path
    environment: dict[str, str]

    @classmethod
    def on(cls, home: Path) -> "Trivec":
        ports = {
            "TRIVEC_HOME": str(home),
            "TRIVEC_QDRANT_URL": f"http://127.0.0.1:{free_port()}",
            "TRIVEC_REDIS_URL": f"redis://127.0.0.1:{free_port()}/0",
            "TRIVEC_API_URL": f"http://127.0.0.1:{free_port()}",
            "TRIVEC_UI_URL": f"http://127.0.0.1:{free_port()}",
        }
        return cls(home, os.environ | ports)

    def __call__(self, *arguments: str, code: int = 0, **changed: str) -> str:
        """What it prints on standard output, and on standard error where it fails as expected."""
        ran = subprocess.run(
            [sys.executable, "-m", "trivec.cli", *arguments],
            env=self.environment | changed,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert ran.returncode == code, f"exit {ran.returncode}\n{ran.stdout}\n{ran.stderr}"
        return ran.stdout if code == 0 else ran.stdout + ran.stderr

    def json(self, *arguments: str) -> Any:
        """What it prints with --json."""
        return json.loads(self(*arguments, "--json"))

    @property
    def api_url(self) -> str:
        return self.environment["TRIVEC_API_URL"]

    def children(self) -> dict[int, str]:
        """Pid -> command line of what `up` runs, from its pid file."""
        pids = [int(pid) for pid in json.loads((self.home / "run" / "up.json").read_text())["children"]]
        commands: dict[int, str] = {}
        for pid in pids:
            with suppress(psutil.NoSuchProcess):  # a zombie is one, too
                commands[pid] = " ".join(psutil.Process(pid).cmdline())
        return commands


@pytest.fixture
def alone(tmp_path: Path) -> Trivec:
    """A home where nothing runs."""
    return Trivec.on(tmp_path / "home")


@pytest.fixture(scope="session")
def trivec(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[Trivec]:
    """A home where `trivec up` runs, without the pages."""
    home = tmp_path_factory.mktemp("cli-home")
    (home / "cache").symlink_to(pytestconfig.cache.mkdir("encoders"))  # type: ignore[union-attr]
    trivec = Trivec.on(home)
    trivec("up", "--detach", "--no-ui")
    yield trivec
    trivec("down")
