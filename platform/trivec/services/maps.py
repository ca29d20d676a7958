"""The maps of the corpora: which version serves, what it was made of, and that version ready to be asked."""

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from trivec.errors import BadInput, Conflict, NotFound
from trivec.learning import som
from trivec.learning.som import SomModel

if TYPE_CHECKING:
    from datetime import datetime

    from trivec.registry import Registry
    from trivec.store.generation import Generation

DEFAULT = "bert"  # the vector that is mapped unless told
VECTOR, ENCODER = "vector", "encoder"  # tags of a version


@dataclass(frozen=True)
class OpenMap:
    """A version of a map.

    Attributes:
        reference: in the registry.
        vector: name of the vectors it was made of.
        encoder: what made those.
        made_at: timezone-aware.
        model: the map.
    """

    reference: str
    vector: str
    encoder: str
    made_at: "datetime"
    model: SomModel


class Maps:
    """Models called `CORPUS.map`. Threads may share one.

    Args:
        registry: of the models.
    """

    def __init__(self, registry: "Registry") -> None:
        self._registry = registry
        self._loaded: dict[str, OpenMap] = {}
        self._loading = Lock()

    def champion(self, corpus: str) -> str | None:
        """The reference of the version in use, None where there is no map yet."""
        return self._registry.champion(name(corpus))

    def current(self, generation: "Generation") -> OpenMap:
        """The map in use, if it was made of vectors that this generation has.

        Raises:
            NotFound: the corpus has no map yet.
            Conflict: its vectors are made in another way since.
        """
        reference = self.champion(generation.corpus)
        if reference is None:
            raise NotFound(
                f"corpus {generation.corpus!r} has no map yet: `trivec train map --corpus {generation.corpus}`"
            )
        found = self.open(reference)
        if found.encoder != encoder(generation, found.vector):
            raise Conflict(
                f"{reference} was made of {found.vector!r} vectors that {generation.collection!r} does not have any "
                f"more: `trivec train map --corpus {generation.corpus}` makes a new one"
            )
        return found

    def comparable(self, generation: "Generation", vector: str) -> OpenMap | None:
        """The map in use, if there is one and it was made of the same kind of vectors."""
        reference = self.champion(generation.corpus)
        found = self.open(reference) if reference else None
        same = found and (found.vector, found.encoder) == (vector, encoder(generation, vector))
        return found if same else None

    def open(self, reference: str) -> OpenMap:
        """A version; the one of each corpus that was asked last is kept."""
        with self._loading:
            if reference not in self._loaded:
                model, _, _ = reference.rpartition(":")
                version = next((one for one in self._registry.versions(model) if one.reference == reference), None)
                if version is None:
                    raise NotFound(f"there is no map {reference!r}")
                opened = OpenMap(
                    reference,
                    version.tags[VECTOR],
                    version.tags[ENCODER],
                    version.created_at,
                    som.load(self._registry.path(reference)),
                )
                others = {key: one for key, one in self._loaded.items() if key.rpartition(":")[0] != model}
                self._loaded = {**others, reference: opened}
            return self._loaded[reference]


def name(corpus: str) -> str:
    """Of a corpus's map in the registry."""
    return f"{corpus}.map"


def encoder(generation: "Generation", vector: str) -> str:
    """What makes a generation's vectors of this name, for a map to remember; "" where it has none."""
    spec = generation.spec(vector)
    return f"{spec.family} {spec.model} {spec.weights} {' '.join(spec.parts)}".strip() if spec else ""


def choose(generation: "Generation", wanted: str) -> str:
    """The vector to map: the wanted one, or the default.

    Raises:
        BadInput: the corpus has no such dense vector.
    """
    dense = [spec.name for spec in generation.specs if spec.kind == "dense"]
    vector = wanted or (DEFAULT if DEFAULT in dense else next(iter(dense), ""))
    if vector not in dense:
        raise BadInput(f"corpus {generation.corpus!r} has no dense vector {vector!r}: choose among {dense}")
    return vector
