"""What searching takes and gives."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from trivec.records import FacetCount, Filters, Hit
from trivec.store.counts import Interval

Fusion = Literal["hybrid", "rrf", "weighted_rrf"]


@dataclass(frozen=True)
class SearchRequest:
    """A question to a corpus.

    Attributes:
        query: words, "quoted phrases" that must occur, -excluded words that must not.
        corpus: where to look.
        using: named vectors to ask; None for the corpus's best hybrid (`bm25` and `bert`).
        fusion: how several vectors become one ranking. `hybrid`: each one's scores brought to [0, 1], weighted and
            added. `rrf`: reciprocal ranks, alike. `weighted_rrf`: reciprocal ranks, weighted.
        weights: of the vectors, relative to each other; empty for the defaults.
        k: of the rank fusions; 10 is the best we measured, 60 the literature's.
        limit: documents to return.
        offset: documents to skip.
        filters: which documents may answer.
        facets: count the documents found by these: `labels`, `source`, `language`, or a metadata key.
        histogram: count the documents found over time.
        diversity: 0 ranks by relevance alone, 1 by being unlike the hits above.
        explain: also say what each word added, where that can be told.
    """

    query: str
    corpus: str
    using: tuple[str, ...] | None = None
    fusion: Fusion = "hybrid"
    weights: Mapping[str, float] = field(default_factory=dict)
    k: int = 10
    limit: int = 10
    offset: int = 0
    filters: Filters = field(default_factory=Filters)
    facets: tuple[str, ...] = ()
    histogram: Interval | None = None
    diversity: float = 0.0
    explain: bool = False


@dataclass(frozen=True)
class SearchResult:
    """An answer.

    Attributes:
        hits: documents at their best passage, best first.
        facets: counts over all documents found, not only over this page.
        histogram: likewise, in order of time; None unless asked for.
        total: documents found: those that can be paged to. Every document is a little like any question, so this is
            how many of the best were looked at, or all that pass the filters when they are fewer.
        took_ms: milliseconds inside the service.
        degraded: what could not be done as asked, and why; empty when all went well.
    """

    hits: tuple[Hit, ...]
    facets: Mapping[str, list[FacetCount]]
    histogram: list[FacetCount] | None
    total: int
    took_ms: float
    degraded: tuple[str, ...] = ()
