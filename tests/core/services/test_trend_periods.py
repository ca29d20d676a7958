"""Which periods a corpus is looked at in: what it fills, whatever a few stray dates say."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivec.errors import BadInput
from trivec.learning.trends import Calendar
from trivec.services.trend_periods import MOST_PERIODS, frame

NOW = date(2030, 1, 1)


def daily(first: date, last: date, *, count: int = 5, every: int = 1) -> dict[date, int]:
    """Texts of every so many days."""
    return {first + timedelta(days=number): count for number in range(0, (last - first).days + 1, every)}


YEAR = daily(date(2024, 1, 1), date(2024, 12, 31))


def test_years_of_daily_articles_are_drawn_by_week() -> None:
    found = frame(daily(date(2010, 1, 1), date(2020, 12, 31)), now=NOW)
    assert found.calendar == Calendar("week")
    assert len(found.periods) == 575
    with pytest.raises(BadInput, match=r"4,018 periods of a day are too many.*coarser frequency, or earliest"):
        frame(daily(date(2010, 1, 1), date(2020, 12, 31)), now=NOW, frequency="day")


@given(st.dictionaries(st.dates(), st.integers(1, 40), min_size=1, max_size=40), st.integers(1, 9_000))
def test_what_is_natural_is_never_refused(days: dict[date, int], length: int) -> None:
    stretch = Counter(daily(date(1990, 1, 1), date(1990, 1, 1) + timedelta(days=length)))
    for each in (days, stretch + Counter(days)):
        if min(each).year < 9000:
            found = frame(each, now=NOW)
            assert len(found.periods) == len(found.partial) > 0
            assert found.calendar.frequency == "year" or len(found.periods) <= MOST_PERIODS + 1


def test_one_stray_date_changes_nothing_but_is_counted() -> None:
    usual = frame(YEAR, now=NOW)
    assert (usual.calendar, len(usual.periods), usual.left_out) == (Calendar("day"), 366, 0)
    for stray in (date(1970, 1, 1), date(9999, 12, 31), date(1, 1, 1), date(2031, 5, 5)):
        found = frame({**YEAR, stray: 7}, now=NOW)
        assert (found.calendar, found.periods, found.left_out) == (usual.calendar, usual.periods, 7)
    found = frame({**YEAR, date(1970, 1, 1): 30, date(9999, 12, 31): 60, date(2001, 9, 9): 1}, now=NOW)
    assert (found.periods, found.left_out) == (usual.periods, 91)


def test_a_date_that_is_asked_for_is_no_stray() -> None:
    days = {**YEAR, date(1970, 1, 1): 1, date(9999, 12, 31): 2}
    found = frame(days, now=NOW, first=date(1970, 1, 1))
    assert (found.periods[0], found.periods[-1], found.calendar) == ("1970", "2024", Calendar("year"))
    assert found.left_out == 2
    found = frame(days, now=NOW, first=date(2024, 3, 5), last=date(2024, 9, 8))
    assert (found.periods[0], found.periods[-1], found.left_out) == ("2024-03-05", "2024-09-08", 0)
    with pytest.raises(BadInput, match="no document lies between 1980-01-01 and 1990-01-01: choose other dates"):
        frame(days, now=NOW, first=date(1980, 1, 1), last=date(1990, 1, 1))
    with pytest.raises(BadInput, match="no document has a date"):
        frame({date(9999, 12, 31): 2}, now=NOW)


def test_sparse_beginnings_without_a_long_gap_belong_to_the_corpus() -> None:
    begun = {
        **daily(date(2003, 1, 1), date(2004, 12, 31), count=1, every=90),
        **daily(date(2005, 1, 1), date(2024, 1, 1)),
    }
    assert frame(begun, now=NOW).periods[0] == "2002-12-30"
    by_year = {date(1790 + year, 12, 5): 20 for year in range(230) if year not in (10, 11)}
    found = frame(by_year, now=NOW)
    assert (found.periods[0], found.periods[-1], found.left_out) == ("1790", "2019", 0)
    few = {date(1900 + 10 * number, 1, 1): 1 for number in range(10)}
    assert frame(few, now=NOW).left_out == 0


def test_a_few_days_of_centuries_are_too_fine() -> None:
    days = {date(1800 + year, 1, 1): 9 for year in range(200)}
    assert frame(days, now=NOW).calendar == Calendar("year")
    with pytest.raises(BadInput, match="72,684 periods of a day are too many"):
        frame(days, now=NOW, frequency="day")


def test_days_of_work_leave_weekends_out() -> None:
    days = {day: 40 for day in YEAR if day.weekday() < 5}
    assert frame({**days, date(2024, 12, 28): 1}, now=NOW).calendar == Calendar("day", business_days=True)
    assert frame(YEAR, now=NOW).calendar == Calendar("day")


def test_a_cut_off_last_year_is_partial_and_a_year_that_always_ends_early_is_not() -> None:
    early = {date(1990 + year, 1, 20 + year % 5): 9 for year in range(20)}
    assert not any(frame(early, now=NOW).partial)
    late = {date(1990 + year, month, 5): 9 for year in range(20) for month in range(1, 13)}
    cut = {day: count for day, count in late.items() if day < date(2009, 6, 1)}
    found = frame(cut, now=NOW, frequency="year")
    assert found.partial == (False,) * 19 + (True,)
    assert found.whole == tuple(map(str, range(1990, 2009)))


def test_the_running_period_is_partial() -> None:
    assert frame(YEAR, now=date(2024, 12, 31)).partial == (False,) * 365 + (True,)
