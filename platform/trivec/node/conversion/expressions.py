"""Score formulas: `models.Expression` in, `edge.Expression` out."""

from collections.abc import Callable

import qdrant_edge as edge
from qdrant_client.http import models

from trivec.node.conversion.filters import condition, geo_point

E = edge.Expression
_OF_MANY: tuple[tuple[type, str, Callable[[list[edge.Expression]], edge.Expression]], ...] = (
    (models.MultExpression, "mult", E.Mult),
    (models.SumExpression, "sum", E.Sum),
    (models.MaxExpression, "max", E.Max),
    (models.MinExpression, "min", E.Min),
)
_OF_ONE: tuple[tuple[type, str, Callable[[edge.Expression], edge.Expression]], ...] = (
    (models.NegExpression, "neg", E.Neg),
    (models.AbsExpression, "abs", E.Abs),
    (models.SqrtExpression, "sqrt", E.Sqrt),
    (models.ExpExpression, "exp", E.Exp),
    (models.Log10Expression, "log10", E.Log10),
    (models.LnExpression, "ln", E.Ln),
    (models.AcoshExpression, "acosh", E.Acosh),
)
_DECAYS: tuple[tuple[type, str, edge.DecayKind], ...] = (
    (models.LinDecayExpression, "lin_decay", edge.DecayKind.Lin),
    (models.GaussDecayExpression, "gauss_decay", edge.DecayKind.Gauss),
    (models.ExpDecayExpression, "exp_decay", edge.DecayKind.Exp),
)


def edge_expression(one: models.Expression) -> edge.Expression:
    """The same formula for Edge."""
    match one:
        case int() | float():
            return E.Constant(float(one))
        case str():
            return E.Variable(one)
        case models.GeoDistance(geo_distance=distance):
            return E.GeoDistance(geo_point(distance.origin), distance.to)
        case models.DatetimeExpression(datetime=moment):
            return E.Datetime(moment)
        case models.DatetimeKeyExpression(datetime_key=key):
            return E.DatetimeKey(key)
        case models.DivExpression(div=div):
            return E.Div(edge_expression(div.left), edge_expression(div.right), div.by_zero_default)
        case models.PowExpression(pow=power):
            return E.Pow(edge_expression(power.base), edge_expression(power.exponent))
    return _of_many(one) or _of_one(one) or _decay(one) or E.Condition(condition(one))


def _of_many(one: models.Expression) -> edge.Expression | None:
    for model, field, build in _OF_MANY:
        if isinstance(one, model):
            return build([edge_expression(term) for term in getattr(one, field)])
    return None


def _of_one(one: models.Expression) -> edge.Expression | None:
    for model, field, build in _OF_ONE:
        if isinstance(one, model):
            return build(edge_expression(getattr(one, field)))
    return None


def _decay(one: models.Expression) -> edge.Expression | None:
    for model, field, kind in _DECAYS:
        if isinstance(one, model):
            decay: models.DecayParamsExpression = getattr(one, field)
            target = edge_expression(decay.target) if decay.target is not None else None
            return E.Decay(kind, edge_expression(decay.x), target, decay.midpoint, decay.scale)
    return None
