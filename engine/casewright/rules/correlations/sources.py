"""Who can be observed: case types and signals, as patterns of correlations see them.

What is said once about a pattern is compiled at every source that it may be observed at. A mistake
that only some of them have names them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from casewright.bind.expressions import NO_NAMES
from casewright.bind.fields import FieldDefinition
from casewright.bind.scope import case_free
from casewright.bind.values import of_expression
from casewright.case import COLUMNS
from casewright.feel import types as feel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from casewright.bind.binder import Binder
    from casewright.bind.expressions import ExpressionBinder, Position
    from casewright.bind.places import Where
    from casewright.bind.shape import Shape
    from casewright.bind.values import Value
    from casewright.bind.world import World
    from casewright.errors import Diagnostic
    from casewright.feel import Expression, Name
    from casewright.feel.tree import Node

Made = TypeVar("Made")

NAME_THEM = "name the case types that have it in `for`"
"""The cure of what only some sources know."""

_COLUMN_KINDS: Mapping[str, tuple[str, feel.Type]] = {
    "revision": ("integer", feel.NUMBER),
    "created_at": ("date_time", feel.DATE_TIME),
    "updated_at": ("date_time", feel.DATE_TIME),
}
_KIND_WORDS = {
    "choice": "string",
    "text": "string",
    "template": "string",
    "attachment": "map",
}


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A case type or a signal that is observed.

    Attributes:
        name: qualified.
        shape: of the case type; None of a signal.
        binder: compiles what is said about it.
        fields: what an observation of it may bring, by name.
        naming: gives the names that hold in events of these types.
        mask_of: gives the bits that an expression reads, and whether it reads what has none.
        values: what observations bring, as far as it has been asked for.
    """

    name: str
    shape: Shape | None
    binder: ExpressionBinder
    fields: Mapping[str, FieldDefinition]
    naming: Callable[[Iterable[str]], dict[str, Name]]
    mask_of: Callable[[Expression], tuple[int, bool]]
    values: dict[str, Value | None] = field(default_factory=lambda: dict[str, "Value | None"]())

    def __str__(self) -> str:
        bare = self.name.rpartition(".")[2]
        return f'signal "{bare}"' if self.shape is None else f'case type "{bare}"'

    def knows(self, event: str) -> bool:
        """Return True if an event of this type can be observed here."""
        if self.shape is None:
            return event == self.name.rpartition(".")[2]
        return self.shape.knows_event(event) or event in self.shape.sent

    def expression(self, text: str, where: Where, events: Sequence[str]) -> Expression | None:
        """Return an expression about it, or None after a report.

        Args:
            events: on which it is looked at; without any it holds for a time, so it may read only
                what does.
        """
        position: Position = "event" if events else "level"
        extra = self.naming(events) if events else NO_NAMES
        return self.binder.expression(text, where, position, extra=extra)

    def part(
        self, whole: Expression, node: Node, where: Where, events: Sequence[str]
    ) -> Expression | None:
        """Return a part of a condition about it, or None after a report; as :meth:`expression`."""
        position: Position = "event" if events else "level"
        extra = self.naming(events) if events else NO_NAMES
        return self.binder.part(whole, node, where, position, extra)

    def value(self, name: str, where: Where) -> Value | None:
        """Return what an observation of it brings under a name."""
        if name not in self.values:
            position: Position = "event" if self.shape is None else "level"
            made = self.binder.expression(name, where, position)
            self.values[name] = None if made is None else of_expression(made)
        return self.values[name]


def case_source(
    shape: Shape, binder: Binder, mask_of: Callable[[Expression], tuple[int, bool]]
) -> Source:
    """Return a case type as a source: its fields but for journals, and its columns."""
    fields = {
        column: FieldDefinition(column, *_COLUMN_KINDS.get(column, ("string", feel.STRING)))
        for column in COLUMNS
        if column != "id"  # every observation has one
    }
    fields.update({name: brought(d) for name, d in shape.fields.items() if d.kind != "journal"})
    return Source(shape.name, shape, binder, fields, binder.naming, mask_of)


def signal_source(
    name: str, binder: ExpressionBinder, data: Mapping[str, FieldDefinition]
) -> Source:
    """Return a signal as a source."""
    fields = {name: brought(d) for name, d in data.items()}
    return Source(name, None, binder, fields, lambda _: {}, lambda _: (0, True))


def brought(definition: FieldDefinition) -> FieldDefinition:
    """Return what a field is in an observation: its type alone, without limits and choices."""
    kind = case_free(definition)
    word = _KIND_WORDS.get(definition.kind, definition.kind)
    item = kind.item if isinstance(kind, feel.ListType) else kind
    if definition.kind == "choice" and item is feel.NUMBER:
        word = "number"
    if definition.kind == "reference" and definition.target_is_case:
        word = "string"
    target = definition.target if word == "reference" else None
    return FieldDefinition(definition.name, word, kind, many=definition.many, target=target)


def is_alike(one: FieldDefinition, other: FieldDefinition) -> bool:
    """Return True if two fields hold values of one type."""
    return one.many == other.many and _word(one) == _word(other)


def _word(field: FieldDefinition) -> str:
    """Return what values of a field are, for the comparison of fields."""
    if field.kind == "integer":
        return "number"
    return "string" if field.kind == "reference" else field.kind


def at_each(
    world: World,
    sources: Iterable[Source],
    compile_at: Callable[[Source], Made],
    cure: str = "",
) -> list[tuple[Source, Made]]:
    """Return what ``compile_at`` makes at every source.

    A mistake that only some sources have is told with the name of each, and with ``cure`` where it
    has none of its own.
    """
    made: list[tuple[Source, Made]] = []
    heard: dict[Diagnostic, list[Source]] = {}
    start = len(world.diagnostics)
    for source in sources:
        made.append((source, compile_at(source)))
        for found in world.diagnostics[start:]:
            heard.setdefault(found, []).append(source)
        del world.diagnostics[start:]
    for found, by in heard.items():
        if len(by) == len(made):
            world.diagnostics.append(found)
            continue
        for source in by:
            message = f"{found.message} at {source}"
            world.diagnostics.append(replace(found, message=message, hint=cure or found.hint))
    return made
