"""``playbook`` as expressions see it: its type and its value.

Low in the house because every case type's scope holds it; the mechanism that moves a playbook is
``casewright.playbook``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from casewright.feel import types as feel

if TYPE_CHECKING:
    from casewright.case import Playbook

PLAYBOOK_TYPE = feel.ContextType(
    {
        "name": feel.Member(feel.STRING, "{}.name"),
        "stage": feel.Member(feel.STRING, "{}.stage"),
        "activity": feel.Member(feel.STRING, "{}.activity"),
        "completed": feel.Member(feel.ListType(feel.STRING), "{}.completed"),
    },
    name="playbook",
)


class PlaybookView:
    """The value of ``playbook``.

    Attributes:
        name: qualified name of the playbook.
        stage: the stage that is open, or None once all is done.
        activity: the activity that is open, or None.
        completed: stages that are completed, in order of completion.
    """

    __slots__ = ("activity", "completed", "name", "stage")

    def __init__(self, record: Playbook) -> None:
        self.name = record.name
        self.stage = record.stage
        self.activity = record.activity
        self.completed = list(record.completed)
