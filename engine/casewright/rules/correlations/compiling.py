"""Compiling the correlations of all packs: their windows, and who observes what for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from casewright.bind.places import Where, fingerprint
from casewright.rules.correlations.definition import Correlation, Watch
from casewright.rules.correlations.keys import key_kind
from casewright.rules.correlations.lengths import within_of
from casewright.rules.correlations.pattern_conditions import PatternReader, Read
from casewright.rules.correlations.patterns import written
from casewright.rules.correlations.sources import NAME_THEM, Source, at_each
from casewright.rules.correlations.window_actions import WindowActions
from casewright.rules.correlations.window_scope import WindowBinder, facts_of
from casewright.rules.networks.choosing import NetworkUse, Wanted, network_for
from casewright.rules.networks.contract import Production
from casewright.temporal import Duration, always_open

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from casewright.bind.fields import FieldDefinition
    from casewright.bind.shape import Shape
    from casewright.bind.world import World
    from casewright.feel import Expression, Scope
    from casewright.feel import types as feel
    from casewright.rules.correlations.window_actions import TellCompiler
    from casewright.spec.pack_set import Spec

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

    def compiled(self) -> Observed | None:
        """Return it; None where that cannot be, after a report."""
        within = within_of(self._world, self._model.within, self._where / "within")
        if not self._sources:
            return None
        keys = self._keys()
        key_field, key_type = self._key_kind(keys)
        base = self._around.scope_of(self._spec.pack)
        observed = facts_of(self._sources)
        binder = WindowBinder(
            self._world, self._spec.pack, base, observed, key_type, self._sources, self._patterns
        )
        reader = PatternReader(self._world, binder, self._patterns)
        read = [reader.read(one) for one in self._patterns]
        actions = WindowActions(binder, self._around.shapes, self._around.tell)
        do = actions.compile(self._model.do, self._where / "do", "event", reader.names)
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

        made = at_each(self._world, self._sources, key, NAME_THEM)
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

    # --- who observes -----------------------------------------------------------------------

    def _watches(
        self, read: list[Read], keys: Mapping[str, Expression], wanted: frozenset[str]
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
