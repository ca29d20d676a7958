"""Trends as a kind of learning: a corpus read once, a report of its terms, words and forecasts kept as a version.

The newest report always serves. Its experience of forecasting is in it only if forecasts were, in a backtest on the
corpus's own topics, not worse than repeating the last value.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from trivec import jobs
from trivec.encoders.tables import WordTable
from trivec.encoders.word2vec import train
from trivec.errors import BadInput, NotFound
from trivec.learning.base import Progress, part
from trivec.learning.trends import word_drift
from trivec.learning.trends.word_drift import WordSpace
from trivec.records import Scalar
from trivec.services import spool, trend_lessons, trend_periods, trend_reading, trend_reports, trend_scan
from trivec.services.learning import Learner
from trivec.services.trend_lessons import Lesson
from trivec.services.trend_reading import Outlook
from trivec.services.trend_reports import Report, TermCounts
from trivec.services.trend_scan import Analyse

if TYPE_CHECKING:
    from trivec.registry import Registry
    from trivec.store import Store

_GROWN: Final = 1.01  # times as many passages in whole periods as the last report saw: worth another one
_READ, _FORECAST, _LEARNED = 0.3, 0.6, 0.95  # share of the work that is done by then
_DONE: Final = "report.json"


class TrendsLearner:
    """Makes the reports `CORPUS.trends`.

    Args:
        store: of the corpora.
        registry: of the reports.
        analyse: gives the words of texts.
        series: topics of each unit that forecasts are learned from and tested on.
        today: which day it is: the period it lies in is still running.
    """

    def __init__(
        self,
        store: "Store",
        registry: "Registry",
        analyse: Analyse,
        *,
        series: int = 40,
        today: Callable[[], date] = trend_periods.today,
    ) -> None:
        self._store = store
        self._registry = registry
        self._analyse = analyse
        self._series = series
        self._today = today

    @property
    def learner(self) -> Learner:
        """The kind `trends`."""
        return Learner(self.learn, models=("trends",), wants=self.wants, queue=jobs.INSIGHT, rest=timedelta(hours=20))

    def wants(self, corpus: str) -> bool:
        """Whether a report can be made, and enough is new in whole periods since the last one: other text is not in it.

        Raises:
            NotFound: no such corpus.
        """
        try:
            outlook = Outlook.of(self._store, self._store.current(corpus), self._today())
        except BadInput:  # no dates
            return False
        if outlook.known < trend_reading.FEWEST:
            return False
        try:
            known = self._registry.versions(trend_reports.name(corpus))[0].parameters
        except NotFound:
            return True
        frame = outlook.frame
        return (
            outlook.passages >= _GROWN * int(known["passages"])
            or frame.whole[-1] > str(known["last"])
            or frame.calendar.frequency != known["frequency"]
        )

    def learn(
        self, corpus: str, parameters: Mapping[str, Scalar], checkpoint: Path, progress: Progress
    ) -> dict[str, Any]:
        """Reads the corpus, counts its terms, learns its words by slices of time, and tests forecasts on its topics.

        Args:
            corpus: with dates.
            parameters: none so far.
            checkpoint: folder to resume from.
            progress: told what is being done; may raise `Cancelled`.

        Returns:
            `reference`, `verdict`, `promoted` and `metrics`.

        Raises:
            BadInput: a parameter, no dates, or too few periods.
        """
        if parameters:
            raise BadInput(f"trends has no parameter {next(iter(parameters))!r}: it takes none")
        done = spool.read_json(checkpoint / _DONE)
        if done is not None:
            return done
        result = self._report(corpus, checkpoint, progress)
        spool.write_json(checkpoint / _DONE, result)
        return result

    def _report(self, corpus: str, checkpoint: Path, progress: Progress) -> dict[str, Any]:
        """Three steps, each kept in the folder when it is done: reading, testing forecasts, learning words."""
        tokens = checkpoint / "tokens"
        reading = trend_reading.read(
            self._store,
            corpus,
            self._analyse,
            tokens,
            series=self._series,
            now=self._today(),
            progress=part(progress, 0, _READ),
        )
        lessons = trend_lessons.learned(reading, checkpoint, part(progress, _READ, _FORECAST))
        believe, verdict = trend_lessons.judged(lessons)
        words = _words(tokens, reading.tokens, reading.report.periods, checkpoint, part(progress, _FORECAST, _LEARNED))
        experience = {name: each for lesson in lessons for name, each in lesson.experience.items()} if believe else {}
        progress("keeping the report", _LEARNED)
        return self._kept(corpus, replace(reading.report, experience=experience, words=words), verdict, lessons)

    def _kept(self, corpus: str, report: Report, verdict: str, lessons: Sequence[Lesson]) -> dict[str, Any]:
        metrics = {"terms": float(len(report.terms.terms))}
        for lesson in lessons:
            metrics |= lesson.metrics
        with TemporaryDirectory(prefix="trivec-trends-") as folder:
            report.save(Path(folder))
            reference = self._registry.save(
                trend_reports.name(corpus),
                Path(folder),
                parameters={
                    "frequency": report.frequency,
                    "periods": len(report.periods),
                    "passages": int(report.terms.totals.sum()),
                    "last": report.periods[-1],
                    "left_out": report.left_out,
                },
                metrics=metrics,
                data_hash=_fingerprint(report.terms),
            )
        self._registry.promote(reference, reason=f"the newest report; {verdict}")
        return {"reference": reference, "promoted": True, "verdict": verdict, "metrics": metrics}


def _words(
    tokens: Path, counts: Mapping[str, int], periods: Sequence[str], checkpoint: Path, progress: Progress
) -> WordSpace | None:
    """Words by slices of time, by as many as share enough words; None where not even two do."""
    for most in range(word_drift.MOST_SLICES, 1, -1):
        slices = word_drift.cut([counts.get(name, 0) for name in periods], most=most)
        if len(slices) < 2:
            return None
        with suppress(BadInput):
            return _sliced(tokens, slices, periods, checkpoint, progress)
    return None


def _sliced(
    tokens: Path, slices: Sequence[slice], periods: Sequence[str], checkpoint: Path, progress: Progress
) -> WordSpace:
    """A slice that was learned before the work broke off is not learned again."""
    names, tables = [], []
    for number, each in enumerate(slices):
        held = periods[each]
        names.append(held[0] if len(held) == 1 else f"{held[0]} to {held[-1]}")
        progress(f"learning the words of {names[-1]}", number / len(slices))
        folder = checkpoint / f"words-{len(slices)}-{number}"
        if not (folder / "done").exists():
            train(trend_scan.read(tokens, held), training=word_drift.TRAINING).table.save(folder)
            (folder / "done").touch()
        tables.append(WordTable.load(folder))
    return word_drift.aligned(names, tables)


def _fingerprint(terms: TermCounts) -> str:
    """Of how many passages each day had."""
    totals = zip(terms.days, terms.totals.tolist(), strict=True)
    held = json.dumps({day.isoformat(): total for day, total in totals})
    return blake2b(held.encode(), digest_size=16).hexdigest()
