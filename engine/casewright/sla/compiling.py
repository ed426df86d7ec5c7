"""From ``sla_definitions`` to compiled clocks, with every mistake reported at its place."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from casewright.actions.vocabulary import NOTHING, ActionList
from casewright.bind.places import is_expression
from casewright.feel import types as feel
from casewright.sla.definition import (
    BREACH,
    ClockDefinition,
    FixedTarget,
    KeyedTarget,
    Moment,
    Target,
    Threshold,
    Trigger,
    WorkedTarget,
    key_text,
)
from casewright.spec.clock_view import Measure
from casewright.spec.models.common import one_or_many
from casewright.temporal import Calendar, Duration, always_open

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from casewright.actions.binder import CaseBinder
    from casewright.bind.places import Where
    from casewright.bind.shape import ClockShape
    from casewright.bind.values import Value
    from casewright.feel import Expression
    from casewright.spec.models.clocks import Clock, TargetBy
    from casewright.spec.models.clocks import Moment as MomentModel

_EVENT_PATHS = frozenset({"event", "actor", "previous"})
_EVENT_CALLS = frozenset({"changed", "has role"})
_TARGET_TYPES = (feel.ANY, feel.NULL, feel.UNIT_DURATION, feel.DAYS_TIME, feel.DATE_TIME, feel.DATE)
_TEXT_OF_KIND = {"boolean": ("true", "false")}
_OPEN_UNITS = frozenset({"business", "business_days"})


def compile_clocks(binder: CaseBinder) -> tuple[ClockDefinition, ...]:
    """Return the clocks of a case type in file order; one with mistakes is reported, left out."""
    made = [
        _ClockCompiler(binder, shape).compiled(position)
        for position, shape in enumerate(binder.shape.clocks.values())
    ]
    return tuple(clock for clock in made if clock is not None)


class _ClockCompiler:
    """Compiles one clock."""

    def __init__(self, binder: CaseBinder, shape: ClockShape) -> None:
        self.binder = binder
        self.shape = shape
        self.model: Clock = shape.model
        self.where = shape.where
        self.reads: set[tuple[str, ...]] = set()
        self.calendar_reads: frozenset[tuple[str, ...]] = frozenset()

    def compiled(self, position: int) -> ClockDefinition | None:
        model, binder = self.model, self.binder
        named = self._calendar_value()
        calendar = self._calendar()
        start = self._level("start")
        pause, cancel = self._level("pause"), self._level("cancel")
        stop, reset = self._trigger("stop"), self._trigger("reset")
        target = self._target(calendar or always_open(binder.zone))
        thresholds = self._thresholds(target)
        if start is None or target is None:
            return None
        self._check_again(stop)
        self._check_calendar(target, calendar)
        used = calendar or always_open(binder.zone)
        others: Mapping[str, Calendar] = {} if named is None else binder.calendars()
        prints = {name: self._fingerprint(other) for name, other in others.items()}
        by_print = {prints[name]: other for name, other in others.items()}
        triggers = [trigger for trigger in (stop, reset) if trigger is not None]
        return ClockDefinition(
            name=self.shape.name,
            title=model.title or self.shape.name.replace("_", " ").capitalize(),
            position=position,
            bit=self.shape.bit,
            target=target,
            start=start,
            measure=Measure(used, model.day_mode, by_print),
            fingerprint=self._fingerprint(used),
            pause=pause,
            cancel=cancel,
            stop=stop,
            reset=reset,
            again=model.again,
            thresholds=thresholds,
            breach_do=self._actions(BREACH) if BREACH in model.thresholds else NOTHING,
            calendar=named,
            fingerprints=prints,
            reads=self.calendar_reads | self.reads,
            condition_reads=frozenset(self.reads),
            events=frozenset(event for trigger in triggers for event in trigger.events),
            reads_event=any(trigger.eventful for trigger in triggers),
            place=str(self.where),
        )

    # --- conditions -------------------------------------------------------------------------

    def _level(self, key: str) -> Expression | None:
        text = getattr(self.model, key)
        if text is None:
            return None
        return self._noted(self.binder.condition(text, self.where / key, "level"))

    def _noted(self, made: Expression | None) -> Expression | None:
        if made is not None:
            self.reads.update(made.reads)
        return made

    def _trigger(self, key: str) -> Trigger | None:
        raw = getattr(self.model, key)
        if raw is None:
            return None
        where = self.where / key
        level: list[Expression] = []
        eventful: list[Expression] = []
        moments: list[Moment] = []
        for index, part in enumerate(one_or_many(raw)):
            place = where / index if isinstance(raw, tuple | list) else where
            if not isinstance(part, str):
                moments.append(self._moment(part, place))
                continue
            made = self._noted(self.binder.condition(part, place, "event"))
            if made is not None:
                (eventful if _needs_event(made) else level).append(made)
        return Trigger(tuple(level), tuple(eventful), tuple(moments))

    def _moment(self, model: MomentModel, where: Where) -> Moment:
        events = tuple(one_or_many(model.on))
        for index, event in enumerate(events):
            place = where / "on" / index if isinstance(model.on, tuple | list) else where / "on"
            self.binder.event_type(event, place)
        when = None
        if model.when is not None:
            naming = self.binder.naming(events)
            when = self.binder.condition(model.when, where / "when", "event", naming)
            if when is not None:  # what it reads of the event is looked at when the event happens
                self.reads.update(path for path in when.reads if path[0] not in _EVENT_PATHS)
        return Moment(frozenset(events), when)

    def _check_again(self, stop: Trigger | None) -> None:
        again = self.model.again
        if again == "resume" and stop is not None and stop.needs_event:
            self.binder.report(
                "CW512",
                self.where / "again",
                f'"{self.shape.name}" cannot resume: its stop holds only by an event, '
                "so nothing says when it holds no longer",
                "stop on a condition of the case, or write `again: new`",
            )
        elif again != "none" and stop is None and (again == "resume" or self.model.cancel is None):
            self.binder.report(
                "CW513",
                self.where / "again",
                f'"{self.shape.name}" has no stop, so `again: {again}` does nothing',
                "give it a `stop`",
                "warning",
            )

    # --- targets ----------------------------------------------------------------------------

    def _target(self, calendar: Calendar) -> Target | None:
        raw, where = self.model.target, self.where / "target"
        return (
            self._one(raw, where, calendar)
            if isinstance(raw, str)
            else self._keyed(raw, where, calendar)
        )

    def _one(self, raw: str, where: Where, calendar: Calendar) -> Target | None:
        if is_expression(raw):
            made = self.binder.value(raw, where, "level")
            if made is None:
                return None
            self.reads.update(made.reads)
            if not any(made.type is kind for kind in _TARGET_TYPES):
                self.binder.report(
                    "CW518",
                    where,
                    f"a target is a duration or an instant, not a {made.type}",
                    'write for example "8 business hours" or an expression that gives a duration',
                )
                return None
            return WorkedTarget(made, calendar, str(where))
        duration = self.binder.duration_literal(raw, where)
        if duration is None:
            return None
        if duration.amount <= 0:
            self.binder.report("CW518", where, f'the target "{raw}" is spent before it begins')
            return None
        return FixedTarget(duration)

    def _keyed(self, model: TargetBy, where: Where, calendar: Calendar) -> Target | None:
        by = self._noted(self.binder.expression(model.by, where / "by", "level"))
        cases = {
            key: made
            for key, raw in model.cases.items()
            if (made := self._one(raw, where / key, calendar)) is not None
        }
        choices = self._choices(model.by)
        for key in model.cases:
            if choices and key not in choices:
                self.binder.unknown(
                    "CW511", where / key, f"choice of {model.by.strip()}", key, choices, key=True
                )
        if not model.cases:
            self.binder.report("CW518", where, "no value has a target", "write `value: duration`")
        if by is None or len(cases) < len(model.cases):
            return None
        uncovered = tuple(choice for choice in choices if choice not in model.cases)
        return KeyedTarget(by, cases, uncovered)

    def _choices(self, by: str) -> tuple[str, ...]:
        """Return the texts of the values that a field can have, none where any is possible."""
        field = self.binder.fields.get(by.strip())
        if field is None:
            return ()
        made = (key_text(choice) for choice in field.choices)
        return tuple(text for text in made if text) or _TEXT_OF_KIND.get(field.kind, ())

    # --- calendar ---------------------------------------------------------------------------

    def _calendar_value(self) -> Value | None:
        raw = self.model.calendar
        if raw is None or not is_expression(raw):
            return None
        made = self.binder.value(raw, self.where / "calendar", "level", feel.STRING)
        if made is not None:
            self.calendar_reads = made.reads
        return made

    def _calendar(self) -> Calendar | None:
        raw = self.model.calendar
        if raw is None or is_expression(raw):
            return self.binder.default_calendar
        return self.binder.calendar(raw, self.where / "calendar")

    def _check_calendar(self, target: Target, calendar: Calendar | None) -> None:
        if self.model.calendar is not None and is_expression(self.model.calendar):
            return
        units = {duration.unit for duration in _durations(target)}
        if not units & _OPEN_UNITS:
            return
        if self.model.calendar is None and self.binder.shape.spec.model.calendar is None:
            self.binder.report(
                "CW514",
                self.where / "target",
                f'"{self.shape.name}" counts business time without a calendar',
                "name a `calendar` here or at the case type",
            )
        elif calendar is not None and calendar.never_opens:
            self.binder.report(
                "CW515",
                self.where / ("target" if self.model.calendar is None else "calendar"),
                f'"{self.shape.name}" is never due: its calendar never opens',
                "give the calendar `hours`",
                "warning",
            )

    def _fingerprint(self, calendar: Calendar) -> str:
        model = self.model
        shown = ("title", "description")
        parts = {
            name: getattr(model, name) for name in type(model).model_fields if name not in shown
        }
        return self.binder.fingerprint({**parts, "calendar": calendar.canonical()})

    # --- thresholds -------------------------------------------------------------------------

    def _actions(self, key: str) -> ActionList:
        where = self.where / "thresholds" / key
        return self.binder.actions(self.model.thresholds[key], where, "event")

    def _thresholds(self, target: Target | None) -> tuple[Threshold, ...]:
        percents: list[tuple[Decimal, str]] = []
        befores: list[tuple[Duration, str]] = []
        for key in self.model.thresholds:
            if key == BREACH:
                continue
            if key.endswith("%"):
                percent = Decimal(key[:-1])
                if self._check_percent(key, percent):
                    percents.append((percent, key))
            elif (before := self._before(key, target)) is not None:
                befores.append((before, key))
        percents.sort()
        befores.sort(key=lambda item: (item[0].unit, -item[0].amount))
        made = [
            Threshold(key, percent.as_integer_ratio(), None, position, self._actions(key))
            for position, (percent, key) in enumerate((p / 100, key) for p, key in percents)
        ]
        made += [
            Threshold(key, None, before, position, self._actions(key))
            for position, (before, key) in enumerate(befores, len(made))
        ]
        return tuple(made)

    def _check_percent(self, key: str, percent: Decimal) -> bool:
        if 0 < percent < 100:
            return True
        where = self.where / "thresholds" / key
        if percent > 100:
            message = f'the threshold "{key}" lies after the breach'
            cure = "use a rule on clock_breached with `after`"
        else:
            at = "start" if percent == 0 else "breach"
            message = f'the threshold "{key}" is the {at} itself'
            cure = "write `breach`" if percent else "use a rule or a transition"
        self.binder.report("CW516", where, message, cure, key=True)
        return False

    def _before(self, key: str, target: Target | None) -> Duration | None:
        where = self.where / "thresholds" / key
        before = self.binder.duration_literal(key.removesuffix(" before").strip(), where)
        for duration in _durations(target):
            if before is not None and before.unit == duration.unit and before >= duration:
                self.binder.report(
                    "CW517",
                    where,
                    f'the threshold "{key}" lies before the start of a target of {duration}',
                    "it runs as soon as the clock starts",
                    "warning",
                    key=True,
                )
        return before


def _needs_event(condition: Expression) -> bool:
    """Return whether a condition reads what is null without an event."""
    return any(path[0] in _EVENT_PATHS for path in condition.reads) or any(
        call.name in _EVENT_CALLS for call in condition.calls
    )


def _durations(target: Target | None) -> Iterable[Duration]:
    """Yield the durations that a target names in its text."""
    if isinstance(target, FixedTarget):
        yield target.duration
    elif isinstance(target, KeyedTarget):
        for case in target.cases.values():
            yield from _durations(case)
