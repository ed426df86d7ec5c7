"""Playbooks: stages and activities that guide people through a case."""

from casewright.playbook.acting import (
    Act,
    OpenAction,
    actions_open,
    find,
    late_posts,
    refusal,
    unmet,
)
from casewright.playbook.compiling import compile_playbook
from casewright.playbook.definition import (
    ActionDefinition,
    ActivityDefinition,
    CardDefinition,
    PlaybookDefinition,
    Requirement,
    StageDefinition,
)
from casewright.playbook.overview import ActivityStanding, StageStanding, overview
from casewright.playbook.progress import Move, Settled, settle

__all__ = [
    "Act",
    "ActionDefinition",
    "ActivityDefinition",
    "ActivityStanding",
    "CardDefinition",
    "Move",
    "OpenAction",
    "PlaybookDefinition",
    "Requirement",
    "Settled",
    "StageDefinition",
    "StageStanding",
    "actions_open",
    "compile_playbook",
    "find",
    "late_posts",
    "overview",
    "refusal",
    "settle",
    "unmet",
]
