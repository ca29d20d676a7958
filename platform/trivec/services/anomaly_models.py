"""The anomaly models of the corpora: which version is champion, and that version ready to be asked.

A version can be asked as long as the vector that counts is made as it was; vectors that are only shown, and made in
another way since, are left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from trivec.errors import Conflict, NotFound
from trivec.learning import anomalies
from trivec.learning.anomalies import AnomalyModel, Marks, Texts
from trivec.records import Floats1d
from trivec.services import spool

if TYPE_CHECKING:
    from trivec.registry import Registry
    from trivec.store import Store
    from trivec.store.generation import Generation
    from trivec.store.reads import StoredPoint

SHOWN = ("bert", "glove", "word2vec")  # named vectors that are judged, where a corpus has them
ENCODER = "encoder"  # tag of a version: what made its vectors, as `encoder` says it
DUPLICATES = "duplicates.json"  # beside the model: groups of documents that are nearly the same


@dataclass(frozen=True)
class OpenAnomalies:
    """A version of an anomaly model.

    Attributes:
        reference: in the registry.
        encoder: what made the vectors it was learned from.
        made_at: timezone-aware.
        model: the model.
        folder: with its files.
    """

    reference: str
    encoder: str
    made_at: datetime
    model: AnomalyModel
    folder: Path


class AnomalyModels:
    """Models called `CORPUS.anomalies`. Threads may share one.

    Args:
        registry: of the models.
    """

    def __init__(self, registry: "Registry") -> None:
        self._registry = registry
        self._loaded: dict[str, OpenAnomalies] = {}
        self._loading = Lock()

    def champion(self, corpus: str) -> str | None:
        """The reference of the version in use, None where there is none yet."""
        return self._registry.champion(name(corpus))

    def current(self, generation: "Generation") -> OpenAnomalies:
        """The version in use, if the vector that counts is still made as it was.

        Raises:
            NotFound: the corpus has none yet.
            Conflict: that vector is made in another way since.
        """
        corpus = generation.corpus
        reference = self.champion(corpus)
        if reference is None:
            raise NotFound(
                f"what is usual in {corpus!r} is not learned yet: `trivec train anomalies --corpus {corpus}`"
            )
        found = self.comparable(generation)
        if found is None:
            raise Conflict(
                f"{reference} knows other vectors than {generation.collection!r} has now: "
                f"`trivec train anomalies --corpus {corpus}` learns anew"
            )
        return found

    def comparable(self, generation: "Generation") -> OpenAnomalies | None:
        """The version in use, if there is one and the vector that counts is still made as it was."""
        reference = self.champion(generation.corpus)
        if reference is None:
            return None
        found = self.open(reference)
        same = [name for name, maker in _makers(found.encoder).items() if maker == _maker(generation, name)]
        if found.model.options.vector not in same:
            return None
        return found if set(same) >= set(found.model.tables) else self._showing(found, same)

    def newest(self, generation: "Generation") -> datetime | None:
        """When a version of this corpus was learned last, promoted or not, from vectors made as they are now."""
        try:
            version = self._registry.versions(name(generation.corpus))[0]
        except NotFound:
            return None
        made = _makers(version.tags[ENCODER])
        counts = str(version.parameters["vector"])
        return version.created_at if made.get(counts) == _maker(generation, counts) else None

    def open(self, reference: str) -> OpenAnomalies:
        """A version; the one of each corpus that was asked last is kept."""
        with self._loading:
            if reference not in self._loaded:
                model = reference.rpartition(":")[0]
                version = next((one for one in self._registry.versions(model) if one.reference == reference), None)
                if version is None:
                    raise NotFound(f"there is no anomaly model {reference!r}")
                folder = self._registry.path(reference)
                opened = OpenAnomalies(
                    reference, version.tags[ENCODER], version.created_at, anomalies.load(folder), folder
                )
                others = {key: one for key, one in self._loaded.items() if one.reference.rpartition(":")[0] != model}
                self._loaded = {**others, reference: opened}
            return self._loaded[reference]

    def _showing(self, found: OpenAnomalies, names: Sequence[str]) -> OpenAnomalies:
        """The version without the vectors that are made in another way since; kept beside it."""
        key = " ".join([found.reference, *names])
        with self._loading:
            if key not in self._loaded:
                self._loaded = {**self._loaded, key: replace(found, model=found.model.showing(names))}
            return self._loaded[key]

    def duplicates(self, corpus: str) -> spool.Json:
        """Groups of near-duplicates that the newest version found, as `anomaly_learning` wrote them.

        Raises:
            NotFound: nothing was learned of the corpus yet.
        """
        newest = self._registry.versions(name(corpus))[0]
        found = spool.read_json(self._registry.path(newest.reference) / DUPLICATES)
        return {"model": newest.reference, "made_at": newest.created_at, "documents": 0, "groups": [], **(found or {})}


def name(corpus: str) -> str:
    """Of a corpus's anomaly model in the registry."""
    return f"{corpus}.anomalies"


def vectors(generation: "Generation", counts: str) -> list[str]:
    """Named vectors of a generation that are judged: the one that counts, and those that are shown."""
    return [each for each in dict.fromkeys([counts, *SHOWN]) if generation.spec(each) is not None]


def encoder(generation: "Generation", names: Sequence[str]) -> str:
    """What makes these vectors of a generation, for a model to remember."""
    return "; ".join(f"{each} {_maker(generation, each)}" for each in names)


def _maker(generation: "Generation", name: str) -> str:
    spec = generation.spec(name)
    return f"{spec.family} {spec.model}" if spec else ""


def _makers(tag: str) -> Mapping[str, str]:
    """What `encoder` said, by vector."""
    return dict(each.split(" ", 1) for each in tag.split("; ") if " " in each)


def heeding_marks(store: "Store", generation: "Generation", model: AnomalyModel) -> AnomalyModel:
    """The model with what people said of the corpus's passages."""
    vector = model.options.vector
    rows: dict[str, list[Floats1d]] = {"fine": [], "odd": []}
    for page in store.marked(generation, with_vectors=[vector]):
        for point in page.points:
            row = point.dense(vector)
            if point.passage.mark and row is not None:
                rows[point.passage.mark].append(row)
    if not rows["fine"] and not rows["odd"]:
        return model
    width = model.tables[vector].shape[1]
    fine, odd = (np.array(rows[kind], np.float32).reshape(-1, width) for kind in ("fine", "odd"))
    return model.with_marks(Marks(fine, odd))


def texts_of(points: Sequence["StoredPoint"], names: Sequence[str], model: AnomalyModel | None = None) -> Texts:
    """Stored passages as a model reads them; a vector that a passage has not is a row of zeros."""
    widths = {name: model.tables[name].shape[1] for name in names} if model else {}
    rows = {}
    for name in names:
        each = [point.dense(name) for point in points]
        width = widths.get(name) or next((len(row) for row in each if row is not None), 0)
        rows[name] = np.array([np.zeros(width) if row is None else row for row in each], np.float32)
    return Texts([point.passage.passage.text for point in points], rows)
