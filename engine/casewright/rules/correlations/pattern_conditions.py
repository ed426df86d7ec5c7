"""Compiling the conditions of patterns: which are worked out where, and what they read.

A condition is taken apart at its top-level ``and``. What reads the observation alone is worked out
by who observes, where everything about the case or signal is known; what reads other observations
is worked out in the window, on what was sent there.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from casewright.feel import FeelError, Name, Scope, compile, tree
from casewright.feel import types as feel
from casewright.rules.correlations.sources import NAME_THEM, Source, at_each
from casewright.rules.correlations.window_scope import WINDOW_WORDS, Bound, facts_of
from casewright.rules.networks.contract import Condition, Pattern
from casewright.rules.networks.reading_terms import conjuncts, term_of
from casewright.rules.networks.terms import FieldOf

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from casewright.bind.world import World
    from casewright.feel import Expression
    from casewright.feel.tree import Node
    from casewright.rules.correlations.patterns import Written
    from casewright.rules.correlations.window_scope import WindowBinder


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """A pattern, compiled.

    Attributes:
        here: by source, the conditions that are worked out there.
    """

    written: Written
    pattern: Pattern
    here: Mapping[str, tuple[Expression, ...]]


class PatternReader:
    """Compiles the patterns of one correlation, one after the other."""

    def __init__(self, world: World, binder: WindowBinder, patterns: Iterable[Written]) -> None:
        self._world = world
        self._binder = binder
        self._aliases = {one.model.as_: one for one in patterns if one.model.as_ is not None}
        self._bound: list[Bound] = []
        self._scopes: dict[tuple[Source, ...], Scope] = {}

    @property
    def names(self) -> dict[str, Name]:
        """Return the names of what was found so far, as far as they were given."""
        return {one.alias: one.found for one in self._bound if one.alias is not None}

    def read(self, one: Written) -> Read:
        """Return a pattern compiled; those after it may read what it finds."""
        model, where = one.model, one.where
        own = Bound(one.name, one.model.as_, facts_of(one.sources), model.count is not None)
        names = {**self.names, **own.own_names()}
        here: dict[str, list[Expression]] = {source.name: [] for source in one.sources}
        conditions: list[Condition] = []
        whole = self._whole(one)
        if whole is not None:
            for node, reads in self._parts(one, whole):
                if not reads:
                    self._at_sources(one, whole, node, here)
                    continue
                made = self._binder.part(whole, node, where / "when", "event", names)
                if made is not None:
                    term = term_of(made, partial(_field_of, own, self._bound))
                    bound = {found.name for found in self._bound}
                    conditions.append(Condition(made, reads & bound, term))
        distinct = None
        if model.distinct is not None and model.count is not None and not one.is_absent:
            distinct = self._distinct(one, names)
        count = None if one.is_absent else model.count
        pattern = Pattern(one.name, one.name, tuple(conditions), count, distinct)
        if not one.is_absent:
            self._bound.append(own)
        return Read(one, pattern, {name: tuple(found) for name, found in here.items()})

    def _whole(self, one: Written) -> Expression | None:
        """Return ``when``, read in a scope in which every name has a meaning."""
        if one.model.when is None or not one.sources:
            return None
        try:
            return compile(one.model.when, self._loose(one))
        except FeelError:
            at_each(self._world, one.sources, partial(_told, one))
            return None

    def _loose(self, one: Written) -> Scope:
        known = self._scopes.get(one.sources)
        if known is not None:
            return known
        names: dict[str, Name] = {}
        functions: dict[str, Any] = {}
        for source in one.sources:
            names.update(source.binder.scope.names)
            functions.update(source.binder.scope.functions)
        for name in self._of_window(one):
            names[name] = Name(feel.ANY, "None", (name,))
        made = self._scopes[one.sources] = Scope(names, functions, strict=False)
        return made

    def _parts(self, one: Written, whole: Expression) -> Iterator[tuple[Node, frozenset[str]]]:
        """Yield the parts of ``when`` with the names that each reads and only the window knows."""
        known = {"key", "fired", one.name} | {bound.name for bound in self._bound}
        for part in conjuncts(whole, self._of_window(one)):
            later = sorted(part.names - known)
            if later:
                self._report_later(one, later[0], part.expression.tree)
            else:
                yield part.expression.tree, part.names

    def _of_window(self, one: Written) -> set[str]:
        """Return the names that only the window knows; a field of the source goes before."""
        fields = {name for source in one.sources for name in source.fields}
        return {*self._aliases, *(WINDOW_WORDS - fields)}

    def _report_later(self, one: Written, name: str, node: Node) -> None:
        other = self._aliases.get(name)
        if other is None:
            message = f'"{name}" is known only once they are brought together'
            cure = "read it in `do`"
        elif other.is_absent:
            message = f'"{name}" must not be there, so it is never found'
            cure = "take away the condition"
        else:
            message = f'"{name}" is found only after this'
            cure = f'move the condition to "{name}", or that pattern before this one'
        self._world.report(
            "CW725",
            one.where / "when",
            message,
            cure,
            offset=node.start,
            end=node.end,
        )

    def _at_sources(
        self, one: Written, whole: Expression, node: Node, here: dict[str, list[Expression]]
    ) -> None:
        """Compile a part of a condition at every source."""

        def condition(source: Source) -> Expression | None:
            return source.part(whole, node, one.where / "when", one.events_of(source))

        for source, made in at_each(self._world, one.sources, condition, NAME_THEM):
            if made is not None:
                here[source.name].append(made)

    def _distinct(self, one: Written, names: Mapping[str, Name]) -> Expression | None:
        where = one.where / "distinct"
        made = self._binder.expression(one.model.distinct, where, "event", extra=names)
        if made is not None and not any(path[0] == one.name for path in made.reads):
            message = f'"{made.text}" is the same for every observation'
            self._world.report("CW723", where, message, "name what they differ in")
        return made


def _told(one: Written, source: Source) -> None:
    """Have a condition that cannot be read reported."""
    source.expression(one.model.when, one.where / "when", one.events_of(source))


def _field_of(own: Bound, bound: list[Bound], node: Node) -> FieldOf | None:
    """Return the value of a fact that a part of a condition reads, or None."""
    match node:
        case tree.Name(name=name) if name != own.name:
            return _value_of(own, name)
        case tree.Path(base=tree.Name(name=base), name=name):
            known = {one.name: one for one in bound if not one.is_list} | {own.name: own}
            return _value_of(known[base], name) if base in known else None
        case _:
            return None


def _value_of(one: Bound, name: str) -> FieldOf | None:
    definition = one.facts.fields.get(name)
    if definition is None or definition.many or name in one.facts.mixed:
        return None
    return FieldOf(one.name, name, definition.kind)
