"""Days as the numbers that are stored and counted: 20240131."""

from datetime import date


def day_number(day: date) -> int:
    """A day as a number that sorts as days do.

    >>> day_number(date(2024, 1, 31))
    20240131
    """
    return day.year * 10_000 + day.month * 100 + day.day


def as_date(number: int) -> date:
    """The day that `day_number` made a number of."""
    return date(number // 10_000, number // 100 % 100, number % 100)
