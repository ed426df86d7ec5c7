"""Properties behind a dot: of contexts, lists, temporal values and ranges.

Source: DMN 1.5, table 54.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING

from casewright.feel.far import AnyInstant, FarDate, FarDateTime, Moment, near_of
from casewright.feel.types import (
    ANY,
    BOOLEAN,
    DATE,
    DATE_TIME,
    DAYS_TIME,
    NUMBER,
    STRING,
    TIME,
    YEARS_MONTHS,
    RangeType,
    Type,
)
from casewright.feel.values import Range, Time, YearsMonths, is_context, is_list

if TYPE_CHECKING:
    from casewright.feel.budget import Budget

_Part = tuple[Type, Callable[..., object]]


def _days(value: timedelta) -> int:
    return abs(value).days * (1 if value >= timedelta(0) else -1)


def _clock(unit: int, modulo: int) -> Callable[[timedelta], int]:
    def part(value: timedelta) -> int:
        found = abs(value).seconds // unit % modulo
        return found if value >= timedelta(0) else -found

    return part


def _zone(value: AnyInstant | Time) -> str | None:
    key = getattr(value.tzinfo, "key", None)
    return key if isinstance(key, str) else None


def _offset(value: AnyInstant | Time) -> timedelta | None:
    if isinstance(value, Time):
        return value.offset
    near = near_of(value)
    assert isinstance(near, datetime)
    return near.utcoffset()


def _clock_part(name: str) -> Callable[[AnyInstant | Time], object]:
    def part(value: AnyInstant | Time) -> object:
        return getattr(value if isinstance(value, Time) else near_of(value), name)

    return part


def _date_part(name: str) -> Callable[[Moment], object]:
    def part(value: Moment) -> object:
        return getattr(near_of(value), name)

    return part


def _weekday(value: Moment) -> int:
    return near_of(value).isoweekday()


def _start_included(value: Range) -> bool:
    return value.start is not None and value.start_included


def _end_included(value: Range) -> bool:
    return value.end is not None and value.end_included


_DATE_PARTS: Mapping[str, _Part] = {
    "year": (NUMBER, attrgetter("year")),
    "month": (NUMBER, _date_part("month")),
    "day": (NUMBER, _date_part("day")),
    "weekday": (NUMBER, _weekday),
}
_TIME_PARTS: Mapping[str, _Part] = {
    "hour": (NUMBER, _clock_part("hour")),
    "minute": (NUMBER, _clock_part("minute")),
    "second": (NUMBER, _clock_part("second")),
    "time offset": (DAYS_TIME, _offset),
    "timezone": (STRING, _zone),
}
_DAYS_TIME_PARTS: Mapping[str, _Part] = {
    "days": (NUMBER, _days),
    "hours": (NUMBER, _clock(3600, 24)),
    "minutes": (NUMBER, _clock(60, 60)),
    "seconds": (NUMBER, _clock(1, 60)),
}
_YEARS_MONTHS_PARTS: Mapping[str, _Part] = {
    "years": (NUMBER, attrgetter("years")),
    "months": (NUMBER, attrgetter("months")),
}
_RANGE_PARTS: Mapping[str, _Part] = {
    "start": (ANY, attrgetter("start")),
    "end": (ANY, attrgetter("end")),
    "start included": (BOOLEAN, _start_included),
    "end included": (BOOLEAN, _end_included),
}
BY_TYPE: Mapping[Type, Mapping[str, _Part]] = MappingProxyType(
    {
        DATE: _DATE_PARTS,
        DATE_TIME: {**_DATE_PARTS, **_TIME_PARTS},
        TIME: _TIME_PARTS,
        DAYS_TIME: _DAYS_TIME_PARTS,
        YEARS_MONTHS: _YEARS_MONTHS_PARTS,
    }
)
_BY_CLASS: Mapping[type, Mapping[str, _Part]] = {
    date: _DATE_PARTS,
    FarDate: _DATE_PARTS,
    datetime: BY_TYPE[DATE_TIME],
    FarDateTime: BY_TYPE[DATE_TIME],
    Time: _TIME_PARTS,
    timedelta: _DAYS_TIME_PARTS,
    YearsMonths: _YEARS_MONTHS_PARTS,
    Range: _RANGE_PARTS,
}


def parts_of(kind: Type) -> Mapping[str, _Part] | None:
    """Return the properties of a type that has fixed ones, else None."""
    return _RANGE_PARTS if isinstance(kind, RangeType) else BY_TYPE.get(kind)


def get(b: Budget, value: object, name: str) -> object:
    """Return the property of a value, of each element for a list; null if it has none."""
    if is_context(value):
        return value.get(name)
    if is_list(value):
        b.spend(len(value))
        return [get(b, item, name) for item in value]
    parts = _BY_CLASS.get(value.__class__)
    part = None if parts is None else parts.get(name)
    return None if part is None else part[1](value)
