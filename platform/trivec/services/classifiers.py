"""The classifiers of the corpora: which version is champion, and that version ready to be asked."""

from threading import Lock
from typing import TYPE_CHECKING

from trivec.errors import NotFound
from trivec.learning import taxonomy
from trivec.learning.taxonomy import TaxonomyModel
from trivec.services.whole_documents import VECTOR, WholeDocuments

if TYPE_CHECKING:
    from trivec.registry import Registry
    from trivec.store.generation import Generation


class Classifiers:
    """Models called `CORPUS.taxonomy`. Threads may share one.

    Args:
        registry: of the models.
        documents: makes the sentence vectors they read.
        threads: of an encoder that a model has of its own; 0 means all cores.
    """

    def __init__(self, registry: "Registry", documents: WholeDocuments, *, threads: int = 0) -> None:
        self._registry = registry
        self._documents = documents
        self._threads = threads
        self._loaded: dict[tuple[str, str], TaxonomyModel] = {}
        self._loading = Lock()

    def champion(self, corpus: str) -> str:
        """The reference of the version in use.

        Raises:
            NotFound: the corpus has no classifier yet.
        """
        reference = self._registry.champion(name(corpus))
        if reference is None:
            raise NotFound(f"corpus {corpus!r} has no classifier yet: `trivec train taxonomy --corpus {corpus}`")
        return reference

    def comparable_champion(self, generation: "Generation") -> TaxonomyModel | None:
        """The champion, if there is one and the sentence vectors that it reads are still made."""
        model = name(generation.corpus)
        reference = self._registry.champion(model)
        if reference is None:
            return None
        version = next(each for each in self._registry.versions(model) if each.reference == reference)
        return self.model(reference, generation) if version.tags.get(VECTOR) == encoder(generation) else None

    def model(self, reference: str, generation: "Generation") -> TaxonomyModel:
        """A version that reads a generation's vectors; the one of each corpus that was asked last is kept."""
        key = (reference, generation.collection)
        with self._loading:
            if key not in self._loaded:
                folder, encode = self._registry.path(reference), self._documents.encoder(generation)
                model = taxonomy.load(folder, encode=encode, threads=self._threads)
                ours = name(generation.corpus)
                others = {k: kept for k, kept in self._loaded.items() if k[0].rpartition(":")[0] != ours}
                self._loaded = {**others, key: model}
            return self._loaded[key]


def name(corpus: str) -> str:
    """Of a corpus's classifier in the registry."""
    return f"{corpus}.taxonomy"


def encoder(generation: "Generation") -> str:
    """What makes a generation's sentence vectors, for a classifier to remember."""
    spec = generation.spec(VECTOR)
    return f"{spec.family} {spec.model}" if spec else ""
