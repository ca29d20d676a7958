"""What cells have in common, from a table of documents small enough to count by hand."""

from datetime import date
from typing import Any

import numpy as np
import pytest

from trivec.learning.som import CellNote, Grid, Quality, SomModel
from trivec.learning.som.projection import Projection
from trivec.services.map_table import MapTable

MAP = "news.map:2"
MODEL = SomModel(
    grid=Grid(1, 3),
    mean=np.zeros(2, np.float32),
    axes=np.eye(2, dtype=np.float32),
    weights=np.array([[0, 0], [1, 0], [3, 0]], np.float32),
    quality=Quality(0.1, 0.0, 1.0, 0.5),
    notes=(CellNote(("river",), "a"), CellNote((), ""), CellNote(("tax",), "c")),
    projection=Projection("pca", np.empty((0, 1), np.float32), np.empty((0, 2), np.float32)),
)


def document(name: str, cell: int, **more: Any) -> dict[str, Any]:
    place = {"number": cell, "distance": 0.1, "x": 1.0, "y": 2.0, "model": more.pop("model", MAP)}
    return {"document_id": name, "title": f"On {name}", "labels": [], "source": "feed", "cell": place, **more}


def test_cells_know_their_documents_labels_dates_and_anomalies() -> None:
    table = MapTable.read(
        [
            document("a", 0, labels=["weather", "flood"], day=20200101, anomaly={"p_value": 0.01}),
            document("b", 0, labels=["weather", "rain"], day=20200101, anomaly={"p_value": 0.5}),
            document("c", 2, labels=["money"], day=20211231),
        ],
        MAP,
    )
    first, empty, last = table.cells_of(MODEL)
    assert (first.count, first.label, first.label_share, first.anomalies) == (2, "weather", 1.0, 0.5)
    assert (first.words, first.nearest, first.date) == (("river",), "a", date(2020, 1, 1))
    assert (last.label, last.anomalies, last.trend > 0 > first.trend) == ("money", None, True)
    assert (empty.count, empty.nearest, empty.date, empty.label) == (0, "", None, "")
    assert first.shares[0] == 1.0
    assert last.shares[-1] == 1.0
    assert empty.ridge == pytest.approx((1 + 2) / 2)
    assert table.periods()[0] == date(2020, 1, 1)


def test_a_share_that_stays_the_same_has_no_trend() -> None:
    days = [20200101, 20200601, 20201231]
    table = MapTable.read([document(f"{cell}{day}", cell, day=day) for cell in (0, 2) for day in days], MAP)
    assert [cell.trend for cell in table.cells_of(MODEL)] == pytest.approx([0.0, 0.0, 0.0])


def test_documents_of_another_map_or_of_none_are_left_out() -> None:
    unplaced = {"document_id": "new", "labels": [], "source": ""}
    table = MapTable.read([document("old", 1, model="news.map:1"), document("nowhere", -1), unplaced], MAP)
    assert table.ids == ()
    assert [cell.count for cell in table.cells_of(MODEL)] == [0, 0, 0]
    assert table.periods() == ()


def test_the_level_that_tells_documents_apart_colours_the_map() -> None:
    paths = [["all", "weather", "flood"], ["all", "money", "tax"], ["all"]]
    table = MapTable.read([document(str(at), 0, labels=path) for at, path in enumerate(paths)], MAP)
    assert table.level == 1
    assert set(table.labels) == {"weather", "money", "all"}
