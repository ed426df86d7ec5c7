"""Packs and overlays."""

from __future__ import annotations

from typing import Any

from casewright.spec.models.common import (
    Expr,
    Fields,
    Many,
    Model,
    Name,
    OneOrMany,
    Ref,
    SpecModel,
    Value,
)

SCHEMA_VERSION = 1
"""The version of the language that this engine reads."""


class Migration(Model):
    """How open cases follow a change; what is renamed keeps its past under the new name."""

    title: str | None = None
    """What people read instead of the name."""
    description: str | None = None
    """Why it is needed."""
    for_: OneOrMany[Ref] | None = None
    """The case types; without it all of the pack."""
    when: Expr | None = None
    """Which open cases."""
    states: dict[Name, Name] = {}
    """Old to new names of states."""
    fields: dict[Name, Name] = {}
    """Old to new names of fields."""
    clocks: dict[Name, Name] = {}
    """Old to new names of clocks."""
    timers: dict[str, str] = {}
    """Old to new names of timers, `state.timer`."""
    rules: dict[Name, Name] = {}
    """Old to new names of rules."""
    stages: dict[Name, Name] = {}
    """Old to new names of stages."""
    activities: dict[Name, Name] = {}
    """Old to new names of activities."""
    set: dict[Name, Value] = {}
    """Fields set afterwards: a literal, or FEEL after `= `."""


class Pack(SpecModel):
    """A folder of specs: the unit of versioning and sharing."""

    schema_: str
    """The version of the language: `casewright/1`."""
    version: str
    """The pack's own version."""
    uses: Many[Name] = ()
    """Packs whose names it may use, never in a circle."""
    settings: Fields = {}
    """Settings by name, with their `default`."""
    migrations: dict[Name, Migration] = {}
    """How open cases follow changes, by name."""


class Overlay(SpecModel):
    """One tenant's changes to a pack."""

    domain: str
    """The tenant."""
    parent: str | None = None
    """The domain whose overlay is applied first."""
    of: Name
    """The pack that it changes."""
    change: dict[Name, dict[Name, dict[str, Any]]]
    """By kind and name: maps are merged by key, everything else is replaced, null removes."""
