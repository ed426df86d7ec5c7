"""Rules, signals and correlations."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from casewright.spec.models.actions import Actions
from casewright.spec.models.common import (
    DurationText,
    Expr,
    Fields,
    Integer,
    Many,
    Model,
    Name,
    OneOrMany,
    Ref,
    SpecModel,
    Value,
)


class CaseRule(Model):
    """Something done at an event, or when a condition becomes true."""

    title: str | None = None
    """What people read instead of the name."""
    description: str | None = None
    """Why it exists."""
    on: OneOrMany[Name] | None = None
    """The events; without it the rule fires when its condition becomes true."""
    when: Expr | None = None
    """The condition."""
    for_each: dict[Name, Value] = {}
    """Lists by name (FEEL after `= `): it fires once for each binding that `when` holds for."""
    priority: Integer = 0
    """Higher goes first, before file order."""
    after: DurationText | None = None
    """Delays the actions."""
    do: Actions
    """What is done."""


class Signal(Model):
    """A message from outside that belongs to no case."""

    title: str | None = None
    """What people read instead of the name."""
    description: str | None = None
    """What it tells."""
    roles: Many[Name] | None = None
    """Who may send it; without it anybody."""
    data: Fields = {}
    """What it brings."""


class Pattern(Model):
    """Observations that a correlation looks for."""

    as_: Name | None = None
    """Names what was found."""
    on: OneOrMany[Name] | None = None
    """The events or signals; without it a case is observed for as long as `when` holds for it."""
    for_: OneOrMany[Ref] | None = None
    """The case types whose event it is, and those that extend them; needed without `on`."""
    when: Expr | None = None
    """The condition on the observation; it may read those named before it."""
    count: Annotated[int, Field(ge=1)] | None = None
    """How many are needed, found as a list; without it one is, by itself."""
    distinct: Expr | None = None
    """They must differ in this; null is not counted."""


class Correlation(Model):
    """Several facts that belong together, within a time."""

    title: str | None = None
    """What people read instead of the name."""
    description: str | None = None
    """Why it exists."""
    key: Expr
    """One window for each value; worked out where it is observed; null has none."""
    within: DurationText
    """How far apart the observations may be."""
    all: Annotated[tuple[Pattern, ...], Field(min_length=1, strict=False)]
    """What must be there."""
    none: Many[Pattern] = ()
    """What must not be there."""
    keep: bool = False
    """Observations are kept after it has fired."""
    do: Actions
    """What is done: `send`, `create`, `notify`, `let` and groups of these."""


class Rules(SpecModel):
    """Rules of a case type, and correlations over many cases."""

    for_: OneOrMany[Ref] | None = None
    """The case types that the rules hold for, and those that extend them."""
    rules: dict[Name, CaseRule] = {}
    """Rules by name."""
    signals: dict[Name, Signal] = {}
    """Signals by name."""
    correlations: dict[Name, Correlation] = {}
    """Correlations by name."""
