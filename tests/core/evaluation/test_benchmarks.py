"""What benchmarks are made of: texts of the wanted length, and memory told by process."""

import os
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path

import pytest

from trivec.errors import BadInput
from trivec.evaluation import bench_texts
from trivec.evaluation.processes import Memory, name_of, processor_seconds, watching


def test_made_texts_have_the_wanted_length_and_are_the_same_every_time() -> None:
    first, again = (list(bench_texts.documents(50, words=100)) for _ in range(2))
    assert [len(one.text.split()) for one in first] == [100] * 50
    assert [one.text for one in first] == [one.text for one in again]
    assert len({one.text for one in first}) == 50


def test_more_real_paragraphs_than_there_are_cannot_be_had() -> None:
    assert len(list(islice(bench_texts.documents(20_000), 20_000))) == 20_000
    with pytest.raises(BadInput, match="say how many words"):
        bench_texts.documents(10_000_000)


def test_questions_are_words_of_the_texts() -> None:
    asked = bench_texts.questions(30)
    assert len(asked) == 30
    assert all(3 <= len(question.split()) <= 8 for question in asked)


def test_memory_is_told_by_process_and_only_of_this_home(tmp_path: Path) -> None:
    busy = "import time; print(sum(range(10**7)), flush=True); time.sleep(30)"
    sleeper = [sys.executable, "-c", busy, "--hostname=worker@here"]
    environment = {**os.environ, "TRIVEC_HOME": str(tmp_path)}
    with subprocess.Popen(sleeper, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            assert process.stdout.readline()  # it has worked by now, so there is processor time to tell
            with watching(tmp_path) as memory:
                deadline = time.monotonic() + 20
                while "worker" not in memory.samples and time.monotonic() < deadline:
                    time.sleep(0.1)
            used = processor_seconds(tmp_path)
        finally:
            process.kill()
    assert set(memory.samples) == set(used) == {"worker"}
    assert 0 < used["worker"] < 30
    assert 1 < memory.peak()["worker"] < 500


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("python -m trivec.cli up --no-ui --api --beat --workers 1", "up"),
        ("python -m celery --app=trivec_workers.app worker --hostname=worker@%h", "worker"),
        ("python -m celery --app=trivec_workers.app beat --scheduler=redbeat.RedBeatScheduler", "beat"),
        ("/usr/bin/redis-server 127.0.0.1:6379", "redis-server"),
        ("python -m trivec.node.build_index", "trivec.node.build_index"),
    ],
)
def test_processes_are_called_as_people_know_them(command: str, name: str) -> None:
    assert name_of(command.split()) == name


def test_memory_at_a_share_of_the_time_is_the_sample_of_that_moment() -> None:
    memory = Memory({"node": [10.0, 20.0, 30.0, 40.0]})
    assert (memory.at(0.25), memory.at(0.5), memory.at(1.0)) == ({"node": 20.0}, {"node": 30.0}, {"node": 40.0})
    assert memory.peak() == {"node": 40.0}
