"""One `up` per home, and no leftovers of one that was killed."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from trivec.cli.pidfile import PidFile, Running, created_at
from trivec.errors import Conflict


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True) as process:
        yield process
        process.kill()


def test_a_second_up_on_the_same_home_is_refused_and_told_who_runs(tmp_path: Path) -> None:
    first, second = PidFile(tmp_path), PidFile(tmp_path)
    with first.held():
        first.write(Running(pid=os.getpid(), ready=True, parts={}, children={}))
        assert second.current() == first.read()
        with pytest.raises(Conflict, match=rf"{os.getpid()}.*trivec down"), second.held():
            pass
    assert not second.is_held()
    with second.held():
        assert second.read() is None


def test_what_a_killed_up_left_behind_is_stopped(tmp_path: Path, stranger: subprocess.Popen[bytes]) -> None:
    PidFile(tmp_path).folder.mkdir()
    PidFile(tmp_path).write(Running(1, ready=True, parts={}, children={stranger.pid: created_at(stranger.pid)}))
    pids = PidFile(tmp_path)
    with pids.held():
        assert pids.clear_leftovers(patience=0.2) == [stranger.pid]
    assert stranger.wait(10) != 0


def test_a_process_that_only_inherited_the_number_is_left_alone(
    tmp_path: Path, stranger: subprocess.Popen[bytes]
) -> None:
    PidFile(tmp_path).folder.mkdir()
    earlier = created_at(stranger.pid) - 3600
    PidFile(tmp_path).write(Running(1, ready=True, parts={}, children={stranger.pid: earlier}))
    assert PidFile(tmp_path).clear_leftovers() == []
    assert stranger.poll() is None
