"""Functions on dates, times and durations. Source: DMN 1.5, tables 68, 77 and 78."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from casewright.feel.budget import Budget
from casewright.feel.builtins.numeric import whole
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

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January February March April May June July August September October November December"
).split()


def _date_of_text(_b: Budget, text: str) -> date:
    return parse_date(text)


def _date_of(_b: Budget, value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def _date_of_parts(_b: Budget, year: Number, month: Number, day: Number) -> date:
    return date(whole(year), whole(month), whole(day))


def _time_of_text(_b: Budget, text: str) -> Time:
    return parse_time(text)


def _time_of(_b: Budget, value: datetime) -> Time:
    return Time(value.hour, value.minute, value.second, value.microsecond, value.tzinfo)


def _same_time(_b: Budget, value: Time) -> Time:
    return value


def _time_of_date(_b: Budget, _value: date) -> Time:
    return Time(0, tzinfo=UTC)


def _time_of_parts(
    _b: Budget, hour: Number, minute: Number, second: Number, offset: timedelta | None = None
) -> Time:
    seconds = Decimal(second)
    micros = int((seconds - int(seconds)) * 1_000_000)
    zone = None if offset is None else fixed_zone(offset)
    return make_time(whole(hour), whole(minute), int(seconds), micros, zone)


def _date_time_of_text(_b: Budget, text: str) -> datetime:
    if "T" not in text:
        day = parse_date(text)
        return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - local, as FEEL has it
    return parse_date_time(text)


def _date_time_of(_b: Budget, day: date, time: Time) -> datetime:
    return datetime(
        day.year, day.month, day.day, time.hour, time.minute, time.second, time.microsecond,
        time.tzinfo,
    )  # fmt: skip


def _duration(_b: Budget, text: str) -> object:
    try:
        return parse_duration(text)
    except ValueError:
        if text.strip()[:1].isdigit():
            return parse_unit_duration(text)
        raise


def _years_months(_b: Budget, start: date, end: date) -> YearsMonths:
    if isinstance(start, datetime) != isinstance(end, datetime):
        start, end = _day(start), _day(end)
    if isinstance(start, datetime) and isinstance(end, datetime) and (
        (start.tzinfo is None) != (end.tzinfo is None)
    ):
        raise FeelFault("a local and a zoned date and time have no distance")
    months = (end.year - start.year) * 12 + end.month - start.month
    rest_start, rest_end = _rest(start), _rest(end)
    if months > 0 and rest_end < rest_start:
        months -= 1
    elif months < 0 and rest_end > rest_start:
        months += 1
    return YearsMonths(months)


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def _rest(value: date) -> tuple[int, ...]:
    if isinstance(value, datetime):
        return value.day, value.hour, value.minute, value.second, value.microsecond
    return (value.day,)


def _day_of_year(_b: Budget, value: date) -> int:
    return value.timetuple().tm_yday


def _day_of_week(_b: Budget, value: date) -> str:
    return _WEEKDAYS[value.weekday()]


def _month_of_year(_b: Budget, value: date) -> str:
    return _MONTHS[value.month - 1]


def _week_of_year(_b: Budget, value: date) -> int:
    return value.isocalendar().week


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
        "time(hour: number, minute: number, second: number,"
        " offset?: days and time duration?) -> time",
        _time_of_parts,
    ),
    ("date and time(from: string) -> date and time", _date_time_of_text),
    ("date and time(date: date, time: time) -> date and time", _date_time_of),
    ("date and time(date: date and time, time: time) -> date and time", _date_time_of),
    ("duration(from: string) -> any", _duration),
    ("years and months duration(from: date, to: date) -> years and months duration", _years_months),
    (
        "years and months duration(from: date and time, to: date and time)"
        " -> years and months duration",
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
