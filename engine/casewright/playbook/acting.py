"""What an ``activity`` event means: the action that it names, and what that asks of the step.

``save``, ``continue`` and a card's ``dismiss`` are built in; a completed activity has ``save``
only. The step finds the act at Admit (:func:`find`), asks for its fields, and in Flow whether it
is open (:func:`refusal`) and complete (:func:`unmet`); then it runs ``do`` and gives ``move`` to
Settle.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from casewright.case import Activity, Playbook, Problem
from casewright.playbook.definition import (
    CONTINUE,
    DISMISS,
    SAVE,
    STAY,
    ActionDefinition,
    ActivityDefinition,
    PlaybookDefinition,
    Requirement,
)
from casewright.playbook.progress import Move

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from casewright.actions import ActionList
    from casewright.bind.fields import FieldDefinition
    from casewright.feel import Expression
    from casewright.view import View

_UNREACHED = Activity()
_SAVE = ActionDefinition(SAVE, "Save")
_CONTINUE = ActionDefinition(CONTINUE, "Continue", then=CONTINUE)
_DISMISS = ActionDefinition(DISMISS, "Dismiss")


@dataclass(frozen=True, slots=True, eq=False)
class Act:
    """An action of an activity, as one event asks for it.

    Attributes:
        card: the card whose action it is, or an empty text.
        is_late: the activity is completed, so nothing moves and no journal is posted.
        drafts: journal texts that were saved before.
    """

    activity: ActivityDefinition
    action: ActionDefinition
    card: str = ""
    is_late: bool = False
    drafts: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def fields(self) -> tuple[str, ...]:
        """Return the fields that the event may set; journals among them."""
        return self.activity.fields

    @property
    def data(self) -> Mapping[str, FieldDefinition]:
        """Return what the event may carry besides fields."""
        return self.action.data

    @property
    def do(self) -> ActionList:
        """Return the actions that Flow runs."""
        return self.action.do

    @property
    def event(self) -> str | None:
        """Return the event type that the action is, or None."""
        return self.action.event

    @property
    def is_moving_on(self) -> bool:
        """Return True if journals are posted now: it moves on, or is an event itself."""
        return self.action.then == CONTINUE or self.action.event is not None

    @property
    def require(self) -> tuple[Requirement, ...]:
        """Return what must hold for it: the activity's ``require`` where it moves on."""
        return self.activity.require if self.action.then == CONTINUE else ()

    def journals(self, given: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
        """Return the journal texts to post now, and those to keep until the moving on.

        Args:
            given: the event's data; a text given now replaces the one that was saved.
        """
        texts = dict(self.drafts)
        for name in self.activity.journals:
            if name in given:
                texts[name] = given[name] or ""
        if self.is_moving_on:
            return {name: text for name, text in texts.items() if text}, {}
        return {}, texts

    def move(self, given: Mapping[str, Any]) -> Move | None:
        """Return what it does to the playbook, None for the ``save`` of a completed activity."""
        if self.is_late:
            return None
        name = self.activity.name
        if self.action is _DISMISS:
            return Move("dismiss", name, self.card)
        posts, drafts = self.journals(given)
        if self.action.then == CONTINUE:
            return Move("continue", name)
        if posts:
            drafts = dict.fromkeys(self.drafts, "")
        if self.action.then == STAY:
            return Move("touch", name, drafts=drafts)
        return Move("detour", name, self.action.then, drafts)


def find(
    definition: PlaybookDefinition,
    record: Playbook | None,
    activity: str,
    action: str,
    card: str | None = None,
) -> Act | Problem:
    """Return the act that an ``activity`` event names.

    Returns:
        A problem ``invalid`` if there is no such activity, action or card; ``no_transition`` if
        the activity is not open and the action is not the ``save`` of a completed one.
    """
    known = definition.activities.get(activity)
    if known is None:
        return _unknown("activity", activity, definition.activities)
    found = _action(known, action, card)
    if isinstance(found, Problem):
        return found
    progress = _progress(record, activity)
    if progress.status == "open":
        if card is not None and card in progress.dismissed:
            return Problem("no_transition", f'card "{card}" was dismissed', "card")
        return Act(known, found, card or "", drafts=progress.drafts)
    if progress.status == "completed" and found is _SAVE:
        return Act(known, found, is_late=True)
    if progress.status == "completed":
        text = f'activity "{activity}" is completed; only "save" is open'
        return Problem("no_transition", text, "action")
    now = record.activity if record is not None else None
    instead = f'; "{now}" is' if now is not None else ""
    return Problem("no_transition", f'activity "{activity}" is not open{instead}', "activity")


def refusal(act: Act, s: View) -> Problem | None:
    """Return why the action is not open, or None; ``s`` is the case with the event applied."""
    card = act.activity.cards.get(act.card)
    for when in (card.when if card is not None else None, act.action.when):
        if when is not None and not when.true(s, s.budget):
            text = f'action "{act.action.name}" is not open: {_why(when, s)}'
            return Problem("no_transition", text, "action")
    return None


def late_posts(act: Act, given: Mapping[str, Any]) -> tuple[Problem, ...]:
    """Return a problem for each journal text that a completed activity was given.

    It is never moved on from again, so the text would wait for ever.
    """
    if not act.is_late:
        return ()
    text = f'activity "{act.activity.name}" is completed and posts nothing; send a comment instead'
    return tuple(
        Problem("invalid", text, name)
        for name in act.activity.fields
        if name in act.activity.journals and given.get(name)
    )


def unmet(act: Act, given: Mapping[str, Any], s: View) -> tuple[Problem, ...]:
    """Return a ``requirement`` problem for each element of ``require`` that is missing."""
    if not act.require:
        return ()
    posts, _ = act.journals(given)
    return tuple(
        Problem("requirement", _missing(requirement), requirement.field or "")
        for requirement in act.require
        if not _is_met(requirement, posts, s)
    )


@dataclass(frozen=True, slots=True)
class OpenAction:
    """An action that an activity has now.

    Attributes:
        card: the card that it stands on, or an empty text.
        event: the event type that it is; whether that is open is the state flow's to say.
        problems: why it is not open, empty if it is.
    """

    activity: str
    action: str
    card: str
    title: str
    event: str | None
    problems: tuple[Problem, ...]

    @property
    def is_open(self) -> bool:
        """Return True if nothing stands against it."""
        return not self.problems


def actions_open(
    definition: PlaybookDefinition, record: Playbook | None, s: View
) -> tuple[OpenAction, ...]:
    """Return every action of the open activity, then ``save`` of the completed ones.

    An action whose condition or ``require`` is not met is listed with the reasons.
    """
    if record is None:
        return ()
    return tuple(
        OpenAction(
            act.activity.name,
            act.action.name,
            act.card,
            act.action.title or _words(act.action.name),
            act.event,
            tuple(filter(None, (refusal(act, s),))) + unmet(act, {}, s),
        )
        for act in _acts(definition, record)
    )


def _acts(definition: PlaybookDefinition, record: Playbook) -> Iterator[Act]:
    current = definition.activities.get(record.activity or "")
    if current is not None:
        progress = _progress(record, current.name)
        for action in (_SAVE, *current.actions.values(), _CONTINUE):
            yield Act(current, action, drafts=progress.drafts)
        for card in current.cards.values():
            if card.name not in progress.dismissed:
                for action in (*card.actions.values(), _DISMISS):
                    yield Act(current, action, card.name, drafts=progress.drafts)
    for activity in definition.line:
        if _progress(record, activity.name).status == "completed" and activity.fields:
            yield Act(activity, _SAVE, is_late=True)


def _action(
    activity: ActivityDefinition, action: str, card: str | None
) -> ActionDefinition | Problem:
    if card is None:
        built_in = {SAVE: _SAVE, CONTINUE: _CONTINUE}
        known = {**built_in, **activity.actions}
    elif card in activity.cards:
        known = {**activity.cards[card].actions, DISMISS: _DISMISS}
    else:
        return _unknown("card", card, activity.cards)
    return known.get(action) or _unknown("action", action, known)


def _unknown(what: str, name: str, known: Mapping[str, Any]) -> Problem:
    names = ", ".join(known) or "none"
    return Problem("invalid", f'unknown {what} "{name}"; known: {names}', what)


def _progress(record: Playbook | None, name: str) -> Activity:
    return _UNREACHED if record is None else record.activities.get(name, _UNREACHED)


def _is_met(requirement: Requirement, posts: Mapping[str, str], s: View) -> bool:
    name = requirement.field
    if name is None:
        return requirement.condition is None or requirement.condition.true(s, s.budget)
    return name in posts or s.fresh(name) not in (None, "", [])


def _missing(requirement: Requirement) -> str:
    if requirement.field is not None:
        return f"{requirement.field} must have a value"
    return f"must hold: {requirement.text}"


def _why(when: Expression, s: View) -> str:
    value = when.value(s, s.budget)
    return f"{when.text} is {'null' if value is None else 'false'}"


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()
