"""What is written down about long learning work: small frozen values and their JSON."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Self, get_args

from trivec.records import LearningKind, LearningState, Scalar
from trivec.services.spool import Json

KINDS: tuple[LearningKind, ...] = get_args(LearningKind)
ENDED: tuple[LearningState, ...] = ("done", "failed", "cancelled")


@dataclass(frozen=True)
class Order:
    """What was asked for; written once, when the job is accepted.

    Attributes:
        id: sorts by time of submission.
        kind: what is learned.
        corpus: from what, and for what.
        parameters: of the learner; those left out are its defaults.
        submitted_at: timezone-aware.
        scheduled: whether the schedule asked for it, and nobody else.
    """

    id: str
    kind: LearningKind
    corpus: str
    parameters: Mapping[str, Scalar]
    submitted_at: datetime
    scheduled: bool = False

    @classmethod
    def parse(cls, fields: Json) -> Self:
        """From JSON."""
        return cls(**{**fields, "submitted_at": datetime.fromisoformat(fields["submitted_at"])})


@dataclass(frozen=True)
class Runs:
    """What became of the runs so far, while the job has not ended.

    Attributes:
        tries: runs begun since it last got further; one that its worker's death ended counts, a stop by hand does not.
        waits: runs given up in a row because something was away or busy.
        furthest: the largest share of the work that any run reached, 0 to 1.
        started_at: of the first run.
        reason: why the last run was given up.
    """

    tries: int = 0
    waits: int = 0
    furthest: float = 0.0
    started_at: datetime | None = None
    reason: str = ""

    @classmethod
    def parse(cls, fields: Json) -> Self:
        """From JSON."""
        started = fields["started_at"]
        return cls(**{**fields, "started_at": datetime.fromisoformat(started) if started else None})


@dataclass(frozen=True)
class Step:
    """Where a run is.

    Attributes:
        doing: in words.
        share: of the whole work that is done, 0 to 1; 0 also where nobody can tell.
    """

    doing: str = ""
    share: float = 0.0


@dataclass(frozen=True)
class Ending:
    """How a job ended.

    Attributes:
        state: `done`, `failed` or `cancelled`.
        finished_at: timezone-aware.
        result: plain values that the learner returned: the model's reference, the verdict, metrics.
        error: what went wrong, or "".
    """

    state: LearningState
    finished_at: datetime
    result: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""

    @classmethod
    def parse(cls, fields: Json) -> Self:
        """From JSON."""
        return cls(**{**fields, "finished_at": datetime.fromisoformat(fields["finished_at"])})


@dataclass(frozen=True)
class LearningStatus:
    """Where a learning job stands.

    Attributes:
        id: the job.
        kind: what is learned.
        corpus: from what, and for what.
        parameters: of the learner.
        state: `waiting` also while it is broken off and can be taken up again.
        step: what is being done, or what it waits for.
        share: of the whole work that is done, 0 to 1; 0 also where nobody can tell.
        submitted_at: timezone-aware.
        started_at: of its first run, None before it.
        finished_at: None until it has ended.
        result: of a job that is done: the model's reference, the verdict, metrics.
        error: why it failed, or "".
    """

    id: str
    kind: LearningKind
    corpus: str
    parameters: Mapping[str, Scalar]
    state: LearningState
    step: str
    share: float
    submitted_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    result: Mapping[str, Any]
    error: str


def as_json(record: Order | Runs | Step | Ending) -> Json:
    """Plain values of a record; dates stay dates, which the writer knows."""
    return asdict(record)
