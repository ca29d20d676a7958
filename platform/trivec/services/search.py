"""Searching: a question in, documents at their best passage out, with what each source thought of them.

The way of a question: take it apart, analyse it as documents are, encode it with the encoders of the generation that
answers, ask Qdrant once, rank, group by document, and read only the passages of the page that is shown.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from trivec.errors import BadQuery, NotFound
from trivec.records import AnalysedText, Filters, Hit
from trivec.services import ranking
from trivec.services.diversity import diversify
from trivec.services.explanations import word_contributions
from trivec.services.query_language import Question, parse, says
from trivec.services.question_vectors import QueryEncoders, QuestionVectors, chosen, default_weights
from trivec.services.ranking import Ranking
from trivec.services.search_records import Fusion, SearchRequest, SearchResult
from trivec.store import Store
from trivec.store.filters import NO_FILTERS, TextConditions
from trivec.store.generation import Generation
from trivec.store.queries import Candidate
from trivec.store.reads import StoredPoint
from trivec.store.vectors import QueryVector, mean
from trivec.text.analyser import Analyser
from trivec.text.highlight import spans
from trivec.text.language import detect

__all__ = ["Fusion", "SearchRequest", "SearchResult", "SearchService"]

_DIVERSIFIED = 100  # documents among which a diverse order is sought; later pages follow in order of relevance


@dataclass(frozen=True)
class _Asked:
    """A question ready to be sent: where, with which vectors, under which conditions."""

    request: SearchRequest
    generation: Generation
    text: AnalysedText
    question: Question
    vectors: Mapping[str, QueryVector]
    degraded: tuple[str, ...]


class SearchService:
    """Answers questions about a corpus. Threads may share one.

    Args:
        store: where the passages are.
        encoders: builds the encoders of a generation.
        analyser: the same one that documents went through.
        max_characters: of a question.
        candidates: passages taken from each source before they are fused; paging ends with them.
        fresh_seconds: how long to trust that the same generation serves. A question that meets a switch is answered
            by the old generation, whole, so this is never wrong, only late.
    """

    def __init__(
        self,
        store: Store,
        encoders: Callable[[Generation], QueryEncoders],
        analyser: Analyser,
        *,
        max_characters: int = 10_000,
        candidates: int = 200,
        fresh_seconds: float = 1.0,
    ) -> None:
        self._store = store
        self._analyser = analyser
        self._vectors = QuestionVectors(encoders)
        self._max_characters = max_characters
        self._candidates = candidates
        self._fresh_seconds = fresh_seconds
        self._current: dict[str, tuple[float, Generation]] = {}

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer a question.

        Raises:
            BadQuery: a question that cannot be asked this way.
            NotFound: no such corpus.
            Unavailable: Qdrant does not answer.
        """
        started = time.perf_counter()
        _check(request)
        question = parse(request.query, max_characters=self._max_characters)
        result = self._again_after_a_switch(request.corpus, lambda: self._answer(request, question))
        return replace(result, took_ms=(time.perf_counter() - started) * 1000)

    def similar(
        self,
        corpus: str,
        document_id: str,
        *,
        using: str | None = None,
        limit: int = 10,
        filters: Filters = NO_FILTERS,
    ) -> SearchResult:
        """Documents like one that is stored, without itself.

        Args:
            corpus: where.
            document_id: the document, taken as the mean of its passages.
            using: a dense vector; `fused` where there is one, else `bert`, unless told.
            limit: documents to return.
            filters: which documents may answer.

        Raises:
            BadQuery: a vector that the corpus does not have.
            NotFound: no such corpus or document.
        """
        started = time.perf_counter()
        result = self._again_after_a_switch(corpus, lambda: self._like(corpus, document_id, using, limit, filters))
        return replace(result, took_ms=(time.perf_counter() - started) * 1000)

    def _answer(self, request: SearchRequest, question: Question) -> SearchResult:
        asked = self._asked(request, question)
        ranked = self._ranked(asked)
        ordered = self._without_excluded(asked, ranked.documents)
        ordered = self._diverse(asked, ordered)
        page = ordered[request.offset : request.offset + request.limit]
        hits = self._hits(asked, ranked, page)
        points = [candidate.id for candidate in ordered]
        generation = asked.generation
        return SearchResult(
            hits=hits,
            facets=self._store.facets(generation, request.facets, ids=points) if request.facets else {},
            histogram=self._store.histogram(generation, request.histogram, ids=points) if request.histogram else None,
            total=len(ordered),
            took_ms=0.0,
            degraded=asked.degraded,
        )

    def _asked(self, request: SearchRequest, question: Question) -> _Asked:
        generation = self._generation(request.corpus)
        names = chosen(generation, request.using)
        [text] = self._analyser.analyse([question.text])
        vectors, problems = self._vectors.encode(generation, text, names)
        return _Asked(request, generation, text, question, vectors, (*problems, *_foreign(question.text)))

    def _ranked(self, asked: _Asked) -> Ranking:
        if not asked.vectors:
            return Ranking((), {}, lambda _name, _rank, _score: 0.0)
        if asked.request.fusion != "hybrid" and len(asked.vectors) > 1:
            return self._rank_fused(asked)
        found = self._store.candidates(
            asked.generation,
            asked.vectors,
            limit=self._candidates,
            filters=asked.request.filters,
            text=_conditions(asked.question),
        )
        if len(found) == 1:
            return ranking.single(*next(iter(found.items())))
        sparse = {spec.name for spec in asked.generation.specs if spec.kind == "sparse"}
        exhausted = {name for name, listed in found.items() if name in sparse and len(listed) < self._candidates}
        return ranking.weighted_sum(found, self._weights(asked), exhausted=exhausted)

    def _rank_fused(self, asked: _Asked) -> Ranking:
        request, number = asked.request, len(asked.vectors)
        weights = dict.fromkeys(asked.vectors, 1.0)
        if request.fusion == "weighted_rrf":
            given = self._weights(asked)
            weights = {name: weight * number / sum(given.values()) for name, weight in given.items()}
        answer = self._store.rank_fused(
            asked.generation,
            asked.vectors,
            k=request.k,
            weights=weights,
            limit=number * self._candidates,
            candidates=self._candidates,
            filters=request.filters,
            text=_conditions(asked.question),
        )
        return ranking.of_rank_fusion(answer, k=request.k, weights=weights)

    def _weights(self, asked: _Asked) -> dict[str, float]:
        names = tuple(asked.vectors)
        given = asked.request.weights
        weights = {name: given.get(name, 0.0) for name in names} if given else default_weights(asked.generation, names)
        if not sum(weights.values()):
            raise BadQuery(f"the weights {dict(given)} leave nothing of {list(names)}: give one of them more than 0")
        return weights

    def _without_excluded(self, asked: _Asked, ranked: Sequence[Candidate]) -> tuple[Candidate, ...]:
        """Qdrant left out passages that say an excluded word; here go documents that say it in another passage."""
        excluded = asked.question.excluded
        if not (excluded and ranked):
            return tuple(ranked)
        documents = self._store.document_ids(asked.generation, [candidate.id for candidate in ranked])
        unwanted: set[str] = set()
        for words in excluded:
            says_it = TextConditions(phrases=(words,))
            unwanted |= self._store.documents_with(asked.generation, list(documents.values()), says_it)
        return tuple(candidate for candidate in ranked if documents.get(candidate.id) not in unwanted)

    def _diverse(self, asked: _Asked, ranked: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
        if not asked.request.diversity:
            return ranked
        name = _dense(asked.generation, tuple(asked.vectors))
        best, rest = ranked[:_DIVERSIFIED], ranked[_DIVERSIFIED:]
        found = self._store.passages(
            asked.generation, [candidate.id for candidate in best], with_vectors=[name] if name else []
        )
        vectors = {point.id: vector for point in found.values() if (vector := point.dense(name)) is not None}
        return (*diversify(best, vectors, diversity=asked.request.diversity), *rest)

    def _hits(self, asked: _Asked, ranked: Ranking, page: Sequence[Candidate]) -> tuple[Hit, ...]:
        found = self._store.passages(asked.generation, [candidate.id for candidate in page])
        shown = [each for each in page if each.id in found and _says_all(found[each.id], asked.question)]
        hits = [_hit(each, ranked, found[each.id], asked.text.terms) for each in shown]
        if not asked.request.explain:
            return tuple(hits)
        encoders = self._vectors.encoders(asked.generation)
        points = {hit.document_id: candidate.id for hit, candidate in zip(hits, shown, strict=True)}
        return word_contributions(
            hits, points, asked.text, generation=asked.generation, encoders=encoders, store=self._store
        )

    def _like(self, corpus: str, document_id: str, using: str | None, limit: int, filters: Filters) -> SearchResult:
        generation = self._generation(corpus)
        name = _likeness(generation, using)
        passages = self._store.document(generation, document_id, with_vectors=[name])
        vectors = [point.vectors[name] for point in passages if name in point.vectors]
        if not vectors:
            reason = f"{name}: document {document_id!r} has no such vector, as none of its words is known to it"
            return SearchResult((), {}, None, 0, 0.0, (reason,))
        others = replace(filters, exclude_ids=(*filters.exclude_ids, document_id))
        found = self._store.candidates(generation, {name: mean(vectors)}, limit=4 * limit, filters=others)
        ranked = ranking.single(name, found[name])
        page = ranked.documents[:limit]
        stored = self._store.passages(generation, [candidate.id for candidate in page])
        hits = [_hit(each, ranked, stored[each.id], ()) for each in page if each.id in stored]
        return SearchResult(tuple(hits), {}, None, len(ranked.documents), 0.0)

    def _generation(self, corpus: str) -> Generation:
        read_at, generation = self._current.get(corpus, (-self._fresh_seconds, None))
        now = time.monotonic()
        if generation is None or now - read_at > self._fresh_seconds:
            generation = self._store.current(corpus)
            self._current[corpus] = (now, generation)
        return generation

    def _again_after_a_switch(self, corpus: str, answer: Callable[[], SearchResult]) -> SearchResult:
        """A generation that was dropped since we looked is looked up again, once."""
        try:
            return answer()
        except NotFound:
            if self._current.pop(corpus, None) is None:
                raise
            return answer()


def _check(request: SearchRequest) -> None:
    if request.limit < 1 or request.offset < 0:
        raise BadQuery(f"limit {request.limit} and offset {request.offset}: ask for at least 1, from 0 on")
    if not 0 <= request.diversity <= 1:
        raise BadQuery(f"diversity {request.diversity}: it lies between 0 (relevance) and 1 (variety)")
    if request.k < 1:
        raise BadQuery(f"k {request.k}: reciprocal rank fusion needs at least 1; 10 and 60 are usual")
    unwanted = {name: weight for name, weight in request.weights.items() if weight < 0}
    if unwanted:
        raise BadQuery(f"weights {unwanted}: a weight is 0 or more")


def _conditions(question: Question) -> TextConditions:
    return TextConditions(phrases=question.phrases, excluded=question.excluded)


def _foreign(text: str) -> tuple[str, ...]:
    language = detect(text)
    if language in ("", "en"):
        return ()
    return (
        f"language: the question reads as {language!r}; stop words, stems and the default models are made for "
        "English, so expect weaker results",
    )


def _dense(generation: Generation, names: Sequence[str]) -> str:
    """A dense vector to compare hits with each other: one that was asked, else any; "" if there is none."""
    dense = [spec.name for spec in generation.specs if spec.kind == "dense"]
    return next((name for name in (*names, "bert", *dense) if name in dense), "")


def _likeness(generation: Generation, using: str | None) -> str:
    if using is None:
        return _dense(generation, ("fused",))
    [name] = chosen(generation, [using])
    return name


def _says_all(point: StoredPoint, question: Question) -> bool:
    return all(
        says(point.passage.passage.text, phrase) or says(point.passage.title, phrase) for phrase in question.phrases
    )


def _hit(candidate: Candidate, ranked: Ranking, point: StoredPoint, terms: Sequence[str]) -> Hit:
    return Hit(
        document_id=point.passage.document_id,
        score=candidate.score,
        passage=point.passage,
        highlights=spans(point.passage.passage.text, terms) if terms else (),
        sources=ranked.sources(candidate.id),
        contributions=ranked.contributions(candidate),
    )
