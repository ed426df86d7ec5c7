"""SLA clocks and calendars."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import ConfigDict, StringConstraints
from pydantic import WithJsonSchema as Shown

from casewright.spec.models.actions import Actions
from casewright.spec.models.common import (
    DateText,
    DurationText,
    Expr,
    Integer,
    Many,
    Model,
    Name,
    OneOrMany,
    Ref,
    SpecModel,
    Text,
)


class TargetBy(Model):
    """A target for each value of a field; the other keys are the values."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[  # pyright: ignore[reportIncompatibleVariableOverride] # pydantic documents it
        str, Annotated[str, Shown({"type": "string", "x-casewright": "value"})]
    ]

    by: Expr
    """The field, or an expression."""

    @property
    def cases(self) -> Mapping[str, str]:
        """The target for each value, in file order; values without one have no clock."""
        return self.__pydantic_extra__


class Moment(Model):
    """An event, and what must hold when it happens."""

    on: OneOrMany[Name]
    """The events."""
    when: Expr | None = None
    """The condition; it may read the event."""


Trigger: TypeAlias = OneOrMany[Expr | Moment]
"""A condition, or `{on, when}` for a moment, or a list of them (any)."""

ThresholdKey: TypeAlias = Annotated[
    str, StringConstraints(pattern=r"^(breach|\d+(\.\d+)?%|\S.* before)$")
]


class Clock(Model):
    """A promise about time."""

    title: str | None = None
    """What people read instead of the name."""
    description: str | None = None
    """What is promised."""
    target: DurationText | TargetBy
    """A duration, `{by: field, value: duration}`, or FEEL after `= ` (a duration or an instant)."""
    calendar: Text | None = None
    """Its calendar, or FEEL after `= `; else the case type's."""
    day_mode: Literal["keep_time", "end_of_day"] = "keep_time"
    """Where on its last date a target of business days is due."""
    start: Expr
    """The condition on which an instance starts."""
    pause: Expr | None = None
    """The condition while which time does not count."""
    stop: Trigger | None = None
    """What completes it, with a verdict."""
    reset: Trigger | None = None
    """What sets the time back to zero."""
    cancel: Expr | None = None
    """The condition that ends it without a verdict."""
    again: Literal["none", "new", "resume"] = "none"
    """What follows once it has stopped."""
    thresholds: dict[ThresholdKey, Actions] = {}
    """Actions at `50%`, `1 business hour before` or `breach`."""


class SlaDefinitions(SpecModel):
    """The clocks of a case type."""

    for_: OneOrMany[Ref]
    """The case types that they hold for, and those that extend them."""
    slas: dict[Name, Clock]
    """Clocks by name."""


Window: TypeAlias = Annotated[
    str, StringConstraints(pattern=r"^([01]?\d|2[0-4]):[0-5]\d-([01]?\d|2[0-4]):[0-5]\d$")
]
"""Opening hours such as ``08:00-17:00``; one that closes before it opens runs past midnight."""

Weekday: TypeAlias = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class HolidaySource(Model):
    """Holidays of a country, or of an iCalendar file."""

    country: str | None = None
    """An ISO 3166 code such as `DE`, as the package `holidays` knows it."""
    region: str | None = None
    """A part of the country such as `BE`."""
    ical: str | None = None
    """A file of the pack, relative to this one; its whole-day events are holidays."""
    from_: Integer | None = None
    """The first year."""
    to: Integer | None = None
    """The last year."""


class Calendar(SpecModel):
    """When it is open: hours of a zone, or a combination of other calendars."""

    timezone: str
    """An IANA time zone such as `Europe/Berlin`."""
    hours: dict[Weekday, Many[Window]] = {}
    """Windows of each weekday."""
    holidays: Many[DateText | HolidaySource] = ()
    """Dates on which no window starts, or where they come from."""
    dates: dict[DateText, Many[Window]] = {}
    """Dates with windows of their own."""
    zones: Many[str] = ()
    """Other zones with the same hours; in Berlin it is called `name@Europe/Berlin`."""
    union: Many[Ref] = ()
    """Calendars; it is open when any of them is."""
    intersection: Many[Ref] = ()
    """Calendars; it is open when all of them are."""
