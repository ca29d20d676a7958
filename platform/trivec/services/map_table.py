"""What is known of the documents on a map, as columns, and what the cells have in common by it.

Small fields of every document come in, read from the store in one pass; nothing here is a model.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from textwrap import shorten
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trivec.learning.som import SomModel
from trivec.records import Floats1d, Ints1d
from trivec.services.map_records import CellFacts

FIELDS = ("document_id", "title", "day", "labels", "source", "cell", "anomaly.p_value")
PERIODS = 12  # of the shares
PLANES = 6  # component planes
ANOMALOUS = 0.05
_COLOURS = 24  # labels that a map can be coloured by
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
        p_values: NaN where not scored, shape (documents,).
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
    def read(cls, documents: Iterable[Mapping[str, Any]], model: str) -> "MapTable":
        """The documents that have a place on this map.

        Args:
            documents: `FIELDS` of each.
            model: reference of the map.
        """
        rows = [each for each in documents if (each.get("cell") or {}).get("model") == model]
        rows = [each for each in rows if each["cell"]["number"] >= 0]
        paths = [each.get("labels") or [] for each in rows]
        level = _level(paths)
        labels, label = _coded([path[min(level, len(path) - 1)] if path else None for path in paths])
        sources, source = _coded([each.get("source") or "" for each in rows])
        return cls(
            ids=tuple(each["document_id"] for each in rows),
            titles=tuple(shorten(each.get("title") or each["document_id"], _TITLE, placeholder=" …") for each in rows),
            points=np.array([(each["cell"]["x"], each["cell"]["y"]) for each in rows], np.float32).reshape(-1, 2),
            cells=np.array([each["cell"]["number"] for each in rows], np.int64),
            days=np.array([each.get("day") or 0 for each in rows], np.int64),
            level=level,
            labels=labels,
            label=label,
            sources=sources,
            source=source,
            p_values=np.array([_p_value(each) for each in rows], np.float32),
        )

    def periods(self) -> tuple[date, ...]:
        """First day of each of the equal spans that the dated documents cover; none where fewer than two days do."""
        known = np.unique(self.days[self.days > 0])
        if len(known) < 2:
            return ()
        first, last = _date(int(known[0])), _date(int(known[-1]))
        return tuple(first + timedelta(days=step * ((last - first).days + 1) / PERIODS) for step in range(PERIODS))

    def cells_of(self, model: SomModel) -> tuple[CellFacts, ...]:
        """What lies in each cell of the map."""
        of = [np.flatnonzero(self.cells == number) for number in range(model.grid.cells)]
        ranks, spans, planes = self._ranks(), self._spans(), model.planes(PLANES).T
        per_span = np.bincount(spans[spans >= 0], minlength=PERIODS)
        return tuple(
            CellFacts(
                number=number,
                row=number // model.grid.columns,
                column=number % model.grid.columns,
                x=float(model.grid.positions[number, 0]),
                y=float(model.grid.positions[number, 1]),
                ridge=float(model.u_matrix[number]),
                words=model.notes[number].words,
                nearest=model.notes[number].nearest if len(rows) else "",
                count=len(rows),
                label=self._commonest(self.label[rows], self.labels)[0],
                label_share=self._commonest(self.label[rows], self.labels)[1],
                source=self._commonest(self.source[rows], self.sources)[0],
                date=self._median_day(rows),
                anomalies=self._anomalies(rows),
                trend=_mean(ranks[rows]),
                shares=_shares(spans[rows], per_span),
                planes=tuple(planes[number].tolist()),
            )
            for number, rows in enumerate(of)
        )

    def _ranks(self) -> NDArray[np.float64]:
        """Place of each document among all in order of time, -1 to 1; NaN without a date. Equal days share one."""
        ranks = np.full(len(self.days), np.nan)
        dated = self.days > 0
        days = np.sort(self.days[dated])
        below, above = np.searchsorted(days, self.days[dated]), np.searchsorted(days, self.days[dated], side="right")
        ranks[dated] = (below + above) / max(1, len(days)) - 1
        return ranks

    def _spans(self) -> Ints1d:
        """Period of each document, -1 without a date."""
        starts = [first.year * 10_000 + first.month * 100 + first.day for first in self.periods()]
        found = np.searchsorted(starts, self.days, side="right") - 1
        return np.where((self.days > 0) & (len(starts) > 0), found, -1).astype(np.int64)

    def _commonest(self, codes: Ints1d, names: Sequence[str]) -> tuple[str, float]:
        known = codes[codes >= 0]
        if not len(known):
            return "", 0.0
        counts = np.bincount(known)
        return names[int(counts.argmax())], float(counts.max() / len(codes))

    def _median_day(self, rows: Ints1d) -> date | None:
        days = np.sort(self.days[rows][self.days[rows] > 0])
        return _date(int(days[len(days) // 2])) if len(days) else None

    def _anomalies(self, rows: Ints1d) -> float | None:
        scored = self.p_values[rows][~np.isnan(self.p_values[rows])]
        return float((scored < ANOMALOUS).mean()) if len(scored) else None


def _level(paths: Sequence[Sequence[str]]) -> int:
    """The highest level that tells documents apart, in colours that can be told apart."""
    for level in range(max(map(len, paths), default=0)):
        distinct = {path[min(level, len(path) - 1)] for path in paths if path}
        if len(distinct) > 1:
            return level if len(distinct) <= _COLOURS else max(0, level - 1)
    return 0


def _coded(values: Sequence[str | None]) -> tuple[tuple[str, ...], Ints1d]:
    counts = Counter(value for value in values if value is not None)
    names = tuple(name for name, _ in counts.most_common())
    position = {name: number for number, name in enumerate(names)}
    return names, np.array([-1 if value is None else position[value] for value in values], np.int64)


def _p_value(fields: Mapping[str, Any]) -> float:
    value = (fields.get("anomaly") or {}).get("p_value")
    return np.nan if value is None else float(value)


def _mean(ranks: NDArray[np.float64]) -> float:
    known = ranks[~np.isnan(ranks)]
    return float(known.mean()) if len(known) else 0.0


def _shares(spans: Ints1d, per_span: NDArray[np.int64]) -> tuple[float, ...]:
    if not per_span.any():
        return ()
    counts = np.bincount(spans[spans >= 0], minlength=len(per_span))
    return tuple((counts / np.maximum(1, per_span)).tolist())


def _date(day: int) -> date:
    return date(day // 10_000, day // 100 % 100, day % 100)
