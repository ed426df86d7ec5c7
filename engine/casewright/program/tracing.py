"""What a trace keeps of a step, so that questions can be asked of it afterwards.

Where a trace is asked for, every firing of a rule is noted with what it did, and the end of every
internal event with the case as it then was: why a rule did not fire is found out from that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from msgspec import UNSET

from casewright.view import View

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casewright.case import Outcome
    from casewright.program.kind import CaseType
    from casewright.program.program import Program
    from casewright.program.step import Step
    from casewright.rules.case_rules import Rule

    Trace = tuple[dict[str, Any], ...]

FLOW = "flow"
SETTLED = "settled"
FIRED = "fired"


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a step stood before something acted."""

    fields: Mapping[str, Any]
    effects: int
    pending: int
    entries: int
    moves: int


def asked_of(program: Program, outcome: Outcome) -> tuple[CaseType, Trace]:
    """Return what questions about a case's outcome are asked of: its case type, and the trace.

    Raises:
        ValueError: the outcome has no trace.
    """
    if outcome.trace is UNSET:
        raise ValueError("the outcome has no trace: step with trace=True")
    case = outcome.case
    ct = program.case_type(outcome.event.case_type if case is None else case.case_type)
    return ct, outcome.trace


def mark(step: Step) -> Mark | None:
    """Return where a step stands; None where no trace is asked for."""
    if step.trace is None:
        return None
    return Mark(
        dict(step.fields),
        len(step.effects),
        len(step.pending),
        len(step.entries),
        len(step.moves),
    )


def note_fired(
    step: Step, rule: Rule, before: Mark | None, bindings: Mapping[str, Any] | None = None
) -> None:
    """Note that a rule has fired, and what it did.

    Args:
        step: the step.
        rule: the rule.
        before: where the step stood.
        bindings: of a rule over several facts, what it fired for, by name.
    """
    if before is None:
        return
    old, new = before.fields, step.fields
    wrote = {n: new.get(n) for n in {**old, **new} if old.get(n) != new.get(n)}
    key = f"rule/{rule.name}"
    armed = () if rule.after is None else step.timers
    due = [t.due_us for t in armed if t.key == key or t.key.startswith(f"{key}/")]
    step.note(
        FIRED,
        key,
        wrote=wrote,
        did=_did(step, before),
        bindings=dict(bindings or {}),
        due_us=due[-1] if due else None,
    )


def _did(step: Step, before: Mark) -> list[str]:
    """Return what has been asked for since ``before``, in words."""
    did: list[str] = []
    for event, is_announced in step.pending[before.pending :]:
        if not is_announced:
            did.append(f"raised {event.type}")
    for entry in step.entries[before.entries :]:
        did.append(f"added a {entry.kind.replace('_', ' ')}")
    for move in step.moves[before.moves :]:
        did.append(f"moved the playbook to {move.target}")
    for effect in step.effects[before.effects :]:
        to = f" to {', '.join(effect.to)}" if effect.to and effect.kind != "create" else ""
        did.append(f"{effect.kind} {effect.name}{to}")
    return did


def note_settled(step: Step) -> None:
    """Note how the case stands at the end of an internal event, and what has changed in it."""
    if step.trace is not None:
        changed = -1 if step.previous_parts is None else step.changed_bits
        step.note(SETTLED, "", moment=_moment(step), changed=changed)


def _moment(step: Step) -> View:
    """Return the case as it is now; what the step does later does not change the view."""
    _ = step.previous  # made when it is first asked for
    view = View.__new__(View)
    view.take_over(step)
    view.fields = dict(step.fields)
    view.clocks = dict(step.clocks)
    view.stale = 0
    return view
