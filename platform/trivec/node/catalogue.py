"""The collections of one storage folder: made, found, renamed and removed so that a crash leaves none half-done.

<folder>/lock                   held by the one process that serves the folder
<folder>/collections/<name>/    a collection (see `collection_folder`)
<folder>/aliases.json           other names
<folder>/snapshots/<name>/      snapshots of collections
<folder>/temporary/             what is being made or removed; emptied at every start
"""

import asyncio
import fcntl
import shutil
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Self
from uuid import uuid4

from qdrant_client import models

from trivec.node import archive
from trivec.node.aliases import Aliases
from trivec.node.collection import Collection
from trivec.node.collection_folder import CollectionFolder
from trivec.node.durable import rename_durably
from trivec.node.errors import BadRequest, Conflict, Missing, NodeError
from trivec.node.maintenance import Maintenance
from trivec.node.schema import check_name, checked
from trivec.node.snapshots import Snapshots, save_collection, save_storage

_STAGED = ".recovered."


class Catalogue:
    """Everything below one storage folder."""

    def __init__(self, folder: Path) -> None:
        """Lock the folder and open every collection in it.

        Raises:
            Conflict: when another process serves the folder.
        """
        self.folder = folder
        self.collections_folder = folder / "collections"
        self.collections_folder.mkdir(parents=True, exist_ok=True)
        self._lock = LockFile(folder / "lock")
        shutil.rmtree(self._temporary, ignore_errors=True)
        self._temporary.mkdir()
        self._finish_replacements()
        self._collections: dict[str, Collection] = {}
        self._pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="node-disk")
        self._maintenance = Maintenance(pool=self._pool)
        for path in sorted(self.collections_folder.iterdir()):
            self._open(path.name)
        self._aliases = Aliases(folder / "aliases.json")
        self._aliases.forget(exists=self._collections.__contains__)
        self.snapshots = self._snapshots("", self._save_all)

    async def _save_all(self, target: Path) -> None:
        aliases = {alias.alias_name: alias.collection_name for alias in self._aliases.list()}
        await save_storage(list(self._collections.values()), aliases, target, pool=self._pool)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def _temporary(self) -> Path:
        return self.folder / "temporary"

    def temporary_folder(self) -> Path:
        """A new name in the folder that is emptied at every start."""
        return self._temporary / uuid4().hex

    def create(self, name: str, request: models.CreateCollection) -> Collection:
        """Make a collection.

        Raises:
            Conflict: when the name is taken.
            NodeError: when the name or the request cannot be served.
        """
        check_name(name)
        if name in self._collections:
            raise Conflict(f"Wrong input: Collection `{name}` already exists!")
        if self._aliases.get(name) is not None:
            raise BadRequest(f"Wrong input: Can't create collection with name {name}. Alias with the same name exists")
        temporary = self.temporary_folder()
        Collection.create(temporary, checked(request))
        return self._adopt(name, temporary)

    def _adopt(self, name: str, folder: Path) -> Collection:
        rename_durably(folder, self.collections_folder / name)
        return self._open(name)

    def _open(self, name: str) -> Collection:
        collection = Collection(name, CollectionFolder(self.collections_folder / name))
        collection.snapshots = self._snapshots(name, partial(save_collection, collection, pool=self._pool))
        self._collections[name] = collection
        self._maintenance.keep(collection)
        return collection

    def _snapshots(self, name: str, save: Callable[[Path], Awaitable[None]]) -> Snapshots:
        folder = self.folder / "snapshots"
        return Snapshots(
            folder / name if name else folder, name or "full-snapshot", save, self.temporary_folder, self._pool
        )

    def _retire(self, name: str) -> Collection | None:
        """Stop serving a collection; its folder stays."""
        collection = self._collections.pop(name, None)
        if collection is not None:
            self._maintenance.release(collection)
            collection.close()
        return collection

    def _finish_replacements(self) -> None:
        """Complete what `recover` had decided when the process died."""
        for staged in self.collections_folder.glob(f"{_STAGED}*"):
            self._replace(staged, staged.name.removeprefix(_STAGED))

    def _replace(self, staged: Path, name: str) -> None:
        target = self.collections_folder / name
        if target.exists():
            grave = self.temporary_folder()
            rename_durably(target, grave)
            shutil.rmtree(grave, ignore_errors=True)
        rename_durably(staged, target)

    async def recover(self, name: str, file: Path, *, checksum: str | None = None) -> Collection:
        """Make a collection, new or replaced, what a snapshot says; until then the old one serves.

        Args:
            name: of the collection; an alias stands for its collection.
            file: the snapshot.
            checksum: SHA-256 that the file must have.

        Raises:
            BadRequest: when the file is damaged or no snapshot of a collection; nothing has changed then.
        """
        name = check_name(self._aliases.get(name) or name)
        content = self.temporary_folder()
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._pool, lambda: archive.unpack(file, content, expected=checksum))
        self._check_opens(content, file)
        staged = self.collections_folder / f"{_STAGED}{name}"
        rename_durably(content, staged)
        self._retire(name)
        self._replace(staged, name)
        return self._open(name)

    def _check_opens(self, content: Path, file: Path) -> None:
        try:
            Collection(file.name, CollectionFolder(content)).close()
        except NodeError as error:
            shutil.rmtree(content, ignore_errors=True)
            raise BadRequest(f"Wrong input: {file.name} is not a snapshot of a collection: {error}") from error

    def get(self, name: str) -> Collection:
        """The collection of that name or alias.

        Raises:
            Missing: when there is none.
        """
        collection = self._collections.get(self._aliases.get(name) or name)
        if collection is None:
            raise Missing(f"Not found: Collection `{name}` doesn't exist!")
        return collection

    def exists(self, name: str) -> bool:
        """Whether a collection or an alias has that name."""
        return name in self._collections or self._aliases.get(name) is not None

    def names(self) -> list[str]:
        """Names of all collections, without aliases, sorted."""
        return sorted(self._collections)

    def delete(self, name: str) -> bool:
        """Remove a collection and its aliases; an alias as `name` removes nothing, as in Qdrant.

        Returns:
            Whether there was such a collection.
        """
        collection = self._retire(name)
        if collection is None:
            return False
        grave = self.temporary_folder()
        rename_durably(collection.folder.path, grave)
        self._aliases.forget(exists=self._collections.__contains__)
        shutil.rmtree(grave, ignore_errors=True)
        return True

    def aliases(self, collection: str | None = None) -> list[models.AliasDescription]:
        """All aliases, or those of one collection."""
        return self._aliases.list(None if collection is None else self.get(collection).name)

    def change_aliases(self, actions: Sequence[models.AliasOperations]) -> None:
        """Carry out all actions, or none of them."""
        self._aliases.change(actions, exists=self._collections.__contains__)

    def step(self) -> float:
        """A little flushing and index building; returns the seconds until there is more to do."""
        return self._maintenance.step()

    async def maintain(self) -> None:
        """Keep flushing and building indexes between requests, until cancelled."""
        while True:
            await asyncio.sleep(self.step())

    def close(self) -> None:
        """Close every collection and unlock the folder."""
        for name in self.names():
            self._retire(name)
        self._pool.shutdown()
        self._lock.close()


class LockFile:
    """An exclusive lock that dies with the process."""

    def __init__(self, file: Path) -> None:
        """Take the lock.

        Raises:
            Conflict: when another process has it.
        """
        self._file = file.open("a")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._file.close()
            raise Conflict(f"{file.parent} is served by another process; stop it or use another folder") from error

    def close(self) -> None:
        """Let go."""
        self._file.close()
