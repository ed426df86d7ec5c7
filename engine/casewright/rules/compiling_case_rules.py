"""Compiling the rules of a case type."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from casewright.actions.timers import check_calendar
from casewright.bind.places import Where
from casewright.rules.case_rules import Rule, Rules
from casewright.rules.ranging import Lists
from casewright.rules.telling_apart import needs_of, of_case, tests_of
from casewright.spec.models.common import one_or_many

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from casewright.actions.compiler import ActionCompiler
    from casewright.bind.binder import Binder
    from casewright.bind.expressions import Position
    from casewright.feel import Expression
    from casewright.rules.networks.choosing import Wanted
    from casewright.spec.models.rules import CaseRule
    from casewright.spec.pack_set import Spec


def compile_rules(
    binder: Binder,
    actions: ActionCompiler,
    specs: Iterable[Spec],
    mask_of: Callable[[Expression], tuple[int, bool]],
    network: Wanted = "auto",
) -> Rules:
    """Return the rules of a case type; mistakes are reported.

    Args:
        binder: of the case type.
        actions: compiles its action lists.
        specs: that declare rules for it.
        mask_of: gives the bits that an expression reads, and whether it reads what has none.
        network: ``auto``, ``native`` or ``durable``; what brings the facts of a case together.
    """
    compiler = _Compiler(binder, actions, mask_of, network)
    made: list[tuple[int, Rule]] = []
    known: set[str] = set()
    for spec in specs:
        for name, model in spec.model.rules.items():
            where = Where(spec, "/rules") / name
            if name in known:
                binder.report("CW701", where, f'a second rule is named "{name}"', key=True)
                continue
            known.add(name)
            made.append((model.priority, compiler.rule(name, model, where)))
    ordered = sorted(enumerate(made), key=lambda item: (-item[1][0], item[0]))
    return Rules(_placed([rule for _, (_, rule) in ordered], binder))


@dataclass(frozen=True, slots=True, eq=False)
class _Compiler:
    binder: Binder
    actions: ActionCompiler
    mask_of: Callable[[Expression], tuple[int, bool]]
    network: Wanted

    def rule(self, name: str, model: CaseRule, where: Where) -> Rule:
        """Return one rule; its place in the order is not known yet."""
        binder = self.binder
        on = self._events(model, where)
        position: Position = "event" if on else "level"
        extra = binder.naming(on)
        lists = Lists(binder, model.for_each, where / "for_each", position, extra)
        names = {**extra, **lists.names}
        when = None
        if model.when is not None:
            when = binder.condition(model.when, where / "when", position, names)
        elif not on:
            binder.report("CW702", where, "a rule needs `on` or `when`", key=True)
        after = None
        if model.after is not None:
            after = binder.duration(model.after, where / "after", "event", names)
            check_calendar(binder, after, where / "after")
        mask, always = self._mask(when, lists)
        over, use = lists.over(name, when, self.network) if lists.listed else (None, None)
        return Rule(
            name=name,
            order=0,
            on=on,
            when=when,
            mask=mask,
            always=always,
            after=after,
            do=self.actions.compile(model.do, where / "do", "event", names),
            place=str(where),
            fingerprint=binder.fingerprint(model),
            pack=where.pack,
            over=over,
            network=use,
        )

    def _events(self, model: CaseRule, where: Where) -> tuple[str, ...]:
        on = one_or_many(model.on)
        for i, event in enumerate(on):
            place = where / "on" if isinstance(model.on, str) else where / "on" / i
            self.binder.event_type(event, place)
        return on

    def _mask(self, when: Expression | None, lists: Lists) -> tuple[int, bool]:
        """Return the bits that a rule reads to know whether it fires, and whether all do."""
        mask, always = 0, when is None or lists.follows(when)
        expressions = [e for value in lists.values for e in value.expressions]
        for expression in (*expressions, *(() if when is None else (when,))):
            bits, outside = self.mask_of(expression)
            mask, always = mask | bits, always or outside
        return mask, always


def _placed(rules: Sequence[Rule], binder: Binder) -> Iterator[Rule]:
    """Yield the rules with their places, those of one condition with one expression for it."""
    known: dict[tuple[object, ...], Expression] = {}
    keys = [_condition_key(rule) for rule in rules]
    counts = Counter(keys)
    for order, (rule, key) in enumerate(zip(rules, keys, strict=True)):
        if rule.when is None:
            yield replace(rule, order=order, is_alone=rule.over is None)
            continue
        when = known.setdefault(key, rule.when)
        hidden = frozenset(one.name for one in rule.over.lists) if rule.over else frozenset[str]()
        tests = tests_of(when, binder.fields, hidden, of_case)
        is_alone = rule.over is None and counts[key] == 1
        needs = needs_of(when, binder.fields)
        yield replace(rule, order=order, when=when, needs=needs, tests=tests, is_alone=is_alone)


def _condition_key(rule: Rule) -> tuple[object, ...]:
    """Return what is equal for rules whose conditions mean the same, always."""
    when = rule.when
    if when is None or rule.over is not None:
        return (rule.name,)
    reads_event = any(path[0] == "event" for path in when.reads)
    return (when.text, when.reads, bool(rule.on), rule.on if reads_event else (), rule.pack)
