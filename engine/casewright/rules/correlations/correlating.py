"""All correlations and signals of a program: compiled, and sorted by who observes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from casewright.bind.places import Where
from casewright.rules.correlations.compiling import Around, compile_correlations
from casewright.rules.correlations.definition import Correlation, Signal, Watch, Watches
from casewright.rules.correlations.listening import Listening, of_signal
from casewright.rules.correlations.signals import declared_signals
from casewright.rules.correlations.sources import case_source
from casewright.rules.telling_apart import of_case

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from casewright.bind.binder import Binder
    from casewright.bind.fields import FieldDefinition
    from casewright.bind.shape import Shape
    from casewright.bind.world import World
    from casewright.feel import Expression, Scope
    from casewright.rules.correlations.compiling import Observed
    from casewright.rules.correlations.signals import Declared
    from casewright.rules.correlations.window_actions import TellCompiler
    from casewright.rules.networks.choosing import NetworkUse, Wanted

    MaskOf = Callable[[Expression], tuple[int, bool]]


@dataclass(frozen=True, slots=True, eq=False)
class Correlations:
    """What a program brings together over many cases.

    Attributes:
        all: correlations by qualified name.
        signals: by qualified name.
        watches: what is observed of cases, by case type; a type that is not observed is absent.
        networks: what runs each correlation, in their order.
    """

    all: Mapping[str, Correlation] = field(default_factory=dict[str, Correlation])
    signals: Mapping[str, Signal] = field(default_factory=dict[str, Signal])
    watches: Mapping[str, Watches] = field(default_factory=dict[str, Watches])
    networks: tuple[NetworkUse, ...] = ()


def compiled_correlations(
    world: World,
    shapes: Mapping[str, Shape],
    binders: Mapping[str, tuple[Binder, MaskOf]],
    scope_of: Callable[[str], Scope],
    tell: TellCompiler,
    network: Wanted,
    observations: int,
) -> Correlations:
    """Return all correlations and signals; mistakes are reported.

    Args:
        shapes: every case type's, for what is sent and created.
        binders: of case types that have states, with what gives the bits that an expression reads.
        scope_of: gives the scope of expressions without case in a pack.
        tell: compiles a notification that an action names.
        observations: how many a window may hold.
    """
    _report_greed(world, observations)
    declared = declared_signals(world, shapes, scope_of)
    sources = {
        name: case_source(binder.shape, binder, mask_of)
        for name, (binder, mask_of) in binders.items()
    }
    sources.update({name: signal.source for name, signal in declared.items()})
    around = Around(world, shapes, sources, scope_of, tell, network)
    made = compile_correlations(around)
    by_source: dict[str, list[Watch]] = {}
    for one in made.values():
        for source, watch in one.watches:
            by_source.setdefault(source.name, []).append(watch)
    return Correlations(
        {name: one.correlation for name, one in made.items()},
        _signals(declared, by_source),
        {
            name: _watches(found, binders[name][0].fields)
            for name, found in by_source.items()
            if name not in declared
        },
        _uses(made.values()),
    )


def _report_greed(world: World, most: int) -> None:
    """Report correlations that need more observations than a window may hold."""
    for spec in world.packs.all("rules"):
        for name, model in spec.model.correlations.items():
            needed = sum(pattern.count or 1 for pattern in model.all)
            if needed > most:
                message = f"{needed:,} observations are needed, a window holds at most {most:,}"
                where = Where(spec, "/correlations") / name / "all"
                world.report("CW723", where, message, "lower `count`", key=True)


def _uses(made: Iterable[Observed]) -> tuple[NetworkUse, ...]:
    return tuple(one.use for one in made)


def _watches(found: Iterable[Watch], fields: Mapping[str, FieldDefinition]) -> Watches:
    on: dict[str, list[Watch]] = {}
    holding: list[Watch] = []
    for watch in found:
        for event in watch.on:
            on.setdefault(event, []).append(watch)
        if not watch.on:
            holding.append(watch)
    return Watches(
        {event: tuple(some) for event, some in on.items()},
        tuple(holding),
        {event: Listening(some, fields, of_case) for event, some in on.items()},
    )


def _signals(
    declared: Mapping[str, Declared], by_source: Mapping[str, list[Watch]]
) -> dict[str, Signal]:
    return {
        name: _signal(name, signal, by_source.get(name, ())) for name, signal in declared.items()
    }


def _signal(name: str, declared: Declared, watches: Sequence[Watch]) -> Signal:
    return Signal(
        name,
        declared.roles,
        declared.data,
        tuple(watches),
        str(declared.where),
        Listening(watches, declared.data, of_signal),
    )
