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
    from casewright.view import Surroundings, View

_TABLE = re.compile(r"_table_(\d+)\(")
_NEAREST = 2
_ROLES = 6


class TableWords:
    """Says which rows of decision tables gave their results.

    Args:
        tables: of the program, in the order in which expressions number them.
        view: what is asked about.
    """

    def __init__(self, tables: Sequence[Table], view: Surroundings) -> None:
        self._tables = tables
        self._around = view

    def absent(self, path: tuple[str, ...]) -> str:  # noqa: ARG002
        """Return nothing: which names there are, others know."""
        return ""

    def called(self, function: Function, arguments: Sequence[object], result: object) -> str:
        """Return which rows of a table gave a result, or "" of other functions."""
        found = _TABLE.match(function.call)
        at = len(self._tables) if found is None else int(found[1])
        if at >= len(self._tables) or self._tables[at].name != function.name:
            return ""
        return self._decided(self._tables[at], tuple(arguments), result)

    def _decided(self, table: Table, arguments: tuple[object, ...], result: object) -> str:
        try:
            found = explain_table(table, self._around, Budget(), arguments)
        except (Unavailable, CasewrightError):
            return ""
        if found.error:
            return found.error
        if found.matched:
            rows = ", ".join(str(row.row) for row in found.matched)
            return f"{table.name}: row {rows} gave {shown(result)}"
        return _no_row(found)


class CaseWords(TableWords):
    """Says why names of a case are null, and how functions came to their results.

    Args:
        ct: the case type.
        view: the moment that is asked about.
    """

    def __init__(self, ct: CaseType, view: View) -> None:
        super().__init__(ct.tables, view)
        self._ct = ct
        self._view = view

    def absent(self, path: tuple[str, ...]) -> str:
        """Return why a path has no value, or "" where it is a plain field without one."""
        head, view = path[0], self._view
        if head == "previous" and view.previous is None:
            return "there is no previous: the case was just being created"
        if head == "actor" and view.actor is None:
            return "nobody acts here, so actor is null"
        if head == "event":
            return self._absent_event(path)
        if head == "sla" and len(path) > 1 and view.sla(path[1]) is None:
            return f"clock {path[1]} has not started"
        if head in self._ct.journal_bits and view.journals.get(head) is None:
            return f"there are no {head.replace('_', ' ')} yet"
        definition = self._ct.fields.get(head)
        if definition is None:
            return ""
        if definition.computed is not None and len(path) == 1:
            return f"{head} is computed and came to null"
        if definition.target_is_case and len(path) > 1:
            return self._absent_of_case(head)
        return ""

    def _absent_of_case(self, field: str) -> str:
        """Return that a case does not know yet what another one that it refers to is like."""
        named = self._view.fields.get(field)
        if not isinstance(named, str) or self._view.parent(field, named) is not None:
            return ""
        return f"{field} {shown(named)} has not told of itself yet"

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
        return super().called(function, arguments, result)

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


class SignalWords(TableWords):
    """Says why names of a signal are null.

    Args:
        signal: its name.
        tables: of the program.
        view: the signal as expressions see it.
    """

    def __init__(self, signal: str, tables: Sequence[Table], view: Surroundings) -> None:
        super().__init__(tables, view)
        self._signal = signal

    def absent(self, path: tuple[str, ...]) -> str:
        """Return that the signal did not bring a value."""
        head, *more = path
        name = more[1] if head == "event" and len(more) > 1 else head
        return f"the signal {self._signal} brought no {name}"


class WindowWords(TableWords):
    """Says why names in the conditions of a window are null."""

    def absent(self, path: tuple[str, ...]) -> str:
        """Return that an observation does not bring a value."""
        if len(path) == 1:
            return f"the observation brings no {path[0]}"
        return f"{path[0]} brings no {path[1]}"


def _no_row(found: Explanation) -> str:
    inputs = ", ".join(f"{name} = {shown(value)}" for name, value in found.inputs.items())
    near = "; ".join(str(miss) for miss in found.near[:_NEAREST])
    told = f"no row of {found.table} fits {inputs}"
    return f"{told} (nearest: {near})" if near else told
