"""Experience: what backtests of many series taught, for questions about a single one. Plain numbers.

It is kept as of several periods, so that a forecast of the past is helped only by what could be known then.
"""

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


@dataclass(frozen=True)
class Experiences:
    """What was known when.

    Attributes:
        learned: name of the last period known -> what it and those before it taught.
    """

    learned: Mapping[str, Experience]

    def after(self, period: str) -> Experience | None:
        """The newest that knows nothing of what came after a period; None where nothing was known."""
        return self.learned[max(known)] if (known := [each for each in self.learned if each <= period]) else None

    @classmethod
    def parse(cls, fields: Mapping[str, Any]) -> Self:
        """From JSON."""
        return cls({period: Experience.parse(each) for period, each in fields.items()})

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {period: each.to_json() for period, each in self.learned.items()}


NO_EXPERIENCE: Final = Experiences({})
