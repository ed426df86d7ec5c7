"""Views of reference data: the scope of a record type, and a record as its expressions see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casewright.feel import Budget, Name, Scope
from casewright.feel import types as feel

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from casewright.bind.records import RecordType
    from casewright.bind.world import World
    from casewright.case import Actor


class Record:
    """One record, read by the expressions of a view.

    Attributes:
        fields: its values by field name, FEEL values.
    """

    __slots__ = ("_follow", "actor", "budget", "fields", "id", "now")

    def __init__(
        self,
        fields: Mapping[str, Any],
        follow: Callable[[str, str], Mapping[str, Any] | None],
        *,
        actor: Actor | None = None,
        now: datetime | None = None,
    ) -> None:
        """Make what expressions see of a record.

        Args:
            fields: values by field name; ``id`` is one.
            follow: gives a record by record type and id, None where there is no such record.
            actor: who reads, or None.
            now: when, or None.
        """
        self.id = str(fields.get("id", ""))
        self.fields = fields
        self.actor = actor
        self.now = now
        self.budget = Budget()
        self._follow = follow

    def follow(self, record_type: str, record_id: str) -> Mapping[str, Any] | None:
        """Return a record that this one refers to."""
        return self._follow(record_type, record_id)


def record_scope(world: World, record_type: RecordType, plain: Scope) -> Scope:
    """Return the scope of expressions about a record: its fields, ``actor``, ``now``, settings."""
    names = {
        name: Name(_type(world, definition), f"s.fields.get({name!r})", (name,))
        for name, definition in record_type.fields.items()
    }
    names["actor"] = Name(_ACTOR, "s.actor", ("actor",))
    names["now"] = Name(feel.DATE_TIME, "s.now", ("now",))
    return Scope({**plain.names, **names}, plain.functions, plain.bindings, plain.types)


def _type(world: World, definition: Any) -> feel.Type:
    """Return the type of a field; a reference to a case stays its id, for no case is read here."""
    if definition.target is not None and definition.target not in world.record_types:
        return feel.ListType(feel.STRING) if definition.many else feel.STRING
    kind: feel.Type = definition.type
    return kind


_ACTOR = feel.ContextType(
    {
        "id": feel.Member(feel.STRING, "{}.id"),
        "roles": feel.Member(feel.ListType(feel.STRING), "list({}.roles)"),
    },
    name="actor",
)
