"""Dates as they are written."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivec.errors import BadInput
from trivec.sources.dates import parse_date


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2020", "2020-01-01T00:00:00+00:00"),
        ("1979-12", "1979-12-01T00:00:00+00:00"),
        ("20200131", "2020-01-31T00:00:00+00:00"),
        ("2020-01-02T03:04:05Z", "2020-01-02T03:04:05+00:00"),
        ("2020-01-02 03:04:05+02:00", "2020-01-02T01:04:05+00:00"),
        ("Mon, 02 Mar 2020 10:00:00 +0100", "2020-03-02T09:00:00+00:00"),
        ("March 4, 1861", "1861-03-04T00:00:00+00:00"),
        ("3/4/2020", "2020-03-04T00:00:00+00:00"),
        ("30/4/2020", "2020-04-30T00:00:00+00:00"),
        ("3.4.2020", "2020-04-03T00:00:00+00:00"),
        ("2021-01-05T10:00:00 CET", "2021-01-05T09:00:00+00:00"),
        (1583000000, "2020-02-29T18:13:20+00:00"),
        (1583000000000, "2020-02-29T18:13:20+00:00"),
        (1999, "1999-01-01T00:00:00+00:00"),
        (date(2020, 1, 2), "2020-01-02T00:00:00+00:00"),
        (datetime(2020, 1, 2, tzinfo=timezone(timedelta(hours=2))), "2020-01-01T22:00:00+00:00"),
    ],
)
def test_a_date(written: object, expected: str) -> None:
    assert parse_date(written).isoformat() == expected


@pytest.mark.parametrize(
    "written",
    [
        *(
            "yesterday",
            "May",
            "12",
            "2020-02-30",
            "2020-13-01",
            "0000-00-00",
            "31/4/2020",
            "99999",
            "n/a",
            "",
            "Q1 2020",
        ),
        *("Q1 2020", None, True, float("nan"), [2020], 1e300, "9999-12-31T23:59:59-10:00"),
    ],
)
def test_no_date(written: object) -> None:
    with pytest.raises(BadInput, match="is not a date"):
        parse_date(written)


@given(st.text(max_size=30))
def test_any_string_is_a_date_or_a_clear_error(written: str) -> None:
    with suppress(BadInput):
        assert parse_date(written).tzinfo is UTC
