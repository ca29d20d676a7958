"""Filling a new generation from the one that serves, while documents keep coming and going.

Passes over the old generation copy whatever the new one lacks, until a pass finds nothing to copy. Writers write to
both, the old one first; so what changed behind a copier's back shows as a difference to the next pass. A filler that
is killed begins again and finds most of the work done.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from trivec.errors import NotFound
from trivec.records import AnalysedText, DenseVectors, TextVectors
from trivec.services.passages import Preparation

if TYPE_CHECKING:
    from trivec.encoders.catalog import EncoderSet
    from trivec.store import Store
    from trivec.store.generation import Generation
    from trivec.store.reads import StoredPoint

_PAGE = 128  # points


class Filler:
    """Copies documents between generations of a corpus.

    Args:
        store: of the generations.
        encoders: those that a generation names.
        preparation: of texts.
    """

    def __init__(
        self, store: "Store", encoders: Callable[["Generation"], "EncoderSet"], preparation: Preparation
    ) -> None:
        self._store = store
        self._encoders = encoders
        self._preparation = preparation

    def fill(self, old: "Generation", new: "Generation", *, progress: Callable[[str], None]) -> None:
        """Returns when both hold the same documents. Vectors that both encode alike are copied, not made again."""
        shared = shared_vectors(old, new)
        total = self._store.count(old)
        copied, passes = 0, 0
        while True:
            before, passes = copied, passes + 1
            for page in self._store.pages(old, with_vectors=shared, size=_PAGE):
                copied += self._copy(old, new, page.points, shared)
                progress(f"filling {new.collection}: {copied} of {total} passages, pass {passes}")
            if copied == before:
                return

    def _copy(
        self, old: "Generation", new: "Generation", points: Sequence["StoredPoint"], shared: tuple[str, ...]
    ) -> int:
        """Copies the documents of these points that differ; returns how many passages were written."""
        hashes = {point.passage.document_id: point.passage.content_hash for point in points}
        there = self._store.hashes(new, list(hashes))
        wanted = [document for document, content in hashes.items() if there.get(document) != content]
        if not wanted:
            return 0
        whole = self._whole(old, points, wanted, shared)
        passages = [point.passage for point in whole]
        vectors = self._vectors(new, whole, self._preparation.analyse(passages), shared)
        self._store.upsert(new, passages, vectors)
        self._follow_deletions(old, wanted)
        return len(passages)

    def _whole(
        self, old: "Generation", points: Sequence["StoredPoint"], wanted: Sequence[str], shared: tuple[str, ...]
    ) -> list["StoredPoint"]:
        """All passages of the wanted documents; a page may hold only some of a long one's."""
        short = {point.passage.document_id: point for point in points if point.passage.passages == 1}
        found = []
        for document in wanted:
            try:
                found += (
                    [short[document]] if document in short else self._store.document(old, document, with_vectors=shared)
                )
            except NotFound:  # deleted this moment
                continue
        return found

    def _vectors(
        self,
        new: "Generation",
        points: Sequence["StoredPoint"],
        texts: Sequence[AnalysedText],
        shared: tuple[str, ...],
    ) -> dict[str, TextVectors]:
        encoders = self._encoders(new)
        known: dict[str, TextVectors] = {name: dense_vectors(points, name, new) for name in shared}
        parts = known | encoders.encode_documents(texts, [name for name in encoders.encoders if name not in known])
        fused = {name: fusion.fuse(texts, parts, question=False) for name, fusion in encoders.fusions.items()}
        return parts | fused

    def _follow_deletions(self, old: "Generation", documents: Sequence[str]) -> None:
        """A document deleted everywhere between our reading and our writing would come back by our hand."""
        gone = [
            document
            for document in set(documents) - set(self._store.hashes(old, documents))
            if self._gone(old, document)
        ]
        if gone:
            self._store.delete_documents(old.corpus, gone)

    def _gone(self, old: "Generation", document: str) -> bool:
        try:
            self._store.document(old, document)
        except NotFound:
            return True
        return False


def shared_vectors(old: "Generation", new: "Generation") -> tuple[str, ...]:
    """Names of dense vectors that both generations make in exactly the same way from the text alone."""
    return tuple(
        spec.name for spec in new.specs if spec.kind == "dense" and not spec.parts and old.spec(spec.name) == spec
    )


def dense_vectors(points: Sequence["StoredPoint"], name: str, generation: "Generation") -> DenseVectors:
    """The vectors of this name that stored points came with, in their order."""
    spec = generation.spec(name)
    values = np.zeros((len(points), spec.dimension if spec else 0), np.float32)
    present = np.zeros(len(points), np.bool_)
    for number, point in enumerate(points):
        if isinstance(vector := point.vectors.get(name), np.ndarray):
            values[number], present[number] = vector, True
    return DenseVectors(values, present)
