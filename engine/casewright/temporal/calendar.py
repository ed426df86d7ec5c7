"""Calendars: due times, elapsed times and the way back, under the rules of time of the design.

* A target is due at the first instant by which it is spent, so an instant at closing time counts.
* Real time and ``days`` run whether a calendar is open or not; ``days`` are dates of its zone at
  the same wall-clock time. A time that a clock change skips is the instant of the change, one that
  it repeats is the first of the two. With ``end_of_day`` they end with the date, at midnight.
* ``N business days`` are N working dates later at the same wall-clock time, moved forward to the
  next open instant; with ``end_of_day`` the closing instant of that date. A working date is one on
  which a window starts. The way back is moved back, to the last open instant.
* Pauses are a union of intervals. Only what they take of the unit moves a due time: their open part
  for business units, all of them for real time and days.
* A calendar that never opens, or not often enough within a hundred years, gives None.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from casewright.temporal import pauses as outside
from casewright.temporal.combination import Combination, Part
from casewright.temporal.duration import Duration, parse_duration
from casewright.temporal.hours import WEEKDAYS, read_hours
from casewright.temporal.instant import DAY_US, SECOND_US, from_us, to_us
from casewright.temporal.opening import opening

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date
    from zoneinfo import ZoneInfo

    from casewright.temporal.combination import Mode
    from casewright.temporal.hours import Hours, Windows
    from casewright.temporal.pauses import Interval

DayMode = Literal["keep_time", "end_of_day"]

LATEST_US = to_us(datetime(9999, 1, 1, tzinfo=UTC))
"""From here on there are no due times."""


_EARLIEST_US = to_us(datetime(2000, 1, 1, tzinfo=UTC))
"""A combination that does not open in the hundred years from here on never does."""


class Calendar:
    """Opening hours in a time zone, immutable and equal to any other of the same hours.

    Attributes:
        timezone: IANA name.
        hours: windows by weekday and special dates, resolved, or what it combines.
    """

    __slots__ = ("_opening", "_zone", "hours", "timezone")

    def __init__(
        self,
        timezone: str,
        hours: Mapping[str, Windows],
        holidays: Iterable[str | date] = (),
        dates: Mapping[str, Windows] | Mapping[date, Windows] | None = None,
    ) -> None:
        """Read the hours.

        Args:
            timezone: IANA name, such as ``Europe/Berlin``.
            hours: windows by weekday (``mon`` to ``sun``), as ``"08:00-12:00"`` or pairs of times;
                ``24:00`` is the end of the day, and a window that closes before it opens runs past
                midnight.
            holidays: dates on which no window starts.
            dates: windows of single dates; they go before ``hours`` and ``holidays``.

        Raises:
            ValueError: something is wrong; the message says what would be right.
        """
        self._keep(timezone, read_hours(hours, holidays, dates))

    @classmethod
    def union(cls, timezone: str, calendars: Iterable[Calendar]) -> Calendar:
        """Return the calendar that is open when any of some calendars is.

        Args:
            timezone: whose dates are its business days: those on which it is open at some instant.
            calendars: at least one, of any zones.

        Raises:
            ValueError: there is no such zone, or no calendar.
        """
        return cls._combined(timezone, "union", calendars)

    @classmethod
    def intersection(cls, timezone: str, calendars: Iterable[Calendar]) -> Calendar:
        """Return the calendar that is open when all of some calendars are; as :meth:`union`."""
        return cls._combined(timezone, "intersection", calendars)

    @classmethod
    def _combined(cls, timezone: str, mode: Mode, calendars: Iterable[Calendar]) -> Calendar:
        parts = tuple([Part(calendar.timezone, calendar.hours) for calendar in calendars])
        if not parts:
            raise ValueError(f"a {mode} has at least one calendar")
        made = cls.__new__(cls)
        made._keep(timezone, Combination(mode, parts))
        return made

    def in_zone(self, timezone: str) -> Calendar:
        """Return the calendar of the same wall-clock hours in another zone.

        Raises:
            ValueError: there is no such zone.
        """
        made = type(self).__new__(type(self))
        made._keep(timezone, self.hours)
        return made

    def _keep(self, timezone: str, hours: Hours | Combination) -> None:
        self.timezone = timezone
        self.hours: Hours | Combination = hours
        self._opening = opening(timezone, hours)
        self._zone = self._opening.zone

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Calendar):
            return NotImplemented
        return self.timezone == other.timezone and self.hours == other.hours

    def __hash__(self) -> int:
        return hash((self.timezone, self.hours))

    def __repr__(self) -> str:
        return f"<Calendar {self.timezone}{', never opens' if self.never_opens else ''}>"

    @property
    def never_opens(self) -> bool:
        """Return whether it is open at no instant, so that business time is never spent."""
        hours = self.hours
        if hours.never_opens or not isinstance(hours, Combination):
            return hours.never_opens
        return self._opening.next_open(_EARLIEST_US) is None

    @property
    def never_closes(self) -> bool:
        """Return whether every date is open all day, so that business time is real time."""
        return self.hours.never_closes

    @property
    def info(self) -> ZoneInfo:
        """Return the time zone of the standard library."""
        return self._zone.info

    def local_us(self, instant: datetime) -> int:
        """Return the instant, as microseconds since the epoch, of a local date and time.

        A time that a clock change skips is the instant of the change, one that it repeats the first
        of the two.
        """
        return self._zone.instant(to_us(instant.replace(tzinfo=UTC)))

    def canonical(self) -> dict[str, Any]:
        """Return a JSON-able form that is equal exactly for equal calendars, for hashes."""
        return {"timezone": self.timezone, **self.hours.canonical()}

    def due(
        self,
        start: datetime,
        duration: str | Duration | timedelta,
        pauses: Iterable[tuple[datetime, datetime]] = (),
        day_mode: DayMode = "keep_time",
    ) -> datetime | None:
        """Return the first instant since ``start`` by which ``duration`` is spent.

        Args:
            start: aware instant, inside or outside the hours.
            duration: a duration or its text; a ``timedelta`` is real time.
            pauses: intervals of aware instants that do not count, in any order.
            day_mode: for day units, keep the wall-clock time or take the end of the date.

        Returns:
            An aware instant in the zone of the calendar, or None if it does not open often enough
            within a hundred years.

        Raises:
            ValueError: an instant is naive, or the text is not a duration.
        """
        start_us, pauses_us = to_us(start), _intervals(pauses)
        if isinstance(duration, timedelta):
            length_us = duration // timedelta(microseconds=1)
            return self._aware(self._real_due(start_us, length_us, outside.union(pauses_us)))
        return self._aware(self.due_us(start_us, _duration(duration), pauses_us, day_mode))

    def elapsed(
        self, start: datetime, end: datetime, pauses: Iterable[tuple[datetime, datetime]] = ()
    ) -> timedelta:
        """Return the open time between two aware instants, without that in ``pauses``.

        Raises:
            ValueError: an instant is naive.
        """
        open_us = self.elapsed_us(to_us(start), to_us(end), _intervals(pauses))
        return timedelta(microseconds=open_us)

    def back(
        self,
        end: datetime,
        duration: str | Duration | timedelta,
        pauses: Iterable[tuple[datetime, datetime]] = (),
    ) -> datetime | None:
        """Return the last instant from which ``duration`` leads to ``end``.

        Business time is walked backwards; business days are that many working dates earlier at the
        same wall-clock time, moved back to the last open instant.

        Raises:
            ValueError: an instant is naive, or the text is not a duration.
        """
        end_us, pauses_us = to_us(end), _intervals(pauses)
        if isinstance(duration, timedelta):
            length_us, union = duration // timedelta(microseconds=1), outside.union(pauses_us)
            return self._aware(self._real_back(end_us, length_us, union))
        return self._aware(self.back_us(end_us, _duration(duration), pauses_us))

    def due_us(
        self,
        start_us: int,
        duration: Duration,
        pauses_us: Sequence[Interval] = (),
        day_mode: DayMode = "keep_time",
    ) -> int | None:
        """Return what :meth:`due` does, on microseconds since the epoch."""
        union = outside.union(pauses_us) if pauses_us else ()
        try:
            match duration.unit:
                case "business":
                    due = self._open_due(start_us, duration.amount * SECOND_US, union)
                case "real":
                    due = self._real_due(start_us, duration.amount * SECOND_US, union)
                case "business_days":
                    due = self._business_days_due(start_us, duration.amount, union, day_mode)
                case "days":
                    due = self._days_due(start_us, duration.amount, union, day_mode)
        except OverflowError:
            return None
        return due if due is None or due < LATEST_US else None

    def open_due_us(
        self, start_us: int, amount_us: int, pauses_us: Sequence[Interval] = ()
    ) -> int | None:
        """Return the first instant by which that much open time is spent, in microseconds."""
        return self._open_due(start_us, amount_us, outside.union(pauses_us))

    def real_due_us(self, start_us: int, amount_us: int, pauses_us: Sequence[Interval] = ()) -> int:
        """Return the first instant by which that much real time is spent, in microseconds."""
        union = outside.union(pauses_us)
        due = self._real_due(start_us, amount_us, union)
        return start_us + amount_us if due is None else due

    def elapsed_us(self, start_us: int, end_us: int, pauses_us: Sequence[Interval] = ()) -> int:
        """Return what :meth:`elapsed` does, on microseconds."""
        elapsed = self._opening.elapsed
        spent = elapsed(start_us, end_us)
        if not pauses_us:
            return spent
        return spent - outside.paused(start_us, end_us, outside.union(pauses_us), elapsed)

    def back_us(
        self, end_us: int, duration: Duration, pauses_us: Sequence[Interval] = ()
    ) -> int | None:
        """Return what :meth:`back` does, on microseconds since the epoch."""
        union = outside.union(pauses_us) if pauses_us else ()
        try:
            match duration.unit:
                case "business":
                    way = self._opening.back, self._opening.elapsed
                    return outside.back(end_us, duration.amount * SECOND_US, union, *way)
                case "real":
                    return self._real_back(end_us, duration.amount * SECOND_US, union)
                case "days":
                    local = self._zone.local(end_us) - duration.amount * DAY_US
                    return self._real_back(end_us, end_us - self._zone.instant(local), union)
                case "business_days":
                    return self._business_days_back(end_us, duration.amount, union)
        except OverflowError:
            return None

    def _open_due(self, start_us: int, amount_us: int, union: Sequence[Interval]) -> int | None:
        if not union:
            return self._opening.due(start_us, amount_us)
        return outside.due(start_us, amount_us, union, self._opening.due, self._opening.elapsed)

    def _real_due(self, start_us: int, amount_us: int, union: Sequence[Interval]) -> int | None:
        return outside.due(start_us, amount_us, union, outside.real_due, outside.real_elapsed)

    def _real_back(self, end_us: int, amount_us: int, union: Sequence[Interval]) -> int | None:
        return outside.back(end_us, amount_us, union, outside.real_back, outside.real_elapsed)

    def _days_due(
        self, start_us: int, days: int, union: Sequence[Interval], day_mode: DayMode
    ) -> int | None:
        zone = self._zone
        base = max(zone.instant(zone.local(start_us) + days * DAY_US), start_us)
        due = self._real_due(start_us, base - start_us, union)
        if day_mode == "keep_time" or due is None:
            return due

        def midnight_since(instant_us: int) -> int:
            return zone.instant((zone.local(instant_us) // DAY_US + 1) * DAY_US)

        return _out_of_pauses(midnight_since(due), union, midnight_since)

    def _business_days_due(
        self, start_us: int, days: int, union: Sequence[Interval], day_mode: DayMode
    ) -> int | None:
        opening = self._opening
        local = self._zone.local(start_us)
        day = opening.working_day(local // DAY_US, days) if days > 0 else local // DAY_US
        if day is None:
            return None
        base = opening.next_open(self._zone.instant(day * DAY_US + local % DAY_US))
        closing = opening.closing(day) if day_mode == "end_of_day" else None
        if closing is not None and (base is None or closing < base):
            base = closing
        due = self._moved_by_pauses(start_us, base, union)
        if closing is None or due is None:
            return due
        end = closing if due <= closing else opening.next_closing(due)
        return _out_of_pauses(end, union, opening.next_closing)

    def _moved_by_pauses(
        self, start_us: int, base_us: int | None, union: Sequence[Interval]
    ) -> int | None:
        """Return an open instant moved on by the open part of the pauses before it."""
        if base_us is None or not union:
            return base_us
        lost = outside.paused(start_us, base_us, union, self._opening.elapsed)
        if lost:
            return self._open_due(base_us, lost, union)
        for since, until in union:
            if base_us is not None and since < base_us < until:
                base_us = self._opening.next_open(until)
        return base_us

    def _business_days_back(self, end_us: int, days: int, union: Sequence[Interval]) -> int | None:
        opening = self._opening
        local = self._zone.local(end_us)
        day = opening.working_day(local // DAY_US, -days) if days > 0 else local // DAY_US
        if day is None:
            return None
        base = opening.last_open(self._zone.instant(day * DAY_US + local % DAY_US))
        if base is None:
            return None
        lost = outside.paused(base, end_us, union, opening.elapsed)
        return outside.back(base, lost, union, opening.back, opening.elapsed)

    def _aware(self, instant_us: int | None) -> datetime | None:
        if instant_us is None:
            return None
        try:
            return from_us(instant_us).astimezone(self._zone.info)
        except OverflowError:
            return None


def always_open(timezone: str) -> Calendar:
    """Return the calendar of a zone that never closes, for real time and ``days``.

    Raises:
        ValueError: there is no such zone.
    """
    return Calendar(timezone, dict.fromkeys(WEEKDAYS, "00:00-24:00"))


def _duration(duration: str | Duration) -> Duration:
    return parse_duration(duration) if isinstance(duration, str) else duration


def _intervals(pauses: Iterable[tuple[datetime, datetime]]) -> tuple[Interval, ...]:
    return tuple([(to_us(since), to_us(until)) for since, until in pauses]) if pauses else ()


def _out_of_pauses(
    end_us: int | None, union: Sequence[Interval], next_end: Callable[[int], int | None]
) -> int | None:
    """Return the end of a day, or the next one after the pause in which it falls."""
    for since, until in union:
        if end_us is not None and since < end_us <= until:
            end_us = next_end(until + 1)
    return end_us
