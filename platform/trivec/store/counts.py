"""Counting documents and passages: all of them, by a field, by time."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal

from qdrant_client import models

from trivec.days import as_date
from trivec.errors import BadInput
from trivec.records import FacetCount, Filters
from trivec.store.filters import NO_FILTERS, NO_TEXT, TextConditions, both, condition, first_passages
from trivec.store.filters import metadata_key as _metadata_key
from trivec.store.generation import Generation
from trivec.store.lifecycle import Lifecycle

Interval = Literal["day", "week", "month", "year", "decade"]

_FIELDS = {"labels": "labels", "source": "source", "language": "language"}
_DAYS = 200_000  # distinct days a histogram can span: five centuries of daily documents


class Counts(Lifecycle):
    """What a store counts."""

    def count(self, generation: Generation, *, filters: Filters = NO_FILTERS, text: TextConditions = NO_TEXT) -> int:
        """How many passages satisfy the conditions, exactly."""
        return self._count(generation, condition(filters, text))

    def count_documents(self, generation: Generation, *, filters: Filters = NO_FILTERS) -> int:
        """How many documents satisfy the conditions, exactly."""
        return self._count(generation, both(condition(filters), first_passages()))

    def count_passages(self, generation: Generation) -> int:
        """How many passages there are, exactly."""
        return self._count(generation, None)

    def facets(
        self,
        generation: Generation,
        keys: Sequence[str],
        *,
        filters: Filters = NO_FILTERS,
        ids: Sequence[str] | None = None,
        limit: int = 20,
    ) -> dict[str, list[FacetCount]]:
        """How many documents carry each value, most frequent first.

        Args:
            generation: where.
            keys: `labels`, `source`, `language`, or a metadata key (`metadata.` before it is optional).
            filters: which documents are counted.
            ids: count these points only, at most one for each document, instead of every document's first passage.
            limit: values per key.
        """
        where = _counted(filters, ids)
        return {key: self._facet(generation, facet_path(key), where, limit) for key in keys}

    def histogram(
        self,
        generation: Generation,
        interval: Interval,
        *,
        filters: Filters = NO_FILTERS,
        ids: Sequence[str] | None = None,
    ) -> list[FacetCount]:
        """How many documents fall into each day, week, month, year or decade that has any, in order of time.

        A decade is named by its first year (`1990`), a month `1990-05`, a week by its Monday;
        documents without a date are not counted.
        """
        days = self._facet(generation, "day", _counted(filters, ids), _DAYS)
        counts: Counter[str] = Counter()
        for day in days:
            counts[period(int(day.value), interval)] += day.count
        return [FacetCount(name, counts[name]) for name in sorted(counts)]

    def days(
        self,
        generation: Generation,
        *,
        filters: Filters = NO_FILTERS,
        text: TextConditions = NO_TEXT,
        ids: Sequence[str] | None = None,
        passages: bool = False,
    ) -> dict[date, int]:
        """How many documents, or passages, each day has that has any; without a date they are not counted.

        Args:
            generation: where.
            filters: which documents are counted.
            text: what a passage has to say; counts passages.
            ids: count these points only.
            passages: count every passage instead of every document.
        """
        some = both(condition(filters, text), *([] if passages else [first_passages()]))
        where = some if ids is None else _counted(filters, ids)
        found = self._facet(generation, "day", where, _DAYS)
        return {as_date(int(each.value)): each.count for each in found}

    def count_scored(self, generation: Generation, model: str, *, filters: Filters = NO_FILTERS) -> int:
        """Passages that this anomaly model has looked at."""
        looked = models.FieldCondition(key="anomaly.model", match=models.MatchValue(value=model))
        return self._count(generation, both(condition(filters), looked))

    def _facet(self, generation: Generation, path: str, where: models.Filter, limit: int) -> list[FacetCount]:
        self._index_when_counted(generation, path)
        answer = self._connection.call(
            f"counting by {path} in {generation.collection}",
            lambda: self._client.facet(generation.collection, path, facet_filter=where, limit=limit, exact=True),
        )
        return [FacetCount(_text(hit.value), hit.count) for hit in answer.hits]

    def _index_when_counted(self, generation: Generation, path: str) -> None:
        """Qdrant counts by indexed fields only; a metadata key gets its index the first time it is asked for."""
        known = self._indexed.setdefault(generation.collection, set())
        if self._connection.local or path in known or not path.startswith("metadata."):
            return
        info = self._connection.call("reading indexes", lambda: self._client.get_collection(generation.collection))
        if path not in info.payload_schema:
            self._index(generation.collection, path, self._kind(generation, path))
        known.add(path)

    def _kind(self, generation: Generation, path: str) -> models.PayloadSchemaType:
        has_value = models.Filter(must_not=[models.IsEmptyCondition(is_empty=models.PayloadField(key=path))])
        records, _ = self._connection.call(
            f"looking at {path}",
            lambda: self._client.scroll(generation.collection, scroll_filter=has_value, limit=1, with_payload=[path]),
        )
        values = [value for record in records for value in ((record.payload or {}).get("metadata") or {}).values()]
        value = values[0][0] if values and isinstance(values[0], list) and values[0] else values[0] if values else ""
        if isinstance(value, float):
            raise BadInput(f"{path} holds fractions, such as {value}: they can be filtered on but not counted by value")
        kinds = {bool: models.PayloadSchemaType.BOOL, int: models.PayloadSchemaType.INTEGER}
        return kinds.get(type(value), models.PayloadSchemaType.KEYWORD)


def facet_path(key: str) -> str:
    """The payload field that a facet key names."""
    return _FIELDS.get(key) or _metadata_key(key.removeprefix("metadata."))


def period(day: int, interval: Interval) -> str:
    """The name of the period that a day (20240131) falls into.

    >>> [period(19900517, interval) for interval in ("day", "week", "month", "year", "decade")]
    ['1990-05-17', '1990-05-14', '1990-05', '1990', '1990']
    """
    moment = as_date(day)
    if interval == "week":
        moment -= timedelta(days=min(moment.weekday(), moment.toordinal() - 1))
    if interval == "decade":
        return f"{moment.year // 10 * 10:04}"
    length = {"year": 4, "month": 7}.get(interval, 10)
    return moment.isoformat()[:length]


def _counted(filters: Filters, ids: Sequence[str] | None) -> models.Filter:
    if ids is None:
        return both(condition(filters), first_passages())
    return models.Filter(must=[models.HasIdCondition(has_id=list(ids))])


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
