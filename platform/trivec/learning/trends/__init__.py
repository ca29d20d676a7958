"""Trends: where topics are going, how sure that is, and when they changed.

    counts per period ─ every method at every origin ─ errors before the origin ─ weights ─ forecast
                                                                          └ residuals ─ intervals (conformal)

Periods that are missing or running are not zero: nothing is learned from them. Needs statsmodels, ruptures.
"""

from trivec.learning.trends.experience import NO_EXPERIENCE, Experiences
from trivec.learning.trends.forecasting import FEWEST, OURS, Backtest, Forecasts, backtest, baselines, forecast, learn
from trivec.learning.trends.panel import Measure, Panel, Values2d
from trivec.learning.trends.periods import FREQUENCIES, Calendar, Frequency

__all__ = [
    "FEWEST",
    "FREQUENCIES",
    "NO_EXPERIENCE",
    "OURS",
    "Backtest",
    "Calendar",
    "Experiences",
    "Forecasts",
    "Frequency",
    "Measure",
    "Panel",
    "Values2d",
    "backtest",
    "baselines",
    "forecast",
    "learn",
]
