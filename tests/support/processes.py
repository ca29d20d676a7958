"""Real processes for tests: Redis, the node, a worker and beat, on free ports, in a folder of their own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
from redis import Redis
from redis.exceptions import RedisError

from trivec.services.container import Container
from trivec.settings import Settings

ROOT = Path(__file__).parents[2]
CELERY = (sys.executable, "-m", "celery")
WORKER = ("worker", "--queues=ingest,learn,insight", "--concurrency=1", "--loglevel=INFO")
PATIENCE = 60.0  # seconds until a process has to be ready


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_until(condition: Callable[[], object], *, seconds: float = PATIENCE, what: str = "") -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.05)


@dataclass
class Process:
    """One program, started and killed as often as a test likes."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    ready: Callable[[], bool] = lambda: True
    address: str = ""
    running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.running = subprocess.Popen(
                self.command, env=dict(self.environment), stdout=log, stderr=log, start_new_session=True
            )
        wait_until(self._up, what=f"{self.name} ready, see {self.log}")

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        """The process and its children, at once."""
        if self.running is not None:
            os.killpg(self.running.pid, how)
            self.running.wait(timeout=PATIENCE)
            self.running = None

    def stop(self) -> None:
        if self.running is not None and self.running.poll() is None:
            self.running.terminate()
            try:
                self.running.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self.kill()

    def restart(self) -> None:
        self.kill()
        self.start()

    def _up(self) -> bool:
        assert self.running is not None
        assert self.running.poll() is None, f"{self.name} ended: {self.log.read_text(errors='replace')[-2000:]}"
        return self.ready()


@dataclass
class Stack:
    """Everything that runs, and a container of our own to talk to it."""

    home: Path
    overrides: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        redis, node = free_port(), free_port()
        self.redis_url = f"redis://127.0.0.1:{redis}/0"
        self.qdrant_url = f"http://127.0.0.1:{node}"
        values = {
            "home": str(self.home),
            "redis_url": self.redis_url,
            "qdrant_url": self.qdrant_url,
            "reconcile_after_seconds": "1",
            **self.overrides,
        }
        environment = {**os.environ, **{f"TRIVEC_{key.upper()}": value for key, value in values.items()}}
        self.settings = Settings.model_validate(values)
        self.container = Container(self.settings)
        self.redis = redis_process(self.home, redis)
        self.node = self._process("node", _node(self.home, node), environment, ready=self._node_answers)
        self.worker = self._process("worker", (*CELERY, "--app=trivec_workers.app", *WORKER), environment)
        beat = ("--app=trivec_workers.app", "beat", "--loglevel=INFO", "--pidfile=")
        self.beat = self._process("beat", (*CELERY, *beat), environment)

    def _process(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        ready: Callable[[], bool] = lambda: True,
    ) -> Process:
        return Process(name, command, environment, self.home / f"{name}.log", ready)

    @property
    def processes(self) -> tuple[Process, ...]:
        return (self.redis, self.node, self.worker, self.beat)

    def start(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        for process in self.processes:
            process.start()

    def stop(self) -> None:
        for process in reversed(self.processes):
            process.stop()
        self.container.store.close()

    @contextmanager
    def working_as(self, app: str) -> Iterator[Process]:
        """A worker that runs another application, in the place of the usual one."""
        usual = self.worker
        command = [word.replace("trivec_workers.app", app) for word in usual.command]
        environment = {**usual.environment, "PYTHONPATH": str(ROOT)}
        usual.kill()
        self.worker = replace(usual, command=command, environment=environment, running=None)
        self.worker.start()
        yield self.worker
        self.worker.kill()
        self.worker = usual
        self.worker.start()

    def supervise(self) -> None:
        """What `trivec up` does: beat ends with Redis, and is started again."""
        for process in self.processes:
            if process.running is not None and process.running.poll() is not None:
                process.start()

    def finished(self, job: str, *, seconds: float = 180.0) -> None:
        """Waits for a job's end, as a supervisor would."""

        def over() -> bool:
            self.supervise()
            return self.container.ingest.status(job).finished_at is not None

        wait_until(over, seconds=seconds, what=f"{self.container.ingest.status(job)}, logs in {self.home}")

    def _node_answers(self) -> bool:
        try:
            return httpx.get(f"{self.qdrant_url}/readyz").status_code == 200
        except httpx.TransportError:
            return False


def redis_process(home: Path, port: int) -> Process:
    """Redis as `trivec up` runs it."""
    folder, url = home / "redis", f"redis://127.0.0.1:{port}/0"
    folder.mkdir(parents=True, exist_ok=True)
    options = {"port": str(port), "dir": str(folder), "appendonly": "yes", "appendfsync": "everysec", "save": ""}
    words = [word for key, value in options.items() for word in (f"--{key}", value)]

    def answers() -> bool:
        try:
            with Redis.from_url(url) as client:
                return bool(client.ping())
        except RedisError:
            return False

    command = ("redis-server", "--bind", "127.0.0.1", *words)
    return Process("redis", command, os.environ, home / "redis.log", answers, address=url)


def _node(home: Path, port: int) -> tuple[str, ...]:
    return (sys.executable, "-m", "trivec.node.serve", "--folder", str(home / "node"), "--port", str(port))
