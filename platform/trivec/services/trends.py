"""Trends of a corpus: series of any topic with forecasts and how good they were, terms that come and go, drift.

Series are counted anew for every question, by facets; terms, drift of words and experience come from the last report.
"""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final

import numpy as np

from trivec.errors import BadInput
from trivec.learning import trends
from trivec.learning.trends import Calendar, Panel
from trivec.learning.trends.changes import changes
from trivec.learning.trends.forecasting import Backtest, Forecasts
from trivec.learning.trends.statistical import FEWEST as FEWEST_FITTED
from trivec.services import trend_counts
from trivec.services.trend_records import (
    Interval,
    PastForecast,
    Tested,
    Topic,
    TopicForecast,
    Trend,
    TrendRequest,
    Trends,
    Unit,
)

if TYPE_CHECKING:
    from trivec.services.trend_counts import Days, TopicCounter
    from trivec.services.trend_reports import TrendReports
    from trivec.store import Store
    from trivec.store.generation import Generation

HORIZONS: Final = {"day": 7, "week": 8, "month": 12, "year": 5}
MOST_TOPICS: Final = 20  # of one question
BASELINES: Final = ("naive", "mean")
_SHOWN_METHODS: Final = 4


def _today() -> date:
    return datetime.now(UTC).date()


class TrendsService:
    """Answers questions about series.

    Args:
        store: of the corpora.
        counter: of topics.
        reports: what was learned about forecasting in each corpus.
        today: which day it is: the period it lies in is still running.
    """

    def __init__(
        self,
        store: "Store",
        counter: "TopicCounter",
        reports: "TrendReports",
        *,
        today: Callable[[], date] = _today,
    ) -> None:
        self._store = store
        self._counter = counter
        self._reports = reports
        self._today = today

    def trends(self, request: TrendRequest) -> Trends:
        """Series of topics, where they are going, how good such forecasts were, and when they changed.

        Raises:
            NotFound: no such corpus.
            BadInput: no topic or too many, no dates, or a frequency too fine.
            MissingExtra: statsmodels or ruptures is not installed.
        """
        started = time.perf_counter()
        if not 1 <= len(request.topics) <= MOST_TOPICS:
            raise BadInput(f"{len(request.topics)} topics cannot be drawn: name 1 to {MOST_TOPICS}")
        generation = self._store.current(request.corpus)
        every = self._counter.totals(generation, "documents")
        begin, end = trend_counts.span(every, request.first, request.last)
        calendar = trend_counts.calendar(every, request.frequency, begin, end)
        periods = calendar.between(begin, end)
        partial = trend_counts.partial(every, calendar, periods, today=self._today())
        found: dict[Topic, Trend] = {}
        reference = ""
        for unit in dict.fromkeys(topic.unit for topic in request.topics):
            topics = [topic for topic in dict.fromkeys(request.topics) if topic.unit == unit]
            totals = self._counter.totals(generation, unit)
            panel = self._panel(generation, topics, totals, calendar, periods, partial, request)
            reference, experience = self._reports.experience(request.corpus, calendar, unit, request.measure)
            drawn = _Drawn(panel, calendar, unit, partial, experience)
            found |= {topic: drawn.trend(topic, row, request.horizon) for row, topic in enumerate(topics)}
        took = (time.perf_counter() - started) * 1000
        return Trends(
            calendar.frequency,
            request.measure,
            calendar.business_days,
            tuple(found[topic] for topic in request.topics),
            reference,
            took,
        )

    def _panel(
        self,
        generation: "Generation",
        topics: Sequence[Topic],
        totals: "Days",
        calendar: Calendar,
        periods: tuple[str, ...],
        partial: Sequence[bool],
        request: TrendRequest,
    ) -> Panel:
        counted = [(topic, self._counter.days(generation, topic)) for topic in topics]
        return trend_counts.panel(counted, totals, calendar, periods, partial, request.measure)


class _Drawn:
    """A panel with its forecasts: made once for all of its topics, then told topic by topic."""

    def __init__(
        self,
        panel: Panel,
        calendar: Calendar,
        unit: Unit,
        partial: Sequence[bool],
        experience: "trends.Experience | None",
    ) -> None:
        self._panel = panel
        self._calendar = calendar
        self._unit = unit
        self._partial = partial
        self._experience = experience
        # Periods at the end that are known in part only are forecast themselves.
        known = np.flatnonzero(panel.observed)
        self._known = panel.until(int(known[-1]) + 1 if len(known) else 0)

    def trend(self, topic: Topic, row: int, horizon: int | None) -> Trend:
        values = self._panel.values[row]
        forecast, tested, refusal = self._forecast(row, horizon)
        return Trend(
            topic=topic,
            unit=self._unit,
            periods=self._panel.periods,
            counts=tuple(map(int, self._panel.counts[row])),
            totals=tuple(map(int, self._panel.totals)),
            values=tuple(None if np.isnan(value) else float(value) for value in values),
            partial=tuple(self._partial),
            forecast=forecast,
            tested=tested,
            refusal=refusal,
            changes=changes(self._known, row) if self._known.known else (),
        )

    def _forecast(self, row: int, horizon: int | None) -> tuple[TopicForecast | None, Tested | None, str]:
        panel = self._known.only([row])
        if not panel.counts.any():
            return None, None, "no text has this topic"
        ahead = horizon or max(1, min(HORIZONS[self._calendar.frequency], panel.known // 3))
        try:
            made = trends.forecast(panel, ahead, experience=self._experience)
        except BadInput as refused:
            return None, None, str(refused)
        periods = self._calendar.after(panel.periods[-1], ahead)
        return _told(made, periods, simple=panel.known < FEWEST_FITTED), self._tested(panel, ahead), ""

    def _tested(self, panel: Panel, horizon: int) -> Tested | None:
        try:
            found = trends.backtest(panel, horizon, baselines=BASELINES)
        except BadInput:  # too short to hold anything back
            return None
        return _test_told(panel, found)


def _told(made: Forecasts, periods: tuple[str, ...], *, simple: bool) -> TopicForecast:
    weights = made.weights[:, 0]
    top = [int(row) for row in weights.argsort()[::-1][:_SHOWN_METHODS]]
    return TopicForecast(
        periods,
        _numbers(made.middle),
        Interval(_numbers(made.lower[0.80]), _numbers(made.upper[0.80])),
        Interval(_numbers(made.lower[0.95]), _numbers(made.upper[0.95])),
        {made.methods[row]: float(weights[row]) for row in top},
        simple,
    )


def _test_told(panel: Panel, found: Backtest) -> Tested | None:
    covered = found.covered[trends.OURS][0.80]
    points = int((~np.isnan(covered)).sum())
    if not points:
        return None
    scaled = {name: found.mase(name) for name in found.errors}
    return Tested(
        len(found.origins),
        {name: None if np.isnan(value) else value for name, value in scaled.items()},
        found.coverage(trends.OURS, 0.80),
        found.coverage(trends.OURS, 0.95),
        points,
        tuple(_past(panel, origin, made) for origin, made in zip(found.origins, found.forecasts, strict=True)),
    )


def _past(panel: Panel, origin: int, made: Forecasts) -> PastForecast:
    horizon = made.middle.shape[1]
    actual = panel.values[0, origin : origin + horizon]
    return PastForecast(
        panel.periods[origin - 1],
        panel.periods[origin : origin + horizon],
        _numbers(made.middle),
        Interval(_numbers(made.lower[0.80]), _numbers(made.upper[0.80])),
        tuple(None if np.isnan(value) else float(value) for value in actual),
    )


def _numbers(row: "trends.Values2d") -> tuple[float, ...]:
    return tuple(float(value) for value in row[0])
