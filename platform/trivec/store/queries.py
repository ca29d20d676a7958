"""Comparing vectors: candidates of every source in one request, and Qdrant's own rank fusion."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from qdrant_client import models

from trivec.records import Filters
from trivec.store.connection import Json
from trivec.store.filters import NO_FILTERS, NO_TEXT, TextConditions, condition
from trivec.store.generation import Generation
from trivec.store.lifecycle import Lifecycle
from trivec.store.vectors import QueryVector, SparseRow, on_wire


class Candidate(NamedTuple):
    """A passage that a source or a fusion found: its point and its score (higher is better)."""

    id: str
    score: float


@dataclass(frozen=True)
class RankFused:
    """What Qdrant's rank fusion found, best first, and what each source saw (same limit, best first)."""

    fused: tuple[Candidate, ...]
    sources: Mapping[str, tuple[Candidate, ...]]


class Queries(Lifecycle):
    """What a store reads by comparing vectors."""

    def candidates(
        self,
        generation: Generation,
        vectors: Mapping[str, QueryVector],
        *,
        limit: int,
        filters: Filters = NO_FILTERS,
        text: TextConditions = NO_TEXT,
        exact: bool = False,
    ) -> dict[str, tuple[Candidate, ...]]:
        """The best passages of each source, best first, all in one request.

        Args:
            generation: where.
            vectors: the question, by name of the vector it is compared with.
            limit: passages per source.
            filters: which documents may answer.
            text: what their passages must and must not say.
            exact: compare with every vector instead of following the graph; for measuring.
        """
        where = condition(filters, text)
        requests = [
            _nearest(name, vector, limit, where, exact and not self._connection.local)
            for name, vector in vectors.items()
        ]
        return dict(zip(vectors, self._query(generation, requests), strict=True))

    def rank_fused(
        self,
        generation: Generation,
        vectors: Mapping[str, QueryVector],
        *,
        k: int,
        weights: Mapping[str, float] | None = None,
        limit: int,
        candidates: int,
        filters: Filters = NO_FILTERS,
        text: TextConditions = NO_TEXT,
    ) -> RankFused:
        """Reciprocal rank fusion by Qdrant (Cormack, Clarke & Büttcher, 2009), and the sources' own lists.

        A passage at 1-based rank r of a source of weight w gets 1 / (k + r / w); see `rrf_share`. The request
        carries the fusion at its root and, beside it, each source's list, for ranks and scores of the hits.
        """
        where = condition(filters, text)
        shares = [float((weights or {}).get(name, 1.0)) for name in vectors]
        root: Json = {
            "prefetch": [
                {"query": on_wire(vector), "using": name, "limit": candidates, "filter": where}
                for name, vector in vectors.items()
            ],
            "query": {"rrf": {"k": k + 1, "weights": shares}},
            "limit": limit,
        }
        lists = [_nearest(name, vector, candidates, where, False) for name, vector in vectors.items()]
        fused, *sources = self._query(generation, [root, *lists])
        return RankFused(fused, dict(zip(vectors, sources, strict=True)))

    def term_scores(
        self, generation: Generation, name: str, terms: Sequence[SparseRow], ids: Sequence[str]
    ) -> list[dict[str, float]]:
        """What each term alone adds to the score of each of these points, inverse document frequency included.

        The terms of a sparse question add up to its score, so asking for each alone is an exact explanation.
        """
        where = models.Filter(must=[models.HasIdCondition(has_id=list(ids))])
        requests = [_nearest(name, term, len(ids), where, not self._connection.local) for term in terms]
        answers = self._query(generation, requests) if requests else []
        return [{candidate.id: candidate.score for candidate in answer} for answer in answers]

    def _query(self, generation: Generation, requests: Sequence[Json]) -> list[tuple[Candidate, ...]]:
        answers = self._connection.call(
            f"searching {generation.collection}", lambda: self._connection.query(generation.collection, requests)
        )
        return [tuple([Candidate(*point) for point in answer]) for answer in answers]


def rrf_share(rank: int, *, k: int, weight: float = 1.0) -> float:
    """What a source that has a passage at this 1-based rank adds to its fused score.

    Qdrant computes 1 / (r / w + K - 1) with its own K, so K is sent as k + 1. A weight scales the rank,
    not the share: it moves a source's list closer to or further from the top.

    >>> rrf_share(1, k=60) == 1 / 61
    True
    """
    return 0.0 if weight <= 0 else 1.0 / (k + rank / weight)


def _nearest(name: str, vector: QueryVector, limit: int, where: models.Filter | None, exact: bool) -> Json:
    request: Json = {"query": on_wire(vector), "using": name, "limit": limit, "filter": where}
    return request | {"params": {"exact": True}} if exact else request
