"""Dates as people and programs write them: any value goes in, a UTC time comes out, or a reason why not.

A time without zone is taken as UTC; a year or month alone begins at its first day; 3/4/2020 is the 4th of March unless
that cannot be, 3.4.2020 is the 3rd of April.
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from functools import lru_cache

from trivec.errors import BadInput, MissingExtra

_YEAR = re.compile(r"(\d{4})(?:[-/.](\d{1,2}))?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_EPOCH = re.compile(r"\d{9,10}(?:\.\d+)?|\d{12,13}")
_HAS_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)|\d{1,2}[/.-]\d{1,2}[/.-]\d{2}(?!\d)|'\d\d")
_HOURS = {"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "CET": 1, "CEST": 2}
_FIRST_YEAR, _LAST_YEAR = 1000, 2999  # of a bare number: others are not years
_MILLISECONDS = 10**11


def parse_date(value: object) -> datetime:
    """The time that a value states, in UTC.

    Raises:
        BadInput: it is not a date, or one that does not exist.

    Example:
        >>> parse_date("March 4, 1861").isoformat(), parse_date("1979-12").isoformat()
        ('1861-03-04T00:00:00+00:00', '1979-12-01T00:00:00+00:00')
    """
    try:
        return _parsed(value)
    except (ValueError, OverflowError, OSError) as error:
        raise BadInput(f"{str(value)[:80]!r} is not a date; use YYYY-MM-DD") from error


def is_date(text: str) -> bool:
    """Whether a string is a date, and more than a number."""
    if not re.search(r"\d[-/.: ]|[A-Za-z]", text) or len(text) > 40:
        return False
    try:
        _parsed(text)
    except (ValueError, OverflowError, OSError):
        return False
    return True


def _parsed(value: object) -> datetime:
    if isinstance(value, datetime):
        return _in_utc(value)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(value)
    return _of_text(str(value).strip())


@lru_cache(maxsize=4096)
def _of_text(text: str) -> datetime:
    if match := _YEAR.fullmatch(text) or _COMPACT.fullmatch(text):
        parts = [int(part) for part in match.groups() if part]
        if not _FIRST_YEAR <= parts[0] <= _LAST_YEAR:
            raise ValueError(text)
        year, month, day = (*parts, 1, 1)[:3]
        return datetime(year, month, day, tzinfo=UTC)
    if _EPOCH.fullmatch(text):
        seconds = float(text)
        return datetime.fromtimestamp(seconds / 1000 if seconds > _MILLISECONDS else seconds, UTC)
    try:
        return _in_utc(datetime.fromisoformat(text))
    except ValueError:
        return _in_utc(_lenient(text))


def _lenient(text: str) -> datetime:
    """RFC 2822, then whatever dateutil reads, as long as a year is written."""
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        pass
    if not _HAS_YEAR.search(text):
        raise ValueError(text)
    try:
        from dateutil.parser import parse
    except ImportError as error:
        raise MissingExtra("python-dateutil", "sources") from error
    numbers_with_dots = re.match(r"\d{1,2}\.\d{1,2}\.\d", text) is not None
    return parse(text, default=datetime(1, 1, 1), dayfirst=numbers_with_dots, tzinfos=_zone)


def _zone(name: str | None, offset: int | None) -> tzinfo | None:
    """A named zone; one we do not know counts as UTC, as a time without any does."""
    if offset is not None:
        return timezone(timedelta(seconds=offset))
    return timezone(timedelta(hours=_HOURS[name])) if name in _HOURS else None


def _in_utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
