"""Time zones as tables of offsets, so that a step neither makes nor parses a ``datetime``.

*Local* values here are microseconds since 1970-01-01 00:00 on the wall of the zone. Offsets come
from IANA data through :mod:`zoneinfo`; they are read once for each stretch of time (a *span*, about
a year) by looking at every day and halving the days in which the offset changes.
"""

from __future__ import annotations

import zoneinfo
from bisect import bisect_right
from functools import lru_cache
from typing import TYPE_CHECKING

from casewright.temporal.instant import DAY_US, SECOND_US, from_us

if TYPE_CHECKING:
    from collections.abc import Iterator

SPAN_US = 31_556_952 * SECOND_US
"""Length of a span: the mean Gregorian year."""

_SPANS_KEPT = 256
_FAR_US = 2 * DAY_US  # no offset is that large


class Zone:
    """The offsets of one time zone.

    Attributes:
        name: IANA name, such as ``Europe/Berlin``.
        info: the zone of the standard library, for aware instants at the door.
    """

    __slots__ = ("_spans", "info", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self.info = _zone_info(name)
        self._spans: dict[int, tuple[list[int], list[int]]] = {}

    def local(self, instant_us: int) -> int:
        """Return what the wall clock shows at an instant."""
        starts, offsets = self._span(instant_us // SPAN_US)
        return instant_us + offsets[bisect_right(starts, instant_us) - 1]

    def instant(self, local_us: int) -> int:
        """Return the first instant at which the wall clock shows at least ``local_us``.

        A time that a clock change repeats is the first of the two; one that it skips is the
        instant of the change.
        """
        index = local_us // SPAN_US
        starts, offsets = self._span(index)
        place = bisect_right(starts, local_us)
        end = starts[place] if place < len(starts) else (index + 1) * SPAN_US
        if starts[place - 1] + _FAR_US <= local_us <= end - _FAR_US:
            return local_us - offsets[place - 1]
        return self._near_change(local_us)

    def _near_change(self, local_us: int) -> int:
        first = local_us - 2 * DAY_US
        for start, end, offset in self.segments(first, local_us + 2 * DAY_US):
            if local_us < end + offset:
                return max(local_us - offset, start)
        raise OverflowError(local_us)

    def last_instant(self, local_us: int) -> int:
        """Return the last instant before which the wall clock shows less than ``local_us``.

        This is the end of what closes at that time: the second of two repeated times, and the
        instant of the change for one that is skipped.
        """
        found = self.segments(local_us - 2 * DAY_US, local_us + 2 * DAY_US)
        for start, end, offset in reversed(list(found)):
            if start + offset < local_us:
                return min(local_us - offset, end)
        raise OverflowError(local_us)

    def has_date(self, day: int) -> bool:
        """Return whether the date, as days since 1970, exists: a change may skip a whole one."""
        return self.local(self.instant(day * DAY_US)) // DAY_US == day

    def segments(self, start_us: int, end_us: int) -> Iterator[tuple[int, int, int]]:
        """Yield ``(start, end, offset)`` of the stretches of one offset within two instants."""
        at = start_us
        for index in range(start_us // SPAN_US, (end_us - 1) // SPAN_US + 1):
            starts, offsets = self._span(index)
            for place in range(bisect_right(starts, at) - 1, len(starts)):
                last = place + 1 == len(starts)
                end = min((index + 1) * SPAN_US if last else starts[place + 1], end_us)
                if at < end:
                    yield at, end, offsets[place]
                    at = end

    def _span(self, index: int) -> tuple[list[int], list[int]]:
        found = self._spans.get(index)
        if found is None:
            if len(self._spans) >= _SPANS_KEPT:
                self._spans.clear()
            found = self._spans[index] = self._read(index * SPAN_US, (index + 1) * SPAN_US)
        return found

    def _read(self, start: int, end: int) -> tuple[list[int], list[int]]:
        starts, offsets = [start], [self._offset(start)]
        for day in range(start + DAY_US, end + DAY_US, DAY_US):
            probe = min(day, end - SECOND_US)
            now = self._offset(probe)
            while offsets[-1] != now:
                change = self._change(max(starts[-1], day - DAY_US), probe, offsets[-1])
                starts.append(change)
                offsets.append(self._offset(change))
        return starts, offsets

    def _change(self, low: int, high: int, offset: int) -> int:
        """Return the first whole second in ``(low, high]`` at which the offset is another."""
        low, high = low // SECOND_US, high // SECOND_US
        while high - low > 1:
            middle = (low + high) // 2
            if self._offset(middle * SECOND_US) == offset:
                low = middle
            else:
                high = middle
        return high * SECOND_US

    def _offset(self, instant_us: int) -> int:
        offset = from_us(instant_us).astimezone(self.info).utcoffset()
        return 0 if offset is None else (offset.days * 86_400 + offset.seconds) * SECOND_US


@lru_cache(maxsize=64)
def zone_named(name: str) -> Zone:
    """Return the zone of an IANA name, shared by all who ask for it.

    Raises:
        ValueError: there is no such zone; the message names the nearest.
    """
    return Zone(name)


def _zone_info(name: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as err:
        import difflib

        near = difflib.get_close_matches(name, zoneinfo.available_timezones(), n=1)
        cure = f'did you mean "{near[0]}"?' if near else 'write for example "Europe/Berlin"'
        raise ValueError(f'unknown time zone "{name}"; {cure}') from err
