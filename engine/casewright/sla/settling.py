"""Clocks as functions of their record at the start of an internal event, the case now, the event.

``settle`` may be called as often as the case changes within an internal event: it always begins
with the record at its start, so what flaps inside leaves no mark (rules 18 and 27). The order is
cancel, stop, reset, pause; one call makes at most one end and one start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from casewright.case import Clock, Clocks
from casewright.sla.definition import BREACH
from casewright.sla.due import breach, has_passed, is_spent, without_overtaken
from casewright.spec.clock_view import LIVE

if TYPE_CHECKING:
    from typing import Literal

    from casewright.feel import Expression
    from casewright.sla.definition import ClockDefinition
    from casewright.view import View


def settle(
    definition: ClockDefinition,
    before: Clocks | None,
    at_step_begin: Clocks | None,
    s: View,
    *,
    is_final: bool = False,
) -> Clocks | None:
    """Return the record of a clock for the case as it is now.

    Args:
        definition: of the clock.
        before: the record at the start of this internal event.
        at_step_begin: the record when the step began; an event stops only what was live then.
        s: the case now, with the event.
        is_final: the case is in a final state: what its own conditions do not end is cancelled,
            and nothing starts or goes on (rule 13).

    Returns:
        The very object ``before`` where nothing changes.
    """
    if before is None:
        return None if is_final else _started(definition, None, s)
    clock = before.current
    if clock.status in LIVE:
        return _followed(definition, before, at_step_begin, s, is_final=is_final)
    if is_final:
        return before
    if definition.again == "new":
        return _started(definition, before, s)
    if definition.again == "resume" and clock.status == "completed":
        return _resumed(definition, before, s)
    return before


def rests(definition: ClockDefinition, clocks: Clocks | None, s: View) -> bool:
    """Return True if ``settle`` would change nothing, where no path that conditions read changed.

    What is left then is the event, which may be a moment that stops or resets a live instance, and
    the calendar, whose name may be read from a record outside the case.
    """
    if clocks is None or clocks.current.status not in LIVE:
        return True
    if (definition.stop is not None and definition.stop.happens(s)) or (
        definition.reset is not None and definition.reset.happens(s)
    ):
        return False
    return definition.calendar is None or definition.fingerprint_on(s) == clocks.current.fingerprint


def recalculate(definition: ClockDefinition, clocks: Clocks, s: View) -> Clocks:
    """Return the record after a change of the definition or its calendar (rule 32).

    A live instance is worked out from its start; no threshold that is already past will run, but a
    breach will. An ended one, or one computed with this very definition, is returned as it is.
    """
    clock = clocks.current
    fingerprint = definition.fingerprint_on(s)
    if clock.status not in LIVE or clock.fingerprint == fingerprint:
        return clocks
    target, key = definition.target.of(s)
    changed = replace(clock, target=target, target_key=key, fingerprint=fingerprint)
    counted = _counted(definition, changed, s.now_us)
    marked = without_overtaken(definition, counted, s.now_us, quietly=True)
    return Clocks(marked, clocks.last, clocks.breaches)


def announcements(before: Clocks | None, after: Clocks | None) -> tuple[str, ...]:
    """Return the types of the events that a change of a clock announces (rule 19)."""
    if after is None or after is before:
        return ()
    made: list[str] = []
    was = None if before is None else before.current
    for clock in (after.last, after.current):
        if clock is None or (was is not None and clock.instance < was.instance):
            continue
        same = was if was is not None and was.instance == clock.instance else None
        if clock.breached and not (same is not None and same.breached):
            made.append("clock_breached")
        if clock.status == "completed" and not (same is not None and same.status == "completed"):
            made.append("clock_completed")
    return tuple(made)


def reasons(
    definition: ClockDefinition, before: Clocks | None, after: Clocks | None
) -> tuple[tuple[str, Expression], ...]:
    """Return the conditions that a change of a clock came from, each with what it is for."""
    if after is None or after is before:
        return ()
    found: list[tuple[str, Expression | None]] = []
    was = None if before is None else before.current
    now = after.current
    ended = after.last if was is not None and now.instance != was.instance else now
    if was is not None and was.status in LIVE and ended is not None:
        if ended.reason == "cancel":
            found.append(("cancel", definition.cancel))
        elif ended.status == "completed" and definition.stop is not None:
            found.extend(("stop", condition) for condition in definition.stop.conditions)
        elif (ended.paused_since_us is None) != (was.paused_since_us is None):
            found.append(("pause", definition.pause))
        if ended.counted_from_us != was.counted_from_us and definition.reset is not None:
            found.extend(("reset", condition) for condition in definition.reset.conditions)
    if was is None or now.instance != was.instance:
        found.append(("start", definition.start))
        if now.status == "paused":
            found.append(("pause", definition.pause))
    elif was.status not in LIVE and now.status in LIVE and definition.stop is not None:
        found.extend(("stop", condition) for condition in definition.stop.conditions)
    return tuple((name, condition) for name, condition in found if condition is not None)


def _started(definition: ClockDefinition, before: Clocks | None, s: View) -> Clocks | None:
    """Return a new instance where it may start now, else the record as it was."""
    budget = s.budget
    if not definition.start.true(s, budget):
        return before
    if definition.cancel is not None and definition.cancel.true(s, budget):
        return before
    if definition.stop is not None and definition.stop.holds_quietly(s):
        return before
    target, key = definition.target.of(s)
    if target is None:
        return before
    now_us = s.now_us
    is_paused = definition.pause is not None and definition.pause.true(s, budget)
    fingerprint = definition.fingerprint_on(s)
    clock = Clock(
        instance=1 if before is None else before.current.instance + 1,
        status="paused" if is_paused else "in_progress",
        started_us=now_us,
        counted_from_us=now_us,
        paused_since_us=now_us if is_paused else None,
        target=target,
        target_key=key,
        due_us=None if is_paused else definition.measure.first_due_us(target, now_us, fingerprint),
        fingerprint=fingerprint,
    )
    if definition.counts_back:
        clock = without_overtaken(definition, clock, now_us, quietly=False)
    if before is None:
        return Clocks(clock)
    return Clocks(clock, before.current, before.breaches)


def _resumed(definition: ClockDefinition, before: Clocks, s: View) -> Clocks:
    """Return the instance that goes on where its stop holds no longer, else the record."""
    clock, budget, now_us = before.current, s.budget, s.now_us
    if definition.stop is None or definition.stop.holds_quietly(s):
        return before
    if definition.cancel is not None and definition.cancel.true(s, budget):
        return before
    target, key = definition.target.of(s)
    is_paused = definition.pause is not None and definition.pause.true(s, budget)
    ended_us = now_us if clock.ended_us is None else clock.ended_us
    live = replace(
        clock,
        status="paused" if is_paused else "in_progress",
        pauses=_with_pause(clock, ended_us, now_us),
        paused_since_us=now_us if is_paused else None,
        target=target,
        target_key=key,
        ended_us=None,
        elapsed_us=None,
        fingerprint=definition.fingerprint_on(s),
    )
    live = _counted(definition, live, now_us)
    if isinstance(target, int) or target != clock.target:
        live = without_overtaken(definition, live, now_us, quietly=False)
    return Clocks(live, before.last, before.breaches)


def _followed(
    definition: ClockDefinition,
    before: Clocks,
    at_step_begin: Clocks | None,
    s: View,
    *,
    is_final: bool,
) -> Clocks | None:
    """Return the record of a live instance."""
    clock, budget, now_us = before.current, s.budget, s.now_us
    was_live = at_step_begin is before or (
        at_step_begin is not None
        and at_step_begin.current.instance == clock.instance
        and at_step_begin.current.status in LIVE
    )
    aimed = _aimed(definition, clock, s)
    if definition.cancel is not None and definition.cancel.true(s, budget):
        ended = _ended(definition, before, aimed, now_us, "cancelled", "cancel")
    elif definition.stop is not None and (
        definition.stop.holds(s) if was_live else definition.stop.holds_quietly(s)
    ):
        ended = _ended(definition, before, aimed, now_us, "completed", None)
    elif is_final:
        ended = _ended(definition, before, aimed, now_us, "cancelled", "final")
    else:
        return _going(definition, before, aimed, s, was_live=was_live)
    return _started(definition, ended, s) if definition.again == "new" and not is_final else ended


def _going(
    definition: ClockDefinition, before: Clocks, aimed: Clock, s: View, *, was_live: bool
) -> Clocks:
    """Return the record of an instance that does not end: reset, then pause."""
    now_us, clock = s.now_us, aimed
    reset = definition.reset
    if reset is not None and (reset.becomes_true(s) or (was_live and reset.happens(s))):
        clock = replace(
            clock,
            counted_from_us=now_us,
            pauses=(),
            paused_since_us=None if clock.paused_since_us is None else now_us,
        )
    is_paused = definition.pause is not None and definition.pause.true(s, s.budget)
    if is_paused and clock.paused_since_us is None:
        if clock is before.current:
            paused = replace(clock, status="paused", paused_since_us=now_us, due_us=None)
            return Clocks(paused, before.last, before.breaches)
        clock = replace(clock, status="paused", paused_since_us=now_us)
    elif not is_paused and clock.paused_since_us is not None:
        pauses = _with_pause(clock, clock.paused_since_us, now_us)
        clock = replace(clock, status="in_progress", pauses=pauses, paused_since_us=None)
    if clock is before.current:
        return before
    clock = _counted(definition, clock, now_us)
    if aimed is not before.current or isinstance(clock.target, int):
        clock = without_overtaken(definition, clock, now_us, quietly=False)
    return Clocks(clock, before.last, before.breaches)


def _aimed(definition: ClockDefinition, clock: Clock, s: View) -> Clock:
    """Return a live clock with the target and calendar that the case has now."""
    if not definition.target.is_fixed:
        target, key = definition.target.of(s)
        if key != clock.target_key or target != clock.target:
            clock = replace(clock, target=target, target_key=key)
    if definition.calendar is not None:
        fingerprint = definition.fingerprint_on(s)
        if fingerprint != clock.fingerprint:
            clock = replace(clock, fingerprint=fingerprint)
    return clock


def _counted(definition: ClockDefinition, clock: Clock, now_us: int) -> Clock:
    """Return a live clock with its due instant and breach worked out from start and pauses.

    ``breached`` stays where the target is spent and was so before, or was breached once already;
    another one is breached by its timer.
    """
    due_us = definition.measure.due_us(clock)
    breached = is_spent(clock, due_us, now_us) and (clock.breached or has_passed(clock, BREACH))
    running = clock.paused_since_us is None
    return replace(clock, due_us=due_us if running else None, breached=breached)


def _ended(
    definition: ClockDefinition,
    before: Clocks,
    clock: Clock,
    now_us: int,
    status: Literal["completed", "cancelled"],
    reason: str | None,
) -> Clocks:
    """Return the record with its instance ended; a verdict tells of a target just spent."""
    clocks = before
    if clock is not before.current:
        clocks = Clocks(_counted(definition, clock, now_us), before.last, before.breaches)
        clock = clocks.current
    since = clock.paused_since_us
    if status == "completed" and not clock.breached:
        due_us = clock.due_us if since is None else definition.measure.due_us(clock)
        if is_spent(clock, due_us, now_us):
            clocks, _ = breach(clocks)
            clock = clocks.current
    ended = replace(
        clock,
        status=status,
        pauses=clock.pauses if since is None else _with_pause(clock, since, now_us),
        paused_since_us=None,
        ended_us=now_us,
        elapsed_us=definition.measure.elapsed_us(clock, now_us),
        reason=reason,
    )
    return Clocks(ended, clocks.last, clocks.breaches)


def _with_pause(clock: Clock, since_us: int, until_us: int) -> tuple[tuple[int, int], ...]:
    """Return the pauses of a clock with one more; one that touches the last prolongs it."""
    pauses = clock.pauses
    if since_us >= until_us:
        return pauses
    if pauses and pauses[-1][1] == since_us:
        return (*pauses[:-1], (pauses[-1][0], until_us))
    return (*pauses, (since_us, until_us))
