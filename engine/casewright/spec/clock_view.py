"""``sla.<clock>`` as expressions see it, and how the time of a clock is measured.

Low in the house because every case type's scope holds the type; the mechanism that moves clocks is
``casewright.sla``. Amounts that pass with time (elapsed, remaining, percentage) are worked out from
the record's start and pauses when they are asked for, in the unit of the current target.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime  # noqa: TC003  part of the promised types
from decimal import Decimal
from typing import TYPE_CHECKING

from casewright.feel import types as feel
from casewright.temporal import Duration, from_us
from casewright.temporal.instant import SECOND_US
from casewright.temporal.pauses import real_paused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casewright.case import Clock, Clocks, ClockStatus
    from casewright.temporal import Calendar, DayMode, Unit

CLOCK_TYPE = feel.ContextType(
    {
        "status": feel.Member(feel.STRING, "{}.status"),
        "breached": feel.Member(feel.BOOLEAN, "{}.breached"),
        "breaches": feel.Member(feel.NUMBER, "{}.breaches"),
        "start": feel.Member(feel.DATE_TIME, "{}.start"),
        "target": feel.Member(feel.ANY, "{}.target"),
        "elapsed": feel.Member(feel.UNIT_DURATION, "{}.elapsed"),
        "remaining": feel.Member(feel.UNIT_DURATION, "{}.remaining"),
        "percentage": feel.Member(feel.NUMBER, "{}.percentage"),
        "due": feel.Member(feel.DATE_TIME, "{}.due"),
        "stop": feel.Member(feel.DATE_TIME, "{}.stop"),
    },
    name="clock",
)
"""The type of ``sla.<clock>``; ``target`` is a duration, or an instant where it is a deadline."""

CLOCK_ITEM_TYPE = feel.ContextType(
    {
        "name": feel.Member(feel.STRING),
        **{
            name: feel.Member(CLOCK_TYPE.members[name].type)
            for name in ("status", "breached", "breaches", "start", "due", "stop")
        },
    },
    name="clock",
)
"""The type of an element of ``clocks``: what of a clock does not pass with time."""

LIVE = frozenset({"in_progress", "paused"})

_PERCENT_STEPS = 100
_WHOLE = 100 * _PERCENT_STEPS


@dataclass(frozen=True, slots=True, eq=False)
class Measure:
    """How the time of one clock is measured.

    Attributes:
        calendar: the one that holds unless the record was computed with another.
        day_mode: where on its date a target of day units is due.
        by_fingerprint: calendars of a clock whose calendar is an expression, by the fingerprint
            that records carry.
    """

    calendar: Calendar
    day_mode: DayMode = "keep_time"
    by_fingerprint: Mapping[str, Calendar] = field(default_factory=dict["str", "Calendar"])

    def calendar_of(self, clock: Clock) -> Calendar:
        """Return the calendar that a record was computed with."""
        if not self.by_fingerprint:
            return self.calendar
        return self.by_fingerprint.get(clock.fingerprint, self.calendar)

    def due_us(self, clock: Clock) -> int | None:
        """Return when the target is spent if no pause but the closed ones is counted."""
        target = clock.target
        if target is None or isinstance(target, int):
            return target
        calendar = self.calendar_of(clock)
        return calendar.due_us(clock.counted_from_us, target, clock.pauses, self.day_mode)

    def first_due_us(self, target: Duration | int, now_us: int, fingerprint: str) -> int | None:
        """Return when the target of an instance that starts now is spent."""
        if isinstance(target, int):
            return target
        calendar = self.by_fingerprint.get(fingerprint, self.calendar)
        return calendar.due_us(now_us, target, (), self.day_mode)

    def elapsed_us(self, clock: Clock, now_us: int) -> int:
        """Return the time counted so far: open time for business and day units, else real time.

        Args:
            clock: a record; of an ended one the time it ended with.
            now_us: the instant asked for.
        """
        if clock.elapsed_us is not None:
            return clock.elapsed_us
        until = now_us if clock.paused_since_us is None else clock.paused_since_us
        start = clock.counted_from_us
        if isinstance(clock.target, Duration) and clock.target.unit != "real":
            return self.calendar_of(clock).elapsed_us(start, until, clock.pauses)
        return max(until - start, 0) - real_paused(start, until, clock.pauses)

    def elapsed_unit(self, clock: Clock) -> Unit:
        """Return the unit in which elapsed time is told: dates are told in hours."""
        target = clock.target
        if not isinstance(target, Duration) or target.unit == "real":
            return "real"
        if target.unit == "days" and self.calendar_of(clock).never_closes:
            return "real"
        return "business"

    def total_us(self, clock: Clock, due_us: int | None = None) -> int | None:
        """Return the time that a whole target takes, None where nothing tells.

        For day units this is the open time between start and due, without pauses.

        Args:
            clock: a record.
            due_us: when it is due, if that is known already.
        """
        target = clock.target
        if not isinstance(target, Duration):
            return None if target is None else max(target - clock.counted_from_us, 0)
        if target.unit in ("real", "business"):
            return target.amount * SECOND_US
        due_us = due_us or clock.due_us or self.due_us(clock)
        if due_us is None:
            return None
        return self.calendar_of(clock).elapsed_us(clock.counted_from_us, due_us, clock.pauses)

    def percentage(self, clock: Clock, now_us: int) -> int | Decimal | None:
        """Return how much of the target is spent, rounded down to hundredths of a percent."""
        total = self.total_us(clock)
        if total is None:
            return None
        spent = self._spent_us(clock, now_us)
        if total <= 0:
            return 100 if clock.breached else 0
        hundredths = spent * _WHOLE // total
        whole, rest = divmod(hundredths, _PERCENT_STEPS)
        return (Decimal(hundredths) / _PERCENT_STEPS).normalize() if rest else whole

    def _spent_us(self, clock: Clock, now_us: int) -> int:
        """Return what the percentage counts: up to a deadline pauses count too."""
        if isinstance(clock.target, int):
            until = clock.ended_us if clock.ended_us is not None else now_us
            return max(until - clock.counted_from_us, 0)
        return self.elapsed_us(clock, now_us)


def clock_item(name: str, clock: ClockView) -> dict[str, object]:
    """Return an element of ``clocks``."""
    names = (member for member in CLOCK_ITEM_TYPE.members if member != "name")
    return {"name": name, **{member: getattr(clock, member) for member in names}}


class ClockView:
    """What ``sla.<clock>`` is: the live instance, or else the last.

    Attributes:
        record: what the case keeps.
    """

    __slots__ = ("_clock", "_measure", "_now_us", "record")

    def __init__(self, measure: Measure, record: Clocks, now_us: int) -> None:
        self.record = record
        self._measure = measure
        self._clock = record.current
        self._now_us = now_us

    @property
    def status(self) -> ClockStatus:
        """Return ``in_progress``, ``paused``, ``completed`` or ``cancelled``."""
        return self._clock.status

    @property
    def breached(self) -> bool:
        """Return whether this instance has reached its target."""
        return self._clock.breached

    @property
    def breaches(self) -> int:
        """Return how many breaches there were, in all instances."""
        return self.record.breaches

    @property
    def start(self) -> datetime:
        """Return when this instance started, in the zone of its calendar."""
        return self._aware(self._clock.started_us)

    @property
    def target(self) -> Duration | datetime | None:
        """Return the target, an instant where it is a deadline; None while none fits."""
        target = self._clock.target
        return self._aware(target) if isinstance(target, int) else target

    @property
    def elapsed(self) -> Duration:
        """Return the time counted so far, in whole seconds of the unit of the target."""
        return self._length(self._measure.elapsed_us(self._clock, self._now_us))

    @property
    def remaining(self) -> Duration | None:
        """Return the time left, nothing once the target is spent; None without target."""
        total = self._measure.total_us(self._clock)
        if total is None:
            return None
        target = self._clock.target
        if isinstance(target, int):
            until = self._clock.ended_us
            return self._length(max(target - (self._now_us if until is None else until), 0))
        return self._length(max(total - self._measure.elapsed_us(self._clock, self._now_us), 0))

    @property
    def percentage(self) -> int | Decimal | None:
        """Return how much of the target is spent; more than 100 after a breach."""
        return self._measure.percentage(self._clock, self._now_us)

    @property
    def due(self) -> datetime | None:
        """Return when the target is spent; None while paused or without target."""
        due_us = self._clock.due_us
        return None if due_us is None else self._aware(due_us)

    @property
    def stop(self) -> datetime | None:
        """Return when this instance ended, or None."""
        ended_us = self._clock.ended_us
        return None if ended_us is None else self._aware(ended_us)

    def _length(self, length_us: int) -> Duration:
        unit = self._measure.elapsed_unit(self._clock)
        return Duration(unit, length_us // SECOND_US)

    def _aware(self, instant_us: int) -> datetime:
        return from_us(instant_us).astimezone(self._measure.calendar_of(self._clock).info)
