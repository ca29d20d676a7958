"""Point ids: unsigned 64-bit integers and UUID strings in, the same out (Edge gives UUIDs in canonical form)."""

from __future__ import annotations  # some of Edge's names exist for type checkers only

import re
from collections.abc import Iterable
from typing import TypeGuard

import qdrant_edge as edge

from trivec.node.errors import BadRequest

_LARGEST = 2**64 - 1
_UUID = re.compile(
    r"(?:urn:uuid:)?[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|[0-9a-fA-F]{32}"
)


def is_id(value: object) -> TypeGuard[int | str]:
    """Whether a value can be a point id."""
    if isinstance(value, str):
        return _UUID.fullmatch(value) is not None
    return type(value) is int and 0 <= value <= _LARGEST


def edge_id(value: object) -> edge.PointId:
    """A point id that Edge takes.

    Raises:
        BadRequest: neither an unsigned integer nor a UUID.
    """
    if is_id(value):
        return value
    raise BadRequest(
        f"Format error in JSON body: value {value!s} is not a valid point ID, "
        "valid values are either an unsigned integer or a UUID"
    )


def edge_ids(values: Iterable[object]) -> list[edge.PointId]:
    """Point ids that Edge takes, in the same order."""
    return [edge_id(value) for value in values]


def id_from_path(text: str) -> edge.PointId:
    """A point id as it stands in a URL."""
    return edge_id(int(text) if text.isascii() and text.isdigit() else text)
