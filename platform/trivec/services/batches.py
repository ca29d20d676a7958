"""One batch on its way into the store: skip what is unchanged, encode the rest, upsert. Twice is as good as once.

While a slice is being stored the next one is encoded; ONNX Runtime lets go of Python's lock, so the two overlap.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from trivec.errors import NotFound
from trivec.records import Document, TextVectors
from trivec.services.job_records import Counts
from trivec.services.passages import Preparation, Prepared, content_hash

if TYPE_CHECKING:
    from trivec.encoders.catalog import EncoderSet
    from trivec.store import Store
    from trivec.store.generation import Generation

_SLICE_PASSAGES = 96  # encoded and sent at once, and far below what a request may hold


@dataclass(frozen=True)
class Batch:
    """Documents that go to one corpus together; their ids differ.

    Attributes:
        corpus: where they go.
        documents: never empty.
        ingested_at: when they were handed in.
        unchanged: ids that an earlier try found stored already; None when this is the first.
    """

    corpus: str
    documents: Sequence[Document]
    ingested_at: datetime
    unchanged: tuple[str, ...] | None = None


class BatchWriter:
    """Writes batches to every generation of a corpus that takes writes.

    Args:
        store: of the vectors.
        encoders: those that a generation names.
        preparation: of the texts.
    """

    def __init__(
        self, store: "Store", encoders: Callable[["Generation"], "EncoderSet"], preparation: Preparation
    ) -> None:
        self._store = store
        self._encoders = encoders
        self._preparation = preparation

    def write(self, batch: Batch, *, looked: Callable[[tuple[str, ...]], None]) -> Counts:
        """Stores a batch; everything is durable when it returns.

        Args:
            batch: to be stored.
            looked: told which ids the first look found unchanged, before anything is written.

        Raises:
            NotFound: the corpus has no generation that serves.
            Unavailable: Qdrant does not answer.
        """
        documents = self._changed(batch)
        if batch.unchanged is None:
            kept = {document.id for document in documents}
            skipped = tuple(each.id for each in batch.documents if each.id not in kept)
            looked(skipped)
        else:
            skipped = batch.unchanged
        if documents:
            self._write_everywhere(batch, documents)
        return Counts(stored=len(batch.documents) - len(skipped), skipped=len(skipped))

    def _changed(self, batch: Batch) -> list[Document]:
        generation = self._store.current(batch.corpus)
        stored = self._store.hashes(generation, [document.id for document in batch.documents])
        return [document for document in batch.documents if stored.get(document.id) != content_hash(document)]

    def _write_everywhere(self, batch: Batch, documents: Sequence[Document]) -> None:
        """Also to a generation that began to be filled meanwhile: its filler may have read past these documents."""
        written: set[str] = set()
        while targets := [each for each in self._targets(batch.corpus) if each.collection not in written]:
            self._write(targets, documents, batch.ingested_at)
            written.update(each.collection for each in targets)

    def _targets(self, corpus: str) -> list["Generation"]:
        """The serving generation first: who fills another from it checks it last."""
        targets = self._store.targets(corpus)
        if not targets:
            raise NotFound(f"corpus {corpus!r} was deleted while documents were being added to it")
        return sorted(targets, key=lambda generation: generation.state != "active")

    def _write(self, targets: Sequence["Generation"], documents: Sequence[Document], at: datetime) -> None:
        storing: Future[None] | None = None
        with ThreadPoolExecutor(1, thread_name_prefix="storing") as pool:
            for prepared in _slices(self._preparation.prepare(documents, ingested_at=at)):
                encoded = [self._encoders(each).encode_documents(prepared.texts) for each in targets]
                if storing:
                    storing.result()
                storing = pool.submit(self._upsert, targets, prepared, encoded)
            if storing:
                storing.result()

    def _upsert(
        self, targets: Sequence["Generation"], prepared: Prepared, encoded: Sequence[dict[str, TextVectors]]
    ) -> None:
        for generation, vectors in zip(targets, encoded, strict=True):
            self._store.upsert(generation, prepared.passages, vectors)


def _slices(prepared: Prepared) -> Iterator[Prepared]:
    """Parts of a book may be stored apart: until the last is there, the store takes the document for incomplete."""
    for start in range(0, len(prepared.passages), _SLICE_PASSAGES):
        end = start + _SLICE_PASSAGES
        yield Prepared(prepared.passages[start:end], prepared.texts[start:end])
