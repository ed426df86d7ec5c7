"""Compiling lists of actions of a case: what ``lists`` knows, and what only cases can do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casewright.actions import vocabulary as act
from casewright.actions.lists import ListCompiler
from casewright.feel import types as feel
from casewright.templates import text_maker

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casewright.actions.binder import CaseBinder
    from casewright.bind.binder import Position
    from casewright.bind.places import Where
    from casewright.bind.shape import Shape
    from casewright.bind.values import Value
    from casewright.feel import Name


class ActionCompiler(ListCompiler):
    """Compiles the action lists of one case type.

    Attributes:
        notified: notifications that some list sends by name, with their places.
        targets: playbook stages and activities that some list goes to, with their places.
    """

    binder: CaseBinder

    def __init__(self, binder: CaseBinder, shapes: Mapping[str, Shape]) -> None:
        super().__init__(binder, shapes)
        self.compilers.update(
            {
                "set": self._set,
                "comment": self._comment,
                "work_note": self._work_note,
                "raise": self._raise,
                "call": self._call,
                "go_to": self._go_to,
            }
        )
        self.notified: list[tuple[str, Where]] = []
        self.targets: list[tuple[str, Where]] = []

    def check_refused(self, event: str, where: Where) -> None:
        """Report an event that the case type does not know."""
        self.binder.event_type(event, where)

    def notify(
        self, raw: Any, where: Where, position: Position, names: dict[str, Name]
    ) -> act.Action | None:
        """Return the action that sends a notification; whether there is one is checked later."""
        del position, names  # notifications see the case, not the list
        self.notified.append((raw, where))
        return act.Notify(raw)

    def _set(
        self, raw: Any, where: Where, position: Position, names: dict[str, Name]
    ) -> act.Action:
        return act.Set(str(where), self.binder.field_values(raw, where, position, names))

    def _comment(
        self, raw: Any, where: Where, position: Position, names: dict[str, Name]
    ) -> act.Action | None:
        return self._post("comment", raw, where, position, names)

    def _work_note(
        self, raw: Any, where: Where, position: Position, names: dict[str, Name]
    ) -> act.Action | None:
        return self._post("work_note", raw, where, position, names)

    def _post(
        self, kind: str, raw: Any, where: Where, position: Position, names: dict[str, Name]
    ) -> act.Action | None:
        if isinstance(raw, dict):
            template = raw["template"]  # pyright: ignore[reportUnknownVariableType]
            text = text_maker(self.binder, template, where / "template", names)  # pyright: ignore[reportUnknownArgumentType]
            return None if text is None else act.Post(str(where), kind, text)
        value = self.binder.value(raw, where, position, feel.STRING, names)
        if value is not None and value.is_literal and "{{" in str(value.literal):
            message = "a text is no template; it is posted with its braces"
            cure = f'write {kind}: {{template: name}}, or an expression: = "Dear " + name'
            self.binder.report("CW313", where, message, cure, "warning")
        return None if value is None else act.Post(str(where), kind, value.get)

    def _raise(
        self, raw: Any, where: Where, position: Position, names: dict[str, Name]
    ) -> act.Action | None:
        event: str = raw if isinstance(raw, str) else raw["event"]
        data: dict[str, Any] = {} if isinstance(raw, str) else raw.get("data", {})
        if not self.binder.event_type(event, where):
            return None
        return act.Raise(
            str(where), event, self._event_data(event, data, where / "data", position, names)
        )

    def _event_data(
        self,
        event: str,
        data: Mapping[str, Any],
        where: Where,
        position: Position,
        names: dict[str, Name],
    ) -> dict[str, Value]:
        known = {**self.binder.shape.fields, **self.binder.shape.event_data.get(event, {})}
        made: dict[str, Value] = {}
        for name, raw in data.items():
            definition = known.get(name)
            if definition is None and event not in ("comment", "work_note", "attach", "email_sent"):
                self.binder.unknown(
                    "CW233", where / name, f'data of event "{event}":', name, known, key=True
                )
                continue
            value = (
                self.binder.value(raw, where / name, position, None, names)
                if definition is None
                else self.binder.field_value(definition, raw, where / name, position, names)
            )
            if value is not None:
                made[name] = value
        return made

    def _call(
        self, raw: Any, where: Where, position: Position, names: dict[str, Name]
    ) -> act.Action:
        declared = {action.name: action for action in self.binder.world.host.actions}
        if declared and raw["action"] not in declared:
            self.binder.unknown("CW236", where / "action", "host action", raw["action"], declared)
        for key in ("result", "error"):
            if raw.get(key) is not None:
                self.binder.event_type(raw[key], where / key)
        timeout = None
        if raw.get("timeout") is not None:
            timeout = self.binder.duration(raw["timeout"], where / "timeout", position, names)
        data = self._values(raw.get("with", {}), where / "with", position, names)
        return act.Call(
            str(where), raw["action"], data, raw.get("result"), raw.get("error"), timeout
        )

    def _go_to(
        self, raw: Any, where: Where, _position: Position, _names: dict[str, Name]
    ) -> act.Action:
        self.targets.append((raw, where))
        return act.GoTo(raw)
