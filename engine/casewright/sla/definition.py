"""Compiled SLA clocks: conditions, targets, thresholds.

Nothing here moves a clock (``settling``) or looks at instants (``due``). Source of the semantics:
``design.md`` 3.2 and rules 26 to 32.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, Protocol

from casewright.actions.vocabulary import NOTHING, ActionList, BadValue
from casewright.temporal import Duration, from_timedelta, to_us

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casewright.bind.values import Value
    from casewright.feel import Expression
    from casewright.spec.clock_view import Measure
    from casewright.temporal import Calendar
    from casewright.view import View

BREACH = "breach"


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """An event that stops or resets a clock, if ``when`` holds when it happens."""

    events: frozenset[str]
    when: Expression | None

    def holds(self, s: View) -> bool:
        """Return whether the event that is handled is this moment."""
        event = s.event
        if event is None or event.type not in self.events:
            return False
        return self.when is None or self.when.true(s, s.budget)


@dataclass(frozen=True, slots=True, eq=False)
class Trigger:
    """A stop or reset: any of its conditions and moments.

    Attributes:
        level: conditions on the case alone.
        eventful: conditions that read the event, the actor or what was before.
        moments: events, with conditions.
    """

    level: tuple[Expression, ...] = ()
    eventful: tuple[Expression, ...] = ()
    moments: tuple[Moment, ...] = ()

    def holds(self, s: View) -> bool:
        """Return whether any of it holds now."""
        budget = s.budget
        for condition in self.level:
            if condition.true(s, budget):
                return True
        return self.happens(s)

    def holds_quietly(self, s: View) -> bool:
        """Return whether it holds with event, actor and previous null."""
        budget = s.budget
        for condition in self.level:
            if condition.true(s, budget):
                return True
        if not self.eventful:
            return False
        quiet = s.quiet
        return any(condition.true(quiet, budget) for condition in self.eventful)

    def becomes_true(self, s: View) -> bool:
        """Return whether a condition on the case holds now and did not before this event."""
        for condition in self.level:
            if condition.true(s, s.budget):
                previous = s.previous
                if previous is None or not condition.true(previous, s.budget):
                    return True
        return False

    def happens(self, s: View) -> bool:
        """Return whether it holds by the event that is handled."""
        for moment in self.moments:
            if moment.holds(s):
                return True
        if not self.eventful:
            return False
        budget = s.budget
        return any(condition.true(s, budget) for condition in self.eventful)

    @property
    def conditions(self) -> tuple[Expression, ...]:
        """Return every condition of it, those of its moments included."""
        of_moments = [moment.when for moment in self.moments if moment.when is not None]
        return (*self.level, *self.eventful, *of_moments)

    @property
    def events(self) -> frozenset[str]:
        """Return the types of the events of its moments."""
        return frozenset(event for moment in self.moments for event in moment.events)

    @property
    def needs_event(self) -> bool:
        """Return whether some of it can hold only by an event."""
        return bool(self.moments or self.eventful)


class Target(Protocol):
    """What a clock has to keep to."""

    @property
    def is_fixed(self) -> bool:
        """Return whether it is the same for every case."""
        ...

    def of(self, s: View) -> tuple[Duration | int | None, str | None]:
        """Return the target on a case and its key; an int is a deadline, None where none fits.

        Raises:
            BadValue: an expression gives what is neither a duration nor an instant.
        """
        ...


@dataclass(frozen=True, slots=True, eq=False)
class FixedTarget:
    """One duration for every case."""

    duration: Duration
    is_fixed: bool = True

    def of(self, s: View) -> tuple[Duration | int | None, str | None]:  # noqa: ARG002  as all targets
        """Return the duration."""
        return self.duration, None


@dataclass(frozen=True, slots=True, eq=False)
class WorkedTarget:
    """A duration or an instant that an expression gives.

    Attributes:
        value: the expression.
        calendar: whose time zone a local date or time is in.
        place: where the expression stands.
    """

    value: Value
    calendar: Calendar
    place: str
    is_fixed: bool = False

    def of(self, s: View) -> tuple[Duration | int | None, str | None]:
        """Return what the expression gives."""
        return self._read(self.value.get(s, s.budget)), None

    def _read(self, found: Any) -> Duration | int | None:
        if found is None or isinstance(found, Duration):
            return found
        if isinstance(found, timedelta):
            return from_timedelta(found)
        if isinstance(found, datetime):
            return to_us(found) if found.tzinfo is not None else self.calendar.local_us(found)
        if isinstance(found, date):  # by the end of that date
            midnight = datetime.combine(found + timedelta(days=1), time())
            return self.calendar.local_us(midnight)
        raise BadValue(self.place, f"`target` is {found!r}, neither a duration nor an instant")


class KeyedTarget:
    """A target for each value of a field or expression.

    Attributes:
        by: the field or expression.
        cases: targets by the text of the value.
        uncovered: values that the field can have and that have no target.
    """

    __slots__ = ("_fixed", "by", "cases", "is_fixed", "uncovered")

    def __init__(
        self, by: Expression, cases: Mapping[str, Target], uncovered: tuple[str, ...] = ()
    ) -> None:
        self.by = by
        self.cases = cases
        self.uncovered = uncovered
        self.is_fixed = False
        self._fixed: dict[object, tuple[Duration, str]] = {}
        for key, case in cases.items():
            if isinstance(case, FixedTarget):
                self._fixed[key] = (case.duration, key)
                if key.isdecimal():
                    self._fixed[int(key)] = (case.duration, key)

    def of(self, s: View) -> tuple[Duration | int | None, str | None]:
        """Return the target of the value, which is its key; None where the value has no target."""
        value = self.by.value(s, s.budget)
        if value.__class__ in (int, str):
            found = self._fixed.get(value)
            if found is not None:
                return found
        key = key_text(value)
        case = None if key is None else self.cases.get(key)
        return (None, key) if case is None else (case.of(s)[0], key)


def key_text(value: object) -> str | None:
    """Return a value as the key of a keyed target writes it."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return str(value)


@dataclass(frozen=True, slots=True, eq=False)
class Threshold:
    """A point on the way to the target at which actions run.

    Attributes:
        key: as written, such as ``50%`` or ``1 business hour before``.
        percent: for ``50%`` the number as ``(numerator, denominator)`` of the whole target.
        before: for ``... before`` the duration.
        position: order of a clock's thresholds at one instant.
        do: what to run.
    """

    key: str
    percent: tuple[int, int] | None
    before: Duration | None
    position: int
    do: ActionList = NOTHING


@dataclass(frozen=True, slots=True, eq=False)
class ClockDefinition:
    """One compiled clock of a case type.

    Attributes:
        name: as declared; ``sla.<name>``.
        title: for people.
        position: file order among the clocks of the case type.
        bit: its bit in masks of what changed.
        target: what is promised.
        start, pause, cancel: level conditions.
        stop, reset: triggers.
        again: what follows once it has stopped.
        thresholds: ascending, without the breach.
        breach_do: what runs at the breach.
        measure: its calendar and how days end.
        calendar: the expression that names the calendar, or None where it is always the same.
        fingerprint: of the definition with its calendar.
        fingerprints: for a calendar that is an expression, fingerprints by the name it gives.
        reads: every path that its conditions, target and calendar read.
        condition_reads: those that its conditions and target read.
        events: types of the events that stop or reset it.
        reads_event: some condition without ``on`` reads the event, the actor or what was before.
        place: where it stands, for messages.
    """

    name: str
    title: str
    position: int
    bit: int
    target: Target
    start: Expression
    measure: Measure
    fingerprint: str
    pause: Expression | None = None
    cancel: Expression | None = None
    stop: Trigger | None = None
    reset: Trigger | None = None
    again: Literal["none", "new", "resume"] = "none"
    thresholds: tuple[Threshold, ...] = ()
    breach_do: ActionList = NOTHING
    calendar: Value | None = None
    fingerprints: Mapping[str, str] = field(default_factory=dict[str, str])
    reads: frozenset[tuple[str, ...]] = frozenset()
    condition_reads: frozenset[tuple[str, ...]] = frozenset()
    events: frozenset[str] = frozenset()
    reads_event: bool = False
    place: str = ""

    @property
    def counts_back(self) -> bool:
        """Return whether a threshold may lie before the start of an instance."""
        return any(threshold.before is not None for threshold in self.thresholds)

    def fingerprint_on(self, s: View) -> str:
        """Return the fingerprint with the calendar that the case has now."""
        if self.calendar is None:
            return self.fingerprint
        name = self.calendar.get(s, s.budget)
        return self.fingerprints.get(name, self.fingerprint) if name else self.fingerprint

    def actions(self, key: str) -> ActionList:
        """Return what runs at a threshold or at ``breach``."""
        if key == BREACH:
            return self.breach_do
        found = (threshold.do for threshold in self.thresholds if threshold.key == key)
        return next(found, NOTHING)
