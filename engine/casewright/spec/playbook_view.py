"""``playbook`` as expressions see it: its type and its value.

Low in the house because every case type's scope holds it; the mechanism that moves a playbook is
``casewright.playbook``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from casewright.feel import types as feel
from casewright.temporal import from_us

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casewright.case import Playbook

ACTIVITY_TYPE = feel.ContextType(
    {
        "name": feel.Member(feel.STRING),
        "stage": feel.Member(feel.STRING),
        "status": feel.Member(feel.STRING),
        "opened": feel.Member(feel.DATE_TIME),
    },
    name="activity",
)
"""The type of an element of ``playbook.activities``."""

PLAYBOOK_TYPE = feel.ContextType(
    {
        "name": feel.Member(feel.STRING, "{}.name"),
        "stage": feel.Member(feel.STRING, "{}.stage"),
        "activity": feel.Member(feel.STRING, "{}.activity"),
        "completed": feel.Member(feel.ListType(feel.STRING), "{}.completed"),
        "activities": feel.Member(feel.ListType(ACTIVITY_TYPE), "{}.activities"),
    },
    name="playbook",
)


class Placed(Protocol):
    """An activity of a definition."""

    @property
    def name(self) -> str:
        """Return its name."""
        ...

    @property
    def stage(self) -> str:
        """Return the name of its stage."""
        ...


class Line(Protocol):
    """A definition of a playbook."""

    @property
    def line(self) -> Sequence[Placed]:
        """Return all activities in file order."""
        ...


class Playbooks(Protocol):
    """Knows the definitions of playbooks; a case type."""

    def playbook_of(self, record: Playbook | None, service: str | None = None) -> Line | None:
        """Return the definition of a record, or None."""
        ...


class PlaybookView:
    """The value of ``playbook``.

    Attributes:
        name: qualified name of the playbook.
        stage: the stage that is open, or None once all is done.
        activity: the activity that is open, or None.
        completed: stages that are completed, in order of completion.
    """

    __slots__ = ("_of", "_record", "activity", "completed", "name", "stage")

    def __init__(self, record: Playbook, of: Playbooks) -> None:
        """Show a record.

        Args:
            record: progress.
            of: knows its definition.
        """
        self._record = record
        self._of = of
        self.name = record.name
        self.stage = record.stage
        self.activity = record.activity
        self.completed = list(record.completed)

    @property
    def activities(self) -> list[dict[str, Any]]:
        """Return all activities in file order; what was never reached is ``pending``."""
        definition = self._of.playbook_of(self._record)
        line = () if definition is None else definition.line
        return [self._item(one.name, one.stage) for one in line]

    def _item(self, name: str, stage: str) -> dict[str, Any]:
        progress = self._record.activities.get(name)
        opened_us = None if progress is None else progress.opened_us
        return {
            "name": name,
            "stage": stage,
            "status": "pending" if progress is None else progress.status,
            "opened": None if opened_us is None else from_us(opened_us),
        }
