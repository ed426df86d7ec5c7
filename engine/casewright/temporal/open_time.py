"""Open time as cumulative tables: a due time or an elapsed time is one or two bisects.

A table covers one span (about a year) and holds the instants at which open time begins and ends
and the open time up to each end. Tables are built on demand and kept in a bounded number. What
opens when is said by those who inherit: hours of a zone, or a combination of calendars.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from casewright.temporal.instant import DAY_US
from casewright.temporal.zone import SPAN_US, Zone

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from casewright.temporal.hours import Window

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


class OpenTime(ABC):
    """Open time in a time zone, whatever it is made of.

    Attributes:
        zone: whose dates are its working dates.
        last_span: after which nothing opens, None where weeks open for ever.
        is_shut: nothing opens at all.
    """

    __slots__ = ("_chunks", "_tables", "is_shut", "last_span", "zone")

    def __init__(self, zone: Zone, last_span: int | None, *, is_shut: bool) -> None:
        """Begin without tables; the arguments are the attributes."""
        self.zone = zone
        self._tables: dict[int, Table] = {}
        self._chunks: dict[int, list[int]] = {}
        self.is_shut = is_shut
        self.last_span = last_span

    def due(self, start_us: int, amount_us: int) -> int | None:
        """Return the first instant since ``start_us`` by which that much open time is spent."""
        if amount_us <= 0:
            return start_us
        index = start_us // SPAN_US
        table = self._tables.get(index) or self._table(index)
        want = table.spent_at(start_us) + amount_us
        if want > table.spent[-1]:
            want -= table.spent[-1]
            after = self._tables.get(index + 1)
            if after is None or want > after.spent[-1]:
                return self._due_later(index + 1, want)
            table = after
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
            if index < limit or self.is_shut:
                return None
            table = self._table(index)
            want += table.spent[-1]
        place = bisect_right(table.spent, want) - 1
        return table.opens[place] + want - table.spent[place]

    def elapsed(self, start_us: int, end_us: int) -> int:
        """Return the open time between two instants, 0 when the end is not after the start."""
        if end_us <= start_us or self.is_shut:
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

    @abstractmethod
    def closing(self, day: int) -> int | None:
        """Return the instant at which a date closes for the last time, None if it never opens."""

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
        return self.last_span is not None and index > self.last_span

    def _table(self, index: int) -> Table:
        table = self._tables.get(index)
        if table is None:
            if len(self._tables) >= _SPANS_KEPT:
                self._tables.clear()
            table = self._tables[index] = _table_of(self.in_span(index))
        return table

    def span_of(self, index: int) -> Sequence[Window]:
        """Return what the table of a span holds."""
        table = self._table(index)
        return tuple(zip(table.opens, table.closes, strict=True))

    @abstractmethod
    def in_span(self, index: int) -> Sequence[Window]:
        """Return the open stretches of a span, ascending, those that touch made one."""

    @abstractmethod
    def _opens_on(self, day: int) -> bool:
        """Return whether a date is a working date."""

    def _working_days(self, chunk: int) -> list[int]:
        days = self._chunks.get(chunk)
        if days is None:
            if len(self._chunks) >= _SPANS_KEPT:
                self._chunks.clear()
            first = chunk * _CHUNK_DAYS
            days = self._chunks[chunk] = [
                day for day in range(first, first + _CHUNK_DAYS) if self._opens_on(day)
            ]
        return days


def _table_of(stretches: Sequence[Window]) -> Table:
    spent = [0]
    for opens, closes in stretches:
        spent.append(spent[-1] + closes - opens)
    return Table([opens for opens, _ in stretches], [closes for _, closes in stretches], spent)
