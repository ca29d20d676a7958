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
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self
from uuid import uuid4

from qdrant_client import models

from trivec.node.aliases import Aliases
from trivec.node.collection import Collection
from trivec.node.collection_folder import CollectionFolder
from trivec.node.durable import rename_durably
from trivec.node.errors import BadRequest, Conflict, Missing
from trivec.node.maintenance import Maintenance
from trivec.node.schema import check_name, checked


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
        self._collections = {
            path.name: Collection(path.name, CollectionFolder(path))
            for path in sorted(self.collections_folder.iterdir())
        }
        self._pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="node-disk")
        self._maintenance = Maintenance(self._collections.values, pool=self._pool)
        self._aliases = Aliases(folder / "aliases.json")
        self._aliases.forget(exists=self._collections.__contains__)

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
        target = self.collections_folder / name
        rename_durably(folder, target)
        self._collections[name] = Collection(name, CollectionFolder(target))
        return self._collections[name]

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
        collection = self._collections.pop(name, None)
        if collection is None:
            return False
        self._maintenance.release(collection)
        collection.close()
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
        self._maintenance.close()
        for collection in self._collections.values():
            collection.close()
        self._collections.clear()
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
