"""Timers of states and activities: what they compile to, and when they are due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from casewright.actions.vocabulary import ActionList, BadValue
from casewright.bind.places import is_expression
from casewright.feel import types as feel
from casewright.temporal import Calendar, Duration, always_open, from_timedelta, to_us
from casewright.temporal.instant import SECOND_US

if TYPE_CHECKING:
    from casewright.actions.binder import CaseBinder
    from casewright.bind.binder import Binder
    from casewright.bind.places import Where
    from casewright.bind.values import Value
    from casewright.view import View

HOUR_US = 3_600_000_000
_OPEN_UNITS = frozenset({"business", "business_days"})


@dataclass(frozen=True, slots=True, eq=False)
class TimerDefinition:
    """A timer that runs while its owner, a state or an activity, lasts.

    Attributes:
        key: ``state/<state>/<timer>`` or ``activity/<activity>/<timer>``.
        owner: the state or activity.
        position: file order among the timers of its kind.
        after: delay since the owner began, a duration; or None.
        at: instant, or None.
        calendar: of durations in business time and dates.
        overdue: what becomes of the actions beyond ``grace_us`` of lateness.
    """

    key: str
    owner: str
    position: int
    after: Value | None
    at: Value | None
    calendar: Value | Calendar
    do: ActionList
    overdue: Literal["fire", "skip", "restart"]
    grace_us: int
    fingerprint: str
    place: str

    def due_us(self, view: View, since_us: int) -> int | None:
        """Return when the timer is due, None where its instant is null or never comes.

        Args:
            since_us: when the owner began.
        """
        if self.at is not None:
            instant = self.at.get(view, view.budget)
            if instant is None:
                return None
            if not isinstance(instant, datetime) or instant.tzinfo is None:
                raise BadValue(self.place, f"`at` is {instant!r}, not a date and time with offset")
            return to_us(instant)
        if self.after is None:
            return None
        return due_after(
            self.after.get(view, view.budget), since_us, self._calendar(view), self.place
        )

    def _calendar(self, view: View) -> Calendar:
        if isinstance(self.calendar, Calendar):
            return self.calendar
        name = self.calendar.get(view, view.budget)
        return view.kind.calendar_named(name) if isinstance(name, str) else view.kind.calendar


def due_after(delay: Any, since_us: int, calendar: Calendar, place: str) -> int | None:
    """Return when ``delay`` has passed since ``since_us``, at least a second later."""
    if delay is None:
        return None
    if isinstance(delay, timedelta):
        delay = from_timedelta(delay)
    if not isinstance(delay, Duration):
        raise BadValue(place, f"`after` is {delay!r}, not a duration")
    due = calendar.due_us(since_us, delay)
    return None if due is None else max(due, since_us + SECOND_US)


def compiled_timer(
    binder: CaseBinder, key: str, position: int, model: Any, where: Where
) -> TimerDefinition:
    """Return a timer compiled; mistakes are reported."""
    if (model.after is None) == (model.at is None):
        binder.report("CW405", where, "a timer has either `after` or `at`", key=True)
    after = None if model.after is None else binder.duration(model.after, where / "after", "event")
    if model.calendar is None:
        check_calendar(binder, after, where / "after")
    at = None
    if model.at is not None:
        at = binder.value(model.at, where / "at", "event", feel.DATE_TIME)
    grace = HOUR_US
    if model.grace is not None:
        allowed = binder.duration_literal(model.grace, where / "grace")
        if allowed is not None and allowed.unit == "real":
            grace = allowed.amount * SECOND_US
        elif allowed is not None:
            binder.report("CW503", where / "grace", "lateness is real time, such as `2 hours`")
    _, owner, _ = key.split("/")
    return TimerDefinition(
        key,
        owner,
        position,
        after,
        at,
        _calendar_of(binder, model, where),
        binder.actions(model.do, where / "do"),
        model.overdue,
        grace,
        binder.fingerprint(model),
        str(where),
    )


def check_calendar(binder: Binder, delay: Value | None, where: Where) -> None:
    """Report a delay in business time of a case type that has no calendar."""
    written = None if delay is None else delay.literal
    if not isinstance(written, Duration) or written.unit not in _OPEN_UNITS:
        return
    if binder.shape.spec.model.calendar is None:
        cure = "name a `calendar` here or at the case type"
        binder.report("CW514", where, f"{written} are counted without a calendar", cure)


def _calendar_of(binder: CaseBinder, model: Any, where: Where) -> Value | Calendar:
    if model.calendar is None:
        return binder.default_calendar or always_open(binder.zone)
    if is_expression(model.calendar):
        made = binder.value(model.calendar, where / "calendar", "event", feel.STRING)
        return always_open(binder.zone) if made is None else made
    return binder.calendar(model.calendar, where / "calendar") or always_open(binder.zone)
