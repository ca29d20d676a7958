"""What is known of the documents on a map, as columns, and what the cells have in common by it.

Small fields of every document come in, read from the store in one pass; nothing here is a model.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from textwrap import shorten
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trivec.days import as_date
from trivec.learning.som import SomModel
from trivec.records import Floats1d, Ints1d
from trivec.services.map_course import Course, course
from trivec.services.map_records import CellFacts

FIELDS = ("document_id", "title", "day", "labels", "source", "cell", "anomaly.p_value", "mark", "passages")
PLANES = 6  # component planes
ANOMALOUS = 0.05
_TITLE = 80  # characters


@dataclass(frozen=True)
class MapTable:
    """Placed documents as columns; row i of everything is document i.

    Attributes:
        ids: of the documents.
        titles: shortened.
        points: on the projection, shape (documents, 2).
        cells: shape (documents,).
        days: as 20240131, 0 where there is no date, shape (documents,).
        level: of the label path that is shown.
        labels: names, the commonest first.
        label: position in `labels`, -1 for none, shape (documents,).
        sources: names, the commonest first.
        source: position in `sources`, shape (documents,).
        p_values: of the documents, see `oddest`; NaN where not scored, shape (documents,).
    """

    ids: tuple[str, ...]
    titles: tuple[str, ...]
    points: NDArray[np.float32]
    cells: Ints1d
    days: Ints1d
    level: int
    labels: tuple[str, ...]
    label: Ints1d
    sources: tuple[str, ...]
    source: Ints1d
    p_values: Floats1d

    @classmethod
    def read(
        cls, documents: Iterable[Mapping[str, Any]], model: str, *, odd: Iterable[Mapping[str, Any]] = ()
    ) -> "MapTable":
        """The documents that have a place on this map.

        Args:
            documents: `FIELDS` of each, as its first passage holds them.
            model: reference of the map.
            odd: the same fields of those later passages whose p-value is below `ANOMALOUS`; others decide nothing.
        """
        later = defaultdict[str, list[Mapping[str, Any]]](list)
        for each in odd:
            later[each["document_id"]].append(each)
        rows = [each for each in documents if (each.get("cell") or {}).get("model") == model]
        rows = [each for each in rows if each["cell"]["number"] >= 0]
        paths = [each.get("labels") or [] for each in rows]
        level = _level(paths)
        labels, label = _coded([path[min(level, len(path) - 1)] if path else None for path in paths])
        sources, source = _coded([each.get("source") or "" for each in rows])
        return cls(
            ids=tuple(each["document_id"] for each in rows),
            titles=tuple(_short(each.get("title") or each["document_id"]) for each in rows),
            points=np.array([(each["cell"]["x"], each["cell"]["y"]) for each in rows], np.float32).reshape(-1, 2),
            cells=np.array([each["cell"]["number"] for each in rows], np.int64),
            days=np.array([each.get("day") or 0 for each in rows], np.int64),
            level=level,
            labels=labels,
            label=label,
            sources=sources,
            source=source,
            p_values=np.array([_p_value([each, *later[each["document_id"]]]) for each in rows], np.float32),
        )

    def cells_of(self, model: SomModel) -> tuple[tuple[date, ...], tuple[CellFacts, ...]]:
        """The periods of the documents, and what lies in each cell of the map."""
        count = model.grid.cells
        order = np.argsort(self.cells, kind="stable")
        of = np.split(order, np.searchsorted(self.cells[order], np.arange(1, count)))
        time = course(self.days, self.cells, count=count)
        return time.periods, tuple(self._facts(number, rows, model, time) for number, rows in enumerate(of))

    def _facts(self, number: int, rows: Ints1d, model: SomModel, time: Course) -> CellFacts:
        label, label_share = self._commonest(self.label[rows], self.labels)
        source, source_share = self._commonest(self.source[rows], self.sources)
        return CellFacts(
            number=number,
            row=number // model.grid.columns,
            column=number % model.grid.columns,
            x=float(model.grid.positions[number, 0]),
            y=float(model.grid.positions[number, 1]),
            ridge=float(model.u_matrix[number]),
            words=model.notes[number].words,
            nearest=model.notes[number].nearest if len(rows) else "",
            count=len(rows),
            label=label,
            label_share=label_share,
            source=source,
            source_share=source_share,
            date=self._median_day(rows),
            anomalies=self._anomalies(rows),
            age=_known(time.ages[number]),
            trend=_known(time.trends[number]),
            trend_rate=_known(time.rates[number]),
            shares=tuple(time.shares[number].tolist()),
            planes=tuple(model.planes(PLANES)[:, number].tolist()),
        )

    def _commonest(self, codes: Ints1d, names: Sequence[str]) -> tuple[str, float]:
        known = codes[codes >= 0]
        if not len(known):
            return "", 0.0
        found, counts = np.unique(known, return_counts=True)
        return names[int(found[counts.argmax()])], float(counts.max() / len(codes))

    def _median_day(self, rows: Ints1d) -> date | None:
        days = np.sort(self.days[rows][self.days[rows] > 0])
        return as_date(int(days[len(days) // 2])) if len(days) else None

    def _anomalies(self, rows: Ints1d) -> float | None:
        scored = self.p_values[rows][~np.isnan(self.p_values[rows])]
        return float((scored < ANOMALOUS).mean()) if len(scored) else None


def oddest(p_values: Sequence[float], passages: int) -> float | None:
    """The p-value of a document: of its oddest passage, times how many it has, as one of many is easily odd.

    Args:
        p_values: of its scored passages.
        passages: of the document.
    """
    return min(1.0, min(p_values) * passages) if p_values else None


def _short(title: str) -> str:
    return title if len(title) <= _TITLE else shorten(title, _TITLE, placeholder=" …")


def _level(paths: Sequence[Sequence[str]]) -> int:
    """The highest level that tells documents apart."""
    for level in range(max(map(len, paths), default=0)):
        if len({path[min(level, len(path) - 1)] for path in paths if path}) > 1:
            return level
    return 0


def _coded(values: Sequence[str | None]) -> tuple[tuple[str, ...], Ints1d]:
    counts = Counter(value for value in values if value is not None)
    names = tuple(name for name, _ in counts.most_common())
    position = {name: number for number, name in enumerate(names)}
    return names, np.array([-1 if value is None else position[value] for value in values], np.int64)


def _p_value(passages: Sequence[Mapping[str, Any]]) -> float:
    """Of a document, of which these passages are known; one that somebody called fine is not odd."""
    scored = [(each, p) for each in passages if (p := (each.get("anomaly") or {}).get("p_value")) is not None]
    found = oddest([1.0 if each.get("mark") == "fine" else p for each, p in scored], passages[0]["passages"])
    return np.nan if found is None else found


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
