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
    return {
        "document_id": name,
        "title": f"On {name}",
        "labels": [],
        "source": "feed",
        "passages": 1,
        "cell": place,
        **more,
    }


def test_cells_know_their_documents_labels_dates_and_anomalies() -> None:
    table = MapTable.read(
        [
            document("a", 0, labels=["weather", "flood"], day=20200101, anomaly={"p_value": 0.01}),
            document("b", 0, labels=["weather", "rain"], day=20200101, anomaly={"p_value": 0.5}),
            document("c", 2, labels=["money"], day=20211231),
        ],
        MAP,
    )
    periods, (first, empty, last) = table.cells_of(MODEL)
    assert (first.count, first.label, first.label_share, first.anomalies) == (2, "weather", 1.0, 0.5)
    assert (first.words, first.nearest, first.date) == (("river",), "a", date(2020, 1, 1))
    assert (last.label, last.anomalies) == ("money", None)
    assert [first.age, last.age] == pytest.approx([-1 / 3, 2 / 3])
    assert (empty.count, empty.nearest, empty.date, empty.label) == (0, "", None, "")
    assert first.shares[0] == 1.0
    assert last.shares[-1] == 1.0
    assert empty.ridge == pytest.approx((1 + 2) / 2)
    assert periods[0] == date(2020, 1, 1)


def test_a_document_is_as_odd_as_its_oddest_passage_times_its_passages_unless_that_is_fine() -> None:
    long = {"passages": 4, "anomaly": {"p_value": 0.6}}
    later = [
        {"document_id": name, "anomaly": {"p_value": p}, "passages": 4, "mark": mark}
        for name, p, mark in [("odd", 0.001, None), ("not", 0.02, None), ("fine", 0.001, "fine")]
    ]
    documents = [document(name, 0, **long) for name in ("odd", "not", "fine")]
    unscored = document("new", 0)
    table = MapTable.read([*documents, unscored], MAP, odd=later)
    assert table.p_values == pytest.approx([0.004, 0.08, 1.0, np.nan], nan_ok=True)
    _, (first, _, _) = table.cells_of(MODEL)
    assert first.anomalies == pytest.approx(1 / 3)


def test_documents_of_another_map_or_of_none_are_left_out() -> None:
    unplaced = {"document_id": "new", "labels": [], "source": ""}
    table = MapTable.read([document("old", 1, model="news.map:1"), document("nowhere", -1), unplaced], MAP)
    assert table.ids == ()
    periods, cells = table.cells_of(MODEL)
    assert [cell.count for cell in cells] == [0, 0, 0]
    assert periods == ()
    assert {(cell.age, cell.trend, cell.trend_rate) for cell in cells} == {(None, None, None)}


def test_the_level_that_tells_documents_apart_colours_the_map() -> None:
    paths = [["all", "weather", "flood"], ["all", "money", "tax"], ["all"]]
    table = MapTable.read([document(str(at), 0, labels=path) for at, path in enumerate(paths)], MAP)
    assert table.level == 1
    assert set(table.labels) == {"weather", "money", "all"}


def test_a_level_of_many_names_is_shown_rather_than_one_that_tells_nothing_apart() -> None:
    table = MapTable.read([document(str(at), 0, labels=["all", f"topic {at}"]) for at in range(100)], MAP)
    assert (table.level, len(table.labels)) == (1, 100)
