"""Playbooks: stages and activities."""

from __future__ import annotations

from casewright.spec.models.actions import Actions
from casewright.spec.models.common import Expr, Fields, Many, Model, Name, Ref, SpecModel
from casewright.spec.models.flows import Timer


class ActivityAction(Model):
    """A button of an activity or card; one named like an event is that event."""

    title: str | None = None
    """What people read instead of the name."""
    description: str | None = None
    """What it does."""
    when: Expr | None = None
    """The condition on which it is open."""
    data: Fields = {}
    """What it brings besides the activity's fields."""
    do: Actions = ()
    """What is done."""
    then: Name | None = None
    """`stay`, `continue`, or an activity, from which `continue` comes back."""


class Card(Model):
    """A recommendation; it can always be dismissed."""

    title: str | None = None
    """What people read instead of the name."""
    description: str | None = None
    """What it recommends."""
    when: Expr | None = None
    """The condition on which it is shown."""
    actions: dict[Name, ActivityAction] = {}
    """Its buttons by name."""


class Activity(Model):
    """One thing to do."""

    title: str | None = None
    """What people read instead of the name."""
    description: str | None = None
    """What it is for."""
    guidance: Ref | None = None
    """A template with advice for whoever does it."""
    when: Expr | None = None
    """The condition without which it is passed over."""
    fields: Many[Name] = ()
    """The fields that it shows."""
    require: Many[Expr] = ()
    """Fields that must have a value to continue, or conditions."""
    done_when: Expr | None = None
    """The condition that completes it, whoever did it."""
    actions: dict[Name, ActivityAction] = {}
    """Its buttons by name, besides `save` and `continue`."""
    recommend: dict[Name, Card] = {}
    """Cards by name."""
    do: Actions = ()
    """What is done when it is reached (without fields and actions), else once completed."""
    timers: dict[Name, Timer] = {}
    """Timers that run while it is open, by name."""


class Stage(Model):
    """A part of the work."""

    title: str | None = None
    """What people read instead of the name."""
    description: str | None = None
    """What it is for."""
    when: Expr | None = None
    """The condition without which it is passed over."""
    do: Actions = ()
    """What is done once it is completed."""
    activities: dict[Name, Activity] = {}
    """Activities by name, in order."""


class Playbook(SpecModel):
    """The stages of the work on a case, in order."""

    extends: Ref | None = None
    """The playbook that it builds on."""
    stages: dict[Name, Stage]
    """Stages by name, in order."""
