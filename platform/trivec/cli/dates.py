"""Dates as people type them: a day, a month or a year."""

from __future__ import annotations


def first_day(text: str | None) -> str | None:
    """A year or month means its first day; what is no number stays as it is, for its reader to refuse.

    >>> first_day("1861"), first_day("1861-04"), first_day("1861-04-12")
    ('1861-01-01', '1861-04-01', '1861-04-12')
    """
    if text is None or not text.replace("-", "").isdigit() or len(text) > len("1861-04"):
        return text
    year, _, month = text.partition("-")
    return f"{year}-{month or '01'}-01"
