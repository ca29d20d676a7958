"""Which periods a corpus is looked at in: days with texts go in; where series begin and end, how time is cut, come out.

The corpus itself chooses by where the bulk of its documents lies. A stray date (1970-01-01, 9999-12-31) is set aside,
and counted: whoever asks is told.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

import numpy as np

from trivec.errors import BadInput
from trivec.learning.trends import FREQUENCIES, Calendar, Frequency

Days = Mapping[date, int]

MOST_PERIODS: Final = 4_000
THIN: Final = 5  # texts of a period: a share of fewer says nothing
_STRAY: Final = 0.05  # share of the documents that may lie apart from the others, at either end
_APART: Final = 0.1  # of the time that the others take: a longer gap sets documents apart
_LEAST_APART: Final = 31  # days
_NEVER: Final = 9000  # from this year on a date stands for none
_FILLED: Final = 0.8  # share of periods with enough texts that makes a frequency natural
_FEWEST_PERIODS: Final = 12  # of a natural frequency
_WEEKEND: Final = 0.02  # share of texts below which weekends do not count
_DAYS: Final[Mapping[Frequency, float]] = {"day": 1.0, "week": 7.0, "month": 30.4, "year": 365.25}


@dataclass(frozen=True)
class Frame:
    """The periods of a corpus.

    Attributes:
        calendar: how time is cut.
        periods: all of them, none left out.
        partial: which are known in part only: still running, or the first or last one and cut off.
        left_out: documents whose dates lie far from all others, in none of these periods.
    """

    calendar: Calendar
    periods: tuple[str, ...]
    partial: tuple[bool, ...]
    left_out: int

    @property
    def whole(self) -> tuple[str, ...]:
        """Those that are over and not cut off."""
        return tuple(name for name, partial in zip(self.periods, self.partial, strict=True) if not partial)


def today() -> date:
    """The day that it is, in UTC as all days here."""
    return datetime.now(UTC).date()


def frame(
    days: Days,
    *,
    now: date,
    frequency: Frequency | None = None,
    first: date | None = None,
    last: date | None = None,
) -> Frame:
    """The periods from one day to another; without these, those of the bulk of the documents.

    Args:
        days: documents of each day.
        now: the day that it is: the period it lies in is still running.
        frequency: of the periods; None for the finest one that is nearly filled, which always can be drawn.
        first: earliest day; None for the first one that is not set apart.
        last: latest day, inclusive; None for the last one that is not set apart.

    Raises:
        BadInput: no document has such a date, or there are more periods of this frequency than can be drawn.
    """
    held = {
        day: count
        for day, count in days.items()
        if (first is None or day >= first) and (last is None or day <= last) and day.year < _NEVER
    }
    if not held and (first or last):
        raise BadInput(f"no document lies between {first or 'the beginning'} and {last or 'today'}: choose other dates")
    if not held:
        raise BadInput("no document has a date, so that there are no series: ingest with a date column")
    low, high = bulk(held)
    begin, end = min(held) if first else low, max(held) if last else high
    kept = {day: count for day, count in held.items() if begin <= day <= end}
    calendar = _calendar(kept, frequency)
    periods = calendar.between(begin, end)
    never = 0 if last else sum(count for day, count in days.items() if day.year >= _NEVER)
    left_out = sum(held.values()) - sum(kept.values()) + never
    # Whether a period is cut off shows in all of its documents, whatever dates were asked for.
    known = {day: count for day, count in days.items() if day.year < _NEVER}
    return Frame(calendar, periods, _partial(known, calendar, periods, now), left_out)


def bulk(days: Days) -> tuple[date, date]:
    """First and last day of nine in ten documents, and of all others that no long gap sets apart from these.

    A gap is long if it is twice as long as any among the nine in ten, and a tenth of the time they take.
    """
    order = sorted(days)
    ranks = np.array([day.toordinal() for day in order])
    reached = np.cumsum([days[day] for day in order])
    strays = _STRAY * reached[-1]
    low = int(np.searchsorted(reached, strays, side="right"))
    high = int(np.searchsorted(reached, reached[-1] - strays))
    gaps = np.diff(ranks)
    usual = 2 * int(gaps[low:high].max(initial=0))
    long = max(usual, _APART * int(ranks[high] - ranks[low]), _LEAST_APART)
    while low > 0 and gaps[low - 1] <= long:
        low -= 1
    while high < len(gaps) and gaps[high] <= long:
        high += 1
    return order[low], order[high]


def _calendar(days: Days, frequency: Frequency | None) -> Calendar:
    """As asked, or the finest frequency whose periods are nearly all filled and that can be drawn."""
    if frequency is not None:
        asked = Calendar(frequency, frequency == "day" and _rests(days))
        if (length := _length(days, asked)) > MOST_PERIODS:
            raise BadInput(
                f"{length:,.0f} periods of a {frequency} are too many to look at: choose a coarser frequency, or "
                "earliest and latest dates that lie closer together"
            )
        return asked
    found = (Calendar(each, each == "day" and _rests(days)) for each in FREQUENCIES[:-1])
    return next((each for each in found if _natural(days, each)), Calendar("year"))


def _natural(days: Days, calendar: Calendar) -> bool:
    length = _length(days, calendar)
    if not _FEWEST_PERIODS <= length <= MOST_PERIODS:
        return False
    counts = Counter[str]()
    for day, count in days.items():
        counts[calendar.name(day)] += count
    return sum(count >= THIN for name, count in counts.items() if name) >= _FILLED * length


def _length(days: Days, calendar: Calendar) -> float:
    """About how many periods lie between the first and the last day."""
    working = 5 / 7 if calendar.business_days else 1.0
    return ((max(days) - min(days)).days + 1) / _DAYS[calendar.frequency] * working


def _rests(days: Days) -> bool:
    """Whether next to nothing is written on weekends."""
    weekend = sum(count for day, count in days.items() if day.weekday() >= 5)
    return weekend <= _WEEKEND * sum(days.values())


def _partial(days: Days, calendar: Calendar, periods: tuple[str, ...], now: date) -> tuple[bool, ...]:
    """A first or last period is cut off where its texts begin later, or end earlier, than in nine of ten others."""
    found = [calendar.end(name) > now for name in periods]
    begins, ends = _offsets(days, calendar)
    inner = periods[1:-1]
    starts = [begins[name] for name in inner if name in begins]
    stops = [ends[name] for name in inner if name in ends]
    if calendar.frequency != "day" and len(starts) >= 3:
        found[0] |= begins.get(periods[0], 0) > float(np.quantile(starts, 0.9))
        found[-1] |= ends.get(periods[-1], 0) < float(np.quantile(stops, 0.1))
    return tuple(found)


def _offsets(days: Days, calendar: Calendar) -> tuple[dict[str, int], dict[str, int]]:
    """Of each period, how many days after its begin its first and its last text come."""
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    for day in sorted(days):
        if name := calendar.name(day):
            offset = (day - calendar.begin(name)) // timedelta(days=1)
            first.setdefault(name, offset)
            last[name] = offset
    return first, last
