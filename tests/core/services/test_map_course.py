"""Cells in time, from days small enough to count by hand."""

from datetime import date

import numpy as np
import pytest

from trivec.services.map_course import LATE, PERIODS, course

YEARS = 1900 + np.arange(PERIODS)


def days_of(counts: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    """Days and cells of so many documents of each cell in each year."""
    pairs = [(YEARS[at], cell) for cell, row in enumerate(counts) for at, many in enumerate(row) for _ in range(many)]
    ends = [(1900, 0), (1911, 0)]  # the periods are the years
    found = [(int(year) * 10_000 + (1231 if year == 1911 else 101), cell) for year, cell in [*ends, *pairs]]
    return np.array([day for day, _ in found]), np.array([cell for _, cell in found])


STEADY = [20] * PERIODS
PEAK = [2] * 4 + [60] * 4 + [2] * 4  # rose, and fell long ago
RISING = [2] * (PERIODS - LATE) + [20] * LATE
TINY = [0] * (PERIODS - 1) + [1]


def test_a_cell_that_rose_and_fell_has_fallen_though_it_is_of_middling_age() -> None:
    found = course(*days_of([STEADY, PEAK]), count=2)
    assert abs(found.ages[1]) < 0.2
    assert found.trends[1] < -1
    assert found.rates[1] < 0.01


def test_a_cell_rises_only_where_chance_would_not_do_it() -> None:
    found = course(*days_of([STEADY, RISING, TINY]), count=3)
    assert found.trends[1] > 1
    assert found.rates[1] < 0.01
    assert found.trends[2] > 1
    assert found.rates[2] > 0.05


def test_the_trend_of_a_share_is_its_doubling() -> None:
    early, late = PERIODS - LATE, LATE
    found = course(*days_of([[300] * PERIODS, [100] * early + [300] * late]), count=2)
    assert found.trends[1] == pytest.approx(np.log2((300 / 600) / (100 / 400)), abs=0.01)


def test_a_cell_without_dates_is_not_steady_but_unknown() -> None:
    days, cells = days_of([STEADY])
    found = course(np.append(days, 0), np.append(cells, 1), count=2)
    assert np.isnan([found.ages[1], found.trends[1], found.rates[1]]).all()
    assert not np.isnan([found.ages[0], found.trends[0], found.rates[0]]).any()


@pytest.mark.parametrize("stray", [17000101, 99991231])
def test_a_stray_date_changes_nothing(stray: int) -> None:
    days, cells = days_of([STEADY, RISING])
    found, strayed = course(days, cells, count=2), course(np.append(days, stray), np.append(cells, 0), count=2)
    assert strayed.periods == found.periods
    np.testing.assert_array_equal(strayed.trends, found.trends)


def test_cells_share_the_documents_of_each_period() -> None:
    found = course(*days_of([STEADY, PEAK]), count=2)
    assert found.periods[:2] == (date(1900, 1, 1), date(1901, 1, 1))
    assert found.shares.sum(axis=0) == pytest.approx(np.ones(PERIODS))
    assert found.shares[1, 5] == pytest.approx(60 / 80)


@pytest.mark.parametrize("days", [[], [0, 0], [19000101, 0, 19000101]])
def test_less_than_two_days_are_no_course(days: list[int]) -> None:
    found = course(np.array(days, np.int64), np.zeros(len(days), np.int64), count=2)
    assert (found.periods, found.shares.shape) == ((), (2, 0))
    assert np.isnan(found.trends).all()
