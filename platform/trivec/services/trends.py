"""Trends of a corpus: series of any topic with forecasts and how good they were, terms that come and go, drift.

Series are counted anew for every question, by facets; terms, drift of words and experience come from the last report.
"""

import time
from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Final

import numpy as np

from trivec.errors import BadInput
from trivec.learning import trends
from trivec.learning.trends import Experiences, Panel
from trivec.learning.trends.changes import changes
from trivec.learning.trends.forecasting import Backtest, Forecasts
from trivec.learning.trends.statistical import FEWEST as FEWEST_FITTED
from trivec.services import trend_counts, trend_periods
from trivec.services.trend_periods import THIN, Frame
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
    from trivec.services.trend_counts import TopicCounter
    from trivec.services.trend_periods import Days
    from trivec.services.trend_reports import TrendReports
    from trivec.store import Store
    from trivec.store.generation import Generation

HORIZONS: Final = {"day": 7, "week": 8, "month": 12, "year": 5}
MOST_TOPICS: Final = 20  # of one question
_SHOWN_METHODS: Final = 4


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
        today: Callable[[], date] = trend_periods.today,
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
        frame = trend_periods.frame(
            every, now=self._today(), frequency=request.frequency, first=request.first, last=request.last
        )
        found: dict[Topic, Trend] = {}
        reference = ""
        for unit in dict.fromkeys(topic.unit for topic in request.topics):
            topics = [topic for topic in dict.fromkeys(request.topics) if topic.unit == unit]
            totals = self._counter.totals(generation, unit)
            panel = self._panel(generation, topics, totals, frame, request)
            report, experience = self._reports.experience(request.corpus, frame.calendar, unit, request.measure)
            reference = reference or report
            drawn = _Drawn(panel, frame, unit, experience)
            found |= {topic: drawn.trend(topic, row, request.horizon) for row, topic in enumerate(topics)}
        took = (time.perf_counter() - started) * 1000
        return Trends(
            frame.calendar.frequency,
            request.measure,
            frame.calendar.business_days,
            tuple(found[topic] for topic in request.topics),
            reference,
            frame.left_out,
            took,
        )

    def _panel(
        self,
        generation: "Generation",
        topics: Sequence[Topic],
        totals: "Days",
        frame: Frame,
        request: TrendRequest,
    ) -> Panel:
        counted = [(topic, self._counter.days(generation, topic)) for topic in topics]
        return trend_counts.panel(counted, totals, frame, request.measure)


class _Drawn:
    """A panel with its forecasts: made once for all of its topics, then told topic by topic."""

    def __init__(self, panel: Panel, frame: Frame, unit: Unit, experience: Experiences) -> None:
        self._panel = panel
        self._frame = frame
        self._unit = unit
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
            partial=self._frame.partial,
            forecast=forecast,
            tested=tested,
            refusal=refusal,
            changes=changes(self._known, row) if self._known.known else (),
        )

    def _forecast(self, row: int, horizon: int | None) -> tuple[TopicForecast | None, Tested | None, str]:
        if refusal := self._refusal(row):
            return None, None, refusal
        panel, frequency = self._known.only([row]), self._frame.calendar.frequency
        ahead = horizon or max(1, min(HORIZONS[frequency], panel.known // 3))
        try:
            made = trends.forecast(panel, ahead, experience=self._experience)
        except BadInput as refused:
            return None, None, str(refused)
        periods = self._frame.calendar.after(panel.periods[-1], ahead)
        return _told(made, periods, simple=panel.known < FEWEST_FITTED), self._tested(panel, ahead), ""

    def _refusal(self, row: int) -> str:
        """Why nothing can be said of a topic at all, or ""."""
        counts, known = self._panel.counts[row], self._panel.observed
        if not counts.any():
            return "no text has this topic"
        whole = int(known.sum())
        thin = int(((self._panel.totals < THIN) & ~np.array(self._frame.partial)).sum())
        if self._panel.measure == "share" and whole < trends.FEWEST <= whole + thin:
            return (
                f"{thin} of {len(known)} periods have fewer than {THIN} texts, too few for a share, and {whole} are "
                f"left of the {trends.FEWEST} that a forecast needs: choose a coarser frequency, or counts"
            )
        if whole and not counts[known].any():
            return "the texts with this topic lie in periods that are not over, cut off, or have too few texts"
        return ""

    def _tested(self, panel: Panel, horizon: int) -> Tested | None:
        try:
            beside = trends.baselines(panel, horizon)
            found = trends.backtest(panel, horizon, baselines=beside, experience=self._experience)
        except BadInput:  # too short to hold anything back
            return None
        helped = sum(self._experience.after(panel.periods[origin - 1]) is not None for origin in found.origins)
        return _test_told(panel, found, helped)


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


def _test_told(panel: Panel, found: Backtest, helped: int) -> Tested | None:
    covered = found.covered[trends.OURS][0.80]
    points = int((~np.isnan(covered)).sum())
    if not points:
        return None
    scaled = {name: found.mase(name) for name in found.errors}
    return Tested(
        len(found.origins),
        helped,
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
