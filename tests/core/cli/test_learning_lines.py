"""What `trivec train` says where its output goes to a file."""

import pytest

from trivec.cli.learning import lines


def test_a_log_gets_a_line_for_each_tenth_that_is_done(capsys: pytest.CaptureFixture[str]) -> None:
    tell = lines("fusion of news")
    for step in range(101):
        tell(f"epoch {step}", step / 100)
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 11
    assert said[0] == "fusion of news: epoch 0 (0%)"
    assert said[-1] == "fusion of news: epoch 100 (100%)"


def test_work_that_is_taken_up_begins_with_where_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    tell = lines("map of news")
    tell("placing", 0.37)
    tell("placing", 0.38)
    tell("placing", 0.4)
    assert capsys.readouterr().err.splitlines() == ["map of news: placing (37%)", "map of news: placing (40%)"]
