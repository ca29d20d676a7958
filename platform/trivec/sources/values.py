"""Values of a row as the fields of a document want them: flat metadata, label paths, strings.

A raw value goes in; what the field holds comes out, or `BadInput` with the reason, said of the value.
"""

import ast
import json
import math
import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from trivec.errors import BadInput
from trivec.records import MetadataValue, Scalar

_SEPARATORS = (re.compile(r"\s*>\s*"), re.compile(r"\s*/\s*"), re.compile(r"\s*\|\s*"), re.compile(r"\s*;\s*"))
_KINDS: Mapping[type, str] = {
    bool: "a truth value",
    int: "a number",
    float: "a number",
    str: "a string",
    list: "a list",
    dict: "an object",
}
_NO_LABELS = frozenset({"", "n/a", "none", "null", "nan", "[]"})


def flat(values: Mapping[str, object]) -> dict[str, object]:
    """The same row with nested objects under dotted names, at any depth.

    Example:
        >>> flat({"id": 1, "metadata": {"by": {"name": "A"}}})
        {'id': 1, 'metadata.by.name': 'A'}
    """
    flattened: dict[str, object] = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            flattened.update({f"{key}.{inner}": found for inner, found in flat(value).items()})
        else:
            flattened[key] = value
    return flattened


def is_missing(value: object) -> bool:
    """Nothing there: null, not a number, or an empty string."""
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


def as_string(value: object, what: str) -> str:
    """A string or a number as a string; whole floats without their `.0`.

    Raises:
        BadInput: it is a list, an object or a truth value.
    """
    if is_missing(value):
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | date):
        raise BadInput(f"{what} is {_kind(value)}, not a string")
    return value.isoformat() if isinstance(value, date) else str(value)


def as_text(value: object) -> str:
    """A string only.

    Raises:
        BadInput: it is anything else.
    """
    if is_missing(value):
        return ""
    if not isinstance(value, str):
        raise BadInput(f"text is {_kind(value)}, not a string")
    return value


def as_labels(value: object) -> tuple[str, ...]:
    """The path of labels in a list, a string that spells a list, or `a > b`, `a/b`, `a|b`, `a;b`.

    Raises:
        BadInput: it is something else.
    """
    if isinstance(value, str):
        value = _listed(value)
    if is_missing(value):
        return ()
    if not isinstance(value, list | tuple):
        return (as_string(value, "labels"),)
    return tuple(label for item in value if (label := as_string(item, "a label").strip()))


def _listed(text: str) -> object:
    text = text.strip()
    if text.lower() in _NO_LABELS:
        return None
    if text.startswith("[") and text.endswith("]"):
        try:
            return ast.literal_eval(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            text = text[1:-1]
    return next((pattern.split(text) for pattern in _SEPARATORS if pattern.search(text)), [text])


def as_object(value: object, *, typed: bool) -> Mapping[str, object] | None:
    """A column that should hold an object; None where it says something else and no types are known (CSV).

    Raises:
        BadInput: the format knows types, and it is of another one.
    """
    if is_missing(value):
        return {}
    if isinstance(value, Mapping):
        return value
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            loaded = json.loads(value)
        except (ValueError, RecursionError) as error:
            raise BadInput(f"metadata is broken JSON: {error}") from error
        return loaded if isinstance(loaded, dict) else None
    if typed:
        raise BadInput(f"metadata is {_kind(value)}, not an object")
    return None


def as_metadata(value: object) -> MetadataValue:
    """A scalar or a list of scalars; whatever else there is as JSON."""
    if isinstance(value, list | tuple):
        return [_scalar(item) for item in value if not is_missing(item)]
    return None if is_missing(value) else _scalar(value)


def _scalar(value: object) -> Scalar:
    if isinstance(value, str | bool | int):
        return value
    if isinstance(value, float | Decimal):
        return float(value) if math.isfinite(value) else str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return json.dumps(value, default=str, ensure_ascii=False)


def _kind(value: object) -> str:
    kinds = {
        bool: "a truth value",
        int: "a number",
        float: "a number",
        str: "a string",
        list: "a list",
        dict: "an object",
    }
    return kinds.get(type(value), f"a {type(value).__name__}")
