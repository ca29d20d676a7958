"""Trends: where topics are going, how sure that is, and when they changed.

    counts per period ─ every method at every origin ─ errors before the origin ─ weights ─ forecast
                                                                          └ residuals ─ intervals (conformal)

Periods that are missing or running are not zero: nothing is learned from them. Needs statsmodels, ruptures.
"""

from trivec.learning.trends.experience import Experience
from trivec.learning.trends.forecasting import FEWEST, OURS, Backtest, Forecasts, backtest, forecast, learn
from trivec.learning.trends.panel import Measure, Panel, Values2d
from trivec.learning.trends.periods import FREQUENCIES, Calendar, Frequency, partial

__all__ = [
    "FEWEST",
    "FREQUENCIES",
    "OURS",
    "Backtest",
    "Calendar",
    "Experience",
    "Forecasts",
    "Frequency",
    "Measure",
    "Panel",
    "Values2d",
    "backtest",
    "forecast",
    "learn",
    "partial",
]
