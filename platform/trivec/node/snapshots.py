"""Snapshots: collections and the whole storage as single files, taken while everything is served.

A collection in, an archive out, and back. What an archive of a collection holds is a collection's folder (see
`collection_folder`); one of the whole storage holds such folders below `collections/`, and the aliases.
"""

import asyncio
import json
import shutil
import time
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from qdrant_client import models

from trivec.node import archive
from trivec.node.collection import Collection
from trivec.node.collection_folder import CollectionFolder
from trivec.node.durable import write_atomic
from trivec.node.errors import BadRequest, Conflict, Internal, Unsupported
from trivec.node.shard_copy import ShardCopy

_POLL_SECONDS = 0.02
_ATTEMPTS = 3
_SHARD = "000001"


@dataclass(frozen=True)
class Snapshots:
    """The snapshots of one collection, or of the whole storage.

    Attributes:
        folder: where they are.
        name: what the name of each begins with.
        save: writes what is to be kept to a new folder.
        temporary: gives names of new folders that may vanish.
        pool: does what waits for the disk.
    """

    folder: Path
    name: str
    save: Callable[[Path], Awaitable[None]]
    temporary: Callable[[], Path]
    pool: Executor

    async def create(self) -> models.SnapshotDescription:
        """Take one; requests are served meanwhile."""
        loop = asyncio.get_running_loop()
        content = self.temporary()
        try:
            await self.save(content)
            return await loop.run_in_executor(self.pool, archive.pack, content, self.folder / self._new_name())
        finally:
            await loop.run_in_executor(self.pool, lambda: shutil.rmtree(content, ignore_errors=True))

    def _new_name(self) -> str:
        """`<name>-<number>-<date>.snapshot`, as Qdrant does; the number keeps two of a second apart."""
        return f"{self.name}-{time.time_ns() // 1000}-{datetime.now(UTC):%Y-%m-%d-%H-%M-%S}.snapshot"

    def list(self) -> list[models.SnapshotDescription]:
        """All complete snapshots, oldest first."""
        return archive.archives(self.folder)

    def path(self, name: str) -> Path:
        """The file to download.

        Raises:
            Missing: when there is no such snapshot.
        """
        return archive.find(self.folder, name)

    def delete(self, name: str) -> None:
        """Remove a snapshot.

        Raises:
            Missing: when there is no such snapshot.
        """
        archive.remove(self.folder, name)


async def save_collection(collection: Collection, target: Path, *, pool: Executor) -> None:
    """Write a collection's folder as it is now to `target`, while it is served.

    Raises:
        Internal: when operations fail all the time, each spoiling a copy.
    """
    for attempt in range(_ATTEMPTS):
        try:
            await _copy_shard(collection, target / "shards" / _SHARD, pool)
            break
        except Internal:
            shutil.rmtree(target, ignore_errors=True)
            if attempt == _ATTEMPTS - 1:
                raise
    folder = CollectionFolder(target)
    folder.store(collection.stored)
    folder.point_to(replace(collection.current, shard=_SHARD))


async def _copy_shard(collection: Collection, target: Path, pool: Executor) -> None:
    copy = ShardCopy(collection, target, pool=pool)
    try:
        while not copy.ready:
            await asyncio.sleep(_POLL_SECONDS)
    except asyncio.CancelledError:
        copy.abandon()
        raise
    copy.finish()


async def save_storage(
    collections: Iterable[Collection], aliases: dict[str, str], target: Path, *, pool: Executor
) -> None:
    """Write all collections and aliases to `target`; each collection is as it was at some moment of its own."""
    (target / "collections").mkdir(parents=True)
    for collection in collections:
        await save_collection(collection, target / "collections" / collection.name, pool=pool)
    write_atomic(target / "aliases.json", json.dumps(aliases).encode())


def restore_storage(file: Path, folder: Path) -> None:
    """Unpack a snapshot of the whole storage; start a node on `folder` afterwards.

    Raises:
        Conflict: when the folder holds collections already.
        BadRequest: when the file is not such a snapshot.
    """
    if (folder / "collections").exists():
        raise Conflict(f"{folder} holds collections already; restore to an empty folder")
    staged = folder / ".restoring"
    shutil.rmtree(staged, ignore_errors=True)
    archive.unpack(file, staged)
    if not (staged / "collections").is_dir():
        shutil.rmtree(staged)
        raise BadRequest(f"Wrong input: {file.name} is not a snapshot of a whole storage")
    (staged / "aliases.json").replace(folder / "aliases.json")
    (staged / "collections").replace(folder / "collections")
    shutil.rmtree(staged)


def local_file(location: str) -> Path:
    """The file that a snapshot's location names: a path or a `file://` URL.

    Raises:
        Unsupported: for a location on another machine.
        BadRequest: when there is no such file.
    """
    parts = urlsplit(location)
    if parts.scheme not in {"", "file"}:
        raise Unsupported(f"snapshot location {location} is on another machine; download it and upload it here")
    path = Path(unquote(parts.path) if parts.scheme else location)
    if not path.is_file():
        raise BadRequest(f"Wrong input: snapshot file {path} does not exist on the node")
    return path
