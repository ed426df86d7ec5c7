"""What is told to whom: notifications, templates, topics."""

from __future__ import annotations

from typing import Literal

from casewright.spec.models.common import (
    DurationText,
    Expr,
    Many,
    Model,
    Name,
    OneOrMany,
    Ref,
    SpecModel,
    Text,
    Value,
)


class Notification(Model):
    """Who is told of what; without `on` and `when` only an action `notify` sends it."""

    title: str | None = None
    """What people read instead of the name."""
    description: str | None = None
    """Why it exists."""
    on: OneOrMany[Name] | None = None
    """The events that it tells of."""
    when: Expr | None = None
    """The condition; without `on` it reads `changed` or `previous`."""
    to: OneOrMany[Text]
    """The recipients: fields, or FEEL after `= `."""
    channel: OneOrMany[Text]
    """The channel, such as `email`, or FEEL after `= `."""
    template: Text
    """The template, or FEEL after `= `."""
    on_dead: Literal["pass", "block"] = "pass"
    """A message that cannot be delivered is passed over, or holds up those after it."""


class NotificationMap(SpecModel):
    """The notifications of a case type, or of correlations."""

    for_: OneOrMany[Ref] | None = None
    """The case types, and those that extend them; without it only correlations send them."""
    notifications: dict[Name, Notification]
    """Notifications by name."""


class Template(Model):
    """A message with a subject."""

    title: str | None = None
    """What people read instead of the name."""
    subject: str | None = None
    """One line, Jinja2."""
    body: str
    """The text, Jinja2."""


class Templates(SpecModel):
    """Messages and guidance by name."""

    for_: OneOrMany[Ref] | None = None
    """The case types whose fields they read; without it they are checked where they are used."""
    templates: dict[Name, str | Template]
    """A text (Jinja2), or `subject` and `body`."""


class TopicMessage(Model):
    """A message for the outside, made of an event."""

    title: str | None = None
    """What people read instead of the name."""
    description: str | None = None
    """What it tells."""
    for_: OneOrMany[Ref] | None = None
    """The case types whose event it is; else those of the document."""
    on: OneOrMany[Name] | None = None
    """The events."""
    when: Expr | None = None
    """The condition; without `on` it reads `changed` or `previous`."""
    enabled: Value = True
    """Switches it off: a boolean, or FEEL over settings after `= `."""
    type: str
    """The type of the message."""
    format: str
    """The form of the message, such as `tmf688`."""
    with_: dict[str, Value] = {}
    """What the form is filled with besides."""


class Topic(Model):
    """Selects messages for sinks."""

    title: str | None = None
    """What people read instead of the name."""
    header: Expr | None = None
    """A condition on the message's header."""
    content: Expr | None = None
    """A condition on the message's content."""
    sinks: Many[Name]
    """Where the messages go."""


class Sink(Model):
    """Where messages go."""

    title: str | None = None
    """What people read instead of the name."""
    plugin: str
    """The plugin that delivers."""
    when: Expr | None = None
    """A condition on settings."""
    batch: Value = None
    """Most messages at a time, or FEEL over settings after `= `."""
    max_run_time: DurationText | None = None
    """Longest time of a delivery."""
    with_: dict[str, Value] = {}
    """What the plugin is given."""
    on_dead: Literal["pass", "block"] = "pass"
    """A message that cannot be delivered is passed over, or holds up those after it."""


class Acceptance(Model):
    """A message taken in: it creates a case, or is an event on one."""

    title: str | None = None
    """What people read instead of the name."""
    format: str
    """The form of the message, such as `tmf621`."""
    when: Expr | None = None
    """The condition on which it is taken."""
    create: Ref | None = None
    """The case type to create."""
    event: Name | None = None
    """The event, instead of `create`."""
    to: Text | None = None
    """The case that gets the event, FEEL after `= `."""
    with_: dict[Name, Value] = {}
    """Fields or data: a literal, or FEEL over `payload` after `= `."""


class TopicMap(SpecModel):
    """Messages made of events, topics that select them, sinks; messages taken in."""

    for_: OneOrMany[Ref] | None = None
    """The case types of messages that name none."""
    messages: dict[Name, TopicMessage] = {}
    """Messages by name."""
    topics: dict[Name, Topic] = {}
    """Topics by name."""
    sinks: dict[Name, Sink] = {}
    """Sinks by name."""
    accept: dict[Name, Acceptance] = {}
    """Messages taken in, by name."""
