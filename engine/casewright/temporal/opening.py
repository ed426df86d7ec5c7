"""The open time of hours in a zone.

An instant is open when the wall clock of the zone shows a time inside a window, so an hour that a
clock change skips does not exist and one that it repeats counts twice. Windows of a date that does
not exist do not either. Equal calendars share what is worked out.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from casewright.temporal.combination import Combination
from casewright.temporal.combined import Combined
from casewright.temporal.hours import merged
from casewright.temporal.instant import DAY_US
from casewright.temporal.open_time import OpenTime
from casewright.temporal.zone import SPAN_US, Zone, zone_named

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from casewright.temporal.hours import Hours, Window


class Opening(OpenTime):
    """The open time of one zone and its hours."""

    __slots__ = ("hours",)

    def __init__(self, zone: Zone, hours: Hours) -> None:
        last = hours.last_day
        last_span = None if last is None else (last + 3) * DAY_US // SPAN_US
        super().__init__(zone, last_span, is_shut=hours.never_opens)
        self.hours = hours

    def closing(self, day: int) -> int | None:
        """Return the instant at which the last window of a date closes, None without a window."""
        windows = self.hours.of(day)
        return self.zone.last_instant(day * DAY_US + windows[-1][1]) if windows else None

    def in_span(self, index: int) -> Sequence[Window]:
        """Return the open stretches of a span."""
        union: list[Window] = []
        for segment in self.zone.segments(index * SPAN_US, (index + 1) * SPAN_US):
            union.extend(self._open_in(*segment))
        return merged(union)

    def _open_in(self, start: int, end: int, offset: int) -> Iterator[Window]:
        """Yield the open stretches between two instants with one offset."""
        first, last = (start + offset) // DAY_US - 1, (end + offset - 1) // DAY_US
        for day in range(first, last + 1):
            windows = self.hours.of(day)
            if not windows or (day <= first + 1 and not self.zone.has_date(day)):
                continue
            midnight = day * DAY_US - offset
            for opens, closes in windows:
                yield max(midnight + opens, start), min(midnight + closes, end)

    def _opens_on(self, day: int) -> bool:
        return bool(self.hours.of(day)) and self.zone.has_date(day)


@lru_cache(maxsize=128)
def opening(timezone: str, hours: Hours | Combination) -> OpenTime:
    """Return the open time of a zone and its hours, shared between equal calendars.

    Raises:
        ValueError: there is no such zone.
    """
    if isinstance(hours, Combination):
        parts = [opening(part.timezone, part.hours) for part in hours.parts]
        return Combined(zone_named(timezone), hours.mode, parts)
    return Opening(zone_named(timezone), hours)
