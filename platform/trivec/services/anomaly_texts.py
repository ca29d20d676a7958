"""How unusual texts are in a corpus, and why: texts of one's own, and passages of the corpus without themselves."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from trivec.errors import BadInput, NotFound
from trivec.learning.anomalies import AnomalyModel, Judged, Texts, reasons
from trivec.learning.anomalies.conformal import adjusted
from trivec.records import DenseVectors, Document, Floats1d, Floats2d, Ints1d
from trivec.services.anomaly_models import AnomalyModels, heeding_marks, texts_of
from trivec.services.anomaly_records import Explained, NearText, Scored
from trivec.services.job_records import now
from trivec.services.passages import Preparation

if TYPE_CHECKING:
    from trivec.encoders.catalog import EncoderSet
    from trivec.store import Store
    from trivec.store.generation import Generation

MOST_TEXTS = 1000  # scored in one request
_PASSAGES = 20  # of one document that may be nearer than all others

Encoders = Callable[["Generation"], "EncoderSet"]


class AnomalyTexts:
    """Judges texts by the champions `CORPUS.anomalies`.

    Args:
        store: of the corpora.
        encoders: those that a generation names.
        preparation: of texts.
        models: of the corpora.
    """

    def __init__(self, store: "Store", encoders: Encoders, preparation: Preparation, models: AnomalyModels) -> None:
        self._store = store
        self._encoders = encoders
        self._preparation = preparation
        self._models = models

    def score(
        self, corpus: str, texts: Sequence[str], *, titles: Sequence[str] = (), rate: float = 0.1
    ) -> tuple[str, list[Scored]]:
        """How unusual texts are, and which of them to call anomalies so that a share `rate` of these at most is not.

        Args:
            corpus: that they are held against.
            texts: of any length; a long one counts as its oddest passage.
            titles: one for each text, or none; a corpus whose documents have titles expects them.
            rate: false discovery rate over these texts.

        Raises:
            NotFound: no such corpus, or what is usual in it is not learned yet.
            BadInput: no texts, too many, an empty one, or another number of titles.
        """
        _check(texts)
        if titles and len(titles) != len(texts):
            raise BadInput(f"{len(titles)} titles were given for {len(texts)} texts: give one for each, or none")
        generation = self._store.current(corpus)
        current = self._models.current(generation)
        model = heeding_marks(self._store, generation, current.model)
        batch, owners = self._encoded(generation, list(model.tables), texts, titles)
        judged = model.judge(batch)
        oddest = [_oddest(judged, np.flatnonzero(owners == row)) for row in range(len(texts))]
        rates = adjusted(np.array([p_value for _, p_value in oddest]))
        return current.reference, [
            Scored(float(judged.scores[at]), float(p), float(q), bool(q <= rate), judged.of(at))
            for (at, p), q in zip(oddest, rates, strict=True)
        ]

    def explain(self, corpus: str, text: str, *, title: str = "", similar: int = 3) -> Explained:
        """Why a text is unusual; of a long one, its oddest passage.

        Raises:
            NotFound: no such corpus, or what is usual in it is not learned yet.
            BadInput: an empty text.
        """
        _check([text])
        generation = self._store.current(corpus)
        current = self._models.current(generation)
        model = heeding_marks(self._store, generation, current.model)
        batch, owners = self._encoded(generation, list(model.tables), [text], [title])
        judged = model.judge(batch)
        at, p_value = _oddest(judged, np.arange(len(owners)))
        vector = batch.vectors[model.options.vector][at]
        return Explained(
            model=current.reference,
            text=batch.texts[at],
            score=float(judged.scores[at]),
            p_value=p_value,
            views=judged.of(at),
            words=self._words(generation, model, batch.texts[at], title),
            traits=tuple(model.form.traits(batch.texts[at])),
            nearest=self._near(generation, model, vector, similar),
        )

    def explain_passage(self, corpus: str, document_id: str, number: int, *, similar: int = 3) -> Explained:
        """Why a passage of the corpus is unusual, as if what is usual had been learned without it.

        Raises:
            NotFound: no such corpus, document or passage, or what is usual in it is not learned yet.
            BadInput: the passage has no vector to judge it by.
        """
        generation = self._store.current(corpus)
        current = self._models.current(generation)
        model = heeding_marks(self._store, generation, current.model)
        points = self._store.document(generation, document_id, with_vectors=list(model.tables))
        if number >= len(points):
            raise NotFound(f"document {document_id!r} of {corpus!r} has no passage {number}: it has {len(points)}")
        point = points[number]
        vector = point.dense(model.options.vector)
        if vector is None:
            raise BadInput(f"passage {number} of {document_id!r} has no vector {model.options.vector!r} to judge it by")
        batch = texts_of([point], list(model.tables), model)
        alone = self._without(generation, model, int(model.known([point.id], vector[None])[0]))
        judged, text = alone.judge(batch), batch.texts[0]
        return Explained(
            model=current.reference,
            text=text,
            score=float(judged.scores[0]),
            p_value=float(judged.p_values[0]),
            views=judged.of(0),
            words=self._words(generation, alone, text, point.passage.title),
            traits=tuple(model.form.traits(text)),
            nearest=self._near(generation, model, vector, similar, but=document_id),
        )

    def rows(self, generation: "Generation", name: str, texts: Sequence[str], titles: Sequence[str]) -> Floats2d:
        """One vector of this name for each text, of its first passage, shape (texts, dimension)."""
        batch, owners = self._encoded(generation, [name], texts, titles)
        return batch.vectors[name][np.unique(owners, return_index=True)[1]]

    def _encoded(
        self, generation: "Generation", names: Sequence[str], texts: Sequence[str], titles: Sequence[str]
    ) -> tuple[Texts, Ints1d]:
        """Every passage of the texts with its vectors, and whose it is."""
        documents = [Document(str(row), text, title=titles[row] if titles else "") for row, text in enumerate(texts)]
        prepared = self._preparation.prepare(documents, ingested_at=now())
        encoded = self._encoders(generation).encode_documents(prepared.texts, names)
        vectors = {name: each.values for name, each in encoded.items() if isinstance(each, DenseVectors)}
        owners = np.array([int(stored.document_id) for stored in prepared.passages], np.int64)
        return Texts([stored.passage.text for stored in prepared.passages], vectors), owners

    def _without(self, generation: "Generation", model: AnomalyModel, row: int) -> AnomalyModel:
        """The model without this normal text and its siblings; as it is where the row is -1."""
        if row < 0:
            return model
        rows, name = model.family(row), model.options.vector
        points = self._store.passages(generation, [model.ids[each] for each in rows], with_vectors=[name]).values()
        batch = texts_of(list(points), [name], model)
        unchanged = model.known([point.id for point in points], batch.vectors[name]) >= 0
        return model.without(rows, [text for text, same in zip(batch.texts, unchanged, strict=True) if same])

    def _words(
        self, generation: "Generation", model: AnomalyModel, text: str, title: str
    ) -> tuple[reasons.OddWord, ...]:
        def encode(parts: Sequence[str]) -> Floats2d:
            return self.rows(generation, model.options.vector, parts, [title] * len(parts))

        return reasons.odd_words(model, text, encode=encode)

    def _near(
        self, generation: "Generation", model: AnomalyModel, vector: Floats1d, count: int, *, but: str = ""
    ) -> tuple[NearText, ...]:
        """The nearest usual passages, those of one document left out."""
        near = model.nearest(vector[None], count=count + _PASSAGES * bool(but))
        ids = [model.ids[row] for row in near.rows[0]]
        points = self._store.passages(generation, ids)
        found = [
            NearText(stored.document_id, stored.title, stored.passage.text, stored.labels, float(distance))
            for each, distance in zip(ids, near.distances[0], strict=True)
            if each in points and (stored := points[each].passage).document_id != but
        ]
        return tuple(found[:count])


def _check(texts: Sequence[str]) -> None:
    if not texts or len(texts) > MOST_TEXTS:
        raise BadInput(f"{len(texts)} texts were given: score 1 to {MOST_TEXTS} at a time")
    empty = [row for row, text in enumerate(texts) if not any(map(str.isalnum, text))]
    if empty:
        raise BadInput(f"text {empty[0] + 1} of {len(texts)} has no word in it: leave it out")


def _oddest(judged: Judged, rows: Ints1d) -> tuple[int, float]:
    """The oddest of a text's passages, and its p-value times their number."""
    at = int(rows[np.argmax(judged.scores[rows])])
    return at, min(1.0, float(judged.p_values[at]) * len(rows))
