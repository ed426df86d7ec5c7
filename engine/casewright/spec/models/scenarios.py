"""Scenarios: tests of packs."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict

from casewright.spec.models.common import (
    DurationText,
    Integer,
    Many,
    Model,
    Name,
    OneOrMany,
    Ref,
    SpecModel,
    Value,
)


class ScenarioActor(Model):
    """Somebody who acts; other keys are attributes."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Any]  # pyright: ignore[reportIncompatibleVariableOverride] # pydantic documents it

    id: str | None = None
    """Its id; else its name in the scenario."""
    roles: Many[Name] = ()
    """Its roles."""


class Expect(Model):
    """What must hold; other keys are fields."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Any]  # pyright: ignore[reportIncompatibleVariableOverride] # pydantic documents it

    status: (
        Literal["applied", "rejected", "failed", "duplicate", "id_reused", "malformed"] | None
    ) = None
    """The status of the step; `applied` unless given."""
    errors: Many[str] | None = None
    """Codes of the errors."""
    state: Name | None = None
    """The state."""
    sla: dict[Name, Any] | None = None
    """Clocks, partial: null, a status, or what they show."""
    playbook: Any = None
    """The playbook, partial."""
    notified: Any = None
    """Notifications that went out since the step before, complete."""
    created: Any = None
    """Cases created since the step before, complete: a number for each case type."""
    published: Any = None
    """Messages published since the step before, complete."""


class Step(Model):
    """An event, a wait, or a look."""

    title: str | None = None
    """What it shows."""
    by: Name | None = None
    """The actor; without it the system."""
    do: Name | None = None
    """The event, or a signal where no case is named; without it the step only looks."""
    case: Name | dict[str, Any] | None = None
    """The case: a name given by `as`, or fields that exactly one case has."""
    window: Ref | None = None
    """Looks at the window of this correlation instead of a case."""
    key: Value = None
    """The value that the window is for."""
    case_type: Ref | None = None
    """On `create`: the case type."""
    service: Ref | None = None
    """On `create`: the service."""
    record_producer: Ref | None = None
    """On `create`: the record producer."""
    as_: Name | None = None
    """Names the created case."""
    with_: dict[Name, Value] = {}
    """Fields and data."""
    expected: Integer | None = None
    """The revision that the asker saw."""
    wait: DurationText | None = None
    """Time that passes; timers fire."""
    expect: Expect | None = None
    """What must hold afterwards."""


class Scenario(SpecModel):
    """A test: steps at stated times, and what must hold after each."""

    start: str
    """The instant of the first step."""
    for_: OneOrMany[Ref] | None = None
    """The case types that it is about."""
    domain: str | None = None
    """The tenant whose overlay it runs with."""
    settings: dict[str, Value] = {}
    """Settings that differ from the pack's."""
    records: dict[Name, Many[dict[Name, Any]]] = {}
    """Reference data by record type, besides the pack's."""
    actors: dict[Name, ScenarioActor] = {}
    """Who acts, by name."""
    steps: Many[Step]
    """What happens, in order."""
