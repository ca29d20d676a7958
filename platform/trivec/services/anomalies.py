"""Anomalies of a corpus as people ask for them: the oddest documents, what was marked, drift, near-duplicates."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from trivec.errors import NotFound
from trivec.learning.anomalies import AnomalyModel, Judged, drift
from trivec.learning.anomalies.conformal import adjusted
from trivec.learning.base import Progress, silent
from trivec.records import Anomaly, Filters, Floats1d, Floats2d, Verdict
from trivec.services import spool
from trivec.services.anomaly_models import AnomalyModels, OpenAnomalies, heeding_marks, texts_of
from trivec.services.anomaly_records import DriftStatus, Unusual, UnusualPassage

if TYPE_CHECKING:
    from trivec.store import Store
    from trivec.store.generation import Generation
    from trivec.store.reads import StoredPoint

_BELOW = (0.001, 0.01, 0.05, 1.0)  # p-values looked through, until enough documents are found
_PAGE = 256  # passages scored at once
_AROUND = 256  # passages scored again at once when one is marked
_LOOKED_AT = 2000  # documents that the test for drift draws from


class AnomalyService:
    """Asks the champions `CORPUS.anomalies`.

    Args:
        store: of the corpora.
        models: of the corpora.
    """

    def __init__(self, store: "Store", models: AnomalyModels) -> None:
        self._store = store
        self._models = models

    def unusual(self, corpus: str, *, limit: int = 20, rate: float = 1.0, filters: Filters | None = None) -> Unusual:
        """The most unusual documents, oddest first; what was marked fine is left out.

        Args:
            corpus: to look through.
            limit: most documents.
            rate: only those that count as anomalies at this false discovery rate, over the passages looked at.
            filters: which documents to look at.

        Raises:
            NotFound: no such corpus, or what is usual in it is not learned yet.
        """
        generation = self._store.current(corpus)
        current = self._models.current(generation)
        some = filters or Filters()
        scored = self._store.count_scored(generation, current.reference, filters=some)
        found: list[UnusualPassage] = []
        for below in _BELOW:
            found = self._below(generation, current.reference, below, scored, some)
            if len(found) >= limit:
                break
        chosen = tuple(each for each in found if each.rate <= rate)[:limit]
        return Unusual(current.reference, scored, self._store.count(generation, filters=some), chosen)

    def mark(self, corpus: str, document_id: str, number: int, verdict: Verdict | None) -> None:
        """Keeps what somebody says of a passage: `fine`, `odd`, or None to take it back.

        Texts that are judged heed it at once, and so do the scores of the passages that are nearer to it than
        neighbours usually are (at most 256); those of all others do when another version serves.

        Raises:
            NotFound: no such corpus, document or passage.
        """
        generation = self._store.current(corpus)
        current = self._models.comparable(generation)
        names = list(current.model.tables) if current else []
        points = self._store.document(generation, document_id, with_vectors=names)
        if number >= len(points):
            raise NotFound(f"document {document_id!r} of {corpus!r} has no passage {number}: it has {len(points)}")
        self._store.set_mark(corpus, document_id, number, verdict)
        if current:
            self._score_around(generation, current, points[number])

    def drift(self, corpus: str) -> DriftStatus:
        """Whether the documents that came in since the model was learned still look like the corpus."""
        generation = self._store.current(corpus)
        return self.drift_of(generation, self._models.current(generation))

    def drift_of(self, generation: "Generation", current: OpenAnomalies) -> DriftStatus:
        """The same, by the vector that counts in this version.

        A refused version has seen what came as well as a promoted one: nobody is told twice of the same documents.
        """
        since, vector = self._models.newest(generation) or current.made_at, current.model.options.vector
        incoming = self._store.count_ingested(generation, after=since)
        rows = self._vectors(generation, vector, after=since)
        before = self._vectors(generation, vector, until=since)
        if min(len(rows), len(before)) < drift.FEWEST:
            advice = f"Tested from {drift.FEWEST} new documents on."
            return DriftStatus("too few", incoming, None, since, advice)
        said = drift.compare(before, rows)
        advice = (
            "What comes in no longer looks like the corpus: learn again what is usual, and look at what came."
            if said.alarm
            else "What comes in looks like the corpus."
        )
        return DriftStatus("drifted" if said.alarm else "steady", incoming, said.p_value, since, advice)

    def duplicates(self, corpus: str) -> spool.Json:
        """Groups of documents that are nearly the same, as of the last learning."""
        self._store.current(corpus)
        return self._models.duplicates(corpus)

    def score_corpus(self, corpus: str, *, progress: Progress = silent) -> int:
        """Writes score and p-value into every passage the champion has not looked at; returns how many.

        May be broken off and called again at any time.

        Raises:
            NotFound: no such corpus, or what is usual in it is not learned yet.
            Cancelled: by `progress`.
        """
        generation = self._store.current(corpus)
        current = self._models.current(generation)
        model = heeding_marks(self._store, generation, current.model)
        names, counts = list(model.tables), model.options.vector
        total, done = self._store.count_passages(generation), 0
        for page in self._store.unscored(generation, current.reference, counts, with_vectors=names, size=_PAGE):
            progress(f"scoring {corpus}: {done} of up to {total} passages", done / max(1, total))
            self._write(generation, current.reference, model, page.points)
            done += len(page.points)
        return done

    def _score_around(self, generation: "Generation", current: OpenAnomalies, marked: "StoredPoint") -> None:
        """Scores a passage again and those that a mark of it concerns: nearer than neighbours usually are."""
        model = heeding_marks(self._store, generation, current.model)
        counts, names = model.options.vector, list(model.tables)
        vector = marked.dense(counts)
        if vector is None:
            return
        found = self._store.candidates(generation, {counts: vector}, limit=_AROUND)[counts]
        ids = {marked.id, *(each.id for each in found if each.score >= model.near)}
        around = self._store.passages(generation, sorted(ids), with_vectors=names).values()
        self._write(generation, current.reference, model, [each for each in around if each.dense(counts) is not None])

    def _write(
        self, generation: "Generation", reference: str, model: AnomalyModel, points: Sequence["StoredPoint"]
    ) -> None:
        """Judges passages, those it learned from as if it had not, and keeps what came out."""
        if not points:
            return
        batch = texts_of(points, list(model.tables), model)
        known = model.known([point.id for point in points], batch.vectors[model.options.vector])
        judged = model.judge(batch, known=known)
        found = {
            (point.passage.document_id, point.passage.passage.number): _anomaly(judged, at, reference)
            for at, point in enumerate(points)
        }
        hashes = {point.passage.document_id: point.passage.content_hash for point in points}
        self._store.set_anomalies(generation.corpus, found, hashes=hashes)

    def _below(
        self, generation: "Generation", model: str, below: float, scored: int, filters: Filters
    ) -> list[UnusualPassage]:
        """Documents with a p-value up to `below`, oddest first."""
        pages = self._store.unusual(generation, below=below, filters=filters)
        points = [point for page in pages for point in page.points]
        ours = [point for point in points if point.passage.anomaly and point.passage.anomaly.model == model]
        p_values = np.array([point.passage.anomaly.p_value for point in ours if point.passage.anomaly])
        found: dict[str, UnusualPassage] = {}
        both = zip(ours, adjusted(p_values, total=scored), strict=True)
        for point, rate in sorted(both, key=lambda item: -_score(item[0])):
            if point.passage.mark != "fine":
                found.setdefault(point.passage.document_id, _unusual(point, float(rate)))
        return list(found.values())

    def _vectors(
        self, generation: "Generation", name: str, *, after: datetime | None = None, until: datetime | None = None
    ) -> Floats2d:
        """Of the first documents of a period; ids are hashes, so these are a fair sample."""
        rows: list[Floats1d] = []
        for page in self._store.ingested(generation, after=after, until=until, with_vectors=[name]):
            rows += [row for point in page.points if (row := point.dense(name)) is not None]
            if len(rows) >= _LOOKED_AT:
                break
        return np.array(rows, np.float32)


def _anomaly(judged: Judged, at: int, model: str) -> Anomaly:
    return Anomaly(float(judged.scores[at]), float(judged.p_values[at]), judged.of(at), model)


def _score(point: "StoredPoint") -> float:
    return point.passage.anomaly.score if point.passage.anomaly else 0.0


def _unusual(point: "StoredPoint", rate: float) -> UnusualPassage:
    stored = point.passage
    assert stored.anomaly is not None  # noqa: S101  only scored passages come here
    return UnusualPassage(
        document_id=stored.document_id,
        passage_number=stored.passage.number,
        title=stored.title,
        text=stored.passage.text,
        date=stored.date,
        labels=stored.labels,
        source=stored.source,
        anomaly=stored.anomaly,
        rate=rate,
        mark=stored.mark,
    )
