"""A learning job in a real worker: killed in the middle it goes on where it was; cancelled it stops."""

from collections.abc import Iterator

import pytest

from tests.support.processes import Process, Stack, wait_until
from tests.support.slow import STEPS
from trivec.encoders import sparse
from trivec.services.learning_records import LearningStatus

pytestmark = pytest.mark.services


@pytest.fixture(scope="module")
def patient(stack: Stack) -> Iterator[Process]:
    """A worker that learns slowly, in the place of the usual one."""
    with stack.working_as("tests.integration.slow_learner") as worker:
        yield worker


@pytest.fixture
def corpus(stack: Stack) -> Iterator[str]:
    """An empty one: what is learned here needs no documents."""
    store = stack.container.store
    store.activate(store.create_generation("lessons", [sparse.spec("bm25", average_terms=8.0)]))
    yield "lessons"
    store.delete_corpus("lessons")


def when_learned(stack: Stack, job: str, share: float) -> LearningStatus:
    def reached() -> bool:
        stack.supervise()
        return stack.container.learning.status(job).share >= share

    wait_until(reached, seconds=120, what=f"{share:.0%} learned: {stack.container.learning.status(job)}")
    return stack.container.learning.status(job)


def test_a_job_whose_worker_is_killed_goes_on_in_the_next_one(stack: Stack, patient: Process, corpus: str) -> None:
    service = stack.container.learning
    job = service.submit("fusion", corpus).id
    under_way = when_learned(stack, job, 0.3)
    assert under_way.state == "running", "too fast: nothing was killed in the middle"
    assert service.submit("fusion", corpus).id == job
    patient.kill()
    wait_until(lambda: service.status(job).state == "waiting", what="the kernel takes the claim back")
    patient.start()
    when_learned(stack, job, 1.0)
    done = service.status(job)
    assert (done.state, done.error) == ("done", "")
    processes = done.result["processes"]
    assert len(processes) == STEPS
    assert len(set(processes)) == 2, "what was learned before the blow is not learned again"
    assert processes == sorted(processes, key=processes.index)
    assert service.reconcile() == 0


@pytest.mark.usefixtures("patient")
def test_a_job_that_runs_in_a_worker_is_cancelled_from_elsewhere(stack: Stack, corpus: str) -> None:
    service = stack.container.learning
    job = service.submit("fusion", corpus).id
    assert when_learned(stack, job, 0.1).state == "running"
    service.cancel(job)
    wait_until(lambda: service.status(job).finished_at, what="it stops")
    assert service.status(job).state == "cancelled"
    assert service.status(job).share < 1.0
