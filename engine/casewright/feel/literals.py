"""Temporal values and numbers from text and back.

Years have up to nine digits, seconds up to nine digits of a fraction. Sources: DMN 1.5,
sections 10.3.2.3.4 to 10.3.2.3.8 and 10.3.4.1; ISO 8601; XML Schema part 2.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal, DecimalException
from zoneinfo import ZoneInfo

from casewright.feel.far import (
    AnyDate,
    AnyInstant,
    make_date,
    moved,
    nanos_of,
    near_of,
    with_time,
)
from casewright.feel.values import Number, Time, YearsMonths, number_from_text

_DATE = r"(-?(?:[1-9][0-9]{4,8}|[0-9]{4}))-([0-9]{2})-([0-9]{2})"
_TIME = r"([0-9]{2}):([0-9]{2}):([0-9]{2})(\.[0-9]+)?"
_ZONE = r"(Z|[-+][0-9]{2}:[0-9]{2}(?::[0-9]{2})?|@[A-Za-z][A-Za-z0-9_+/-]*)?"
_DATE_RE = re.compile(_DATE, re.ASCII)
_TIME_RE = re.compile(f"T?{_TIME}{_ZONE}", re.ASCII)
_DATE_TIME_RE = re.compile(f"{_DATE}T{_TIME}{_ZONE}", re.ASCII)
_YEARS_MONTHS_RE = re.compile(r"(-?)P(?:([0-9]{1,12})Y)?(?:([0-9]{1,12})M)?", re.ASCII)
_DAYS_TIME_RE = re.compile(
    r"(-?)P(?:([0-9]{1,12})D)?"
    r"(T(?:([0-9]{1,15})H)?(?:([0-9]{1,15})M)?(?:([0-9]{1,15})(?:\.([0-9]+))?S)?)?",
    re.ASCII,
)
# The widest offset of XML Schema; DMN takes its lexical forms from there.
_MAX_OFFSET = timedelta(hours=14)


def literal_number(text: str) -> Number | None:
    """Return what a numeric literal denotes, None if it is out of the range of decimal128."""
    try:
        return number_from_text(text)
    except DecimalException:
        return None


def literal_temporal(text: str) -> tuple[object, str]:
    """Return what ``@"text"`` denotes, else None and the reason."""
    for read in (parse_date, parse_date_time, parse_time, parse_duration):
        try:
            return read(text), ""
        except ValueError:
            continue
    return None, f'"{text}" is neither a date, a time, a date and time nor a duration'


def parse_date(text: str) -> AnyDate:
    """Return the date that ``2026-01-31`` writes.

    Raises:
        ValueError: the text writes no date.
    """
    match = _DATE_RE.fullmatch(text)
    if match is None:
        raise ValueError(f'"{text}" is no date')
    year, month, day = match.groups()
    return make_date(int(year), int(month), int(day))


def parse_time(text: str) -> Time:
    """Return the time that ``10:30:00``, with an offset or ``@zone`` or without, writes.

    Raises:
        ValueError: the text writes no time.
    """
    match = _TIME_RE.fullmatch(text)
    if match is None:
        raise ValueError(f'"{text}" is no time')
    hour, minute, second, fraction, zone = match.groups()
    micros, nanos = _fraction_of(fraction)
    return make_time(int(hour), int(minute), int(second), micros, _zone(zone), nanos)


def make_time(
    hour: int, minute: int, second: int, micros: int, zone: tzinfo | None, nanos: int = 0
) -> Time:
    """Return a time.

    Raises:
        ValueError: a part is out of its range.
    """
    if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60):
        raise ValueError(f"{hour}:{minute}:{second} is no time")
    return Time(hour, minute, second, micros, zone, nanos)


def parse_date_time(text: str) -> AnyInstant:
    """Return the date and time that the text writes; naive if it names no offset or zone.

    Midnight at the end of a day may be written as ``24:00:00``.

    Raises:
        ValueError: the text writes no date and time.
    """
    match = _DATE_TIME_RE.fullmatch(text)
    if match is None:
        raise ValueError(f'"{text}" is no date and time')
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    date_ = make_date(int(year), int(month), int(day))
    if (hour, minute, second) == ("24", "00", "00") and not (fraction or "").strip(".0"):
        date_, hour = _next_day(date_), "00"
    micros, nanos = _fraction_of(fraction)
    near = datetime(2000, 1, 1, int(hour), int(minute), int(second), micros, _zone(zone))
    return with_time(date_, near, nanos)


def _next_day(day: AnyDate) -> AnyDate:
    following = moved(day, timedelta(days=1))
    assert isinstance(following, AnyDate)
    return following


def _fraction_of(fraction: str | None) -> tuple[int, int]:
    """Return the microseconds and the nanoseconds beyond them."""
    digits = ((fraction or ".")[1:] + "000000000")[:9]
    return int(digits[:6]), int(digits[6:])


def _zone(text: str | None) -> tzinfo | None:
    if text is None:
        return None
    if text == "Z":
        return UTC
    if text.startswith("@"):
        return named_zone(text[1:])
    hours, minutes, *seconds = text[1:].split(":")
    offset = timedelta(hours=int(hours), minutes=int(minutes), seconds=int((seconds or ["0"])[0]))
    return fixed_zone(-offset if text[0] == "-" else offset)


def fixed_zone(offset: timedelta) -> tzinfo:
    """Return the zone of a fixed offset.

    Raises:
        ValueError: the offset is wider than 14 hours.
    """
    if abs(offset) > _MAX_OFFSET:
        raise ValueError(f"{offset} is no offset from UTC")
    return timezone(offset) if offset else UTC


def named_zone(name: str) -> tzinfo:
    """Return the zone of an IANA name.

    Raises:
        ValueError: there is no such zone.
    """
    try:
        return ZoneInfo(name)
    except (KeyError, OSError) as error:
        raise ValueError(f'unknown time zone "{name}"') from error


def parse_duration(text: str) -> timedelta | YearsMonths:
    """Return the duration that an ISO 8601 text writes.

    Raises:
        ValueError: the text writes no duration, or mixes months with days.
        OverflowError: it is longer than a billion days.
    """
    match = _YEARS_MONTHS_RE.fullmatch(text)
    if match and (match.group(2) or match.group(3)):
        months = int(match.group(2) or 0) * 12 + int(match.group(3) or 0)
        return YearsMonths(-months if match.group(1) else months)
    match = _DAYS_TIME_RE.fullmatch(text)
    if match is None or not any(match.groups()[1:]) or match.group(3) == "T":
        raise ValueError(f'"{text}" is no duration')
    sign, days, _, hours, minutes, seconds, fraction = match.groups()
    try:
        length = timedelta(
            days=int(days or 0),
            hours=int(hours or 0),
            minutes=int(minutes or 0),
            seconds=int(seconds or 0),
            microseconds=_fraction_of("." + fraction if fraction else None)[0],
        )
    except OverflowError as error:
        raise ValueError(f'"{text}" is too long') from error
    return -length if sign else length


def format_zone(zone: tzinfo | None, offset: timedelta | None) -> str:
    """Return how FEEL writes a zone behind a time: nothing, ``Z``, ``+01:00`` or ``@zone``."""
    if zone is None or offset is None:
        return ""
    if isinstance(zone, ZoneInfo):
        return f"@{zone.key}"
    if not offset:
        return "Z"
    total = abs(int(offset.total_seconds()))
    sign = "-" if offset < timedelta(0) else "+"
    text = f"{sign}{total // 3600:02}:{total // 60 % 60:02}"
    return text + (f":{total % 60:02}" if total % 60 else "")


def format_time(value: Time) -> str:
    """Return the text that :func:`parse_time` reads as this time."""
    text = f"{value.hour:02}:{value.minute:02}:{value.second:02}"
    fraction = _fraction(value.microsecond, value.nanos)
    return text + fraction + format_zone(value.tzinfo, value.offset)


def format_date(value: AnyDate | AnyInstant) -> str:
    """Return the date, or that of a date and time, in ISO 8601."""
    near = near_of(value)
    sign = "-" if value.year < 0 else ""
    return f"{sign}{abs(value.year):04}-{near.month:02}-{near.day:02}"


def format_date_time(value: AnyInstant) -> str:
    """Return the text that :func:`parse_date_time` reads as this date and time."""
    near = near_of(value)
    assert isinstance(near, datetime)
    fraction = _fraction(near.microsecond, nanos_of(value))
    zone = format_zone(near.tzinfo, near.utcoffset())
    return f"{format_date(value)}T{near:%H:%M:%S}{fraction}{zone}"


def _fraction(micros: int, nanos: int = 0) -> str:
    return f".{micros:06}{nanos:03}".rstrip("0") if micros or nanos else ""


def format_days_time(value: timedelta) -> str:
    """Return a days and time duration in ISO 8601, in days, hours, minutes and seconds."""
    if not value:
        return "PT0S"
    sign = "-" if value < timedelta(0) else ""
    value = abs(value)
    hours, rest = divmod(value.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    if seconds or value.microseconds:
        clock += f"{seconds}{_fraction(value.microseconds)}S"
    days = f"{value.days}D" if value.days else ""
    return f"{sign}P{days}" + (f"T{clock}" if clock else "")


def format_years_months(value: YearsMonths) -> str:
    """Return a years and months duration in ISO 8601."""
    if not value.total:
        return "P0M"
    years, months = divmod(abs(value.total), 12)
    text = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
    return ("-P" if value.total < 0 else "P") + text


def format_number(value: Number) -> str:
    """Return a number in plain notation, without exponent."""
    return str(value) if isinstance(value, int) else format(Decimal(value), "f")
