"""Score formulas: `models.Expression` in, `edge.Expression` out."""

import qdrant_edge as edge
from qdrant_client.http import models

from trivec.node.conversion.filters import condition, geo_point

E = edge.Expression
_DECAYS: tuple[tuple[type, str, edge.DecayKind], ...] = (
    (models.LinDecayExpression, "lin_decay", edge.DecayKind.Lin),
    (models.GaussDecayExpression, "gauss_decay", edge.DecayKind.Gauss),
    (models.ExpDecayExpression, "exp_decay", edge.DecayKind.Exp),
)


def edge_expression(one: models.Expression) -> edge.Expression:
    """The same formula for Edge."""
    match one:
        case bool():
            return E.Constant(float(one))
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
        case models.MultExpression(mult=terms):
            return E.Mult(_all(terms))
        case models.SumExpression(sum=terms):
            return E.Sum(_all(terms))
        case models.MaxExpression(max=terms):
            return E.Max(_all(terms))
        case models.MinExpression(min=terms):
            return E.Min(_all(terms))
        case models.DivExpression(div=div):
            return E.Div(edge_expression(div.left), edge_expression(div.right), div.by_zero_default)
        case models.PowExpression(pow=power):
            return E.Pow(edge_expression(power.base), edge_expression(power.exponent))
    return _unary(one) or _decay(one) or E.Condition(condition(one))


def _all(terms: list[models.Expression]) -> list[edge.Expression]:
    return [edge_expression(term) for term in terms]


def _unary(one: models.Expression) -> edge.Expression | None:
    match one:
        case models.NegExpression(neg=term):
            return E.Neg(edge_expression(term))
        case models.AbsExpression(abs=term):
            return E.Abs(edge_expression(term))
        case models.SqrtExpression(sqrt=term):
            return E.Sqrt(edge_expression(term))
        case models.ExpExpression(exp=term):
            return E.Exp(edge_expression(term))
        case models.Log10Expression(log10=term):
            return E.Log10(edge_expression(term))
        case models.LnExpression(ln=term):
            return E.Ln(edge_expression(term))
        case models.AcoshExpression(acosh=term):
            return E.Acosh(edge_expression(term))
    return None


def _decay(one: models.Expression) -> edge.Expression | None:
    for model, field, kind in _DECAYS:
        if isinstance(one, model):
            decay: models.DecayParamsExpression = getattr(one, field)
            target = edge_expression(decay.target) if decay.target is not None else None
            return E.Decay(kind, edge_expression(decay.x), target, decay.midpoint, decay.scale)
    return None
