"""The map as a kind of learning: a corpus's vectors in, a judged version with labelled cells and placed documents out.

A map is judged by how near its cells come to documents that it was not made from; what is held out follows from each
document's text alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from trivec import jobs
from trivec.errors import BadInput, NotFound
from trivec.learning import som
from trivec.learning.base import Progress, part, silent
from trivec.learning.som import CellNote, SomModel, SomOptions, WordCounts
from trivec.records import Floats2d, MapPlace, Scalar
from trivec.services import gate, maps, spool
from trivec.services.gate import Scores, Verdict
from trivec.services.learning import Learner, forgetting
from trivec.services.learning_inputs import changed, data_hash, is_drawn
from trivec.services.maps import Maps
from trivec.services.whole_documents import WholeDocument, WholeDocuments, vectors

if TYPE_CHECKING:
    from trivec.registry import Registry
    from trivec.store import Store
    from trivec.store.generation import Generation

FEWEST = 100  # documents: fewer are not mapped by the schedule
NOWHERE = -1  # cell of a document that has no such vector
_HELD_OUT = 0.1  # share of the documents
_GROWN = 1.1  # times as many documents as the newest version saw: worth another one
_PAGE = 256  # documents placed at once
_READ, _TRAINED, _JUDGED = 0.3, 0.7, 0.75  # share of the work that is done by then
_JUDGED_FILE = "judged.json"
_OURS = ("vector", "only_if_new")  # parameters that are not options of the map

Words = Callable[[str], Sequence[str]]
DocumentsOf = Callable[[str], WholeDocuments]  # reads documents by one named vector


class MapLearner:
    """Makes and judges the model `CORPUS.map`, and gives every document its place.

    Args:
        store: of the corpora.
        registry: of the models.
        documents: reads documents by one named vector.
        known: the maps there are.
        words: of a text, for naming the cells.
    """

    def __init__(self, store: "Store", registry: "Registry", documents: DocumentsOf, known: Maps, words: Words) -> None:
        self._store = store
        self._registry = registry
        self._documents = documents
        self._maps = known
        self._words = words

    @property
    def learner(self) -> Learner:
        """The kind `map`."""
        return Learner(
            self.learn,
            models=("map",),
            wants=self.wants,
            scheduled={"only_if_new": True},
            serve=self._serve,
            withdraw=forgetting(self._store, "cell"),
            queue=jobs.INSIGHT,
            rest=timedelta(hours=20),
        )

    def wants(self, corpus: str) -> bool:
        """Whether enough is new to make another map, or documents wait for their place."""
        generation = self._store.current(corpus)
        if self._enough_is_new(generation):
            return True
        reference = self._maps.champion(corpus)
        return reference is not None and bool(next(self._store.unlocated(generation, reference, size=1)).points)

    def learn(
        self, corpus: str, parameters: Mapping[str, Scalar], checkpoint: Path, progress: Progress
    ) -> dict[str, Any]:
        """Makes a challenger, judges it, and gives every document without one its place on the champion.

        Args:
            corpus: to be mapped.
            parameters: `vector`, the named vector that is mapped (that of the present map unless told); `only_if_new`:
                make a map only where enough is new; fields of `SomOptions`.
            checkpoint: folder to resume from.
            progress: told what is being done; may raise `Cancelled`.

        Returns:
            `reference`, `verdict`, `promoted` and `metrics` where a map was made; `placed` documents.

        Raises:
            BadInput: too few documents, or a parameter that does not exist.
        """
        judged = spool.read_json(checkpoint / _JUDGED_FILE)
        wanted = not parameters.get("only_if_new") or self._enough_is_new(self._store.current(corpus))
        if judged is None and wanted:
            judged = self._train(corpus, parameters, progress)
            spool.write_json(checkpoint / _JUDGED_FILE, judged)
        reference = self._maps.champion(corpus)
        placed = self._place(corpus, reference, part(progress, _JUDGED, 1.0)) if reference else 0
        return {**(judged or {}), "placed": placed}

    def _train(self, corpus: str, parameters: Mapping[str, Scalar], progress: Progress) -> dict[str, Any]:
        options, generation = changed(SomOptions(), parameters, kind="map", besides=_OURS), self._store.current(corpus)
        vector = maps.choose(generation, str(parameters.get("vector", "")) or self._present(corpus))
        documents = self._read(generation, vector, progress)
        held = [document for document in documents if _is_held_out(document)]
        mapped = [document for document in documents if not _is_held_out(document)]
        if not held:
            raise BadInput(f"corpus {corpus!r} has {len(documents)} documents with {vector!r} vectors: too few to map")
        model = som.train(_vectors(mapped), options=options, progress=part(progress, _READ, _TRAINED))
        progress("naming the cells", _TRAINED)
        model = self._named(generation, model, documents)
        champion = self._maps.comparable(generation, vector)
        verdict = _judge(model, champion.model if champion else None, _vectors(held))
        quality = model.quality
        metrics = {
            "topographic_error": quality.topographic,
            "quantisation_error": quality.quantisation,
            "closeness": verdict.challenger,
            "cells": float(model.grid.cells),
        }
        with TemporaryDirectory(prefix="trivec-map-") as folder:
            model.save(Path(folder))
            reference = self._registry.save(
                maps.name(corpus),
                Path(folder),
                parameters={**vars(options), "vector": vector, "documents": len(documents)},
                metrics=metrics,
                data_hash=data_hash((each.id, each.content_hash) for each in documents),
                tags={maps.VECTOR: vector, maps.ENCODER: maps.encoder(generation, vector)},
            )
        gate.record(self._registry, reference, verdict)
        return {
            "reference": reference,
            "promoted": verdict.promote,
            "verdict": verdict.reason,
            "metrics": metrics,
        }

    def _read(self, generation: "Generation", vector: str, progress: Progress) -> list[WholeDocument]:
        """Documents that have the vector; their texts are let go, as a corpus of texts may not fit."""
        total, found = self._store.count_documents(generation), []
        for number, document in enumerate(self._documents(vector).all(generation)):
            if number % _PAGE == 0:
                progress(f"reading {number} of {total} documents", _READ * min(1.0, number / max(1, total)))
            if document.vector.any():
                found.append(WholeDocument(document.id, document.content_hash, "", document.labels, document.vector))
        return found

    def _named(self, generation: "Generation", model: SomModel, documents: Sequence[WholeDocument]) -> SomModel:
        """The map with the words and the nearest document of each cell."""
        near = model.nearest(_vectors(documents))
        cells = near.cells[:, 0]
        names = [document.id for document in documents]
        of, counts = dict(zip(names, cells.tolist(), strict=True)), WordCounts()
        for fields in self._store.fields(generation, ["document_id", "text"]):
            cell = of.get(fields["document_id"])
            if cell is not None:
                counts.add(cell, self._words(fields["text"]))
        best = som.nearest_documents(cells, near.distances[:, 0].tolist(), names, count=model.grid.cells)
        notes = tuple(CellNote(words, one) for words, one in zip(counts.labels(model.grid), best, strict=True))
        return model.noted(notes)

    def _place(self, corpus: str, reference: str, progress: Progress) -> int:
        """Gives every document without one its place on a map; may be broken off and called again at any time."""
        generation, opened = self._store.current(corpus), self._maps.open(reference)
        if opened.encoder != maps.encoder(generation, opened.vector):
            return 0
        reader = self._documents(opened.vector)
        total, done = self._store.count_documents(generation), 0
        self._store.forget_places(corpus, reference)
        for page in self._store.unlocated(generation, reference, with_vectors=[opened.vector], size=_PAGE):
            progress(f"placing documents: {done} of up to {total}", done / max(1, total))
            documents = list(reader.of(generation, page.points))
            places = dict(zip([each.id for each in documents], places_of(opened, vectors(documents)), strict=True))
            self._store.set_places(corpus, places, hashes={each.id: each.content_hash for each in documents})
            done += len(documents)
        return done

    def _serve(self, reference: str) -> tuple[str, ...]:
        self._place(reference.rpartition(".")[0], reference, silent)
        return ()

    def _present(self, corpus: str) -> str:
        reference = self._maps.champion(corpus)
        return self._maps.open(reference).vector if reference else ""

    def _enough_is_new(self, generation: "Generation") -> bool:
        documents = self._store.count_documents(generation)
        try:
            newest = self._registry.versions(maps.name(generation.corpus))[0]
        except NotFound:
            return documents >= FEWEST
        stale = newest.tags[maps.ENCODER] != maps.encoder(generation, newest.tags[maps.VECTOR])
        return documents >= FEWEST and (stale or documents >= _GROWN * int(newest.parameters["documents"]))


def places_of(opened: maps.OpenMap, given: Floats2d | None) -> list[MapPlace]:
    """Where documents lie on a map; a document without a vector (zeros) lies nowhere."""
    if given is None:
        return []
    near, points = opened.model.nearest(given), opened.model.place(given)
    cells = np.where(given.any(axis=1), near.cells[:, 0], NOWHERE).tolist()
    rows = zip(cells, near.distances[:, 0].tolist(), points.astype(float).tolist(), strict=True)
    return [MapPlace(cell, distance, x, y, opened.reference) for cell, distance, (x, y) in rows]


def _judge(model: SomModel, champion: SomModel | None, held: Floats2d) -> Verdict:
    verdict = gate.judge(
        model.closeness(held),
        champion.closeness(held) if champion else None,
        metric="cosine of held-out documents with their cells",
        baseline=_plane(model, held),
        baseline_name="the plane of the first two components",
    )
    if not model.quality.torn:
        return verdict
    torn = f"of {model.quality.topographic:.0%} of the documents the two nearest cells do not touch"
    return replace(verdict, reason=f"{verdict.reason}; without order: {torn}")


def _plane(model: SomModel, held: Floats2d) -> Scores:
    """How near documents come to a plane instead of a map."""
    flat = model.mean + model.reduce(held)[:, :2] @ model.axes[:, :2].T
    return np.asarray((held * flat).sum(axis=1) / np.maximum(1e-9, np.linalg.norm(flat, axis=1)), np.float64)


def _vectors(documents: Sequence[WholeDocument]) -> Floats2d:
    found = vectors(documents)
    return np.empty((0, 0), np.float32) if found is None else found


def _is_held_out(document: WholeDocument) -> bool:
    """By its content alone, so that equal documents are on one side."""
    return is_drawn(document.content_hash, share=_HELD_OUT)
