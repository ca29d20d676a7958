"""What `trivec trends` asks for and prints."""

from datetime import date
from types import SimpleNamespace

import pytest

from trivec.cli import context
from trivec.cli.trends import trends
from trivec.errors import BadInput
from trivec.services import trend_records
from trivec.services.trend_records import Interval, Topic, TopicForecast, Trend, TrendRequest, Trends

TESTED = trend_records.Tested(
    8, 5, {"trivec": 0.8, "naive": 1.0, "mean": 1.1, "seasonal_naive": 0.9}, 0.75, 0.9, 16, ()
)
FORECAST = TopicForecast(("1903",), (0.2,), Interval((0.1,), (0.3,)), Interval((0.0,), (0.4,)), {"naive": 1.0}, False)
TREND = Trend(
    Topic("term", "tax"), "passages", ("1901", "1902"), (1, 2), (10, 10), (0.1, 0.2), (False, False), FORECAST, TESTED
)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[TrendRequest]:
    """What reaches the service, which always answers the same."""
    requests: list[TrendRequest] = []

    def answer(request: TrendRequest) -> Trends:
        requests.append(request)
        return Trends("year", "share", False, (TREND,), "news.trends:1", 3, 1.0)

    monkeypatch.setattr(context, "container", lambda: SimpleNamespace(trends=SimpleNamespace(trends=answer)))
    return requests


def test_dates_say_where_series_begin_and_before_what_they_end(asked: list[TrendRequest]) -> None:
    trends(["tax", "label:war"], corpus="news", start="1861", end="1901-04")
    trends(["tax"], corpus="news", start="1861-05-06")
    assert [(each.first, each.last) for each in asked] == [
        (date(1861, 1, 1), date(1901, 3, 31)),
        (date(1861, 5, 6), None),
    ]
    assert asked[0].topics == (Topic("term", "tax"), Topic("label", "war"))
    with pytest.raises(BadInput, match="'soon' is no date: write 1861, 1861-04 or 1861-04-12"):
        trends(["tax"], corpus="news", start="soon")


@pytest.mark.usefixtures("asked")
def test_the_test_stands_beside_every_obvious_forecast_and_what_is_left_out_is_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    trends(["tax"], corpus="news")
    said = capsys.readouterr()
    assert "3 documents with dates far from all others are left out" in said.err
    assert "forecast: 1903 20.00% (10.00% to 30.00%)" in said.out
    assert (
        "tested at 8 origins (5 helped by other topics): MASE trivec 0.80, naive 1.00, mean 1.10, seasonal_naive"
        in (said.out)
    )
