"""A whole Trivec of one's own: `trivec up` on free ports over a temporary home, gone when the block ends."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from trivec.errors import Unavailable
from trivec.evaluation.cleanup import ending_cleanly
from trivec.evaluation.own_node import free_port
from trivec.services.container import Container

PATIENCE_SECONDS: Final = 180


@dataclass
class OwnTrivec:
    """Services of every kind, running.

    Attributes:
        services: the same parts in this process, with the running ones' settings.
        home: all its state, the logs included.
        environment: of the running processes.
        runs: until it is stopped.
    """

    services: Container
    home: Path
    environment: Mapping[str, str]
    runs: bool = True

    @property
    def node_folder(self) -> Path:
        """What the node keeps on disk."""
        return self.home / "node"

    @property
    def api_url(self) -> str:
        """Where the HTTP API answers."""
        return self.services.settings.api_url

    def stop(self) -> None:
        """Stop everything; what it stored stays until the block ends."""
        if self.runs:
            self.runs = False
            _trivec(self.environment, "down")


@contextmanager
def own_trivec(container: Container, *, workers: int = 1) -> Iterator[OwnTrivec]:
    """Run node, queue, workers, schedule and API as `trivec up` does, with the settings of `container`.

    Raises:
        Unavailable: it does not come up; the message is the command's own.
    """
    cache = container.settings.home / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    with ending_cleanly(), TemporaryDirectory(prefix="trivec-bench-") as folder:
        home = Path(folder) / "home"
        home.mkdir()
        (home / "cache").symlink_to(cache.resolve(), target_is_directory=True)
        addresses = {
            "home": str(home),
            "qdrant_url": f"http://127.0.0.1:{free_port()}",
            "redis_url": f"redis://127.0.0.1:{free_port()}/0",
            "api_url": f"http://127.0.0.1:{free_port()}",
        }
        environment = _environment(addresses)
        settings = type(container.settings)(**(container.settings.model_dump() | _CLEARED | addresses))
        running = OwnTrivec(Container(settings), home, environment)
        try:
            _trivec(environment, "up", "--detach", "--no-ui", f"--workers={workers}", f"--patience={PATIENCE_SECONDS}")
            yield running
        finally:
            with suppress(Unavailable):  # it never came up, or fell: what was raised first says why
                running.stop()


_CLEARED: Final[dict[str, str | list[str] | None]] = {
    "qdrant_api_key": None,
    "qdrant_read_only_api_key": None,
    "mlflow_url": "",
    "ledger_url": "",
    "api_write_keys": [],
    "api_read_keys": [],
}


def _environment(addresses: dict[str, str]) -> dict[str, str]:
    """Ours, without anything that would tie the new services to existing ones."""
    kept = {name: value for name, value in os.environ.items() if name.removeprefix("TRIVEC_").lower() not in _CLEARED}
    return kept | {f"TRIVEC_{name.upper()}": value for name, value in addresses.items()}


def _trivec(environment: Mapping[str, str], *arguments: str) -> None:
    command = [sys.executable, "-m", "trivec.cli", *arguments]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if run.returncode:
        said = (run.stderr or run.stdout).strip()[-2000:]
        raise Unavailable(f"`trivec {' '.join(arguments)}` ended with {run.returncode}: {said}")
