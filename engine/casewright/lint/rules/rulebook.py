"""The rules of one case type as lint looks at them: what each asks, and what each does."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from casewright.bind.places import Where
from casewright.lint.rules.deeds import Write, deeds, touched, writes
from casewright.lint.rules.formulas import ALWAYS, Formula, certain
from casewright.lint.rules.reading import Reader

if TYPE_CHECKING:
    from casewright.lint.rules.deeds import Deed
    from casewright.lint.rules.facts import Facts
    from casewright.lint.rules.values import Values


@dataclass(eq=False)
class Entry:
    """One rule.

    Attributes:
        rule: compiled.
        model: as it was written.
        where: its place.
        facts: of the case type.
    """

    rule: Any
    model: Any
    where: Where
    facts: Facts

    @property
    def name(self) -> str:
        """Return its name."""
        return str(self.rule.name)

    @property
    def is_delayed(self) -> bool:
        """Return whether what it does is done later, or for bindings of its own."""
        return self.rule.after is not None or bool(self.model.for_each)

    @cached_property
    def reader(self) -> Reader:
        """Return what reads its condition."""
        return reader_of(self.rule.when, frozenset(self.model.for_each))

    @cached_property
    def formula(self) -> Formula:
        """Return when its condition holds, at least."""
        return ALWAYS if self.rule.when is None else self.reader.read(self.rule.when.tree)

    @cached_property
    def leaves_of(self) -> dict[str, Values]:
        """Return the values that its condition leaves of subjects."""
        return certain(self.formula, self.facts.universe())

    @cached_property
    def pins(self) -> dict[str, object]:
        """Return the subjects of which its condition leaves one value, with that value."""
        found = {key: values.pinned for key, values in self.leaves_of.items()}
        return {key: value for key, value in found.items() if value is not None}

    @cached_property
    def roles(self) -> frozenset[str]:
        """Return the roles that its actor must have."""
        keys = (key for key, value in self.pins.items() if value is True)
        return frozenset(key[10:-2] for key in keys if key.startswith("has role("))

    @cached_property
    def reads(self) -> frozenset[str]:
        """Return the first names of what its condition reads, and fields of ``changed``."""
        when = self.rule.when
        if when is None:
            return frozenset()
        named = {str(a) for call in when.calls if call.name == "changed" for a in call.arguments}
        heads = {path[1] if path[0] == "case" and len(path) > 1 else path[0] for path in when.reads}
        return frozenset(heads | named)

    @cached_property
    def is_of_fields(self) -> bool:
        """Return whether its condition reads fields only, all of which one event may set."""
        return all(name in self.facts.ct.fields for name in self.reads)

    @cached_property
    def deeds(self) -> list[Deed]:
        """Return what it does."""
        return deeds(self.rule.do)

    @cached_property
    def writes(self) -> dict[str, list[Write]]:
        """Return the fields that it sets, by name, in order."""
        found: dict[str, list[Write]] = {}
        for write in writes(self.deeds):
            found.setdefault(write.name, []).append(write)
        return found

    @cached_property
    def touched(self) -> frozenset[str]:
        """Return the names of all that may be different once it has acted."""
        return touched(self.deeds, self.facts.ct)

    @cached_property
    def leaves(self) -> dict[str, Write]:
        """Return the fields that it leaves with a known value whenever it acts."""
        found: dict[str, Write] = {}
        for name, made in self.writes.items():
            last = made[-1]
            if last.is_sure and last.is_constant:
                found[name] = last
        return found

    def excludes(self, other: Entry) -> bool:
        """Return whether the two conditions are seen not to hold together, at one moment."""
        if len(other.leaves_of) < len(self.leaves_of):
            return other.excludes(self)
        others = other.leaves_of
        return any(key in others and not v.both(others[key]) for key, v in self.leaves_of.items())

    def may_imply(self, other: Entry) -> bool:
        """Return whether it may be that the condition of ``other`` holds wherever this one does."""
        mine = self.leaves_of
        return all(k in mine and mine[k].within(v) for k, v in other.leaves_of.items())

    def shares(self, other: Entry) -> tuple[str, ...] | None:
        """Return the events at which both may act; empty for any, None for none."""
        mine: tuple[str, ...] = self.rule.on
        others: tuple[str, ...] = other.rule.on
        if not mine or not others:
            return mine or others
        return tuple(event for event in mine if event in others) or None


def reader_of(expression: Any, local: frozenset[str] = frozenset()) -> Reader:
    """Return what reads a condition, with what calls in it may read."""
    if expression is None:
        return Reader(local)
    return Reader(local, frozenset(path[0] for path in expression.reads))


def entries(facts: Facts) -> list[Entry]:
    """Return the rules of a case type in the order of trial, without those with mistakes."""
    found: dict[str, tuple[Where, Any]] = {}
    for spec in facts.shape.attached.get("rules", ()):
        for name, model in spec.model.rules.items():
            found.setdefault(name, (Where(spec, "/rules") / name, model))
    made: list[Entry] = []
    for rule in facts.ct.rules.rules:
        where, model = found[rule.name]
        if (model.when is None) == (rule.when is None):
            made.append(Entry(rule, model, where, facts))
    return made
