"""A collection's folder: what it is made of on disk, and which of its shards counts.

<collection>/collection.json    parameters and payload indexes, as the client gave them
<collection>/current.json       the shard that counts: one atomic write switches it
<collection>/shards/<number>/   shards of Edge; every one but the current is a leftover
"""

import hashlib
import json
import shutil
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel
from qdrant_client import models

from trivec.node.durable import write_atomic
from trivec.node.errors import Internal


class StoredCollection(BaseModel, frozen=True):
    """What is written to `collection.json`."""

    parameters: models.CreateCollection
    indexes: dict[str, models.PayloadFieldSchema] = {}
    created_at: datetime

    @classmethod
    def new(cls, parameters: models.CreateCollection) -> "StoredCollection":
        """A collection that begins now."""
        return cls(parameters=parameters, created_at=datetime.now(UTC))

    def digest(self) -> str:
        """Changes when something changes that a new index build would bring into effect."""
        relevant = self.parameters.model_dump_json(exclude={"metadata", "strict_mode_config", "wal_config"})
        return hashlib.sha256(relevant.encode()).hexdigest()[:16]


@dataclass(frozen=True, kw_only=True)
class CurrentShard:
    """The shard that counts.

    Attributes:
        shard: its folder's name below `shards/`.
        digest: the parameters it was built with.
        points: how many it was built with.
        size: bytes on disk when it was built.
    """

    shard: str
    digest: str
    points: int = 0
    size: int = 0


@dataclass(frozen=True)
class CollectionFolder:
    """Reads and writes one collection's folder."""

    path: Path

    @property
    def shards(self) -> Path:
        """Where the shards are."""
        return self.path / "shards"

    def stored(self) -> StoredCollection:
        """The collection's parameters.

        Raises:
            Internal: when the file is missing or damaged.
        """
        file = self.path / "collection.json"
        try:
            return StoredCollection.model_validate_json(file.read_bytes())
        except (OSError, ValueError) as error:
            raise Internal(f"{file} cannot be read ({error}); restore the collection from a snapshot") from error

    def store(self, collection: StoredCollection) -> None:
        """Replace the collection's parameters."""
        content = collection.model_dump_json(exclude_none=True, indent=1)
        write_atomic(self.path / "collection.json", content.encode())

    def current(self) -> CurrentShard:
        """The shard that counts.

        Raises:
            Internal: when the file is missing or damaged.
        """
        file = self.path / "current.json"
        try:
            return CurrentShard(**json.loads(file.read_bytes()))
        except (OSError, ValueError, TypeError) as error:
            raise Internal(f"{file} cannot be read ({error}); restore the collection from a snapshot") from error

    def point_to(self, current: CurrentShard) -> None:
        """Make another shard count, in one step."""
        write_atomic(self.path / "current.json", json.dumps(asdict(current)).encode())

    def shard_path(self, current: CurrentShard) -> Path:
        """The folder of a shard."""
        return self.shards / current.shard

    def next_shard(self) -> Path:
        """A folder that no shard has had; it does not exist yet."""
        numbers = [int(path.name) for path in self.shards.glob("*") if path.name.isdigit()]
        return self.shards / f"{max(numbers, default=0) + 1:06d}"

    def remove_leftovers(self) -> None:
        """Remove every shard but the current: a crash during an index build leaves one."""
        current = self.shard_path(self.current())
        for path in self.shards.glob("*"):
            if path != current:
                shutil.rmtree(path, ignore_errors=True)
