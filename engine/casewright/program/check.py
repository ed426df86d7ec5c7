"""Check (rules 22, 23): constraints and required fields on the result of a step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casewright.case import Problem
from casewright.program.faults import Failed, Rejected

if TYPE_CHECKING:
    from casewright.bind.fields import FieldDefinition
    from casewright.program.step import Step
    from casewright.view import View


def check(step: Step) -> None:
    """Refuse a result that breaks what held before.

    Raises:
        Rejected: an event from outside or from another case breaks a constraint.
        Failed: a timer does.
    """
    problems: list[Problem] = []
    changed = step.step_bits | (-1 if step.is_create else 0)
    for definition, mask in step.ct.checks:
        if changed & mask and _is_broken(step, definition):
            before = step.at_begin()
            if before is None or not _is_broken(before, definition):
                problems.append(_constraint(definition))
    for definition in step.ct.dependent_choices:
        if changed & definition.bit or changed & step.ct.fields[definition.depends_on or ""].bit:
            _check_branch(step, definition, problems)
    if step.is_outside:
        _check_required(step, problems)
    if not problems:
        return
    if step.root.type == "timer":
        raise Failed("bad_value", problems[0].message, problems[0].path)
    raise Rejected(problems)


def _is_broken(view: View, definition: FieldDefinition) -> bool:
    value = view.fields.get(definition.name)
    if value is None or definition.check is None:
        return False
    lets = view.lets
    elements = value if definition.many else (value,)
    broken = False
    for element in elements:
        lets["item"] = element
        if not definition.check.true(view, view.budget):
            broken = True
            break
    lets.pop("item", None)
    return broken


def _constraint(definition: FieldDefinition) -> Problem:
    text = definition.check.text if definition.check is not None else ""
    return Problem("constraint", f"{definition.title}: {text} does not hold", definition.name)


def _check_branch(step: Step, definition: FieldDefinition, problems: list[Problem]) -> None:
    value: Any = step.fields.get(definition.name)
    if value is None:
        return
    other = step.fields.get(definition.depends_on or "")
    allowed = definition.branches.get(other, ())
    if value in allowed:
        return
    before = step.at_begin()
    if before is not None and before.fields.get(definition.name) == value:
        same = before.fields.get(definition.depends_on or "") == other
        if same:
            return
    known = ", ".join(str(choice) for choice in allowed) or "none"
    problems.append(
        Problem(
            "constraint",
            f"{definition.title} {value!r} does not go with {definition.depends_on} {other!r}; "
            f"allowed: {known}",
            definition.name,
        )
    )


def _check_required(step: Step, problems: list[Problem]) -> None:
    ct = step.ct
    if not ct.required or ct.flow.states[step.state].draft:
        return
    if not step.is_create and not step.step_bits & ct.required_mask:
        return
    before = step.at_begin()
    was_draft = before is None or ct.flow.states[before.state].draft
    for definition in ct.required:
        if _has_value(step, definition):
            continue
        if not was_draft and before is not None and not _has_value(before, definition):
            continue
        problems.append(Problem("requirement", f"{definition.title} is required", definition.name))


def _has_value(view: View, definition: FieldDefinition) -> bool:
    value = view.journals.get(definition.name) or view.fields.get(definition.name)
    return value is not None and value not in ("", [])
