"""Open time as cumulative tables: a due time or an elapsed time is one or two bisects.

A table covers one span (about a year) and holds the instants at which windows open and close and
the open time up to each closing. An instant is open when the wall clock of the zone shows a time
inside a window, so an hour that a clock change skips does not exist and one that it repeats counts
twice. Windows of a date that does not exist do not either.

Tables are built on demand, kept in a bounded number and shared between equal calendars.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from casewright.temporal.hours import merged
from casewright.temporal.instant import DAY_US
from casewright.temporal.zone import SPAN_US, Zone, zone_named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casewright.temporal.hours import Hours, Window

_SPANS_AHEAD = 100
_SPANS_KEPT = 128
_CHUNK_DAYS = 512


@dataclass(frozen=True, slots=True)
class Table:
    """Open stretches of one span.

    Attributes:
        opens: instants at which open time begins, ascending.
        closes: instants at which it ends, one for each of ``opens``.
        spent: open time of the span up to each of ``closes``, after a leading 0.
    """

    opens: list[int]
    closes: list[int]
    spent: list[int]

    def spent_at(self, instant_us: int) -> int:
        """Return the open time of this span that lies before an instant of it."""
        place = bisect_right(self.opens, instant_us)
        if place == 0:
            return 0
        left = self.closes[place - 1] - instant_us
        return self.spent[place] - left if left > 0 else self.spent[place]


class Opening:
    """The open time of one zone and its hours."""

    __slots__ = ("_chunks", "_is_shut", "_last_span", "_tables", "hours", "zone")

    def __init__(self, zone: Zone, hours: Hours) -> None:
        self.zone = zone
        self.hours = hours
        self._tables: dict[int, Table] = {}
        self._chunks: dict[int, list[int]] = {}
        self._is_shut = hours.never_opens
        last = hours.last_day
        self._last_span = None if last is None else (last + 3) * DAY_US // SPAN_US

    def due(self, start_us: int, amount_us: int) -> int | None:
        """Return the first instant since ``start_us`` by which that much open time is spent."""
        if amount_us <= 0:
            return start_us
        index = start_us // SPAN_US
        table = self._tables.get(index) or self._table(index)
        want = table.spent_at(start_us) + amount_us
        if want > table.spent[-1]:
            return self._due_later(index + 1, want - table.spent[-1])
        place = bisect_left(table.spent, want, 1)
        return table.closes[place - 1] - (table.spent[place] - want)

    def back(self, end_us: int, amount_us: int) -> int | None:
        """Return the last instant from which that much open time leads to ``end_us``."""
        if amount_us <= 0:
            return end_us
        index = end_us // SPAN_US
        table = self._table(index)
        want = table.spent_at(end_us) - amount_us
        limit = index - _SPANS_AHEAD
        while want < 0:
            index -= 1
            if index < limit or self._is_shut:
                return None
            table = self._table(index)
            want += table.spent[-1]
        place = bisect_right(table.spent, want) - 1
        return table.opens[place] + want - table.spent[place]

    def elapsed(self, start_us: int, end_us: int) -> int:
        """Return the open time between two instants, 0 when the end is not after the start."""
        if end_us <= start_us or self._is_shut:
            return 0
        first, last = start_us // SPAN_US, end_us // SPAN_US
        table = self._tables.get(first) or self._table(first)
        if first == last:
            return table.spent_at(end_us) - table.spent_at(start_us)
        spent = self._table(last).spent_at(end_us) - table.spent_at(start_us) + table.spent[-1]
        for index in range(first + 1, last):
            spent += self._table(index).spent[-1]
        return spent

    def next_open(self, instant_us: int) -> int | None:
        """Return the instant if it is open, else the next at which a window opens."""
        index = instant_us // SPAN_US
        table = self._tables.get(index) or self._table(index)
        place = bisect_right(table.opens, instant_us)
        if place and instant_us < table.closes[place - 1]:
            return instant_us
        if place < len(table.opens):
            return table.opens[place]
        later = (self._table(ahead) for ahead in self._ahead(index + 1))
        return next((table.opens[0] for table in later if table.opens), None)

    def last_open(self, instant_us: int) -> int | None:
        """Return the instant if it is open or closing, else the last at which a window closed."""
        index = instant_us // SPAN_US
        for earlier in range(index, index - _SPANS_AHEAD, -1):
            table = self._table(earlier)
            place = bisect_right(table.opens, instant_us)
            if place:
                return min(table.closes[place - 1], instant_us)
        return None

    def working_day(self, day: int, number: int) -> int | None:
        """Return the working date that is ``number`` of them after ``day``, before if negative."""
        chunk = day // _CHUNK_DAYS
        days = self._working_days(chunk)
        step = 1 if number > 0 else -1
        place = (
            bisect_right(days, day) + number - 1 if number > 0 else bisect_left(days, day) + number
        )
        for _ in range(_SPANS_AHEAD):
            if 0 <= place < len(days):
                return days[place]
            if self._is_past(chunk * _CHUNK_DAYS * DAY_US // SPAN_US) and step > 0:
                return None
            chunk += step
            passed = len(days)
            days = self._working_days(chunk)
            place = place - passed if step > 0 else place + len(days)
        return None

    def closing(self, day: int) -> int | None:
        """Return the instant at which the last window of a date closes, None without a window."""
        windows = self.hours.of(day)
        return self.zone.last_instant(day * DAY_US + windows[-1][1]) if windows else None

    def next_closing(self, instant_us: int) -> int | None:
        """Return the first closing instant of a working date that is not before an instant."""
        day = self.working_day(self.zone.local(instant_us) // DAY_US - 3, 1)
        while day is not None:
            closing = self.closing(day)
            if closing is not None and closing >= instant_us:
                return closing
            day = self.working_day(day, 1)
        return None

    def _due_later(self, first: int, want: int) -> int | None:
        """Return the instant by which ``want`` is spent from the start of a span on."""
        for index in self._ahead(first):
            table = self._table(index)
            if want <= table.spent[-1]:
                place = bisect_left(table.spent, want, 1)
                return table.closes[place - 1] - (table.spent[place] - want)
            want -= table.spent[-1]
        return None

    def _ahead(self, index: int) -> Iterator[int]:
        for ahead in range(index, index + _SPANS_AHEAD):
            if self._is_past(ahead):
                return
            yield ahead

    def _is_past(self, index: int) -> bool:
        return self._last_span is not None and index > self._last_span

    def _table(self, index: int) -> Table:
        table = self._tables.get(index)
        if table is None:
            if len(self._tables) >= _SPANS_KEPT:
                self._tables.clear()
            table = self._tables[index] = self._build(index)
        return table

    def _build(self, index: int) -> Table:
        union: list[Window] = []
        for segment in self.zone.segments(index * SPAN_US, (index + 1) * SPAN_US):
            union.extend(self._open_in(*segment))
        stretches = merged(union)
        spent = [0]
        for opens, closes in stretches:
            spent.append(spent[-1] + closes - opens)
        return Table([opens for opens, _ in stretches], [closes for _, closes in stretches], spent)

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

    def _working_days(self, chunk: int) -> list[int]:
        days = self._chunks.get(chunk)
        if days is None:
            if len(self._chunks) >= _SPANS_KEPT:
                self._chunks.clear()
            first = chunk * _CHUNK_DAYS
            days = self._chunks[chunk] = [
                day
                for day in range(first, first + _CHUNK_DAYS)
                if self.hours.of(day) and self.zone.has_date(day)
            ]
        return days


@lru_cache(maxsize=128)
def opening(timezone: str, hours: Hours) -> Opening:
    """Return the open time of a zone and its hours, shared between equal calendars.

    Raises:
        ValueError: there is no such zone.
    """
    return Opening(zone_named(timezone), hours)
