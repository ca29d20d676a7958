"""Who runs on this TRIVEC_HOME: a lock that dies with its holder, and a list of processes to clear after a crash."""

import fcntl
import os
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from trivec.errors import Conflict


@dataclass(frozen=True)
class Running:
    """What the pid file says.

    Attributes:
        pid: of `trivec up`.
        ready: whether every part answered.
        parts: name -> address.
        children: pid of each child -> when it was created, seconds since the epoch.
    """

    pid: int
    ready: bool
    parts: Mapping[str, str]
    children: Mapping[int, float]


class PidFile:
    """`TRIVEC_HOME/run`: `up.lock` is held while `up` runs, `up.json` says what it runs."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "run"
        self._lock = self.folder / "up.lock"
        self._file = self.folder / "up.json"

    @contextmanager
    def held(self) -> Iterator[None]:
        """Be the only `up` of this home."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._lock.open("a") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise Conflict(self._taken()) from error
            try:
                yield
            finally:
                self._file.unlink(missing_ok=True)

    def _taken(self) -> str:
        running = self.current()
        who = f"process {running.pid}" if running else "another process"
        return f"Trivec runs already on {self.folder.parent} ({who}): stop it with `trivec down`, or set TRIVEC_HOME"

    def is_held(self) -> bool:
        """Whether an `up` runs on this home."""
        try:
            with self._lock.open("a") as handle:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    def write(self, running: Running) -> None:
        """Say what runs, in one step."""
        children = {str(pid): created for pid, created in running.children.items()}
        body = {"pid": running.pid, "ready": running.ready, "parts": dict(running.parts), "children": children}
        temporary = self._file.with_suffix(".tmp")
        temporary.write_bytes(orjson.dumps(body))
        temporary.replace(self._file)

    def read(self) -> Running | None:
        """What runs, or ran when `up` was killed; None when nothing does."""
        try:
            body: dict[str, Any] = orjson.loads(self._file.read_bytes())
        except (FileNotFoundError, orjson.JSONDecodeError):
            return None
        children = {int(pid): float(created) for pid, created in body["children"].items()}
        return Running(pid=body["pid"], ready=body["ready"], parts=body["parts"], children=children)

    def current(self) -> Running | None:
        """What runs now: None when nothing does, or when it has only just begun."""
        running = self.read()
        return running if running and self.is_held() and created_at(running.pid) else None

    def clear_leftovers(self, *, patience: float = 10.0) -> list[int]:
        """Stop what an `up` that was killed left behind; which pids. Call while holding the lock."""
        running = self.read()
        left = [pid for pid, created in running.children.items() if is_same(pid, created)] if running else []
        for pid in left:
            _signal_group(pid, signal.SIGTERM)
        ends = time.monotonic() + patience
        while running and time.monotonic() < ends and any(is_same(pid, running.children[pid]) for pid in left):
            time.sleep(0.1)
        for pid in left:
            _signal_group(pid, signal.SIGKILL)
        self._file.unlink(missing_ok=True)
        return left


def created_at(pid: int) -> float:
    """When a process began, so that a reused pid is not mistaken for it; 0 when there is none or it is dead."""
    import psutil

    try:
        process = psutil.Process(pid)
        return 0.0 if process.status() == psutil.STATUS_ZOMBIE else float(process.create_time())
    except psutil.NoSuchProcess:
        return 0.0


def is_same(pid: int, created: float) -> bool:
    """Whether the process of that pid is still the one created then."""
    return created > 0 and abs(created_at(pid) - created) < 1.0


def _signal_group(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):  # it is gone
        os.killpg(pid, number)
