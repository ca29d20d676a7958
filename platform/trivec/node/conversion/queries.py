"""Queries: `models.QueryRequest` in, `edge.QueryRequest` out, prefetches and all.

Ids become vectors on the way (Edge takes vectors only), and the points they name are left out of the answer.
"""

from __future__ import annotations  # some of Edge's names exist for type checkers only

from collections.abc import Sequence
from dataclasses import dataclass

import qdrant_edge as edge
from qdrant_client.http import models

from trivec.node.conversion import gaps
from trivec.node.conversion.examples import Examples, ReadVector, average
from trivec.node.conversion.expressions import edge_expression
from trivec.node.conversion.filters import edge_filter, timestamp, without_ids
from trivec.node.conversion.params import search_params
from trivec.node.conversion.results import with_payload, with_vector
from trivec.node.conversion.vectors import VectorShapes
from trivec.node.errors import BadRequest, Unprocessable

_LIMIT = 10
_RRF_K = 2
_DIVERSITY = 0.5
_MOST_CANDIDATES = 16_384
_VectorQuery = (
    models.NearestQuery
    | models.RecommendQuery
    | models.DiscoverQuery
    | models.ContextQuery
    | models.RelevanceFeedbackQuery
)


@dataclass(frozen=True)
class QueryReader:
    """Reads queries for one collection.

    Attributes:
        shapes: what vectors the collection holds.
        read: reads the stored vector of a point, here or elsewhere.
    """

    shapes: VectorShapes
    read: ReadVector

    def request(self, query: models.QueryRequest) -> edge.QueryRequest:
        """A whole request."""
        limit = at_least_one(query.limit, "limit", _LIMIT)
        examples = self._examples(query.using, query.lookup_from)
        scoring = self._scoring(query.query, examples, limit)
        return edge.QueryRequest(
            limit=limit,
            offset=not_negative(query.offset, "offset"),
            query=scoring,
            prefetches=self._prefetches(query.prefetch),
            with_vector=with_vector(query.with_vector),
            with_payload=with_payload(query.with_payload, default=False),
            filter=without_ids(edge_filter(query.filter), examples.named),
            score_threshold=query.score_threshold,
            params=search_params(query.params),
        )

    def _prefetches(self, given: models.Prefetch | Sequence[models.Prefetch] | None) -> list[edge.Prefetch]:
        if given is None:
            return []
        return [self._prefetch(one) for one in (given if isinstance(given, Sequence) else [given])]

    def _prefetch(self, prefetch: models.Prefetch) -> edge.Prefetch:
        limit = at_least_one(prefetch.limit, "prefetch.limit", _LIMIT)
        examples = self._examples(prefetch.using, prefetch.lookup_from)
        scoring = self._scoring(prefetch.query, examples, limit)
        return edge.Prefetch(
            limit=limit,
            query=scoring,
            prefetches=self._prefetches(prefetch.prefetch),
            params=search_params(prefetch.params),
            filter=without_ids(edge_filter(prefetch.filter), examples.named),
            score_threshold=prefetch.score_threshold,
        )

    def _examples(self, using: str | None, lookup: models.LookupLocation | None) -> Examples:
        return Examples(self.shapes, self.read, using or "", lookup)

    def _scoring(
        self, query: models.QueryInterface | None, examples: Examples, limit: int
    ) -> edge.ScoringQueryType | None:
        match query:
            case None:
                return None
            case models.FusionQuery(fusion=models.Fusion.RRF):
                return gaps.rrf(_RRF_K, None)
            case models.FusionQuery():
                return gaps.dbsf()
            case models.RrfQuery(rrf=rrf):
                return gaps.rrf(at_least_one(rrf.k, "rrf.k", _RRF_K), rrf.weights)
            case models.OrderByQuery(order_by=order):
                return order_by(order)
            case models.FormulaQuery():
                return edge.Formula(edge_expression(query.formula), query.defaults or {})
            case models.SampleQuery():
                return edge.Sample.Random
            case models.TextQuery(text=text):
                return _text(text, examples.name)
            case models.NearestQuery(nearest=example, mmr=models.Mmr() as mmr):
                return _mmr(examples, example, mmr, limit)
        return self._by_vector(
            query if isinstance(query, _VectorQuery) else models.NearestQuery(nearest=query), examples
        )

    def _by_vector(self, query: _VectorQuery, examples: Examples) -> edge.Query:
        self.shapes.require(examples.name)
        match query:
            case models.NearestQuery(nearest=example):
                return edge.Query.Nearest(examples.vector(example), examples.name)
            case models.RecommendQuery(recommend=recommend):
                return _recommend(recommend, examples)
            case models.DiscoverQuery(discover=discover):
                target = edge.DiscoverQuery(examples.vector(discover.target), examples.pairs(discover.context))
                return edge.Query.Discover(target, examples.name)
            case models.ContextQuery(context=context):
                return edge.Query.Context(edge.ContextQuery(examples.pairs(context)), examples.name)
            case models.RelevanceFeedbackQuery(relevance_feedback=feedback):
                return _feedback(feedback, examples)


def order_by(order: models.OrderByInterface) -> edge.OrderBy:
    """What to sort by, in which direction, from where."""
    if isinstance(order, str):
        return edge.OrderBy(order)
    direction = edge.Direction.Desc if order.direction is models.Direction.DESC else edge.Direction.Asc
    start = order.start_from
    return edge.OrderBy(
        order.key, direction, start if start is None or isinstance(start, int | float) else timestamp(start)
    )


def at_least_one(value: int | None, name: str, default: int) -> int:
    """A number that must be 1 or larger."""
    if value is not None and value < 1:
        raise Unprocessable(f"Validation error in JSON body: [{name}: value {value} invalid, must be 1 or larger]")
    return default if value is None else value


def not_negative(value: int | None, name: str) -> int:
    """A number that must be 0 or larger; 0 when missing."""
    if value is not None and value < 0:
        raise BadRequest(f"Format error in JSON body: {name}: value {value} invalid, must be 0 or larger")
    return value or 0


def _mmr(examples: Examples, example: models.VectorInput, mmr: models.Mmr, limit: int) -> edge.Mmr:
    diversity = _DIVERSITY if mmr.diversity is None else mmr.diversity
    candidates = limit if mmr.candidates_limit is None else mmr.candidates_limit
    if not 0 <= diversity <= 1 or not 0 <= candidates <= _MOST_CANDIDATES:
        raise Unprocessable(
            f"Validation error in JSON body: [mmr: diversity {diversity} must be from 0.0 to 1.0, "
            f"candidates_limit {candidates} from 0 to {_MOST_CANDIDATES}]"
        )
    return edge.Mmr(examples.vector(example), 1.0 - diversity, candidates, examples.name)


def _recommend(recommend: models.RecommendInput, examples: Examples) -> edge.Query:
    positives, negatives = examples.vectors(recommend.positive), examples.vectors(recommend.negative)
    if recommend.strategy in (None, models.RecommendStrategy.AVERAGE_VECTOR):
        return edge.Query.Nearest(average(positives, negatives), examples.name)
    if not positives and not negatives:
        raise BadRequest("Wrong input: At least one positive or negative vector ID required with this strategy")
    query = edge.RecommendQuery(positives, negatives)
    if recommend.strategy is models.RecommendStrategy.BEST_SCORE:
        return edge.Query.RecommendBestScore(query, examples.name)
    return edge.Query.RecommendSumScores(query, examples.name)


def _feedback(feedback: models.RelevanceFeedbackInput, examples: Examples) -> edge.Query:
    naive = feedback.strategy.naive
    items = [edge.FeedbackItem(examples.vector(item.example), item.score) for item in feedback.feedback]
    query = edge.FeedbackNaiveQuery(
        examples.vector(feedback.target), items, edge.NaiveFeedbackStrategy(naive.a, naive.b, naive.c)
    )
    return edge.Query.FeedbackNaive(query, examples.name)


def _text(text: models.TextInterface, field: str) -> edge.TextQuery:
    if isinstance(text, str):
        return edge.TextQuery(field, text)
    scoring = text.scoring.bm25 if text.scoring else None
    return edge.TextQuery(field, text.query, edge.Bm25Params(scoring.k, scoring.b) if scoring else None)
