"""What an actor may do with a case now, and the reasons against what it may not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from casewright import playbook
from casewright.bind.shape import BUILT_IN_DATA
from casewright.case import Event, Problem
from casewright.program.admit import no_transition, row_is_open
from casewright.program.step import Step
from casewright.temporal import to_us

if TYPE_CHECKING:
    from casewright.case import Actor, Case, Related
    from casewright.flow import Transition
    from casewright.program.program import Program


@dataclass(frozen=True, slots=True)
class AllowedAction:
    """One thing that can be asked of a case in its present state.

    Attributes:
        kind: ``event`` (a transition), ``built_in`` or ``activity``.
        type: event type; of an activity ``activity/action`` or ``activity/card/action``.
        title: for people.
        is_open: nothing stands against it, as far as can be told without its data.
        problems: what stands against it.
        to: state that it leads to, or None.
        require: what has to have a value or hold for it.
        data: names of what it can carry besides fields.
    """

    kind: Literal["event", "built_in", "activity"]
    type: str
    title: str
    is_open: bool
    problems: tuple[Problem, ...] = ()
    to: str | None = None
    require: tuple[str, ...] = ()
    data: tuple[str, ...] = ()


def allowed_actions(
    program: Program, case: Case, actor: Actor, related: Related
) -> list[AllowedAction]:
    """Return what the case knows in its state: transitions, built-in events, activities."""
    ct = program.case_types[case.case_type]
    event = Event("", case=case.id, time=case.updated_at, actor=actor)
    step = Step(ct, case, event, related, to_us(case.updated_at))
    step.begin(event)
    found: list[AllowedAction] = []
    for (state, event_type), rows in ct.flow.rows.items():
        if state == case.state and event_type not in BUILT_IN_DATA:
            found.append(_of_rows(step, event_type, rows))
    read_only = ct.flow.states[case.state].read_only
    for built_in in ("update", "comment", "work_note", "attach"):
        found.append(_built_in(step, built_in, read_only=read_only))
    definition = ct.playbook_of(case.playbook)
    if definition is not None:
        for action in playbook.actions_open(definition, case.playbook, step):
            name = "/".join(part for part in (action.activity, action.card, action.action) if part)
            problems = (*action.problems, *_against_event(step, action.event))
            if read_only:
                problems = (*problems, Problem("read_only", "the case is read-only"))
            found.append(AllowedAction("activity", name, action.title, not problems, problems))
    return found


def _against_event(step: Step, event_type: str | None) -> tuple[Problem, ...]:
    """Return what stands against the event that an activity's action is; else against updating."""
    if event_type is None:
        return _built_in(step, "update", read_only=False).problems
    rows = step.ct.flow.rows.get((step.state, event_type), ())
    if not rows:
        return tuple(no_transition(step, event_type))
    return _of_rows(step, event_type, rows).problems


def _of_rows(step: Step, event_type: str, rows: tuple[Transition, ...]) -> AllowedAction:
    judged = [(row, _against(step, row)) for row in rows]
    row, problems = min(judged, key=lambda item: len(item[1]))
    if event_type in step.ct.closed_events:
        problems = [*problems, Problem("forbidden", f'"{event_type}" is raised by the case itself')]
    declared = step.ct.event_data.get(event_type, {})
    return AllowedAction(
        "event",
        event_type,
        row.title,
        not problems,
        tuple(problems),
        row.to,
        tuple(need.text for need in row.require),
        tuple(declared),
    )


def _against(step: Step, row: Transition) -> list[Problem]:
    problems: list[Problem] = []
    if not row_is_open(step, row):
        wanted = ", ".join(sorted(row.roles)) or "who may update"
        problems.append(Problem("forbidden", f"it is open to {wanted}", "actor"))
    if row.when is not None and not row.when.true(step, step.budget):
        problems.append(Problem("no_transition", f"{row.when.text} does not hold", "when"))
    problems.extend(
        Problem("requirement", f"{need.text} is required", need.field or need.text)
        for need in row.require
        if not step.meets(need.field, need.condition)
    )
    return problems


def _built_in(step: Step, event_type: str, *, read_only: bool) -> AllowedAction:
    problems: list[Problem] = []
    roles = step.ct.roles
    if read_only:
        problems.append(Problem("read_only", "the case is read-only in this state"))
    if not roles.is_open and not roles.may(step.held_roles(), event_type):
        wanted = ", ".join(roles.who_may(event_type)) or "nobody"
        problems.append(Problem("forbidden", f"it is open to {wanted}", "actor"))
    title = event_type.replace("_", " ").capitalize()
    return AllowedAction("built_in", event_type, title, not problems, tuple(problems))
