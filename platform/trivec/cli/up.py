"""Everything on one machine: which parts, in which order, until when. Behind `trivec up`, `down` and `demo`.

A Redis that already answers at TRIVEC_REDIS_URL is used as it is (Debian's package starts one), and parts whose URL
names another machine are left to that machine; every other port has to be free.
"""

import os
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import FrameType

from trivec.api import probes
from trivec.cli import parts, printing
from trivec.cli.parts import Part
from trivec.cli.pidfile import PidFile, Running, created_at
from trivec.cli.supervisor import Child, Supervisor
from trivec.errors import Conflict, Unavailable
from trivec.settings import Settings

TICK = 0.1


@dataclass(frozen=True)
class Wanted:
    """What to start besides the node and the queue."""

    ui: bool = True
    api: bool = True
    beat: bool = True
    workers: int = 1
    patience: float = 90.0  # seconds until every part has to answer


@dataclass
class Stopping:
    """How often we were asked to stop: once means cleanly, twice means now."""

    asked: int = 0
    number: int = 0
    _before: dict[int, object] = field(default_factory=dict)

    def listen(self) -> None:
        """Take Ctrl-C, SIGTERM and a closed terminal as requests."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._heard)

    def _heard(self, number: int, _frame: FrameType | None) -> None:
        self.asked += 1
        self.number = number


def run(settings: Settings, wanted: Wanted) -> None:
    """Start everything, say where it answers, keep it alive until asked to stop, stop it."""
    stopping = Stopping()
    stopping.listen()
    began = time.monotonic()
    pids = PidFile(settings.home)
    with pids.held():
        for pid in pids.clear_leftovers():
            printing.note(f"stopped process {pid}, left over from a `trivec up` that was killed")
        crew = _Crew(settings, wanted, stopping, pids)
        try:
            crew.note_down()
            if crew.start():
                crew.announce(time.monotonic() - began)
                crew.watch()
        finally:
            crew.stop()


class _Crew:
    """The parts of one `up`."""

    def __init__(self, settings: Settings, wanted: Wanted, stopping: Stopping, pids: PidFile) -> None:
        self.settings = settings
        self.wanted = wanted
        self.stopping = stopping
        self.pids = pids
        self.ready = False
        self.elsewhere: dict[str, str] = {}  # what we use but did not start
        self.supervisor = Supervisor(logs=settings.home / "logs", say=_complain, changed=self.note_down)

    def start(self) -> bool:
        """Start the queue first, then the rest side by side; False when asked to stop meanwhile."""
        queue = self._queue()
        rest = self._rest()
        _check_ports([part for part in (queue, *rest) if part])
        deadline = time.monotonic() + self.wanted.patience
        if queue:
            self.supervisor.start(queue)
            if not self._wait([queue], deadline):
                return False
        for part in rest:
            self.supervisor.start(part)
        return self._wait(rest, deadline)

    def _queue(self) -> Part | None:
        url = self.settings.redis_url.get_secret_value()
        if probes.queue(url) == probes.OK:
            self.elsewhere["redis"] = "answered already, used as it is"
            return None
        if not parts.is_local(url):
            raise Unavailable("the Redis of TRIVEC_REDIS_URL is on another machine and does not answer")
        return parts.redis(self.settings)

    def _rest(self) -> list[Part]:
        settings, wanted = self.settings, self.wanted
        chosen: list[Part] = []
        if parts.is_local(settings.qdrant_url):
            chosen.append(parts.node(settings))
        else:
            self.elsewhere["node"] = f"{settings.qdrant_url} (another machine's)"
        names = [f"worker-{number}" if number > 1 else "worker" for number in range(1, wanted.workers + 1)]
        chosen += [parts.worker(settings, name, queues="ingest") for name in names]
        chosen += [
            parts.worker(settings, "learner", queues="learn"),
            parts.worker(settings, "analyst", queues="insight"),
        ]
        if wanted.beat:
            chosen.append(parts.beat(settings))
        if wanted.api:
            chosen.append(parts.api(settings))
        if wanted.ui:
            chosen.append(parts.ui(settings))
        return chosen

    def _wait(self, awaited: Sequence[Part], deadline: float) -> bool:
        """Until every part answers; raises Unavailable when one gives up or time does."""
        waiting = {part.name: part for part in awaited}
        states: dict[str, str] = {}
        while waiting and not self.stopping.asked:
            self._tend()
            states = {name: part.ready() for name, part in waiting.items()}
            waiting = {name: part for name, part in waiting.items() if states[name] != probes.OK}
            if waiting and time.monotonic() > deadline:
                late = "; ".join(f"{name}: {states[name]}, see {self.supervisor.log_of(name)}" for name in waiting)
                raise Unavailable(f"not ready after {self.wanted.patience:.0f} s: {late}")
            time.sleep(TICK if waiting else 0)
        return not waiting

    def _tend(self) -> None:
        reason = self.supervisor.tend()
        if reason:
            raise Unavailable(reason)

    def announce(self, seconds: float) -> None:
        """Say that it is up, and where."""
        self.ready = True
        self.note_down(self.supervisor.children)
        printing.line(f"Trivec is up, after {seconds:.1f} s", style="bold green")
        printing.table(("part", "where"), self._addresses().items())
        printing.line(f"Logs are in {self.supervisor.logs}. Ctrl-C or `trivec down` stops everything.", style="dim")

    def _addresses(self) -> dict[str, str]:
        return {child.part.name: child.part.address for child in self.supervisor.children} | self.elsewhere

    def watch(self) -> None:
        """Keep it alive until asked to stop."""
        while not self.stopping.asked:
            self._tend()
            time.sleep(TICK)

    def stop(self) -> None:
        """Stop what runs; asked twice, at once."""
        if not self.supervisor.children:
            return
        printing.note("stopping (again to stop at once) ...")
        self.supervisor.stop(hurry=lambda: self.stopping.asked > 1)
        printing.note("stopped")

    def note_down(self, children: Sequence[Child] = ()) -> None:
        """Keep the pid file current."""
        pids = [child.process.pid for child in children if child.process is not None]
        addresses = self._addresses()
        self.pids.write(Running(os.getpid(), self.ready, addresses, {pid: created_at(pid) for pid in pids}))


def _check_ports(chosen: Sequence[Part]) -> None:
    """Every port has to be free, and all that are not are named at once."""
    busy = [part for part in chosen if part.port and not parts.port_is_free(part.port)]
    if busy:
        taken = "; ".join(f"port {part.port} of the {part.name} ({part.setting})" for part in busy)
        example = f"{busy[0].setting}={_moved(busy[0])}"
        raise Conflict(f"taken by another process: {taken}. Stop that process, or move ours, like {example}")


def _moved(part: Part) -> str:
    scheme = "redis" if part.name == "redis" else "http"
    return f"{scheme}://127.0.0.1:{part.port + 1}"


def _complain(text: str) -> None:
    printing.note(text, style="yellow")
