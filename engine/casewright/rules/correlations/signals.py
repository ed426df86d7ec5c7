"""Signals as they are declared: who may send them and what they bring."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from casewright.bind.expressions import ExpressionBinder
from casewright.bind.places import Where
from casewright.bind.scope import message_names
from casewright.bind.shape import BUILT_IN_DATA, ENGINE_EVENTS, FEEL_WORDS, SCOPE_WORDS
from casewright.feel import Scope
from casewright.rules.correlations.sources import Source, signal_source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from casewright.bind.fields import FieldDefinition
    from casewright.bind.shape import Shape
    from casewright.bind.world import World
    from casewright.spec.models.common import FieldDefinition as FieldModel
    from casewright.spec.pack_set import Spec

_NOBODYS = frozenset({"any", "system"})


@dataclass(frozen=True, slots=True, eq=False)
class Declared:
    """A signal, before it is known who listens.

    Attributes:
        roles: bare names of those who may send it, with those that include them.
    """

    source: Source
    roles: frozenset[str]
    data: Mapping[str, FieldDefinition]
    where: Where


def declared_signals(
    world: World, shapes: Mapping[str, Shape], scope_of: Callable[[str], Scope]
) -> dict[str, Declared]:
    """Return every signal by qualified name; mistakes are reported.

    Args:
        scope_of: gives the scope of expressions without case in a pack.
    """
    made: dict[str, Declared] = {}
    for spec in world.packs.all("rules"):
        for name in spec.model.signals:
            where = Where(spec, "/signals") / name
            qualified = f"{spec.pack}.{name}"
            if qualified in made:
                world.report("CW724", where, f'a second signal is named "{name}"', key=True)
                continue
            _check_name(world, name, where, shapes.values())
            made[qualified] = _declared(world, spec, qualified, where, scope_of(spec.pack))
    return made


def _check_name(world: World, name: str, where: Where, shapes: Iterable[Shape]) -> None:
    """Report a signal that has the name of an event."""
    if name in BUILT_IN_DATA or name in ENGINE_EVENTS:
        whose = "of every case"
    else:
        having = next((shape for shape in shapes if name in shape.event_types), None)
        if having is None:
            return
        whose = f'of case type "{having.bare}"'
    message = f'"{name}" is an event {whose}; a signal needs a name of its own'
    world.report("CW729", where, message, "choose another name", key=True)


def _declared(world: World, spec: Spec, name: str, where: Where, base: Scope) -> Declared:
    model = spec.model.signals[name.rpartition(".")[2]]
    data: dict[str, FieldDefinition] = {}
    for key, field in model.data.items():
        place = where / "data" / key
        if key in SCOPE_WORDS or key in FEEL_WORDS:
            word = "a word of FEEL" if key in FEEL_WORDS else "a word of the scope"
            message = f'"{key}" cannot name a field: it is {word}'
            world.report("CW229", place, message, "choose another name", key=True)
            continue
        data[key] = _datum(world, key, field, place)
    scope = Scope({**base.names, **message_names(data)}, base.functions, base.bindings)
    binder = ExpressionBinder(world, spec.pack, scope)
    return Declared(signal_source(name, binder, data), _roles(world, model, where), data, where)


def _datum(world: World, name: str, model: FieldModel, where: Where) -> FieldDefinition:
    """Return the definition of something that a signal brings, with its default."""
    made = replace(world.field(name, model, where), required=model.required)
    if model.default is None:
        return made
    try:
        return replace(made, default=made.convert(model.default))
    except ValueError as err:
        world.report("CW224", where / "default", str(err))
        return made


def _roles(world: World, model: object, where: Where) -> frozenset[str]:
    """Return the roles that may send a signal; one that no roles declare is reported."""
    wanted: tuple[str, ...] = getattr(model, "roles", None) or ()
    included_by: dict[str, set[str]] = {}
    known: set[str] = set()
    for spec in world.packs.all("roles"):
        for name, role in spec.model.roles.items():
            known.add(name)
            if role.when is None:  # what is held on some cases only is not held here
                for included in role.includes:
                    included_by.setdefault(included, set()).add(name)
    for i, name in enumerate(wanted):
        if name not in known and name not in _NOBODYS:
            world.unknown("CW404", where / "roles" / i, "role", name, [*known, *_NOBODYS])
    found: set[str] = set()
    pending = list(wanted)
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending.extend(included_by.get(name, ()))
    return frozenset(found)
