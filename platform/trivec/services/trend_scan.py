"""One pass over a corpus for its report: terms and labels counted by day, tokens laid aside by period."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from trivec.learning.base import Progress
from trivec.learning.trends import Calendar
from trivec.records import StoredPassage
from trivec.services.trend_periods import Frame
from trivec.services.trend_reports import TermCounts
from trivec.text.topical import is_topical

if TYPE_CHECKING:
    from trivec.records import AnalysedText
    from trivec.store import Store
    from trivec.store.generation import Generation

Analyse = Callable[[Sequence[str]], "Sequence[AnalysedText]"]

FEWEST: Final = 5  # passages that say a term
MOST_TERMS: Final = 50_000  # the most frequent ones
_PRUNED_AT: Final = 3_000_000  # pairs of words in memory


@dataclass
class Scan:
    """What a pass has counted so far.

    Attributes:
        passages: of each day.
        terms: term -> day -> passages that say it.
        labels: label -> day -> documents.
        tokens: period -> how many tokens lie in its file.
    """

    passages: Counter[date] = field(default_factory=Counter)
    terms: dict[str, Counter[date]] = field(default_factory=lambda: defaultdict(Counter))
    labels: dict[str, Counter[date]] = field(default_factory=lambda: defaultdict(Counter))
    tokens: Counter[str] = field(default_factory=Counter)

    def term_counts(self) -> TermCounts:
        """The terms that enough passages say, most frequent first."""
        whole = {term: total for term, days in self.terms.items() if (total := days.total()) >= FEWEST}
        names = sorted(whole, key=lambda term: (-whole[term], term))[:MOST_TERMS]
        days = tuple(sorted(self.passages))
        column = {day: place for place, day in enumerate(days)}
        entries = [sorted((column[day], count) for day, count in self.terms[name].items()) for name in names]
        flat = np.array([entry for row in entries for entry in row], np.int32).reshape(-1, 2)
        return TermCounts(
            terms=tuple(names),
            days=days,
            totals=np.array([self.passages[day] for day in days], np.int64),
            starts=np.cumsum([0, *map(len, entries)]).astype(np.int64),
            places=flat[:, 0].copy(),
            counts=flat[:, 1].copy(),
        )


def scan(
    store: "Store",
    generation: "Generation",
    analyse: Analyse,
    frame: Frame,
    folder: Path,
    progress: Progress,
) -> Scan:
    """Reads every passage of a whole period once; tokens go to `folder`, one file for each period.

    Raises:
        Cancelled: by `progress`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob("*.txt"):
        left.unlink()
    found, total, done = Scan(), store.count(generation), 0
    periods = frozenset(frame.whole)
    for page in store.pages(generation):
        progress(f"reading {done} of {total} passages", done / max(1, total))
        held = [(point.passage, _period(point.passage, frame.calendar)) for point in page.points]
        kept = [(passage, period) for passage, period in held if period in periods]
        texts = analyse([passage.passage.text for passage, _ in kept])  # a title would count once for every passage
        _take(found, kept, texts, folder)
        done += len(page.points)
    return found


def read(folder: Path, periods: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """The tokens of each passage of some periods."""
    for name in periods:
        path = folder / f"{name}.txt"
        if path.exists():
            with path.open(encoding="utf-8") as lines:
                yield from (tuple(line.split()) for line in lines)


def _period(passage: StoredPassage, calendar: Calendar) -> str:
    return calendar.name(passage.date.date()) if passage.date else ""


def _take(
    found: Scan, passages: Sequence[tuple[StoredPassage, str]], texts: "Sequence[AnalysedText]", folder: Path
) -> None:
    lines: dict[str, list[str]] = defaultdict(list)
    for (passage, period), text in zip(passages, texts, strict=True):
        day = passage.date.date() if passage.date else date.min
        found.passages[day] += 1
        for term in _terms(text.tokens):
            found.terms[term][day] += 1
        if passage.passage.number == 0:
            for label in set(passage.labels):
                found.labels[label][day] += 1
        found.tokens[period] += len(text.tokens)
        lines[period].append(" ".join(text.tokens))
    for period, held in lines.items():
        with (folder / f"{period}.txt").open("a", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in held)
    if len(found.terms) > _PRUNED_AT:
        found.terms = defaultdict(Counter, {term: days for term, days in found.terms.items() if days.total() > 1})


def _terms(tokens: Sequence[str]) -> set[str]:
    """Words, and pairs of them side by side."""
    pairs = {f"{one} {other}" for one, other in pairwise(tokens) if not (one.isdigit() or other.isdigit())}
    return {*filter(is_topical, tokens), *pairs}
