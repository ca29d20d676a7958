"""Anomalies of a corpus as people ask for them: the oddest documents, why, what was marked, drift, near-duplicates."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from trivec.errors import BadInput, NotFound
from trivec.learning.anomalies import AnomalyModel, Judged, Marks, Texts, drift, reasons
from trivec.learning.anomalies.conformal import adjusted
from trivec.learning.base import Progress, silent
from trivec.records import Anomaly, DenseVectors, Document, Filters, Floats1d, Floats2d, Verdict
from trivec.services import spool
from trivec.services.anomaly_models import VECTOR, AnomalyModels, OpenAnomalies
from trivec.services.anomaly_records import DriftStatus, Explained, NearText, Scored, Unusual, UnusualPassage
from trivec.services.job_records import now
from trivec.services.passages import Preparation

if TYPE_CHECKING:
    from trivec.encoders.catalog import EncoderSet
    from trivec.store import Store
    from trivec.store.generation import Generation
    from trivec.store.reads import ScrollPage, StoredPoint

MOST_TEXTS = 1000  # scored in one request
_BELOW = (0.001, 0.01, 0.05, 1.0)  # p-values looked through, until enough documents are found
_PAGE = 256  # passages scored at once
_LOOKED_AT = 2000  # new documents that the test for drift draws from

Encoders = Callable[["Generation"], "EncoderSet"]


class AnomalyService:
    """Asks the champions `CORPUS.anomalies`.

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

    def unusual(self, corpus: str, *, limit: int = 20, rate: float = 1.0, filters: Filters | None = None) -> Unusual:
        """The most unusual documents, oddest first; what was marked fine is left out.

        Args:
            corpus: to look through.
            limit: most documents.
            rate: only those that count as anomalies at this false discovery rate, over the whole corpus.
            filters: which documents to look at.

        Raises:
            NotFound: no such corpus, or what is usual in it is not learned yet.
        """
        generation = self._store.current(corpus)
        current = self._models.current(generation)
        scored = self._store.count_scored(generation, current.reference)
        found: list[UnusualPassage] = []
        for below in _BELOW:
            found = self._below(generation, current.reference, below, scored, filters or Filters())
            if len(found) >= limit:
                break
        chosen = tuple(each for each in found if each.rate <= rate)[:limit]
        return Unusual(current.reference, scored, self._store.count_passages(generation), chosen)

    def score(self, corpus: str, texts: Sequence[str], *, rate: float = 0.1) -> tuple[str, list[Scored]]:
        """How unusual texts are, and which of them to call anomalies so that a share `rate` of these at most is not.

        Raises:
            NotFound: no such corpus, or what is usual in it is not learned yet.
            BadInput: no texts, too many, or an empty one.
        """
        _check(texts)
        generation = self._store.current(corpus)
        current = self._models.current(generation)
        judged, owners, _ = self._judge(generation, self._with_marks(generation, current), texts)
        oddest = [_oddest(judged, np.flatnonzero(owners == row)) for row in range(len(texts))]
        p_values = np.array([p_value for _, p_value in oddest])
        rates = adjusted(p_values)
        return current.reference, [
            Scored(float(judged.scores[at]), float(p), float(q), bool(q <= rate), _views(judged, at))
            for (at, p), q in zip(oddest, rates, strict=True)
        ]

    def explain(self, corpus: str, text: str, *, similar: int = 3) -> Explained:
        """Why a text is unusual; of a long one, its oddest passage.

        Raises:
            NotFound: no such corpus, or what is usual in it is not learned yet.
            BadInput: an empty text.
        """
        _check([text])
        generation = self._store.current(corpus)
        current = self._models.current(generation)
        model = self._with_marks(generation, current)
        judged, _, passages = self._judge(generation, model, [text])
        at, p_value = _oddest(judged, np.arange(len(passages)))
        said = reasons.explain(model, passages[at], encode=lambda parts: self.rows(generation, parts), similar=similar)
        return Explained(
            model=current.reference,
            text=passages[at],
            score=float(judged.scores[at]),
            p_value=p_value,
            views=_views(judged, at),
            words=said.words,
            traits=said.traits,
            nearest=self._near(generation, said),
        )

    def mark(self, corpus: str, document_id: str, number: int, verdict: Verdict | None) -> None:
        """Keeps what somebody says of a passage: `fine`, `odd`, or None to take it back. Scores heed it at once.

        Raises:
            NotFound: no such corpus, document or passage.
        """
        generation = self._store.current(corpus)
        points = self._store.document(generation, document_id)
        if not any(point.passage.passage.number == number for point in points):
            raise NotFound(f"document {document_id!r} of {corpus!r} has no passage {number}: it has {len(points)}")
        self._store.set_mark(corpus, document_id, number, verdict)

    def drift(self, corpus: str) -> DriftStatus:
        """Whether the documents that came in since the model was learned still look like the corpus."""
        generation = self._store.current(corpus)
        return self.drift_of(generation, self._models.current(generation))

    def drift_of(self, generation: "Generation", current: OpenAnomalies) -> DriftStatus:
        """The same, against this version."""
        rows = self._vectors(self._store.ingested(generation, after=current.made_at, with_vectors=[VECTOR]))
        before = self._vectors(self._store.ingested(generation, until=current.made_at, with_vectors=[VECTOR]))
        if min(len(rows), len(before)) < drift.FEWEST:
            advice = f"Tested from {drift.FEWEST} new documents on."
            return DriftStatus("too few", len(rows), None, current.made_at, advice)
        said = drift.compare(np.array(before, np.float32), np.array(rows, np.float32))
        advice = (
            "What comes in no longer looks like the corpus: learn again what is usual, and look at what came."
            if said.alarm
            else "What comes in looks like the corpus."
        )
        state = "drifted" if said.alarm else "steady"
        return DriftStatus(state, len(rows), said.p_value, current.made_at, advice)

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
        model, names = self._with_marks(generation, current), list(current.model.tables)
        total, done = self._store.count_passages(generation), 0
        for page in self._store.unscored(generation, current.reference, with_vectors=names, size=_PAGE):
            progress(f"scoring {corpus}: {done} of up to {total} passages", done / max(1, total))
            points = [point for point in page.points if point.dense(VECTOR) is not None]
            judged = model.judge(texts_of(points, names, current.model))
            found = {
                (point.passage.document_id, point.passage.passage.number): _anomaly(judged, at, current.reference)
                for at, point in enumerate(points)
            }
            hashes = {point.passage.document_id: point.passage.content_hash for point in points}
            self._store.set_anomalies(corpus, found, hashes=hashes)
            done += len(points)
        return done

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

    def _with_marks(self, generation: "Generation", current: OpenAnomalies) -> AnomalyModel:
        rows: dict[str, list[Floats1d]] = {"fine": [], "odd": []}
        for page in self._store.marked(generation, with_vectors=[VECTOR]):
            for point in page.points:
                row = point.dense(VECTOR)
                if point.passage.mark and row is not None:
                    rows[point.passage.mark].append(row)
        if not rows["fine"] and not rows["odd"]:
            return current.model
        width = current.model.tables[VECTOR].shape[1]
        fine, odd = (np.array(rows[kind], np.float32).reshape(-1, width) for kind in ("fine", "odd"))
        return current.model.with_marks(Marks(fine, odd))

    def _judge(
        self, generation: "Generation", model: AnomalyModel, texts: Sequence[str]
    ) -> tuple[Judged, np.ndarray, list[str]]:
        """Every passage of the texts, whose it is, and what it says."""
        documents = [Document(str(row), text) for row, text in enumerate(texts)]
        prepared = self._preparation.prepare(documents, ingested_at=now())
        names = list(model.tables)
        encoded = self._encoders(generation).encode_documents(prepared.texts, names)
        rows = {name: each.values for name, each in encoded.items() if isinstance(each, DenseVectors)}
        passages = [stored.passage.text for stored in prepared.passages]
        owners = np.array([int(stored.document_id) for stored in prepared.passages])
        return model.judge(Texts(passages, rows)), owners, passages

    @staticmethod
    def _vectors(pages: Iterator["ScrollPage"]) -> list[Floats1d]:
        """Of the first documents; ids are hashes, so these are a fair sample."""
        rows: list[Floats1d] = []
        for page in pages:
            rows += [row for point in page.points if (row := point.dense(VECTOR)) is not None]
            if len(rows) >= _LOOKED_AT:
                break
        return rows

    def rows(self, generation: "Generation", texts: Sequence[str]) -> Floats2d:
        """One vector per plain text, of its first passage, in which meaning is judged."""
        documents = [Document(str(row), text) for row, text in enumerate(texts)]
        prepared = self._preparation.prepare(documents, ingested_at=now())
        firsts = [row for row, stored in enumerate(prepared.passages) if stored.passage.number == 0]
        encoded = self._encoders(generation).encode_documents([prepared.texts[row] for row in firsts], [VECTOR])[VECTOR]
        assert isinstance(encoded, DenseVectors)  # noqa: S101  the vector is a dense one
        return encoded.values

    def _near(self, generation: "Generation", said: reasons.Reasons) -> tuple[NearText, ...]:
        points = self._store.passages(generation, list(said.nearest))
        return tuple(
            NearText(stored.document_id, stored.title, stored.passage.text, stored.labels, distance)
            for each, distance in zip(said.nearest, said.distances, strict=True)
            if each in points and (stored := points[each].passage)
        )


def texts_of(points: Sequence["StoredPoint"], names: Sequence[str], model: AnomalyModel | None = None) -> Texts:
    """Stored passages as a model reads them; a vector that a passage has not is a row of zeros."""
    widths = {name: model.tables[name].shape[1] for name in names} if model else {}
    rows = {}
    for name in names:
        each = [point.dense(name) for point in points]
        width = widths.get(name) or next((len(row) for row in each if row is not None), 0)
        rows[name] = np.array([np.zeros(width) if row is None else row for row in each], np.float32)
    return Texts([point.passage.passage.text for point in points], rows)


def _check(texts: Sequence[str]) -> None:
    if not texts or len(texts) > MOST_TEXTS:
        raise BadInput(f"{len(texts)} texts were given: score 1 to {MOST_TEXTS} at a time")
    empty = [row for row, text in enumerate(texts) if not any(map(str.isalnum, text))]
    if empty:
        raise BadInput(f"text {empty[0] + 1} of {len(texts)} has no word in it: leave it out")


def _oddest(judged: Judged, rows: np.ndarray) -> tuple[int, float]:
    """The oddest of a text's passages, and its p-value times their number."""
    at = int(rows[np.argmax(judged.scores[rows])])
    return at, min(1.0, float(judged.p_values[at]) * len(rows))


def _views(judged: Judged, at: int) -> dict[str, float]:
    return {name: float(p_values[at]) for name, p_values in judged.views.items()}


def _anomaly(judged: Judged, at: int, model: str) -> Anomaly:
    return Anomaly(float(judged.scores[at]), float(judged.p_values[at]), _views(judged, at), model)


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
