"""State flows: one ``transitions`` machine per flow, fired on the step as a throwaway model.

The only module that knows ``transitions``. The machine decides which row of a state is taken and
in which order exit actions, the row's own and entry actions run; a pair of state and event that has
no row is answered from a table, without asking it. The library gets callables only: it would import
and call dotted strings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from transitions import Machine, State

from casewright.actions import NOTHING, ActionList

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from casewright.actions.timers import TimerDefinition
    from casewright.feel import Expression

ANYBODY = "any"


@dataclass(frozen=True, slots=True, eq=False)
class Requirement:
    """One element of ``require``: a field that must have a value, or a condition."""

    text: str
    field: str | None
    condition: Expression | None


@dataclass(frozen=True, slots=True, eq=False)
class StateDefinition:
    """One state."""

    name: str
    title: str = ""
    draft: bool = False
    final: bool = False
    read_only: bool = False
    enter: ActionList = NOTHING
    exit: ActionList = NOTHING
    timers: tuple[TimerDefinition, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Transition:
    """One row of a state flow.

    Attributes:
        on: event types that trigger it.
        sources: states that it leads from.
        to: state that it leads to; None stays without exit and entry.
        roles: roles of which the asker must hold one; empty for whoever may update.
    """

    name: str
    title: str
    on: tuple[str, ...]
    sources: tuple[str, ...]
    to: str | None
    roles: frozenset[str]
    when: Expression | None
    require: tuple[Requirement, ...]
    do: ActionList
    place: str = ""


class Token(Protocol):
    """What the machine needs of the step: a writable state, and answers."""

    state: str

    def admits(self, row: Transition) -> bool:
        """Return True if roles and ``when`` of a row hold, and what it requires is there."""
        ...

    def take(self, row: Transition) -> None:
        """Note the row that is taken."""
        ...

    def run_actions(self, actions: ActionList) -> None:
        """Run actions of the flow."""
        ...

    def entered(self, state: str) -> None:
        """Note that a state was entered."""
        ...


class Flow:
    """A compiled state flow.

    Attributes:
        initial: state of a new case.
        states: by name, in file order.
        transitions: rows in file order.
        rows: rows by (state, event type), in file order; a pair that is absent has none.
        event_types: every type that some row is on.
    """

    __slots__ = (
        "_events",
        "_sources",
        "event_types",
        "initial",
        "name",
        "rows",
        "states",
        "transitions",
    )

    def __init__(
        self,
        name: str,
        initial: str,
        states: Mapping[str, StateDefinition],
        transitions: Sequence[Transition],
    ) -> None:
        self.name = name
        self.initial = initial
        self.states = dict(states)
        self.transitions = tuple(transitions)
        rows: dict[tuple[str, str], list[Transition]] = {}
        machine = Machine(
            model=None,
            states=[State(state.name, on_enter=[_entered(state)]) for state in states.values()],
            initial=initial,
            auto_transitions=False,
            send_event=True,
        )
        for row in transitions:
            for source in row.sources:
                for event_type in row.on:
                    rows.setdefault((source, event_type), []).append(row)
                    machine.add_transition(
                        event_type,
                        source,
                        row.to,
                        conditions=[_guard(row)],
                        before=[_selected(row, states[source])],
                    )
        self.rows = {pair: tuple(found) for pair, found in rows.items()}
        self.event_types = frozenset(event for _, event in rows)
        self._sources = {
            event_type: tuple(sorted(source for source, event in rows if event == event_type))
            for event_type in self.event_types
        }
        self._events: dict[str, Any] = machine.events

    def sources_of(self, event_type: str) -> tuple[str, ...]:
        """Return the states from which some row is on ``event_type``, sorted."""
        return self._sources.get(event_type, ())

    def fire(self, token: Token, event_type: str) -> bool:
        """Take the first row of the token's state on ``event_type`` that it admits.

        Returns:
            True if one was taken; False if there is none or none was admitted.
        """
        if (token.state, event_type) not in self.rows:
            return False
        return bool(self._events[event_type].trigger(token))


def _guard(row: Transition) -> Any:
    def admits(data: Any) -> bool:
        token: Token = data.model
        return token.admits(row)

    return admits


def _selected(row: Transition, source: StateDefinition) -> Any:
    """Return what happens before the state changes: exit actions, then the row's own."""
    leave = NOTHING if row.to is None else source.exit

    def take(data: Any) -> None:
        token: Token = data.model
        token.take(row)
        if leave:
            token.run_actions(leave)
        if row.do:
            token.run_actions(row.do)

    return take


def _entered(state: StateDefinition) -> Any:
    def enter(data: Any) -> None:
        data.model.entered(state.name)
        if state.enter:
            data.model.run_actions(state.enter)

    return enter
