"""Corpora: what is stored, read in full, counted, exported and deleted."""

import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from trivec.errors import NotFound
from trivec.records import FacetCount, Filters, Metadata, Passage, Predicted
from trivec.services import export
from trivec.services.export import Format, Row
from trivec.services.search import SearchService
from trivec.services.search_records import SearchRequest
from trivec.store import Store
from trivec.store.counts import Interval
from trivec.store.filters import NO_FILTERS
from trivec.store.generation import CorpusInfo, Generation
from trivec.store.names import check_corpus
from trivec.store.reads import StoredPoint

_FETCHED_WITHIN = 24 * 3600  # seconds that an export without a path of its own is kept for whoever asked for it


@dataclass(frozen=True)
class StoredDocument:
    """A document in full; `text` is its cleaned text, `passages` are the pieces that were encoded."""

    document_id: str
    title: str
    text: str
    date: datetime | None
    labels: tuple[str, ...]
    source: str
    language: str
    metadata: Metadata
    content_hash: str
    ingested_at: datetime
    predicted: Predicted | None
    passages: tuple[Passage, ...]


class CorporaService:
    """What one can do with stored documents besides searching them.

    Args:
        store: where they are.
        exports: folder for exports that name no file; a temporary one unless told.
    """

    def __init__(self, store: Store, *, exports: Path | None = None) -> None:
        self._store = store
        self._exports = exports or Path(tempfile.gettempdir()) / "trivec-exports"

    def list(self) -> list[CorpusInfo]:
        """Every corpus with its counts, by name."""
        return self._store.corpora()

    def show(self, corpus: str) -> CorpusInfo:
        """One corpus with its counts.

        Raises:
            NotFound: no such corpus.
        """
        info = self._store.corpus(check_corpus(corpus))
        if info is None:
            raise NotFound(f"corpus {corpus!r} does not exist: ingest documents into it first")
        return info

    def generations(self, corpus: str) -> Sequence[Generation]:
        """All generations of a corpus, oldest first.

        Raises:
            NotFound: no such corpus.
        """
        found = self._store.generations(check_corpus(corpus))
        if not found:
            raise NotFound(f"corpus {corpus!r} does not exist")
        return found

    def facets(
        self, corpus: str, keys: Sequence[str], *, filters: Filters = NO_FILTERS
    ) -> dict[str, Sequence[FacetCount]]:
        """How many documents carry each value of `labels`, `source`, `language` or a metadata key."""
        return dict(self._store.facets(self._store.current(corpus), keys, filters=filters, limit=100))

    def histogram(self, corpus: str, interval: Interval, *, filters: Filters = NO_FILTERS) -> Sequence[FacetCount]:
        """How many documents fall into each day, week, month, year or decade."""
        return self._store.histogram(self._store.current(corpus), interval, filters=filters)

    def document(self, corpus: str, document_id: str) -> StoredDocument:
        """A document in full, put together from its passages.

        Raises:
            NotFound: no such corpus or document.
        """
        return _whole(self._store.document(self._store.current(corpus), document_id))

    def delete(self, corpus: str) -> None:
        """Delete a corpus with all its generations.

        Raises:
            NotFound: no such corpus.
        """
        self._store.delete_corpus(check_corpus(corpus))

    def delete_source(self, corpus: str, source: str) -> int:
        """Delete every document of a source; returns how many.

        Raises:
            NotFound: no such corpus, or nothing in it came from this source.
        """
        generation = self._store.current(corpus)
        count = self._store.count_documents(generation, filters=Filters(sources=(source,)))
        self._store.delete_source(corpus, source)
        if not count:
            raise NotFound(f"corpus {corpus!r} has no documents from source {source!r}")
        return count

    def delete_document(self, corpus: str, document_id: str) -> None:
        """Delete one document.

        Raises:
            NotFound: no such corpus or document.
        """
        self._store.document(self._store.current(corpus), document_id)
        self._store.delete_documents(corpus, [document_id])

    def export(
        self,
        corpus: str,
        *,
        format: Format,  # noqa: A002
        vectors: bool = False,
        filters: Filters = NO_FILTERS,
        path: Path | None = None,
    ) -> Path:
        """Write a corpus to a file, a row per passage; returns where it is.

        Args:
            corpus: what to write.
            format: `parquet`, `csv` or `jsonl`.
            vectors: all named vectors, too.
            filters: which documents.
            path: the file; one under the exports folder unless told.
        """
        generation = self._store.current(corpus)
        specs = generation.specs if vectors else ()
        points = self._store.scroll(generation, filters=filters, with_vectors=[spec.name for spec in specs])
        rows = (Row(point.passage, point.vectors) for point in points)
        path = path or self._new_file(corpus, format)
        export.write(rows, path, format=format, specs=specs)
        return path

    def export_results(
        self,
        search: SearchService,
        request: SearchRequest,
        *,
        format: Format,  # noqa: A002
        vectors: bool = False,
        path: Path | None = None,
    ) -> Path:
        """Write everything a search finds to a file, best first, with rank and score.

        The request's `limit` is the size of its pages here: all documents found are written.
        """
        generation = self._store.current(request.corpus)
        specs = generation.specs if vectors else ()
        rows = self._results(search, request, generation if vectors else None)
        path = path or self._new_file(request.corpus, format)
        export.write(rows, path, format=format, specs=specs, ranked=True)
        return path

    def _results(self, search: SearchService, request: SearchRequest, vectors_of: Generation | None) -> Iterator[Row]:
        hits = search.search(replace(request, limit=10_000, offset=0, facets=(), histogram=None)).hits
        for rank, hit in enumerate(hits, 1):
            vectors = {}
            if vectors_of:
                points = self._store.document(vectors_of, hit.document_id, with_vectors=vectors_of.names)
                vectors = points[hit.passage.passage.number].vectors
            yield Row(hit.passage, vectors, rank, hit.score)

    def _new_file(self, corpus: str, format: Format) -> Path:  # noqa: A002
        self._exports.mkdir(parents=True, exist_ok=True, mode=0o700)
        for old in self._exports.iterdir():
            if time.time() - old.stat().st_mtime > _FETCHED_WITHIN:
                old.unlink(missing_ok=True)
        return self._exports / f"{corpus}-{uuid4().hex}.{format}"


def _whole(points: Sequence[StoredPoint]) -> StoredDocument:
    first = points[0].passage
    passages = tuple(point.passage.passage for point in points)
    return StoredDocument(
        document_id=first.document_id,
        title=first.title,
        text=stitch(passages),
        date=first.date,
        labels=first.labels,
        source=first.source,
        language=first.language,
        metadata=first.metadata,
        content_hash=first.content_hash,
        ingested_at=first.ingested_at,
        predicted=first.predicted,
        passages=passages,
    )


def stitch(passages: Sequence[Passage]) -> str:
    """The text that passages were cut from: overlaps once; between two, a space or the empty line that was there.

    >>> stitch([Passage(0, "One two.", 0, 8), Passage(1, "two. Three.", 4, 15), Passage(2, "Four.", 16, 21)])
    'One two. Three. Four.'
    """
    text = ""
    for passage in passages:
        gap = passage.start - len(text)  # cleaned text has no two spaces in a row
        text += " " if gap == 1 else "\n" * gap
        text += passage.text[len(text) - passage.start :]
    return text
