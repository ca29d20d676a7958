"""The map as figures: what is drawn of many names, of what nobody knows, and what the pointer is told."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from trivec.api.map_schemas import CellAnswer, MapAnswer, PointsAnswer, QualityAnswer
from trivec_ui.components.map_colours import SOURCE, TREND, cell_value, colourings
from trivec_ui.components.map_figure import EMPTY, MOST_NAMES, OTHER, cloud, sheet

COLUMNS, FILES = 10, 1000


def cell(number: int, **known: Any) -> CellAnswer:
    facts = {
        "number": number,
        "row": number // COLUMNS,
        "column": number % COLUMNS,
        "x": number % COLUMNS,
        "y": number // COLUMNS * 0.866,
        "ridge": 0.1,
        "words": ["river"],
        "nearest": "d0",
        "count": 10,
        "label": "",
        "label_share": 0.0,
        "source": f"file-{number}.txt",
        "source_share": 0.1,
        "date": None,
        "anomalies": None,
        "age": None,
        "trend": None,
        "trend_rate": None,
        "shares": [],
        "planes": [],
    }
    return CellAnswer.model_validate(facts | known)


def view(cells: list[CellAnswer]) -> MapAnswer:
    return MapAnswer(
        model="news.map:1",
        vector="bert",
        made_at=datetime(2026, 5, 1, tzinfo=UTC),
        rows=len(cells) // COLUMNS,
        columns=COLUMNS,
        torn=False,
        quality=QualityAnswer(quantisation=0.6, topographic=0.08, explained=0.9, radius=0.7),
        projection="pca",
        documents=FILES,
        placed=FILES,
        level=0,
        periods=[],
        cells=cells,
    )


@pytest.fixture
def points() -> PointsAnswer:
    """Documents that each come from a file of their own."""
    return PointsAnswer(
        model="news.map:1",
        total=FILES,
        ids=[f"d{number}" for number in range(FILES)],
        titles=[f"On <{number}>" for number in range(FILES)],
        x=[float(number) for number in range(FILES)],
        y=[0.0] * FILES,
        cells=[number % 100 for number in range(FILES)],
        days=[0] * FILES,
        labels=[],
        label=[-1] * FILES,
        sources=[f"file-{number}.txt" for number in range(FILES)],
        source=list(range(FILES)),
        p_values=[None] * FILES,
    )


def named(drawn: go.Figure) -> list[str]:
    return [trace.name for trace in drawn.data if trace.name and trace.showlegend is not False]


def test_of_a_thousand_sources_the_commonest_have_colours_and_the_rest_are_other(points: PointsAnswer) -> None:
    map_view = view([cell(number) for number in range(100)])
    drawn = cloud(map_view, points, SOURCE, [])
    assert len(drawn.data) == MOST_NAMES + 1
    assert named(drawn)[-1] == f"other ({FILES - MOST_NAMES})"
    other = drawn.data[-1]
    assert other.marker.color == OTHER
    assert other.text[0] == f"On &lt;{MOST_NAMES}&gt;<br>file-{MOST_NAMES}.txt"
    assert sum(len(trace.x) for trace in drawn.data) == FILES
    hexagons = sheet(map_view, points, SOURCE, {})
    assert named(hexagons) == [*(f"file-{number}.txt" for number in range(MOST_NAMES)), f"other ({FILES - MOST_NAMES})"]
    handles = next(trace for trace in hexagons.data if trace.name == "cells")
    assert "file-99.txt" in handles.text[99]


def test_few_names_have_a_colour_each_and_there_is_no_other(points: PointsAnswer) -> None:
    few = points.model_copy(update={"sources": ["a", "b"], "source": [number % 2 for number in range(FILES)]})
    [alone] = [trace for trace in sheet(view([cell(0, source="a")]), few, SOURCE, {}).data if trace.name == "cells"]
    assert "a 10%" not in alone.text[0], "where there is one source, nobody asks"
    assert named(cloud(view([cell(0, source="a"), cell(1, source="b")]), few, SOURCE, [])) == ["a", "b"]


def test_what_may_be_chance_is_no_trend_and_what_has_no_dates_is_unknown(points: PointsAnswer) -> None:
    rising = cell(0, trend=2.0, trend_rate=0.001)
    chance = cell(1, trend=2.0, trend_rate=0.4)
    undated = cell(2)
    assert [cell_value(each, TREND) for each in (rising, chance, undated)] == [2.0, 0.0, None]
    hexagons = sheet(view([rising, chance, undated]), points, TREND, {})
    colours = [trace.fillcolor for trace in hexagons.data if trace.fill]
    assert len(set(colours)) == 3
    assert colours[-1] == EMPTY
    three = points.model_copy(update={"cells": [number % 3 for number in range(FILES)]})
    unknown, known = cloud(view([rising, chance, undated]), three, TREND, []).data
    assert unknown.marker.color == OTHER
    assert set(np.asarray(unknown.customdata) % 3) == {2}
    assert set(known.marker.color) == {0.0, 2.0}
    assert "× 4.0" in hexagons.data[-1].text[0]
    assert "× " not in hexagons.data[-1].text[1]
    gone = sheet(view([cell(0, trend=-6.0, trend_rate=0.001)]), points, TREND, {})
    assert "÷ 8 or more" in gone.data[-1].text[0]


def test_a_map_without_dates_is_not_coloured_by_time() -> None:
    assert not {"Date", "Older or newer", TREND} & set(colourings(view([cell(0), cell(1)])))


def test_words_that_would_cover_each_other_are_not_both_drawn(points: PointsAnswer) -> None:
    def drawn(fuller: int) -> set[str]:
        named = {4: cell(4, words=["constitution"], count=20), fuller: cell(fuller, words=["administration"], count=30)}
        cells = [named.get(number, cell(number, words=[])) for number in range(60)]
        texts = [trace.text for trace in sheet(view(cells), points, TREND, {}).data if trace.mode == "text"]
        return {word for each in texts for word in each}

    assert drawn(5) == {"<b>administration</b>"}
    assert drawn(55) == {"<b>administration</b>", "<b>constitution</b>"}
