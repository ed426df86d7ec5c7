"""Rules 8 to 13: the shell's clock, timers as data, catching up, lateness, final states."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from casewright.program import Limits
from support.life import CARL, START, Life, program_of

FLOW = """
kind: case_type
name: c
state_flow: c
fields: {log: {type: string, default: ""}, at: {type: date_time}, urgent: {type: boolean}}
---
kind: state_flow
name: c
initial: open
states:
  open:
    timers:
      first: {after: 3 days, do: [{set: {log: '= log + "1"'}}]}
      second: {after: 5 days, do: [{set: {log: '= log + "2"'}}]}
      close: {after: 10 days, do: [{raise: auto_close}]}
      appointment: {at: = at, do: [{set: {log: '= log + "a"'}}]}
  waiting: {}
  closed: {final: true}
transitions:
  auto_close: {from: open, to: closed, roles: [system]}
  park: {from: open, to: waiting}
  back: {from: waiting, to: open}
  reopen: {from: open, to: open}
  note: {from: open, data: {x: {type: string}}}
"""


def test_rule_9_late_and_prompt_ticks_give_the_same_case() -> None:
    program = program_of(FLOW)
    prompt, late, never = Life(program), Life(program), Life(program)
    for life in (prompt, late, never):
        life.create()
    for _ in range(12 * 24):
        prompt.wait(timedelta(hours=1))
    late.wait(timedelta(days=4))
    late.wait(timedelta(days=8))
    never.now += timedelta(days=12)
    for life in (prompt, late, never):
        assert life.send("park").status == "rejected"
        assert life.case.state == "closed"
    assert program.dump_case(prompt.case) == program.dump_case(late.case)
    assert program.dump_case(prompt.case) == program.dump_case(never.case)


def test_rule_9_timers_stand_when_the_event_is_then_rejected() -> None:
    life = Life(program_of(FLOW))
    life.create()
    life.now += timedelta(days=10, seconds=2)
    assert life.send("note").status == "rejected"
    assert (life.case.state, life.case.fields["log"]) == ("closed", "12")


def test_rule_10_at_one_instant_timers_go_before_the_event() -> None:
    life = Life(program_of(FLOW))
    life.create()
    life.now += timedelta(days=10)
    assert life.send("park").status == "rejected"
    assert life.case.state == "closed"


def test_rule_11_leaving_a_state_takes_its_timers_and_entering_arms_them_anew() -> None:
    life = Life(program_of(FLOW))
    life.create()
    life.now += timedelta(days=4)
    life.send("park")
    assert (life.case.fields["log"], life.case.timers) == ("1", ())
    life.send("back")
    assert [timer.key for timer in life.case.timers] == [
        "state/open/first",
        "state/open/second",
        "state/open/close",
    ]
    life.wait(timedelta(days=3))
    assert life.case.fields["log"] == "11"


def test_rule_11_a_timer_for_a_past_instant_is_due_now_and_runs_once() -> None:
    life = Life(program_of(FLOW))
    life.create({"at": START - timedelta(days=1)})
    assert life.case.next_due_us is not None
    life.wait(timedelta(0))
    life.wait(timedelta(seconds=1))
    assert life.case.fields["log"] == "a"


def test_rule_11_an_instant_that_moves_takes_its_timer_along() -> None:
    life = Life(program_of(FLOW))
    life.create({"at": START + timedelta(hours=1)})
    life.send("update", {"at": START + timedelta(hours=2)})
    life.wait(timedelta(hours=1))
    assert life.case.fields["log"] == ""
    life.wait(timedelta(hours=1))
    assert life.case.fields["log"] == "a"


def test_rule_11_an_instant_that_becomes_known_arms_its_timer_and_null_takes_it_away() -> None:
    life = Life(program_of(FLOW))
    life.create()
    life.send("update", {"at": START + timedelta(hours=1)})
    life.send("update", {"at": None})
    life.wait(timedelta(hours=1))
    assert life.case.fields["log"] == ""
    life.send("update", {"at": START + timedelta(hours=2)})
    life.wait(timedelta(hours=1))
    life.send("update", {"at": START + timedelta(hours=3)})
    life.wait(timedelta(hours=1))
    assert life.case.fields["log"] == "a"


def test_rule_11_timer_steps_of_one_advance_are_bounded() -> None:
    text = FLOW.replace(
        "first: {after: 3 days, do: [{set: {log: '= log + \"1\"'}}]}",
        "first: {after: 0 minutes, do: [{raise: reopen}]}",
    )
    life = Life(program_of(text, limits=Limits(timer_steps=50)))
    life.create()
    made = life.wait(timedelta(hours=1))
    assert [made[-1].status, life.codes()] == ["failed", ["timer_limit"]]


OVERDUE = """
kind: case_type
name: c
state_flow: c
fields: {log: {type: string, default: ""}}
---
kind: state_flow
name: c
initial: open
states:
  open:
    timers:
      nudge: {after: 1 hour, overdue: OVERDUE, grace: 10 minutes, do: [{set: {log: '= log + "n"'}}]}
transitions: {}
"""


def _delivered(overdue: str, late: timedelta) -> Life:
    life = Life(program_of(OVERDUE.replace("OVERDUE", overdue)))
    life.create()
    life.wait(timedelta(hours=1) + late)
    return life


def test_rule_12_lateness_within_grace_does_not_count() -> None:
    for overdue in ("fire", "skip", "restart"):
        assert _delivered(overdue, timedelta(minutes=10)).case.fields["log"] == "n"


def test_rule_12_beyond_grace_each_policy_does_its_own() -> None:
    late = timedelta(minutes=11)
    assert _delivered("fire", late).case.fields["log"] == "n"
    skipped = _delivered("skip", late)
    assert (skipped.case.fields["log"], skipped.case.timers) == ("", ())
    restarted = _delivered("restart", late)
    assert restarted.case.fields["log"] == ""
    restarted.wait(timedelta(hours=1))
    assert restarted.case.fields["log"] == "n"


def test_rule_12_a_timer_that_fails_is_parked_and_the_next_one_runs() -> None:
    text = FLOW.replace(
        "do: [{set: {log: '= log + \"1\"'}}]", "do: [{set: {at: '= if true then log else at'}}]"
    )
    life = Life(program_of(text))
    life.create({"log": "x"})
    made = life.wait(timedelta(days=6))
    assert [outcome.status for outcome in made] == ["failed", "applied"]
    assert made[0].errors[0].code == "bad_value"
    parked = [timer for timer in life.case.timers if timer.parked]
    assert [timer.key for timer in parked] == ["state/open/first"]
    assert life.case.fields["log"] == "x2"
    assert life.wait(timedelta(hours=1)) == []


def test_rule_12_a_timer_whose_actions_are_refused_is_parked_too() -> None:
    text = FLOW.replace("urgent: {type: boolean}", "urgent: {type: boolean, check: item = false}")
    text = text.replace("do: [{set: {log: '= log + \"1\"'}}]", "do: [{set: {urgent: true}}]")
    life = Life(program_of(text))
    life.create()
    made = life.wait(timedelta(days=4))
    assert [(o.status, o.errors[0].code) for o in made] == [("failed", "bad_value")]
    assert life.wait(timedelta(hours=1)) == []


def test_rule_13_a_final_state_ends_every_timer() -> None:
    life = Life(program_of(FLOW))
    life.create()
    life.wait(timedelta(days=10))
    assert (life.case.state, life.case.timers, life.case.next_due_us) == ("closed", (), None)


def test_rule_12_a_timer_event_carries_its_lateness() -> None:
    life = Life(program_of(FLOW))
    life.create()
    (outcome,) = life.wait(timedelta(days=4))
    event = outcome.event
    assert event.delivered_us is not None
    assert event.delivered_us - outcome.now_us == 24 * 3600 * 1_000_000
    assert replace(event, delivered_us=None).type == "timer"


def test_rule_10_the_earlier_timer_may_cancel_the_later_at_one_instant() -> None:
    text = FLOW.replace(
        "second: {after: 5 days, do: [{set: {log: '= log + \"2\"'}}]}",
        "second: {after: 3 days, do: [{set: {log: '= log + \"2\"'}}]}",
    ).replace(
        "first: {after: 3 days, do: [{set: {log: '= log + \"1\"'}}]}",
        "first: {after: 3 days, do: [{raise: park}]}",
    )
    life = Life(program_of(text))
    life.create(by=CARL)
    life.wait(timedelta(days=3))
    assert (life.case.state, life.case.fields["log"]) == ("waiting", "")
