"""`trivec up` in the background, and how it is stopped: by the process id in the pid file."""

import os
import signal
import subprocess
import time
from dataclasses import dataclass

from trivec.cli import printing
from trivec.cli.parts import trivec
from trivec.cli.pidfile import PidFile, Running
from trivec.cli.supervisor import tail
from trivec.cli.up import Wanted
from trivec.errors import Conflict, Unavailable
from trivec.settings import Settings

STOP_SECONDS = 90.0  # the sum of all parts' patience, and some


@dataclass(frozen=True)
class Started:
    """What runs, and whether it ran before."""

    running: Running
    already: bool


def up(settings: Settings, wanted: Wanted) -> Started:
    """Start in the background and say where everything answers."""
    began = time.monotonic()
    started = ensure(settings, wanted)
    seconds = time.monotonic() - began
    how = "ran already" if started.already else f"is up, after {seconds:.1f} s"
    printing.line(f"Trivec {how}", style="bold green")
    printing.table(("part", "where"), started.running.parts.items())
    printing.line("It runs in the background; `trivec down` stops it.", style="dim")
    return started


def ensure(settings: Settings, wanted: Wanted) -> Started:
    """Everything up: found running, or started in the background.

    Raises:
        Unavailable: it did not come up; the message holds the end of its log.
    """
    pids = PidFile(settings.home)
    if pids.is_held():
        return Started(_await_ready(settings, pids, wanted.patience, None), already=True)
    log = settings.home / "logs" / "up.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            trivec("up", *_options(wanted)),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Started(_await_ready(settings, pids, wanted.patience, process), already=False)


def _options(wanted: Wanted) -> list[str]:
    switches = {"ui": wanted.ui, "api": wanted.api, "beat": wanted.beat}
    chosen = [f"--{name}" if on else f"--no-{name}" for name, on in switches.items()]
    return [*chosen, "--workers", str(wanted.workers), "--patience", str(wanted.patience)]


def _await_ready(
    settings: Settings, pids: PidFile, patience: float, process: subprocess.Popen[bytes] | None
) -> Running:
    ends = time.monotonic() + patience + 10
    while time.monotonic() < ends:
        running = pids.current()
        if running and running.ready:
            return running
        if process is not None and process.poll() is not None:
            said = "\n".join(tail(settings.home / "logs" / "up.log", 20))
            raise Unavailable(f"`trivec up` stopped:\n{said}")
        time.sleep(0.1)
    raise Unavailable(f"not up after {patience:.0f} s: see {settings.home / 'logs'}")


def down(settings: Settings) -> None:
    """Stop it and wait until it has.

    Raises:
        Conflict: nothing runs, or it does not stop.
    """
    pids = PidFile(settings.home)
    ends = time.monotonic() + STOP_SECONDS
    while (running := pids.current()) is None:  # it may have only just begun
        if not pids.is_held() or time.monotonic() > ends:
            raise Conflict(f"nothing runs on {settings.home}: TRIVEC_HOME says which one is meant")
        time.sleep(0.1)
    os.kill(running.pid, signal.SIGTERM)
    while pids.is_held():
        if time.monotonic() > ends:
            raise Conflict(
                f"process {running.pid} does not stop: `kill -9 {running.pid}` and `trivec up` clear it away"
            )
        time.sleep(0.1)
    printing.line("Trivec is down")
