"""What kinds of learning share: checked parameters, a lot that draws who judges, a hash of what was learned from."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields, replace
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, TypeVar

from trivec.errors import BadInput
from trivec.records import Scalar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Chosen = TypeVar("Chosen", bound="DataclassInstance")


def changed(default: Chosen, parameters: Mapping[str, Scalar], *, kind: str, besides: Collection[str] = ()) -> Chosen:
    """Options with some of their single values changed.

    Args:
        default: a frozen dataclass.
        parameters: by name; a whole number may stand for a fraction.
        kind: of learning, for messages.
        besides: parameters that are not among the options, and left alone.

    Raises:
        BadInput: no such parameter, or a value of another kind.
    """
    named = {field.name: getattr(default, field.name) for field in fields(default)}
    known = {name: value for name, value in named.items() if isinstance(value, str | int | float)}
    given: dict[str, Any] = {name: value for name, value in parameters.items() if name not in besides}
    for name, value in given.items():
        if name not in known:
            raise BadInput(f"{kind} has no parameter {name!r}: choose from {', '.join((*besides, *known))}")
        if type(value) is not type(known[name]) and not (type(value) is int and isinstance(known[name], float)):
            raise BadInput(f"parameter {name}={value!r} of {kind}: it has to be of the kind of {known[name]!r}")
    return replace(default, **given)


def is_drawn(key: str, *, share: float) -> bool:
    """Whether this key is among the share of all keys that a lot draws; it depends on the key alone."""
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest()) < share * 2**64


def data_hash(contents: Iterable[tuple[str, str]]) -> str:
    """Of what was learned from: ids and what each held, in their order."""
    seen = blake2b(digest_size=16)
    for identifier, content in contents:
        seen.update(f"{identifier}\0{content}\0".encode())
    return seen.hexdigest()
