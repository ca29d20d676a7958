"""Who is champion, and every decision about it: promotions, refusals and rollbacks, kept as tags of the model."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from trivec.errors import BadInput, Conflict
from trivec.registry.connection import MISSING, UNUSABLE, unless
from trivec.registry.records import Promotion

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

CHAMPION: Final = "champion"
_EVENT: Final = "champion/"  # prefix of the tags


def champion(client: "MlflowClient", name: str) -> int | None:
    """The version in use, None when there is none yet."""
    with unless(MISSING, UNUSABLE):
        return int(client.get_model_version_by_alias(name, CHAMPION).version)
    return None


def crown(client: "MlflowClient", name: str, event: Promotion) -> None:
    """Make the event's version champion; the record comes first, so that no champion is without a reason."""
    note(client, name, event)
    client.set_registered_model_alias(name, CHAMPION, str(event.version))


def dethrone(client: "MlflowClient", name: str, event: Promotion) -> None:
    """Leave the model without a champion; the record comes first."""
    note(client, name, event)
    client.delete_registered_model_alias(name, CHAMPION)


def note(client: "MlflowClient", name: str, event: Promotion) -> None:
    """Put a decision on record."""
    at = event.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    record = {"action": event.action, "version": event.version, "reason": event.reason}
    client.set_registered_model_tag(name, _EVENT + at, json.dumps(record))


def given(reason: str, *, action: str) -> str:
    """The reason of an action, trimmed.

    Raises:
        BadInput: there is none.
    """
    if not reason.strip():
        raise BadInput(f"{action} needs a reason: what was measured, and what it was held against")
    return reason.strip()


def events(tags: Mapping[str, str]) -> list[Promotion]:
    """Every decision among a model's tags, oldest first."""
    return [_event(key.removeprefix(_EVENT), json.loads(tags[key])) for key in sorted(tags) if key.startswith(_EVENT)]


def reigned(decisions: Sequence[Promotion]) -> list[int]:
    """Versions one could go back through, the present champion last."""
    line: list[int] = []
    for event in _changes(decisions):
        if event.action in ("rollback", "withdraw"):
            line.pop()
        elif not line or line[-1] != event.version:
            line.append(event.version)
    return line


def previous(name: str, decisions: Sequence[Promotion]) -> int | None:
    """The version that a rollback makes champion; None where the champion is the first.

    Raises:
        Conflict: there is no champion.
    """
    line = reigned(decisions)
    if not line:
        raise Conflict(f"model {name!r} has no champion to roll back: promote a version instead")
    return line[-2] if len(line) > 1 else None


def _changes(decisions: Sequence[Promotion]) -> Iterator[Promotion]:
    return (event for event in decisions if event.action != "refuse")


def _event(at: str, fields: Mapping[str, Any]) -> Promotion:
    return Promotion(fields["action"], fields["version"], fields["reason"], datetime.fromisoformat(at))
