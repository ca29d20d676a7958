"""Learning jobs: one of a kind at a time, claimed, stopped when asked, never tried for ever; and who serves."""

import base64
import json
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from qdrant_client import QdrantClient
from redis import Redis

from tests.support.processes import Process
from trivec import jobs
from trivec.encoders import sparse
from trivec.errors import BadInput, Broken, Conflict, NotFound, Unavailable
from trivec.learning.base import Progress
from trivec.records import Scalar
from trivec.registry import Registry
from trivec.services import gate, learning_jobs
from trivec.services.learning import Learner, LearningService
from trivec.services.learning_jobs import LearningLedger
from trivec.store import Store

TRIES = 2
LOST = 60.0


class Pupil:
    """Learns in ten steps, each kept in its checkpoint folder; a test says what happens at which."""

    def __init__(self) -> None:
        self.at: dict[int, BaseException] = {}
        self.seen: list[int] = []

    def learn(
        self, corpus: str, parameters: Mapping[str, Scalar], checkpoint: Path, progress: Progress
    ) -> Mapping[str, Any]:
        for step in range(len(list(checkpoint.iterdir())), 10):
            progress(f"step {step}", step / 10)
            if step in self.at:
                raise self.at[step]
            (checkpoint / str(step)).touch()
            self.seen.append(step)
        return {"reference": f"{corpus}.fusion:1", "metrics": {"ndcg@10": 0.5}, **parameters}


@dataclass
class World:
    """Services over an in-memory Qdrant with one corpus; the test is the worker."""

    ledger: LearningLedger
    service: LearningService
    pupil: Pupil
    queue: "Redis"
    served: list[str]

    def tasks(self) -> list[tuple[str, list[str]]]:
        """Names and arguments of what waits for a worker; taken off the queue."""
        messages = [json.loads(each) for each in self.queue.lrange("learn\x06\x163", 0, -1)]  # type: ignore[union-attr]
        self.queue.delete("learn\x06\x163")
        return [(each["headers"]["task"], json.loads(base64.b64decode(each["body"]))[0]) for each in messages]


@pytest.fixture
def world(tmp_path: Path, redis: Process, queue: "Redis", registry: Registry) -> World:
    store = Store.from_client(QdrantClient(":memory:"))
    for name in ("news", "mail"):
        store.activate(store.create_generation(name, [sparse.spec("bm25", average_terms=8.0)]))
    pupil, served = Pupil(), []

    def serve(reference: str) -> tuple[str, ...]:
        served.append(reference)
        return ()

    learner = Learner(pupil.learn, models=("fusion",), wants=lambda corpus: corpus == "mail", serve=serve)
    ledger = LearningLedger(tmp_path / "learning")
    producer = jobs.Producer(redis.address)
    service = LearningService(
        ledger,
        producer,
        store=store,
        registry=registry,
        learners={"fusion": learner},
        lost_after=LOST,
        tries=TRIES,
    )
    return World(ledger, service, pupil, queue, served)


def test_a_job_is_sent_run_and_keeps_what_came_of_it(world: World) -> None:
    job = world.service.submit("fusion", "news", {"epochs": 8})
    assert (job.state, job.parameters, job.started_at) == ("waiting", {"epochs": 8}, None)
    assert world.tasks() == [(jobs.LEARN_RUN, [job.id])]
    assert world.service.run(job.id) is None
    done = world.service.status(job.id)
    assert (done.state, done.share, done.error) == ("done", 1.0, "")
    assert done.result == {"reference": "news.fusion:1", "metrics": {"ndcg@10": 0.5}, "epochs": 8}
    assert done.started_at is not None
    assert done.finished_at is not None
    assert not (world.ledger.job(job.id).folder / "checkpoint").exists()


def test_asking_again_while_it_waits_is_asking_once(world: World) -> None:
    first = world.service.submit("fusion", "news")
    assert world.service.submit("fusion", "news").id == first.id
    assert len(world.tasks()) == 1
    assert world.service.submit("fusion", "mail").id != first.id
    world.service.run(first.id)
    assert world.service.submit("fusion", "news").id != first.id


def test_a_job_that_another_process_works_on_is_left_to_it(world: World) -> None:
    job = world.service.submit("fusion", "news")
    with world.ledger.job(job.id).claim() as mine:
        assert mine
        assert world.service.run(job.id) is None
        assert world.service.status(job.id).state == "running"
        world.ledger.job(job.id).mark_queued(1.0)
        world.tasks()
        world.service.reconcile()
        assert world.tasks() == []
    assert world.pupil.seen == []
    assert world.service.status(job.id).state == "waiting"


def test_progress_is_seen_by_others_while_it_runs(world: World) -> None:
    job = world.service.submit("fusion", "news")
    seen = []

    def look(doing: str, share: float) -> None:
        status = world.service.status(job.id)
        seen.append((doing, share, status.state))

    world.service.run(job.id, tell=look)
    assert seen == [(f"step {step}", step / 10, "running") for step in range(10)]
    assert world.ledger.job(job.id).step.doing.startswith("step ")


def test_a_cancelled_job_stops_at_its_next_step(world: World) -> None:
    job = world.service.submit("fusion", "news")

    def stop(_doing: str, share: float) -> None:
        if share == 0.4:
            assert world.service.cancel(job.id).state == "running"

    world.service.run(job.id, tell=stop)
    assert world.service.status(job.id).state == "cancelled"
    assert world.pupil.seen == [0, 1, 2, 3, 4]
    with pytest.raises(Conflict, match="cancelled"):
        world.service.cancel(job.id)


def test_a_waiting_job_is_cancelled_at_once_and_never_runs(world: World) -> None:
    job = world.service.submit("fusion", "news")
    assert world.service.cancel(job.id).state == "cancelled"
    assert world.service.run(job.id) is None
    assert world.pupil.seen == []


@pytest.mark.parametrize("fault", [Broken("the table is gone"), ValueError("odd")])
def test_a_learner_that_fails_fails_its_job_once_and_for_all(world: World, fault: Exception) -> None:
    world.pupil.at[3] = fault
    job = world.service.submit("fusion", "news")
    assert world.service.run(job.id) is None
    failed = world.service.status(job.id)
    assert failed.state == "failed"
    assert str(fault) in failed.error
    assert world.service.run(job.id) is None
    assert world.pupil.seen == [0, 1, 2]


def test_what_is_away_is_waited_for_but_not_for_ever(world: World) -> None:
    world.pupil.at[3] = Unavailable("Qdrant does not answer")
    job = world.service.submit("fusion", "news")
    seconds = world.service.run(job.id)
    assert seconds is not None
    waiting = world.service.status(job.id)
    assert (waiting.state, waiting.step) == ("waiting", "waiting: Qdrant does not answer")
    del world.pupil.at[3]
    world.service.run(job.id)
    assert world.service.status(job.id).state == "done"
    assert world.pupil.seen == list(range(10))

    world.pupil.at[0] = Unavailable("Qdrant does not answer")
    job = world.service.submit("fusion", "mail")
    runs = 1
    while world.service.run(job.id) is not None:
        runs += 1
        assert runs < 1000
    assert "Qdrant does not answer" in world.service.status(job.id).error


def test_breaking_off_by_hand_leaves_it_to_be_taken_up_where_it_was(world: World) -> None:
    world.pupil.at[6] = KeyboardInterrupt()
    job = world.service.open("fusion", "news")
    for _ in range(TRIES + 1):  # however often
        with pytest.raises(KeyboardInterrupt):
            world.service.run(job.id)
    broken_off = world.service.status(job.id)
    assert broken_off.state == "waiting"
    assert "trivec train fusion --corpus news" in broken_off.step
    assert broken_off.share == pytest.approx(0.6)
    world.service.reconcile()
    assert world.tasks() == []  # nobody asked a worker to do it
    assert world.service.open("fusion", "news").id == job.id
    del world.pupil.at[6]
    world.service.run(job.id)
    assert world.pupil.seen == list(range(10))
    assert world.service.status(job.id).state == "done"


def test_a_broken_off_job_goes_on_in_a_worker_when_asked_to(world: World) -> None:
    job = world.service.open("fusion", "news")
    assert world.tasks() == []
    assert world.service.submit("fusion", "news").id == job.id
    assert world.tasks() == [(jobs.LEARN_RUN, [job.id])]


DIES = """
import os, signal, sys
from pathlib import Path
from trivec.services import learning_run
from trivec.services.learning_jobs import LearningJob

def learn(corpus, parameters, checkpoint, progress):
    progress("half way", float(sys.argv[2]))
    os.kill(os.getpid(), signal.SIGKILL)

learning_run.run(LearningJob(Path(sys.argv[1])), learn, tell=lambda doing, share: None, tries=2)
"""


def die(world: World, job: str, *, at: float) -> None:
    folder = world.ledger.job(job).folder
    done = subprocess.run([sys.executable, "-c", DIES, str(folder), str(at)], check=False)
    assert done.returncode == -signal.SIGKILL


def test_a_killed_worker_s_job_is_sent_again_and_not_tried_for_ever(world: World) -> None:
    job = world.service.submit("fusion", "news").id
    world.tasks()
    for at in (0.2, 0.4, 0.6):  # each gets further, so none of them counts against it
        die(world, job, at=at)
        assert world.service.status(job).state == "waiting"
        assert world.service.reconcile() == 1
        assert world.tasks() == []  # it may still be on its way to a worker
        world.ledger.job(job).mark_queued(time.time() - 2 * LOST)
        world.service.reconcile()
        assert world.tasks() == [(jobs.LEARN_RUN, [job])]
    die(world, job, at=0.6)
    world.service.run(job)
    failed = world.service.status(job)
    assert failed.state == "failed"
    assert "60%" in failed.error
    assert world.pupil.seen == []


def test_without_redis_a_job_waits_and_is_sent_when_it_is_back(world: World, redis: Process) -> None:
    redis.kill()
    job = world.service.submit("fusion", "news")
    assert job.state == "waiting"
    assert "queue did not answer" in job.step
    with pytest.raises(Unavailable):
        world.service.reconcile()
    redis.start()
    world.service.reconcile()
    assert world.tasks() == [(jobs.LEARN_RUN, [job.id])]


def test_the_schedule_submits_what_wants_learning(world: World) -> None:
    assert [job.corpus for job in world.service.submit_due("fusion")] == ["mail"]
    assert world.service.submit_due("taxonomy") == []


def test_the_schedule_leaves_alone_what_has_just_failed(world: World) -> None:
    world.pupil.at[3] = Broken("the table is gone")
    [job] = world.service.submit_due("fusion")
    world.service.run(job.id)
    assert world.service.submit_due("fusion") == []
    world.service.run(world.service.submit("fusion", "mail", {"epochs": 4}).id)
    assert world.service.submit_due("fusion") == [], "that somebody else succeeded with something else changes nothing"
    assert world.service.submit("fusion", "mail").state == "waiting"  # who asks for it gets it


def test_what_people_tried_in_vain_does_not_silence_the_schedule(world: World) -> None:
    world.pupil.at[3] = Broken("the disk was full")
    world.service.run(world.service.submit("fusion", "mail").id)
    assert [job.corpus for job in world.service.submit_due("fusion")] == ["mail"]


def test_unknown_kinds_corpora_and_jobs_are_named(world: World) -> None:
    with pytest.raises(BadInput, match="'taxonomy' cannot be learned here: choose one of fusion"):
        world.service.submit("taxonomy", "news")
    with pytest.raises(NotFound, match="nwes"):
        world.service.submit("fusion", "nwes")
    for wrong in ("nobody", "../news", ".open.lock"):
        with pytest.raises(NotFound):
            world.service.status(wrong)
        assert world.service.run(wrong) is None
    assert world.service.jobs() == []


def test_ended_jobs_are_kept_but_not_all_of_them(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning_jobs, "_KEPT", 3)
    other = world.service.open("fusion", "mail")
    ids = []
    for _ in range(5):
        ids.append(world.service.open("fusion", "news").id)
        world.service.run(ids[-1])
    assert [job.id for job in world.service.jobs()] == [*reversed(ids[-4:]), other.id]


def saved(registry: Registry, folder: Path) -> str:
    folder.mkdir()
    (folder / "model.json").write_text("{}")
    return registry.save("posts.fusion", folder, parameters={}, metrics={}, data_hash="")


def test_promoting_and_rolling_back_switch_what_serves(world: World, registry: Registry, tmp_path: Path) -> None:
    first, second = saved(registry, tmp_path / "1"), saved(registry, tmp_path / "2")
    scores = np.ones(10)
    gate.record(registry, first, gate.judge(scores, None, metric="ndcg@10", baseline=scores))
    assert world.service.use(second, reason="better on our queries") == second
    assert registry.champion("posts.fusion") == second
    assert world.service.rollback("posts.fusion") == first
    assert world.served == [second, first]
    assert registry.champion("posts.fusion") == first
    assert world.service.before("posts.fusion") is None
    assert world.service.rollback("posts.fusion") is None
    assert registry.champion("posts.fusion") is None
    with pytest.raises(Conflict, match="no champion"):
        world.service.rollback("posts.fusion")
    with pytest.raises(BadInput, match="needs a reason"):
        world.service.use(second, reason="")
    with pytest.raises(NotFound):
        world.service.use("posts.fusion:99", reason="a try")
    assert world.served == [second, first]


def test_what_cannot_be_switched_to_does_not_become_champion(
    world: World, registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = saved(registry, tmp_path / "1")
    before = registry.champion("posts.fusion")

    def busy(_reference: str) -> tuple[str, ...]:
        raise Conflict("a generation is being made right now")

    learner = Learner(world.pupil.learn, models=("fusion",), serve=busy)
    monkeypatch.setattr(world.service, "_learners", {"fusion": learner})
    with pytest.raises(Conflict):
        world.service.use(reference, reason="a try")
    assert registry.champion("posts.fusion") == before
