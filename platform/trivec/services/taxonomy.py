"""A corpus's classifier, asked: about one text, or about every document it has not looked at."""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trivec.errors import BadInput
from trivec.learning.base import Progress, silent
from trivec.records import Filters, Floats2d, Predicted, Prediction
from trivec.services import label_paths
from trivec.services.classifiers import Classifiers
from trivec.services.whole_documents import VECTOR, WholeDocuments, vectors

if TYPE_CHECKING:
    from trivec.store import Store
    from trivec.store.generation import Generation

_BATCH = 64  # documents classified at once
_PASSAGES = 8  # candidates for each similar document that is wanted, as one document may have many


@dataclass(frozen=True)
class LabelledExample:
    """A labelled document that is like a text.

    Attributes:
        document_id: the document.
        title: of it; may be empty.
        passage: the passage that is most like the text.
        labels: its own path, root first.
        score: cosine of both sentence vectors, higher is more alike.
    """

    document_id: str
    title: str
    passage: str
    labels: tuple[str, ...]
    score: float


@dataclass(frozen=True)
class Classified:
    """What a corpus's classifier says of a text.

    Attributes:
        model: reference of the classifier.
        prediction: the path, how sure it is, and the likeliest labels of each level.
        similar: labelled documents that are most like it, best first.
        took_ms: for all of it.
    """

    model: str
    prediction: Prediction
    similar: tuple[LabelledExample, ...]
    took_ms: float


class TaxonomyService:
    """Asks the champion of a corpus.

    Args:
        store: of the corpora.
        documents: reads them whole.
        classifiers: of the corpora.
    """

    def __init__(self, store: "Store", documents: WholeDocuments, classifiers: Classifiers) -> None:
        self._store = store
        self._documents = documents
        self._classifiers = classifiers

    def classify(self, corpus: str, text: str, *, similar: int = 5) -> Classified:
        """Where in the corpus's taxonomy a text belongs.

        Args:
            corpus: whose champion is asked.
            text: any length.
            similar: how many labelled documents like it to show.

        Raises:
            NotFound: no such corpus, or it has no classifier yet.
            BadInput: a text without any word.
        """
        started = time.perf_counter()
        if not text.strip():
            raise BadInput("there is nothing to classify: the text is empty")
        generation = self._store.current(corpus)
        reference = self._classifiers.champion(corpus)
        read = self._documents.encoder(generation)([text]).values
        prediction = self._classifiers.model(reference, generation).predict([text], vectors=read)[0]
        found = self._similar(generation, read, similar)
        elapsed = (time.perf_counter() - started) * 1000
        return Classified(reference, label_paths.plain(prediction), found, elapsed)

    def classify_corpus(self, corpus: str, *, progress: Progress = silent) -> int:
        """Writes what the champion says into every document it has not looked at; returns how many.

        May be broken off and called again at any time.

        Raises:
            NotFound: no such corpus, or it has no classifier yet.
            Cancelled: by `progress`.
        """
        generation = self._store.current(corpus)
        reference = self._classifiers.champion(corpus)
        model = self._classifiers.model(reference, generation)
        total, done = self._store.count_documents(generation), 0
        for page in self._store.unpredicted(generation, reference, with_vectors=[VECTOR], size=_BATCH):
            progress(f"classifying {corpus}: {done} documents of up to {total}", done / max(1, total))
            documents = list(self._documents.of(generation, page.points))
            said = model.predict([each.text for each in documents], vectors=vectors(documents))
            found = {
                document.id: Predicted(label_paths.labels(one), one.confidence, reference)
                for document, one in zip(documents, said, strict=True)
            }
            self._store.set_predicted(corpus, found, hashes={each.id: each.content_hash for each in documents})
            done += len(documents)
        return done

    def _similar(self, generation: "Generation", read: Floats2d, count: int) -> tuple[LabelledExample, ...]:
        if not count or not read[0].any():
            return ()
        nearest = self._store.candidates(
            generation, {VECTOR: read[0]}, limit=_PASSAGES * count, filters=Filters(labelled=True)
        )[VECTOR]
        points = self._store.passages(generation, [each.id for each in nearest])
        found: dict[str, LabelledExample] = {}
        for candidate in nearest:
            if point := points.get(candidate.id):
                stored = point.passage
                example = LabelledExample(
                    stored.document_id, stored.title, stored.passage.text, stored.labels, candidate.score
                )
                found.setdefault(stored.document_id, example)
        return tuple(found.values())[:count]
