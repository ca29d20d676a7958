"""What the page Trends says and draws of an answer."""

from typing import Any

from trivec.api.trend_schemas import TrendsAnswer, WordDriftAnswer
from trivec_ui.components.drift import neighbours_html
from trivec_ui.components.trend_chart import figure, name
from trivec_ui.components.trend_facts import cards_html


def answer(**changes: Any) -> TrendsAnswer:
    """Six years of a topic, one missing, the last not over."""
    ends = {"lower": [0.1, 0.05], "upper": [0.4, 0.5]}
    forecast = {
        "periods": ["1905", "1906"],
        "middle": [0.25, 0.26],
        "interval_80": ends,
        "interval_95": ends,
        "methods": {"discounted_0.2": 0.6, "naive": 0.4},
        "simple": True,
    }
    past = {"made_after": "1902", "periods": ["1903"], "middle": [0.2], "interval_80": ends, "actual": [0.3]}
    tested = {
        "origins": 3,
        "helped": 0,
        "mase": {"trivec": 0.8, "naive": 1.0, "mean": 0.7, "seasonal_naive": 0.8},
        "coverage": 0.9,
        "coverage_95": 1.0,
        "points": 10,
        "past": [past],
    }
    trend = {
        "topic": {"kind": "term", "value": "rail|<b>railroad"},
        "unit": "passages",
        "periods": ["1900", "1901", "1902", "1903", "1904", "1905"],
        "counts": [1, 0, 2, 3, 3, 4],
        "totals": [10, 0, 10, 10, 10, 8],
        "values": [0.1, None, 0.2, 0.3, 0.3, None],
        "partial": [False] * 5 + [True],
        "forecast": forecast,
        "tested": tested,
        "refusal": "",
        "changes": [{"period": "1902", "before": 0.1, "after": 0.27}],
        **changes,
    }
    told = {
        "frequency": "year",
        "measure": "share",
        "business_days": False,
        "experience": "",
        "left_out": 0,
        "took_ms": 1.0,
    }
    return TrendsAnswer.model_validate({**told, "trends": [trend]})


def test_a_missing_period_is_a_gap_and_one_that_is_not_over_is_hollow() -> None:
    drawn = {trace.name: trace for trace in figure(answer(), [0]).data}
    line = drawn[name(answer().trends[0])]
    assert list(line.y) == [0.1, None, 0.2, 0.3, 0.3, None]
    assert not line.connectgaps
    hollow = drawn["rail or <b>railroad, period not over"]
    assert (list(hollow.x), list(hollow.y), hollow.marker.symbol) == (["1905"], [0.5], "circle-open")


def test_both_fans_the_forecast_and_changes_are_drawn_and_past_forecasts_when_asked() -> None:
    names = [trace.name for trace in figure(answer(), [0]).data]
    assert {"rail or <b>railroad, 80 %", "rail or <b>railroad, 95 %", "rail or <b>railroad, forecast"} <= set(names)
    assert "rail or <b>railroad, change" in names
    assert "forecast after 1902" not in names
    assert "forecast after 1902" in [trace.name for trace in figure(answer(), [0], past=True).data]


def test_a_card_says_how_good_forecasts_were_beside_every_obvious_one() -> None:
    html = cards_html(answer().trends, share=True)
    assert "MASE 0.80, better than repeating the last value (1.00), <em>worse</em> than the mean (0.70), " in html
    assert "as good as the season before (0.80); 90% of 10 past points" in html
    assert "1905: 25.0 %" in html
    assert "Too few points for fitted models" in html
    tested = answer().trends[0].tested
    assert tested is not None
    alone = answer(tested={**tested.model_dump(), "mase": {"trivec": 1.2, "naive": 1.0, "mean": None}})
    assert "MASE 1.20, <em>worse</em> than repeating the last value (1.00); 90%" in cards_html(alone.trends, share=True)


def test_a_card_says_where_the_test_had_less_to_go_by_than_the_forecast() -> None:
    assert "Other topics helped" not in cards_html(answer().trends, share=True)
    assert "Other topics helped at 0 of them." in cards_html(answer().trends, share=True, helped=True)


def test_a_refusal_is_said_and_names_cannot_break_the_page() -> None:
    html = cards_html(answer(forecast=None, tested=None, refusal="3 known periods are too few").trends, share=True)
    assert "No forecast: 3 known periods are too few." in html
    assert "Changed level: 1902" in html
    nothing = cards_html(answer(forecast=None, tested=None, changes=[]).trends, share=True)
    assert "No change of level" not in nothing, "of what cannot be forecast little is known"
    assert "<b>railroad" not in html
    assert "&lt;b&gt;railroad" in html


def test_new_neighbours_of_a_word_stand_out() -> None:
    near = [[{"word": "car", "cosine": 0.9}], [{"word": "car", "cosine": 0.8}, {"word": "<ai>", "cosine": 0.7}]]
    told = {"word": "drive", "slices": ["1900", "2000"], "distances": [0.0, 0.4], "neighbours": near}
    html = neighbours_html(WordDriftAnswer.model_validate({**told, "score": 2.0, "reference": "a.trends:1"}))
    assert '<li class="new">&lt;ai&gt;</li>' in html
    assert html.count('class="new"') == 1
