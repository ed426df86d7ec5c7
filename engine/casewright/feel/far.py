"""Dates that Python's own cannot hold: years beyond 1 to 9999, and nanoseconds.

The Gregorian calendar repeats every 400 years, to the weekday; so a far date is a near one, of the
years 2000 to 2399, and a number of such cycles. A value that Python can hold never has one of
these classes. Source: XML Schema part 2 (years of any number of digits), DMN 1.5, section
10.3.2.3.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

_CYCLE = 400
_CYCLE_DAYS = 146_097
_FIRST = 2000
_MAX_YEAR = 999_999_999
_EPOCH = datetime(_FIRST, 1, 1, tzinfo=UTC)
_MICRO = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class FarDate:
    """A date of a year that is not one of 1 to 9999; compares with dates."""

    near: date
    cycles: int

    @property
    def year(self) -> int:
        """Return the year; 0 is the one before 1."""
        return self.near.year + _CYCLE * self.cycles

    @property
    def month(self) -> int:
        """Return the month."""
        return self.near.month

    @property
    def day(self) -> int:
        """Return the day of the month."""
        return self.near.day

    def __lt__(self, other: date | FarDate) -> bool:
        return _nanos(self) < _nanos(other)

    def __le__(self, other: date | FarDate) -> bool:
        return _nanos(self) <= _nanos(other)

    def __gt__(self, other: date | FarDate) -> bool:
        return _nanos(self) > _nanos(other)

    def __ge__(self, other: date | FarDate) -> bool:
        return _nanos(self) >= _nanos(other)


@dataclass(frozen=True, slots=True)
class FarDateTime:
    """A date and time of a far year, or one with nanoseconds.

    Attributes:
        nanos: nanoseconds beyond the microseconds of ``near``, 0 to 999.
    """

    near: datetime
    cycles: int
    nanos: int = 0

    @property
    def year(self) -> int:
        """Return the year; 0 is the one before 1."""
        return self.near.year + _CYCLE * self.cycles

    @property
    def tzinfo(self) -> tzinfo | None:
        """Return the zone, None for a local date and time."""
        return self.near.tzinfo


AnyDate = date | FarDate
AnyInstant = datetime | FarDateTime
Moment = date | FarDate | FarDateTime


def is_instant(value: object) -> bool:
    """Return whether a value is a date and time."""
    return isinstance(value, (datetime, FarDateTime))


def make_date(year: int, month: int, day: int) -> AnyDate:
    """Return a date of any year.

    Raises:
        ValueError: there is no such date, or its year has more than nine digits.
    """
    if 1 <= year <= 9999:
        return date(year, month, day)
    if abs(year) > _MAX_YEAR:
        raise ValueError(f"the year {year} has too many digits")
    cycles, rest = divmod(year - _FIRST, _CYCLE)
    return FarDate(date(_FIRST + rest, month, day), cycles)


def with_time(day: AnyDate, near: datetime, nanos: int = 0) -> AnyInstant:
    """Return the instant of a day that has the time and zone of ``near``."""
    cycles, inner = _parts(day)
    return _instant(near.replace(year=inner.year, month=inner.month, day=inner.day), cycles, nanos)


def _instant(near: datetime, cycles: int, nanos: int) -> AnyInstant:
    year = near.year + _CYCLE * cycles
    if 1 <= year <= 9999 and not nanos:
        return near.replace(year=year)
    if abs(year) > _MAX_YEAR:
        raise ValueError(f"the year {year} has too many digits")
    more, rest = divmod(near.year - _FIRST, _CYCLE)
    return FarDateTime(near.replace(year=_FIRST + rest), cycles + more, nanos)


def _parts(value: Moment) -> tuple[int, date]:
    if isinstance(value, (FarDate, FarDateTime)):
        return value.cycles, value.near
    cycles, rest = divmod(value.year - _FIRST, _CYCLE)
    return cycles, value.replace(year=_FIRST + rest)


def near_of(value: Moment) -> date:
    """Return the date, or date and time, that has the same month, day, time and zone."""
    return value.near if isinstance(value, (FarDate, FarDateTime)) else value


def nanos_of(value: object) -> int:
    """Return the nanoseconds beyond the microseconds."""
    return value.nanos if isinstance(value, FarDateTime) else 0


def date_of(value: Moment) -> AnyDate:
    """Return the date of a date and time; a date is its own."""
    if isinstance(value, FarDateTime):
        return make_date(value.year, value.near.month, value.near.day)
    return value.date() if isinstance(value, datetime) else value


def is_local(value: Moment) -> bool:
    """Return whether a date and time has no zone; a date counts as midnight in UTC."""
    return is_instant(value) and getattr(value, "tzinfo", None) is None


def nanos_since(value: Moment) -> int:
    """Return the nanoseconds from the start of 2000 in UTC; local ones are taken as UTC."""
    return _nanos(value)


def _nanos(value: Moment) -> int:
    cycles, near = _parts(value)
    micros = (_in_utc(near) - _EPOCH) // _MICRO
    return (cycles * _CYCLE_DAYS * 86_400_000_000 + micros) * 1000 + nanos_of(value)


def _in_utc(near: date) -> datetime:
    if not isinstance(near, datetime):
        return datetime(near.year, near.month, near.day, tzinfo=UTC)
    return near.replace(tzinfo=UTC) if near.tzinfo is None else near.astimezone(UTC)


def moved(value: Moment, length: timedelta) -> Moment:
    """Return a date or instant moved by real time, a date by its whole days.

    Raises:
        ValueError: the year of the result has more than nine digits.
    """
    cycles, near = _parts(value)
    more, days = divmod(length.days, _CYCLE_DAYS)
    rest = timedelta(days, length.seconds, length.microseconds)
    instant = _in_utc(near) + rest
    if not isinstance(near, datetime):
        return make_date(instant.year + _CYCLE * (cycles + more), instant.month, instant.day)
    local = instant.replace(tzinfo=None) if near.tzinfo is None else instant.astimezone(near.tzinfo)
    return _instant(local, cycles + more, nanos_of(value))


def in_year(value: Moment, year: int, month: int, day: int) -> Moment:
    """Return a date or date and time put to another date.

    Raises:
        ValueError: there is no such date.
    """
    moved_day = make_date(year, month, day)
    near = near_of(value)
    if isinstance(near, datetime):
        return with_time(moved_day, near, nanos_of(value))
    return moved_day
