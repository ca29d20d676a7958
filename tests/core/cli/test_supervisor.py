"""The supervisor over real processes: what dies is restarted, what has to stop stops, nothing is left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from trivec.cli.parts import Part
from trivec.cli.supervisor import QUICK_DEATHS, Supervisor

SLEEP = (sys.executable, "-c", "import time; time.sleep(600)")
STUBBORN = (
    sys.executable,
    "-c",
    "import signal, subprocess, sys, time\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']).pid, flush=True)\n"
    "time.sleep(600)",
)


def part(name: str, command: tuple[str, ...], *, patience: float = 5.0) -> Part:
    return Part(name=name, command=command, address="", ready=lambda: "ok", patience=patience)


def until(condition: Callable[[], object], *, seconds: float = 30.0) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "waited in vain"
        time.sleep(0.05)


def runs(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(tmp_path: Path, said: list[str]) -> Iterator[Supervisor]:
    supervisor = Supervisor(logs=tmp_path / "logs", say=said.append)
    yield supervisor
    supervisor.stop(hurry=lambda: True)


def test_what_is_killed_is_restarted_and_said(supervisor: Supervisor, said: list[str]) -> None:
    supervisor.start(part("sleeper", SLEEP))
    child = supervisor.children[0]
    first = child.process
    assert first is not None
    first.kill()

    def restarted() -> bool:
        assert supervisor.tend() == ""
        return child.process is not None and child.process.pid != first.pid and child.alive

    until(restarted)
    assert child.restarts == 1
    assert any("sleeper died (SIGKILL)" in line for line in said)


def test_what_dies_at_once_again_and_again_is_given_up_with_its_last_words(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trivec.cli.supervisor.LONGEST_PAUSE", 0.05)
    supervisor.start(part("broken", (sys.executable, "-c", "raise SystemExit('no such table: news')")))
    reasons: list[str] = []
    until(lambda: reasons.append(supervisor.tend()) or reasons[-1])
    assert f"died {QUICK_DEATHS} times" in reasons[-1]
    assert "no such table: news" in reasons[-1]


def test_stopping_goes_backwards_and_takes_the_stubborn_and_their_children(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    supervisor.start(part("first", SLEEP))
    supervisor.start(part("stubborn", STUBBORN, patience=0.3))
    log = tmp_path / "logs" / "stubborn.log"
    until(lambda: log.exists() and log.read_text().strip())
    grandchild = int(log.read_text())
    pids = [child.process.pid for child in supervisor.children if child.process]
    supervisor.stop()
    until(lambda: not any(runs(pid) for pid in (*pids, grandchild)))


def test_stopping_in_a_hurry_does_not_wait_for_patience(supervisor: Supervisor) -> None:
    supervisor.start(part("stubborn", STUBBORN, patience=3600.0))
    supervisor.stop(hurry=lambda: True)
    assert supervisor.children == []


@pytest.mark.skipif(sys.platform != "linux", reason="other systems clear up at the next start")
def test_children_do_not_outlive_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from trivec.cli.parts import Part\n"
        "from trivec.cli.supervisor import Supervisor\n"
        f"s = Supervisor(logs=Path({str(tmp_path)!r}), say=print)\n"
        f"s.start(Part(name='sleeper', command={SLEEP!r}, address='', ready=lambda: 'ok'))\n"
        "print(s.children[0].process.pid, flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert runs(child)
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait()
    until(lambda: not runs(child))


def test_a_log_that_has_grown_is_set_aside_when_its_process_starts(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trivec.cli.supervisor.LOG_BYTES", 10)
    log = supervisor.log_of("sleeper")
    log.parent.mkdir()
    log.write_text("what was said before")
    supervisor.start(part("sleeper", SLEEP))
    assert log.with_suffix(".log.1").read_text() == "what was said before"
    assert log.read_text() == ""
