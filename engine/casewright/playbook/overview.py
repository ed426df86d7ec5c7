"""A playbook as people see it: every stage and activity with where it stands, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from casewright.case import Activity, Playbook

if TYPE_CHECKING:
    from casewright.feel import Expression
    from casewright.playbook.definition import (
        ActivityDefinition,
        PlaybookDefinition,
        StageDefinition,
    )
    from casewright.view import View

Standing = Literal["pending", "open", "completed", "passed_over", "undecided"]

_UNREACHED = Activity()


class ActivityStanding(Struct, frozen=True):
    """One activity.

    Attributes:
        status: ``passed_over`` while its ``when`` or its stage's is false, ``undecided`` while it
            is null; both are so of an activity that no action has touched.
        why: the condition that does not hold, or an empty text.
    """

    name: str
    title: str
    status: Standing
    why: str = ""


class StageStanding(Struct, frozen=True):
    """One stage with its activities."""

    name: str
    title: str
    status: Standing
    activities: tuple[ActivityStanding, ...]
    why: str = ""


def overview(
    definition: PlaybookDefinition, record: Playbook | None, s: View
) -> tuple[StageStanding, ...]:
    """Return where every stage and activity stands, in file order."""
    record = Playbook(definition.name) if record is None else record
    return tuple(_stage(stage, record, s) for stage in definition.stages.values())


def _stage(stage: StageDefinition, record: Playbook, s: View) -> StageStanding:
    status: Standing = "pending"
    why = ""
    if stage.name in record.completed:
        status = "completed"
    elif stage.name == record.stage:
        status = "open"
    elif stage.name != record.since:
        status, why = _judged(stage.when, s)
    shadow = (status, why) if status in ("passed_over", "undecided") else None
    activities = tuple(
        [
            _activity(activity, record, shadow or _judged(activity.when, s))
            for activity in stage.activities
        ]
    )
    return StageStanding(stage.name, stage.title, status, activities, why)


def _activity(
    activity: ActivityDefinition, record: Playbook, judged: tuple[Standing, str]
) -> ActivityStanding:
    progress = record.activities.get(activity.name, _UNREACHED)
    if progress.status != "pending" or progress.touched:
        return ActivityStanding(activity.name, activity.title, progress.status)
    return ActivityStanding(activity.name, activity.title, *judged)


def _judged(when: Expression | None, s: View) -> tuple[Standing, str]:
    if when is None:
        return "pending", ""
    value = when.value(s, s.budget)
    if value is True:
        return "pending", ""
    if value is None:
        return "undecided", f"{when.text} is null"
    return "passed_over", f"{when.text} is not true"
