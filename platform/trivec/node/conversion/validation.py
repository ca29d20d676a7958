"""Reading a JSON value as one of Qdrant's models, with a reason that a person can use when it is none."""

from collections.abc import Iterable
from functools import cache
from typing import TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from trivec.node.errors import BadRequest

Model = TypeVar("Model", bound=BaseModel)
_MOST_REASONS = 3


def parse(model: type[Model], value: object) -> Model:
    """The value as a model.

    Raises:
        BadRequest: it is none; the message names the fields and what was expected.
    """
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise BadRequest(f"Format error in JSON body: {_reasons(error.errors(include_url=False))}") from error


def parse_as(adapter: TypeAdapter[Model], value: object) -> Model:
    """The value as one of several models."""
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        raise BadRequest(f"Format error in JSON body: {_reasons(error.errors(include_url=False))}") from error


def _reasons(errors: Iterable[ErrorDetails]) -> str:
    """The errors that got furthest into the value: of a union's many failures these are the likely ones."""
    ranked = sorted(errors, key=lambda error: -_depth(error))
    furthest = [error for error in ranked if _depth(error) == _depth(ranked[0])][:_MOST_REASONS]
    return "; ".join(f"{'.'.join(map(str, _path(error)))}: {error['msg']}" for error in furthest)


def _depth(error: ErrorDetails) -> int:
    return len(_path(error))


@cache
def _is_model_name(part: str) -> bool:
    return part[:1].isupper() or "[" in part


def _path(error: ErrorDetails) -> list[str | int]:
    """Where it is in the JSON, without the names of models and types that pydantic puts between."""
    return [part for part in error["loc"] if isinstance(part, int) or not _is_model_name(part)]
