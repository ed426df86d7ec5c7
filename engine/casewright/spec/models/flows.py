"""State flows: states with their timers, and transitions."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, StringConstraints

from casewright.spec.models.actions import Actions
from casewright.spec.models.common import (
    DurationText,
    Expr,
    Fields,
    Many,
    Model,
    Name,
    OneOrMany,
    Ref,
    SpecModel,
    Text,
)

StateName: TypeAlias = Annotated[str, StringConstraints(pattern=r"^(\*|[a-z][a-z0-9_]*)$")]


class Timer(Model):
    """Something done after a while, or at an instant, as long as its owner lasts."""

    title: str | None = None
    """What people read instead of the name."""
    after: DurationText | None = None
    """How long after its owner began."""
    at: Text | None = None
    """The instant, as FEEL after `= `; instead of `after`."""
    calendar: Text | None = None
    """Its calendar, or FEEL after `= `; else the case type's."""
    do: Actions = ()
    """What is done."""
    overdue: Literal["fire", "skip", "restart"] = "fire"
    """What happens to the actions when it is delivered later than `grace`."""
    grace: DurationText | None = None
    """Lateness that does not count; 1 hour unless given."""


class State(Model):
    """A state of a case."""

    title: str | None = None
    """What people read instead of the name."""
    description: str | None = None
    """What it means."""
    draft: bool = False
    """Waives `required` fields."""
    final: bool = False
    """Nothing follows: timers, clocks and calls end, and no transition leads away."""
    read_only: bool = False
    """Shuts out fields and built-in events."""
    enter: Actions = ()
    """What is done on entry."""
    exit: Actions = ()
    """What is done on exit."""
    timers: dict[Name, Timer] = {}
    """Timers that run while the case is in this state, by name."""


class Transition(Model):
    """A way from states to a state, for an event."""

    title: str | None = None
    """What people read instead of the name."""
    description: str | None = None
    """What it means."""
    on: OneOrMany[Name] | None = None
    """The events; without it, the transition's name."""
    from_: OneOrMany[StateName]
    """The states, or `"*"`: every state that is not final."""
    to: Name | None = None
    """The new state; without it the state stays."""
    when: Expr | None = None
    """The condition on which it is selected."""
    roles: Many[Name] | None = None
    """Who may ask for it; `any` is everybody, `system` only the engine."""
    require: Many[Expr] = ()
    """Fields that must have a value, or conditions; what is missing rejects the event."""
    data: Fields = {}
    """What the event brings besides fields."""
    do: Actions = ()
    """What is done, between exit and entry."""


class StateFlow(SpecModel):
    """States and transitions of a case type."""

    extends: Ref | None = None
    """The state flow that it builds on."""
    initial: Name
    """The state of a new case."""
    states: Annotated[dict[Name, State], Field(min_length=1)]
    """States by name."""
    transitions: dict[Name, Transition] = {}
    """Transitions by name; the first that fits is taken."""
