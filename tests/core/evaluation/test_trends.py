"""`trivec evaluate trends` on a set of its own layout, and what it says about one it cannot use."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from trivec.errors import BadInput
from trivec.evaluation.trend_data import read_trends
from trivec.evaluation.trends import evaluate

ABOUT = {
    "frequency": "Y",
    "calendar": "all days",
    "horizon": 3,
    "series_start": "1990-01-01",
    "series_end": "2009-12-31",
    "counted_documents": "labelled",
    "value": "share of the period's counted documents that carry the label",
    "missing_periods": ["1995"],
    "thin_periods": ["2001"],
    "topics": [{"label": "a"}, {"label": "b"}, {"label": "c"}],
}


def _write(folder: Path, about: dict[str, object]) -> Path:
    """Twenty years of documents of three labels; some have none, some lie outside."""
    random = np.random.default_rng(1)
    rows = [{"id": "early", "date": "1970-05-01", "labels": ["a"], "text": "x"}]
    for year in range(1990, 2010):
        share = 0.2 + 0.02 * (year - 1990) + 0.05 * random.standard_normal()
        for number in range(60):
            labels = [*(["a"] if random.random() < share else []), *(["b"] if number % 3 else []), "c"]
            rows.append({"id": f"{year}-{number}", "date": f"{year}-03-01", "labels": labels, "text": "x"})
        rows.append({"id": f"{year}-none", "date": f"{year}-04-01", "labels": [], "text": "x"})
    folder.mkdir()
    with gzip.open(folder / "documents.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    (folder / "dataset.json").write_text(json.dumps(about), encoding="utf-8")
    return folder


def test_series_are_read_as_the_description_says(tmp_path: Path) -> None:
    data = read_trends(_write(tmp_path / "made-up", ABOUT))
    assert data.panel.periods == tuple(str(year) for year in range(1990, 2010))
    assert data.panel.totals.tolist() == [60.0] * 20
    assert [data.panel.periods[place] for place in np.flatnonzero(~data.panel.observed)] == ["1995", "2001"]
    assert np.isnan(data.panel.values[:, 5]).all()
    assert data.panel.values[2, 0] == 1.0
    assert data.documents == 1200


@pytest.mark.parametrize(("counted", "totals"), [("all", 61.0), ("label=b", 40.0)])
def test_which_documents_count_is_what_the_description_says(tmp_path: Path, counted: str, totals: float) -> None:
    data = read_trends(_write(tmp_path / "made-up", {**ABOUT, "counted_documents": counted}))
    assert set(data.panel.totals) == {totals}


def test_counts_are_forecast_where_the_value_is_no_share_and_weeks_have_several_names(tmp_path: Path) -> None:
    about = {**ABOUT, "frequency": "W", "value": "number of documents", "missing_periods": ["1990-W02", "1990-01-15"]}
    panel = read_trends(_write(tmp_path / "made-up", {**about, "series_end": "1990-12-31"})).panel
    assert panel.measure == "count"
    assert panel.periods[:3] == ("1990-01-01", "1990-01-08", "1990-01-15")
    assert not panel.observed[1:3].any()


def test_every_variant_is_measured_and_compared_with_ours(tmp_path: Path) -> None:
    result = evaluate(_write(tmp_path / "made-up", ABOUT))
    assert set(result.results) == {"trivec", "naive", "mean"}
    for figures in result.results.values():
        assert set(figures) == {"mase", "coverage_80", "coverage_95"}
        assert figures["mase"] > 0
        assert 0 <= figures["coverage_80"] <= figures["coverage_95"] <= 1
    assert set(result.comparisons) == {"naive", "mean"}
    assert result.comparisons["mean"].difference > 0
    assert result.details["origins"] == 8
    assert json.loads(json.dumps(result.to_json()))["capability"] == "trends"


def test_a_season_brings_its_own_baseline(tmp_path: Path) -> None:
    about = {**ABOUT, "frequency": "M", "series_end": "1994-12-31", "missing_periods": [], "thin_periods": []}
    folder = _write(tmp_path / "made-up", about)
    random = np.random.default_rng(2)
    rows = [
        {
            "id": f"{month}-{number}",
            "date": f"{1990 + month // 12}-{month % 12 + 1:02}-01",
            "text": "x",
            "labels": ["a" if random.random() < 0.3 else "b", "c"],
        }
        for month in range(60)
        for number in range(20)
    ]
    with gzip.open(folder / "documents.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    assert set(evaluate(folder).results) == {"trivec", "naive", "mean", "seasonal_naive"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"frequency": "Q"}, "cannot be used, KeyError: 'Q'"),
        ({"counted_documents": "some"}, "counted_documents 'some' is not known"),
        ({"horizon": 15}, "20 periods are too few to test forecasts of 15 periods"),
    ],
)
def test_what_cannot_be_used_is_said(tmp_path: Path, change: dict[str, object], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        evaluate(_write(tmp_path / "made-up", {**ABOUT, **change}))


def test_shared_sets_are_forecast_better_than_by_the_last_value_and_the_mean(shared_data: Path) -> None:
    results = [evaluate(shared_data / "trends" / name).results for name in ("cacm", "reuters-1987-feb-mar")]
    for baseline in ("naive", "mean"):
        ours = sum(each["trivec"]["mase"] for each in results)
        assert ours <= 0.95 * sum(each[baseline]["mase"] for each in results)
    assert all(0.73 <= each["trivec"]["coverage_80"] <= 0.87 for each in results)
