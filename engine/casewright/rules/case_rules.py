"""Rules over one case: which are candidates, in which order, and whether one's condition holds.

The meaning of rule 33: a rule with ``on`` is a candidate in events of that type, one without when
its condition holds now and did not hold on ``previous``. The agenda is looked up by
what an event is and by what has changed; a rule that neither can concern is never touched.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from casewright.actions.timers import check_calendar
from casewright.bind.places import Where
from casewright.spec.models.common import one_or_many

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from casewright.actions import ActionList
    from casewright.actions.compiler import ActionCompiler
    from casewright.bind.binder import Binder
    from casewright.bind.values import Value
    from casewright.feel import Expression
    from casewright.spec.models.rules import CaseRule
    from casewright.spec.pack_set import Spec
    from casewright.view import View

_AGENDA_LIMIT = 4_096


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One rule.

    Attributes:
        order: place in the order of trial; 0 first.
        on: event types, empty for a rule that fires when its condition becomes true.
        mask: bits of what its condition reads.
        always: whether its condition reads what no bit stands for.
        after: delay of its actions, or None.
    """

    name: str
    order: int
    on: tuple[str, ...]
    when: Expression | None
    mask: int
    always: bool
    after: Value | None
    do: ActionList
    place: str
    fingerprint: str

    def fires(self, now: View) -> bool:
        """Return True if the rule may fire on ``now``, as far as its condition goes."""
        when = self.when
        if when is None:
            return True
        if not when.true(now, now.budget):
            return False
        previous = None if self.on else now.previous
        return previous is None or not when.true(previous, now.budget)


class Rules:
    """The rules of a case type, indexed."""

    __slots__ = ("_agendas", "_by_event", "_levels", "rules")

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(rules)
        by_event: dict[str, list[Rule]] = {}
        for rule in self.rules:
            for event in rule.on:
                by_event.setdefault(event, []).append(rule)
        self._by_event = by_event
        self._levels = [rule for rule in self.rules if not rule.on]
        self._agendas: dict[tuple[str, int], tuple[Rule, ...]] = {}

    def agenda(self, event_type: str, changed: int) -> tuple[Rule, ...]:
        """Return the rules that an event of this type and these changes may concern, in order.

        Args:
            changed: bits of what has changed in the event; -1 for everything.
        """
        key = (event_type, changed)
        found = self._agendas.get(key)
        if found is None:
            rules = [
                *self._by_event.get(event_type, ()),
                *(rule for rule in self._levels if rule.always or rule.mask & changed),
            ]
            found = tuple(sorted(rules, key=lambda rule: rule.order))
            if len(self._agendas) < _AGENDA_LIMIT:
                self._agendas[key] = found
        return found

    def by_name(self, name: str) -> Rule | None:
        """Return a rule, or None."""
        return next((rule for rule in self.rules if rule.name == name), None)


def compile_rules(
    binder: Binder,
    actions: ActionCompiler,
    specs: Iterable[Spec],
    mask_of: Callable[[Expression], tuple[int, bool]],
) -> Rules:
    """Return the rules of a case type; mistakes are reported."""
    made: list[tuple[int, Rule]] = []
    for spec in specs:
        for name, model in spec.model.rules.items():
            where = Where(spec, "/rules") / name
            if any(rule.name == name for _, rule in made):
                binder.report("CW701", where, f'a second rule is named "{name}"', key=True)
                continue
            made.append((model.priority, _compiled(binder, actions, name, model, where, mask_of)))
    ordered = sorted(enumerate(made), key=lambda item: (-item[1][0], item[0]))
    return Rules(_placed(rule, order) for order, (_, (_, rule)) in enumerate(ordered))


def _placed(rule: Rule, order: int) -> Rule:
    from dataclasses import replace

    return replace(rule, order=order)


def _compiled(
    binder: Binder,
    actions: ActionCompiler,
    name: str,
    model: CaseRule,
    where: Where,
    mask_of: Callable[[Expression], tuple[int, bool]],
) -> Rule:
    on = one_or_many(model.on)
    for i, event in enumerate(on):
        place = where / "on" if isinstance(model.on, str) else where / "on" / i
        binder.event_type(event, place)
    extra = binder.naming(on)
    text = model.when
    when = None
    if text is not None:
        when = binder.condition(text, where / "when", "event" if on else "level", extra)
    elif not on:
        binder.report("CW702", where, "a rule needs `on` or `when`", key=True)
    mask, always = (0, True) if when is None else mask_of(when)
    after = None
    if model.after is not None:
        after = binder.duration(model.after, where / "after", "event", extra)
        check_calendar(binder, after, where / "after")
    do = actions.compile(model.do, where / "do", "event", extra)
    return Rule(name, 0, on, when, mask, always, after, do, str(where), binder.fingerprint(model))
