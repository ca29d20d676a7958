"""Counting for series: how many texts of each day have a topic, by facets of the store, and how days make periods.

The corpus is never read for it: every count is one facet over an indexed field.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

import numpy as np

from trivec.errors import BadInput
from trivec.learning.trends import FREQUENCIES, Calendar, Frequency, Measure, Panel
from trivec.learning.trends.panel import Values1d
from trivec.records import Filters
from trivec.services.query_language import parse
from trivec.services.trend_records import Topic, Unit
from trivec.store.filters import TextConditions

if TYPE_CHECKING:
    from trivec.services.question_vectors import QuestionVectors
    from trivec.store import Store
    from trivec.store.generation import Generation
    from trivec.text.analyser import Analyser

MOST_PERIODS: Final = 4_000
THIN: Final = 5  # texts of a period: a share of fewer says nothing
VECTORS: Final = ("fused", "bert", "glove", "word2vec")  # that a query is compared by, the first there is
_FILLED: Final = 0.8  # share of periods with enough texts that makes a frequency natural
_FEWEST_PERIODS: Final = 12  # of a natural frequency
_WEEKEND: Final = 0.02  # share of texts below which weekends do not count
_NEAR: Final = 0.75  # of the nearest passage's cosine: what comes as close is near a query
_FEWEST_NEAR, _MOST_NEAR = 10, 2_000

Days = Mapping[date, int]


class TopicCounter:
    """Counts topics of a generation.

    Args:
        store: of the corpora.
        questions: makes vectors of queries.
        analyser: of queries.
    """

    def __init__(self, store: "Store", questions: "QuestionVectors", analyser: "Analyser") -> None:
        self._store = store
        self._questions = questions
        self._analyser = analyser

    def totals(self, generation: "Generation", unit: Unit) -> Days:
        """All texts with a date, by day."""
        return self._store.days(generation, passages=unit == "passages")

    def days(self, generation: "Generation", topic: Topic) -> Days:
        """Texts with a topic, by day.

        Raises:
            BadInput: a query without any word that has a vector.
        """
        if topic.kind == "query":
            return self._store.days(generation, ids=self.near(generation, topic.value))
        filters, text = conditions(topic)
        return self._store.days(generation, filters=filters, text=text, passages=topic.unit == "passages")

    def near(self, generation: "Generation", query: str) -> list[str]:
        """Passages three quarters as near to a query as the nearest one, 10 to 2,000 of them, best first."""
        name = next((each for each in VECTORS if generation.spec(each)), "")
        if not name:
            raise BadInput(f"corpus {generation.corpus!r} has no dense vector to compare queries by: count a term")
        [text] = self._analyser.analyse([parse(query).text])
        vectors, problems = self._questions.encode(generation, text, [name])
        if not vectors:
            raise BadInput(f"query {query!r} cannot be compared: {'; '.join(problems) or 'it has no known word'}")
        found = self._store.candidates(generation, vectors, limit=_MOST_NEAR)[name]
        close = [each.id for each in found if each.score >= _NEAR * found[0].score]
        return close if len(close) > _FEWEST_NEAR else [each.id for each in found[:_FEWEST_NEAR]]


def conditions(topic: Topic) -> tuple[Filters, TextConditions]:
    """What a text of the topic satisfies; of a query, nothing.

    Raises:
        BadInput: a cell that is no number, or a term without a word.
    """
    if topic.kind == "label":
        return Filters(labels=(topic.value,)), TextConditions()
    if topic.kind == "predicted":
        return Filters(predicted=(topic.value,)), TextConditions()
    if topic.kind == "cell":
        return Filters(cells=(_cell(topic.value),)), TextConditions()
    if topic.kind == "term":
        return Filters(), TextConditions(either=_alternatives(topic.value))
    return Filters(), TextConditions()


def _alternatives(value: str) -> tuple[str, ...]:
    """Ways to say a term: `railroad|railroads`."""
    found = tuple(part.strip() for part in value.split("|") if part.strip())
    if not found:
        raise BadInput(f"term {value!r} has no word")
    return found


def _cell(value: str) -> int:
    if not value.isdigit():
        raise BadInput(f"cell {value!r} is no number: cells of the map are numbered from 0")
    return int(value)


def span(days: Days, first: date | None, last: date | None) -> tuple[date, date]:
    """The first and the last day, within what was asked for.

    Raises:
        BadInput: there is none.
    """
    known = [day for day in days if (first is None or day >= first) and (last is None or day <= last)]
    if not known:
        within = f" between {first or 'the beginning'} and {last or 'today'}" if first or last else ""
        raise BadInput(f"no document{within} has a date, so that there are no series: ingest with a date column")
    return min(known), max(known)


def calendar(days: Days, frequency: Frequency | None, begin: date, end: date) -> Calendar:
    """How to cut time: as asked, or the finest frequency whose periods are nearly all filled.

    Raises:
        BadInput: more periods than can be drawn.
    """
    chosen = frequency or _natural(days, begin, end)
    found = Calendar(chosen, chosen == "day" and _rests(days))
    length = (end - begin).days / {"day": 1, "week": 7, "month": 30, "year": 365}[chosen]
    if length > MOST_PERIODS:
        raise BadInput(f"{length:,.0f} periods of a {chosen} are too many to look at: choose a coarser frequency")
    return found


def by_period(days: Days, calendar: Calendar, periods: Sequence[str]) -> Values1d:
    """Counts of days as counts of periods, shape (periods,)."""
    places = {name: place for place, name in enumerate(periods)}
    found = np.zeros(len(periods))
    for day, count in days.items():
        if (place := places.get(calendar.name(day))) is not None:
            found[place] += count
    return found


def partial(days: Days, calendar: Calendar, periods: Sequence[str], *, today: date) -> tuple[bool, ...]:
    """Which periods are known in part only: still running, or the first or last one and cut off.

    A first or last period is cut off where its texts begin later, or end earlier, than in nine of ten others.
    """
    found = [calendar.end(name) > today for name in periods]
    begins, ends = _offsets(days, calendar)
    inner = periods[1:-1]
    starts = [begins[name] for name in inner if name in begins]
    stops = [ends[name] for name in inner if name in ends]
    if calendar.frequency != "day" and len(starts) >= 3:
        found[0] |= begins.get(periods[0], 0) > float(np.quantile(starts, 0.9))
        found[-1] |= ends.get(periods[-1], 0) < float(np.quantile(stops, 0.1))
    return tuple(found)


def panel(
    topics: Sequence[tuple[Topic, Days]],
    totals: Days,
    calendar: Calendar,
    periods: tuple[str, ...],
    partial: Sequence[bool],
    measure: Measure,
) -> Panel:
    """Topics of one unit side by side."""
    every = by_period(totals, calendar, periods)
    fewest = THIN if measure == "share" else 1
    counts = np.array([by_period(days, calendar, periods) for _, days in topics]).reshape(len(topics), len(periods))
    return Panel(
        tuple(str(topic) for topic, _ in topics),
        periods,
        counts,
        every,
        (every >= fewest) & ~np.array(partial),
        measure,
        calendar.season,
    )


def _natural(days: Days, begin: date, end: date) -> Frequency:
    held = {day: count for day, count in days.items() if begin <= day <= end}
    for frequency in FREQUENCIES[:-1]:
        cut = Calendar(frequency, frequency == "day" and _rests(held))
        counts = Counter[str]()
        for day, count in held.items():
            counts[cut.name(day)] += count
        length = {"day": 1.0, "week": 7.0, "month": 30.4}[frequency]
        whole = ((end - begin).days + 1) / length * (5 / 7 if cut.business_days else 1)
        filled = sum(count >= THIN for name, count in counts.items() if name)
        if whole >= _FEWEST_PERIODS and filled >= _FILLED * whole:
            return frequency
    return "year"


def _rests(days: Days) -> bool:
    """Whether next to nothing is written on weekends."""
    weekend = sum(count for day, count in days.items() if day.weekday() >= 5)
    return weekend <= _WEEKEND * sum(days.values())


def _offsets(days: Days, calendar: Calendar) -> tuple[dict[str, int], dict[str, int]]:
    """Of each period, how many days after its begin its first and its last text come."""
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    for day in sorted(days):
        if name := calendar.name(day):
            offset = (day - calendar.begin(name)) // timedelta(days=1)
            first.setdefault(name, offset)
            last[name] = offset
    return first, last
