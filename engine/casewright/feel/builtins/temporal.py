"""Functions on dates, times and durations. Source: DMN 1.5, tables 68, 77 and 78."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from casewright.feel.builtins.numeric import whole
from casewright.feel.far import (
    AnyDate,
    AnyInstant,
    Moment,
    date_of,
    is_instant,
    is_local,
    make_date,
    nanos_of,
    near_of,
    with_time,
)
from casewright.feel.faults import FeelFault
from casewright.feel.literals import (
    fixed_zone,
    make_time,
    parse_date,
    parse_date_time,
    parse_duration,
    parse_time,
)
from casewright.feel.values import Number, Time, YearsMonths
from casewright.temporal import parse_duration as parse_unit_duration

if TYPE_CHECKING:
    from collections.abc import Callable

    from casewright.feel.budget import Budget

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def _date_of_text(_b: Budget, text: str) -> AnyDate:
    return parse_date(text)


def _date_of(_b: Budget, value: Moment) -> AnyDate:
    return date_of(value)


def _date_of_parts(_b: Budget, year: Number, month: Number, day: Number) -> AnyDate:
    return make_date(whole(year), whole(month), whole(day))


def _time_of_text(_b: Budget, text: str) -> Time:
    return parse_time(text)


def _time_of(_b: Budget, value: AnyInstant) -> Time:
    near = near_of(value)
    assert isinstance(near, datetime)
    return Time(near.hour, near.minute, near.second, near.microsecond, near.tzinfo, nanos_of(value))


def _same_time(_b: Budget, value: Time) -> Time:
    return value


def _time_of_date(_b: Budget, _value: AnyDate) -> Time:
    return Time(0, tzinfo=UTC)


def _time_of_parts(
    _b: Budget, hour: Number, minute: Number, second: Number, offset: timedelta | None = None
) -> Time:
    seconds = Decimal(second)
    micros, nanos = divmod(int((seconds - int(seconds)) * 1_000_000_000), 1000)
    zone = None if offset is None else fixed_zone(offset)
    return make_time(whole(hour), whole(minute), int(seconds), micros, zone, nanos)


def _date_time_of_text(_b: Budget, text: str) -> AnyInstant:
    if "T" not in text:
        return with_time(parse_date(text), datetime(2000, 1, 1))  # noqa: DTZ001 - local, as FEEL has it
    return parse_date_time(text)


def _date_time_of(_b: Budget, day: Moment, time: Time) -> AnyInstant:
    near = datetime(2000, 1, 1, time.hour, time.minute, time.second, time.microsecond, time.tzinfo)
    return with_time(date_of(day), near, time.nanos)


def _duration(_b: Budget, text: str) -> object:
    try:
        return parse_duration(text)
    except ValueError:
        if text.strip()[:1].isdigit():
            return parse_unit_duration(text)
        raise


def _years_months(_b: Budget, start: Moment, end: Moment) -> YearsMonths:
    if is_instant(start) != is_instant(end):
        start, end = date_of(start), date_of(end)
    if is_local(start) != is_local(end):
        raise FeelFault("a local and a zoned date and time have no distance")
    near_start, near_end = near_of(start), near_of(end)
    months = (end.year - start.year) * 12 + near_end.month - near_start.month
    rest_start, rest_end = _rest(near_start), _rest(near_end)
    if months > 0 and rest_end < rest_start:
        months -= 1
    elif months < 0 and rest_end > rest_start:
        months += 1
    return YearsMonths(months)


def _rest(value: date) -> tuple[int, ...]:
    if isinstance(value, datetime):
        return value.day, value.hour, value.minute, value.second, value.microsecond
    return (value.day,)


def _day_of_year(_b: Budget, value: Moment) -> int:
    return near_of(value).timetuple().tm_yday


def _day_of_week(_b: Budget, value: Moment) -> str:
    return _WEEKDAYS[near_of(value).weekday()]


def _month_of_year(_b: Budget, value: Moment) -> str:
    return _MONTHS[near_of(value).month - 1]


def _week_of_year(_b: Budget, value: Moment) -> int:
    return near_of(value).isocalendar().week


def _now(b: Budget) -> datetime | None:
    return b.now


def _today(b: Budget) -> date | None:
    return None if b.now is None else b.now.date()


ROWS: tuple[tuple[str, Callable[..., object]], ...] = (
    ("date(from: string) -> date", _date_of_text),
    ("date(from: date) -> date", _date_of),
    ("date(from: date and time) -> date", _date_of),
    ("date(year: number, month: number, day: number) -> date", _date_of_parts),
    ("time(from: string) -> time", _time_of_text),
    ("time(from: time) -> time", _same_time),
    ("time(from: date) -> time", _time_of_date),
    ("time(from: date and time) -> time", _time_of),
    (
        (
            "time(hour: number, minute: number, second: number,"
            " offset?: days and time duration?) -> time"
        ),
        _time_of_parts,
    ),
    ("date and time(from: string) -> date and time", _date_time_of_text),
    ("date and time(date: date, time: time) -> date and time", _date_time_of),
    ("date and time(date: date and time, time: time) -> date and time", _date_time_of),
    ("duration(from: string) -> any", _duration),
    ("years and months duration(from: date, to: date) -> years and months duration", _years_months),
    (
        ("years and months duration(from: date, to: date and time) -> years and months duration"),
        _years_months,
    ),
    (
        ("years and months duration(from: date and time, to: date) -> years and months duration"),
        _years_months,
    ),
    (
        (
            "years and months duration(from: date and time, to: date and time)"
            " -> years and months duration"
        ),
        _years_months,
    ),
    ("day of year(date: date) -> number", _day_of_year),
    ("day of year(date: date and time) -> number", _day_of_year),
    ("day of week(date: date) -> string", _day_of_week),
    ("day of week(date: date and time) -> string", _day_of_week),
    ("month of year(date: date) -> string", _month_of_year),
    ("month of year(date: date and time) -> string", _month_of_year),
    ("week of year(date: date) -> number", _week_of_year),
    ("week of year(date: date and time) -> number", _week_of_year),
    ("now() -> date and time", _now),
    ("today() -> date", _today),
)
