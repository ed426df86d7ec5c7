"""Messages taken in: what a message from outside creates, or which event it is.

Expressions see the message as ``payload`` and settings; there is no case yet. How a message arrives
and which form it has is not here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from casewright.bind.places import Where, is_expression
from casewright.bind.scope import plain_scope
from casewright.feel import FeelError, Name, Scope, compile
from casewright.feel import types as feel

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from casewright.bind.fields import FieldDefinition
    from casewright.bind.shape import Shape
    from casewright.bind.world import World
    from casewright.feel import Budget, Expression
    from casewright.spec.pack_set import Spec


@dataclass(frozen=True, slots=True)
class Payload:
    """What the expressions of an acceptance see."""

    payload: Any


@dataclass(frozen=True, slots=True, eq=False)
class Acceptance:
    """One message taken in.

    Attributes:
        name: qualified by its pack.
        format: form in which it comes, for instance ``tmf621``.
        when: on which it is taken, or None.
        create: qualified case type to create, or None.
        event: event type instead, or None.
        to: gives the id of the case that gets the event, or None.
        literals: fields or data with values of their own.
        values: fields or data worked out from the payload.
    """

    name: str
    format: str
    when: Expression | None
    create: str | None
    event: str | None
    to: Expression | None
    literals: Mapping[str, Any] = field(default_factory=dict[str, Any])
    values: Mapping[str, Expression] = field(default_factory=lambda: dict[str, "Expression"]())

    def takes(self, payload: Any, budget: Budget) -> bool:
        """Return True if the message is taken."""
        return self.when is None or self.when.true(Payload(payload), budget)

    def receiver(self, payload: Any, budget: Budget) -> str | None:
        """Return the id of the case that gets the event, None where there is none."""
        made = None if self.to is None else self.to.value(Payload(payload), budget)
        return made if isinstance(made, str) else None

    def data(self, payload: Any, budget: Budget) -> dict[str, Any]:
        """Return the fields of the new case, or the data of the event; null ones are left out."""
        seen = Payload(payload)
        made = {name: value.value(seen, budget) for name, value in self.values.items()}
        return {**self.literals, **{n: value for n, value in made.items() if value is not None}}


def compile_acceptances(
    world: World, shapes: Mapping[str, Shape], specs: Iterable[Spec]
) -> dict[str, Acceptance]:
    """Return every message that is taken in, by qualified name; mistakes are reported.

    Args:
        world: takes the diagnostics.
        shapes: every case type's shape by qualified name.
        specs: of kind ``topic_map``.
    """
    made: dict[str, Acceptance] = {}
    for spec in specs:
        scope = _scope(world, spec)
        for name, model in spec.model.accept.items():
            where = Where(spec, "/accept") / name
            made[f"{spec.pack}.{name}"] = _Compiling(world, scope, shapes).acceptance(
                f"{spec.pack}.{name}", model, where
            )
    return made


def _scope(world: World, spec: Spec) -> Scope:
    plain = plain_scope(world, spec.pack, {})
    payload = Name(feel.ContextType({}, closed=False), "s.payload", ("payload",))
    return Scope({**plain.names, "payload": payload}, plain.functions, plain.bindings, plain.types)


class _Compiling:
    """One acceptance under compilation."""

    def __init__(self, world: World, scope: Scope, shapes: Mapping[str, Shape]) -> None:
        self._world = world
        self._scope = scope
        self._shapes = shapes

    def acceptance(self, name: str, model: Any, where: Where) -> Acceptance:
        """Return it compiled."""
        if (model.create is None) == (model.event is None):
            text = "a message taken in has either `create` or `event`"
            self._world.report("CW817", where, text, key=True)
        create = None
        known: Mapping[str, FieldDefinition] = {}
        if model.create is not None:
            create = self._world.find("case_type", model.create, where / "create")
            known = {} if create is None else self._shapes[create.qualified].fields
        elif model.event is not None:
            known = self._data_of(model.event, where / "event")
        literals: dict[str, Any] = {}
        values: dict[str, Expression] = {}
        for key, raw in model.with_.items():
            self._give(key, raw, known, where / "with" / key, literals, values)
        return Acceptance(
            name,
            model.format,
            self._expression(model.when, where / "when", feel.BOOLEAN, 0),
            None if create is None else create.qualified,
            model.event,
            self._to(model.to, where / "to"),
            literals,
            values,
        )

    def _data_of(self, event: str, where: Where) -> dict[str, FieldDefinition]:
        """Return what an event may bring, of all case types that know it."""
        having = [shape for shape in self._shapes.values() if shape.knows_event(event)]
        if not having:
            known = {name for shape in self._shapes.values() for name in shape.event_types}
            self._world.unknown("CW403", where, "event", event, known)
        found: dict[str, FieldDefinition] = {}
        for shape in having:
            found.update({**shape.fields, **shape.event_data.get(event, {})})
        return found

    def _give(
        self,
        key: str,
        raw: Any,
        known: Mapping[str, FieldDefinition],
        where: Where,
        literals: dict[str, Any],
        values: dict[str, Expression],
    ) -> None:
        definition = known.get(key)
        if definition is None:
            if known:
                self._world.unknown("CW222", where, "field", key, known, key=True)
        elif is_expression(raw):
            made = self._expression(raw[2:], where, None, len("= "))
            if made is not None:
                values[key] = made
        else:
            try:
                literals[key] = definition.convert(raw)
            except ValueError as err:
                self._world.report("CW224", where, str(err))

    def _to(self, raw: str | None, where: Where) -> Expression | None:
        if raw is None:
            return None
        if is_expression(raw):
            return self._expression(raw[2:], where, feel.STRING, len("= "))
        return self._expression(f'"{raw}"', where, feel.STRING, 0)

    def _expression(
        self, text: str | None, where: Where, expect: feel.Type | None, shift: int
    ) -> Expression | None:
        if text is None:
            return None
        try:
            return compile(text, self._scope, expect=expect)
        except FeelError as err:
            for problem in err.problems:
                self._world.report(
                    problem.code,
                    where,
                    problem.message,
                    problem.hint,
                    offset=problem.start + shift,
                )
            return None
