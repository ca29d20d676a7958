"""Periods: days, weeks, months and years by name. Dates in, the periods between them out, in order, no hole."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from trivec.errors import BadInput

Frequency = Literal["day", "week", "month", "year"]
FREQUENCIES: Final[tuple[Frequency, ...]] = ("day", "week", "month", "year")

_SATURDAY: Final = 5
_SEASONS: Final = {"day": 7, "week": 52, "month": 12, "year": 1}
_WORKING_WEEK: Final = 5


@dataclass(frozen=True)
class Calendar:
    """How time is cut into periods.

    Attributes:
        frequency: length of a period.
        business_days: days are Monday to Friday only; what happened on a weekend belongs to no period.
    """

    frequency: Frequency
    business_days: bool = False

    @property
    def season(self) -> int:
        """Periods after which the calendar repeats itself; 1 where it does not."""
        return _WORKING_WEEK if self.business_days and self.frequency == "day" else _SEASONS[self.frequency]

    def name(self, day: date) -> str:
        """Of the period a day falls into: `1990-05-17`, a week by its Monday, `1990-05`, `1990`; "" for none.

        >>> [Calendar(each).name(date(1990, 5, 17)) for each in FREQUENCIES]
        ['1990-05-17', '1990-05-14', '1990-05', '1990']
        """
        if self.business_days and self.frequency == "day" and day.weekday() >= _SATURDAY:
            return ""
        return self._begin(day).isoformat()[: {"year": 4, "month": 7}.get(self.frequency, 10)]

    def between(self, first: date, last: date) -> tuple[str, ...]:
        """Every period from the one of `first` to the one of `last`.

        Raises:
            BadInput: they end before they begin.
        """
        if last < first:
            raise BadInput(f"a series cannot begin on {first} and end on {last}: exchange them")
        return tuple(name for name in map(self.name, self._begins(first, last)) if name)

    def after(self, period: str, count: int) -> tuple[str, ...]:
        """The next periods behind one."""
        found: list[str] = []
        day = self.end(period)
        while len(found) < count:
            found += [name] if (name := self.name(day)) else []
            day = self._next(self._begin(day))
        return tuple(found)

    def begin(self, period: str) -> date:
        """First day of a period.

        >>> Calendar("month").begin("1990-05")
        datetime.date(1990, 5, 1)
        """
        return date.fromisoformat(period + {"year": "-01-01", "month": "-01"}.get(self.frequency, ""))

    def end(self, period: str) -> date:
        """The day after a period's last one."""
        return self._next(self.begin(period))

    def _begin(self, day: date) -> date:
        if self.frequency == "week":
            return day - timedelta(days=min(day.weekday(), day.toordinal() - 1))
        if self.frequency == "day":
            return day
        return day.replace(day=1) if self.frequency == "month" else day.replace(month=1, day=1)

    def _next(self, begin: date) -> date:
        if self.frequency == "year":
            return begin.replace(year=begin.year + 1)
        if self.frequency == "month":
            return (begin + timedelta(days=32)).replace(day=1)
        return begin + timedelta(days=7 if self.frequency == "week" else 1)

    def _begins(self, first: date, last: date) -> Iterator[date]:
        day = self._begin(first)
        while day <= last:
            yield day
            day = self._next(day)
