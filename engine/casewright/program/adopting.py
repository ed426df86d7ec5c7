"""Adoption: the first thing that happens to a case on another program (rule 32, 6.11).

Clocks and pending timers carry the fingerprint of the definition they were computed with; only what
differs is worked out again. Nothing is armed for an instant that is past, but for a breach, and
what has run stays so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from casewright import sla
from casewright.case import SYSTEM, Case, Event
from casewright.program.faults import Failed

if TYPE_CHECKING:
    from datetime import datetime

    from casewright.case import Timer
    from casewright.program.step import Step


def adoption(case: Case, program_hash: str, time: datetime, delivered_us: int) -> Event:
    """Return the event with which a case goes over to a program."""
    return Event(
        "adopt",
        f"{case.id}/adopt/{program_hash}/{case.revision}",
        case.id,
        time=time,
        actor=SYSTEM,
        delivered_us=delivered_us,
    )


def adopt(step: Step, _event: Event) -> None:
    """Recalculate clocks and timers whose definition has changed; look at every condition.

    Raises:
        Failed: the case is in a state that the program does not have.
    """
    ct = step.ct
    if step.state not in ct.flow.states:
        message = f'state "{step.state}" is unknown to this program; a migration must map it'
        raise Failed("bad_value", message, "state")
    for name, definition in ct.clocks.items():
        clocks = step.clocks.get(name)
        if clocks is None:
            continue
        changed = sla.recalculate(definition, clocks, step)
        if changed is not clocks:
            step.put_base_clock(name, changed)
    kept = [_followed(step, timer) for timer in step.timers]
    step.timers = tuple(timer for timer in kept if timer is not None)
    step.stale |= ct.all_derived
    step.moved |= ct.all_derived


def _followed(step: Step, timer: Timer) -> Timer | None:
    """Return a pending timer under the new definitions, None where it waits no longer."""
    kind, _, name = timer.key.partition("/")
    if kind == "sla":
        return timer if name.partition("/")[0] in step.ct.clocks else None
    if kind == "rule":
        return timer if step.ct.rules.by_name(name.partition("/")[0]) is not None else None
    if kind not in ("state", "activity"):
        return timer
    definition = step.ct.timers.get(timer.key)
    if definition is None or definition.fingerprint == timer.fingerprint:
        return timer if definition is not None else None
    due_us = definition.due_us(step, _since_us(step, definition.owner, kind))
    if due_us is None or due_us < step.now_us:
        return None
    return replace(timer, due_us=due_us, fingerprint=definition.fingerprint)


def _since_us(step: Step, owner: str, kind: str) -> int:
    """Return when the owner of a timer, a state or an activity, began."""
    if kind == "state" or step.playbook is None:
        return step.state_since_us
    activity = step.playbook.activities.get(owner)
    opened_us = None if activity is None else activity.opened_us
    return step.now_us if opened_us is None else opened_us
