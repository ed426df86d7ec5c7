"""Whether a playbook stands where it stood, seen at a glance.

Most events move no playbook. This looks at the open activity and at what lies before it, and leaves
everything else to a whole settling (``casewright.playbook.progress``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from casewright.case import Playbook
    from casewright.playbook.definition import ActivityDefinition, PlaybookDefinition
    from casewright.view import View


def stands(definition: PlaybookDefinition, record: Playbook, s: View) -> bool:
    """Return True if nothing moves: what a whole settling would find, in the usual case.

    It may say False where nothing moves, never True where something does.
    """
    activity = definition.activities.get(record.activity or "")
    progress = record.activities.get(record.activity or "")
    if activity is None or progress is None or progress.waived or activity.is_automatic:
        return False
    budget = s.budget
    if activity.done_when is not None and activity.done_when.true(s, budget):
        return False
    if not (progress.touched or _holds(definition, record, activity, s)):
        return False
    return _is_tidy(definition, record, activity) and (
        progress.touched or not _any_before(definition, record, activity, s)
    )


def _is_tidy(
    definition: PlaybookDefinition, record: Playbook, activity: ActivityDefinition
) -> bool:
    """Return True if only the open stage is begun and not completed."""
    for name, progress in record.activities.items():
        if progress.status == "completed":
            known = definition.activities.get(name)
            if known is None:
                return False
            if known.stage != activity.stage and known.stage not in record.completed:
                return False
    return True


def _any_before(
    definition: PlaybookDefinition, record: Playbook, activity: ActivityDefinition, s: View
) -> bool:
    """Return True if an activity before the open one is left, or might be."""
    if record.since is not None:
        return True
    for other in definition.line[: activity.position]:
        if other.stage in record.completed:
            continue
        progress = record.activities.get(other.name)
        if progress is not None and progress.status == "completed":
            continue
        if (progress is not None and progress.touched) or _holds(definition, record, other, s):
            return True
    return False


def _holds(
    definition: PlaybookDefinition, record: Playbook, activity: ActivityDefinition, s: View
) -> bool:
    stage = definition.stages[activity.stage].when
    if stage is not None and record.since != activity.stage and not stage.true(s, s.budget):
        return False
    return activity.when is None or activity.when.true(s, s.budget)
