"""The binder of one case type with all that mechanisms ask for: actions and templates too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casewright.actions.compiler import ActionCompiler
from casewright.actions.timers import TimerDefinition, compiled_timer
from casewright.bind.binder import Binder, Position
from casewright.templates import find_template

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from casewright.actions.vocabulary import ActionList
    from casewright.bind.fields import FieldDefinition
    from casewright.bind.places import Where
    from casewright.bind.shape import Shape
    from casewright.bind.world import World
    from casewright.feel import Expression, Name, Scope
    from casewright.spec.pack_set import Spec


class CaseBinder(Binder):
    """Compiles what one case type says, lists of actions included.

    Attributes:
        compiler: of the lists; knows the notifications and playbook targets that they name.
    """

    def __init__(
        self, world: World, shape: Shape, scope: Scope, shapes: Mapping[str, Shape]
    ) -> None:
        super().__init__(world, shape, scope)
        self.compiler = ActionCompiler(self, shapes)

    @property
    def case_type(self) -> Shape:
        """Return what the case type declares."""
        return self.shape

    def actions(
        self,
        raw: Sequence[Any],
        where: Where,
        position: Position = "event",
        extra: Mapping[str, Name] | None = None,
    ) -> ActionList:
        """Return a list of actions, compiled; mistakes are reported."""
        return self.compiler.compile(raw, where, position, extra)

    def timer(self, key: str, position: int, model: Any, where: Where) -> TimerDefinition:
        """Return a timer of a state or activity, compiled; mistakes are reported."""
        return compiled_timer(self, key, position, model, where)

    def template(self, name: str, where: Where) -> Spec | None:
        """Return the spec that declares a template, or None after a report."""
        return find_template(self, name, where)

    def data(self, models: Mapping[str, Any], where: Where) -> dict[str, FieldDefinition]:
        """Return the definitions of what an event or action brings."""
        return {name: self.world.field(name, model, where / name) for name, model in models.items()}

    def requirements(
        self, raw: Iterable[str], where: Where, extra: Mapping[str, Name]
    ) -> tuple[tuple[str, str | None, Expression | None], ...]:
        """Return each element of ``require``: its text, and a field or a condition."""
        made: list[tuple[str, str | None, Expression | None]] = []
        for index, text in enumerate(raw):
            name = text.strip()
            if name in self.shape.fields or name in self.shape.journal_bits:
                made.append((text, name, None))
                continue
            condition = self.condition(text, where / index, "event", extra)
            if condition is not None:
                made.append((text, None, condition))
        return tuple(made)
