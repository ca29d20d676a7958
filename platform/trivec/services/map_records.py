"""What the map answers: cells, points, documents and places."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray

from trivec.learning.som import Quality
from trivec.records import Floats1d, Ints1d


@dataclass(frozen=True)
class CellFacts:
    """What lies in a cell.

    Attributes:
        number: of the cell.
        row: of the sheet, from the bottom.
        column: of it.
        x: of its centre, in cell widths.
        y: of its centre.
        ridge: its mean distance from its neighbours; high between groups of like documents.
        words: the most telling first.
        nearest: the document nearest to its centre, "" where it is empty.
        count: documents in it.
        label: the commonest label of its documents, at the level the map is coloured by; "" where they have none.
        label_share: share of its documents with that label.
        source: the commonest source.
        source_share: share of its documents from there.
        date: the median date of its documents, None where they have none.
        anomalies: share of its scored documents whose oddest passage is anomalous (p times passages < .05); None where
            none is scored.
        age: -1 where its documents are the oldest of the corpus, 1 where they are the newest; None: no dates.
        trend: log2 of its share of all documents in the last quarter of the periods over that before: 1 where it
            doubled; None where it has no dates.
        trend_rate: lowest false discovery rate at which it rises or falls, 0 to 1; None where it has no dates.
        shares: its share of the documents of each period.
        planes: where it lies along the first principal components.
    """

    number: int
    row: int
    column: int
    x: float
    y: float
    ridge: float
    words: tuple[str, ...]
    nearest: str
    count: int
    label: str
    label_share: float
    source: str
    source_share: float
    date: date | None
    anomalies: float | None
    age: float | None
    trend: float | None
    trend_rate: float | None
    shares: tuple[float, ...]
    planes: tuple[float, ...]


@dataclass(frozen=True)
class MapView:
    """A corpus's map.

    Attributes:
        model: reference of the map.
        vector: the named vector it is made of.
        made_at: when.
        rows: of the sheet.
        columns: of it.
        quality: of the map, on the documents it was made from.
        torn: whether no map of these documents is in order.
        projection: `umap` or `pca`.
        documents: in the corpus.
        placed: of them on the map.
        level: of the label path that the map is coloured by, 0 for the root.
        periods: first day of each period of `shares`.
        cells: by number.
    """

    model: str
    vector: str
    made_at: datetime
    rows: int
    columns: int
    quality: Quality
    torn: bool
    projection: str
    documents: int
    placed: int
    level: int
    periods: tuple[date, ...]
    cells: tuple[CellFacts, ...]


@dataclass(frozen=True)
class Points:
    """Documents on the projection; row i of everything is document i.

    Attributes:
        model: reference of the map.
        total: documents that are placed; there are fewer here when they were too many.
        ids: of the documents.
        titles: short.
        x: shape (documents,).
        y: shape (documents,).
        cells: shape (documents,).
        days: as 20240131, 0 where there is no date, shape (documents,).
        labels: names of the labels that the map is coloured by.
        label: of each document, as a position in `labels`; -1 for none.
        sources: names.
        source: of each document, as a position in `sources`.
        p_values: of the anomaly test, of the oddest passage times the passages; NaN where not scored, shape
            (documents,).
    """

    model: str
    total: int
    ids: Sequence[str]
    titles: Sequence[str]
    x: Floats1d
    y: Floats1d
    cells: Ints1d
    days: Ints1d
    labels: Sequence[str]
    label: Ints1d
    sources: Sequence[str]
    source: Ints1d
    p_values: NDArray[np.float32]


@dataclass(frozen=True)
class PlacedDocument:
    """A document of some cells.

    Attributes:
        document_id: the document.
        title: may be empty.
        text: its first passage.
        date: timezone-aware, or None.
        labels: root first.
        source: where it came from.
        cell: where it lies.
        distance: from the cell's centre.
        p_value: of the anomaly test, of its oddest passage times its passages; None where it was not scored.
    """

    document_id: str
    title: str
    text: str
    date: datetime | None
    labels: tuple[str, ...]
    source: str
    cell: int
    distance: float
    p_value: float | None


@dataclass(frozen=True)
class DocumentsPage:
    """Some documents of some cells, the nearest to their cell's centre first, and how many there are in all."""

    documents: tuple[PlacedDocument, ...]
    total: int


@dataclass(frozen=True)
class Place:
    """Where a text or a result lies.

    Attributes:
        cell: its number, None where nothing in it has a place.
        distance: from the cell's centre.
        x: on the projection.
        y: on it.
        document_id: of a result, "" for a text.
        title: of a result.
        score: of a result, higher is better; 0 for a text.
    """

    cell: int | None
    distance: float
    x: float
    y: float
    document_id: str = ""
    title: str = ""
    score: float = 0.0


@dataclass(frozen=True)
class Places:
    """Where some texts, or the results of a question, lie on a map; in their order."""

    model: str
    places: tuple[Place, ...]
    took_ms: float
