"""What a step comes to: the new case, or the old one with reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import UNSET
from msgspec.structs import replace

from casewright.actions import BadValue
from casewright.case import Case, Outcome, Problem
from casewright.dmn import HitPolicyError
from casewright.feel import BudgetExceeded
from casewright.host import HostFunctionError
from casewright.program import codec
from casewright.program.faults import Failed, Rejected
from casewright.view import RecordsMissing

if TYPE_CHECKING:
    from collections.abc import Callable

    from casewright.case import Entity, Event, EventStatus
    from casewright.program.step import Step


def unchanged(
    status: EventStatus,
    entity: Entity | None,
    event: Event,
    now_us: int,
    errors: tuple[Problem, ...],
    trace: list[dict[str, Any]] | None = None,
) -> Outcome:
    """Return an outcome that changes nothing."""
    return Outcome(
        status,
        entity,
        event,
        now_us,
        errors=errors,
        trace=UNSET if trace is None else tuple(trace),
    )


def judged(
    run: Callable[[], Outcome],
    event: Event,
    entity: Entity | None,
    now_us: int,
    hops: int,
    trace: list[dict[str, Any]] | None,
) -> Outcome:
    """Return what a step comes to, also where it is broken off.

    Args:
        run: makes the step.
        event: that it is about.
        entity: what it began with.
        now_us: its instant.
        hops: how many entities a chain of events may cross.
        trace: what was noted so far, or None.
    """
    if event.hops > hops:
        message = f"the chain of events crosses more than {hops} cases"
        return unchanged("failed", entity, event, now_us, (Problem("hop_limit", message),))
    try:
        return run()
    except RecordsMissing as missing:
        return replace(unchanged("needs", entity, event, now_us, ()), needs=missing.needs)
    except Rejected as err:
        if event.type == "timer" and event.delivered_us is not None:
            first = err.problems[0]
            fault = Failed("bad_value", first.message, first.path)
            return _failed(entity, event, now_us, trace, fault)
        return unchanged("rejected", entity, event, now_us, tuple(err.problems), trace)
    except (Failed, BadValue, BudgetExceeded, HitPolicyError, HostFunctionError) as err:
        return _failed(entity, event, now_us, trace, err)


def _failed(
    entity: Entity | None,
    event: Event,
    now_us: int,
    trace: list[dict[str, Any]] | None,
    err: Exception,
) -> Outcome:
    """Return a failure; one of a timer parks the timer, so that the next one runs."""
    problem = _problem(err)
    outcome = unchanged("failed", entity, event, now_us, (problem,), trace)
    if event.type != "timer" or entity is None:
        return outcome
    parked = tuple(
        replace(timer, parked=problem.message)
        if timer.key == event.data["timer"] and timer.owner == event.data["owner"]
        else timer
        for timer in entity.timers
    )
    return replace(outcome, entity=replace(entity, timers=parked, revision=entity.revision + 1))


def _problem(err: Exception) -> Problem:
    if isinstance(err, Failed):
        return err.problem
    if isinstance(err, BadValue):
        return Problem("bad_value", str(err), err.place)
    if isinstance(err, BudgetExceeded):
        return Problem("budget", str(err))
    if isinstance(err, HitPolicyError):
        return Problem("hit_policy", str(err))
    return Problem("host_function", str(err))


def applied(step: Step, program_hash: str) -> Outcome:
    """Return the outcome of a step that went through."""
    before = step.before
    stored = step.stored
    revision = stored.revision + 1
    is_create = step.is_create
    touched = revision if step.touched or is_create or before is None else before.touched_revision
    root = step.root
    case = Case(  # in the order of its fields: names would cost as much as the record
        step.ct.domain,
        stored.id,
        stored.number,
        stored.case_type,
        step.state,
        step.state_entry,
        step.state_since_us,
        revision,
        touched,
        stored.created_at,
        stored.created_by,
        step.now,
        root.actor.id,
        step.fields,
        step.clocks,
        step.playbook,
        step.timers,
        step.related_lists,
        step.parents,
        step.calls,
        step.journals,
        step.once,
        program_hash,
        step.recent if step.ct.keeps_events else stored.recent and (),
        step.told,
    )
    if step.written or step.once is not stored.once:
        _check_size(case, step.ct.limits.record_bytes)
    return Outcome(
        "applied",
        case,
        root,
        step.now_us,
        _changes(step, before),
        tuple(step.effects),
        (),
        tuple(step.ignored),
        tuple(step.causes),
        tuple(step.entries),
        trace=UNSET if step.trace is None else tuple(step.trace),
    )


def _check_size(case: Case, limit: int) -> None:
    """Refuse a record that has grown beyond its limit; only fields and once keys grow freely."""
    size = len(codec.dump(case))
    if size > limit:
        raise Failed("record_limit", f"the case takes {size} bytes, at most {limit} are allowed")


def _changes(step: Step, before: Case | None) -> dict[str, tuple[Any, Any]]:
    changes: dict[str, tuple[Any, Any]] = {}
    old_state = None if before is None else before.state
    if old_state != step.state:
        changes["state"] = (old_state, step.state)
    written = step.written
    if not written:
        return changes
    old_fields = {} if before is None else before.fields
    fields = step.fields
    names = sorted(written, key=step.ct.positions.__getitem__) if len(written) > 1 else written
    for name in names:
        old, new = old_fields.get(name), fields.get(name)
        if old != new:
            changes[name] = (old, new)
    return changes
