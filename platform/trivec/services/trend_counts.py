"""Counting for series: how many texts of each day have a topic, by facets of the store; days as periods of a panel.

The corpus is never read for it: every count is one facet over an indexed field.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from trivec.errors import BadInput
from trivec.learning.trends import Calendar, Measure, Panel
from trivec.learning.trends.panel import Values1d
from trivec.records import Filters
from trivec.services.query_language import parse
from trivec.services.trend_periods import THIN, Days, Frame
from trivec.services.trend_records import Topic, Unit
from trivec.store.filters import TextConditions

if TYPE_CHECKING:
    from trivec.services.question_vectors import QuestionVectors
    from trivec.store import Store
    from trivec.store.generation import Generation
    from trivec.text.analyser import Analyser

VECTORS: Final = ("fused", "bert", "glove", "word2vec")  # that a query is compared by, the first there is
_NEAR: Final = 0.75  # of the nearest passage's cosine: what comes as close is near a query
_FEWEST_NEAR, _MOST_NEAR = 10, 2_000


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


def by_period(days: Days, calendar: Calendar, periods: Sequence[str]) -> Values1d:
    """Counts of days as counts of periods, shape (periods,)."""
    places = {name: place for place, name in enumerate(periods)}
    found = np.zeros(len(periods))
    for day, count in days.items():
        if (place := places.get(calendar.name(day))) is not None:
            found[place] += count
    return found


def panel(topics: Sequence[tuple[Topic, Days]], totals: Days, frame: Frame, measure: Measure) -> Panel:
    """Topics of one unit side by side."""
    every = by_period(totals, frame.calendar, frame.periods)
    fewest = THIN if measure == "share" else 1
    counts = [by_period(days, frame.calendar, frame.periods) for _, days in topics]
    return Panel(
        tuple(str(topic) for topic, _ in topics),
        frame.periods,
        np.array(counts).reshape(len(topics), len(frame.periods)),
        every,
        (every >= fewest) & ~np.array(frame.partial),
        measure,
        frame.calendar.season,
    )
