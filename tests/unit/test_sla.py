"""Clocks follow rules 26 to 32, whatever their conditions do."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casewright.actions.vocabulary import BadValue
from casewright.case import Clock, Clocks, Event, Timer
from casewright.sla import (
    ClockDefinition,
    FixedTarget,
    KeyedTarget,
    Moment,
    Threshold,
    Trigger,
    WorkedTarget,
    announcements,
    breach,
    pass_threshold,
    reasons,
    recalculate,
    settle,
    timers,
)
from casewright.spec.clock_view import ClockView, Measure
from casewright.temporal import Calendar, Duration, always_open, from_us, parse_duration, to_us

if TYPE_CHECKING:
    from collections.abc import Callable

OFFICE = Calendar("UTC", {d: ["09:00-17:00"] for d in ("mon", "tue", "wed", "thu", "fri")})
MONDAY = to_us(datetime(2026, 3, 2, 9, tzinfo=UTC))
HOUR = 3_600_000_000


@dataclass
class FakeView:
    """A case as the conditions of these tests see it."""

    now_us: int = MONDAY
    fields: dict[str, Any] = field(default_factory=dict[str, Any])
    event: Event | None = None
    actor: str | None = None
    previous: FakeView | None = None
    budget: None = None

    @property
    def quiet(self) -> FakeView:
        return replace(self, event=None, actor=None, previous=None)


class Fake:
    """A Python function in place of a compiled expression."""

    def __init__(self, function: Callable[[FakeView], Any]) -> None:
        self.function = function

    def value(self, s: FakeView, _budget: None) -> Any:
        return self.function(s)

    def true(self, s: FakeView, _budget: None) -> bool:
        return self.function(s) is True

    def get(self, s: FakeView, _budget: None) -> Any:
        return self.function(s)


def holds(name: str) -> Any:
    """Return the condition that a field is true."""
    return Fake(lambda s: s.fields.get(name, False))


def agent_comments() -> Any:
    return Moment(frozenset({"comment"}), cast("Any", Fake(lambda s: s.actor == "agent")))


def clock(**changes: Any) -> ClockDefinition:
    """Return a definition of 8 business hours that the fields of the case start, stop, pause."""
    made: dict[str, Any] = {
        "name": "response",
        "title": "Response",
        "position": 0,
        "bit": 1,
        "target": FixedTarget(parse_duration("8 business hours")),
        "start": holds("start"),
        "pause": holds("pause"),
        "stop": Trigger((holds("stop"),)),
        "cancel": holds("cancel"),
        "measure": Measure(OFFICE),
        "fingerprint": "f1",
        **changes,
    }
    return ClockDefinition(**made)


def view(at: float, *, event: str | None = None, actor: str | None = None, **fields: Any) -> Any:
    """Return a case some hours after Monday 09:00."""
    made = None if event is None else Event(event)
    return FakeView(MONDAY + round(at * HOUR), fields, made, actor)


def begun(definition: ClockDefinition, at: float = 0, **fields: Any) -> Clocks:
    started: dict[str, Any] = {"start": True, **fields}
    record = settle(definition, None, None, view(at, **started))
    assert record is not None
    return record


def then(definition: ClockDefinition, record: Clocks, s: Any, **options: Any) -> Clocks:
    """Return the record after a step of one internal event."""
    after = settle(definition, record, record, s, **options)
    assert after is not None
    return after


def hours(instant_us: int | None) -> float | None:
    return None if instant_us is None else (instant_us - MONDAY) / HOUR


def due_at(found: tuple[Timer, ...]) -> dict[str, float | None]:
    return {timer.key.rpartition("/")[2]: hours(timer.due_us) for timer in found}


# --- rule 27: starting ---


def test_a_clock_starts_when_start_holds() -> None:
    current = begun(clock()).current
    assert (current.instance, current.status, hours(current.started_us)) == (1, "in_progress", 0)
    assert hours(current.due_us) == 8


def test_a_clock_waits_for_start() -> None:
    assert settle(clock(), None, None, view(0)) is None


@pytest.mark.parametrize("shut", ["stop", "cancel"])
def test_a_clock_does_not_start_while_stop_or_cancel_holds(shut: str) -> None:
    fields: dict[str, Any] = {"start": True, shut: True}
    assert settle(clock(), None, None, view(0, **fields)) is None


def test_a_clock_that_starts_paused_has_no_due_instant() -> None:
    current = begun(clock(), pause=True).current
    assert (current.status, current.due_us, hours(current.paused_since_us)) == ("paused", None, 0)


def test_start_turning_false_does_nothing() -> None:
    definition = clock()
    record = begun(definition)
    assert settle(definition, record, record, view(1)) is record


def test_nothing_changes_gives_the_very_record() -> None:
    definition = clock()
    record = begun(definition)
    assert settle(definition, record, record, view(1, start=True)) is record


# --- rules 26 to 28: ending ---


def test_stop_completes_with_the_time_counted() -> None:
    definition = clock()
    current = then(definition, begun(definition), view(3, stop=True)).current
    assert (current.status, current.breached, hours(current.ended_us)) == ("completed", False, 3)
    assert current.elapsed_us == 3 * HOUR


def test_cancel_goes_before_stop() -> None:
    definition = clock()
    current = then(definition, begun(definition), view(3, stop=True, cancel=True)).current
    assert (current.status, current.reason) == ("cancelled", "cancel")


def test_a_completed_clock_stays_so() -> None:
    definition = clock()
    record = then(definition, begun(definition), view(3, stop=True))
    assert then(definition, record, view(4, start=True)) is record


def test_a_moment_ends_what_was_live_when_the_step_began() -> None:
    definition = clock(stop=Trigger(moments=(agent_comments(),)))
    record = begun(definition)
    said = view(1, start=True, event="comment", actor="agent")
    assert then(definition, record, said).current.status == "completed"
    other = view(1, start=True, event="comment", actor="customer")
    assert then(definition, record, other) is record


def test_a_clock_never_ends_by_the_step_that_started_it() -> None:
    definition = clock(stop=Trigger(moments=(agent_comments(),)))
    said = view(0, start=True, event="comment", actor="agent")
    record = settle(definition, None, None, said)
    assert record is not None
    assert settle(definition, record, None, said) is record


def test_an_event_condition_without_on_is_such_a_moment() -> None:
    by_event: Any = Fake(lambda s: s.event is not None and s.event.type == "comment")
    definition = clock(stop=Trigger(eventful=(by_event,)))
    record = settle(definition, None, None, view(0, start=True, event="comment"))
    assert record is not None
    assert settle(definition, record, None, view(0, start=True, event="comment")) is record
    assert then(definition, record, view(1, event="comment")).current.status == "completed"


def test_again_new_starts_at_the_instant_of_the_end() -> None:
    definition = clock(stop=Trigger(moments=(agent_comments(),)), again="new")
    record = begun(definition)
    after = then(definition, record, view(2, start=True, event="comment", actor="agent"))
    assert (after.current.instance, after.current.status) == (2, "in_progress")
    assert (hours(after.current.started_us), hours(after.current.due_us)) == (2, 24 + 2)
    assert after.last is not None
    assert (after.last.status, after.last.elapsed_us) == ("completed", 2 * HOUR)
    assert announcements(record, after) == ("clock_completed",)


def test_again_new_starts_later_when_start_holds_again() -> None:
    definition = clock(again="new")
    record = then(definition, begun(definition), view(2, start=True, stop=True))
    assert record.current.status == "completed"
    assert then(definition, record, view(3, start=True)).current.instance == 2


# --- rule 29: resume and reset ---


def test_resume_goes_on_without_counting_the_time_between() -> None:
    definition = clock(again="resume")
    stopped = then(definition, begun(definition), view(2, stop=True))
    current = then(definition, stopped, view(5)).current
    assert (current.instance, current.status, current.ended_us) == (1, "in_progress", None)
    assert hours(current.due_us) == 24 + 3
    assert Measure(OFFICE).elapsed_us(current, MONDAY + 6 * HOUR) == 3 * HOUR


def test_resume_joins_the_pause_before_the_stop() -> None:
    definition = clock(again="resume")
    paused = then(definition, begun(definition), view(1, pause=True))
    stopped = then(definition, paused, view(2, pause=True, stop=True))
    current = then(definition, stopped, view(3)).current
    assert [(hours(a), hours(b)) for a, b in current.pauses] == [(1, 3)]


def test_resume_waits_while_cancel_holds() -> None:
    definition = clock(again="resume")
    stopped = then(definition, begun(definition), view(2, stop=True))
    assert then(definition, stopped, view(5, cancel=True)) is stopped


def test_resume_keeps_what_has_passed() -> None:
    definition = clock(again="resume", thresholds=(percent("50%"),))
    half, _ = pass_threshold(begun(definition), "50%")
    stopped = then(definition, half, view(5, stop=True))
    assert due_at(timers(definition, then(definition, stopped, view(6)), 0)) == {"breach": 24 + 1}


def test_a_reset_by_an_event_sets_elapsed_to_zero() -> None:
    definition = clock(reset=Trigger(moments=(agent_comments(),)))
    record = begun(definition)
    current = then(definition, record, view(3, event="comment", actor="agent")).current
    assert (hours(current.started_us), hours(current.counted_from_us)) == (0, 3)
    assert hours(current.due_us) == 24 + 3


def test_a_reset_by_a_condition_acts_when_it_becomes_true() -> None:
    definition = clock(reset=Trigger((holds("reset"),)))
    record = begun(definition)
    now = replace(view(3, reset=True), previous=view(3))
    assert hours(then(definition, record, now).current.counted_from_us) == 3
    still = replace(view(3, reset=True), previous=view(3, reset=True))
    assert then(definition, record, still) is record


def test_a_reset_forgets_pauses() -> None:
    definition = clock(reset=Trigger((holds("reset"),)))
    paused = then(definition, begun(definition), view(1, pause=True))
    current = then(definition, paused, replace(view(3, pause=True, reset=True), previous=view(3)))
    assert (current.current.pauses, hours(current.current.paused_since_us)) == ((), 3)


# --- rules 18 and 30: pauses ---


def test_a_pause_takes_the_due_instant_away_and_moves_it() -> None:
    definition = clock()
    paused = then(definition, begun(definition), view(1, pause=True))
    assert (paused.current.status, paused.current.due_us) == ("paused", None)
    assert timers(definition, paused, MONDAY) == ()
    going = then(definition, paused, view(3)).current
    assert (going.status, hours(going.due_us)) == ("in_progress", 24 + 2)


def test_only_the_open_part_of_a_pause_counts() -> None:
    definition = clock()
    paused = then(definition, begun(definition), view(7, pause=True))
    assert hours(then(definition, paused, view(24)).current.due_us) == 24 + 1


def test_what_flaps_within_an_internal_event_leaves_no_mark() -> None:
    definition = clock()
    record = begun(definition)
    assert settle(definition, record, record, view(1, pause=True)) is not record
    assert settle(definition, record, record, view(1)) is record


def test_a_pause_of_no_length_is_not_kept() -> None:
    definition = clock()
    paused = then(definition, begun(definition), view(1, pause=True))
    assert then(definition, paused, view(1)).current.pauses == ()


# --- rules 30 and 31: targets and thresholds ---


def percent(key: str, position: int = 0) -> Threshold:
    return Threshold(key, (Decimal(key[:-1]) / 100).as_integer_ratio(), None, position)


def before(key: str, position: int = 9) -> Threshold:
    return Threshold(key, None, parse_duration(key.removesuffix(" before")), position)


def keyed(**changes: Any) -> ClockDefinition:
    """Return a clock of 8 hours at priority 2 and 16 at 4, with none at 1."""
    cases = {
        key: FixedTarget(parse_duration(text))
        for key, text in {"2": "8 business hours", "4": "16 business hours"}.items()
    }
    by: Any = Fake(lambda s: s.fields.get("priority"))
    thresholds = (percent("50%"), percent("75%", 1))
    return clock(target=KeyedTarget(by, cases), thresholds=thresholds, **changes)


def test_thresholds_and_the_due_instant_are_timers() -> None:
    definition = clock(
        thresholds=(percent("50%"), percent("75%", 1), before("1 business hour before"))
    )
    found = timers(definition, begun(definition), MONDAY)
    expected = {"50%": 4, "75%": 6, "1 business hour before": 7, "breach": 8}
    assert due_at(found) == expected
    assert [timer.key for timer in sorted(found, key=lambda t: t.position)] == [
        f"sla/response/{key}" for key in expected
    ]
    assert {(timer.rank, timer.owner, timer.fingerprint) for timer in found} == {(0, 1, "f1")}


def test_the_due_instant_is_a_timer_without_thresholds() -> None:
    assert due_at(timers(clock(), begun(clock()), MONDAY)) == {"breach": 8}


def test_a_case_that_no_target_fits_has_no_clock() -> None:
    assert settle(keyed(), None, None, view(0, start=True, priority=1)) is None
    assert settle(keyed(), None, None, view(0, start=True)) is None


def test_a_clock_that_loses_its_target_lives_on_without_due() -> None:
    definition = keyed()
    record = then(definition, begun(definition, priority=2), view(1, priority=1))
    assert (record.current.status, record.current.target, record.current.due_us) == (
        "in_progress",
        None,
        None,
    )
    assert timers(definition, record, MONDAY) == ()
    again = then(definition, record, view(2, priority=2)).current
    assert (hours(again.started_us), hours(again.due_us)) == (0, 8)


def test_a_new_target_keeps_start_and_pauses() -> None:
    definition = keyed()
    paused = then(definition, begun(definition, priority=2), view(1, priority=2, pause=True))
    going = then(definition, paused, view(2, priority=2))
    moved = then(definition, going, view(3, priority=4)).current
    assert (moved.target_key, hours(moved.due_us)) == ("4", 48 + 1)


def test_several_thresholds_passed_at_once_run_the_highest() -> None:
    definition = keyed()
    record = then(definition, begun(definition, priority=4), view(7, priority=2))
    assert due_at(timers(definition, record, MONDAY + 7 * HOUR)) == {"75%": 7, "breach": 8}
    spent = then(definition, begun(definition, priority=4), view(24 + 1, priority=2))
    assert due_at(timers(definition, spent, MONDAY + 25 * HOUR)) == {"breach": 25}
    assert not spent.current.breached


def test_a_new_target_while_paused_runs_the_highest_threshold_at_the_end_of_the_pause() -> None:
    definition = keyed()
    paused = then(definition, begun(definition, priority=4), view(7, priority=4, pause=True))
    aimed = then(definition, paused, view(8, priority=2, pause=True))
    going = then(definition, aimed, view(24, priority=2))
    assert due_at(timers(definition, going, MONDAY + 24 * HOUR)) == {"75%": 24, "breach": 24 + 1}


def test_a_threshold_runs_once_for_an_instance_and_a_target() -> None:
    definition = keyed()
    half, runs = pass_threshold(begun(definition, priority=2), "50%")
    assert runs
    assert pass_threshold(half, "50%") == (half, False)
    there = then(definition, half, view(5, priority=4))
    assert due_at(timers(definition, there, MONDAY)) == {"50%": 8, "75%": 24 + 4, "breach": 24 + 8}
    back = then(definition, there, view(5, priority=2))
    assert due_at(timers(definition, back, MONDAY)) == {"75%": 6, "breach": 8}


def test_a_breach_is_kept_apart_from_the_status() -> None:
    definition = clock()
    record, runs = breach(begun(definition))
    assert runs
    current = record.current
    assert (current.breached, current.status, record.breaches) == (True, "in_progress", 1)
    assert timers(definition, then(definition, record, view(9)), 0) == ()
    paused = then(definition, record, view(9, pause=True)).current
    assert (paused.status, paused.breached) == ("paused", True)


def test_a_longer_target_takes_the_breach_back_but_not_its_count() -> None:
    definition = keyed()
    record, _ = breach(begun(definition, priority=2))
    longer = then(definition, record, view(24 + 1, priority=4))
    assert (longer.current.breached, longer.breaches) == (False, 1)
    assert due_at(timers(definition, longer, MONDAY))["breach"] == 24 + 8
    again, runs = breach(longer)
    assert (again.breaches, runs) == (2, True)
    shorter = then(definition, longer, view(24 + 2, priority=2))
    assert (shorter.current.breached, shorter.breaches) == (True, 1)
    assert timers(definition, shorter, MONDAY) == ()


def test_a_stop_tells_of_a_target_just_spent() -> None:
    definition = keyed()
    record = then(definition, begun(definition, priority=4), view(24 + 1, priority=2, stop=True))
    assert (record.current.status, record.current.breached, record.breaches) == (
        "completed",
        True,
        1,
    )
    assert announcements(begun(definition, priority=4), record) == (
        "clock_breached",
        "clock_completed",
    )


def test_after_a_reset_a_breach_counts_but_its_actions_have_run() -> None:
    definition = clock(reset=Trigger((holds("reset"),)))
    record, _ = breach(begun(definition))
    after = then(definition, record, replace(view(9, reset=True), previous=view(9)))
    assert (after.current.breached, due_at(timers(definition, after, MONDAY))) == (
        False,
        {"breach": 24 + 8},
    )
    again, runs = breach(after)
    assert (again.breaches, runs) == (2, False)


def test_a_percentage_of_days_is_one_of_the_open_time_between() -> None:
    definition = clock(
        target=FixedTarget(parse_duration("2 business days")), thresholds=(percent("75%"),)
    )
    record = begun(definition)
    assert due_at(timers(definition, record, MONDAY)) == {"75%": 24 + 4, "breach": 48}
    shown = ClockView(definition.measure, record, MONDAY + 28 * HOUR)
    assert (shown.percentage, shown.elapsed) == (75, parse_duration("12 business hours"))


# --- deadlines ---


def worked(function: Callable[[FakeView], Any], **changes: Any) -> ClockDefinition:
    return clock(target=WorkedTarget(cast("Any", Fake(function)), OFFICE, "f.yaml:1:1"), **changes)


def test_pauses_do_not_move_a_deadline() -> None:
    deadline = from_us(MONDAY + 10 * HOUR)
    definition = worked(lambda _: deadline, thresholds=(percent("50%"), before("2 hours before")))
    record = begun(definition)
    assert due_at(timers(definition, record, MONDAY)) == {
        "50%": 5,
        "2 hours before": 8,
        "breach": 10,
    }
    paused = then(definition, record, view(1, pause=True))
    assert paused.current.due_us is None
    late = then(definition, paused, view(9))
    assert hours(late.current.due_us) == 10
    assert due_at(timers(definition, late, MONDAY + 9 * HOUR)) == {
        "2 hours before": 9,
        "breach": 10,
    }


TARGETS: dict[str, tuple[Any, Duration | int | None]] = {
    "a duration of a table": (parse_duration("2 days"), parse_duration("2 days")),
    "a length that FEEL worked out is real time": (
        timedelta(hours=3, microseconds=1),
        Duration("real", 10_801),
    ),
    "a local time is one of the calendar's zone": (
        datetime(2026, 3, 2, 12),  # noqa: DTZ001  local
        MONDAY + 3 * HOUR,
    ),
    "a date ends with its midnight": (date(2026, 3, 2), MONDAY + 15 * HOUR),
}


@pytest.mark.parametrize(("given_target", "expected"), TARGETS.values(), ids=TARGETS)
def test_an_expression_may_give(given_target: Any, expected: Duration | int | None) -> None:
    assert begun(worked(lambda _: given_target)).current.target == expected


def test_a_target_of_another_kind_is_a_fault_of_the_spec() -> None:
    with pytest.raises(BadValue, match="neither a duration nor an instant"):
        begun(worked(lambda _: 8))


# --- rules 13 and 32 ---


def test_a_final_state_ends_what_its_own_conditions_do_not() -> None:
    definition = clock(again="new")
    record = begun(definition)
    final = then(definition, record, view(2, start=True), is_final=True).current
    assert (final.status, final.reason) == ("cancelled", "final")
    stopped = then(definition, record, view(2, start=True, stop=True), is_final=True)
    assert (stopped.current.instance, stopped.current.status) == (1, "completed")
    assert settle(definition, None, None, view(2, start=True), is_final=True) is None
    assert settle(definition, stopped, stopped, view(2, start=True), is_final=True) is stopped


def changed(definition: ClockDefinition, **changes: Any) -> ClockDefinition:
    return replace(definition, fingerprint="f2", **changes)


def test_a_changed_definition_works_a_live_clock_out_from_its_start() -> None:
    old = clock(thresholds=(percent("50%"), percent("75%", 1)))
    new = changed(old, target=FixedTarget(parse_duration("4 business hours")))
    record = recalculate(new, begun(old), view(3.5))
    assert (hours(record.current.due_us), record.current.fingerprint) == (4, "f2")
    assert due_at(timers(new, record, MONDAY)) == {"breach": 4}


def test_a_recalculation_arms_nothing_past_but_a_breach() -> None:
    old = clock(thresholds=(percent("50%"),))
    new = changed(old, target=FixedTarget(parse_duration("2 business hours")))
    record = recalculate(new, begun(old), view(3))
    assert due_at(timers(new, record, MONDAY + 3 * HOUR)) == {"breach": 3}


def test_a_recalculation_without_a_change_writes_nothing() -> None:
    definition = clock()
    record = begun(definition)
    assert recalculate(definition, record, view(3)) is record


def test_ended_instances_are_never_recalculated() -> None:
    definition = clock()
    record = then(definition, begun(definition), view(2, stop=True))
    assert recalculate(changed(definition), record, view(3)) is record


def test_a_breach_that_a_new_holiday_takes_back_runs_its_actions_once() -> None:
    definition = clock()
    record, _ = breach(begun(definition))
    holiday = Calendar("UTC", {"tue": ["09:00-17:00"], "mon": []})
    later = recalculate(changed(definition, measure=Measure(holiday)), record, view(9))
    assert (later.current.breached, hours(later.current.due_us)) == (False, 24 + 8)
    again, runs = breach(later)
    assert (again.breaches, runs) == (1, False)


def test_a_calendar_that_an_expression_names_is_followed() -> None:
    always = always_open("UTC")
    definition = clock(
        calendar=cast("Any", Fake(lambda s: s.fields.get("calendar"))),
        fingerprints={"office": "o", "always": "a"},
        measure=Measure(OFFICE, by_fingerprint={"o": OFFICE, "a": always}),
    )
    record = begun(definition, at=4, calendar="always")
    assert hours(record.current.due_us) == 12
    assert then(definition, record, view(5, calendar="always")) is record
    moved = then(definition, record, view(5, calendar="office"))
    assert hours(moved.current.due_us) == 24 + 4
    assert hours(begun(definition, at=4, calendar="unknown").current.due_us) == 24 + 4


def test_a_change_tells_the_conditions_that_it_came_from() -> None:
    definition = clock(again="new")
    record = begun(definition)

    def roles(before: Clocks | None, after: Clocks) -> list[str]:
        return [role for role, _ in reasons(definition, before, after)]

    assert roles(None, record) == ["start"]
    assert roles(record, record) == []
    paused = then(definition, record, view(1, pause=True))
    assert roles(record, paused) == ["pause"]
    assert roles(paused, then(definition, paused, view(2))) == ["pause"]
    assert roles(record, then(definition, record, view(2, stop=True))) == ["stop"]
    assert roles(record, then(definition, record, view(2, cancel=True))) == ["cancel"]


# --- what expressions see ---


def test_a_view_tells_of_the_live_instance() -> None:
    definition = clock()
    record = begun(definition)
    shown = ClockView(definition.measure, record, MONDAY + 2 * HOUR)
    assert (shown.status, shown.breached, shown.breaches) == ("in_progress", False, 0)
    assert (shown.start, shown.due, shown.stop) == (
        from_us(MONDAY),
        from_us(MONDAY + 8 * HOUR),
        None,
    )
    assert shown.target == parse_duration("8 business hours")
    assert shown.elapsed == parse_duration("2 business hours")
    assert shown.remaining == parse_duration("6 business hours")
    assert shown.percentage == 25


def test_a_view_of_a_paused_clock_stands_still() -> None:
    definition = clock()
    record = then(definition, begun(definition), view(1, pause=True))
    shown = ClockView(definition.measure, record, MONDAY + 5 * HOUR)
    assert (shown.status, shown.due, shown.percentage) == ("paused", None, Decimal("12.5"))


def test_a_view_of_an_ended_clock_tells_how_it_ended() -> None:
    definition = clock()
    record = then(definition, begun(definition), view(2, stop=True))
    shown = ClockView(definition.measure, record, MONDAY + 90 * HOUR)
    assert (shown.status, shown.stop) == ("completed", from_us(MONDAY + 2 * HOUR))
    assert (shown.elapsed, shown.percentage) == (parse_duration("2 business hours"), 25)


def test_a_view_of_a_deadline_counts_to_it() -> None:
    deadline = from_us(MONDAY + 10 * HOUR)
    definition = worked(lambda _: deadline)
    shown = ClockView(definition.measure, begun(definition), MONDAY + 5 * HOUR)
    assert (shown.target, shown.due, shown.percentage) == (deadline, deadline, 50)
    assert (shown.elapsed, shown.remaining) == (
        parse_duration("5 hours"),
        parse_duration("5 hours"),
    )


def test_a_view_of_a_clock_without_target_has_no_percentage() -> None:
    definition = keyed()
    record = then(definition, begun(definition, priority=2), view(1, priority=1))
    shown = ClockView(definition.measure, record, MONDAY + 2 * HOUR)
    assert (shown.target, shown.percentage, shown.remaining) == (None, None, None)


# --- properties ---

CONDITIONS = ("start", "stop", "pause", "cancel", "reset")


@st.composite
def definitions(draw: st.DrawFn) -> ClockDefinition:
    by_event = draw(st.booleans())
    eventful: Any = Fake(lambda s: s.event is not None and s.actor == "agent")
    stop = draw(
        st.sampled_from(
            [None, Trigger((holds("stop"),)), Trigger((holds("stop"),), (), (agent_comments(),))]
        )
    )
    if by_event and stop is not None:
        stop = Trigger(stop.level, (eventful,), stop.moments)
    again = draw(st.sampled_from(["none", "new", "resume"]))
    if again == "resume" and stop is not None and stop.needs_event:
        again = "new"
    unit = draw(st.sampled_from(["hours", "business hours", "days", "business days"]))
    amounts = {"2": draw(st.integers(1, 12)), "4": draw(st.integers(1, 12))}
    cases = {key: FixedTarget(parse_duration(f"{n} {unit}")) for key, n in amounts.items()}
    by: Any = Fake(lambda s: s.fields.get("priority"))
    return clock(
        target=KeyedTarget(by, cases),
        stop=stop,
        reset=draw(
            st.sampled_from(
                [None, Trigger((holds("reset"),)), Trigger((), (), (agent_comments(),))]
            )
        ),
        pause=draw(st.sampled_from([None, holds("pause")])),
        cancel=draw(st.sampled_from([None, holds("cancel")])),
        again=again,
        thresholds=(percent("50%"), percent("75%", 1), before("1 business hour before", 2)),
    )


@st.composite
def cases(draw: st.DrawFn) -> dict[str, Any]:
    on = draw(st.sets(st.sampled_from(CONDITIONS)))
    return {**dict.fromkeys(on, True), "priority": draw(st.sampled_from([1, 2, 4]))}


internal_events = st.tuples(
    st.lists(cases(), min_size=1, max_size=3),  # the case flaps between these
    st.sampled_from([None, "comment", "update"]),
    st.sampled_from([None, "agent"]),
)
steps = st.lists(
    st.tuples(st.integers(0, 30), st.lists(internal_events, min_size=1, max_size=3)), max_size=8
)


class Life:
    """A case with one clock: runs steps and their timers, and checks every internal event."""

    def __init__(self, definition: ClockDefinition) -> None:
        self.definition = definition
        self.record: Clocks | None = None
        self.now_us = MONDAY
        self.last: FakeView = FakeView()
        self.ran: list[tuple[int, str, str]] = []
        self.counted_us = 0

    def step(self, until_us: int, events: list[Any]) -> None:
        self.advance(until_us)
        at_begin = self.record
        for fields, event_type, actor in events:
            self.internal(at_begin, fields, event_type, actor)

    def advance(self, until_us: int) -> None:
        for _ in range(100):
            waiting = timers(self.definition, self.record, self.now_us)
            timer = min(waiting, key=lambda t: (t.due_us, t.position), default=None)
            if timer is None or timer.due_us > until_us:
                break
            self.pass_time(timer.due_us)
            self.run(timer)
        else:
            pytest.fail("timers without end")
        self.pass_time(until_us)

    def pass_time(self, until_us: int) -> None:
        if self.record is not None and self.record.current.status == "in_progress":
            self.counted_us += until_us - self.now_us
        self.now_us = until_us

    def run(self, timer: Timer) -> None:
        assert self.record is not None
        assert self.record.current.status == "in_progress"
        key = timer.key.rpartition("/")[2]
        if key == "breach":
            assert self.record.current.due_us is not None
            self.record, runs = breach(self.record)
        else:
            self.record, runs = pass_threshold(self.record, key)
        if runs:
            current = self.record.current
            self.ran.append((current.instance, str(current.target), key))
        after = settle(self.definition, self.record, self.record, cast("Any", self.quiet()))
        assert after is self.record

    def quiet(self) -> FakeView:
        return FakeView(self.now_us, self.last.fields, None, None, self.last)

    def internal(
        self,
        at_begin: Clocks | None,
        flaps: list[dict[str, Any]],
        event: str | None,
        actor: str | None,
    ) -> None:
        was, definition = self.record, self.definition
        after: Clocks | None = None
        for fields in flaps:
            made = None if event is None else Event(event)
            s: Any = FakeView(self.now_us, fields, made, actor, self.last)
            after = settle(definition, was, at_begin, s)
            assert settle(definition, was, at_begin, s) == after
        self.check(at_begin, was, after, FakeView(self.now_us, flaps[-1]))
        self.record = after
        self.last = FakeView(self.now_us, flaps[-1])
        assert settle(definition, after, at_begin, cast("Any", self.quiet())) is after

    def check(
        self, at_begin: Clocks | None, was: Clocks | None, now: Clocks | None, quiet: FakeView
    ) -> None:
        if now is None:
            assert was is None
            return
        first = 0 if was is None else was.current.instance
        assert now.current.instance - first in (0, 1)
        started = now.current.instance != first
        if started:
            assert now.current.status in ("in_progress", "paused")
            self.counted_us = 0
        elif was is not None and now.current.counted_from_us != was.current.counted_from_us:
            self.counted_us = 0
        ended = now.last if started else now.current
        if ended is not None and ended.ended_us == self.now_us and was is not None:
            self.check_end(at_begin, was, ended, quiet)
        self.check_record(now.current)

    def check_end(
        self, at_begin: Clocks | None, was: Clocks, ended: Clock, quiet: FakeView
    ) -> None:
        if was.current.status not in ("in_progress", "paused"):
            return
        was_live = at_begin is not None and at_begin.current.instance == ended.instance
        if ended.status == "completed" and not was_live:
            assert self.definition.stop is not None
            assert self.definition.stop.holds_quietly(cast("Any", quiet))

    def check_record(self, current: Clock) -> None:
        assert (current.status == "paused") == (current.paused_since_us is not None)
        assert (current.status in ("completed", "cancelled")) == (current.ended_us is not None)
        if current.status == "paused":
            assert current.due_us is None
        edges = [edge for pause in current.pauses for edge in pause]
        assert edges == sorted(set(edges))
        if isinstance(current.target, Duration) and current.target.unit == "real":
            spent = self.definition.measure.elapsed_us(current, self.now_us)
            assert spent == self.counted_us


@settings(max_examples=80, deadline=None)
@given(definitions(), steps)
def test_a_clock_makes_at_most_one_end_and_one_start_in_an_internal_event(
    definition: ClockDefinition, life: list[tuple[int, list[Any]]]
) -> None:
    case = Life(definition)
    for wait, events in life:
        case.step(case.now_us + wait * HOUR // 2, events)
    assert len(case.ran) == len(set(case.ran))
