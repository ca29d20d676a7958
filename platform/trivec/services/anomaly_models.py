"""The anomaly models of the corpora: which version is champion, and that version ready to be asked."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from trivec.errors import Conflict, NotFound
from trivec.learning import anomalies
from trivec.learning.anomalies import AnomalyModel
from trivec.services import spool

if TYPE_CHECKING:
    from trivec.registry import Registry
    from trivec.store.generation import Generation

VECTOR = "bert"  # the vector that counts
SHOWN = (VECTOR, "glove", "word2vec")  # named vectors that are judged, where a corpus has them
ENCODER = "encoder"  # tag of a version
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
        """The version in use, if its vectors are still made.

        Raises:
            NotFound: the corpus has none yet.
            Conflict: the vectors it knows are made in another way since.
        """
        corpus = generation.corpus
        reference = self.champion(corpus)
        if reference is None:
            raise NotFound(
                f"what is usual in {corpus!r} is not learned yet: `trivec train anomalies --corpus {corpus}`"
            )
        found = self.open(reference)
        if found.encoder != encoder(generation):
            raise Conflict(
                f"{reference} knows other vectors than {generation.collection!r} has now: "
                f"`trivec train anomalies --corpus {corpus}` learns anew"
            )
        return found

    def comparable(self, generation: "Generation") -> OpenAnomalies | None:
        """The version in use, if there is one and its vectors are still made."""
        reference = self.champion(generation.corpus)
        found = self.open(reference) if reference else None
        return found if found and found.encoder == encoder(generation) else None

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
                others = {key: one for key, one in self._loaded.items() if key.rpartition(":")[0] != model}
                self._loaded = {**others, reference: opened}
            return self._loaded[reference]

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


def vectors(generation: "Generation") -> list[str]:
    """Named vectors of a generation that are judged."""
    return [each for each in SHOWN if generation.spec(each) is not None]


def encoder(generation: "Generation") -> str:
    """What makes a generation's vectors, for a model to remember."""
    specs = [generation.spec(each) for each in vectors(generation)]
    return "; ".join(f"{spec.name} {spec.family} {spec.model}" for spec in specs if spec)
