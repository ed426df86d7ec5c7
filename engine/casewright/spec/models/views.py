"""Views: lists, highlights, forms, indicators."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field, StringConstraints

from casewright.spec.models.common import Expr, Many, Model, Name, OneOrMany, Ref, SpecModel

SortKey: TypeAlias = Annotated[str, StringConstraints(pattern=r"^-?[a-z][a-z0-9_.]*$")]
Column: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.]*$")]


class ListView(Model):
    """A list of cases or records."""

    title: str | None = None
    """A heading."""
    filter: Expr | None = None
    """Which are shown."""
    columns: Many[Column] = ()
    """Fields, or paths through references."""
    sort: Many[SortKey] = ()
    """Fields to sort by; `-` before one turns it round."""
    roles: Many[Name] | None = None
    """Who sees it."""


class FormView(Model):
    """A form."""

    title: str | None = None
    """A heading."""
    fields: Many[Name]
    """Its fields in order."""
    roles: Many[Name] | None = None
    """Who sees it."""


class Indicator(Model):
    """A figure over many cases."""

    title: str | None = None
    """A heading."""
    of: Ref
    """A case type, a record type or an SLA."""
    where: Expr | None = None
    """Which are counted."""
    measure: Expr = "count"
    """`count`, or an aggregate such as `mean(time_to_close)`."""
    by: Expr | None = None
    """What they are grouped by, such as `week(closed)`."""
    last: Annotated[int, Field(ge=1)] | None = None
    """How many groups back from the newest."""


class Views(SpecModel):
    """How cases or records are shown."""

    for_: OneOrMany[Ref] | None = None
    """The case types or record types."""
    lists: dict[Name, ListView] = {}
    """Lists by name."""
    highlights: dict[Name, dict[str, Expr]] = {}
    """By field: colours and their conditions, the first that holds."""
    forms: dict[Name, Many[Name] | FormView] = {}
    """Forms by name: a list of fields, or `{title, fields}`."""
    indicators: dict[Name, Indicator] = {}
    """Figures by name."""
