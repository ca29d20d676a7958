"""Learning as people and workers ask for it: submitted, watched, cancelled, run; and which model serves.

Kinds of learning are plugged in; this knows none of them. What a job promises is in its folder first, Redis only
carries who should do what next, and every method may be called again, by anybody, at any time.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from trivec import jobs
from trivec.errors import BadInput, Conflict, NotFound, TrivecError, Unavailable
from trivec.learning.base import Progress, silent
from trivec.records import LearningKind, Scalar
from trivec.services import learning_jobs, learning_run
from trivec.services.job_records import now
from trivec.services.learning_jobs import LearningJob, LearningLedger
from trivec.services.learning_records import KINDS, LearningStatus
from trivec.services.learning_run import Work

if TYPE_CHECKING:
    from trivec.registry import Registry
    from trivec.store import Store
    from trivec.store.writes import Finding

_logger = logging.getLogger(__name__)

NO_PARAMETERS: Mapping[str, Scalar] = {}


def never(_corpus: str) -> bool:
    """Of a kind that nobody has to remember: it is only learned when asked for."""
    return False


def nothing_to_switch(_reference: str) -> Sequence[str]:
    """Of a model that is looked up whenever it is used."""
    return ()


def forgetting(store: "Store", finding: "Finding") -> Callable[[str], None]:
    """The withdrawal of a model whose findings stand in the passages: they go with it."""

    def withdraw(reference: str) -> None:
        store.forget(reference.rpartition(".")[0], finding)

    return withdraw


@dataclass(frozen=True)
class Learner:
    """One kind of learning.

    Attributes:
        learn: trains, registers, judges and, if better, lets it serve; takes the corpus, parameters, a folder for
            checkpoints (the same one when a broken-off job is taken up again) and progress; returns plain values:
            `reference`, `verdict`, `metrics`.
        models: what the models it registers are called after the corpus's name: `fusion` for `news.fusion`.
        wants: whether enough is new in a corpus to learn again, or something is left to do.
        scheduled: parameters of a job that the schedule submits.
        serve: makes a corpus be served by this version of a model; returns the references of all models that serve
            with it.
        withdraw: makes the corpus be served without this model, as it was before the first version; None for a model
            that it cannot do without.
        queue: whose workers do it: analyses do not wait behind trainings that may take an hour.
        rest: how long the schedule leaves a corpus alone after a job of its own has failed. What failed will mostly
            fail again the next time: that is for somebody to read why.
    """

    learn: Work
    models: tuple[str, ...]
    wants: Callable[[str], bool] = never
    scheduled: Mapping[str, Scalar] = field(default_factory=dict)
    serve: Callable[[str], Sequence[str]] = nothing_to_switch
    withdraw: Callable[[str], object] | None = nothing_to_switch
    queue: str = jobs.LEARN
    rest: timedelta = timedelta(days=6)


class LearningService:
    """What people and workers do with learning.

    Args:
        ledger: of the jobs.
        producer: of tasks.
        store: of the corpora.
        registry: of the models.
        learners: by kind.
        lost_after: seconds after which a job that was sent and is nowhere to be seen counts as lost.
        tries: runs that may die at the same point before a job has failed.
    """

    def __init__(
        self,
        ledger: LearningLedger,
        producer: jobs.Producer,
        *,
        store: "Store",
        registry: "Registry",
        learners: Mapping[LearningKind, Learner],
        lost_after: float,
        tries: int,
    ) -> None:
        self._ledger = ledger
        self._producer = producer
        self._store = store
        self._registry = registry
        self._learners = learners
        self._lost_after = lost_after
        self._tries = tries

    # For people

    def submit(
        self, kind: LearningKind, corpus: str, parameters: Mapping[str, Scalar] = NO_PARAMETERS
    ) -> LearningStatus:
        """Promises to learn, in a worker, and returns at once. Without Redis the job waits for it.

        A job of this kind and corpus that waits, runs or was broken off is taken up instead of beginning another.

        Raises:
            BadInput: a kind that cannot be learned.
            NotFound: no such corpus.
        """
        return self._submitted(self._open(kind, corpus, parameters))

    def open(self, kind: LearningKind, corpus: str, parameters: Mapping[str, Scalar] = NO_PARAMETERS) -> LearningStatus:
        """As `submit`, but no worker gets a new job: `run` it here. One that is broken off waits to be taken up."""
        return learning_jobs.status(self._open(kind, corpus, parameters))

    def status(self, job_id: str) -> LearningStatus:
        """Where a job stands.

        Raises:
            NotFound: there is no such job.
        """
        return learning_jobs.status(self._ledger.job(job_id))

    def jobs(self) -> list[LearningStatus]:
        """Where every job stands, newest first."""
        return [learning_jobs.status(job) for job in reversed(self._ledger.jobs())]

    def cancel(self, job_id: str) -> LearningStatus:
        """Stops a job at its next step; what it learned so far is lost, what serves goes on serving.

        Raises:
            Conflict: it ended already.
        """
        job = self._ledger.job(job_id)
        if ending := job.ending:
            raise Conflict(f"learning job {job_id} ended already: it is {ending.state}")
        job.cancel()
        self._end_cancelled(job)
        return learning_jobs.status(job)

    def use(self, reference: str, *, reason: str) -> str:
        """Makes a version of a model serve and champion, whatever the gate said; returns the reference.

        Where a generation of vectors was made with it, that generation is brought up to date and switched to, while
        the present one answers. This may take as long as a pass over the corpus.

        Raises:
            BadInput: no reason, or not a reference.
            NotFound: no such version.
        """
        if not reason.strip():
            raise BadInput(f"promoting {reference} needs a reason: what was measured, and what it beats")
        self._registry.path(reference)
        partners = self._serve(reference)
        self._registry.promote(reference, reason=reason)
        self._follow(reference, partners)
        return reference

    def rollback(self, name: str) -> str | None:
        """Makes the champion before serve again; returns its reference, None where nobody was before the first.

        Raises:
            NotFound: no such model.
            Conflict: there is no champion, or it is the first of a model that its corpus cannot do without.
        """
        before = self.before(name)
        if before is None:
            self._withdraw(name)
            return None
        partners = self._serve(before)
        reference = self._registry.rollback(name)
        self._follow(reference, partners)
        return reference

    def before(self, name: str) -> str | None:
        """Who would serve after a roll-back; None: nobody, as before the first.

        Raises:
            NotFound: no such model.
            Conflict: there is no way back.
        """
        before = self._registry.previous(name)
        learner = self._learner_of(name)
        if before is None and learner is not None and learner.withdraw is None:
            raise Conflict(
                f"model {name!r} has no earlier champion to roll back to, and its corpus cannot do without: promote "
                "another version instead"
            )
        return before

    def learn(
        self,
        kind: LearningKind,
        corpus: str,
        parameters: Mapping[str, Scalar] = NO_PARAMETERS,
        *,
        tell: Progress = silent,
    ) -> LearningStatus:
        """`open` and `run`, and how it ended: done, failed with its error, or waiting where somebody else is at work.

        Raises:
            BadInput: a kind that cannot be learned.
            NotFound: no such corpus.
        """
        job = self._open(kind, corpus, parameters)
        self.run(job.id, tell=tell)
        return learning_jobs.status(job)

    # For workers and schedules

    def run(self, job_id: str, *, tell: Progress = silent) -> float | None:
        """Works on a job unless somebody else does; returns the seconds to wait before trying again, or None."""
        try:
            job = self._ledger.job(job_id)
        except NotFound:  # its folder was removed
            return None
        return learning_run.run(job, self._learner(job.order.kind).learn, tell=tell, tries=self._tries)

    def submit_due(self, kind: LearningKind) -> list[LearningStatus]:
        """Submits a job for every corpus in which enough is new."""
        wanted = [info.name for info in self._store.corpora() if self._wants(kind, info.name)]
        parameters = self._learners[kind].scheduled if wanted else NO_PARAMETERS
        return [self._submitted(self._open(kind, corpus, parameters, scheduled=True)) for corpus in wanted]

    def reconcile(self) -> int:
        """Sends again what got lost, ends what was cancelled; returns how many jobs are unfinished.

        Raises:
            Unavailable: the queue does not answer; nothing is lost.
        """
        unfinished = self._ledger.unfinished()
        for job in unfinished:
            self._end_cancelled(job)
            if learning_jobs.is_due(job, lost_after=self._lost_after):
                self._dispatch(job)
        return len(unfinished)

    def _open(
        self, kind: LearningKind, corpus: str, parameters: Mapping[str, Scalar], *, scheduled: bool = False
    ) -> LearningJob:
        self._learner(kind)
        self._store.current(corpus)
        return self._ledger.open(kind, corpus, parameters, scheduled=scheduled)

    def _submitted(self, job: LearningJob) -> LearningStatus:
        """Makes a job the workers' business; without Redis it waits for it."""
        if job.queued is None:
            job.mark_queued(0.0)
        with suppress(Unavailable):
            self._dispatch(job)
        return learning_jobs.status(job)

    def _learner(self, kind: LearningKind) -> Learner:
        if kind not in self._learners:
            known = ", ".join(each for each in KINDS if each in self._learners)
            raise BadInput(f"{kind!r} cannot be learned here: choose one of {known}")
        return self._learners[kind]

    def _dispatch(self, job: LearningJob) -> None:
        """Sends a job to the workers, unless it ended, is being worked on, or waits in the queue already."""
        queue = self._learner(job.order.kind).queue
        if job.claimed or job.ending or job.id in self._producer.waiting(queue):
            return
        self._producer.send(jobs.LEARN_RUN, job.id, queue=queue, task_id=job.id)
        job.mark_queued(time.time())

    def _end_cancelled(self, job: LearningJob) -> None:
        """Ends a cancelled job that nobody works on; who works on it ends it himself."""
        if job.cancelled:
            with job.claim() as mine:
                if mine and job.ending is None:
                    job.finish("cancelled")

    def _wants(self, kind: LearningKind, corpus: str) -> bool:
        """One corpus that cannot be looked at does not keep the others waiting; one that failed is left for a while."""
        if kind not in self._learners or self._failed_lately(kind, corpus):
            return False
        try:
            return self._learners[kind].wants(corpus)
        except TrivecError as error:
            _logger.warning("whether corpus %s wants %s is not known: %s", corpus, kind, error)
            return False

    def _failed_lately(self, kind: LearningKind, corpus: str) -> bool:
        """Whether the last job that the schedule itself asked for failed; what people tried does not count."""
        orders = ((job, job.order) for job in reversed(self._ledger.jobs()))
        asked = (job for job, order in orders if (order.kind, order.corpus, order.scheduled) == (kind, corpus, True))
        ending = last.ending if (last := next(asked, None)) else None
        if ending is None or ending.state != "failed":
            return False
        return now() - ending.finished_at < self._learners[kind].rest

    def _serve(self, reference: str) -> Sequence[str]:
        learner = self._learner_of(reference.rpartition(":")[0])
        return learner.serve(reference) if learner else ()

    def _withdraw(self, name: str) -> None:
        learner, champion = self._learner_of(name), self._registry.champion(name)
        if learner and learner.withdraw and champion:
            learner.withdraw(champion)
        self._registry.withdraw(name)

    def _learner_of(self, name: str) -> Learner | None:
        kind = name.rpartition(".")[2]
        return next((each for each in self._learners.values() if kind in each.models), None)

    def _follow(self, reference: str, partners: Sequence[str]) -> None:
        """Models that serve together are champions together."""
        for partner in partners:
            name = partner.rpartition(":")[0]
            if partner != reference and self._registry.champion(name) != partner:
                self._registry.promote(partner, reason=f"serves with {reference}")
