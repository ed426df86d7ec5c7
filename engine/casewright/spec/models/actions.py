"""The one vocabulary of actions; each is a map that its key tells apart.

An action of a list is one of the classes below. What an action does is written at each class;
how it is run is no business of this module.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeAlias

from pydantic import Discriminator, Tag

from casewright.spec.models.common import (
    DurationText,
    Expr,
    Many,
    Model,
    Name,
    Ref,
    Text,
    Value,
)


class TemplateText(Model):
    """A text made by a template."""

    template: Text
    """Name of the template, or FEEL after `= `."""


class SetAction(Model):
    """Sets fields of this case; the values are worked out together."""

    set: dict[Name, Value]
    """Field by field: a literal, or FEEL after `= `."""


class CommentAction(Model):
    """Posts a comment."""

    comment: Text | TemplateText
    """A text, FEEL after `= `, or `{template: name}`."""


class WorkNoteAction(Model):
    """Posts a work note."""

    work_note: Text | TemplateText
    """A text, FEEL after `= `, or `{template: name}`."""


class RaiseBody(Model):
    """An event on this case with data."""

    event: Name
    """The type of the event."""
    data: dict[Name, Value] = {}
    """Its data."""


class RaiseAction(Model):
    """Raises an event on this case, in this step."""

    raise_: Name | RaiseBody
    """The type of the event, or `{event, data}`."""


class SendBody(Model):
    """A message to other cases."""

    event: Name
    """The type of the event."""
    to: Value
    """The receivers: a reference, a list or a related list; FEEL after `= `."""
    data: dict[Name, Value] = {}
    """Its data."""
    else_: Name | None = None
    """The event raised here if a receiver refuses."""


class SendAction(Model):
    """Sends an event to other cases, each a step of its own after this one."""

    send: SendBody
    """The message."""


class CreateBody(Model):
    """A case to create."""

    case_type: Ref | None = None
    """Its type."""
    service: Ref | None = None
    """A service, instead of `case_type`: its type is taken and its `set` comes first."""
    as_: Name | None = None
    """Names the new case's id for the actions that follow."""
    with_: dict[Name, Value] = {}
    """Fields of the new case; links are reference fields."""
    once_per: Many[Value] | None = None
    """At most one creation for these values in this case's life."""


class CreateAction(Model):
    """Creates a case."""

    create: CreateBody
    """The case."""


class NotifyAction(Model):
    """Sends a notification that has neither `on` nor `when`."""

    notify: Ref
    """Name of the notification."""


class CallBody(Model):
    """A plugin's action to call."""

    action: str
    """Name of the plugin's action."""
    with_: dict[str, Value] = {}
    """What it is given."""
    result: Name | None = None
    """The event that brings the answer."""
    error: Name | None = None
    """The event that brings a failure."""
    timeout: DurationText | None = None
    """How long an answer is waited for."""


class CallAction(Model):
    """Calls a plugin's action outside; the answer is an event on this case."""

    call: CallBody
    """The call."""


class GoToAction(Model):
    """Moves the playbook to a stage or activity, reopening what was completed."""

    go_to: Name
    """The stage or activity."""


class LetAction(Model):
    """Names values for the actions that follow."""

    let: dict[Name, Value]
    """Name by name: a literal, or FEEL after `= `."""


class GroupAction(Model):
    """Runs actions if `when` holds, for each element of `for_each`."""

    when: Expr | None = None
    """The condition."""
    for_each: Value = None
    """The elements: FEEL after `= `."""
    as_: Name | None = None
    """Names the element."""
    do: Actions
    """What is done."""


ACTION_KEYS: Mapping[str, type[Model]] = {
    "set": SetAction,
    "comment": CommentAction,
    "work_note": WorkNoteAction,
    "raise": RaiseAction,
    "send": SendAction,
    "create": CreateAction,
    "notify": NotifyAction,
    "call": CallAction,
    "go_to": GoToAction,
    "let": LetAction,
    "do": GroupAction,
}
"""The key that tells each action apart, in the order in which the keys are looked for."""


def action_key(value: Any) -> str | None:
    """Return the key that tells an action apart, or None where there is none or several."""
    if isinstance(value, Mapping):
        found = [key for key in ACTION_KEYS if key in value]
        return found[0] if len(found) == 1 else None
    return next((key for key, cls in ACTION_KEYS.items() if isinstance(value, cls)), None)


Action: TypeAlias = Annotated[
    Annotated[SetAction, Tag("set")]
    | Annotated[CommentAction, Tag("comment")]
    | Annotated[WorkNoteAction, Tag("work_note")]
    | Annotated[RaiseAction, Tag("raise")]
    | Annotated[SendAction, Tag("send")]
    | Annotated[CreateAction, Tag("create")]
    | Annotated[NotifyAction, Tag("notify")]
    | Annotated[CallAction, Tag("call")]
    | Annotated[GoToAction, Tag("go_to")]
    | Annotated[LetAction, Tag("let")]
    | Annotated[GroupAction, Tag("do")],
    Discriminator(action_key),
]
"""One action."""

Actions: TypeAlias = Many[Action]
"""A list of actions, run in order; each sees what those before it did."""
