"""Timers of a step: which are armed at its end, and what one that is due does (rules 9-13).

A timer is data in the case. It is armed when its owner begins, and gone when its owner ends or it
has run; what it does is the Apply of a step of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import UNSET
from msgspec.structs import replace

from casewright import sla
from casewright.actions.timers import TimerDefinition, due_after
from casewright.case import SYSTEM, Event, Timer
from casewright.program import codec, tracing
from casewright.program.faults import Failed

if TYPE_CHECKING:
    from casewright.case import Entity
    from casewright.program.step import Step
    from casewright.rules.bindings import Binding
    from casewright.rules.case_rules import Rule

CLOCK_RANK, STATE_RANK, ACTIVITY_RANK, DELAY_RANK = range(4)


def next_timer(case: Entity, until_us: int) -> Timer | None:
    """Return the timer that runs next at or before ``until_us``: due, rank, position, owner."""
    best: Timer | None = None
    for timer in case.timers:
        if timer.due_us > until_us or timer.parked is not None:
            continue
        if best is None or _order(timer) < _order(best):
            best = timer
    return best


def _order(timer: Timer) -> tuple[int, int, int, int, str]:
    return (timer.due_us, timer.rank, timer.position, timer.owner, timer.key)


def timer_event(case: Entity, timer: Timer, delivered_us: int, time: Any) -> Event:
    """Return the event that runs a timer."""
    return Event(
        "timer",
        f"{case.id}/{timer.key}/{timer.owner}/{timer.due_us}",
        case.id,
        time=time,
        actor=SYSTEM,
        data={"timer": timer.key, "owner": timer.owner},
        hops=timer.hops,
        delivered_us=delivered_us,
    )


def run_timer(step: Step, event: Event) -> None:
    """Run the timer that ``event`` names: the Apply of a timer's step."""
    key, owner = event.data["timer"], event.data["owner"]
    timer = next(t for t in step.timers if t.key == key and t.owner == owner)
    step.timers = tuple(t for t in step.timers if t is not timer)
    step.acting_as = SYSTEM
    step.causes.append(f"timer/{key}")
    kind, _, rest = key.partition("/")
    _RUN[kind](step, timer, rest)


def _run_clock(step: Step, timer: Timer, rest: str) -> None:
    name, _, threshold = rest.partition("/")
    definition = step.ct.clocks[name]
    base = step.clocks[name]
    if threshold == sla.BREACH:
        passed, runs = sla.breach(base)
    else:
        passed, runs = sla.pass_threshold(base, threshold)
    step.put_base_clock(name, passed)
    step.note("timer", timer.key, late_us=_lateness(step, timer))
    actions = definition.actions(threshold)
    if runs and actions:
        step.causes.append(f"threshold/{rest}")
        step.run_as_system(actions)
    for event_type in sla.announcements(base, passed):
        step.announce(event_type, {"name": name})


def _run_owned(step: Step, timer: Timer, _rest: str) -> None:
    definition = step.ct.timers[timer.key]
    late_us = _lateness(step, timer)
    if late_us > definition.grace_us and definition.overdue != "fire":
        step.note("timer", timer.key, late_us=late_us, overdue=definition.overdue)
        if definition.overdue == "restart":
            delivered = step.now_us + late_us
            due = definition.due_us(step, delivered)
            if due is not None:
                step.timers = (*step.timers, replace(timer, due_us=max(due, delivered)))
        return
    step.run_as_system(definition.do)


def _run_delay(step: Step, timer: Timer, rest: str) -> None:
    rule = step.ct.rules.by_name(rest.partition("/")[0])
    if rule is None:
        return
    if timer.event is not None:
        step.event = timer.event
    step.lets = dict(timer.bound or {})
    step.causes.append(f"rule/{rule.name}")
    before = tracing.mark(step)
    try:
        step.run_as_system(rule.do)
    finally:
        tracing.note_fired(step, rule, before, timer.bound or None)
    step.event = step.root_event


def _run_call(step: Step, timer: Timer, rest: str) -> None:
    call = next((call for call in step.calls if call.id == rest), None)
    if call is None:
        return
    step.calls = tuple(c for c in step.calls if c is not call)
    step.ignored_note(timer.key, "no answer in time")
    if call.error is not None:
        step.raise_event(call.error, {})


_RUN = {
    "sla": _run_clock,
    "state": _run_owned,
    "activity": _run_owned,
    "rule": _run_delay,
    "call": _run_call,
}


def _lateness(step: Step, timer: Timer) -> int:
    delivered = step.root.delivered_us
    return 0 if delivered is None else max(0, delivered - timer.due_us)


def delay(step: Step, rule: Rule, binding: Binding | None = None) -> None:
    """Arm the delayed actions of a rule that has fired, for a binding if it has lists."""
    value = None if rule.after is None else rule.after.get(step, step.budget)
    due = due_after(value, step.now_us, step.ct.calendar, rule.place)
    if due is None:
        return
    timer = Timer(
        f"rule/{rule.name}" if binding is None else f"rule/{rule.name}/{binding.key}",
        due,
        DELAY_RANK,
        rule.order,
        step.revision + 1,
        rule.fingerprint,
        hops=step.root.hops,
        event=step.event,
        bound=UNSET if binding is None else codec.kept(binding.facts, rule),
    )
    step.timers = (*(t for t in step.timers if t.key != timer.key or rule.on), timer)


def arm(step: Step) -> None:
    """Arm and remove timers for what the step has begun and ended."""
    ct = step.ct
    if ct.flow.states[step.state].final:
        step.end_everything()
        return
    clocks_moved = step.clocks is not step.begin_clocks
    begun = step.state_entry != step.begun_entry or step.is_create
    if begun:
        _arm_owned(step, "state", step.state, step.state_entry, step.state_since_us, STATE_RANK)
    else:
        _rearm_moved(step)
    if clocks_moved:
        _arm_clocks(step)
    _arm_activity(step)
    if step.calls or _has_rank(step.timers, DELAY_RANK):
        _drop_delays(step)
        _arm_calls(step)
    if len(step.timers) > ct.limits.timers:
        raise Failed("timer_limit", f"a case may have at most {ct.limits.timers} timers")


def _arm_owned(
    step: Step, kind: str, name: str | None, entry: int, since_us: int, rank: int
) -> None:
    definitions = step.ct.timers_of.get((kind, name or ""), ())
    if not definitions and not _has_rank(step.timers, rank):
        return
    kept = [t for t in step.timers if t.rank != rank]
    for definition in definitions:
        due = definition.due_us(step, since_us)
        if due is not None:
            kept.append(_armed(step, definition, due, entry, rank))
    step.timers = tuple(kept)


def _has_rank(timers: tuple[Timer, ...], rank: int) -> bool:
    for timer in timers:  # noqa: SIM110  a generator costs more than the few timers of a case
        if timer.rank == rank:
            return True
    return False


def _armed(step: Step, definition: TimerDefinition, due_us: int, entry: int, rank: int) -> Timer:
    return Timer(
        definition.key,
        max(due_us, step.now_us),
        rank,
        definition.position,
        entry,
        definition.fingerprint,
        hops=step.root.hops,
    )


def _rearm_moved(step: Step) -> None:
    """Move pending timers whose instant reads something that this step has changed."""
    if not step.ct.moving_timers:
        return
    moved: list[Timer] = []
    for timer in step.timers:
        mask = step.ct.moving_timers.get(timer.key, 0)
        if mask & step.step_bits and timer.rank == STATE_RANK:
            due = step.ct.timers[timer.key].due_us(step, step.state_since_us)
            if due is not None:
                moved.append(replace(timer, due_us=max(due, step.now_us)))
        else:
            moved.append(timer)
    step.timers = (*moved, *_known_at_last(step))


def _known_at_last(step: Step) -> list[Timer]:
    """Return timers of the state whose instant was null before this step and is not any more."""
    found: list[Timer] = []
    before = step.at_begin()
    for definition in step.ct.timers_of.get(("state", step.state), ()):
        mask = step.ct.moving_timers.get(definition.key, 0)
        if before is None or not mask & step.step_bits:
            continue
        due = definition.due_us(step, step.state_since_us)
        if due is not None and definition.due_us(before, step.state_since_us) is None:
            found.append(_armed(step, definition, due, step.state_entry, STATE_RANK))
    return found


def _arm_clocks(step: Step) -> None:
    for name, definition in step.ct.clocks.items():
        clocks = step.clocks.get(name)
        if clocks is step.begin_clocks.get(name) or clocks is None:
            continue
        prefix = f"sla/{name}/"
        kept = [t for t in step.timers if not t.key.startswith(prefix) or t.parked is not None]
        parked = {(t.key, t.owner) for t in kept if t.parked is not None}
        armed = sla.timers(definition, clocks, step.now_us)
        kept.extend(t for t in armed if (t.key, t.owner) not in parked)
        step.timers = tuple(kept)


def _arm_activity(step: Step) -> None:
    record, before = step.playbook, step.begun_playbook
    if record is before or record is None:
        return
    now = None if record.activity is None else record.activities[record.activity]
    was = None
    if before is not None and before.activity is not None:
        was = before.activities[before.activity]
    same = before is not None and before.activity == record.activity
    if same and (now is None or was is None or now.entry == was.entry):
        return
    if now is None:
        step.timers = tuple(t for t in step.timers if t.rank != ACTIVITY_RANK)
        return
    since = now.opened_us if now.opened_us is not None else step.now_us
    _arm_owned(step, "activity", record.activity, now.entry, since, ACTIVITY_RANK)


def _drop_delays(step: Step) -> None:
    """Drop the delayed actions of rules without ``on`` whose condition has ceased to hold."""
    known: dict[str, frozenset[str]] = {}
    step.timers = tuple(t for t in step.timers if t.rank != DELAY_RANK or _is_due(step, t, known))


def _is_due(step: Step, timer: Timer, known: dict[str, frozenset[str]]) -> bool:
    """Return True unless a delay is of a rule without ``on`` that has ceased to hold.

    Args:
        known: keys of bindings that hold, by rule; what is found out is added.
    """
    kind, _, rest = timer.key.partition("/")
    name, _, key = rest.partition("/")
    rule = step.ct.rules.by_name(name) if kind == "rule" else None
    if rule is None or rule.on or rule.when is None:
        return True
    if rule.over is None:
        return rule.when.true(step, step.budget)
    if name not in known:
        known[name] = frozenset(binding.key for binding in rule.over.bindings(step))
    return key in known[name]


def _arm_calls(step: Step) -> None:
    open_calls = {call.id for call in step.calls}
    kept = [t for t in step.timers if not t.key.startswith("call/") or t.key[5:] in open_calls]
    armed = {t.key[5:] for t in kept if t.key.startswith("call/")}
    for position, call in enumerate(step.calls):
        if call.id not in armed:
            kept.append(Timer(f"call/{call.id}", call.deadline_us, DELAY_RANK, position, 0))
    step.timers = tuple(kept)
