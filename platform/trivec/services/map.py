"""A corpus's map, looked at: its cells, its points, the documents of a cell, and where texts and results lie."""

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from trivec.errors import BadInput, NotFound
from trivec.records import Filters, Hit, MapPlace
from trivec.services.map_learning import DocumentsOf, places_of
from trivec.services.map_records import DocumentsPage, MapView, Place, PlacedDocument, Places, Points
from trivec.services.map_table import ANOMALOUS, FIELDS, MapTable, oddest
from trivec.services.maps import Maps, OpenMap
from trivec.services.search_records import SearchRequest

if TYPE_CHECKING:
    from trivec.services.corpora import CorporaService
    from trivec.services.export import Format
    from trivec.services.search import SearchService
    from trivec.store import Store
    from trivec.store.generation import Generation

MOST_POINTS = 100_000
_FRESH = 30.0  # seconds that the table of documents is trusted
_TIMES = 20  # or so many times what reading it took, where that is longer
_MOST_TEXTS = 256


class _Kept(NamedTuple):
    """A table of documents, and until when it is trusted."""

    key: tuple[str, str, int]
    until: float
    table: MapTable


class MapService:
    """Looks at the maps of the corpora. Threads may share one.

    Args:
        store: of the corpora.
        known: the maps there are.
        documents: reads documents by one named vector.
        search: finds the results of a question; asked for when there is one.
        corpora: exports documents.
    """

    def __init__(
        self,
        store: "Store",
        known: Maps,
        documents: DocumentsOf,
        search: "Callable[[], SearchService]",
        corpora: "CorporaService",
    ) -> None:
        self._store = store
        self._maps = known
        self._documents = documents
        self._search = search
        self._corpora = corpora
        self._tables: dict[str, _Kept] = {}
        self._reading = Lock()

    def show(self, corpus: str) -> MapView:
        """The map in use with what lies in each cell.

        Raises:
            NotFound: no such corpus, or it has no map yet.
            Conflict: its vectors are made in another way since.
        """
        generation = self._store.current(corpus)
        opened = self._maps.current(generation)
        table, model = self._table(generation, opened), opened.model
        periods, cells = table.cells_of(model)
        return MapView(
            model=opened.reference,
            vector=opened.vector,
            made_at=opened.made_at,
            rows=model.grid.rows,
            columns=model.grid.columns,
            quality=model.quality,
            torn=model.quality.torn,
            projection=model.projection.method,
            documents=self._store.count_documents(generation),
            placed=len(table.ids),
            level=table.level,
            periods=periods,
            cells=cells,
        )

    def points(self, corpus: str, *, limit: int = MOST_POINTS) -> Points:
        """Documents on the projection; where there are more than `limit`, an even choice of them."""
        generation = self._store.current(corpus)
        opened = self._maps.current(generation)
        table = self._table(generation, opened)
        rows = np.arange(len(table.ids))
        if len(rows) > limit:
            rows = np.sort(np.random.default_rng(0).choice(len(rows), limit, replace=False))
        return Points(
            model=opened.reference,
            total=len(table.ids),
            ids=[table.ids[row] for row in rows],
            titles=[table.titles[row] for row in rows],
            x=table.points[rows, 0],
            y=table.points[rows, 1],
            cells=table.cells[rows],
            days=table.days[rows],
            labels=table.labels,
            label=table.label[rows],
            sources=table.sources,
            source=table.source[rows],
            p_values=table.p_values[rows],
        )

    def documents(self, corpus: str, filters: Filters, *, limit: int = 20, offset: int = 0) -> DocumentsPage:
        """Documents that satisfy the filters (`cells` among them), the nearest to their cell's centre first.

        Raises:
            NotFound: no such corpus, no map, or no such cell.
        """
        generation = self._store.current(corpus)
        self._check(self._maps.current(generation), filters)
        found = [
            (each["cell"]["distance"], each["document_id"])
            for each in self._store.fields(generation, ["document_id", "cell"], filters=filters)
            if each.get("cell")
        ]
        page = [document for _, document in sorted(found)[offset : offset + limit]]
        read = {each.document_id: each for each in self._read(generation, page)}
        return DocumentsPage(tuple(read[document] for document in page if document in read), len(found))

    def export(self, corpus: str, filters: Filters, *, format: "Format", path: Path) -> Path:  # noqa: A002
        """Writes documents that satisfy the filters to a file, a row per passage.

        Raises:
            NotFound: no such corpus, no map, or no such cell.
        """
        self._check(self._maps.current(self._store.current(corpus)), filters)
        return self._corpora.export(corpus, format=format, filters=filters, path=path)

    def locate(self, corpus: str, texts: Sequence[str]) -> Places:
        """Where texts would lie, without storing them.

        Raises:
            NotFound: no such corpus, or it has no map yet.
            BadInput: too many texts at once.
        """
        started = time.perf_counter()
        if len(texts) > _MOST_TEXTS:
            raise BadInput(f"{len(texts)} texts at once: send at most {_MOST_TEXTS}")
        generation = self._store.current(corpus)
        opened = self._maps.current(generation)
        encoded = self._documents(opened.vector).encoder(generation)(texts) if texts else None
        places = places_of(opened, encoded.values if encoded else None)
        return Places(opened.reference, tuple(map(_place, places)), _since(started))

    def locate_results(self, request: SearchRequest) -> Places:
        """Where the results of a question lie, best first; one that is too new to be placed is placed at once."""
        started = time.perf_counter()
        generation = self._store.current(request.corpus)
        opened = self._maps.current(generation)
        hits = self._search().search(request).hits
        known = {hit.document_id: hit.passage.place for hit in hits}
        unknown = [document for document, place in known.items() if place is None or place.model != opened.reference]
        found = {**known, **self._placed(generation, opened, unknown)}
        return Places(opened.reference, tuple(_result(hit, found[hit.document_id]) for hit in hits), _since(started))

    def _placed(self, generation: "Generation", opened: OpenMap, documents: Sequence[str]) -> dict[str, MapPlace]:
        heads = []
        for document in documents:
            try:
                heads.append(self._store.document(generation, document, with_vectors=[opened.vector])[0])
            except NotFound:  # deleted this moment
                continue
        whole = list(self._documents(opened.vector).of(generation, heads))
        vectors = np.array([each.vector for each in whole], np.float32) if whole else None
        return dict(zip([each.id for each in whole], places_of(opened, vectors), strict=True))

    def _read(self, generation: "Generation", documents: Sequence[str]) -> list[PlacedDocument]:
        if not documents:
            return []
        wanted = Filters(document_ids=tuple(documents))
        heads, scored = [], defaultdict[str, list[float]](list)
        for point in self._store.scroll(generation, filters=wanted, size=1000):
            passage = point.passage
            if passage.passage.number == 0:
                heads.append(passage)
            if passage.anomaly and (passage.passage.number == 0 or passage.anomaly.p_value < ANOMALOUS):
                scored[passage.document_id].append(1.0 if passage.mark == "fine" else passage.anomaly.p_value)
        return [
            PlacedDocument(
                document_id=head.document_id,
                title=head.title,
                text=head.passage.text,
                date=head.date,
                labels=head.labels,
                source=head.source,
                cell=head.place.cell,
                distance=head.place.distance,
                p_value=oddest(scored[head.document_id], head.passages),
            )
            for head in heads
            if head.place is not None
        ]

    def _check(self, opened: OpenMap, filters: Filters) -> None:
        cells = opened.model.grid.cells
        wrong = [cell for cell in filters.cells if not 0 <= cell < cells]
        if wrong:
            raise NotFound(f"{opened.reference} has no cell {wrong[0]}: its cells are 0 to {cells - 1}")

    def _table(self, generation: "Generation", opened: OpenMap) -> MapTable:
        """Read again when documents came or went, and now and then, as scores and labels change too."""
        key = (opened.reference, generation.collection, self._store.count_documents(generation))
        with self._reading:
            kept = self._tables.get(generation.corpus)
            if kept is None or kept.key != key or time.monotonic() > kept.until:
                started = time.monotonic()
                odd = self._store.fields_of_odd(generation, FIELDS, below=ANOMALOUS)
                table = MapTable.read(self._store.fields(generation, FIELDS), opened.reference, odd=odd)
                read = time.monotonic()
                kept = _Kept(key, read + max(_FRESH, _TIMES * (read - started)), table)
                self._tables[generation.corpus] = kept
            return kept.table


def _place(found: MapPlace | None) -> Place:
    if found is None or found.cell < 0:
        return Place(None, 0.0, 0.0, 0.0)
    return Place(found.cell, found.distance, found.x, found.y)


def _result(hit: Hit, found: MapPlace | None) -> Place:
    return replace(_place(found), document_id=hit.document_id, title=hit.passage.title, score=hit.score)


def _since(started: float) -> float:
    return (time.perf_counter() - started) * 1000
