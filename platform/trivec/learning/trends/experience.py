"""Experience: what backtests of many series taught, for questions about a single one. Plain numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Self

import numpy as np

from trivec.learning.trends.panel import Values1d

_ENOUGH: Final = 200.0  # forecasts of a panel that count as much as the experience


@dataclass(frozen=True)
class Experience:
    """Of one corpus, frequency and measure.

    Attributes:
        errors: method -> mean scaled error.
        scale: typical residual of a forecast, in the units of `intervals`.
        growth: how much larger it is at each step ahead.
        residuals: quantiles of the signed residuals by their scale, rising.
        periods: different periods that they are of.
        forecasts: how many it is made of.
    """

    errors: Mapping[str, float]
    scale: float
    growth: tuple[float, ...]
    residuals: tuple[float, ...]
    periods: int
    forecasts: int

    @classmethod
    def parse(cls, fields: Mapping[str, Any]) -> Self:
        """From JSON."""
        return cls(**{**fields, "growth": tuple(fields["growth"]), "residuals": tuple(fields["residuals"])})

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    def blended(self, methods: Sequence[str], pool: Values1d, forecasts: int) -> Values1d:
        """A panel's own errors of the methods, and these, by how many forecasts the panel's are of."""
        known = np.array([self.errors.get(name, np.nan) for name in methods])
        known = np.where(np.isnan(known), np.nanmax(known) if self.errors else 1.0, known)
        own = forecasts / (forecasts + _ENOUGH)
        return np.asarray(own * pool + (1 - own) * known, np.float64)
