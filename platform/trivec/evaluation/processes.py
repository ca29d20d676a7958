"""What each process of a running Trivec costs: memory, sampled while something else happens, and processor time."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psutil

MIB: Final = 1024 * 1024
_EVERY_SECONDS: Final = 1.0


@dataclass
class Memory:
    """Resident memory by process over time.

    Attributes:
        samples: name of the process -> MiB at each sample, oldest first.
    """

    samples: dict[str, list[float]] = field(default_factory=dict)

    def peak(self) -> dict[str, float]:
        """The most each process held, MiB."""
        return {name: round(max(values), 1) for name, values in self.samples.items()}

    def at(self, share: float) -> dict[str, float]:
        """What each held when this share of the time had passed, MiB."""
        return {
            name: round(values[min(len(values) - 1, int(share * len(values)))], 1)
            for name, values in self.samples.items()
        }


@contextmanager
def watching(home: Path) -> Iterator[Memory]:
    """Sample every process that belongs to this TRIVEC_HOME until the block ends."""
    memory, stop = Memory(), threading.Event()
    thread = threading.Thread(target=_sample, args=(home, memory, stop), daemon=True)
    thread.start()
    try:
        yield memory
    finally:
        stop.set()
        thread.join()


def _sample(home: Path, memory: Memory, stop: threading.Event) -> None:
    while not stop.wait(_EVERY_SECONDS):
        now: dict[str, float] = {}
        for process, name in _processes(home):
            try:
                now[name] = now.get(name, 0.0) + process.memory_info().rss / MIB
            except psutil.Error:  # it ended just now
                continue
        for name, held in now.items():
            memory.samples.setdefault(name, []).append(held)


def processor_seconds(home: Path) -> dict[str, float]:
    """What each process of this TRIVEC_HOME has used so far, with those it started that ended since."""
    used: dict[str, float] = {}
    for process, name in _processes(home):
        try:
            times = process.cpu_times()
        except psutil.Error:
            continue
        spent = times.user + times.system + times.children_user + times.children_system
        used[name] = used.get(name, 0.0) + spent
    return used


def _processes(home: Path) -> Iterator[tuple[psutil.Process, str]]:
    """Processes started with this home in their environment, their children, and what each is called."""
    ours: set[int] = set()
    for process in psutil.process_iter():  # by pid: parents come before their children
        try:
            if process.ppid() in ours or process.environ().get("TRIVEC_HOME") == str(home):
                ours.add(process.pid)
                yield process, name_of(process.cmdline())
        except psutil.Error:  # not ours, or gone
            continue


def name_of(command: Sequence[str]) -> str:
    """What a command line of ours is known as.

    >>> name_of(["python", "-m", "trivec.cli", "node"])
    'node'
    >>> name_of(["python", "-m", "celery", "--app=trivec_workers.app", "worker", "--hostname=learner@%h"])
    'learner'
    """
    hostname = next((word.split("=", 1)[1].split("@")[0] for word in command if word.startswith("--hostname=")), "")
    module = command.index("-m") + 1 if "-m" in command else 0
    if command[module : module + 1] == ["trivec.cli"]:
        return command[module + 1]
    if command[module : module + 1] == ["celery"]:
        return hostname or "beat"
    return hostname or Path((*command[module:], "?")[0]).name.split()[0]
