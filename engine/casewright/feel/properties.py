"""Properties behind a dot: of contexts, lists, temporal values and ranges.

Source: DMN 1.5, table 54.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from types import MappingProxyType

from casewright.feel.budget import Budget
from casewright.feel.far import AnyInstant, FarDate, FarDateTime, near_of
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
from casewright.feel.values import Range, Time, YearsMonths

_Part = tuple[Type, Callable[..., object]]


def _days(value: timedelta) -> int:
    return int(abs(value).days) * (1 if value >= timedelta(0) else -1)


def _clock(value: timedelta, unit: int, modulo: int) -> int:
    part = abs(value).seconds // unit % modulo
    return part if value >= timedelta(0) else -part


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
    return lambda value: getattr(value if isinstance(value, Time) else near_of(value), name)


_DATE_PARTS: Mapping[str, _Part] = {
    "year": (NUMBER, lambda v: v.year),
    "month": (NUMBER, lambda v: near_of(v).month),
    "day": (NUMBER, lambda v: near_of(v).day),
    "weekday": (NUMBER, lambda v: near_of(v).isoweekday()),
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
    "hours": (NUMBER, lambda v: _clock(v, 3600, 24)),
    "minutes": (NUMBER, lambda v: _clock(v, 60, 60)),
    "seconds": (NUMBER, lambda v: _clock(v, 1, 60)),
}
_YEARS_MONTHS_PARTS: Mapping[str, _Part] = {
    "years": (NUMBER, lambda v: v.years),
    "months": (NUMBER, lambda v: v.months),
}
_RANGE_PARTS: Mapping[str, _Part] = {
    "start": (ANY, lambda v: v.start),
    "end": (ANY, lambda v: v.end),
    "start included": (BOOLEAN, lambda v: v.start is not None and v.start_included),
    "end included": (BOOLEAN, lambda v: v.end is not None and v.end_included),
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
    if isinstance(value, Mapping):
        return value.get(name)
    if isinstance(value, (list, tuple)):
        b.spend(len(value))
        return [get(b, item, name) for item in value]
    part = _BY_CLASS.get(value.__class__, {}).get(name)
    return None if part is None else part[1](value)
