"""Rules 26 to 32: clocks inside a whole step."""

from __future__ import annotations

from datetime import timedelta

import pytest

from casewright.errors import SpecError
from casewright.temporal import to_us
from support.life import CARL, START, Life, program_of

DESK = """
kind: case_type
name: c
state_flow: c
fields:
  priority: {type: choice, choices: {1: A, 2: B, 3: C}, default: 3}
  attention: {type: boolean, default: false}
  marks: {type: string, default: ""}
---
kind: roles
name: c
for: c
roles:
  customer: {may: [create, read, comment]}
  agent: {may: [create, read, update, comment]}
---
kind: state_flow
name: c
initial: open
states: {open: {}, waiting: {}, proposed: {}, closed: {final: true}, dropped: {final: true}}
transitions:
  wait: {from: open, to: waiting, roles: [agent]}
  answered: {on: comment, from: waiting, to: open, when: has role("customer")}
  propose: {from: open, to: proposed, roles: [agent]}
  reject: {from: proposed, to: open}
  close: {from: proposed, to: closed}
  drop: {from: [open, waiting], to: dropped}
  greet: {from: open, roles: [agent], do: [{set: {marks: hello}}, {comment: hello}]}
  flap: {from: open, do: [{raise: wait_now}, {raise: open_now}]}
  wait_now: {from: open, to: waiting}
  open_now: {from: waiting, to: open}
---
kind: sla_definitions
name: c
for: c
slas:
  response:
    target: {by: priority, 2: 8 hours, 3: 24 hours}
    start: state = "open"
    stop: {on: comment, when: has role("agent")}
    cancel: state = "dropped"
    thresholds:
      50%: [{set: {marks: '= marks + "50 "'}}]
      75%: [{set: {marks: '= marks + "75 "'}}]
      breach: [{set: {attention: true}}]
  ongoing:
    target: 8 hours
    start: sla.response.status = "completed" and state in ("open", "waiting")
    pause: state = "waiting"
    stop: [{on: comment, when: has role("agent")}, state = "proposed"]
    again: new
  resolution:
    target: 10 hours
    start: state = "open"
    pause: state = "waiting"
    stop: state in ("proposed", "closed")
    again: resume
---
kind: rules
name: c
for: c
rules:
  breached: {on: clock_breached, do: [{set: {marks: '= marks + event.data.name'}}]}
  met:
    on: clock_completed
    when: event.data.name = "response"
    do: [{set: {marks: '= marks + "met "'}}]
"""


def _case(**data: object) -> Life:
    life = Life(program_of(DESK))
    life.create(data)
    return life


def test_rule_26_breached_is_apart_from_the_status() -> None:
    life = _case()
    life.wait(timedelta(hours=11))
    life.send("wait")
    resolution = life.clock("resolution")
    assert (resolution.status, resolution.breached) == ("paused", True)
    assert life.case.clocks["resolution"].breaches == 1
    assert "resolution" in life.case.fields["marks"]


def test_rule_27_paused_has_no_due_instant_and_pauses_move_it() -> None:
    life = _case()
    due = life.clock("resolution").due_us
    life.now += timedelta(hours=2)
    life.send("wait")
    assert life.clock("resolution").due_us is None
    life.now += timedelta(hours=5)
    life.send("comment", {"text": "here"}, by=CARL)
    assert life.clock("resolution").due_us == due + 5 * 3600 * 1_000_000


def test_rule_28_the_event_that_starts_a_clock_does_not_end_it() -> None:
    life = _case()
    life.now += timedelta(hours=1)
    life.send("greet")
    assert life.clock("response").status == "completed"
    ongoing = life.clock("ongoing")
    assert (ongoing.instance, ongoing.status) == (1, "in_progress")


def test_rule_28_again_new_starts_at_the_same_instant_once() -> None:
    life = _case()
    life.send("comment", {"text": "one"})
    life.now += timedelta(hours=1)
    life.send("comment", {"text": "two"})
    clocks = life.case.clocks["ongoing"]
    assert clocks.last is not None
    assert (clocks.last.status, clocks.current.instance) == ("completed", 2)
    assert clocks.current.started_us == clocks.last.ended_us == to_us(life.now)


def test_rule_28_what_flaps_inside_a_step_leaves_no_pause_of_no_length() -> None:
    life = _case()
    life.now += timedelta(hours=1)
    life.send("flap")
    assert life.clock("resolution").pauses == ()
    assert life.clock("resolution").status == "in_progress"


def test_rule_29_resume_goes_on_and_the_time_between_does_not_count() -> None:
    life = _case()
    due = life.clock("resolution").due_us
    life.now += timedelta(hours=2)
    life.send("propose")
    assert life.clock("resolution").status == "completed"
    life.now += timedelta(hours=30)
    life.send("reject")
    resolution = life.clock("resolution")
    assert (resolution.instance, resolution.status) == (1, "in_progress")
    assert resolution.due_us == due + 30 * 3600 * 1_000_000


def test_rule_29_resume_with_a_stop_that_needs_the_event_is_an_error() -> None:
    with pytest.raises(SpecError) as caught:
        program_of(DESK.replace('stop: state in ("proposed", "closed")', "stop: {on: comment}"))
    assert any("resume" in d.message for d in caught.value.diagnostics)


def test_rule_30_a_retarget_keeps_start_and_recomputes() -> None:
    life = _case()
    life.now += timedelta(hours=1)
    life.send("update", {"priority": 2})
    response = life.clock("response")
    assert response.due_us == to_us(START + timedelta(hours=8))


def test_rule_30_without_a_target_no_clock_starts_and_a_running_one_lives_on_without_due() -> None:
    life = _case(priority=1)
    assert "response" not in life.case.clocks
    other = _case()
    other.now += timedelta(hours=1)
    other.send("update", {"priority": 1})
    assert (other.clock("response").status, other.clock("response").due_us) == ("in_progress", None)
    other.send("update", {"priority": 2})
    assert other.clock("response").due_us == to_us(START + timedelta(hours=8))


def test_rule_31_of_several_passed_at_once_the_highest_runs() -> None:
    life = _case()
    life.now += timedelta(hours=7)
    life.send("update", {"priority": 2})
    life.wait(timedelta(0))
    assert life.case.fields["marks"] == "75 "
    life.send("update", {"priority": 3})
    life.send("update", {"priority": 2})
    life.wait(timedelta(minutes=1))
    assert life.case.fields["marks"] == "75 "


def test_rule_31_a_threshold_runs_in_a_step_of_its_own_at_its_instant() -> None:
    life = _case()
    life.now += timedelta(hours=20)
    life.send("wait")
    half = next(o for o in life.outcomes if "threshold/response/50%" in o.causes)
    assert half.now_us == to_us(START + timedelta(hours=12))


def test_rule_13_a_final_state_cancels_what_its_own_conditions_do_not_end() -> None:
    life = _case()
    life.send("propose")
    life.send("close")
    assert life.clock("resolution").status == "completed"
    assert (life.clock("response").status, life.clock("response").reason) == ("cancelled", "final")
    dropped = _case()
    dropped.send("drop")
    assert (dropped.clock("response").status, dropped.clock("response").reason) == (
        "cancelled",
        "cancel",
    )


def test_rule_10_an_answer_at_the_due_instant_is_late() -> None:
    life = _case()
    life.now += timedelta(hours=24)
    life.send("comment", {"text": "late"})
    assert life.clock("response").breached
    assert life.case.fields["attention"] is True
    in_time = _case()
    in_time.now += timedelta(hours=24) - timedelta(seconds=1)
    in_time.send("comment", {"text": "in time"})
    assert not in_time.clock("response").breached


def test_rule_19_the_end_of_a_clock_is_announced_where_a_rule_listens() -> None:
    life = _case()
    life.send("comment", {"text": "x"})
    assert life.case.fields["marks"] == "met "
