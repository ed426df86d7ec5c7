"""Rules over one case: which are candidates, in which order, and whether one's condition holds.

The meaning of rule 33: a rule with ``on`` is a candidate in events of that type, one without when
its condition holds now and did not hold on ``previous``. The agenda is looked up by
what an event is and by what has changed; a rule that neither can concern is never touched.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from casewright.actions.timers import check_calendar
from casewright.bind.places import Where
from casewright.rules.agenda import Agenda, Agendas
from casewright.rules.telling_apart import Test, tests_of
from casewright.spec.models.common import one_or_many

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from casewright.actions import ActionList
    from casewright.actions.compiler import ActionCompiler
    from casewright.bind.binder import Binder
    from casewright.bind.values import Value
    from casewright.feel import Expression
    from casewright.spec.models.rules import CaseRule
    from casewright.spec.pack_set import Spec
    from casewright.view import View


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One rule.

    Attributes:
        order: place in the order of trial; 0 first.
        on: event types, empty for a rule that fires when its condition becomes true.
        mask: bits of what its condition reads.
        always: whether its condition reads what no bit stands for.
        after: delay of its actions, or None.
        pack: in which its names are meant.
        tests: look-ups that are passed wherever its condition holds.
        is_shared: other rules have the very same condition.
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
    pack: str = ""
    tests: tuple[Test, ...] = ()
    is_shared: bool = False

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
    """The rules of a case type, indexed.

    Attributes:
        rules: in the order of trial.
    """

    __slots__ = ("_agendas", "_by_name", "rules")

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(rules)
        self._by_name = {rule.name: rule for rule in self.rules}
        self._agendas = Agendas(self.rules)

    def agenda(self, event_type: str, changed: int) -> Agenda:
        """Return the rules that an event of this type and these changes may concern.

        Args:
            event_type: of the internal event.
            changed: bits of what has changed in the event; -1 for everything.
        """
        return self._agendas.agenda(event_type, changed)

    def by_name(self, name: str) -> Rule | None:
        """Return a rule, or None."""
        return self._by_name.get(name)


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
    return Rules(_shared([rule for _, (_, rule) in ordered], binder))


def _shared(rules: Sequence[Rule], binder: Binder) -> Iterator[Rule]:
    """Yield the rules in order, those that have one condition with one expression for it."""
    known: dict[tuple[object, ...], Expression] = {}
    keys = [_condition_key(rule) for rule in rules]
    counts = Counter(keys)
    for order, (rule, key) in enumerate(zip(rules, keys, strict=True)):
        if rule.when is None:
            yield replace(rule, order=order)
            continue
        when = known.setdefault(key, rule.when)
        tests = tests_of(when, binder.fields, frozenset())
        yield replace(rule, order=order, when=when, tests=tests, is_shared=counts[key] > 1)


def _condition_key(rule: Rule) -> tuple[object, ...]:
    """Return what is equal for rules whose conditions mean the same, always."""
    when = rule.when
    if when is None:
        return ()
    reads_event = any(path[0] == "event" for path in when.reads)
    return (when.text, when.reads, bool(rule.on), rule.on if reads_event else (), rule.pack)


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
    return Rule(
        name,
        0,
        on,
        when,
        mask,
        always,
        after,
        do,
        str(where),
        binder.fingerprint(model),
        where.pack,
    )
