"""How meanings move: a topic's centroid from period to period and where it would be next; a word's neighbours by slice.

A topic's own passages are read with one vector, never the whole corpus; words come from the last report.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from trivec.errors import BadInput
from trivec.learning.trends import Calendar, Frequency
from trivec.learning.trends.drift import topic_drift
from trivec.learning.trends.word_drift import Neighbour, WordMove
from trivec.records import Floats1d, StoredPassage
from trivec.services import trend_counts, trend_periods
from trivec.services.trend_counts import TopicCounter
from trivec.services.trend_records import NearText, Topic, TopicMovement
from trivec.services.trend_reports import TrendReports
from trivec.services.trend_scan import Analyse
from trivec.text.topical import is_topical

if TYPE_CHECKING:
    from trivec.store import Store
    from trivec.store.generation import Generation
    from trivec.store.reads import StoredPoint

MOST_READ: Final = 20_000  # passages of a topic; ids are random, so the first ones are a fair sample
_PAGE: Final = 512
_AROUND: Final = 80  # passages around a place, whose words say what lies there
_TERMS: Final = 12
_SHOWN_PERIODS: Final = 16  # finer movement is mostly noise


@dataclass(frozen=True)
class WordMovement:
    """How a word's company changed.

    Attributes:
        word: the word.
        slices: names, in order of time.
        distances: cosine distance of its place in each slice to the first, 0 to 2.
        neighbours: of each slice, nearest first.
        score: movement from first to last slice, in standard deviations above words as frequent.
        reference: of the report.
    """

    word: str
    slices: tuple[str, ...]
    distances: tuple[float, ...]
    neighbours: tuple[tuple[Neighbour, ...], ...]
    score: float
    reference: str


class DriftService:
    """Answers questions about movement.

    Args:
        store: of the corpora.
        counter: finds the passages of queries.
        reports: words in slices of time.
        analyse: gives the words of texts.
    """

    def __init__(self, store: "Store", counter: TopicCounter, reports: TrendReports, analyse: Analyse) -> None:
        self._store = store
        self._counter = counter
        self._reports = reports
        self._analyse = analyse

    def topic(
        self, corpus: str, topic: Topic, *, using: str = "", frequency: Frequency | None = None, near: int = 5
    ) -> TopicMovement:
        """How a topic's centroid moved, and what lies where it would be next.

        Args:
            corpus: where.
            topic: whose passages are read.
            using: a dense vector; "" for the best there is.
            frequency: of the periods; None for what suits the corpus, a few years together where it is long.
            near: how many passages to show.

        Raises:
            NotFound: no such corpus.
            BadInput: no such vector, no dates, or too few periods with the topic.
        """
        generation = self._store.current(corpus)
        name = _vector(generation, using)
        days = self._store.days(generation)
        frame = trend_periods.frame(days, now=trend_periods.today(), frequency=frequency)
        groups = _grouped(frame.periods)
        labels = tuple(dict.fromkeys(groups.values()))
        drift = topic_drift(labels, *self._sums(generation, topic, name, frame.calendar, groups, labels))
        there = self._around(generation, name, drift.forecast)
        new, old = self._terms(there, self._around(generation, name, drift.begun))
        return TopicMovement(
            topic,
            name,
            drift.periods,
            drift.passages,
            tuple(max(0.0, step - noise) for step, noise in zip(drift.steps, drift.noise, strict=True)),
            drift.travelled,
            drift.moving,
            drift.error,
            drift.error_of_staying,
            tuple(_near(passage, score) for passage, score in there[:near]),
            new,
            old,
            frame.left_out,
        )

    def word(self, corpus: str, word: str, *, neighbours: int = 8) -> WordMovement:
        """How a word's neighbours changed from slice to slice.

        Raises:
            NotFound: the corpus has no report yet, or the word is not in every slice.
            BadInput: too little dated text for two slices.
        """
        reference, space = self._reports.words(corpus)
        found = space.neighbours(word, count=neighbours)
        score = next(each.score for each in space.moves() if each.word == word.lower())
        return WordMovement(word.lower(), space.slices, space.distances(word), found, score, reference)

    def words(self, corpus: str, *, most: int = 20, among: int = 3_000) -> tuple[WordMove, ...]:
        """The words that moved furthest for their frequency, among the most frequent ones.

        Raises:
            NotFound: the corpus has no report yet.
            BadInput: too little dated text for two slices.
        """
        _, space = self._reports.words(corpus)
        frequent = set(space.words[:among])
        return tuple(each for each in space.moves() if each.word in frequent)[:most]

    def _sums(
        self,
        generation: "Generation",
        topic: Topic,
        name: str,
        calendar: Calendar,
        groups: dict[str, str],
        labels: Sequence[str],
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Sums of unit vectors of a topic's passages by group of periods, and how many they are."""
        spec = generation.spec(name)
        sums = np.zeros((len(labels), spec.dimension if spec else 0))
        passages = np.zeros(len(labels), np.int64)
        place = {label: number for number, label in enumerate(labels)}
        for point in self._points(generation, topic, name):
            vector, day = point.dense(name), point.passage.date
            group = groups.get(calendar.name(day.date())) if day else None
            if vector is not None and group is not None:
                sums[place[group]] += vector
                passages[place[group]] += 1
        return sums, passages

    def _points(self, generation: "Generation", topic: Topic, name: str) -> "Iterator[StoredPoint]":
        if topic.kind == "query":
            ids = self._counter.near(generation, topic.value)
            yield from self._store.passages(generation, ids, with_vectors=[name]).values()
            return
        filters, text = trend_counts.conditions(topic)
        read = 0
        for page in self._store.pages(generation, filters=filters, text=text, with_vectors=[name], size=_PAGE):
            yield from page.points
            read += len(page.points)
            if read >= MOST_READ:
                return

    def _around(
        self, generation: "Generation", name: str, place: NDArray[np.float64]
    ) -> list[tuple[StoredPassage, float]]:
        """Passages nearest to a place, best first."""
        vector: Floats1d = place.astype(np.float32)
        found = self._store.candidates(generation, {name: vector}, limit=_AROUND)[name]
        points = self._store.passages(generation, [each.id for each in found])
        return [(points[each.id].passage, each.score) for each in found if each.id in points]

    def _terms(
        self, there: Sequence[tuple[StoredPassage, float]], first: Sequence[tuple[StoredPassage, float]]
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Words said more in one place than in the other, by class-based TF-IDF."""
        one, other = self._said(there), self._said(first)
        return _telling(one, other), _telling(other, one)

    def _said(self, passages: Sequence[tuple[StoredPassage, float]]) -> Counter[str]:
        texts = self._analyse([passage.passage.text for passage, _ in passages])
        return Counter(word for text in texts for word in set(text.tokens) if is_topical(word))


def _telling(here: Counter[str], there: Counter[str]) -> tuple[str, ...]:
    """By how much more often passages here say it, in logarithms, times how often they do."""
    scores = {word: count * np.log((count + 1) / (there[word] + 1)) for word, count in here.items() if count > 1}
    best = sorted((word for word in scores if scores[word] > 0), key=lambda word: (-scores[word], word))
    return tuple(best[:_TERMS])


def _vector(generation: "Generation", using: str) -> str:
    dense = [spec.name for spec in generation.specs if spec.kind == "dense"]
    found = using or next((name for name in trend_counts.VECTORS if name in dense), "")
    if found not in dense:
        raise BadInput(f"corpus {generation.corpus!r} has no dense vector {found!r}: choose from {', '.join(dense)}")
    return found


def _grouped(periods: Sequence[str]) -> dict[str, str]:
    """Period -> group; neighbouring periods lie together where there are many."""
    size = -(-len(periods) // _SHOWN_PERIODS)
    groups: dict[str, str] = {}
    for begin in range(0, len(periods), size):
        held = periods[begin : begin + size]
        label = held[0] if len(held) == 1 else f"{held[0]} to {held[-1]}"
        groups |= dict.fromkeys(held, label)
    return groups


def _near(passage: StoredPassage, score: float) -> NearText:
    day = passage.date.astimezone(UTC).date() if passage.date else None
    return NearText(passage.document_id, passage.title, passage.passage.text, day, score)
