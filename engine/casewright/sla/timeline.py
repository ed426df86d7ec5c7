"""The timeline of a clock: each interval as counted, paused or closed, why, and the sum.

Worked out from what a case was after each of its steps, so that it tells of a clock exactly what
its due instant was worked out from. Nothing here changes a record.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from casewright.sla.definition import BREACH
from casewright.temporal import Duration, from_us
from casewright.temporal.hours import Hours

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from decimal import Decimal

    from casewright.case import Clock
    from casewright.sla.definition import ClockDefinition
    from casewright.temporal import Calendar

_EPOCH_DAY = date(1970, 1, 1).toordinal()
_ONE_DAY = timedelta(days=1)

IntervalKind = Literal["counted", "paused", "closed", "reset"]


@dataclass(frozen=True, slots=True)
class Standing:
    """One instance of a clock as a step left it.

    Attributes:
        at_us: instant of the step.
        by: the event and who asked for it, such as ``comment by ann``.
        revision: of the case; None where the step is only thought of.
        clock: the record.
    """

    at_us: int
    by: str
    revision: int | None
    clock: Clock


@dataclass(frozen=True, slots=True)
class Turn:
    """Something that happened to a clock: when, what, by which event."""

    at_us: int
    what: str
    by: str
    revision: int | None


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of the life of a clock.

    Attributes:
        kind: ``counted``; ``paused``, also since a stop after which it went on; ``closed``, outside
            the hours of the calendar; ``reset``, counted once and given back.
        from_us, until_us: instants.
        spent_us: how much of it counts.
        sum_us: what counts up to its end, with all before it.
        why: for people.
    """

    kind: IntervalKind
    from_us: int
    until_us: int
    spent_us: int
    sum_us: int
    why: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """One instance of a clock, minute by minute.

    Attributes:
        name: of the clock.
        zone: time zone of its calendar.
        clock: the record, as it stands now or ended.
        until_us: up to where it is told: the end of the instance, or the instant asked for.
        elapsed_us: what counts, the sum of the intervals.
        total_us: what the whole target takes, None without one.
        percentage: spent of the target, None without one.
        intervals: ascending, without gaps from start to ``until_us``.
        turns: what happened to it.
        note: what to know of the figures, or an empty text.
    """

    name: str
    zone: str
    clock: Clock
    until_us: int
    elapsed_us: int
    total_us: int | None
    percentage: int | Decimal | None
    intervals: tuple[Interval, ...]
    turns: tuple[Turn, ...]
    note: str = ""


def timelines(
    definition: ClockDefinition, standings: Sequence[Standing], now_us: int
) -> list[Timeline]:
    """Return the timeline of every instance, oldest first.

    Args:
        definition: of the clock.
        standings: the clock after each step that changed it, ascending.
        now_us: live instances are told up to here, not before their last step.
    """
    instances: dict[int, list[Standing]] = {}
    for standing in standings:
        instances.setdefault(standing.clock.instance, []).append(standing)
    return [_timeline(definition, of_one, now_us) for of_one in instances.values()]


def _timeline(definition: ClockDefinition, standings: Sequence[Standing], now_us: int) -> Timeline:
    clock, measure = standings[-1].clock, definition.measure
    ended_us = clock.ended_us
    until_us = max(now_us, standings[-1].at_us) if ended_us is None else ended_us
    turns = tuple(_turns(standings))
    intervals = tuple(_intervals(definition, clock, turns, until_us))
    elapsed_us = intervals[-1].sum_us if intervals else 0
    note = ""
    if clock.elapsed_us is not None and clock.elapsed_us != elapsed_us:
        note = "it ended under another calendar or target than the one shown here"
    elif isinstance(clock.target, int):
        note = "a deadline: pauses do not move it, and the percentage counts them"
    return Timeline(
        definition.name,
        measure.calendar_of(clock).timezone,
        clock,
        until_us,
        elapsed_us,
        measure.total_us(clock),
        measure.percentage(clock, until_us),
        intervals,
        turns,
        note,
    )


def _intervals(
    definition: ClockDefinition, clock: Clock, turns: Sequence[Turn], until_us: int
) -> Iterator[Interval]:
    """Yield the intervals of one instance, ascending."""
    if clock.started_us < clock.counted_from_us:
        why = f"given back by {_by(turns, 'reset', clock.counted_from_us)}"
        yield Interval("reset", clock.started_us, clock.counted_from_us, 0, 0, why)
    pauses = list(clock.pauses)
    if clock.paused_since_us is not None and clock.paused_since_us < until_us:
        pauses.append((clock.paused_since_us, until_us))
    at_us, sum_us = clock.counted_from_us, 0
    for since_us, end_us in pauses:
        for kind, opens, closes in _parts(definition, clock, at_us, since_us):
            sum_us += closes - opens if kind == "counted" else 0
            yield _part(definition, clock, kind, opens, closes, sum_us)
        why = _why_paused(definition, turns, since_us)
        yield Interval("paused", since_us, end_us, 0, sum_us, why)
        at_us = end_us
    for kind, opens, closes in _parts(definition, clock, at_us, until_us):
        sum_us += closes - opens if kind == "counted" else 0
        yield _part(definition, clock, kind, opens, closes, sum_us)


def _parts(
    definition: ClockDefinition, clock: Clock, start_us: int, end_us: int
) -> Iterator[tuple[IntervalKind, int, int]]:
    """Yield what is open and what is closed between two instants without a pause."""
    if not _follows_hours(clock):
        if start_us < end_us:
            yield "counted", start_us, end_us
        return
    calendar = definition.measure.calendar_of(clock)
    for opens, closes in _stretches(calendar, start_us, end_us):
        if start_us < opens:
            yield "closed", start_us, opens
        yield "counted", opens, closes
        start_us = closes
    if start_us < end_us:
        yield "closed", start_us, end_us


def _stretches(calendar: Calendar, start_us: int, end_us: int) -> Iterator[tuple[int, int]]:
    """Yield the open stretches between two instants: the first open one, then bisect its end."""
    while start_us < end_us:
        first_us = calendar.open_due_us(start_us, 1)
        if first_us is None or first_us > end_us:
            return
        opens = first_us - 1
        open_us, shut_us = first_us, end_us + 1  # open all the way; not so
        while shut_us - open_us > 1:
            middle = (open_us + shut_us) // 2
            if calendar.elapsed_us(opens, middle) == middle - opens:
                open_us = middle
            else:
                shut_us = middle
        yield opens, open_us
        start_us = open_us


def _follows_hours(clock: Clock) -> bool:
    return isinstance(clock.target, Duration) and clock.target.unit != "real"


def _part(
    definition: ClockDefinition,
    clock: Clock,
    kind: IntervalKind,
    opens: int,
    closes: int,
    sum_us: int,
) -> Interval:
    if kind == "counted":
        why = "open" if _follows_hours(clock) else "all time counts"
        return Interval(kind, opens, closes, closes - opens, sum_us, why)
    calendar = definition.measure.calendar_of(clock)
    why = f"outside the hours of the calendar ({calendar.timezone})"
    holidays = _holidays(calendar, opens, closes)
    if holidays:
        why += f"; closed on {', '.join(holidays)}"
    return Interval(kind, opens, closes, 0, sum_us, why)


def _holidays(calendar: Calendar, since_us: int, until_us: int) -> list[str]:
    """Return the dates between two instants that the week would open and the calendar does not."""
    hours = calendar.hours
    if not isinstance(hours, Hours):
        return []
    day = from_us(since_us).astimezone(calendar.info).date()
    last = from_us(until_us - 1).astimezone(calendar.info).date()
    shut = {number for number, windows in hours.special if not windows}
    found: list[str] = []
    while day <= last and shut:
        if day.toordinal() - _EPOCH_DAY in shut and hours.weekly[day.weekday()]:
            found.append(day.isoformat())
        day += _ONE_DAY
    return found


def _why_paused(definition: ClockDefinition, turns: Sequence[Turn], since_us: int) -> str:
    what = next(
        (t.what for t in turns if t.at_us == since_us and t.what in ("stopped", "paused")), ""
    )
    by = _by(turns, what, since_us)
    if what == "stopped":
        return f"it was stopped by {by}"
    condition = "" if definition.pause is None else f"pause: {definition.pause.text}; "
    return f"{condition}since {by}"


def _by(turns: Sequence[Turn], what: str, at_us: int) -> str:
    for turn in turns:
        if turn.at_us == at_us and (not what or turn.what == what):
            return turn.by if turn.revision is None else f"{turn.by} (revision {turn.revision})"
    return "what came before"


def _turns(standings: Sequence[Standing]) -> Iterator[Turn]:
    first = standings[0]
    started = "started, paused" if first.clock.status == "paused" else "started"
    yield _turn(first, started)
    if first.clock.status not in ("in_progress", "paused"):  # it began and ended in one step
        yield _turn(first, _ended(first.clock))
    for before, after in pairwise(standings):
        by_timer = after.by.startswith("timer")
        for what in _changes(before.clock, after.clock, by_timer=by_timer):
            yield _turn(after, what)


def _turn(standing: Standing, what: str) -> Turn:
    return Turn(standing.at_us, what, standing.by, standing.revision)


def _changes(old: Clock, new: Clock, *, by_timer: bool) -> Iterator[str]:
    """Yield what a step did to a clock, in the order in which it comes about."""
    yield from _aimed(old, new)
    if old.counted_from_us != new.counted_from_us:
        yield "reset"
    for mark in new.passed[len(old.passed) :]:
        key = mark.rpartition("/")[2]
        if key != BREACH:
            yield f"threshold {key}" if by_timer else f"threshold {key} passed over"
    if old.breached != new.breached:
        yield "breached" if new.breached else "no longer breached"
    if old.status != new.status:
        yield _moved(old, new)


def _aimed(old: Clock, new: Clock) -> Iterator[str]:
    if old.target != new.target:
        yield f"target {_target(old)} -> {_target(new)}"
    elif old.fingerprint != new.fingerprint:
        yield "worked out anew, calendar or definition have changed"


def _moved(old: Clock, new: Clock) -> str:
    if new.status == "paused":
        return "paused"
    if new.status == "in_progress":
        return "resumed" if old.status == "paused" else "resumed after its stop"
    return _ended(new)


def _ended(clock: Clock) -> str:
    if clock.status == "completed":
        return "stopped"
    return "cancelled" if clock.reason in (None, "cancel") else f"cancelled: {clock.reason}"


def _target(clock: Clock) -> str:
    target = clock.target
    if isinstance(target, int):
        return from_us(target).isoformat()
    return "none" if target is None else str(target)
