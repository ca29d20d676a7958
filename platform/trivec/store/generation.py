"""A generation: one collection of a corpus, with the exact encoders that wrote it.

Owns the value and how it travels in the collection's metadata. Which generation serves is said by the alias alone;
the metadata only says what a generation that does not serve is: still filling, or retired.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from trivec.encoders.base import EncoderSpec
from trivec.errors import Broken
from trivec.records import Scalar

GenerationState = Literal["filling", "active", "retired"]


@dataclass(frozen=True)
class Generation:
    """One collection of a corpus.

    Attributes:
        corpus: the corpus it belongs to.
        number: 1 for the first one, rising.
        collection: its name in Qdrant.
        specs: of the encoders that wrote it, in order; questions are encoded by the same.
        state: `active` serves; `filling` also receives writes; `retired` is kept for roll-back.
        created_at: timezone-aware.
        details: what its maker wanted to remember (training job, data hash).
    """

    corpus: str
    number: int
    collection: str
    specs: tuple[EncoderSpec, ...]
    state: GenerationState
    created_at: datetime
    details: Mapping[str, Scalar] = field(default_factory=dict)

    def spec(self, name: str) -> EncoderSpec | None:
        """The spec of a named vector, None when this generation has no such vector."""
        return next((spec for spec in self.specs if spec.name == name), None)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of its vectors."""
        return tuple(spec.name for spec in self.specs)


@dataclass(frozen=True)
class CorpusInfo:
    """A corpus at a glance; `generation` is the active one, or the filling one when none serves yet."""

    name: str
    documents: int
    passages: int
    generation: Generation

    @property
    def specs(self) -> tuple[EncoderSpec, ...]:
        """Encoders of the generation that answers."""
        return self.generation.specs


def to_metadata(
    corpus: str, number: int, specs: Sequence[EncoderSpec], details: Mapping[str, Scalar]
) -> dict[str, Any]:
    """What a new collection's metadata says."""
    return {
        "trivec": 1,
        "corpus": corpus,
        "generation": number,
        "specs": [spec.as_dict() for spec in specs],
        "state": "filling",
        "created_at": datetime.now(UTC).isoformat(),
        "details": dict(details),
    }


def from_metadata(collection: str, metadata: Mapping[str, Any], *, serves: bool) -> Generation:
    """The generation a collection's metadata describes; `serves` is whether the alias points at it.

    Raises:
        Broken: the metadata lacks what every generation has.
    """
    try:
        waiting: GenerationState = "filling" if metadata["state"] == "filling" else "retired"
        return Generation(
            corpus=metadata["corpus"],
            number=int(metadata["generation"]),
            collection=collection,
            specs=tuple(EncoderSpec.from_dict(values) for values in metadata["specs"]),
            state="active" if serves else waiting,
            created_at=datetime.fromisoformat(metadata["created_at"]),
            details=dict(metadata.get("details") or {}),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Broken(
            f"collection {collection!r} is named like a generation but its metadata lacks {error}: "
            "restore it from a snapshot or delete it"
        ) from error
