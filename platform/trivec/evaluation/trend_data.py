"""Reading dated, labelled documents as series of topics: `documents.jsonl` and `dataset.json` in, one panel out."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np

from trivec.errors import BadInput
from trivec.evaluation.datasets import check_folder, find_lines, read_lines
from trivec.learning.trends import Calendar, Frequency, Measure, Panel

_FREQUENCIES: Final[Mapping[str, Frequency]] = {"D": "day", "W": "week", "M": "month", "Y": "year"}
_DESCRIPTION: Final = "dataset.json"
_LABEL: Final = "label="
_UNKNOWN: Final = ("missing_periods", "thin_periods")


@dataclass(frozen=True)
class TrendData:
    """Series to forecast.

    Attributes:
        name: of the folder.
        panel: topics by period; periods that the description calls missing or thin are missing.
        horizon: periods to forecast.
        documents: how many were counted.
    """

    name: str
    panel: Panel
    horizon: int
    documents: int


def read_trends(folder: Path) -> TrendData:
    """Read `dataset.json` and `documents.jsonl[.gz]` of {"date", "labels"}; see `data/README.md` for their meaning.

    Raises:
        BadInput: a missing file, or something in it that cannot be used.
    """
    check_folder(folder)
    about = _description(folder)
    try:
        calendar = Calendar(_FREQUENCIES[about["frequency"]], "business" in about.get("calendar", ""))
        begin, end = (date.fromisoformat(about[key]) for key in ("series_start", "series_end"))
        topics = tuple(topic["label"] for topic in about["topics"])
        horizon, counted = int(about["horizon"]), str(about.get("counted_documents", "all"))
    except (KeyError, ValueError, TypeError) as unusable:
        raise BadInput(f"{folder / _DESCRIPTION} cannot be used, {type(unusable).__name__}: {unusable}") from unusable
    periods = calendar.between(begin, end)
    counts, totals = np.zeros((len(topics), len(periods))), np.zeros(len(periods))
    columns = {name: place for place, name in enumerate(periods)}
    rows = {name: place for place, name in enumerate(topics)}
    for line, where in read_lines(find_lines(folder, "documents")):
        day, labels = _dated(line, where)
        column = columns.get(calendar.name(day)) if begin <= day <= end else None
        if column is None or not _is_counted(labels, counted):
            continue
        totals[column] += 1
        for label in labels & rows.keys():
            counts[rows[label], column] += 1
    missing = {_period(str(each), calendar) for key in _UNKNOWN for each in about.get(key, ())}
    observed = np.array([name not in missing for name in periods]) & (totals > 0)
    measure: Measure = "share" if "share" in str(about.get("value", "share")) else "count"
    panel = Panel(topics, periods, counts, totals, observed, measure, calendar.season)
    return TrendData(folder.name, panel, horizon, int(totals.sum()))


def _description(folder: Path) -> dict[str, Any]:
    path = folder / _DESCRIPTION
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
    except OSError as missing:
        raise BadInput(f"{folder} has no {_DESCRIPTION}, which says what its series are") from missing
    except ValueError as broken:
        raise BadInput(f"{path} is not JSON: {broken}") from broken
    if not isinstance(held, dict):
        raise BadInput(f"{path} is not a JSON object but {str(held)[:60]!r}")
    return held


def _period(name: str, calendar: Calendar) -> str:
    """A period by any of its usual names, as the calendar calls it: a week may be `1987-W09` or a day of it."""
    try:
        return calendar.name(date.fromisoformat(name))
    except ValueError:
        return name


def _dated(line: Mapping[str, object], where: str) -> tuple[date, set[str]]:
    labels = line.get("labels")
    try:
        day = date.fromisoformat(str(line["date"])[:10])
    except (KeyError, ValueError) as unusable:
        raise BadInput(f"{where} has no date like 1987-03-24 but {line.get('date')!r}") from unusable
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise BadInput(f"{where} has no list of labels but {labels!r}")
    return day, set(labels)


def _is_counted(labels: set[str], which: str) -> bool:
    """`all`, `labelled` or `label=X`."""
    if which.startswith(_LABEL):
        return which.removeprefix(_LABEL) in labels
    if which not in ("all", "labelled"):
        raise BadInput(f"counted_documents {which!r} is not known: it is all, labelled or {_LABEL}X")
    return which == "all" or bool(labels)
