"""Filters and words that must or must not occur, as Qdrant conditions."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from qdrant_client import models

from trivec.errors import BadInput
from trivec.records import Filters, Scalar


@dataclass(frozen=True)
class TextConditions:
    """What a passage's text or title must say; compared word by word, in lower case.

    Attributes:
        phrases: every one must occur, its words side by side.
        excluded: none of these words or phrases may occur.
        either: one of these words or phrases at least must occur, where there are any.
    """

    phrases: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    either: tuple[str, ...] = ()


NO_FILTERS = Filters()
NO_TEXT = TextConditions()


def condition(filters: Filters = NO_FILTERS, text: TextConditions = NO_TEXT) -> models.Filter | None:
    """The one Qdrant filter for both; None when nothing is asked."""
    must: list[models.Condition] = [*_date(filters), *_keywords(filters)]
    must += [metadata_condition(key, values) for key, values in filters.metadata.items() if values]
    must += [_says(phrase) for phrase in text.phrases]
    if text.either:
        must.append(models.Filter(should=[_says(phrase) for phrase in text.either]))
    must_not: list[models.Condition] = [_says(words) for words in text.excluded]
    if filters.exclude_ids:
        must_not.append(any_of("document_id", filters.exclude_ids))
    if filters.labelled:
        must_not.append(models.IsEmptyCondition(is_empty=models.PayloadField(key="labels")))
    if not must and not must_not:
        return None
    return models.Filter(must=must or None, must_not=must_not or None)


def both(first: models.Filter | None, *more: models.Condition) -> models.Filter:
    """A filter and further conditions, all of which must hold."""
    return models.Filter(must=[*([first] if first else []), *more])


def any_of(key: str, values: Sequence[str]) -> models.FieldCondition:
    """A keyword field holds any of the values."""
    return models.FieldCondition(key=key, match=models.MatchAny(any=list(values)))


def first_passages() -> models.FieldCondition:
    """One passage of every document: counting them counts documents."""
    return models.FieldCondition(key="passage", match=models.MatchValue(value=0))


def metadata_key(key: str) -> str:
    """The payload path of a metadata key, quoted where Qdrant's path syntax needs it.

    Raises:
        BadInput: a quotation mark in the key, which the syntax cannot express.
    """
    if re.fullmatch(r"[A-Za-z0-9_-]+", key):
        return f"metadata.{key}"
    if '"' in key or not key:
        raise BadInput(f"metadata key {key!r} cannot be filtered on: it is empty or has a quotation mark")
    return f'metadata."{key}"'


def metadata_condition(key: str, values: Sequence[Scalar]) -> models.Filter:
    """Any of the values; text that reads as a number or truth value matches that too, as facets show text."""
    path = metadata_key(key)
    matches = [match for value in values for match in _matches(path, value)]
    return models.Filter(should=matches)


def _matches(path: str, value: Scalar) -> list[models.Condition]:
    if isinstance(value, float):
        return [models.FieldCondition(key=path, range=models.Range(gte=value, lte=value))]
    exact: list[models.Condition] = [models.FieldCondition(key=path, match=models.MatchValue(value=value))]
    if isinstance(value, str) and value in ("true", "false"):
        exact.append(models.FieldCondition(key=path, match=models.MatchValue(value=value == "true")))
    number = _number(value)
    if number is not None:
        exact.append(models.FieldCondition(key=path, range=models.Range(gte=number, lte=number)))
    return exact


def _number(value: str | int | bool) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int) or re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,15})?", value):
        return float(value)
    return None


def _date(filters: Filters) -> list[models.Condition]:
    if filters.date_from is None and filters.date_to is None:
        return []
    period = models.DatetimeRange(gte=filters.date_from, lt=filters.date_to)
    return [models.FieldCondition(key="date", range=period)]


def _keywords(filters: Filters) -> list[models.Condition]:
    accepted = {
        "labels": filters.labels,
        "source": filters.sources,
        "language": filters.languages,
        "predicted.labels": filters.predicted,
        "document_id": filters.document_ids,
    }
    found: list[models.Condition] = [any_of(key, values) for key, values in accepted.items() if values]
    if filters.cells:
        found.append(models.FieldCondition(key="cell.number", match=models.MatchAny(any=list(filters.cells))))
    return found


def _says(words: str) -> models.Filter:
    phrase = models.MatchPhrase(phrase=words)
    return models.Filter(should=[models.FieldCondition(key=key, match=phrase) for key in ("text", "title")])
