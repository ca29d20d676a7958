"""The last report of each corpus: counts of its terms, words in slices of time, and experience of forecasting.

A report is a folder of JSON and safetensors in the registry, `CORPUS.trends`; one of each corpus is kept open.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from trivec.errors import BadInput, NotFound
from trivec.learning.trends import NO_EXPERIENCE, Calendar, Experiences, Frequency, Measure
from trivec.learning.trends.terms import TermTrends, term_trends
from trivec.learning.trends.word_drift import WordSpace
from trivec.services.trend_periods import THIN
from trivec.services.trend_records import Unit

if TYPE_CHECKING:
    from trivec.registry import Registry

_FACTS, _COUNTS, _WORDS = "report.json", "terms.safetensors", "words"


@dataclass(frozen=True)
class TermCounts:
    """How many passages of each day say each term, as compressed sparse rows.

    Attributes:
        terms: one word, or two side by side.
        days: with any passage, rising.
        totals: passages of each day, shape (days,).
        starts: row i is entries starts[i]:starts[i + 1], shape (terms + 1,).
        places: day of each entry, shape (entries,).
        counts: of each entry, shape (entries,).
    """

    terms: tuple[str, ...]
    days: tuple[date, ...]
    totals: NDArray[np.int64]
    starts: NDArray[np.int64]
    places: NDArray[np.int32]
    counts: NDArray[np.int32]

    def by_period(
        self, calendar: Calendar, periods: tuple[str, ...]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Counts and totals, shapes (terms, periods) and (periods,)."""
        columns = {name: column for column, name in enumerate(periods)}
        owner = np.array([columns.get(calendar.name(day), -1) for day in self.days])
        totals = np.zeros(len(periods))
        np.add.at(totals, owner[owner >= 0], self.totals[owner >= 0])
        rows = np.repeat(np.arange(len(self.terms)), np.diff(self.starts))
        kept = owner[self.places] >= 0
        found = np.zeros((len(self.terms), len(periods)))
        np.add.at(found, (rows[kept], owner[self.places[kept]]), self.counts[kept])
        return found, totals


@dataclass(frozen=True)
class Report:
    """What was learned about a corpus's trends.

    Attributes:
        frequency: natural for the corpus.
        business_days: whether weekends are left out.
        periods: known whole, in order.
        left_out: documents that are in no period, since their dates lie far from all others.
        experience: `unit/measure` -> what backtests of its topics taught.
        terms: counts of them.
        words: in slices of time; None where there is too little text for two slices.
    """

    frequency: Frequency
    business_days: bool
    periods: tuple[str, ...]
    left_out: int
    experience: Mapping[str, Experiences]
    terms: TermCounts
    words: WordSpace | None

    @property
    def calendar(self) -> Calendar:
        """How its periods are cut."""
        return Calendar(self.frequency, self.business_days)

    def term_trends(self, *, recent: int | None = None, rate: float = 0.05, most: int = 50) -> TermTrends:
        """Emerging and fading terms of the last periods.

        Args:
            recent: how many periods are recent; None for an eighth of them.
            rate: accepted share of chance among what is found.
            most: terms of each kind.

        Raises:
            BadInput: too few periods.
        """
        counts, totals = self.terms.by_period(self.calendar, self.periods)
        enough = totals >= THIN
        names = [name for name, has in zip(self.periods, enough, strict=True) if has]
        several = recent or max(2, len(names) // 8)
        return term_trends(
            self.terms.terms, counts[:, enough], totals[enough], names, recent=several, rate=rate, most=most
        )

    def save(self, folder: Path) -> None:
        """Write everything; no pickles."""
        from safetensors.numpy import save_file

        folder.mkdir(parents=True, exist_ok=True)
        held = self.terms
        arrays = {"totals": held.totals, "starts": held.starts, "places": held.places, "counts": held.counts}
        save_file({name: np.ascontiguousarray(each) for name, each in arrays.items()}, folder / _COUNTS)
        facts = {
            "frequency": self.frequency,
            "business_days": self.business_days,
            "periods": self.periods,
            "left_out": self.left_out,
            "experiences": {name: each.to_json() for name, each in self.experience.items()},
            "terms": held.terms,
            "days": [day.isoformat() for day in held.days],
        }
        (folder / _FACTS).write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")
        if self.words is not None:
            self.words.save(folder / _WORDS)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote."""
        from safetensors.numpy import load_file

        facts = json.loads((folder / _FACTS).read_text(encoding="utf-8"))
        days = tuple(date.fromisoformat(day) for day in facts["days"])
        arrays = load_file(folder / _COUNTS)
        return cls(
            facts["frequency"],
            facts["business_days"],
            tuple(facts["periods"]),
            facts.get("left_out", 0),  # reports of earlier versions do not say
            {name: Experiences.parse(each) for name, each in facts.get("experiences", {}).items()},
            TermCounts(tuple(facts["terms"]), days, **arrays),
            WordSpace.load(folder / _WORDS) if (folder / _WORDS).exists() else None,
        )


class TrendReports:
    """The reports that serve. Threads may share one.

    Args:
        registry: of the models.
    """

    def __init__(self, registry: "Registry") -> None:
        self._registry = registry
        self._open: dict[str, tuple[str, Report]] = {}
        self._opening = Lock()

    def current(self, corpus: str) -> tuple[str, Report]:
        """The report of a corpus and its reference.

        Raises:
            NotFound: the corpus has none yet.
        """
        reference = self._registry.champion(name(corpus))
        if reference is None:
            raise NotFound(
                f"corpus {corpus!r} has no report of its trends yet: `trivec train trends --corpus {corpus}`"
            )
        with self._opening:
            if self._open.get(corpus, ("",))[0] != reference:
                self._open[corpus] = (reference, Report.load(self._registry.path(reference)))
            return self._open[corpus]

    def words(self, corpus: str) -> tuple[str, WordSpace]:
        """Words in slices of time, and the reference of the report.

        Raises:
            NotFound: the corpus has no report yet.
            BadInput: there was too little text for two slices, or they share too few words.
        """
        reference, report = self.current(corpus)
        if report.words is None:
            raise BadInput(f"corpus {corpus!r} has too little dated text to compare words between slices of time")
        return reference, report.words

    def experience(self, corpus: str, calendar: Calendar, unit: Unit, measure: Measure) -> tuple[str, Experiences]:
        """What backtests of the corpus's topics taught about series like these, and the report; "" where nothing."""
        try:
            reference, report = self.current(corpus)
        except NotFound:
            return "", NO_EXPERIENCE
        found = report.experience.get(f"{unit}/{measure}") if report.calendar == calendar else None
        return (reference, found) if found else ("", NO_EXPERIENCE)


def name(corpus: str) -> str:
    """Of a corpus's reports in the registry.

    >>> name("news")
    'news.trends'
    """
    return f"{corpus}.trends"
