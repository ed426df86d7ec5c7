"""Instants of a clock: thresholds, the breach, and the timers that wait for them.

A threshold or breach runs its actions at most once for an instance and a target; ``Clock.passed``
holds the marks, each the target and the key of the threshold. A ``reset`` gives the time back, not
the thresholds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from casewright.case import Clock, Clocks, Timer
from casewright.sla.definition import BREACH
from casewright.temporal import Duration

if TYPE_CHECKING:
    from casewright.sla.definition import ClockDefinition, Threshold

RANK = 0
_THRESHOLDS = 1000


def timers(definition: ClockDefinition, clocks: Clocks | None, now_us: int) -> tuple[Timer, ...]:
    """Return the timers of a clock: thresholds not passed, and always the due instant.

    An instant that is past is due at ``now_us``. None while paused, ended or without a due instant.
    """
    clock = None if clocks is None else clocks.current
    if clock is None or clock.status != "in_progress" or clock.due_us is None:
        return ()
    due_us, passed = clock.due_us, clock.passed
    target = str(clock.target) if passed else ""
    made: list[Timer] = []
    for threshold in definition.thresholds:
        if not passed or _mark(target, threshold.key) not in passed:
            at_us = threshold_us(definition, clock, threshold, due_us)
            if at_us is not None:
                position = threshold.position
                made.append(_timer(definition, clock, threshold.key, max(at_us, now_us), position))
    if not clock.breached or _mark(target, BREACH) not in passed:
        made.append(_timer(definition, clock, BREACH, max(due_us, now_us), _THRESHOLDS - 1))
    return tuple(made)


def _timer(
    definition: ClockDefinition, clock: Clock, key: str, due_us: int, position: int
) -> Timer:
    return Timer(
        f"sla/{definition.name}/{key}",
        due_us,
        RANK,
        definition.position * _THRESHOLDS + position,
        clock.instance,
        clock.fingerprint,
    )


def breach(clocks: Clocks) -> tuple[Clocks, bool]:
    """Return the record after the due instant of its clock, and whether the actions run.

    The actions do not run where they have run for this instance and target before.
    """
    clock = clocks.current
    mark = _mark(str(clock.target), BREACH)
    first = mark not in clock.passed
    counts = first or clock.counted_from_us != clock.started_us
    breached = replace(
        clock, breached=True, passed=(*clock.passed, mark) if first else clock.passed
    )
    breaches = clocks.breaches + (1 if counts else 0)
    return Clocks(breached, clocks.last, breaches), first


def pass_threshold(clocks: Clocks, key: str) -> tuple[Clocks, bool]:
    """Return the record after a threshold, and whether its actions run."""
    clock = clocks.current
    mark = _mark(str(clock.target), key)
    if mark in clock.passed:
        return clocks, False
    passed = replace(clock, passed=(*clock.passed, mark))
    return Clocks(passed, clocks.last, clocks.breaches), True


def has_passed(clock: Clock, key: str) -> bool:
    """Return whether a threshold has run, or was marked, for the target of now."""
    return _mark(str(clock.target), key) in clock.passed


def without_overtaken(
    definition: ClockDefinition, clock: Clock, now_us: int, *, quietly: bool
) -> Clock:
    """Return a live clock with the thresholds marked that a change has put into the past.

    Args:
        definition: of the clock.
        clock: live, with its due instant worked out anew.
        now_us: instants up to here are past; of a paused clock those up to its pause.
        quietly: mark all but a breach (rule 32: nothing past is armed); else the highest is left
            to run (rule 31).
    """
    due_us = clock.due_us
    if clock.paused_since_us is not None:  # what was spent when it paused is past at its end
        due_us, now_us = definition.measure.due_us(clock), clock.paused_since_us
    if due_us is None:
        return clock
    target = str(clock.target)
    past: list[tuple[int, int, str]] = []
    is_ahead = False  # of percentages, which ascend, all are ahead once one is
    for threshold in definition.thresholds:
        mark = _mark(target, threshold.key)
        if mark in clock.passed or (is_ahead and threshold.percent is not None):
            continue
        at_us = threshold_us(definition, clock, threshold, due_us)
        if at_us is not None and (at_us < now_us if quietly else at_us <= now_us):
            past.append((at_us, threshold.position, mark))
        elif threshold.percent is not None:
            is_ahead = True
    past.sort()
    if past and not quietly and due_us > now_us:
        past.pop()
    if not past:
        return clock
    return replace(clock, passed=(*clock.passed, *(mark for _, _, mark in past)))


def threshold_us(
    definition: ClockDefinition, clock: Clock, threshold: Threshold, due_us: int
) -> int | None:
    """Return the instant of a threshold of a live clock that is due at ``due_us``, never later."""
    if threshold.percent is not None:
        return _percent_us(definition, clock, due_us, *threshold.percent)
    if threshold.before is None:
        return due_us
    pauses = () if isinstance(clock.target, int) else clock.pauses
    calendar = definition.measure.calendar_of(clock)
    return calendar.back_us(due_us, threshold.before, pauses)


def _percent_us(
    definition: ClockDefinition, clock: Clock, due_us: int, numerator: int, denominator: int
) -> int:
    measure = definition.measure
    total = measure.total_us(clock, due_us)
    if not total:
        return due_us
    part = -(-total * numerator // denominator)
    start = clock.counted_from_us
    if isinstance(clock.target, int):
        return min(start + part, due_us)
    calendar = measure.calendar_of(clock)
    if isinstance(clock.target, Duration) and clock.target.unit == "real":
        return calendar.real_due_us(start, part, clock.pauses)
    found = calendar.open_due_us(start, part, clock.pauses)
    return due_us if found is None else min(found, due_us)


def is_spent(clock: Clock, due_us: int | None, now_us: int) -> bool:
    """Return whether the target is spent: of a paused clock, whether it was when it paused.

    Args:
        clock: live.
        due_us: when its target is spent if only closed pauses count.
        now_us: the step's instant.
    """
    until = now_us if clock.paused_since_us is None else clock.paused_since_us
    return due_us is not None and due_us <= until


def _mark(target: str, key: str) -> str:
    return f"{target}/{key}"
