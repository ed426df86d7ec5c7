"""What a step comes to: the new case, or the old one with reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import UNSET

from casewright.case import Case, Outcome, Problem

if TYPE_CHECKING:
    from casewright.case import Event, EventStatus
    from casewright.program.step import Step


def unchanged(
    status: EventStatus,
    entity: Case | None,
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


def applied(step: Step, program_hash: str) -> Outcome:
    """Return the outcome of a step that went through."""
    before = step.before
    revision = step.revision + 1
    is_create = step.is_create
    touched = revision if step.touched or is_create or before is None else before.touched_revision
    root = step.root
    case = Case(
        domain=step.ct.domain,
        id=step.id,
        number=step.number,
        case_type=step.case_type,
        state=step.state,
        state_entry=step.state_entry,
        state_since_us=step.state_since_us,
        revision=revision,
        touched_revision=touched,
        created_at=step.created_at,
        created_by=step.created_by,
        updated_at=step.now,
        updated_by=root.actor.id,
        fields=step.fields,
        clocks=step.clocks,
        playbook=step.playbook,
        timers=step.timers,
        related=step.related_lists,
        parents=step.parents,
        calls=step.calls,
        journals=step.journals,
        once=step.once,
        program=program_hash,
    )
    return Outcome(
        "applied",
        case,
        root,
        step.now_us,
        changes=_changes(step, before),
        effects=tuple(step.effects),
        ignored=tuple(step.ignored),
        causes=tuple(step.causes),
        entries=tuple(step.entries),
        trace=UNSET if step.trace is None else tuple(step.trace),
    )


def _changes(step: Step, before: Case | None) -> dict[str, tuple[Any, Any]]:
    changes: dict[str, tuple[Any, Any]] = {}
    old_state = None if before is None else before.state
    if old_state != step.state:
        changes["state"] = (old_state, step.state)
    old_fields = {} if before is None else before.fields
    fields = step.fields
    if old_fields is fields:
        return changes
    for name in sorted(step.written, key=step.ct.positions.__getitem__):
        old, new = old_fields.get(name), fields.get(name)
        if old != new:
            changes[name] = (old, new)
    return changes
