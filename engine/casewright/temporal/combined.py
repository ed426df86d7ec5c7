"""The open time of a combination: tables made of the tables of its parts.

A working date of a combination is a date of its own zone on which it is open at some instant; it
closes at the last such instant. Parts may have other zones, so where their windows start says
nothing about these dates.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from casewright.temporal.hours import merged
from casewright.temporal.instant import DAY_US
from casewright.temporal.open_time import OpenTime

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casewright.temporal.combination import Mode
    from casewright.temporal.hours import Window
    from casewright.temporal.zone import Zone


class Combined(OpenTime):
    """The open time of several calendars together."""

    __slots__ = ("mode", "parts")

    def __init__(self, zone: Zone, mode: Mode, parts: Sequence[OpenTime]) -> None:
        """Combine.

        Args:
            zone: whose dates are its working dates.
            mode: whether any part or all of them must be open.
            parts: at least one.
        """
        is_union = mode == "union"
        shut = [part.is_shut for part in parts]
        super().__init__(
            zone, _last_span(parts, is_union=is_union), is_shut=all(shut) if is_union else any(shut)
        )
        self.mode = mode
        self.parts = parts

    def in_span(self, index: int) -> Sequence[Window]:
        """Return the open stretches of a span."""
        found = [part.span_of(index) for part in self.parts]
        if self.mode == "union":
            return merged(sorted(stretch for stretches in found for stretch in stretches))
        common = found[0]
        for stretches in found[1:]:
            common = _common(common, stretches)
        return common

    def closing(self, day: int) -> int | None:
        """Return the last instant at which a date is open, None if it never is."""
        first, last = self._date(day)
        if not self.elapsed(first, last):
            return None
        closing = self.last_open(last - 1)
        return last if closing == last - 1 else closing

    def _opens_on(self, day: int) -> bool:
        return self.elapsed(*self._date(day)) > 0

    def _date(self, day: int) -> tuple[int, int]:
        """Return the instants between which the wall clock shows a date."""
        return self.zone.instant(day * DAY_US), self.zone.instant((day + 1) * DAY_US)


def _common(one: Sequence[Window], other: Sequence[Window]) -> list[Window]:
    """Return what two ascending lists of intervals have in common."""
    common: list[Window] = []
    closes = [end for _, end in other]
    for opens, end in one:
        place = bisect_left(closes, opens + 1)
        while place < len(other) and other[place][0] < end:
            common.append((max(opens, other[place][0]), min(end, other[place][1])))
            place += 1
    return common


def _last_span(parts: Sequence[OpenTime], *, is_union: bool) -> int | None:
    """Return the last span in which the parts may open, None where there is none."""
    known = [part.last_span for part in parts if part.last_span is not None]
    if is_union:
        return max(known) if len(known) == len(parts) else None
    return min(known, default=None)
