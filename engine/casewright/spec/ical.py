"""Holidays from an iCalendar file (RFC 5545): the dates of its whole-day events.

Read are ``DTSTART``, ``DTEND`` or ``DURATION`` in days, ``RDATE``, ``EXDATE`` and ``RRULE`` of a
yearly event (``INTERVAL``, ``COUNT``, ``UNTIL``, ``BYMONTH`` with ``BYMONTHDAY`` or one ``BYDAY``).
Cancelled events are passed over. Anything that would have to be guessed is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")
_BYDAY = re.compile(r"([+-]?[1-5])(MO|TU|WE|TH|FR|SA|SU)")
_DAYS = re.compile(r"P(?:(\d+)W|(\d+)D)")
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_KNOWN = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYMONTH", "BYMONTHDAY", "BYDAY", "WKST"})
_LONGEST_DAYS = 366


class IcalError(ValueError):
    """A file that cannot be read as holidays.

    Attributes:
        line: where, from 1.
        hint: what would be right.
    """

    def __init__(self, line: int, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.line = line
        self.hint = hint


@dataclass(slots=True)
class _Event:
    line: int
    lines: dict[str, tuple[int, str, str]] = field(
        default_factory=dict["str", "tuple[int, str, str]"]
    )
    dates: list[tuple[str, int, str]] = field(default_factory=list["tuple[str, int, str]"])


def read_ical(text: str, first_year: int | None = None, last_year: int | None = None) -> list[date]:
    """Return the dates of the whole-day events, ascending.

    Args:
        text: of the file.
        first_year: dates before it are left out; None for all.
        last_year: dates after it are left out; an event that recurs without end needs it.

    Raises:
        IcalError: something in the file cannot be read.
    """
    found: set[date] = set()
    for event in _events(text):
        found.update(_dates(event, last_year))
    first, last = first_year or date.min.year, last_year or date.max.year
    return sorted(day for day in found if first <= day.year <= last)


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """Yield logical lines with the number of their first line; a space goes on with a line."""
    held, held_line = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        if line[:1] in (" ", "\t"):
            held += line[1:]
            continue
        if held:
            yield held_line, held
        held, held_line = line, number
    if held:
        yield held_line, held


def _events(text: str) -> Iterator[_Event]:
    event: _Event | None = None
    inner = 0
    lines = list(_unfolded(text))
    if not lines or lines[0][1].strip().upper() != "BEGIN:VCALENDAR":
        raise IcalError(1, "no iCalendar file", "it begins with BEGIN:VCALENDAR")
    for number, line in lines:
        head, _, value = line.partition(":")
        name, _, parameters = head.upper().partition(";")
        if (name, value.upper()) == ("BEGIN", "VEVENT"):
            event, inner = _Event(number), 0
        elif event is None:
            continue
        elif name in ("BEGIN", "END") and value.upper() != "VEVENT":
            inner += 1 if name == "BEGIN" else -1  # an alarm of the event
        elif name == "END":
            yield event
            event = None
        elif not inner:
            _keep(event, name, (number, parameters, value.strip()))
    if event is not None:
        raise IcalError(event.line, "an event without END:VEVENT")


def _keep(event: _Event, name: str, entry: tuple[int, str, str]) -> None:
    number, _, value = entry
    if name in ("RDATE", "EXDATE"):
        event.dates.extend((name, number, part) for part in value.split(","))
    else:
        event.lines[name] = entry


def _dates(event: _Event, last_year: int | None) -> set[date]:
    if event.lines.get("STATUS", (0, "", ""))[2].upper() == "CANCELLED":
        return set()
    if "DTSTART" not in event.lines:
        raise IcalError(event.line, "an event without DTSTART")
    number, _, value = event.lines["DTSTART"]
    start = _day(number, value)
    days = _length(event, start)
    starts = {start, *_recurring(event, start, last_year)}
    starts |= {_day(line, part) for name, line, part in event.dates if name == "RDATE"}
    starts -= {_day(line, part) for name, line, part in event.dates if name == "EXDATE"}
    return {day + timedelta(days=n) for day in starts for n in range(days)}


def _day(line: int, value: str) -> date:
    match = _DATE.fullmatch(value)
    if match is None:
        hint = "a holiday is an event of a whole day, `DTSTART;VALUE=DATE:20261225`"
        raise IcalError(line, f'"{value}" is not a date', hint)
    try:
        return date(*map(int, match.groups()))
    except ValueError:
        raise IcalError(line, f'there is no date "{value}"') from None


def _length(event: _Event, start: date) -> int:
    if "DTEND" in event.lines:
        line, _, value = event.lines["DTEND"]
        days = (_day(line, value) - start).days
    elif "DURATION" in event.lines:
        line, _, value = event.lines["DURATION"]
        match = _DAYS.fullmatch(value)
        days = 0 if match is None else int(match[1] or 0) * 7 + int(match[2] or 0)
    else:
        return 1
    if not 0 < days <= _LONGEST_DAYS:
        raise IcalError(line, f'"{value}" is no end of whole days after {start}')
    return days


def _recurring(event: _Event, start: date, last_year: int | None) -> Iterator[date]:
    if "RRULE" not in event.lines:
        return
    line, _, text = event.lines["RRULE"]
    parts = [part.partition("=") for part in text.upper().split(";") if part]
    rule = {key: value for key, _, value in parts}
    if rule.get("FREQ") != "YEARLY" or not rule.keys() <= _KNOWN:
        raise IcalError(line, f'cannot read the rule "{text}"', "holidays recur `FREQ=YEARLY`")
    until = _day(line, rule["UNTIL"][:8]) if "UNTIL" in rule else date.max
    if "COUNT" not in rule and "UNTIL" not in rule and last_year is None:
        hint = "say the years beside the file, `from: 2026` and `to: 2030`"
        raise IcalError(line, "an event that recurs without end", hint)
    count, interval = _number(line, rule, "COUNT"), _number(line, rule, "INTERVAL") or 1
    last = min(until.year, last_year or date.max.year)
    given = 0
    for year in range(start.year, last + 1, interval):
        day = _in_year(line, rule, start, year)
        if day is None or day < start:
            continue
        given += 1
        if day > until or (count is not None and given > count):
            return
        yield day


def _number(line: int, rule: dict[str, str], key: str) -> int | None:
    text = rule.get(key)
    if text is None:
        return None
    if not text.isdecimal() or not 0 < int(text) < 10_000:
        raise IcalError(line, f'{key} is "{text}", not a number of years')
    return int(text)


def _in_year(line: int, rule: dict[str, str], start: date, year: int) -> date | None:
    """Return the date of a yearly event in a year, None where the year has no such date."""
    month = _ordinal(line, rule, "BYMONTH", start.month, 12)
    if "BYDAY" in rule:
        match = _BYDAY.fullmatch(rule["BYDAY"])
        if match is None or "BYMONTHDAY" in rule:
            hint = "one day of a month, for example `BYMONTH=11;BYDAY=4TH`"
            raise IcalError(line, f"cannot read BYDAY={rule['BYDAY']}", hint)
        return _nth(year, month, int(match[1]), _WEEKDAYS.index(match[2]))
    try:
        return date(year, month, _ordinal(line, rule, "BYMONTHDAY", start.day, 31))
    except ValueError:
        return None


def _ordinal(line: int, rule: dict[str, str], key: str, default: int, last: int) -> int:
    text = rule.get(key, str(default))
    if not text.isdecimal() or not 1 <= int(text) <= last:
        raise IcalError(line, f"cannot read {key}={text}", f"one number of 1 to {last}")
    return int(text)


def _nth(year: int, month: int, nth: int, weekday: int) -> date | None:
    """Return the nth weekday of a month, from its end if negative, None where it has none."""
    if nth > 0:
        first = date(year, month, 1)
        day = first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))
    else:
        last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
        day = last - timedelta(days=(last.weekday() - weekday) % 7 + 7 * (-nth - 1))
    return day if day.month == month else None
