"""Series of topics side by side: how many of each period's texts each topic has, and which periods are known at all."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, Self

import numpy as np
from numpy.typing import NDArray

from trivec.errors import BadInput

Measure = Literal["share", "count"]
Values2d = NDArray[np.float64]  # (series, periods); not a number where a period is missing
Values1d = NDArray[np.float64]  # (periods,) or (series,)
Mask1d = NDArray[np.bool_]  # (periods,)

_RECENT: Final = 8  # periods that say how many texts the next ones will have


@dataclass(frozen=True)
class Panel:
    """Series over the same periods.

    Attributes:
        names: of the series.
        periods: their names, in order, none left out.
        counts: texts of each topic, shape (series, periods).
        totals: texts of each period of whatever topic, shape (periods,).
        observed: which periods are known whole, shape (periods,); the others are missing, which is not zero: nothing
            is learned from them and no forecast is held against them.
        measure: whether the values are shares of the totals or the counts themselves.
        season: periods after which the calendar repeats itself, 1 for none.
    """

    names: tuple[str, ...]
    periods: tuple[str, ...]
    counts: Values2d
    totals: Values1d
    observed: Mask1d
    measure: Measure = "share"
    season: int = 1

    def __post_init__(self) -> None:
        shape = (len(self.names), len(self.periods))
        if self.counts.shape != shape or self.totals.shape != shape[1:] or self.observed.shape != shape[1:]:
            raise BadInput(
                f"series of shape {self.counts.shape}, totals {self.totals.shape} and known periods "
                f"{self.observed.shape} do not belong to {shape[0]} names and {shape[1]} periods"
            )
        if (self.counts < 0).any() or (self.observed & (self.totals <= 0) & (self.measure == "share")).any():
            raise BadInput("a count below zero, or a share of a period without any text: mark the period as missing")

    @property
    def exposure(self) -> Values1d:
        """What a count is divided by, shape (periods,); not a number where a period is missing."""
        return np.where(self.observed, self.totals if self.measure == "share" else 1.0, np.nan)

    @property
    def values(self) -> Values2d:
        """What is forecast, shape (series, periods); not a number where a period is missing."""
        return np.asarray(self.counts / self.exposure, np.float64)

    @property
    def known(self) -> int:
        """How many periods are known."""
        return int(self.observed.sum())

    @property
    def typical(self) -> float:
        """Texts of a period to come, as in the last known ones; 1 where counts are forecast."""
        recent = self.exposure[self.observed][-_RECENT:]
        return float(np.median(recent)) if len(recent) else 1.0

    def until(self, origin: int) -> Self:
        """What was known after so many periods."""
        return replace(
            self,
            periods=self.periods[:origin],
            counts=self.counts[:, :origin],
            totals=self.totals[:origin],
            observed=self.observed[:origin],
        )

    def only(self, rows: Sequence[int]) -> Self:
        """Some of the series."""
        return replace(self, names=tuple(self.names[row] for row in rows), counts=self.counts[list(rows)])
