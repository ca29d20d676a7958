"""Periods: named, in order, none left out, and known to be partial where they are."""

from datetime import date

import pytest

from trivec.errors import BadInput
from trivec.learning.trends import Calendar


def test_periods_between_two_days_leave_none_out() -> None:
    assert Calendar("month").between(date(2023, 11, 30), date(2024, 2, 1)) == (
        "2023-11",
        "2023-12",
        "2024-01",
        "2024-02",
    )
    assert Calendar("week").between(date(2024, 1, 3), date(2024, 1, 8)) == ("2024-01-01", "2024-01-08")
    assert Calendar("year").between(date(1789, 4, 30), date(1791, 1, 1)) == ("1789", "1790", "1791")


def test_business_days_leave_weekends_out_and_repeat_after_five() -> None:
    calendar = Calendar("day", business_days=True)
    assert calendar.between(date(2024, 1, 5), date(2024, 1, 9)) == ("2024-01-05", "2024-01-08", "2024-01-09")
    assert calendar.name(date(2024, 1, 6)) == ""
    assert calendar.season == 5
    assert calendar.after("2024-01-05", 2) == ("2024-01-08", "2024-01-09")


def test_what_comes_after_a_period_is_the_next_one() -> None:
    assert Calendar("month").after("2023-12", 3) == ("2024-01", "2024-02", "2024-03")
    assert Calendar("year").after("1999", 2) == ("2000", "2001")
    assert Calendar("week").after("2024-12-30", 1) == ("2025-01-06",)


def test_an_end_before_the_beginning_is_refused() -> None:
    with pytest.raises(BadInput, match="exchange them"):
        Calendar("day").between(date(2024, 1, 2), date(2024, 1, 1))
