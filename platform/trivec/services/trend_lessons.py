"""What forecasts of a corpus's own topics teach, and how good they were: panels in, experience and tests out."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final, Self

import numpy as np

from trivec.learning import trends
from trivec.learning.base import Progress
from trivec.learning.trends import Experiences, Measure, Panel
from trivec.learning.trends.forecasting import Backtest
from trivec.services import gate, spool
from trivec.services.trend_reading import FEWEST, UNITS, Reading
from trivec.services.trend_records import Unit
from trivec.services.trends import HORIZONS

MEASURES: Final[tuple[Measure, ...]] = ("share", "count")


@dataclass(frozen=True)
class Lesson:
    """Of the topics of one unit.

    Attributes:
        experience: `unit/measure` -> what backtests taught.
        ours: mean scaled error of forecasts of each series that changed.
        naive: the same of repeating the last value.
        metrics: of the backtest, for the record of the report.
    """

    experience: Mapping[str, Experiences]
    ours: tuple[float, ...]
    naive: tuple[float, ...]
    metrics: Mapping[str, float]

    @classmethod
    def parse(cls, fields: Mapping[str, Any]) -> Self:
        """From JSON."""
        experience = {name: Experiences.parse(each) for name, each in fields["experience"].items()}
        return cls(experience, tuple(fields["ours"]), tuple(fields["naive"]), fields["metrics"])

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        experience = {name: each.to_json() for name, each in self.experience.items()}
        return {**asdict(replace(self, experience={})), "experience": experience}


def learned(reading: Reading, folder: Path, progress: Progress) -> list[Lesson]:
    """What each unit's topics teach; a unit that an earlier run of the same job is done with is not tested again.

    Args:
        reading: with a panel for each unit.
        folder: to keep each lesson in.
        progress: told what is being done; may raise `Cancelled`.
    """
    found = []
    for number, unit in enumerate(UNITS):
        progress(f"testing forecasts by {unit}", number / len(UNITS))
        panel, path = reading.panels[unit], folder / f"lesson-{unit}.json"
        if not panel.names or panel.known < FEWEST:
            continue
        kept = spool.read_json(path)
        if kept is None:
            kept = _lesson(panel, unit, HORIZONS[reading.report.frequency]).to_json()
            spool.write_json(path, kept)
        found.append(Lesson.parse(kept))
    return found


def judged(lessons: Sequence[Lesson]) -> tuple[bool, str]:
    """Whether to believe the experience: ours against the last value, by the mean error of each series that changed."""
    ours = np.array([error for each in lessons for error in each.ours])
    naive = np.array([error for each in lessons for error in each.naive])
    if not len(ours):
        return False, "no topic that was tested ever changed, so that nothing was learned about forecasts"
    verdict = gate.judge(
        -ours, None, metric="minus scaled error", baseline=-naive, baseline_name="repeating the last value"
    )
    return verdict.promote, verdict.reason


def _lesson(panel: Panel, unit: Unit, furthest: int) -> Lesson:
    horizon = max(1, min(furthest, panel.known // 3))
    experience = {f"{unit}/{each}": trends.learn(replace(panel, measure=each), horizon) for each in MEASURES}
    tested = trends.backtest(panel, horizon)
    ours, naive = tested.by_series(trends.OURS), tested.by_series("naive")
    told = np.isfinite(ours) & np.isfinite(naive)
    return Lesson(experience, tuple(ours[told].tolist()), tuple(naive[told].tolist()), _metrics(tested, unit))


def _metrics(tested: Backtest, unit: Unit) -> dict[str, float]:
    figures = {f"mase_{unit}_{variant}": tested.mase(variant) for variant in tested.errors}
    figures[f"coverage_80_{unit}"] = tested.coverage(trends.OURS, 0.80)
    return {name: value for name, value in figures.items() if np.isfinite(value)}
