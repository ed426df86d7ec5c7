"""Firing the rules of a case: one at a time, always the first that may (rule 33)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casewright.feel import BudgetExceeded
from casewright.program import timers, tracing
from casewright.program.chain import because
from casewright.program.faults import Failed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casewright.feel import Expression
    from casewright.program.step import Step
    from casewright.rules.case_rules import Rule


def fire_rule(step: Step) -> bool:
    """Fire the first candidate that has not fired and whose condition holds; True if one did.

    Raises:
        Failed: a condition takes more than is left of the budget.
    """
    event = step.event
    changed = -1 if step.previous_parts is None else step.changed_bits
    agenda = step.ct.rules.agenda(event.type if event else "", changed)
    rules = agenda.candidates(step) if step.trace is None else agenda.rules
    rule = _first(step, rules) if rules else None
    if rule is None:
        return False
    before = tracing.mark(step)
    step.fired.add(rule.order)
    step.causes.append(f"rule/{rule.name}")
    try:
        if rule.after is not None:
            timers.delay(step, rule)
        else:
            step.run_as_system(rule.do)
    finally:
        tracing.note_fired(step, rule, before)
    return True


def _first(step: Step, rules: Sequence[Rule]) -> Rule | None:
    """Return the first that has not fired and whose condition holds."""
    fired = step.fired
    known: dict[Expression, bool] = {}
    rule: Rule | None = None
    try:
        for rule in rules:
            if rule.order in fired:
                continue
            when = rule.when
            if not rule.is_shared or when is None:
                held = rule.fires(step)
            elif when in known:
                held = known[when]
            else:
                held = known[when] = rule.fires(step)
            if step.trace is not None and when is not None:
                step.explain(when, "rule", f"rule/{rule.name}", held=held)
            if held:
                return rule
    except BudgetExceeded as err:
        name = "" if rule is None else rule.name
        message = f'the condition of rule "{name}" takes more than is left of the budget'
        raise Failed("budget", because(step, message)) from err
    return None
