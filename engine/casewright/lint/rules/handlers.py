"""What acts in a step, and what each sets off: rules, transitions, and the events they make.

Timers and thresholds only ever begin a chain, for each runs in a step of its own; so do rules with
``after``. They are left out here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from casewright.actions import vocabulary as act
from casewright.bind.places import Where
from casewright.feel import types as feel
from casewright.lint.rules.deeds import Deed, Write, deeds, posts, touched, writes
from casewright.lint.rules.rulebook import entries, reader_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from casewright.bind.values import Value
    from casewright.feel import Expression
    from casewright.lint.rules.facts import Facts
    from casewright.lint.rules.reading import Reader

_NO_DATA: Mapping[str, Value] = MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False)
class Emission:
    """An event that a handler makes.

    Attributes:
        event: its type; empty for a change that rules without ``on`` notice.
        types: case types of other cases that it goes to; empty: this case, in this step.
        verb: how it is made, as the action is called.
        deed: the action, None for what is announced by itself.
        where: its place.
        is_by_asker: whoever asked for the handler's event is the actor; else it is the engine.
        data: what it brings; None where that is not known.
        once: it makes a case that is made at most once.
    """

    event: str
    types: tuple[str, ...]
    verb: str
    deed: Deed | None
    where: Where
    is_by_asker: bool = False
    data: Mapping[str, Value] | None = field(default_factory=lambda: _NO_DATA)
    once: bool = False


@dataclass(eq=False)
class Handler:
    """A rule, a transition, or an activity that acts by itself.

    Attributes:
        kind: ``rule``, ``transition`` or ``activity``.
        name: its name.
        events: types of the events that it acts on; empty: it acts when its condition becomes true.
        when: its condition, or None.
        local: names that only its condition has.
        facts: of its case type.
        where: its place.
        parts: its lists of actions, each with the pointer of its place.
        sources, to: of a transition; None where any state is left, or the state stays.
        is_certain: nothing but its condition, state and actor decides whether it acts.
        is_for_roles: people need a role for it; the engine needs none.
        announced: events that it makes besides those of its actions.
    """

    kind: str
    name: str
    events: tuple[str, ...]
    when: Expression | None
    facts: Facts
    where: Where
    parts: tuple[tuple[Where, Any], ...]
    local: frozenset[str] = frozenset()
    sources: frozenset[str] | None = None
    to: str | None = None
    is_certain: bool = True
    is_for_roles: bool = False
    announced: tuple[Emission, ...] = ()

    @cached_property
    def reader(self) -> Reader:
        """Return what reads its condition."""
        return reader_of(self.when, self.local)

    @cached_property
    def reads(self) -> frozenset[str]:
        """Return the first names of what its condition reads."""
        return frozenset() if self.when is None else frozenset(p[0] for p in self.when.reads)

    @cached_property
    def placed(self) -> list[tuple[Where, Deed]]:
        """Return what it does, with the places."""
        found: list[tuple[Where, Deed]] = []
        for where, do in self.parts:
            found += [(_below(where, deed.pointer), deed) for deed in deeds(do)]
        return found

    @cached_property
    def touched(self) -> frozenset[str]:
        """Return the names of all that may be different once it has acted."""
        names = touched((deed for _, deed in self.placed), self.facts.ct)
        return names if self.to is None else names | {"state"}

    @cached_property
    def leaves(self) -> dict[str, Write]:
        """Return the fields that it leaves with a known value whenever it acts."""
        found: dict[str, Write | None] = {}
        for write in writes(deed for _, deed in self.placed):
            found[write.name] = write if write.is_sure and write.is_constant else None
        return {name: write for name, write in found.items() if write is not None}

    @cached_property
    def emissions(self) -> list[Emission]:
        """Return what it sets off."""
        return list(_emissions(self))


def handlers(facts: Facts) -> list[Handler]:
    """Return the rules and transitions of a case type that act at once."""
    return [*_rules(facts), *_transitions(facts)]


def _rules(facts: Facts) -> Iterator[Handler]:
    for entry in entries(facts):
        if entry.rule.after is not None:
            continue
        rule, local = entry.rule, frozenset(entry.model.for_each)
        yield Handler(
            "rule",
            rule.name,
            rule.on,
            rule.when,
            facts,
            entry.where,
            ((entry.where / "do", rule.do),),
            local,
            is_certain=not local,
        )


def _transitions(facts: Facts) -> Iterator[Handler]:
    spec, flow = facts.shape.flow_spec, facts.ct.flow
    if spec is None:
        return
    first: set[tuple[str, str]] = set()
    root = Where(spec, "")
    for row in flow.transitions:
        where = root / "transitions" / row.name
        parts = [(where / "do", row.do)]
        if row.to is not None:
            left = [(root / "states" / s / "exit", flow.states[s].exit) for s in row.sources]
            enter = (root / "states" / row.to / "enter", flow.states[row.to].enter)
            parts = [*left, *parts, enter]
        pairs = {(source, event) for source in row.sources for event in row.on}
        written = spec.model.transitions[row.name]
        certain = not written.require and not pairs & first
        certain = certain and (written.when is None) == (row.when is None)
        first |= pairs
        yield Handler(
            "transition",
            row.name,
            row.on,
            row.when,
            facts,
            where,
            tuple((place, do) for place, do in parts if do),
            frozenset(),
            frozenset(row.sources),
            row.to,
            certain,
            bool(row.roles),
        )


def _below(where: Where, pointer: str) -> Where:
    return Where(where.spec, where.pointer + pointer)


def _emissions(handler: Handler) -> Iterator[Emission]:
    asked = handler.kind == "transition"
    for where, deed in handler.placed:
        action = deed.action
        if isinstance(action, act.Raise):
            yield Emission(action.event, (), "raise", deed, where / "raise", data=action.data)
        elif isinstance(action, act.Send):
            types = tuple(_receivers(action, handler.facts))
            if types:
                data = action.data
                yield Emission(action.event, types, "send", deed, where / "send", data=data)
        elif isinstance(action, act.Create):
            once = action.once_per is not None
            types = (action.case_type,)
            yield Emission(
                "create", types, "create", deed, where / "create", data=action.data, once=once
            )
        elif isinstance(action, act.GoTo):
            goal = reaching(action.target)
            yield Emission(goal, (), "go_to", deed, where / "go_to", data=None)
        for kind, _ in posts([deed]):
            place = where / ("set" if isinstance(action, act.Set) else kind)
            yield Emission(kind, (), kind, deed, place, is_by_asker=asked, data=None)
    yield from handler.announced
    if handler.to is not None:
        yield Emission("state_changed", (), "to", None, handler.where / "to", data=None)


def reaching(target: str) -> str:
    """Return what stands for an event where a stage or activity is reached."""
    return f"go_to {target}"


def _receivers(action: act.Send, facts: Facts) -> Iterator[str]:
    """Yield the case types that a message may go to, as far as the type of its receivers says."""
    known = facts.case_types
    wanted: str | None
    if action.to_list is not None:
        wanted = facts.shape.related[action.to_list].of
    elif action.to is not None:
        wanted = _target(action.to.type)
        if wanted is None and any(p[:2] == ("event", "origin") for p in action.to.reads):
            yield from known
            return
    else:
        return
    yield from (name for name, ct in known.items() if wanted in ct.lineage or wanted == name)


def _target(kind: feel.Type) -> str | None:
    if isinstance(kind, feel.ListType):
        return _target(kind.item)
    if isinstance(kind, feel.ReferenceType):
        return kind.target
    return kind.name if isinstance(kind, feel.RecordSetType | feel.ContextType) else None
