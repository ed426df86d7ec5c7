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
        "completed": feel.Member(feel.ListType(feel.STRING), "list({}.completed)"),
    },
    name="playbook",
)


def playbook_view(record: Playbook) -> Playbook:
    """Return the value of ``playbook`` for a record: the record, read through ``PLAYBOOK_TYPE``."""
    return record
