"""Firing the rules of a case: one at a time, always the first that may (rule 33).

A rule over several facts fires for one binding at a time. What holds is looked at again after
whatever fired in between has changed something that the rule reads; until then the bindings found
wait for their turn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from casewright.feel import BudgetExceeded
from casewright.program import timers, tracing
from casewright.program.chain import because
from casewright.program.faults import Failed
from casewright.rules.networks.contract import FactLimit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casewright.feel import Expression
    from casewright.program.step import Step
    from casewright.rules.bindings import Binding
    from casewright.rules.case_rules import Rule


def fire_rule(step: Step) -> bool:
    """Fire the first candidate that has not fired and whose condition holds; True if one did.

    Raises:
        Failed: a condition takes more than is left of the budget, or too much fits together.
    """
    event, fired, trace = step.event, step.fired, step.trace
    changed = -1 if step.previous_parts is None else step.changed_bits
    agenda = step.ct.rules.agenda(event.type if event else "", changed)
    rules: Sequence[Rule] = agenda.rules
    if agenda.is_grouped and trace is None:
        rules = agenda.candidates(step)
    known: dict[Expression | None, bool] = {}
    rule: Rule | None = None
    try:
        for rule in rules:
            if rule.order in fired:
                continue
            held = rule.fires(step) if rule.is_alone else _fires(step, rule, known)
            if trace is not None and rule.when is not None:
                _explain(step, rule, rule.when, held=held)
            if held:
                break
        else:
            return False
    except (BudgetExceeded, FactLimit) as err:
        raise _too_much(step, rule, err) from err
    _fire(step, rule)
    return True


def _fire(step: Step, rule: Rule) -> None:
    """Fire a rule: its actions, or the timer that delays them."""
    if rule.over is not None:
        _fire_binding(step, rule)
        return
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


def _fires(step: Step, rule: Rule, known: dict[Expression | None, bool]) -> bool:
    """Return True if a rule may fire that has lists, or shares its condition with others.

    Args:
        known: what conditions that several rules have came to; what is found out is added.
    """
    if rule.over is not None:
        return _has_binding(step, rule)
    held = known.get(rule.when)
    if held is None:
        held = known[rule.when] = rule.fires(step)
    return held


def _too_much(step: Step, rule: Rule | None, err: Exception) -> Failed:
    name = "" if rule is None else rule.name
    message = f'the condition of rule "{name}" takes more than is left of the budget'
    if isinstance(err, FactLimit):
        of_rule, told = f'"{name}": ', str(err)
        message = f"rule {of_rule}{told.removeprefix(of_rule)}"
    return Failed("budget", because(step, message))


def _explain(step: Step, rule: Rule, when: Expression, *, held: bool) -> None:
    """Note why a rule may fire or not; one over several facts for the binding that is next."""
    lets = step.lets
    if rule.over is not None and held:
        step.lets = {**lets, **step.waiting[rule.order][-1].facts}
    step.explain(when, "rule", f"rule/{rule.name}", held=held)
    step.lets = lets


# --- bindings -------------------------------------------------------------------------------------


def _look_again(step: Step) -> None:
    """Forget the bindings that what has changed since they were found may concern."""
    news, step.news = step.news, 0
    rules = step.ct.rules.rules
    for order in list(step.waiting):
        if rules[order].always or rules[order].mask & news:
            del step.waiting[order]


def _has_binding(step: Step, rule: Rule) -> bool:
    """Return True if a rule may fire for a binding for which it has not fired yet."""
    if step.news:
        _look_again(step)
    waiting = step.waiting.get(rule.order)
    if waiting is None:
        waiting = _bindings(step, rule)[::-1]
        step.waiting[rule.order] = waiting
    while waiting and (rule.order, waiting[-1].key) in step.fired:
        waiting.pop()
    return bool(waiting)


def _bindings(step: Step, rule: Rule) -> list[Binding]:
    """Return the bindings that a rule may fire for, in order, whether it has fired for them or not.

    What held on ``previous`` is worked out once in an internal event.
    """
    found = [] if rule.over is None else rule.over.bindings(step)
    previous = None if rule.on or not found else step.previous
    if previous is None or rule.over is None:
        return found
    before = step.held_before.get(rule.order)
    if before is None:
        before = frozenset(binding.key for binding in rule.over.bindings(previous))
        step.held_before[rule.order] = before
    return [binding for binding in found if binding.key not in before]


def _fire_binding(step: Step, rule: Rule) -> None:
    """Fire a rule for the binding that is next."""
    binding = step.waiting[rule.order].pop()
    step.bindings += 1
    limit = step.ct.limits.bindings
    if step.bindings > limit:
        message = f'rule "{rule.name}" fires for more than {limit} bindings in one step'
        raise Failed("budget", because(step, message))
    before = tracing.mark(step)
    step.fired.add((rule.order, binding.key))
    step.causes.append(f"rule/{rule.name}")
    lets, step.lets = step.lets, {**step.lets, **binding.facts}
    try:
        if rule.after is not None:
            timers.delay(step, rule, binding)
        else:
            step.run_as_system(rule.do)
    finally:
        step.lets = lets
        tracing.note_fired(step, rule, before, binding.facts)
