"""Clocks in packs: every mistake at its place, and clocks that run in a program."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from casewright.case import Actor, Case, Event, Outcome
from casewright.errors import SpecError
from casewright.program import compile_packs

if TYPE_CHECKING:
    from pathlib import Path

    from casewright.program import Program
    from casewright.sla import ClockDefinition

PACK = """\
kind: pack
name: desk
schema: casewright/1
version: 1.0.0
---
kind: calendar
name: office
timezone: UTC
hours: {mon: ["09:00-17:00"], tue: ["09:00-17:00"], wed: ["09:00-17:00"]}
---
kind: calendar
name: never
timezone: UTC
hours: {}
---
kind: case_type
name: ticket
state_flow: ticket
CALENDAR
fields:
  priority: {type: choice, choices: {1: High, 2: Low}, default: 2}
  urgent: {type: boolean, default: false}
  deadline: {type: date_time}
  answered: {type: boolean}
  breaches: {type: integer, default: 0}
  reminders: {type: integer, default: 0}
  plan: {type: string}
---
kind: roles
name: ticket
for: ticket
roles:
  agent: {may: [create, read, update, comment]}
---
kind: state_flow
name: ticket
initial: open
states:
  open: {}
  waiting: {}
  solved: {}
  closed: {final: true}
transitions:
  wait: {from: open, to: waiting}
  go_on: {from: [waiting, solved], to: open}
  solve: {from: [open, waiting], to: solved}
  close: {from: [open, solved], to: closed}
---
kind: sla_definitions
name: ticket
for: ticket
slas:
"""


def write(folder: Path, slas: str, calendar: str = "calendar: office") -> Path:
    (folder / "pack.yaml").write_text(
        PACK.replace("CALENDAR\n", f"{calendar}\n" if calendar else "") + slas
    )
    return folder


def program_of(folder: Path, slas: str, calendar: str = "calendar: office") -> Program:
    return compile_packs([write(folder, slas, calendar)])


def mistakes(folder: Path, slas: str, calendar: str = "calendar: office") -> list[tuple[str, str]]:
    try:
        program = program_of(folder, slas, calendar)
    except SpecError as err:
        found = err.diagnostics
    else:
        found = tuple(program.warnings)
    told = [(d.code, d.message) for d in found if d.severity != "info"]
    return [pair for pair in told if pair[1] != 'calendar "never" never opens']


def clock_of(folder: Path, body: str) -> ClockDefinition:
    return program_of(folder, f"  answer: {body}\n").case_type("ticket").clocks["answer"]


WRONG: dict[str, tuple[str, tuple[str, str]]] = {
    "a bad duration": (
        "{target: 8 busines hours, start: 'true'}",
        ("CW503", '"8 busines hours" is not a duration; did you mean'),
    ),
    "a target of nothing": (
        "{target: 0 hours, start: 'true'}",
        ("CW518", 'the target "0 hours" is spent before it begins'),
    ),
    "a target of another type": (
        "{target: = priority, start: 'true'}",
        ("CW518", "a target is a duration or an instant, not a number"),
    ),
    "a key that is no choice": (
        "{target: {by: priority, 2: 8 hours, 3: 8 hours}, start: 'true'}",
        ("CW511", 'unknown choice of priority "3"'),
    ),
    "resume with a stop that needs the event": (
        "{target: 8 hours, start: 'true', stop: {on: comment}, again: resume}",
        ("CW512", '"answer" cannot resume: its stop holds only by an event'),
    ),
    "resume without a stop": (
        "{target: 8 hours, start: 'true', again: resume}",
        ("CW513", '"answer" has no stop, so `again: resume` does nothing'),
    ),
    "business time without a calendar": (
        "{target: 8 business hours, start: 'true'}",
        ("CW514", '"answer" counts business time without a calendar'),
    ),
    "a calendar that never opens": (
        "{target: 8 business hours, start: 'true', calendar: never}",
        ("CW515", '"answer" is never due: its calendar never opens'),
    ),
    "a threshold after the breach": (
        "{target: 8 hours, start: 'true', thresholds: {120%: [{set: {urgent: true}}]}}",
        ("CW516", 'the threshold "120%" lies after the breach'),
    ),
    "a threshold at the breach": (
        "{target: 8 hours, start: 'true', thresholds: {100%: [{set: {urgent: true}}]}}",
        ("CW516", 'the threshold "100%" is the breach itself'),
    ),
    "a threshold before the start": (
        "{target: 8 hours, start: 'true', thresholds: {9 hours before: [{set: {urgent: true}}]}}",
        ("CW517", 'the threshold "9 hours before" lies before the start of a target of 8 hours'),
    ),
    "a bad duration in a threshold": (
        "{target: 8 hours, start: 'true', thresholds: {9 hourz before: [{set: {urgent: true}}]}}",
        ("CW503", 'unknown unit in the duration "9 hourz"; did you mean "hours"?'),
    ),
    "an unknown calendar": (
        "{target: 8 hours, start: 'true', calendar: ofice}",
        ("CW221", 'unknown calendar "ofice"'),
    ),
    "a start that depends on the passing of time": (
        "{target: 8 hours, start: now > deadline}",
        ("CW311", 'a level condition cannot read "now"'),
    ),
    "an unknown event": (
        "{target: 8 hours, start: 'true', stop: {on: comented}}",
        ("CW403", 'unknown event "comented"'),
    ),
}


@pytest.mark.parametrize(("body", "expected"), WRONG.values(), ids=WRONG)
def test_a_mistake_is_named(tmp_path: Path, body: str, expected: tuple[str, str]) -> None:
    calendar = "" if "without a calendar" in expected[1] else "calendar: office"
    found = mistakes(tmp_path, f"  answer: {body}\n", calendar)
    assert [(code, message[: len(expected[1])]) for code, message in found] == [expected]


def test_a_clock_knows_what_it_reads(tmp_path: Path) -> None:
    made = clock_of(
        tmp_path,
        '{target: {by: priority, 2: 8 hours}, start: state = "open", '
        'stop: [{on: comment, when: has role("agent") and urgent}, answered]}',
    )
    assert made.events == {"comment"}
    assert {path[0] for path in made.reads} == {"priority", "state", "urgent", "answered"}
    assert not made.reads_event


def test_a_stop_that_reads_the_event_without_on_is_noted(tmp_path: Path) -> None:
    made = clock_of(tmp_path, "{target: 8 hours, start: 'true', stop: changed(\"answered\")}")
    assert made.reads_event


def test_only_what_a_clock_promises_is_in_its_fingerprint(tmp_path: Path) -> None:
    bodies = {
        "plain": "{target: 8 hours, start: 'true'}",
        "titled": "{title: Answer, target: 8 hours, start: 'true'}",
        "longer": "{target: 9 hours, start: 'true'}",
        "elsewhere": "{target: 8 hours, start: 'true', calendar: never}",
    }
    prints: dict[str, str] = {}
    for name, body in bodies.items():
        (tmp_path / name).mkdir()
        prints[name] = clock_of(tmp_path / name, body).fingerprint
    assert prints["plain"] == prints["titled"]
    assert len({prints["plain"], prints["longer"], prints["elsewhere"]}) == 3


# --- in a program ---

AGENT = Actor("ann", ("agent",))
START = datetime(2026, 3, 2, 9, tzinfo=UTC)


class Desk:
    """One ticket, and its host."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.case: Case | None = None
        self.count = 0

    def send(self, event_type: str, at: float, **data: Any) -> Outcome:
        self.count += 1
        event = Event(
            event_type,
            f"e{self.count}",
            "t1",
            "desk.ticket",
            time=START + timedelta(hours=at),
            actor=AGENT,
            data=data,
        )
        outcomes = self.program.handle(self.case, event)
        self.case = outcomes[-1].case
        assert [o.errors for o in outcomes if o.status != "applied"] == []
        return outcomes[-1]

    def until(self, at: float) -> None:
        assert self.case is not None
        for outcome in self.program.advance(self.case, START + timedelta(hours=at)):
            assert (outcome.status, outcome.errors) == ("applied", ())
            self.case = outcome.case

    def clock(self, name: str = "answer") -> Any:
        assert self.case is not None
        return self.case.clocks[name].current

    @property
    def fields(self) -> dict[str, Any]:
        assert self.case is not None
        return self.case.fields


ANSWER = """\
  answer:
    target: {by: priority, 1: 2 business hours, 2: 8 business hours}
    start: state != "closed"
    pause: state = "waiting"
    stop: {on: comment, when: has role("agent")}
    again: new
    thresholds:
      50%: [{set: {reminders: = reminders + 1}}]
      breach: [{set: {breaches: = breaches + 1}}]
  solution:
    target: 16 business hours
    start: sla.answer.breaches > 0 or state = "open"
    stop: state = "solved"
    again: resume
"""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(program_of(tmp_path, ANSWER))
    made.send("create", 0)
    return made


def test_thresholds_and_breach_run_their_actions_at_their_instants(desk: Desk) -> None:
    desk.until(3.9)
    assert (desk.fields["reminders"], desk.fields["breaches"]) == (0, 0)
    desk.until(4)
    assert desk.fields["reminders"] == 1
    desk.until(8)
    assert (desk.fields["breaches"], desk.clock().breached) == (1, True)
    desk.until(100)
    assert (desk.fields["reminders"], desk.fields["breaches"]) == (1, 1)


def test_an_answer_ends_one_instance_and_starts_the_next(desk: Desk) -> None:
    desk.send("comment", 2, text="Looking into it")
    assert (desk.clock().instance, desk.clock().status) == (2, "in_progress")
    assert desk.clock().started_us == desk.case.clocks["answer"].last.ended_us  # type: ignore[union-attr]  # it has a case


def test_a_pause_holds_the_timers(desk: Desk) -> None:
    desk.send("wait", 1)
    desk.until(24 + 8)
    assert (desk.clock().status, desk.fields["reminders"]) == ("paused", 0)
    desk.send("go_on", 48)
    assert desk.clock().due_us == round((START + timedelta(hours=48 + 7)).timestamp()) * 1_000_000


def test_a_higher_priority_runs_only_the_highest_threshold(desk: Desk) -> None:
    desk.send("update", 3, priority=1)
    desk.until(3)
    assert (desk.fields["reminders"], desk.fields["breaches"]) == (0, 1)


def test_a_solution_that_is_taken_back_goes_on(desk: Desk) -> None:
    desk.send("solve", 4)
    assert desk.clock("solution").status == "completed"
    desk.send("go_on", 24)
    assert desk.clock("solution").pauses != ()
    assert desk.clock("solution").instance == 1


def test_a_final_state_ends_every_clock(desk: Desk) -> None:
    desk.send("solve", 1)
    desk.send("close", 2)
    assert (desk.clock().status, desk.clock().reason) == ("cancelled", "final")
    assert desk.clock("solution").status == "completed"
    assert desk.case is not None
    assert desk.case.timers == ()


def test_the_trace_tells_why_a_clock_paused(desk: Desk) -> None:
    event = Event("wait", "e9", "t1", time=START + timedelta(hours=1), actor=AGENT)
    traced = desk.program.step(desk.case, event, trace=True)
    lines = [line for line in traced.trace or () if line["kind"] == "clock"]
    assert [(line["place"], line.get("condition"), line.get("status")) for line in lines] == [
        ("sla/answer/pause", 'state = "waiting"', None),
        ("sla/answer", None, "paused"),
    ]


def opened(folder: Path, slas: str, **data: Any) -> Desk:
    made = Desk(program_of(folder, slas))
    made.send("create", 0, **data)
    return made


def due_hours(desk: Desk) -> float | None:
    due_us = desk.clock().due_us
    return None if due_us is None else due_us / 3_600_000_000 - START.timestamp() / 3600


def test_a_calendar_that_an_expression_names_is_followed(tmp_path: Path) -> None:
    slas = (
        "  answer:\n    target: 10 business hours\n    start: 'true'\n"
        '    calendar: \'= if urgent then "desk.never" else "office"\'\n'
    )
    desk = opened(tmp_path, slas)
    assert due_hours(desk) == 24 + 2
    desk.send("update", 1, urgent=True)
    assert due_hours(desk) is None
    desk.send("update", 2, urgent=False)
    assert due_hours(desk) == 24 + 2


def test_a_target_may_be_a_deadline_of_the_case(tmp_path: Path) -> None:
    desk = opened(
        tmp_path,
        "  answer: {target: = deadline, start: 'true'}\n",
        deadline="2026-03-02T12:00:00Z",
    )
    assert due_hours(desk) == 3
    desk.send("update", 1, deadline="2026-03-03T12:00:00Z")
    assert due_hours(desk) == 27


def test_a_target_may_differ_by_a_boolean_or_an_expression(tmp_path: Path) -> None:
    desk = opened(
        tmp_path,
        "  answer: {target: {by: urgent, true: 1 hour, false: 2 hours}, start: 'true'}\n",
    )
    assert (due_hours(desk), desk.clock().target_key) == (2, "false")
    desk.send("update", 0.5, urgent=True)
    assert (due_hours(desk), desk.clock().target_key) == (1, "true")


def test_a_reset_of_a_pack_gives_the_time_back(tmp_path: Path) -> None:
    desk = opened(
        tmp_path,
        "  answer: {target: 8 hours, start: 'true', reset: [{on: comment}, answered = true]}\n",
    )
    desk.send("comment", 1, text="Hello")
    assert due_hours(desk) == 9
    desk.send("update", 2, answered=True)
    assert due_hours(desk) == 10
    desk.send("update", 3, priority=1)
    assert due_hours(desk) == 10


def test_a_stop_without_on_may_read_what_changed(tmp_path: Path) -> None:
    desk = opened(tmp_path, "  answer: {target: 8 hours, start: 'true', stop: changed(\"plan\")}\n")
    assert desk.clock().status == "in_progress"
    desk.send("update", 1, priority=1)
    assert desk.clock().status == "in_progress"
    desk.send("update", 2, plan="gold")
    assert desk.clock().status == "completed"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("{target: {by: urgent}, start: 'true'}", "no value has a target"),
        (
            "{target: 8 hours, start: 'true', thresholds: {0%: [{set: {urgent: true}}]}}",
            'the threshold "0%" is the start itself',
        ),
    ],
)
def test_what_says_nothing_is_named(tmp_path: Path, body: str, message: str) -> None:
    assert [found for _, found in mistakes(tmp_path, f"  answer: {body}\n")] == [message]
