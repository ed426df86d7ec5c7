"""Random calendars and what they mean, slowly: every quarter of an hour is looked at.

All zones here change by multiples of a quarter, and windows begin and end on one, so a quarter is
open or closed as a whole; starts and amounts are any seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from casewright.temporal import Calendar

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

QUARTER = 900
SPAN = range(-96 * 9, 96 * 12)
"""The quarters around a change of the clock that are looked at."""

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

CHANGES = {
    "Australia/Lord_Howe": ("2025-04-05T15:00", "2025-10-04T15:30"),
    "Pacific/Apia": ("2011-12-30T10:00", "2021-04-03T14:00"),
    "Europe/Berlin": ("2026-03-29T01:00", "2026-10-25T01:00"),
    "America/Havana": ("2025-03-09T05:00", "2025-11-02T05:00"),
    "America/Sao_Paulo": ("2018-11-04T03:00", "2018-02-18T02:00"),
    "Antarctica/Troll": ("2025-03-30T01:00", "2025-10-26T01:00"),
    "America/Los_Angeles": ("2026-03-08T10:00", "2026-11-01T09:00"),
    "Asia/Kathmandu": ("2025-12-31T18:15",),
}
"""Changes of zones, some of half an hour and one of a whole day, in UTC."""

Windows = list[tuple[int, int]]  # quarters since midnight
Wall = tuple[int, int]  # a day and the seconds since its midnight


@cache
def walls(zone: str, near: int) -> dict[int, Wall]:
    """Return what the wall shows when each quarter begins, from two days before the span."""
    info = ZoneInfo(zone)
    found: dict[int, Wall] = {}
    for quarter in range(SPAN.start - 192, SPAN.stop + 192):
        wall = datetime.fromtimestamp(near + quarter * QUARTER, info)
        seconds = wall.hour * 3600 + wall.minute * 60 + wall.second
        found[quarter] = (wall.toordinal(), seconds)
    return found


@cache
def dates(zone: str, near: int) -> frozenset[int]:
    """Return the dates that the wall shows."""
    return frozenset(day for day, _ in walls(zone, near).values())


@dataclass(frozen=True)
class Plain:
    """Hours in a zone."""

    zone: str
    hours: dict[int, Windows]
    holidays: list[int]
    dates: dict[int, Windows]

    def calendar(self) -> Calendar:
        return Calendar(
            self.zone,
            {WEEKDAYS[day]: _texts(windows) for day, windows in self.hours.items()},
            [date.fromordinal(day) for day in self.holidays],
            {date.fromordinal(day): _texts(windows) for day, windows in self.dates.items()},
        )

    def windows(self, day: int, near: int) -> Windows:
        if day not in dates(self.zone, near):
            return []
        if day in self.dates:
            return self.dates[day]
        return [] if day in self.holidays else self.hours.get((day - 1) % 7, [])

    def opens(self, near: int) -> list[bool]:
        shown = walls(self.zone, near)
        opened = {
            (day + quarter // 96, quarter % 96)
            for day in dates(self.zone, near)
            for since, until in self.windows(day, near)
            for quarter in range(since, until if since < until else until + 96)
        }
        return [(shown[q][0], shown[q][1] // QUARTER) in opened for q in SPAN]

    def working_days(self, near: int, opens: list[bool]) -> list[int]:
        return [day for day in sorted(dates(self.zone, near)) if self.windows(day, near)]

    def closing(self, day: int, near: int, opens: list[bool]) -> int:
        last = max(b if a < b else b + 96 for a, b in self.windows(day, near))
        closes = (day + last // 96, last % 96 * QUARTER)
        shown = walls(self.zone, near)
        quarter = max(q for q in SPAN if shown[q] < closes)
        return near + (quarter + 1) * QUARTER


@dataclass(frozen=True)
class Combined:
    """Calendars together."""

    zone: str
    mode: str
    parts: tuple[Plain | Combined, ...]

    def calendar(self) -> Calendar:
        make = Calendar.union if self.mode == "union" else Calendar.intersection
        return make(self.zone, [part.calendar() for part in self.parts])

    def opens(self, near: int) -> list[bool]:
        decide = any if self.mode == "union" else all
        return [decide(flags) for flags in zip(*(p.opens(near) for p in self.parts), strict=True)]

    def working_days(self, near: int, opens: list[bool]) -> list[int]:
        shown = walls(self.zone, near)
        return sorted({shown[q][0] for q, is_open in zip(SPAN, opens, strict=True) if is_open})

    def closing(self, day: int, near: int, opens: list[bool]) -> int:
        shown = walls(self.zone, near)
        pairs = zip(SPAN, opens, strict=True)
        return near + QUARTER * (1 + max(q for q, on in pairs if on and shown[q][0] == day))


Meaning = Plain | Combined


def elapsed(opens: list[bool], near: int, start: int, end: int) -> int:
    """Return the open seconds between two instants."""
    return sum(max(min(b, end) - max(a, start), 0) for a, b in _stretches(opens, near))


def due(opens: list[bool], near: int, start: int, amount: int) -> int | None:
    """Return the first instant by which an amount is spent, None beyond the span."""
    for since, until in _stretches(opens, near):
        first = max(since, start)
        if first < until:
            if amount <= until - first:
                return first + amount
            amount -= until - first
    return None


def back(opens: list[bool], near: int, end: int, amount: int) -> int | None:
    """Return the last instant from which an amount leads to the end, None beyond the span."""
    for since, until in reversed(list(_stretches(opens, near))):
        last = min(until, end)
        if since < last:
            if amount <= last - since:
                return last - amount
            amount -= last - since
    return None


def shown_from(zone: str, near: int, wall: Wall) -> int:
    """Return the first instant at which the wall shows at least that."""
    for quarter, shown in sorted(walls(zone, near).items()):
        ahead = (wall[0] - shown[0]) * 86_400 + wall[1] - shown[1]
        if ahead < QUARTER:
            return near + quarter * QUARTER + max(ahead, 0)
    raise AssertionError


def _stretches(opens: list[bool], near: int) -> Iterator[tuple[int, int]]:
    for quarter, is_open in zip(SPAN, opens, strict=True):
        if is_open:
            yield near + quarter * QUARTER, near + (quarter + 1) * QUARTER


def _texts(windows: Windows) -> list[tuple[str, str]]:
    return [(_time(since), _time(until)) for since, until in windows]


def _time(quarter: int) -> str:
    return f"{quarter // 4:02}:{quarter % 4 * 15:02}"


def near_of(rng: Random) -> int:
    """Return the instant of a change, in seconds since the epoch."""
    text = rng.choice(rng.choice(list(CHANGES.values())))
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def random_calendar(rng: Random, near: int, depth: int = 2) -> Meaning:
    """Return hours, or a combination of two or three calendars."""
    zone = rng.choice(list(CHANGES))
    if depth and rng.random() < (0.7 if depth == 2 else 0.2):
        parts = tuple(random_calendar(rng, near, depth - 1) for _ in range(rng.randint(2, 3)))
        return Combined(zone, rng.choice(("union", "intersection")), parts)
    middle = datetime.combine(datetime.fromtimestamp(near, UTC), time()).toordinal()

    def day() -> int:
        return middle + rng.randint(-5, 5)

    return Plain(
        zone,
        {weekday: _windows(rng) for weekday in range(7) if rng.random() < 0.8},
        [day() for _ in range(rng.randint(0, 2))],
        {day(): _windows(rng) for _ in range(rng.randint(0, 2))},
    )


def _windows(rng: Random) -> Windows:
    found: Windows = []
    for _ in range(rng.randint(0, 3)):
        since, until = rng.randrange(96), rng.randint(0, 96)
        if since != until:
            found.append((since, until))
    return found


def random_pauses(rng: Random, near: int) -> list[tuple[int, int]]:
    """Return up to three pauses of up to a day that begin and end on a quarter."""
    since = [near + QUARTER * rng.randint(-96 * 3, 96 * 6) for _ in range(rng.randint(0, 3))]
    return [(at, at + QUARTER * rng.randint(1, 96)) for at in since]


def aware(instant: int) -> datetime:
    """Return an instant in UTC."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=instant)
