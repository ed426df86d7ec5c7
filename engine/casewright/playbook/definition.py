"""What a playbook compiles to: stages and activities in file order, actions, cards, timers."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from casewright.actions import NOTHING, ActionList

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casewright.actions.timers import TimerDefinition
    from casewright.bind.fields import FieldDefinition
    from casewright.feel import Expression
    from casewright.templates import Template

SAVE = "save"
CONTINUE = "continue"
DISMISS = "dismiss"
STAY = "stay"
BUILT_IN = frozenset({SAVE, CONTINUE, DISMISS})

_NONE: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False)
class Requirement:
    """One element of ``require``: a field that must have a value, or a condition."""

    text: str
    field: str | None
    condition: Expression | None


@dataclass(frozen=True, slots=True, eq=False)
class ActionDefinition:
    """What a person may do in an activity or on a card.

    Attributes:
        then: ``stay``, ``continue`` or the name of an activity.
        event: the event type that it is, where it is named like one; else None.
        data: what the action's event may carry besides fields.
    """

    name: str
    title: str = ""
    when: Expression | None = None
    data: Mapping[str, FieldDefinition] = field(default_factory=lambda: _NONE)
    do: ActionList = NOTHING
    then: str = STAY
    event: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class CardDefinition:
    """A recommendation; ``dismiss`` is built in."""

    name: str
    title: str = ""
    when: Expression | None = None
    actions: Mapping[str, ActionDefinition] = field(default_factory=lambda: _NONE)


@dataclass(frozen=True, slots=True, eq=False)
class ActivityDefinition:
    """One activity.

    Attributes:
        position: index in the line of all activities.
        fields: fields that it shows, in file order; journals among them.
        journals: those of ``fields`` that are journals.
        do: done when it is reached if it is automatic, else once it is completed.
        guidance: template with advice, or None.
    """

    name: str
    stage: str
    position: int
    title: str = ""
    fields: tuple[str, ...] = ()
    journals: frozenset[str] = frozenset()
    require: tuple[Requirement, ...] = ()
    when: Expression | None = None
    done_when: Expression | None = None
    guidance: Template | None = None
    do: ActionList = NOTHING
    actions: Mapping[str, ActionDefinition] = field(default_factory=lambda: _NONE)
    cards: Mapping[str, CardDefinition] = field(default_factory=lambda: _NONE)
    timers: tuple[TimerDefinition, ...] = ()

    @property
    def is_automatic(self) -> bool:
        """Return True if there is nothing in it for a person: no fields, actions or cards."""
        return not (self.fields or self.actions or self.cards)


@dataclass(frozen=True, slots=True, eq=False)
class StageDefinition:
    """One stage; ``do`` runs once it is completed."""

    name: str
    title: str = ""
    when: Expression | None = None
    do: ActionList = NOTHING
    activities: tuple[ActivityDefinition, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class PlaybookDefinition:
    """A compiled playbook.

    Attributes:
        name: qualified name, as the record of a case holds it.
        stages: by name, in file order.
        line: all activities in file order.
        activities: the same by name.
        timers: timers of all activities by key, in file order.
        reads: paths that its level conditions read; what else changes cannot move it.
        fingerprint: of the whole definition.
    """

    name: str
    stages: Mapping[str, StageDefinition]
    line: tuple[ActivityDefinition, ...]
    activities: Mapping[str, ActivityDefinition]
    timers: Mapping[str, TimerDefinition]
    reads: frozenset[tuple[str, ...]]
    title: str = ""
    fingerprint: str = ""

    def start_of(self, name: str | None) -> int:
        """Return the position in the line at which a stage or activity begins, 0 for None."""
        if name is None:
            return 0
        if name in self.activities:
            return self.activities[name].position
        stage = self.stages.get(name)
        return stage.activities[0].position if stage is not None and stage.activities else 0
