"""How a playbook moves: a function of its record, the case now and the moves made.

Stages and activities go in file order, one open at a time. The next one is the first of the line
that is left: not completed, and not passed over. An untouched activity is passed over for as long
as its ``when`` or its stage's does not hold, so one that holds again is gone back to, unless the
open one was touched by an action: that stays open until it is moved on from.

``then: activity`` is a detour: the activity is reopened, and moving on from it comes back.
``go_to`` moves the playbook itself: its target and all that follows it in the line are reopened,
and what lies before it is left behind.

Nothing here runs an action: the result names what the step has to do (``design.md`` 3.2 and 4,
rules 4 and 18).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from msgspec import Struct
from msgspec.structs import replace

from casewright.case import Activity, Playbook
from casewright.playbook.glance import stands

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from casewright.actions import ActionList
    from casewright.playbook.definition import ActivityDefinition, PlaybookDefinition
    from casewright.view import View

_UNREACHED = Activity()


@dataclass(frozen=True, slots=True)
class Move:
    """Something that an action did to the playbook.

    Attributes:
        kind: ``touch`` an action that stays; ``continue`` moves on; ``detour`` goes from ``target``
            to ``to`` and comes back; ``go_to`` moves the playbook to the stage or activity
            ``target``; ``dismiss`` takes the card ``to`` away.
        drafts: texts of journals that wait for the moving on, by field.
    """

    kind: Literal["touch", "continue", "detour", "go_to", "dismiss"]
    target: str
    to: str = ""
    drafts: Mapping[str, str] = field(default_factory=dict[str, str])


class Settled(Struct, frozen=True):
    """Where the playbook stands after the moves.

    Attributes:
        record: the new record; the very one that was given if nothing changed.
        activities: activities that were completed, in order.
        stages: stages that were completed, in order.
        automatic: an activity without fields and actions that was reached: once ``runs`` are done,
            ``settle`` again on ``record``, which moves on. A ``do`` that goes back makes a loop,
            which the caller bounds.
        posts: (journal, text) of drafts whose activity ``done_when`` has completed.
        runs: what is to be run once ``record`` is committed, in order, each with its name: the
            ``do`` of completed activities and stages, and of ``automatic``.
    """

    record: Playbook
    activities: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    automatic: str | None = None
    posts: tuple[tuple[str, str], ...] = ()
    runs: tuple[tuple[str, ActionList], ...] = ()


def settle(
    definition: PlaybookDefinition, record: Playbook | None, moves: Sequence[Move], s: View
) -> Settled:
    """Return where the playbook stands.

    Args:
        definition: the playbook that the case has.
        record: progress at the start of the internal event, None for a case without any.
        moves: made in this internal event, in order; those that mean nothing are ignored.
        s: the case now; level conditions are judged on it.
    """
    if record is not None and not moves and stands(definition, record, s):
        return Settled(record)
    work = _Work(definition, record, s)
    for move in moves:
        work.make(move)
    work.proceed()
    return work.settled()


class _Work:
    """One settling: a copy of the record that is written on."""

    __slots__ = (
        "_budget",
        "_changed",
        "_completed",
        "_definition",
        "_done",
        "_now_us",
        "_open",
        "_posts",
        "_progress",
        "_record",
        "_returns",
        "_runs",
        "_s",
        "_since",
        "_stage_holds",
        "_stages",
        "automatic",
    )

    def __init__(self, definition: PlaybookDefinition, record: Playbook | None, s: View) -> None:
        self._definition = definition
        self._record = Playbook(definition.name) if record is None else record
        self._changed = record is None
        self._s = s
        self._budget = s.budget
        self._now_us = s.now_us
        self._progress = self._record.activities
        self._completed: tuple[str, ...] = self._record.completed
        self._returns: tuple[str, ...] = self._record.returns
        self._since: str | None = self._record.since
        self._open: str | None = self._record.activity
        self._stage_holds: dict[str, bool] = {}
        self._done: list[str] = []
        self._stages: list[str] = []
        self._posts: list[tuple[str, str]] = []
        self._runs: list[tuple[str, ActionList]] = []
        self.automatic: str | None = None

    # --- moves -------------------------------------------------------------------------------

    def make(self, move: Move) -> None:
        """Apply one move."""
        match move.kind:
            case "go_to":
                self._go_to(move.target)
            case "dismiss":
                self._dismiss(move.target, move.to)
            case _ if not self._is_open(move.target):
                pass
            case "touch":
                self._touch(move)
            case "continue":
                self._complete(move.target)
            case "detour":
                self._touch(move)
                self._detour(move.target, move.to)

    def _is_open(self, name: str) -> bool:
        return name in self._definition.activities and self._of(name).status == "open"

    def _touch(self, move: Move) -> None:
        progress = self._of(move.target)
        drafts = {**progress.drafts, **move.drafts} if move.drafts else progress.drafts
        if not progress.touched or drafts != progress.drafts:
            self._put(move.target, replace(progress, touched=True, drafts=drafts))

    def _dismiss(self, name: str, card: str) -> None:
        progress = self._of(name)
        if name in self._definition.activities and card not in progress.dismissed:
            dismissed = (*progress.dismissed, card)
            touched = progress.touched or progress.status == "open"
            self._put(name, replace(progress, dismissed=dismissed, touched=touched))

    def _detour(self, name: str, to: str) -> None:
        target = self._definition.activities.get(to)
        if target is None or name == to:
            return
        self._close()
        if to in self._returns:
            self._returns = self._returns[: self._returns.index(to)]
        else:
            self._returns = (*self._returns, name)
        if self._of(to).status == "completed":
            self._reopen(target, is_meant=True)
        self._put(to, replace(self._of(to), touched=True))
        self._completed = tuple(s for s in self._completed if s != target.stage)
        self._open = to

    def _go_to(self, name: str) -> None:
        definition = self._definition
        if name not in definition.stages and name not in definition.activities:
            return
        self._changed = True
        self._close()
        self._returns = ()
        self._since = name
        following = definition.line[definition.start_of(name) :]
        for activity in following:
            if activity.name in self._progress:
                self._reopen(activity, is_meant=name in (activity.name, activity.stage))
        reopened = {activity.stage for activity in following}
        self._completed = tuple(s for s in self._completed if s not in reopened)
        if name in definition.activities:
            self._put(name, replace(self._of(name), touched=True))
            self._open = name

    def _reopen(self, activity: ActivityDefinition, *, is_meant: bool) -> None:
        waived = is_meant and self._is_done(activity)
        progress = self._of(activity.name)
        self._put(activity.name, replace(progress, status="pending", touched=False, waived=waived))

    def _close(self) -> None:
        name, self._open = self._open, None
        if name is not None and self._of(name).status == "open":
            self._put(name, replace(self._of(name), status="pending"))

    def _complete(self, name: str) -> None:
        progress = self._of(name)
        self._put(name, replace(progress, status="completed", waived=False, drafts={}))
        self._done.append(name)
        activity = self._definition.activities[name]
        if activity.do and not activity.is_automatic:
            self._runs.append((name, activity.do))
        self._open = None
        while self._returns and self._open is None:
            *rest, back = self._returns
            self._returns = tuple(rest)
            if back in self._definition.activities and self._of(back).status != "completed":
                self._open = back

    # --- the line ----------------------------------------------------------------------------

    def proceed(self) -> None:
        """Complete what is done and open what is next, until a person or an action is needed."""
        while True:
            self._complete_stages()
            activity = self._next()
            if activity is None:
                self._close()
                return
            is_new = self._open_up(activity.name)
            progress = self._of(activity.name)
            is_done = self._is_done(activity)
            if progress.waived and not is_done:
                self._put(activity.name, replace(progress, waived=False))
            if is_done and not progress.waived:
                self._posts.extend(draft for draft in progress.drafts.items() if draft[1])
                self._complete(activity.name)
            elif not activity.is_automatic:
                return
            elif is_new:
                self.automatic = activity.name
                if activity.do:
                    self._runs.append((activity.name, activity.do))
                return
            elif activity.done_when is not None:
                return
            else:
                self._complete(activity.name)

    def _next(self) -> ActivityDefinition | None:
        definition = self._definition
        current = definition.activities.get(self._open) if self._open is not None else None
        if current is not None:
            progress = self._of(current.name)
            if progress.touched and progress.status != "completed":
                return current
        for activity in definition.line[definition.start_of(self._since) :]:
            if activity.stage not in self._completed and self._is_left(activity):
                return activity
        return None

    def _is_left(self, activity: ActivityDefinition) -> bool:
        progress = self._progress.get(activity.name)
        if progress is not None:
            if progress.status == "completed":
                return False
            if progress.touched:
                return True
        if not self._holds_stage(activity.stage):
            return False
        return activity.when is None or activity.when.true(self._s, self._budget)

    def _holds_stage(self, name: str) -> bool:
        holds = self._stage_holds.get(name)
        if holds is None:
            when = self._definition.stages[name].when
            holds = when is None or name == self._since or when.true(self._s, self._budget)
            self._stage_holds[name] = holds
        return holds

    def _is_done(self, activity: ActivityDefinition) -> bool:
        return activity.done_when is not None and activity.done_when.true(self._s, self._budget)

    def _complete_stages(self) -> None:
        for stage in self._definition.stages.values():
            if stage.name in self._completed:
                continue
            if self._any_completed(stage.activities) and not any(
                self._is_left(activity) for activity in stage.activities
            ):
                self._changed = True
                self._completed = (*self._completed, stage.name)
                self._stages.append(stage.name)
                if stage.do:
                    self._runs.append((stage.name, stage.do))

    def _any_completed(self, activities: Iterable[ActivityDefinition]) -> bool:
        known = self._progress
        for activity in activities:
            progress = known.get(activity.name)
            if progress is not None and progress.status == "completed":
                return True
        return False

    def _open_up(self, name: str) -> bool:
        """Open an activity; return False if it was open already."""
        if self._open != name:
            self._close()
            self._open = name
        progress = self._of(name)
        if progress.status == "open":
            return False
        self._put(
            name,
            replace(progress, status="open", opened_us=self._now_us, entry=progress.entry + 1),
        )
        return True

    # --- the record --------------------------------------------------------------------------

    def _of(self, name: str) -> Activity:
        return self._progress.get(name, _UNREACHED)

    def _put(self, name: str, progress: Activity) -> None:
        if self._progress is self._record.activities:
            self._progress = dict(self._progress)
        self._progress[name] = progress
        self._changed = True

    def settled(self) -> Settled:
        """Return the result."""
        record = self._record
        activity = self._open
        if not self._changed and activity == record.activity:
            return Settled(record)
        stage = None if activity is None else self._definition.activities[activity].stage
        new = Playbook(
            name=self._definition.name,
            stage=stage,
            activity=activity,
            completed=self._completed,
            activities=self._progress,
            returns=self._returns,
            since=self._since,
        )
        return Settled(
            record if new == record else new,
            tuple(self._done),
            tuple(self._stages),
            self.automatic,
            tuple(self._posts),
            tuple(self._runs),
        )
