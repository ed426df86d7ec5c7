"""When a host's ticks come changes nothing: prompt, late, or only with events (rules 9 and 10)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from casewright.case import Actor, Case, Event
from casewright.program import compile_packs

if TYPE_CHECKING:
    from casewright.program import Program

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
AGENT = Actor("ann", ("agent",))
CUSTOMER = Actor("carl", ("customer",))

PACK = """\
kind: pack
name: desk
schema: casewright/1
version: 1.0.0
---
kind: calendar
name: office
timezone: Europe/Berlin
hours: {mon: ["09:00-17:00"], tue: ["09:00-17:00"], wed: ["09:00-12:00", "13:00-17:00"]}
---
kind: case_type
name: ticket
state_flow: ticket
calendar: office
fields:
  priority: {type: choice, choices: {1: High, 2: Low, 3: None}, default: 2}
  log: {type: string, many: true, default: []}
  urgent: {type: boolean, computed: sla.answer.breached or priority = 1}
---
kind: roles
name: ticket
for: ticket
roles:
  agent: {may: [create, read, update, comment]}
  customer: {may: [create, read, comment]}
---
kind: state_flow
name: ticket
initial: open
states:
  open: {timers: {nudge: {after: 5 hours, do: [{set: {log: '= append(log, "nudge")'}}]}}}
  waiting: {timers: {remind: {after: 1 business day, do: [{comment: Are you there?}]}}}
  solved: {timers: {close: {after: 2 days, do: [{raise: close}]}}}
  closed: {final: true}
transitions:
  ask: {from: open, to: waiting, roles: [agent]}
  reply: {on: comment, from: [waiting, solved], to: open, when: has role("customer")}
  solve: {from: [open, waiting], to: solved, roles: [agent]}
  close: {from: solved, to: closed, roles: [system]}
---
kind: rules
name: ticket
for: ticket
rules:
  became_urgent: {when: urgent, do: [{set: {log: '= append(log, "urgent")'}}]}
---
kind: sla_definitions
name: ticket
for: ticket
slas:
  answer:
    target: {by: priority, 1: 2 business hours, 2: 1 business day}
    start: state != "solved"
    pause: state = "waiting"
    stop: {on: comment, when: has role("agent")}
    again: new
    thresholds:
      50%: [{set: {log: '= append(log, "half")'}}]
      1 hour before: [{set: {log: '= append(log, "soon")'}}]
      breach: [{set: {log: '= append(log, "breach")', priority: 1}}]
  solution:
    target: 3 days
    start: state = "open"
    stop: state in ("solved", "closed")
    again: resume
    thresholds: {75%: [{set: {log: '= append(log, "hurry")'}}]}
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    folder = tmp_path_factory.mktemp("desk")
    (folder / "pack.yaml").write_text(PACK)
    return compile_packs([folder])


Act = tuple[str, Actor, dict[str, object]]
Life = list[tuple[int, Act]]


ACTS: list[Act] = [
    ("comment", AGENT, {"text": "Hello"}),
    ("comment", CUSTOMER, {"text": "Hello"}),
    ("ask", AGENT, {}),
    ("solve", AGENT, {}),
    ("update", AGENT, {"priority": 1}),
    ("update", AGENT, {"priority": 2}),
    ("update", AGENT, {"priority": 3}),
]

lives = st.lists(st.tuples(st.integers(0, 60), st.sampled_from(ACTS)), max_size=10)
ticks = st.lists(st.integers(0, 40), max_size=12)


def lived(program: Program, life: Life, at: list[timedelta]) -> list[bytes]:
    """Return the case after each event, with ticks at some instants in between."""
    now = START
    create = Event("create", "e", "t1", "desk.ticket", time=now, actor=CUSTOMER)
    case = program.step(None, create).case
    seen: list[bytes] = []
    for number, (wait, act) in enumerate(life):
        until = now + wait * timedelta(minutes=30)
        for tick in sorted(at):
            if now < START + tick <= until and case is not None:
                case = advanced(program, case, START + tick)
        now = until
        event_type, actor, data = act
        event = Event(event_type, f"e{number}", "t1", time=now, actor=actor, data=data)
        outcomes = program.handle(case, event)
        assert all(outcome.status != "failed" for outcome in outcomes)
        case = outcomes[-1].case
        assert case is not None
        seen.append(program.dump_case(case))
    return seen


def advanced(program: Program, case: Case, until: datetime) -> Case:
    outcomes = program.advance(case, until)
    return case if not outcomes or outcomes[-1].case is None else outcomes[-1].case


@settings(max_examples=40, deadline=None)
@given(life=lives, often=ticks)
def test_cases_are_equal_whenever_ticks_come(
    program: Program, life: Life, often: list[int]
) -> None:
    prompt = [n * timedelta(minutes=30) for n in range(1, 200)]
    late = [n * timedelta(minutes=47) for n in often]
    only_events = lived(program, life, [])
    assert lived(program, life, prompt) == only_events
    assert lived(program, life, late) == only_events


@settings(max_examples=25, deadline=None)
@given(life=lives)
def test_a_step_on_a_restored_case_is_the_same_step(program: Program, life: Life) -> None:
    now, case = START, None
    create = Event("create", "e", "t1", "desk.ticket", time=now, actor=CUSTOMER)
    case = program.step(None, create).case
    for number, (wait, act) in enumerate(life):
        now += wait * timedelta(minutes=30)
        event_type, actor, data = act
        event = Event(event_type, f"e{number}", "t1", time=now, actor=actor, data=data)
        assert case is not None
        restored = program.load_case(program.dump_case(case))
        fresh, again = program.handle(case, event), program.handle(restored, event)
        assert [replace(o, entity=None) for o in fresh] == [replace(o, entity=None) for o in again]
        for one, other in zip(fresh, again, strict=True):
            assert one.case is not None
            assert other.case is not None
            assert program.dump_case(one.case) == program.dump_case(other.case)
        case = fresh[-1].case


def test_such_a_life_is_eventful(program: Program) -> None:
    waits_and_acts = [(3, 2), (60, 1), (60, 4), (60, 0), (60, 3), (200, 1)]
    last = lived(program, [(wait, ACTS[number]) for wait, number in waits_and_acts], [])[-1]
    case = program.load_case(last)
    assert case.state == "closed"
    assert case.fields["log"] == [
        *("nudge", "hurry", "half", "soon", "breach", "urgent", "breach"),
        *("half", "soon", "breach"),
    ]
