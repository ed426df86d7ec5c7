"""Case types, reference data and roles."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from casewright.spec.models.common import (
    Expr,
    FieldDefinition,
    Fields,
    Many,
    Model,
    Name,
    OneOrMany,
    Ref,
    SpecModel,
    Value,
)


class NumberFormat(Model):
    """How cases are numbered for people."""

    prefix: str
    """Letters before the digits."""
    digits: Annotated[int, Field(ge=1, le=18)] = 7
    """Least number of digits; zeros fill up."""
    gapless: bool = False
    """Numbers have no gaps; only stores that allocate in the step's transaction can hold this."""


class RelatedList(Model):
    """The other end of a reference: a summary of the cases that point here."""

    of: Ref
    """The case type of the items."""
    by: Name
    """Their reference field that points to this case."""


class Service(Model):
    """A way to create a case with fields set before the asker's own."""

    title: str | None = None
    """What people read instead of the name."""
    description: str | None = None
    """What it is for."""
    category: str | None = None
    """Groups services in a catalogue."""
    set: dict[Name, Value] = {}
    """Fields set first."""
    playbook: Ref | None = None
    """The playbook, instead of the case type's."""
    roles: Many[Name] | None = None
    """Who may use it."""
    when: Expr | None = None
    """The condition on which it is offered."""


class RecordProducer(Model):
    """A form that creates a case from a few fields."""

    title: str | None = None
    """What people read instead of the name."""
    description: str | None = None
    """What it is for."""
    roles: Many[Name] | None = None
    """Who may use it."""
    fields: Many[Name] = ()
    """The only fields that it takes."""
    set: dict[Name, Value] = {}
    """Fields set first."""
    when: Expr | None = None
    """The condition on which it is offered."""
    then: Name | None = None
    """The event that follows the creation, as the asker's."""


class HandlingNote(Model):
    """A note shown on cases that match."""

    title: str | None = None
    """A heading."""
    when: Expr
    """The cases that it is shown on."""
    text: str
    """The note."""


class CaseType(SpecModel):
    """A kind of case: its fields, flow, playbook and ways in."""

    extends: Ref | None = None
    """The case type that it builds on."""
    number: NumberFormat | None = None
    """How its cases are numbered."""
    state_flow: Ref | None = None
    """Its states and transitions."""
    playbook: Ref | None = None
    """Its stages and activities."""
    calendar: Ref | None = None
    """Its calendar, for business time and dates."""
    on_failure: Literal["park", "block"] = "park"
    """A failed event is parked, or stops the case until an operator acts."""
    fields: Fields = {}
    """Its fields by name."""
    related: dict[Name, RelatedList] = {}
    """Lists of cases that point here, by name."""
    services: dict[Name, Service] = {}
    """Services by name."""
    record_producers: dict[Name, RecordProducer] = {}
    """Forms for outside, by name."""
    handling_notes: dict[Name, HandlingNote] = {}
    """Notes shown on cases that match, by name."""


class Records(SpecModel):
    """One type of reference data."""

    fields: dict[Name, FieldDefinition] = {}
    """Its fields by name; `id` is always there."""
    rows: Many[dict[Name, Any]] | None = None
    """Records that ship with the pack, each with its `id`."""
    csv: str | None = None
    """A CSV file of the pack with such records, its first line naming the fields."""


class Role(Model):
    """A role on the cases of a type."""

    title: str | None = None
    """What people read instead of the name."""
    description: str | None = None
    """Who has it."""
    includes: Many[Name] = ()
    """Roles that its holders have too."""
    may: Many[Name] = ()
    """`create`, `read`, `update`, or any other event."""
    when: Expr | None = None
    """Held only on cases where this is true; here null = null is null."""
    read: Many[Name] = ()
    """Fields that it may read besides."""
    write: Many[Name] = ()
    """Fields that it may write besides."""


class Roles(SpecModel):
    """The roles of a case type."""

    for_: OneOrMany[Ref]
    """The case types that they hold for, and those that extend them."""
    roles: dict[Name, Role]
    """Roles by name."""
