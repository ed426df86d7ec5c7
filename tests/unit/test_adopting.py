"""A case goes over to another program: only what differs is worked out again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from casewright.case import Actor, Case, Event, Outcome
from casewright.program import compile_packs

if TYPE_CHECKING:
    from pathlib import Path

    from casewright.program import Program

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
AGENT = Actor("ann", ("agent",))

PACK = """\
kind: pack
name: desk
schema: casewright/1
version: 1.0.0
---
kind: case_type
name: ticket
state_flow: ticket
fields:
  reminders: {type: integer, default: 0}
  breaches: {type: integer, default: 0}
  closing: {type: boolean, default: false}
---
kind: roles
name: ticket
for: ticket
roles: {agent: {may: [create, read, update, comment]}}
---
kind: state_flow
name: ticket
initial: STATE
states:
  STATE:
    timers:
      close: {after: CLOSE, do: [{set: {closing: true}}]}
  closed: {final: true}
transitions:
  close: {from: STATE, to: closed}
---
kind: sla_definitions
name: ticket
for: ticket
slas:
  answer:
    target: TARGET
    start: 'true'
    stop: {on: comment}
    thresholds:
      HALF: [{set: {reminders: = reminders + 1}}]
      breach: [{set: {breaches: = breaches + 1}}]
"""


def program(folder: Path, **changes: str) -> Program:
    texts = {"STATE": "open", "CLOSE": "10 hours", "TARGET": "8 hours", "HALF": "50%", **changes}
    text = PACK
    for word, replacement in texts.items():
        text = text.replace(word, replacement)
    (folder / "pack.yaml").write_text(text)
    return compile_packs([folder])


def created(made: Program) -> Case:
    event = Event("create", "e1", "t1", "desk.ticket", time=START, actor=AGENT)
    outcome = made.step(None, event)
    assert outcome.case is not None
    return outcome.case


def until(made: Program, case: Case, hours: float) -> tuple[Case, list[str]]:
    outcomes = made.advance(case, START + timedelta(hours=hours))
    assert [outcome.errors for outcome in outcomes] == [()] * len(outcomes)
    for outcome in outcomes:
        assert outcome.case is not None
        case = outcome.case
    return case, [names(outcome) for outcome in outcomes]


def names(outcome: Outcome) -> str:
    return str(outcome.event.data.get("timer", outcome.event.type))


def due(case: Case) -> dict[str, float]:
    start_us = int(START.timestamp()) * 1_000_000
    return {timer.key: (timer.due_us - start_us) / 3_600_000_000 for timer in case.timers}


def test_a_case_adopts_another_program_once(tmp_path: Path) -> None:
    case = created(program(tmp_path))
    new = program(tmp_path, TARGET="6 hours")
    case, ran = until(new, case, 1)
    assert ran == ["adopt"]
    assert case.program == new.hash
    assert due(case) == {"sla/answer/50%": 3, "sla/answer/breach": 6, "state/open/close": 10}
    assert until(new, case, 2) == (case, [])


def test_rule_32_what_did_not_change_is_not_touched(tmp_path: Path) -> None:
    case = created(program(tmp_path))
    adopted, _ = until(program(tmp_path, CLOSE="12 hours"), case, 1)
    assert adopted.clocks == case.clocks
    assert due(adopted) == {"sla/answer/50%": 4, "sla/answer/breach": 8, "state/open/close": 12}


def test_rule_32_nothing_past_is_armed_but_a_breach(tmp_path: Path) -> None:
    case = created(program(tmp_path))
    new = program(tmp_path, TARGET="2 hours", CLOSE="1 hour")
    case, ran = until(new, case, 3)
    assert ran == ["adopt", "sla/answer/breach"]
    assert (case.fields["reminders"], case.fields["breaches"], case.fields["closing"]) == (
        0,
        1,
        False,
    )


def test_what_ran_does_not_run_again(tmp_path: Path) -> None:
    old = program(tmp_path)
    case, ran = until(old, created(old), 5)
    assert ran == ["sla/answer/50%"]
    case, ran = until(program(tmp_path, CLOSE="12 hours"), case, 7)
    assert (ran, case.fields["reminders"]) == (["adopt"], 1)


def test_the_event_that_brings_a_new_program_comes_after_adoption(tmp_path: Path) -> None:
    case = created(program(tmp_path))
    new = program(tmp_path, TARGET="6 hours")
    event = Event(
        "comment", "e2", time=START + timedelta(hours=4), actor=AGENT, data={"text": "Hi"}
    )
    outcomes = new.handle(case, event)
    assert [names(outcome) for outcome in outcomes] == ["adopt", "comment"]
    assert outcomes[-1].case is not None
    assert outcomes[-1].case.clocks["answer"].current.status == "completed"


def test_a_case_in_a_state_that_is_gone_does_not_follow(tmp_path: Path) -> None:
    case = created(program(tmp_path))
    outcomes = program(tmp_path, STATE="new").advance(case, START + timedelta(hours=1))
    assert [outcome.status for outcome in outcomes] == ["failed"]
    assert outcomes[0].entity == case
    assert outcomes[0].errors[0].message.startswith('state "open" is unknown to this program')


@pytest.mark.parametrize("event_type", ["adopt", "recalculate", "timer"])
def test_nobody_sends_what_is_the_engines_own(tmp_path: Path, event_type: str) -> None:
    made = program(tmp_path)
    event = Event(event_type, "e2", time=START, actor=AGENT)
    outcome = made.step(created(made), event)
    assert [problem.code for problem in outcome.errors] == ["forbidden"]
