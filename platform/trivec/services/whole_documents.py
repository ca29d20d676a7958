"""Whole documents out of stored passages: their text, their path of labels, and one vector for all of it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from trivec.encoders.rows import unit_rows
from trivec.errors import BadInput, NotFound
from trivec.records import DenseVectors, Document, Filters, Floats1d, Floats2d, Ints1d, TextVectors
from trivec.services.corpora import stitch
from trivec.services.job_records import now
from trivec.services.passages import Preparation

if TYPE_CHECKING:
    from trivec.encoders.catalog import EncoderSet
    from trivec.store import Store
    from trivec.store.generation import Generation
    from trivec.store.reads import StoredPoint

VECTOR = "bert"  # of each passage; a document's is the direction of their mean
_PAGE = 512  # passages read at once


@dataclass(frozen=True)
class WholeDocument:
    """A document as a learner reads it.

    Attributes:
        id: the document.
        content_hash: of what was read.
        text: title and text.
        labels: root first; empty when unlabelled.
        vector: unit length, or all zeros where no passage had anything to encode, shape (dimension,).
    """

    id: str
    content_hash: str
    text: str
    labels: tuple[str, ...]
    vector: Floats1d


class WholeDocuments:
    """Reads documents of a generation, and makes of a plain text what they are made of.

    Args:
        store: of the generations.
        encoders: those that a generation names.
        preparation: of texts.
        vector: that is read of each passage, and made of a plain text.
    """

    def __init__(
        self,
        store: "Store",
        encoders: Callable[["Generation"], "EncoderSet"],
        preparation: Preparation,
        *,
        vector: str = VECTOR,
    ) -> None:
        self._vector = vector
        self._store = store
        self._encoders = encoders
        self._preparation = preparation

    def labelled(self, generation: "Generation") -> Iterator[WholeDocument]:
        """Every document that has labels."""
        check(generation, self._vector)
        for page in self._store.pages(generation, filters=Filters(labelled=True), with_vectors=[self._vector]):
            yield from self.of(generation, [point for point in page.points if point.passage.passage.number == 0])

    def all(self, generation: "Generation") -> Iterator[WholeDocument]:
        """Every document, in the order of point ids, in which the passages of a document stand together."""
        check(generation, self._vector)
        points = self._store.scroll(generation, with_vectors=[self._vector], size=_PAGE)
        for _, passages in groupby(points, key=lambda point: point.passage.document_id):
            yield self._whole(generation, list(passages))

    def of(self, generation: "Generation", heads: Sequence["StoredPoint"]) -> Iterator[WholeDocument]:
        """The documents of these first passages, which come with their vector."""
        for head in heads:
            try:
                points = [head] if head.passage.passages == 1 else self._passages(generation, head)
            except NotFound:  # deleted this moment
                continue
            yield self._whole(generation, points)

    def encoder(self, generation: "Generation") -> Callable[[Sequence[str]], DenseVectors]:
        """Makes one vector per plain text, as those of stored documents are made."""
        check(generation, self._vector)
        return lambda texts: self._encode(generation, texts)

    def _encode(self, generation: "Generation", texts: Sequence[str]) -> DenseVectors:
        documents = [Document(str(number), text) for number, text in enumerate(texts)]
        prepared = self._preparation.prepare(documents, ingested_at=now())
        owners = np.array([int(passage.document_id) for passage in prepared.passages])
        encoded = self._encoders(generation).encode_documents(prepared.texts, [self._vector])[self._vector]
        return _means(encoded, owners, len(texts))

    def _passages(self, generation: "Generation", head: "StoredPoint") -> list["StoredPoint"]:
        return self._store.document(generation, head.passage.document_id, with_vectors=[self._vector])

    def _whole(self, generation: "Generation", points: Sequence["StoredPoint"]) -> WholeDocument:
        first = points[0].passage
        text = stitch([point.passage.passage for point in points])
        spec = generation.spec(self._vector)
        total = np.zeros((1, spec.dimension if spec else 0), np.float32)
        for point in points:
            vector = point.dense(self._vector)
            total += 0 if vector is None else vector
        return WholeDocument(
            first.document_id,
            first.content_hash,
            f"{first.title}\n{text}" if first.title else text,
            first.labels,
            unit_rows(total).values[0],
        )


def vectors(documents: Sequence[WholeDocument]) -> Floats2d | None:
    """Of all of them, shape (documents, dimension); None of none."""
    return np.array([document.vector for document in documents], np.float32) if documents else None


def check(generation: "Generation", vector: str) -> None:
    """Raise BadInput where the generation has no such vectors."""
    if generation.spec(vector) is None:
        raise BadInput(f"corpus {generation.corpus!r} has no vector {vector!r}, which is needed here")


def _means(encoded: TextVectors, owners: Ints1d, count: int) -> DenseVectors:
    """The direction of the mean of each owner's rows."""
    assert isinstance(encoded, DenseVectors)  # noqa: S101  the vector is a dense one
    sums: Floats2d = np.zeros((count, encoded.values.shape[1]), np.float32)
    np.add.at(sums, owners[encoded.present], encoded.values[encoded.present])
    return unit_rows(sums)
