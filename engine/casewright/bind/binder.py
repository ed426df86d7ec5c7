"""Compiling the expressions of one case type, with every mistake reported at its place.

The binder is what mechanisms ask when they compile their definitions: for conditions, values,
durations, names and templates. It enforces what a position may read (rule 6).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casewright.bind.expressions import NO_NAMES, ExpressionBinder, Position
from casewright.bind.scope import event_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from casewright.bind.fields import FieldDefinition
    from casewright.bind.places import Where
    from casewright.bind.shape import RelatedShape, Shape
    from casewright.bind.values import Value
    from casewright.bind.world import World
    from casewright.feel import Name, Scope
    from casewright.spec.pack_set import Spec
    from casewright.temporal import Calendar

__all__ = ["Binder", "Position"]


class Binder(ExpressionBinder):
    """Compiles what one case type says.

    Attributes:
        shape: what the case type declares.
        scope: its scope; ``event`` in it has data of unknown type.
    """

    def __init__(self, world: World, shape: Shape, scope: Scope) -> None:
        super().__init__(world, shape.spec.pack, scope)
        self.shape = shape
        self.expressions = shape.expressions

    # --- what mechanisms may ask about ------------------------------------------------------

    @property
    def fields(self) -> Mapping[str, FieldDefinition]:
        """Return the fields of the case type."""
        return self.shape.fields

    @property
    def related(self) -> Mapping[str, RelatedShape]:
        """Return the related lists by name."""
        return self.shape.related

    def attached(self, kind: str) -> tuple[Spec, ...]:
        """Return the specs of a kind that are ``for`` the case type, in pack and file order."""
        return tuple(self.shape.attached.get(kind, ()))

    @property
    def states(self) -> Iterable[str]:
        """Return the names of the states, in file order."""
        return self.shape.states

    @property
    def default_calendar(self) -> Calendar | None:
        """Return the calendar of the case type, or None."""
        name = self.shape.spec.model.calendar
        return None if name is None else self.calendar(name, self.shape.where / "calendar")

    def state(self, name: str, where: Where) -> bool:
        """Return True if the case type has the state; else report it."""
        if name in self.shape.states:
            return True
        self.unknown("CW402", where, "state", name, self.shape.states)
        return False

    def field(self, name: str, where: Where) -> FieldDefinition | None:
        """Return a field, or None after a report."""
        found = self.shape.fields.get(name)
        if found is None:
            self.unknown("CW222", where, "field", name, self.shape.fields)
        return found

    def event_type(self, name: str, where: Where) -> bool:
        """Return True if an event of this type can happen; else report it."""
        if self.shape.knows_event(name) or name in self.shape.sent:
            return True
        known = {*self.shape.event_types, "create", "update", "comment", "work_note", "activity"}
        self.unknown("CW403", where, "event", name, known)
        return False

    def role(self, name: str, where: Where) -> bool:
        """Return True if the case type has the role; else report it."""
        known = self.role_names()
        if name.rpartition(".")[2] in known or name in ("any", "system"):
            return True
        self.unknown("CW404", where, "role", name, [*known, "any", "system"])
        return False

    def role_names(self) -> list[str]:
        """Return the names of all roles of the case type, in file order."""
        return [name for spec in self.shape.attached.get("roles", ()) for name in spec.model.roles]

    def naming(
        self, events: Iterable[str], extra: Mapping[str, Name] = NO_NAMES
    ) -> dict[str, Name]:
        """Return extra names in which ``event`` has the data of these event types."""
        return {"event": event_name(self.shape, events), **extra}

    def field_values(
        self,
        raw: Mapping[str, Any],
        where: Where,
        position: Position,
        extra: Mapping[str, Name] = NO_NAMES,
    ) -> tuple[tuple[FieldDefinition, Value], ...]:
        """Return what a ``set`` gives to each field; what is wrong is reported and left out."""
        made: list[tuple[FieldDefinition, Value]] = []
        for name, item in raw.items():
            definition = self.shape.fields.get(name)
            if definition is None:
                self.unknown("CW222", where / name, "field", name, self.shape.fields, key=True)
                continue
            if definition.computed is not None or self.shape.spec.model.fields[name].computed:
                self.report(
                    "CW232", where / name, f'"{name}" is computed; nobody sets it', key=True
                )
                continue
            value = self.field_value(definition, item, where / name, position, extra)
            if value is not None:
                made.append((definition, value))
        return tuple(made)
