"""Compiling the correlations and signals of all packs: patterns, windows, and who observes.

A condition is taken apart at its top-level ``and``. What reads the observation alone is worked out
by who observes, where everything about the case or signal is known; what reads other observations
is worked out in the window, on what was sent there.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from casewright.bind.places import Where, fingerprint
from casewright.feel import FeelError, Name, Scope, compile, tree
from casewright.feel import types as feel
from casewright.rules.choosing import NetworkUse, Wanted, network_for
from casewright.rules.correlation import Correlation, Watch
from casewright.rules.keys import key_kind
from casewright.rules.lengths import within_of
from casewright.rules.network import Condition, Pattern, Production
from casewright.rules.patterns import Written, written
from casewright.rules.reading_terms import conjuncts, term_of
from casewright.rules.sources import Source, at_each
from casewright.rules.terms import FieldOf
from casewright.rules.window_actions import WindowActions
from casewright.rules.window_scope import Bound, WindowBinder, facts_of
from casewright.temporal import Duration, always_open

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from casewright.bind.fields import FieldDefinition
    from casewright.bind.shape import Shape
    from casewright.bind.world import World
    from casewright.feel import Expression
    from casewright.feel.tree import Node
    from casewright.rules.window_actions import TellCompiler
    from casewright.spec.pack_set import Spec

_NAME_THEM = "name the case types that have it in `for`"
_NO_CLOCK = Duration("real", 1)
"""Stands for a length of time that could not be read."""


@dataclass(frozen=True, slots=True, eq=False)
class Around:
    """What all correlations share.

    Attributes:
        sources: who can be observed, by qualified name.
        scope_of: gives the scope of expressions without case in a pack.
        tell: compiles a notification that an action names.
        network: ``auto``, ``native`` or ``durable``.
    """

    world: World
    shapes: Mapping[str, Shape]
    sources: Mapping[str, Source]
    scope_of: Callable[[str], Scope]
    tell: TellCompiler
    network: Wanted


@dataclass(frozen=True, slots=True, eq=False)
class Observed:
    """A correlation, and who observes what of it.

    Attributes:
        watches: with the source each, in the order of patterns.
    """

    correlation: Correlation
    watches: tuple[tuple[Source, Watch], ...]
    use: NetworkUse


def compile_correlations(around: Around) -> dict[str, Observed]:
    """Return every correlation by qualified name; mistakes are reported."""
    made: dict[str, Observed] = {}
    for spec in around.world.packs.all("rules"):
        for name, model in spec.model.correlations.items():
            where = Where(spec, "/correlations") / name
            qualified = f"{spec.pack}.{name}"
            if qualified in made:
                message = f'a second correlation is named "{name}"'
                around.world.report("CW724", where, message, key=True)
                continue
            found = _Compiling(around, spec, qualified, model, where).compiled()
            if found is not None:
                made[qualified] = found
    return made


@dataclass(frozen=True, slots=True, eq=False)
class _Read:
    """A pattern, compiled; ``here`` is by source what that works out itself."""

    written: Written
    pattern: Pattern
    here: dict[str, tuple[Expression, ...]]


class _Compiling:
    """One correlation in the making."""

    def __init__(self, around: Around, spec: Spec, name: str, model: Any, where: Where) -> None:
        self._around = around
        self._world = around.world
        self._spec = spec
        self._name = name
        self._model = model
        self._where = where
        self._patterns = written(self._world, model, where, around.sources)
        unique = {s.name: s for one in self._patterns for s in one.sources}
        self._sources = tuple(unique.values())
        self._aliases = {one.model.as_: one for one in self._patterns if one.model.as_ is not None}

    def compiled(self) -> Observed | None:
        """Return it; None where that cannot be, after a report."""
        within = within_of(self._world, self._model.within, self._where / "within")
        if not self._sources:
            return None
        keys = self._keys()
        key_field, key_type = self._key_kind(keys)
        base = self._around.scope_of(self._spec.pack)
        observed = facts_of(self._sources)
        binder = WindowBinder(self._world, self._spec.pack, base, observed, key_type, self._sources)
        binder.know(Bound(one.name, facts_of(one.sources), False) for one in self._patterns)
        bound: list[Bound] = []
        read: list[_Read] = []
        for one in self._patterns:
            own = Bound(one.name, facts_of(one.sources), one.model.count is not None)
            read.append(self._pattern(one, own, bound, binder))
            if not one.is_absent:
                bound.append(own)
        actions = WindowActions(binder, self._around.shapes, self._around.tell)
        do = actions.compile(self._model.do, self._where / "do", "event", self._names(bound))
        wanted = binder.read_names() - observed.mixed.keys()
        production = Production(
            self._name,
            tuple(one.pattern for one in read if not one.written.is_absent),
            tuple(one.pattern for one in read if one.written.is_absent),
            slides=self._model.keep,
        )
        network, uses = network_for([production], self._around.network)
        correlation = Correlation(
            name=self._name,
            production=production,
            network=network,
            within=within or _NO_CLOCK,
            calendar=always_open(self._world.zone),
            keep=self._model.keep,
            do=do,
            fields={n: observed.fields[n] for n in observed.fields if n in wanted},
            key_field=key_field,
            expects={
                one.name: frozenset(source.name for source in one.sources)
                for one in self._patterns
                if one.is_absent and not one.events
            },
            told=actions.told,
            place=str(self._where),
            fingerprint=fingerprint(self._model),
        )
        return Observed(correlation, tuple(self._watches(read, keys, wanted)), uses[0])

    # --- the key ----------------------------------------------------------------------------

    def _keys(self) -> dict[str, Expression]:
        """Return what the key is at every source."""
        where = self._where / "key"

        def key(source: Source) -> Expression | None:
            return source.expression(self._model.key, where, self._events_of(source))

        made = at_each(self._world, self._sources, key, _NAME_THEM)
        return {source.name: found for source, found in made if found is not None}

    def _events_of(self, source: Source) -> tuple[str, ...]:
        """Return the events at which the key is worked out; none where something holds."""
        here = [one for one in self._patterns if source in one.sources]
        if any(not one.events for one in here):
            return ()
        return tuple(dict.fromkeys(event for one in here for event in one.events_of(source)))

    def _key_kind(self, keys: Mapping[str, Expression]) -> tuple[FieldDefinition | None, feel.Type]:
        """Return what values of the key are, as a field and as a type."""
        return key_kind(
            self._world,
            self._where / "key",
            [(source, keys[source.name].type) for source in self._sources if source.name in keys],
            self._around.shapes,
        )

    # --- patterns ---------------------------------------------------------------------------

    def _pattern(self, one: Written, own: Bound, bound: list[Bound], binder: WindowBinder) -> _Read:
        model, where = one.model, one.where
        names = {**self._names(bound), **own.own_names()}
        here: dict[str, list[Expression]] = {source.name: [] for source in one.sources}
        conditions: list[Condition] = []
        whole = self._whole(one)
        if whole is not None:
            for node, reads in self._parts(one, whole, bound):
                if not reads:
                    self._at_sources(one, whole, node, here)
                    continue
                made = binder.part(whole, node, where / "when", "event", names)
                if made is not None:
                    term = term_of(made, partial(_field_of, own, bound))
                    conditions.append(Condition(made, reads - {one.name}, term))
        distinct = None
        if model.distinct is not None and model.count is not None and not one.is_absent:
            distinct = self._distinct(one, names, binder)
        count = None if one.is_absent else model.count
        pattern = Pattern(one.name, one.name, tuple(conditions), count, distinct)
        return _Read(one, pattern, {name: tuple(found) for name, found in here.items()})

    def _names(self, bound: list[Bound]) -> dict[str, Name]:
        """Return the names of what was found, as far as they were given."""
        return {one.name: one.alias for one in bound if one.name in self._aliases}

    def _whole(self, one: Written) -> Expression | None:
        """Return ``when``, read in a scope in which every name has a meaning."""
        if one.model.when is None or not one.sources:
            return None
        names: dict[str, Name] = {}
        functions: dict[str, Any] = {}
        for source in one.sources:
            names.update(source.binder.scope.names)
            functions.update(source.binder.scope.functions)
        names.update({alias: Name(feel.ANY, "None", (alias,)) for alias in self._aliases})
        try:
            return compile(one.model.when, Scope(names, functions, strict=False))
        except FeelError:
            at_each(self._world, one.sources, partial(_told, one))
            return None

    def _parts(
        self, one: Written, whole: Expression, bound: list[Bound]
    ) -> Iterator[tuple[Node, frozenset[str]]]:
        """Yield the parts of ``when`` with the names of patterns that each reads."""
        known = {b.name for b in bound} | {one.name}
        for part in conjuncts(whole, self._aliases):
            later = sorted(part.names - known)
            if later:
                self._report_later(one, later[0], part.expression.tree)
            else:
                yield part.expression.tree, part.names

    def _report_later(self, one: Written, name: str, node: Node) -> None:
        other = self._aliases[name]
        if other.is_absent:
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

        for source, made in at_each(self._world, one.sources, condition, _NAME_THEM):
            if made is not None:
                here[source.name].append(made)

    def _distinct(
        self, one: Written, names: Mapping[str, Name], binder: WindowBinder
    ) -> Expression | None:
        where = one.where / "distinct"
        made = binder.expression(one.model.distinct, where, "event", extra=names)
        if made is not None and not any(path[0] == one.name for path in made.reads):
            message = f'"{made.text}" is the same for every observation'
            self._world.report("CW723", where, message, "name what they differ in")
        return made

    # --- who observes -----------------------------------------------------------------------

    def _watches(
        self, read: list[_Read], keys: Mapping[str, Expression], wanted: frozenset[str]
    ) -> list[tuple[Source, Watch]]:
        made: list[tuple[Source, Watch]] = []
        data = {
            source.name: {
                name: value
                for name in source.fields
                if name in wanted and (value := source.value(name, self._where / "key")) is not None
            }
            for source in self._sources
        }
        for one in read:
            for source in one.written.sources:
                key = keys.get(source.name)
                if key is None:
                    continue
                here = one.here[source.name]
                mask, always = 0, False
                values = [e for value in data[source.name].values() for e in value.expressions]
                for expression in (key, *here, *values):
                    bits, has_none = source.mask_of(expression)
                    mask, always = mask | bits, always or has_none
                watch = Watch(
                    correlation=self._name,
                    pattern=one.written.name,
                    on=one.written.events_of(source),
                    key=key,
                    when=here,
                    mask=mask,
                    always=always,
                    data=data[source.name],
                    place=str(one.written.where),
                )
                made.append((source, watch))
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
