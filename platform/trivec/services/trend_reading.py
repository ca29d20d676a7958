"""What one pass over a corpus found for its report, kept in the job's folder: a job that breaks off reads only once."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np

from trivec.errors import BadInput
from trivec.learning import trends
from trivec.learning.base import Progress
from trivec.learning.trends import Calendar, Panel
from trivec.services import spool, trend_counts, trend_periods, trend_scan
from trivec.services.trend_periods import Days, Frame
from trivec.services.trend_records import Topic, Unit
from trivec.services.trend_reports import Report
from trivec.services.trend_scan import Analyse

if TYPE_CHECKING:
    from trivec.store import Store
    from trivec.store.generation import Generation

FEWEST: Final = 2 * trends.FEWEST  # periods with enough text: half of them are forecast from the other half
UNITS: Final[tuple[Unit, ...]] = ("passages", "documents")
_FACTS, _REPORT = "reading.json", "report"


@dataclass(frozen=True)
class Outlook:
    """What a report would be made of, as the store counts it.

    Attributes:
        frame: its periods.
        documents: of each day.
        passages: in whole periods.
        known: whole periods with enough passages.
    """

    frame: Frame
    documents: Days
    passages: int
    known: int

    @classmethod
    def of(cls, store: "Store", generation: "Generation", now: date) -> Self:
        """Of a corpus today.

        Raises:
            BadInput: no document has a date.
        """
        documents, passages = store.days(generation), store.days(generation, passages=True)
        frame = trend_periods.frame(documents, now=now)
        whole = int(trend_counts.by_period(passages, frame.calendar, frame.whole).sum())
        return cls(frame, documents, whole, trend_counts.panel([], passages, frame, "share").known)


@dataclass(frozen=True)
class Reading:
    """What one pass found.

    Attributes:
        report: its terms; words and experience are still to be learned.
        panels: of each unit, shares of the topics that forecasts are learned from and tested on.
        tokens: period -> how many lie in its file.
    """

    report: Report
    panels: Mapping[Unit, Panel]
    tokens: Mapping[str, int]

    def save(self, folder: Path) -> None:
        """Write everything; it is there only once it is whole."""
        shutil.rmtree(folder / _REPORT, ignore_errors=True)
        self.report.save(folder / _REPORT)
        panels = {unit: _plain(panel) for unit, panel in self.panels.items()}
        spool.write_json(folder / _FACTS, {"panels": panels, "tokens": dict(self.tokens)})

    @classmethod
    def load(cls, folder: Path) -> Self | None:
        """Read what `save` wrote, if it did."""
        facts = spool.read_json(folder / _FACTS)
        if facts is None:
            return None
        panels = {unit: _panel(facts["panels"][unit]) for unit in UNITS}
        return cls(Report.load(folder / _REPORT), panels, facts["tokens"])


def read(
    store: "Store", corpus: str, analyse: Analyse, folder: Path, *, series: int, now: date, progress: Progress
) -> Reading:
    """Reads a corpus once, or takes what an earlier run of the same job read; tokens lie in `folder`, by period.

    Raises:
        BadInput: no dates, or too few periods with enough text for a report.
        Cancelled: by `progress`.
    """
    kept = Reading.load(folder)
    if kept is not None:
        return kept
    generation = store.current(corpus)
    outlook = Outlook.of(store, generation, now)
    frame, calendar = outlook.frame, outlook.frame.calendar
    if outlook.known < FEWEST:
        raise BadInput(
            f"{outlook.known} periods of a {calendar.frequency} hold enough text: a report needs {FEWEST}; "
            "ingest documents with dates further apart"
        )
    found = trend_scan.scan(store, generation, analyse, frame, folder, progress)
    panels: dict[Unit, Panel] = {
        "passages": trend_counts.panel(_spread(found.terms, calendar, series), found.passages, frame, "share"),
        "documents": trend_counts.panel(_spread(found.labels, calendar, series), outlook.documents, frame, "share"),
    }
    report = Report(
        calendar.frequency, calendar.business_days, frame.whole, frame.left_out, {}, found.term_counts(), None
    )
    reading = Reading(report, panels, found.tokens)
    reading.save(folder)
    return reading


def _spread(counts: Mapping[str, Days], calendar: Calendar, series: int) -> list[tuple[Topic, Days]]:
    """Topics from frequent to rare that at least half of the periods have, evenly."""
    reach = {name: len({calendar.name(day) for day in days}) for name, days in counts.items()}
    widest = max(reach.values(), default=0)
    usable = sorted(
        (name for name in counts if 2 * reach[name] >= widest), key=lambda name: (-sum(counts[name].values()), name)
    )
    picked = sorted({round(place) for place in np.linspace(0, len(usable) - 1, series)}) if usable else []
    return [(Topic("term", usable[place]), counts[usable[place]]) for place in picked]


def _plain(panel: Panel) -> dict[str, Any]:
    return {
        "names": panel.names,
        "periods": panel.periods,
        "counts": panel.counts.tolist(),
        "totals": panel.totals.tolist(),
        "observed": panel.observed.tolist(),
        "season": panel.season,
    }


def _panel(fields: Mapping[str, Any]) -> Panel:
    names, periods = tuple(fields["names"]), tuple(fields["periods"])
    return Panel(
        names,
        periods,
        np.array(fields["counts"]).reshape(len(names), len(periods)),
        np.array(fields["totals"]),
        np.array(fields["observed"], bool),
        "share",
        fields["season"],
    )
