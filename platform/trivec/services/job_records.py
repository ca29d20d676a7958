"""What the ledger writes down about a job: small frozen values and their JSON."""

from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Self

from trivec.records import Document, JobState
from trivec.services.spool import Json


def now() -> datetime:
    """This moment, timezone-aware."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Manifest:
    """What was asked for; written once, when the job is accepted.

    Attributes:
        id: sorts by time of submission.
        corpus: where the documents go.
        path: file or folder to read; "" when the documents came with the request and are spooled already.
        source: name of the source given to documents without one of their own.
        mapping: columns by field, or None to guess.
        submitted_at: timezone-aware; also the `ingested_at` of its documents.
        adopted: the file was handed over to the job, which removes it at the end.
    """

    id: str
    corpus: str
    path: str
    source: str
    mapping: Json | None
    submitted_at: datetime
    adopted: bool = False

    @classmethod
    def parse(cls, fields: Json) -> Self:
        """From JSON."""
        return cls(**{**fields, "submitted_at": datetime.fromisoformat(fields["submitted_at"])})


@dataclass(frozen=True)
class Cursor:
    """How far the source has been read; everything before it is spooled and promised.

    Attributes:
        batches: spooled.
        documents: spooled.
        rejected: rows explained in the rejects file.
        rejects_bytes: length of the rejects file when this was written.
        fingerprint: of the source when reading began; a source that changes is not read on.
        complete: there is nothing more to read.
        error: why reading stopped early, or "".
    """

    batches: int = 0
    documents: int = 0
    rejected: int = 0
    rejects_bytes: int = 0
    fingerprint: str = ""
    complete: bool = False
    error: str = ""


@dataclass(frozen=True)
class Counts:
    """What came of documents."""

    stored: int = 0
    skipped: int = 0
    failed: int = 0

    @property
    def settled(self) -> int:
        """Documents whose fate is known."""
        return self.stored + self.skipped + self.failed

    def __add__(self, other: "Counts") -> "Counts":
        """Both together."""
        return Counts(self.stored + other.stored, self.skipped + other.skipped, self.failed + other.failed)


@dataclass(frozen=True)
class Outcome:
    """What came of one batch. It is an empty file whose name says it all, so that ten thousand are one listing."""

    batch: str
    counts: Counts

    @property
    def name(self) -> str:
        """Of its file."""
        return f"{self.batch}-{self.counts.stored}-{self.counts.skipped}-{self.counts.failed}"

    @classmethod
    def parse(cls, name: str) -> Self:
        """From a file name."""
        batch, stored, skipped, failed = name.split("-")
        return cls(batch, Counts(int(stored), int(skipped), int(failed)))


@dataclass(frozen=True)
class Attempts:
    """What was tried on a batch that is not settled.

    Attributes:
        tries: runs begun; a run that kills its worker counts, one that found a service away does not.
        waits: runs given up because a service was away.
        unchanged: ids that its first look found stored already; None before that look. A second run still counts
            the others as stored by this job, whether the first one got that far or not.
        reason: what went wrong last.
    """

    tries: int = 0
    waits: int = 0
    unchanged: tuple[str, ...] | None = None
    reason: str = ""

    @classmethod
    def parse(cls, fields: Json) -> Self:
        """From JSON."""
        unchanged = fields["unchanged"]
        return cls(**{**fields, "unchanged": None if unchanged is None else tuple(unchanged)})


@dataclass(frozen=True)
class SetAside:
    """A document that could not be stored after all tries, and why."""

    document: Document
    reason: str


@dataclass(frozen=True)
class Checkpoint:
    """What earlier rounds of the job came to, and how it ended if it did. A retry begins a new round.

    Attributes:
        round: number of the round under way, or of the last one.
        counts: of everything settled before this round; once finished, of everything.
        finished_at: None while it runs.
        state: only meaningful once finished.
        message: why it ended so.
        seconds: spent storing, once finished.
    """

    round: int = 0
    counts: Counts = field(default_factory=Counts)
    finished_at: datetime | None = None
    state: JobState = "running"
    message: str = ""
    seconds: float = 0.0

    @classmethod
    def parse(cls, fields: Json) -> Self:
        """From JSON."""
        finished = fields["finished_at"]
        finished_at = datetime.fromisoformat(finished) if finished else None
        return cls(**{**fields, "counts": Counts(**fields["counts"]), "finished_at": finished_at})

    def reopened(self) -> "Checkpoint":
        """The next round, in which what failed is tried again."""
        return Checkpoint(round=self.round + 1, counts=replace(self.counts, failed=0))


def as_json(record: Manifest | Cursor | Attempts | Checkpoint) -> Json:
    """Plain values of a record; dates stay dates, which the writer knows."""
    return asdict(record)
