"""Results can be read by people and compared by programs."""

import json
from io import StringIO
from pathlib import Path

from rich.console import Console

from trivec.evaluation.result import Comparison, Result, mean, table, write


def result(name: str, value: float) -> Result:
    return Result(
        dataset=name,
        capability="retrieval",
        seconds=2.0,
        results={"bert": {"ndcg@10": value}, "bm25": {"ndcg@10": value / 2}},
        comparisons={"bm25": Comparison("bert", "ndcg@10", -value / 2, -0.3, -0.1, 0.002)},
        details={"documents": 10},
    )


def test_one_set_is_written_as_one_object_in_the_shape_that_programs_read(tmp_path: Path) -> None:
    write([result("a", 0.5)], tmp_path / "new" / "out.json")
    written = json.loads((tmp_path / "new" / "out.json").read_text())
    assert (written["dataset"], written["capability"], written["seconds"]) == ("a", "retrieval", 2.0)
    assert written["results"] == {"bert": {"ndcg@10": 0.5}, "bm25": {"ndcg@10": 0.25}}
    assert written["comparisons"]["bm25"]["p"] == 0.002


def test_several_sets_are_written_with_their_mean_last(tmp_path: Path) -> None:
    write([result("a", 0.5), result("b", 0.7)], tmp_path / "out.json")
    written = json.loads((tmp_path / "out.json").read_text())
    assert [one["dataset"] for one in written] == ["a", "b", "mean of 2"]
    assert written[2]["results"]["bert"]["ndcg@10"] == 0.6


def test_the_mean_is_over_what_all_sets_have() -> None:
    other = Result("b", "retrieval", 1.0, {"bert": {"ndcg@10": 0.3, "mrr@10": 0.1}})
    assert mean([result("a", 0.5), other]).results == {"bert": {"ndcg@10": 0.4}}


def test_the_table_shows_every_figure_and_how_sure_it_is() -> None:
    console = Console(width=140, record=True, file=StringIO())
    console.print(table(result("a", 0.5)))
    shown = console.export_text()
    for expected in ("bert", "0.5000", "0.2500", "-0.2500 (-0.3000 to -0.1000)", "0.0020", "documents 10"):
        assert expected in shown
