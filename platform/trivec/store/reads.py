"""Reading passages: one by one, as whole documents, page by page."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from qdrant_client import models

from trivec.errors import NotFound
from trivec.records import Filters, Floats1d, StoredPassage
from trivec.store.counts import Counts
from trivec.store.filters import NO_FILTERS, NO_TEXT, TextConditions, any_of, both, condition, first_passages
from trivec.store.generation import Generation
from trivec.store.names import point_id
from trivec.store.payload import from_payload
from trivec.store.vectors import QueryVector, SparseRow, from_wire


@dataclass(frozen=True)
class StoredPoint:
    """A passage with its point id and the vectors that were asked for."""

    id: str
    passage: StoredPassage
    vectors: dict[str, QueryVector] = field(default_factory=dict)

    def dense(self, name: str) -> Floats1d | None:
        """Its dense vector of this name, None when it has none."""
        vector = self.vectors.get(name)
        return None if vector is None or isinstance(vector, SparseRow) else vector


@dataclass(frozen=True)
class ScrollPage:
    """Some points, and where to go on; `next` is None at the end."""

    points: tuple[StoredPoint, ...]
    next: str | None


class Reads(Counts):
    """What a store reads without comparing vectors."""

    def passages(
        self, generation: Generation, ids: Sequence[str], *, with_vectors: Sequence[str] = ()
    ) -> dict[str, StoredPoint]:
        """Points by id; unknown ids are missing from the answer."""
        if not ids:
            return {}
        records = self._connection.call(
            f"reading passages of {generation.collection}",
            lambda: self._connection.retrieve(generation.collection, ids, payload=True, vectors=with_vectors),
        )
        points = [_stored(record["id"], record["payload"], record.get("vector")) for record in records]
        return {point.id: point for point in points}

    def document_ids(self, generation: Generation, ids: Sequence[str]) -> dict[str, str]:
        """The document of each of these points."""
        records = self._connection.call(
            f"reading document ids of {generation.collection}",
            lambda: self._connection.retrieve(generation.collection, ids, payload=["document_id"]),
        )
        return {str(record["id"]): record["payload"]["document_id"] for record in records}

    def document(
        self, generation: Generation, document_id: str, *, with_vectors: Sequence[str] = ()
    ) -> list[StoredPoint]:
        """All passages of a document in order.

        Raises:
            NotFound: no such document.
        """
        head = point_id(generation.corpus, document_id, 0)
        first = self.passages(generation, [str(head)], with_vectors=with_vectors)
        if not first:
            raise NotFound(f"document {document_id!r} is not in corpus {generation.corpus!r}")
        count = first[str(head)].passage.passages
        ids = [str(point_id(generation.corpus, document_id, number)) for number in range(1, count)]
        rest = self.passages(generation, ids, with_vectors=with_vectors)
        return sorted([*first.values(), *rest.values()], key=lambda point: point.passage.passage.number)

    def scroll(
        self,
        generation: Generation,
        *,
        filters: Filters = NO_FILTERS,
        with_vectors: Sequence[str] = (),
        size: int = 256,
    ) -> Iterator[StoredPoint]:
        """Every passage that satisfies the filters, in the order of point ids, read page by page."""
        for page in self.pages(generation, filters=filters, with_vectors=with_vectors, size=size):
            yield from page.points

    def pages(
        self,
        generation: Generation,
        *,
        start: str | None = None,
        filters: Filters = NO_FILTERS,
        text: TextConditions = NO_TEXT,
        with_vectors: Sequence[str] = (),
        size: int = 256,
    ) -> Iterator[ScrollPage]:
        """As `scroll`, in pages; one that broke off goes on from the last page's `next`."""
        yield from self._pages(generation.collection, start, condition(filters, text), with_vectors, size)

    def _pages(
        self, collection: str, start: str | None, where: models.Filter | None, with_vectors: Sequence[str], size: int
    ) -> Iterator[ScrollPage]:
        while True:
            page = self._page(collection, start, where, with_vectors, size)
            yield page
            if page.next is None:
                return
            start = page.next

    def unpredicted(
        self, generation: Generation, model: str, *, with_vectors: Sequence[str] = (), size: int = 256
    ) -> Iterator[ScrollPage]:
        """First passages of the documents that this classifier (`name:version`) has not looked at, in pages."""
        looked = models.FieldCondition(key="predicted.model", match=models.MatchValue(value=model))
        where = models.Filter(must=[first_passages()], must_not=[looked])
        yield from self._pages(generation.collection, None, where, with_vectors, size)

    def unlocated(
        self, generation: Generation, model: str, *, with_vectors: Sequence[str] = (), size: int = 256
    ) -> Iterator[ScrollPage]:
        """First passages of the documents that have no place on this map (`name:version`), in pages."""
        located = models.FieldCondition(key="cell.model", match=models.MatchValue(value=model))
        where = models.Filter(must=[first_passages()], must_not=[located])
        yield from self._pages(generation.collection, None, where, with_vectors, size)

    def unscored(
        self, generation: Generation, model: str, vector: str, *, with_vectors: Sequence[str] = (), size: int = 256
    ) -> Iterator[ScrollPage]:
        """Passages that this anomaly model (`name:version`) has not looked at and that have its vector, in pages."""
        looked = models.FieldCondition(key="anomaly.model", match=models.MatchValue(value=model))
        where = models.Filter(must=[models.HasVectorCondition(has_vector=vector)], must_not=[looked])
        yield from self._pages(generation.collection, None, where, with_vectors, size)

    def unusual(
        self, generation: Generation, *, below: float, filters: Filters = NO_FILTERS, size: int = 1000
    ) -> Iterator[ScrollPage]:
        """Passages whose anomaly p-value is at most `below`, in pages."""
        low = models.FieldCondition(key="anomaly.p_value", range=models.Range(lte=below))
        yield from self._pages(generation.collection, None, both(condition(filters), low), (), size)

    def marked(self, generation: Generation, *, with_vectors: Sequence[str] = ()) -> Iterator[ScrollPage]:
        """Passages of which somebody said that they are fine or odd, in pages."""
        where = models.Filter(must=[any_of("mark", ["fine", "odd"])])
        yield from self._pages(generation.collection, None, where, with_vectors, 256)

    def ingested(
        self,
        generation: Generation,
        *,
        after: datetime | None = None,
        until: datetime | None = None,
        with_vectors: Sequence[str] = (),
        size: int = 256,
    ) -> Iterator[ScrollPage]:
        """First passages of the documents that came in a period (`until` inclusive), in pages, in the order of ids."""
        yield from self._pages(generation.collection, None, _came(after, until), with_vectors, size)

    def count_ingested(self, generation: Generation, *, after: datetime) -> int:
        """Documents that came after this moment."""
        return self._count(generation, _came(after, None))

    def fields(
        self, generation: Generation, names: Sequence[str], *, filters: Filters = NO_FILTERS, size: int = 2000
    ) -> Iterator[Mapping[str, Any]]:
        """These payload fields of every document, as its first passage holds them, in the order of point ids."""
        yield from self._payloads(generation, names, both(condition(filters), first_passages()), size)

    def fields_of_odd(
        self, generation: Generation, names: Sequence[str], *, below: float, size: int = 2000
    ) -> Iterator[Mapping[str, Any]]:
        """These payload fields of the passages behind a document's first whose anomaly p-value is at most `below`."""
        low = models.FieldCondition(key="anomaly.p_value", range=models.Range(lte=below))
        yield from self._payloads(generation, names, models.Filter(must=[low], must_not=[first_passages()]), size)

    def _payloads(
        self, generation: Generation, names: Sequence[str], where: models.Filter, size: int
    ) -> Iterator[Mapping[str, Any]]:
        start = None
        while True:
            records, start = self._connection.call(
                f"reading {list(names)} of {generation.collection}",
                lambda after=start: self._client.scroll(  # type: ignore[misc]
                    generation.collection, scroll_filter=where, limit=size, offset=after, with_payload=list(names)
                ),
            )
            yield from (record.payload or {} for record in records)
            if start is None:
                return

    def documents_with(self, generation: Generation, document_ids: Sequence[str], text: TextConditions) -> set[str]:
        """Which of these documents have a passage that satisfies the text conditions."""
        if not document_ids:
            return set()
        where = both(condition(text=text), any_of("document_id", document_ids))
        return {each.value for each in self._facet(generation, "document_id", where, len(document_ids))}

    def _page(
        self, collection: str, start: str | None, where: models.Filter | None, with_vectors: Sequence[str], size: int
    ) -> ScrollPage:
        records, after = self._connection.call(
            f"scrolling {collection}",
            lambda: self._client.scroll(
                collection,
                scroll_filter=where,
                limit=size,
                offset=start,
                with_payload=True,
                with_vectors=list(with_vectors) or False,
            ),
        )
        return ScrollPage(tuple(map(_point, records)), None if after is None else str(after))


def _came(after: datetime | None, until: datetime | None) -> models.Filter:
    period = models.FieldCondition(key="ingested_at", range=models.DatetimeRange(gt=after, lte=until))
    return models.Filter(must=[first_passages(), period])


def _point(record: models.Record) -> StoredPoint:
    return _stored(record.id, record.payload, record.vector)


def _stored(point: object, payload: Mapping[str, Any] | None, vectors: object) -> StoredPoint:
    return StoredPoint(str(point), from_payload(payload), from_wire(vectors) if vectors else {})
