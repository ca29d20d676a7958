"""Trends as a kind of learning: a corpus read once, a report of its terms, words and forecasts kept as a version.

The newest report always serves. Its experience of forecasting is in it only if forecasts were, in a backtest on the
corpus's own topics, not worse than repeating the last value.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from trivec.encoders.tables import WordTable
from trivec.encoders.word2vec import train
from trivec.errors import BadInput, NotFound
from trivec.learning import trends
from trivec.learning.base import Progress, part
from trivec.learning.trends import Calendar, Experience, Measure, Panel, word_drift
from trivec.learning.trends.forecasting import Backtest
from trivec.learning.trends.word_drift import WordSpace
from trivec.records import Scalar
from trivec.services import gate, spool, trend_counts, trend_reports, trend_scan
from trivec.services.learning import Learner
from trivec.services.trend_counts import Days
from trivec.services.trend_records import Topic, Unit
from trivec.services.trend_reports import Report
from trivec.services.trend_scan import Analyse
from trivec.services.trends import HORIZONS

if TYPE_CHECKING:
    from trivec.registry import Registry
    from trivec.store import Store

_GROWN: Final = 1.01  # times as many dated passages as the last report saw: worth another one
_READ, _FORECAST, _LEARNED = 0.3, 0.6, 0.95  # share of the work that is done by then
_DONE: Final = "report.json"
MEASURES: tuple[Measure, ...] = ("share", "count")


class TrendsLearner:
    """Makes the reports `CORPUS.trends`.

    Args:
        store: of the corpora.
        registry: of the reports.
        analyse: gives the words of texts.
        series: topics of each unit that forecasts are learned from and tested on.
    """

    def __init__(self, store: "Store", registry: "Registry", analyse: Analyse, *, series: int = 40) -> None:
        self._store = store
        self._registry = registry
        self._analyse = analyse
        self._series = series

    @property
    def learner(self) -> Learner:
        """The kind `trends`."""
        return Learner(self.learn, models=("trends",), wants=self.wants)

    def wants(self, corpus: str) -> bool:
        """Whether enough dated text is new since the last report."""
        days = self._store.days(self._store.current(corpus), passages=True)
        passages = sum(days.values())
        try:
            newest = self._registry.versions(trend_reports.name(corpus))[0]
        except NotFound:
            return len(days) >= trends.FEWEST
        known = newest.parameters
        return passages >= _GROWN * int(known["passages"]) or max(days, default=date.min).isoformat() > known["last"]

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
        generation = self._store.current(corpus)
        documents = self._store.days(generation)
        begin, end = trend_counts.span(documents, None, None)
        calendar = trend_counts.calendar(documents, None, begin, end)
        everything = calendar.between(begin, end)
        cut_off = trend_counts.partial(documents, calendar, everything, today=datetime.now(UTC).date())
        periods = tuple(name for name, partial in zip(everything, cut_off, strict=True) if not partial)
        tokens = checkpoint / "tokens"
        found = trend_scan.scan(self._store, generation, self._analyse, calendar, tokens, part(progress, 0, _READ))
        terms = found.term_counts()
        panels = {
            "passages": _panel(
                _spread(found.terms, calendar, self._series), found.passages, calendar, everything, cut_off
            ),
            "documents": _panel(
                _spread(found.labels, calendar, self._series), documents, calendar, everything, cut_off
            ),
        }
        experience, tested = _experience(panels, calendar, part(progress, _READ, _FORECAST))
        believe, verdict = _judged(tested)
        words = _words(tokens, found.tokens, periods, checkpoint, part(progress, _FORECAST, _LEARNED))
        believed = experience if believe else {}
        report = Report(calendar.frequency, calendar.business_days, periods, believed, terms, words)
        progress("keeping the report", _LEARNED)
        return self._kept(corpus, report, verdict, _metrics(report, tested), found.passages)

    def _kept(
        self, corpus: str, report: Report, verdict: str, metrics: Mapping[str, float], passages: Days
    ) -> dict[str, Any]:
        with TemporaryDirectory(prefix="trivec-trends-") as folder:
            report.save(Path(folder))
            reference = self._registry.save(
                trend_reports.name(corpus),
                Path(folder),
                parameters={
                    "frequency": report.frequency,
                    "periods": len(report.periods),
                    "passages": sum(passages.values()),
                    "last": max(passages).isoformat(),
                },
                metrics=metrics,
                data_hash=_fingerprint(passages),
            )
        self._registry.promote(reference, reason=f"the newest report; {verdict}")
        return {"reference": reference, "promoted": True, "verdict": verdict, "metrics": dict(metrics)}


def _spread(counts: Mapping[str, Days], calendar: Calendar, series: int) -> dict[Topic, Days]:
    """Topics from frequent to rare that at least half of the periods have, evenly."""
    reach = {name: len({calendar.name(day) for day in days}) for name, days in counts.items()}
    widest = max(reach.values(), default=0)
    usable = sorted(
        (name for name in counts if 2 * reach[name] >= widest), key=lambda name: (-sum(counts[name].values()), name)
    )
    picked = sorted({round(place) for place in np.linspace(0, len(usable) - 1, series)}) if usable else []
    return {Topic("term", usable[place]): counts[usable[place]] for place in picked}


def _panel(
    topics: Mapping[Topic, Days], totals: Days, calendar: Calendar, periods: tuple[str, ...], partial: Sequence[bool]
) -> Panel:
    return trend_counts.panel(list(topics.items()), totals, calendar, periods, partial, "share")


def _experience(
    panels: Mapping[str, Panel], calendar: Calendar, progress: Progress
) -> tuple[dict[str, Experience], dict[Unit, Backtest]]:
    """What each panel teaches in each measure, and how good forecasts of its shares were."""
    learned: dict[str, Experience] = {}
    tested: dict[Unit, Backtest] = {}
    for number, unit in enumerate(("passages", "documents")):
        progress(f"testing forecasts by {unit}", number / 2)
        panel = panels[unit]
        if not panel.names or panel.known < 2 * trends.FEWEST:
            continue
        horizon = max(1, min(HORIZONS[calendar.frequency], panel.known // 3))
        for measure in MEASURES:
            learned[f"{unit}/{measure}"] = trends.learn(_measured(panel, measure), horizon)
        tested["passages" if unit == "passages" else "documents"] = trends.backtest(panel, horizon)
    if "passages" not in tested:
        raise BadInput(
            f"{panels['passages'].known} periods of a {calendar.frequency} hold enough text: a report needs "
            f"{2 * trends.FEWEST}; ingest documents with dates further apart"
        )
    return learned, tested


def _measured(panel: Panel, measure: Measure) -> Panel:
    return Panel(panel.names, panel.periods, panel.counts, panel.totals, panel.observed, measure, panel.season)


def _words(
    tokens: Path, counts: Mapping[str, int], periods: Sequence[str], checkpoint: Path, progress: Progress
) -> WordSpace | None:
    """Words by slices of time; a slice that was learned before the work broke off is not learned again."""
    slices = word_drift.cut([counts.get(name, 0) for name in periods])
    if len(slices) < 2:
        return None
    names, tables = [], []
    for number, each in enumerate(slices):
        held = periods[each]
        names.append(held[0] if len(held) == 1 else f"{held[0]} to {held[-1]}")
        progress(f"learning the words of {names[-1]}", number / len(slices))
        folder = checkpoint / f"words-{number}"
        if not (folder / "done").exists():
            train(trend_scan.read(tokens, held), training=word_drift.TRAINING).table.save(folder)
            (folder / "done").touch()
        tables.append(WordTable.load(folder))
    return word_drift.aligned(names, tables)


def _judged(tested: Mapping[Unit, Backtest]) -> tuple[bool, str]:
    """Whether to believe the experience: ours against the last value, by the mean error of each series that changed."""
    ours, naive = (
        np.concatenate([each.by_series(name) for each in tested.values()]) for name in (trends.OURS, "naive")
    )
    told = np.isfinite(ours) & np.isfinite(naive)
    if not told.any():
        return False, "no topic that was tested ever changed, so that nothing was learned about forecasts"
    verdict = gate.judge(
        -ours[told],
        None,
        metric="minus scaled error",
        baseline=-naive[told],
        baseline_name="repeating the last value",
    )
    return verdict.promote, verdict.reason


def _metrics(report: Report, tested: Mapping[Unit, Backtest]) -> dict[str, float]:
    figures = {"terms": float(len(report.terms.terms))}
    for unit, each in tested.items():
        figures |= {f"mase_{unit}_{variant}": each.mase(variant) for variant in each.errors}
        figures |= {f"coverage_80_{unit}": each.coverage(trends.OURS, 0.80)}
    return {name: value for name, value in figures.items() if np.isfinite(value)}


def _fingerprint(days: Days) -> str:
    held = json.dumps({day.isoformat(): days[day] for day in sorted(days)})
    return blake2b(held.encode(), digest_size=16).hexdigest()
