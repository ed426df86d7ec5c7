"""Actions of a correlation: what a window can do, which has no fields, journal or state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casewright.actions import vocabulary as act
from casewright.actions.lists import ListCompiler

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from casewright.bind.expressions import Position
    from casewright.bind.places import Where
    from casewright.bind.shape import Shape
    from casewright.feel import Name
    from casewright.rules.correlations.window_scope import WindowBinder

    TellCompiler = Callable[[WindowBinder, str, Where, Mapping[str, Name]], object]

_CURES = {
    "set": "send an event to the case whose field it is",
    "raise": "send the event to a case: `send: {event, to}`",
    "comment": "send an event to a case, and let that comment",
    "work_note": "send an event to a case, and let that note it",
    "call": "create or send, and let that case call",
    "go_to": "send an event to the case whose playbook it is",
}


class WindowActions(ListCompiler):
    """Compiles the actions of one correlation.

    Attributes:
        told: notifications that it sends, compiled, by the name that actions use.
    """

    def __init__(
        self, binder: WindowBinder, shapes: Mapping[str, Shape], tell: TellCompiler
    ) -> None:
        super().__init__(binder, shapes)
        self._window = binder
        self._tell = tell
        self.told: dict[str, object] = {}

    def refuse(self, key: str, where: Where) -> None:
        """Report an action that only cases can do."""
        message = f"`{key}` is no action of a correlation, which belongs to no case"
        self.binder.report("CW726", where, message, _CURES.get(key, ""), key=True)

    def check_refused(self, event: str, where: Where) -> None:
        """Report ``else``: nothing can be raised on a window."""
        message = f'"{event}" cannot be raised: a correlation belongs to no case'
        self.binder.report("CW726", where, message, "take away `else`", key=True)

    def notify(
        self, raw: Any, where: Where, position: Position, names: dict[str, Name]
    ) -> act.Action | None:
        """Return the action that sends a notification; None after a report."""
        del position
        made = self._tell(self._window, raw, where, names)
        if made is None:
            return None
        told = f"{raw}/{len(self.told)}"
        self.told[told] = made
        return act.Notify(told)
