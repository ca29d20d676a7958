"""Keeps child processes alive: starts them in groups of their own, restarts what dies, stops all of it in order.

A child never outlives its supervisor: Linux tells it when the supervisor dies (PR_SET_PDEATHSIG), and what was left
behind elsewhere is found in the pid file by the next start (see `pidfile`).
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from trivec.cli.parts import Part

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
QUICK_SECONDS = 10.0  # a child that lives shorter than this died quickly
QUICK_DEATHS = 5  # in a row, and we give up
LONGEST_PAUSE = 15.0
LOG_BYTES = 10 * 1024 * 1024  # a log larger than this is set aside when its process starts

Say = Callable[[str], None]


@dataclass
class Child:
    """A part and the process that runs it now."""

    part: Part
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    quick_deaths: int = 0
    restarts: int = 0
    again_at: float = 0.0

    @property
    def alive(self) -> bool:
        """Whether its process runs."""
        return self.process is not None and self.process.poll() is None


class Supervisor:
    """Starts, watches and stops parts. All of it happens on the thread that calls `start` (see `_follow_parent`)."""

    def __init__(self, *, logs: Path, say: Say, changed: Callable[[Sequence[Child]], None] = lambda _children: None):
        self.logs = logs
        self.children: list[Child] = []
        self._say = say
        self._changed = changed

    def start(self, part: Part) -> None:
        """Start a part, after all that were started before; it is stopped before them."""
        child = Child(part)
        self.children.append(child)
        self._launch(child)

    def tend(self) -> str:
        """Restart what died, with growing pauses; "" or why we give up."""
        now = time.monotonic()
        for child in self.children:
            if child.process is not None and child.process.poll() is not None:
                self._bury(child, now)
            if child.quick_deaths >= QUICK_DEATHS:
                return self._despair(child)
            if child.process is None and now >= child.again_at:
                child.restarts += 1
                self._launch(child)
        return ""

    def stop(self, *, hurry: Callable[[], bool] = lambda: False) -> None:
        """Stop everything: first, side by side, what leans on others, then what is leant on, last started first.

        Who does not listen in time, or everybody once we hurry, is killed with the whole group.
        """
        leaning = [child for child in self.children if not child.part.base]
        stop_groups(leaning, hurry=hurry)
        for child in reversed([child for child in self.children if child.part.base]):
            stop_groups([child], hurry=hurry)
        self.children.clear()

    def log_of(self, name: str) -> Path:
        """Where a part writes."""
        return self.logs / f"{name}.log"

    def _launch(self, child: Child) -> None:
        self.logs.mkdir(parents=True, exist_ok=True)
        path = self.log_of(child.part.name)
        if path.exists() and path.stat().st_size > LOG_BYTES:
            path.replace(path.with_suffix(".log.1"))
        with path.open("ab") as log:
            child.process = subprocess.Popen(
                child.part.command,
                env={**os.environ, **child.part.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_follow_parent if _LIBC else None,
            )
        child.started = time.monotonic()
        self._changed(self.children)

    def _bury(self, child: Child, now: float) -> None:
        process = child.process
        assert process is not None  # noqa: S101  only the started are buried
        lived = now - child.started
        child.quick_deaths = child.quick_deaths + 1 if lived < QUICK_SECONDS else 0
        pause = 0.0 if child.quick_deaths == 0 else min(LONGEST_PAUSE, 0.5 * 2 ** (child.quick_deaths - 1))
        child.again_at = now + pause
        kill_group(process)  # what it may have left behind
        child.process = None
        again = f"restarting in {pause:.1f} s" if child.quick_deaths < QUICK_DEATHS else "not again"
        self._say(f"{child.part.name} died ({_cause(process.returncode)}) after {lived:.0f} s: {again}")

    def _despair(self, child: Child) -> str:
        path = self.log_of(child.part.name)
        last = "\n".join(tail(path, 15))
        return f"{child.part.name} died {QUICK_DEATHS} times in a row; the end of {path}:\n{last}"


def _follow_parent() -> None:
    """In the child: be told to stop when the parent's thread that forked us ends, however it ends."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def stop_groups(children: Sequence[Child], *, hurry: Callable[[], bool]) -> None:
    """Ask processes to stop, all at once; kill those that run out of patience, and whatever is left of each group."""
    began = time.monotonic()
    for child in children:
        if child.alive and child.process is not None:
            child.process.terminate()
    for child in children:
        while child.alive and time.monotonic() - began < child.part.patience and not hurry():
            time.sleep(0.02)
        if child.process is not None:
            kill_group(child.process)


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and whatever it started."""
    with suppress(ProcessLookupError, PermissionError):  # nobody is left
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def tail(path: Path, lines: int) -> list[str]:
    """The last lines of a log."""
    if not path.exists():
        return []
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 64 * 1024))
        return file.read().decode("utf-8", "replace").splitlines()[-lines:]


def _cause(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
