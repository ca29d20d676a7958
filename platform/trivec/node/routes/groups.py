"""Grouped queries: the best points of each of the best groups.

Edge knows no groups, so they are found as Qdrant finds them: ask, leave out the groups that are full, ask again until
there are enough groups; then fill those that are not full yet.
"""

from __future__ import annotations  # some of Edge's names exist for type checkers only

from collections.abc import Iterable
from dataclasses import dataclass, field

import qdrant_edge as edge
from qdrant_client.http import models
from qdrant_client.local.payload_value_extractor import value_by_key

from trivec.node.conversion.filters import with_conditions
from trivec.node.conversion.ids import edge_id, is_id
from trivec.node.conversion.queries import at_least_one
from trivec.node.conversion.results import record, records, scored_point, with_payload, with_vector
from trivec.node.conversion.vectors import Json
from trivec.node.routes.call import Call
from trivec.node.routes.queries import formula_errors, reader

_LIMIT = 10
_GROUP_SIZE = 3
_MOST_ROUNDS = 20
Key = int | str


@dataclass
class Groups:
    """Groups in order of their best hit.

    Attributes:
        by: the payload field that names the group.
        size: hits per group at most.
        hits: points of each group, best first.
    """

    by: str
    size: int
    hits: dict[Key, list[edge.ScoredPoint]] = field(default_factory=dict)

    def add(self, points: Iterable[edge.ScoredPoint]) -> None:
        """Put points where they belong; one with several values belongs to several groups."""
        for point in points:
            for key in dict.fromkeys(_keys(point.payload or {}, self.by)):
                group = self.hits.setdefault(key, [])
                if len(group) < self.size and all(point.id != hit.id for hit in group):
                    group.append(point)

    def full(self) -> list[Key]:
        """Groups that need no more hits."""
        return [key for key, hits in self.hits.items() if len(hits) >= self.size]

    def best(self, count: int) -> list[Key]:
        """The first groups."""
        return list(self.hits)[:count]


def query_groups(call: Call) -> Json:
    """The best groups for a query."""
    request = call.model(models.QueryGroupsRequest)
    limit = at_least_one(request.limit, "limit", _LIMIT)
    groups = Groups(request.group_by, at_least_one(request.group_size, "group_size", _GROUP_SIZE))
    _find(call, request, groups, limit)
    keys = groups.best(limit)
    _fill(call, request, groups, keys)
    return {"groups": _answer(call, request, {key: groups.hits[key] for key in keys})}


def _find(call: Call, request: models.QueryGroupsRequest, groups: Groups, limit: int) -> None:
    for _ in range(_MOST_ROUNDS):
        asked = limit * groups.size
        points = _ask(call, request, asked, edge.Filter(must_not=_any_of(groups.by, groups.full())))
        groups.add(points)
        if len(groups.hits) >= limit or len(points) < asked:
            return


def _fill(call: Call, request: models.QueryGroupsRequest, groups: Groups, keys: list[Key]) -> None:
    for _ in range(_MOST_ROUNDS):
        open_keys = [key for key in keys if len(groups.hits[key]) < groups.size]
        if not open_keys:
            return
        seen = {hit.id for key in open_keys for hit in groups.hits[key]}
        asked = len(open_keys) * groups.size
        narrowed = edge.Filter(should=_any_of(groups.by, open_keys), must_not=[edge.HasIdCondition(seen)])
        points = _ask(call, request, asked, narrowed)
        groups.add(points)
        if len(points) < asked:
            return


def _ask(call: Call, request: models.QueryGroupsRequest, limit: int, narrowed: edge.Filter) -> list[edge.ScoredPoint]:
    query = reader(call).request(_ungrouped(request))
    in_a_group = edge.Filter(must_not=[edge.IsEmptyCondition(request.group_by)])
    asked = edge.QueryRequest(
        limit=limit,
        query=query.query,
        prefetches=query.prefetches,
        with_payload=edge.PayloadSelector.Include([request.group_by]),
        filter=with_conditions(query.filter, in_a_group, narrowed),
        score_threshold=query.score_threshold,
        params=query.params,
    )
    with formula_errors():
        return call.collection.query(asked)


def _ungrouped(request: models.QueryGroupsRequest) -> models.QueryRequest:
    """The query without its groups; its prefetches must find enough for all of them."""
    size = request.group_size or _GROUP_SIZE
    return models.QueryRequest(
        prefetch=_widened(request.prefetch, size),
        query=request.query,
        using=request.using,
        filter=request.filter,
        params=request.params,
        score_threshold=request.score_threshold,
        lookup_from=request.lookup_from,
        limit=(request.limit or _LIMIT) * size,
    )


def _widened(prefetch: models.Prefetch | list[models.Prefetch] | None, size: int) -> list[models.Prefetch] | None:
    if prefetch is None:
        return None
    listed = prefetch if isinstance(prefetch, list) else [prefetch]
    return [
        one.model_copy(update={"limit": (one.limit or _LIMIT) * size, "prefetch": _widened(one.prefetch, size)})
        for one in listed
    ]


def _any_of(field_name: str, keys: Iterable[Key]) -> list[edge.ConditionType]:
    texts = [key for key in keys if isinstance(key, str)]
    numbers = [key for key in keys if isinstance(key, int)]
    lists: list[list[str] | list[int]] = [values for values in (texts, numbers) if values]
    return [edge.FieldCondition(field_name, match=edge.MatchAny(values)) for values in lists]


def _keys(payload: dict[str, Json], field_name: str) -> list[Key]:
    values = value_by_key(payload, field_name) or []
    return [value for value in values if isinstance(value, str | int) and not isinstance(value, bool)]


def _answer(call: Call, request: models.QueryGroupsRequest, groups: dict[Key, list[edge.ScoredPoint]]) -> list[Json]:
    vector = with_vector(request.with_vector)
    ids = list({hit.id: None for hits in groups.values() for hit in hits})
    stored = call.collection.retrieve(ids, with_payload(request.with_payload, default=False), vector)
    parts = {part["id"]: part for part in records(stored, vector=bool(vector))}
    found = _lookups(call, request.with_lookup, list(groups))
    return [
        {"id": key, "hits": [_hit(hit, parts) for hit in hits], **({"lookup": found[key]} if key in found else {})}
        for key, hits in groups.items()
    ]


def _hit(hit: edge.ScoredPoint, parts: dict[Json, dict[str, Json]]) -> Json:
    scored = scored_point(hit, vector=False)
    scored.pop("payload", None)
    return {**scored, **parts.get(hit.id, {})}


def _lookups(call: Call, lookup: models.WithLookupInterface | None, keys: list[Key]) -> dict[Key, Json]:
    """The point of another collection that each group is named after."""
    if lookup is None:
        return {}
    place = lookup if isinstance(lookup, models.WithLookup) else models.WithLookup(collection=lookup)
    vector = with_vector(place.with_vectors)
    ids = {key: edge_id(key) for key in keys if is_id(key)}
    found = call.catalogue.get(place.collection).retrieve(
        list(ids.values()), with_payload(place.with_payload, default=True), vector
    )
    by_id = {str(point.id): record(point, vector=bool(vector)) for point in found}
    return {key: by_id[str(key)] for key in ids if str(key) in by_id}
