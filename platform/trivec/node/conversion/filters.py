"""Filters: `models.Filter` in, `edge.Filter` out, with every kind of condition that Qdrant knows."""

from __future__ import annotations  # some of Edge's names exist for type checkers only

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import cast

import numpy as np
import qdrant_edge as edge
from qdrant_client.http import models

from trivec.node.conversion.gaps import slice_condition
from trivec.node.conversion.ids import edge_id
from trivec.node.errors import BadRequest, Unprocessable

Clause = models.Condition | Sequence[models.Condition] | None


def edge_filter(filter_: models.Filter | None) -> edge.Filter | None:
    """The same filter for Edge; None stays None."""
    if filter_ is None:
        return None
    return edge.Filter(
        must=_conditions(filter_.must),
        should=_conditions(filter_.should),
        must_not=_conditions(filter_.must_not),
        min_should=_min_should(filter_.min_should),
    )


def without_ids(filter_: edge.Filter | None, ids: Iterable[edge.PointId]) -> edge.Filter | None:
    """The filter, narrowed to points that are none of `ids`: one more clause, so that filters merge as Qdrant's do."""
    excluded = set(ids)
    if not excluded:
        return filter_
    base = filter_ or edge.Filter()
    return edge.Filter(
        must=base.must,
        should=base.should,
        must_not=[*(base.must_not or []), edge.HasIdCondition(excluded)],
        min_should=base.min_should,
    )


def with_conditions(filter_: edge.Filter | None, *conditions: edge.ConditionType) -> edge.Filter:
    """The filter, narrowed to points that also meet `conditions`."""
    return edge.Filter(must=[*([filter_] if filter_ else []), *conditions])


def condition(one: models.Condition | models.Expression) -> edge.ConditionType:
    """One condition for Edge."""
    match one:
        case models.FieldCondition():
            return _field(one)
        case models.IsEmptyCondition():
            return edge.IsEmptyCondition(one.is_empty.key)
        case models.IsNullCondition():
            return edge.IsNullCondition(one.is_null.key)
        case models.HasIdCondition():
            return edge.HasIdCondition({edge_id(_plain(i)) for i in one.has_id})
        case models.HasVectorCondition():
            return edge.HasVectorCondition(one.has_vector)
        case models.NestedCondition():
            return edge.NestedCondition(one.nested.key, edge_filter(one.nested.filter) or edge.Filter())
        case models.SliceCondition():
            return slice_condition(one.slice.total, one.slice.index)
        case models.Filter():
            return edge_filter(one) or edge.Filter()
    raise BadRequest(f"Format error in JSON body: {type(one).__name__} is not a condition this node knows")


def geo_point(point: models.GeoPoint) -> edge.GeoPoint:
    """A place on earth."""
    return edge.GeoPoint(point.lon, point.lat)


def timestamp(moment: datetime | date | None) -> str | None:
    """A moment as Edge reads it; without a time zone it is UTC."""
    return moment.isoformat() if moment is not None else None


def _conditions(clause: Clause) -> list[edge.ConditionType] | None:
    if clause is None:
        return None
    return [condition(one) for one in (clause if isinstance(clause, Sequence) else [clause])]


def _min_should(min_should: models.MinShould | None) -> edge.MinShould | None:
    if min_should is None:
        return None
    return edge.MinShould([condition(one) for one in min_should.conditions], min_should.min_count)


def _field(field: models.FieldCondition) -> edge.FieldCondition:
    if field.model_fields_set <= {"key"}:
        raise Unprocessable(f"Validation error in JSON body: [{field.key}: at least one field condition is required]")
    return edge.FieldCondition(
        field.key,
        match=_match(field.match) if field.match else None,
        range=_range(field.range) if field.range else None,
        geo_bounding_box=_box(field.geo_bounding_box) if field.geo_bounding_box else None,
        geo_radius=_radius(field.geo_radius) if field.geo_radius else None,
        geo_polygon=_polygon(field.geo_polygon) if field.geo_polygon else None,
        values_count=_values_count(field.values_count) if field.values_count else None,
        is_empty=field.is_empty,
        is_null=field.is_null,
    )


def _match(match: models.Match) -> edge.MatchType:
    match match:
        case models.MatchValue(value=value):
            return edge.MatchValue(_exact(value))
        case models.MatchText(text=text):
            return edge.MatchText(text)
        case models.MatchTextAny(text_any=text):
            return edge.MatchTextAny(text)
        case models.MatchPhrase(phrase=phrase):
            return edge.MatchPhrase(phrase)
        case models.MatchPrefix(prefix=prefix):
            return edge.MatchPrefix(prefix)
        case models.MatchSubstring(substring=substring):
            return edge.MatchSubstring(substring)
        case models.MatchAny(any=values):
            return edge.MatchAny(values)
        case models.MatchExcept(except_=values):
            return edge.MatchExcept(values)
    raise BadRequest(f"Format error in JSON body: {type(match).__name__} is not a match this node knows")


def _exact(value: models.ValueVariants) -> str | int | bool:
    """Edge reads Python's True as the number 1; numpy's it takes for what it is."""
    return cast("bool", np.bool_(value)) if isinstance(value, bool) else value


def _range(range_: models.RangeInterface) -> edge.RangeType:
    if isinstance(range_, models.Range):
        return edge.RangeFloat(gte=range_.gte, gt=range_.gt, lte=range_.lte, lt=range_.lt)
    return edge.RangeDateTime(
        gte=timestamp(range_.gte), gt=timestamp(range_.gt), lte=timestamp(range_.lte), lt=timestamp(range_.lt)
    )


def _values_count(count: models.ValuesCount) -> edge.ValuesCount:
    return edge.ValuesCount(lt=count.lt, gt=count.gt, lte=count.lte, gte=count.gte)


def _box(box: models.GeoBoundingBox) -> edge.GeoBoundingBox:
    return edge.GeoBoundingBox(geo_point(box.top_left), geo_point(box.bottom_right))


def _radius(radius: models.GeoRadius) -> edge.GeoRadius:
    return edge.GeoRadius(geo_point(radius.center), radius.radius)


def _polygon(polygon: models.GeoPolygon) -> edge.GeoPolygon:
    def ring(line: models.GeoLineString) -> list[edge.GeoPoint]:
        return [geo_point(point) for point in line.points]

    return edge.GeoPolygon(ring(polygon.exterior), [ring(line) for line in polygon.interiors or []])


def _plain(point_id: models.ExtendedPointId) -> int | str:
    return point_id if isinstance(point_id, int) else str(point_id)
