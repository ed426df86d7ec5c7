"""What explanations say about the names and functions of a case type."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from casewright.dmn import explain as explain_table
from casewright.errors import CasewrightError
from casewright.feel import Budget, Unavailable, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casewright.dmn import Explanation, Table
    from casewright.feel import Function
    from casewright.program.kind import CaseType
    from casewright.view import View

_TABLE = re.compile(r"_table_(\d+)\(")
_NEAREST = 2
_ROLES = 6


class CaseWords:
    """Says why names of a case are null, and how functions came to their results.

    Args:
        ct: the case type.
        view: the moment that is asked about.
    """

    def __init__(self, ct: CaseType, view: View) -> None:
        self._ct = ct
        self._view = view

    def absent(self, path: tuple[str, ...]) -> str:
        """Return why a path has no value, or "" where it is a plain field without one."""
        head, view = path[0], self._view
        if head == "previous":
            return "there is no previous: the case was just being created"
        if head == "actor" and view.actor is None:
            return "nobody acts here, so actor is null"
        if head == "event":
            return self._absent_event(path)
        if head == "sla" and len(path) > 1:
            return f"clock {path[1]} has not started"
        if head in self._ct.journal_bits:
            return f"there are no {head.replace('_', ' ')} yet"
        definition = self._ct.fields.get(head)
        if definition is not None and definition.computed is not None and len(path) == 1:
            return f"{head} is computed and came to null"
        return ""

    def _absent_event(self, path: tuple[str, ...]) -> str:
        event = self._view.event
        if event is None:
            return "a rule without `on` does not see the event"
        if path[1:2] == ("data",) and len(path) > 2:
            return f'the event {event.type} brought no "{path[2]}"'
        return f"the event {event.type} has no {'.'.join(path[1:])}" if len(path) > 1 else ""

    def called(self, function: Function, arguments: Sequence[object], result: object) -> str:
        """Return how a function came to its result, or "" where there is nothing to tell."""
        if function.name == "has role":
            return self.roles()
        if function.name == "changed":
            return self._changed(str(arguments[0]))
        table = self._table(function)
        if table is not None:
            return self._decided(table, tuple(arguments), result)
        return ""

    def roles(self) -> str:
        """Return which roles the actor holds."""
        actor = self._view.actor
        if actor is None:
            return "nobody acts here"
        roles = sorted(self._view.held_roles())
        more = f" and {len(roles) - _ROLES} more" if len(roles) > _ROLES else ""
        held = ", ".join(roles[:_ROLES]) + more
        return f"{actor.id} has the roles {held}" if held else f"{actor.id} has no roles"

    def _changed(self, name: str) -> str:
        now, previous = self._view.fresh(name), self._view.previous
        if previous is None:
            return f"{name} is {shown(now)}; in a create, changed means has a value"
        before = previous.fresh(name)
        if before == now:
            return f"{name} is {shown(now)}, as it was before"
        return f"{name} was {shown(before)} and is {shown(now)}"

    def _table(self, function: Function) -> Table | None:
        tables = self._ct.tables
        found = _TABLE.match(function.call)
        at = len(tables) if found is None else int(found[1])
        if at >= len(tables) or tables[at].name != function.name:
            return None
        return tables[at]

    def _decided(self, table: Table, arguments: tuple[object, ...], result: object) -> str:
        try:
            found = explain_table(table, self._view, Budget(), arguments)
        except (Unavailable, CasewrightError):
            return ""
        if found.error:
            return found.error
        if found.matched:
            rows = ", ".join(str(row.row) for row in found.matched)
            return f"{table.name}: row {rows} gave {shown(result)}"
        return _no_row(found)


class SignalWords:
    """Says why names of a signal are null.

    Args:
        signal: its name.
    """

    def __init__(self, signal: str) -> None:
        self._signal = signal

    def absent(self, path: tuple[str, ...]) -> str:
        """Return that the signal did not bring a value."""
        head, *more = path
        name = more[1] if head == "event" and len(more) > 1 else head
        return f"the signal {self._signal} brought no {name}"

    def called(self, function: Function, arguments: Sequence[object], result: object) -> str:  # noqa: ARG002
        """Return nothing: what functions of a signal give follows from its data."""
        return ""


def _no_row(found: Explanation) -> str:
    inputs = ", ".join(f"{name} = {shown(value)}" for name, value in found.inputs.items())
    near = "; ".join(str(miss) for miss in found.near[:_NEAREST])
    told = f"no row of {found.table} fits {inputs}"
    return f"{told} (nearest: {near})" if near else told
