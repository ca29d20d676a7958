"""Other names for collections, switched atomically: all actions of a request, or none.

Alias actions in, a mapping of alias to collection out; one file, replaced as a whole.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from qdrant_client import models

from trivec.node.durable import write_atomic
from trivec.node.errors import BadRequest, Internal, Missing
from trivec.node.schema import check_name


class Aliases:
    """The aliases of one storage folder."""

    def __init__(self, file: Path) -> None:
        """Read the aliases that `file` holds; none if it does not exist."""
        self._file = file
        self._targets: dict[str, str] = _read(file)

    def get(self, alias: str) -> str | None:
        """The collection behind an alias."""
        return self._targets.get(alias)

    def list(self, collection: str | None = None) -> list[models.AliasDescription]:
        """All aliases, or those of one collection, in order of their names."""
        return [
            models.AliasDescription(alias_name=alias, collection_name=target)
            for alias, target in sorted(self._targets.items())
            if collection in (None, target)
        ]

    def change(self, actions: Sequence[models.AliasOperations], *, exists: Callable[[str], bool]) -> None:
        """Carry out all actions in order, or none of them.

        Args:
            actions: create (or move), delete and rename.
            exists: tells whether there is a collection of that name.
        """
        targets = dict(self._targets)
        for action in actions:
            _carry_out(action, targets, exists)
        self._replace(targets)

    def forget(self, *, exists: Callable[[str], bool]) -> None:
        """Drop the aliases of collections that are gone."""
        kept = {alias: target for alias, target in self._targets.items() if exists(target)}
        if kept != self._targets:
            self._replace(kept)

    def _replace(self, targets: dict[str, str]) -> None:
        write_atomic(self._file, json.dumps(targets, indent=1, sort_keys=True).encode())
        self._targets = targets


def _read(file: Path) -> dict[str, str]:
    if not file.exists():
        return {}
    try:
        return dict(json.loads(file.read_bytes()))
    except ValueError as error:
        raise Internal(f"{file} is damaged ({error}); remove it to start without aliases") from error


def _carry_out(action: models.AliasOperations, targets: dict[str, str], exists: Callable[[str], bool]) -> None:
    match action:
        case models.CreateAliasOperation(create_alias=create):
            _create(create.alias_name, create.collection_name, targets, exists)
        case models.DeleteAliasOperation(delete_alias=delete):
            _existing(delete.alias_name, targets)
            del targets[delete.alias_name]
        case models.RenameAliasOperation(rename_alias=rename):
            target = _existing(rename.old_alias_name, targets)
            if exists(rename.new_alias_name):
                raise BadRequest(f"Wrong input: collection {rename.new_alias_name} already exists")
            del targets[rename.old_alias_name]
            targets[check_name(rename.new_alias_name)] = target


def _create(alias: str, collection: str, targets: dict[str, str], exists: Callable[[str], bool]) -> None:
    if not exists(collection):
        raise Missing(f"Not found: Collection `{collection}` doesn't exist!")
    if exists(alias):
        raise BadRequest(f"Wrong input: collection with the same name as the alias `{alias}` already exists")
    targets[check_name(alias)] = collection


def _existing(alias: str, targets: dict[str, str]) -> str:
    if alias not in targets:
        raise Missing(f"Not found: Alias {alias} does not exists!")
    return targets[alias]
