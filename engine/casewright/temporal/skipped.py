"""What clock changes skip: stretches of wall-clock time that do not exist on some date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache

from casewright.temporal.hours import WEEKDAYS
from casewright.temporal.instant import DAY_US, to_us
from casewright.temporal.zone import zone_named

_MINUTE_US = 60_000_000
_EPOCH_DAY = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Skipped:
    """A stretch that a wall clock does not show.

    Attributes:
        date: on which it would begin.
        since: minutes after the midnight of that date.
        until: likewise, where the clock goes on.
    """

    date: date
    since: int
    until: int

    def covers(self, weekday: str, opens: int, closes: int) -> bool:
        """Return whether a window, in minutes since midnight, lies in it as a whole."""
        is_day = WEEKDAYS[self.date.weekday()] == weekday
        return is_day and self.since <= opens and closes <= self.until


@lru_cache(maxsize=32)
def skipped_hours(timezone: str, first_year: int, last_year: int) -> tuple[Skipped, ...]:
    """Return what the clock changes of a zone skip in some years, ascending.

    Raises:
        ValueError: there is no such zone.
    """
    start = to_us(datetime(first_year, 1, 1, tzinfo=UTC))
    end = to_us(datetime(last_year + 1, 1, 1, tzinfo=UTC))
    found: list[Skipped] = []
    before: int | None = None
    for since, _, offset in zone_named(timezone).segments(start, end):
        if before is not None and offset > before:
            day, time = divmod(since + before, DAY_US)
            length = (offset - before) // _MINUTE_US
            minute = time // _MINUTE_US
            found.append(Skipped(date.fromordinal(day + _EPOCH_DAY), minute, minute + length))
        before = offset
    return tuple(found)
