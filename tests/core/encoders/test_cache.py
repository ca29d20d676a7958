"""The cache: made once, by one process, whole or not at all."""

import subprocess
import sys
from pathlib import Path

import pytest

from trivec.encoders.cache import build_once

SCRIPT = """
import sys, time
from pathlib import Path
from trivec.encoders.cache import build_once

def make(folder):
    (folder / "first").write_text("half")
    time.sleep(0.3)
    with open(sys.argv[2], "a") as log:
        log.write("made\\n")
    (folder / "second").write_text("whole")

print((build_once(Path(sys.argv[1]), make) / "second").read_text())
"""


def test_processes_that_come_together_make_it_once_and_see_it_whole(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SCRIPT, str(tmp_path / "made"), str(tmp_path / "log")]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert [process.communicate()[0].strip() for process in running] == ["whole"] * 4
    assert (tmp_path / "log").read_text() == "made\n"


def test_after_a_process_killed_half_way_the_next_one_makes_it_and_tidies_up(tmp_path: Path) -> None:
    slow = SCRIPT.replace("time.sleep(0.3)", "print('begun', flush=True); time.sleep(60)")
    command = [sys.executable, "-c", slow, str(tmp_path / "made"), str(tmp_path / "log")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as killed:
        assert killed.stdout is not None
        assert killed.stdout.readline() == "begun\n"
        killed.kill()
    assert not (tmp_path / "made").exists()
    assert len(list(tmp_path.glob("*.making"))) == 1
    assert build_once(tmp_path / "made", lambda folder: (folder / "x").touch()).joinpath("x").exists()
    assert not list(tmp_path.glob("*.making"))


def test_a_failure_leaves_nothing_and_may_be_tried_again(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        (folder / "half").touch()
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        build_once(tmp_path / "made", fail)
    assert [path.name for path in tmp_path.iterdir()] == [".made.lock"]
    build_once(tmp_path / "made", lambda folder: (folder / "x").touch())
    assert [path.name for path in (tmp_path / "made").iterdir()] == ["x"]
