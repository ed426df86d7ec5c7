"""Why a rule fired on an event, or did not: every verdict, in a program, an engine and the CLI."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from casewright.cli import main
from casewright.errors import EventError
from casewright.program.why import RuleVerdict, verdicts
from casewright.runtime import AsyncEngine, Engine, VirtualClock
from support.life import ANNE, CARL, PACK, Life, program_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casewright.case import Actor

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

DESK = """
kind: records
name: contact
fields:
  name: {type: string}
  vip: {type: boolean}
rows:
  - {id: ron, name: Ron, vip: false}
  - {id: sue, name: Sue}
---
kind: case_type
name: c
state_flow: c
fields:
  priority: {type: integer}
  risk: {type: string}
  owner: {type: string}
  group: {type: string}
  note: {type: string}
  other: {type: string}
  tags: {type: string, many: true}
  wanted: {type: string, many: true}
  contact: {type: reference, to: contact}
  parent: {type: reference, to: c}
  urgent: {type: boolean, computed: priority = 1}
  score: {type: integer, computed: priority * 2}
---
kind: roles
name: c
for: c
roles:
  customer: {may: [create, read, update, comment]}
  agent: {may: [create, read, update, comment, work_note, close, touch]}
---
kind: state_flow
name: c
initial: open
states:
  open: {}
  waiting: {}
  closed: {final: true}
transitions:
  close: {from: open, to: closed, require: [note]}
  shut: {from: open, to: closed, roles: [customer]}
  shut_low: {on: shut, from: open, to: closed, when: priority > 2}
  shut_high: {on: shut, from: open, to: closed}
  reopen: {from: waiting, to: open}
  undo: {from: open}
  touch: {from: open, data: {text: {type: string}}}
---
kind: sla_definitions
name: c
for: c
slas:
  answer: {target: 5 days, start: risk = "sla", pause: risk = "pause", stop: note = "done"}
---
kind: templates
name: c
templates: {t: "{{ priority }}"}
---
kind: notification_map
name: c
for: c
notifications:
  told: {on: comment, to: owner, channel: email, template: t, when: has role("agent")}
  raised: {when: changed("priority") and priority = 1, to: owner, channel: email, template: t}
---
kind: decision_table
name: grouping
hit_policy: first
inputs: {priority: {type: integer}, risk: {type: string}}
outputs: {group: {type: string}}
rules: |
  priority | risk || group
  1        | high || red
  2        | low  || green
---
kind: decision_table
name: single
hit_policy: unique
inputs: {priority: {type: integer}}
outputs: {who: {type: string}}
rules: |
  priority || who
  < 5      || one
  < 4      || two
---
kind: rules
name: c
for: c
rules:
  vip_first: {when: priority <= 2 and contact.vip, do: [{set: {group: vip}}]}
  urgent_owner: {when: urgent, do: [{set: {owner: head}}], priority: 5}
  urgent_group: {when: urgent, do: [{set: {owner: night shift}}]}
  either: {when: priority = 7 or risk = "high", do: [{set: {group: watch}}]}
  grouped: {when: 'grouping().group = "green"', do: [{set: {group: green}}]}
  answered: {on: comment, when: has role("customer"), do: [{set: {note: answered}}]}
  moved: {on: update, when: 'changed("risk")', do: [{set: {note: moved}}]}
  touched: {on: touch, when: event.data.text = "go", do: [{set: {note: touched}}]}
  from_there: {on: update, when: previous.priority = 4, do: [{work_note: was four}]}
  late: {when: risk = "late", after: 4 hours, do: [{set: {note: late}}]}
  gone: {when: risk = "gone", after: 4 hours, do: [{set: {note: gone}}]}
  ungone: {on: update, when: other = "ungone", do: [{raise: {event: undo}}]}
  undone: {on: undo, do: [{set: {risk: calm}}]}
  flood:
    on: touch
    when: event.data.text = "flood"
    after: 1 hours
    do: [{for_each: '= for i in 1..2000 return i', do: [{send: {event: undo, to: = id}}]}]
  flood_now:
    on: touch
    when: event.data.text = "flood now"
    do: [{for_each: '= for i in 1..2000 return i', do: [{send: {event: undo, to: = id}}]}]
  made_from: {on: [create, update], when: previous.priority = 4, do: [{set: {note: made}}]}
  late_risk: {when: sla.answer.due != null and sla.answer.breached, do: [{set: {note: late}}]}
  of_parent: {when: parent.state = "open", do: [{set: {note: of parent}}]}
  ambiguous: {on: touch, when: 'risk = "x" and single().who = "one"', do: [{set: {note: one}}]}
  tagged: {for_each: {w: = wanted, t: = tags}, when: w = t, do: [{work_note: = t}]}
  each_tag:
    on: touch
    for_each: {t: = tags}
    when: risk != "low" and starts with(t, "x")
    do: [{work_note: = t}]
  scored: {when: score > 10, do: [{set: {note: scored}}]}
"""


@pytest.fixture(scope="module")
def program() -> Any:
    return program_of(DESK)


@pytest.fixture
def engine(program: Any) -> Iterator[Engine]:
    with Engine(program, "memory", VirtualClock()) as made:
        yield made


def created(engine: Engine, **data: Any) -> None:
    engine.create("c", data, actor=ANNE, case="c1", id="made", time=START)


def sent(engine: Engine, event: str, by: Actor = ANNE, **data: Any) -> None:
    time = START + timedelta(minutes=5)
    engine.send("c1", event, data, actor=by, id="sent", time=time)


def why(engine: Engine, rule: str, event: str = "sent") -> RuleVerdict:
    (found,) = engine.why("c1", event, rule)
    return found


# what fired


def test_a_rule_that_fired_tells_what_it_did(engine: Engine) -> None:
    created(engine, risk="high")
    found = why(engine, "either", "made")
    assert (found.verdict, found.times, found.event) == ("fired", 1, "create")
    assert found.message == 'fired: set group = "watch"'
    assert found.did == ('set group = "watch"',)


def test_a_rule_that_fired_without_effect_says_so(engine: Engine) -> None:
    created(engine, risk="high", group="watch")
    assert why(engine, "either", "made").message == "fired, and changed nothing"


def test_a_delayed_rule_tells_when_it_is_due(engine: Engine) -> None:
    created(engine)
    sent(engine, "update", risk="late")
    found = why(engine, "late")
    assert found.due == START + timedelta(hours=4, minutes=5)
    assert found.message == "fired; its actions are delayed and due 2026-03-02 13:05:00"


def test_a_delayed_rule_tells_in_its_timer_what_it_did(engine: Engine) -> None:
    created(engine)
    sent(engine, "update", risk="late")
    engine.run_due(START + timedelta(days=1))
    found = why(engine, "late", "")
    assert found.message == 'fired when its delay was over: set note = "late"'


def test_a_delay_that_ended_in_the_same_step_is_told(engine: Engine) -> None:
    created(engine)
    sent(engine, "update", risk="gone", other="ungone")
    found = why(engine, "gone")
    assert found.verdict == "fired"
    assert found.message.endswith("but were dropped in the same step")


def test_a_value_that_a_later_rule_wrote_over_is_told(engine: Engine) -> None:
    created(engine, priority=1)
    found = why(engine, "urgent_owner", "made")
    assert found.overwritten == {"owner": 'rule urgent_group: "night shift"'}
    assert found.message == (
        'fired: set owner = "head"; owner was written again by rule urgent_group: "night shift"'
    )
    assert why(engine, "urgent_group", "made").overwritten == {}


def test_a_rule_of_a_step_that_was_rejected_is_lost() -> None:
    checked = "{type: string, check: 'owner != \"night shift\"'}"
    program = program_of(DESK.replace("owner: {type: string}", f"owner: {checked}"))
    with Engine(program, "memory", VirtualClock()) as engine:
        created(engine, priority=3)
        sent(engine, "update", priority=1)
        found = why(engine, "urgent_owner")
    assert found.verdict == "lost"
    assert found.message.startswith(
        "fired, but nothing of it stands: the step was rejected: constraint: Owner"
    )


def test_a_rule_that_made_its_step_fail_is_lost(engine: Engine) -> None:
    created(engine)
    sent(engine, "touch", text="flood")
    engine.run_due(START + timedelta(days=1))
    found = why(engine, "flood", "")
    assert found.verdict == "lost"
    assert found.message.startswith(
        "fired, but nothing of it stands: the step was failed: effect_limit: "
    )


def test_an_event_that_is_parked_is_asked_on_the_case_as_it_is(engine: Engine) -> None:
    created(engine)
    sent(engine, "touch", text="flood now")
    assert [one.event_id for one in engine.parked()] == ["sent"]
    found = why(engine, "flood_now")
    assert found.verdict == "lost"
    assert "effect_limit" in found.message
    assert engine.handled("c1", "sent").status == "failed"


def test_a_step_that_was_rejected_before_the_rules_tried_none(engine: Engine) -> None:
    created(engine)
    sent(engine, "close", note=None)
    found = why(engine, "either")
    assert found.verdict == "not tried"
    assert found.message.startswith("no rule was tried: the step was rejected: requirement: note")


# what did not hold


def test_only_what_was_false_is_told_with_value_and_need(engine: Engine) -> None:
    created(engine, priority=3, contact="ron")
    found = why(engine, "vip_first", "made")
    assert found.verdict == "did not hold"
    assert [part.text for part in found.deciding] == ["priority <= 2"]
    assert found.message == "priority <= 2 was false: priority = 3, needed <= 2"


def test_records_that_the_step_did_not_read_do_not_stop_the_question(engine: Engine) -> None:
    created(engine, priority=3, contact="ron")
    assert engine.explain("c1")[0].outcome is not None
    assert engine.explain("c1")[0].outcome.status == "applied"  # type: ignore[union-attr]


def test_a_part_that_would_have_failed_does_not_fail_the_question(engine: Engine) -> None:
    created(engine, priority=3, risk="low")
    sent(engine, "touch", text="x")
    (again,) = engine.explain("c1", 2)
    assert again.outcome is not None
    assert again.outcome.status == "applied"
    assert why(engine, "ambiguous").message == 'risk = "x" was false: risk = "low", needed "x"'


@pytest.mark.parametrize(
    ("contact", "expected"),
    [
        ("ron", "contact.vip was false, needed true"),
        (
            "sue",
            'contact.vip was null, needed true; contact "sue" has no vip, so contact.vip is null',
        ),
        (
            "tom",
            'contact.vip was null, needed true; there is no contact "tom", so contact.vip is null',
        ),
        (None, "contact.vip was null, needed true; contact has no value, so contact.vip is null"),
    ],
)
def test_a_null_behind_a_reference_names_its_origin(
    engine: Engine, contact: str | None, expected: str
) -> None:
    created(engine, priority=1, contact=contact)
    assert why(engine, "vip_first", "made").message == expected


def test_a_computed_field_that_came_to_null_is_said_to_be_computed(engine: Engine) -> None:
    created(engine)
    (part,) = why(engine, "scored", "made").deciding
    assert part.why == "score is computed and came to null"


def test_previous_of_a_create_is_said_not_to_be_there(engine: Engine) -> None:
    created(engine)
    (part,) = why(engine, "made_from", "made").deciding
    assert part.why == (
        "there is no previous: the case was just being created, so previous.priority is null"
    )
    sent(engine, "update", other="x")
    (later,) = why(engine, "made_from").deciding
    assert later.why == "previous has no priority"


def test_a_clock_that_has_not_started_is_told(engine: Engine) -> None:
    created(engine)
    first = why(engine, "late_risk", "made").deciding[0]
    assert first.why == "clock answer has not started, so sla.answer.due is null"
    sent(engine, "update", risk="sla")
    assert [part.text for part in why(engine, "late_risk").deciding] == ["sla.answer.breached"]


def test_a_case_that_has_not_told_of_itself_is_named(engine: Engine) -> None:
    created(engine, parent="p1")
    (part,) = why(engine, "of_parent", "made").deciding
    assert part.why == 'parent "p1" has not told of itself yet, so parent.state is null'


def test_a_role_that_the_actor_lacks_is_told_with_those_it_has(engine: Engine) -> None:
    created(engine)
    sent(engine, "comment", text="hello")
    found = why(engine, "answered")
    assert found.message == 'has role("customer") was false, needed true; anne has the roles agent'
    assert (found.event, found.on) == ("comment", ("comment",))


def test_a_field_that_did_not_change_is_told_with_its_value(engine: Engine) -> None:
    created(engine, risk="low")
    sent(engine, "update", other="x")
    assert why(engine, "moved").message == (
        'changed("risk") was false, needed true; risk is "low", as it was before'
    )


def test_previous_is_told_as_it_was(engine: Engine) -> None:
    created(engine, priority=3)
    sent(engine, "update", priority=4)
    assert why(engine, "from_there").message == (
        "previous.priority = 4 was false: previous.priority = 3, needed 4"
    )


def test_data_that_the_event_did_not_bring_is_told(engine: Engine) -> None:
    created(engine)
    sent(engine, "touch")
    (part,) = why(engine, "touched").deciding
    assert part.why == 'the event touch brought no "text"'


def test_a_table_without_a_row_names_the_nearest(engine: Engine) -> None:
    created(engine, priority=2, risk="high")
    (part,) = why(engine, "grouped", "made").deciding
    assert 'no row of grouping fits priority = 2, risk = "high"' in part.why
    assert "nearest: row 1: priority is 2, the cell asks for 1" in part.why


def test_a_table_with_a_row_names_it(engine: Engine) -> None:
    created(engine, priority=1, risk="high")
    (part,) = why(engine, "grouped", "made").deciding
    assert 'grouping: row 1 gave {group: "red"}' in part.why


# over several facts


def test_a_rule_over_lists_tells_for_what_it_fired(engine: Engine) -> None:
    created(engine, tags=["a", "b", "c"], wanted=["a", "c"])
    found = why(engine, "tagged", "made")
    assert found.times == 2
    assert found.bindings == (
        {"w": {"item": "a"}, "t": {"item": "a"}},
        {"w": {"item": "c"}, "t": {"item": "c"}},
    )
    assert found.message.startswith('fired 2 times for w = "a", t = "a"; w = "c", t = "c"')


def test_a_rule_over_lists_tells_which_element_came_nearest(engine: Engine) -> None:
    created(engine, tags=["a"], wanted=["b"])
    found = why(engine, "tagged", "made")
    assert found.verdict == "did not hold"
    assert found.message == (
        'no element of tags fits t beside w = "b";'
        ' "a" does not: w = t was false: w = "b", t = "a", needed "a"'
    )


def test_a_rule_over_an_empty_list_says_so(engine: Engine) -> None:
    created(engine, wanted=["b"])
    assert why(engine, "tagged", "made").message == "tags has no element for t"


def test_a_rule_over_lists_tells_of_conditions_beside_them(engine: Engine) -> None:
    created(engine, tags=["xa"], risk="low")
    sent(engine, "touch", text="x")
    found = why(engine, "each_tag")
    assert found.message == 'risk != "low" was false: risk = "low", needed anything but "low"'


def test_bindings_that_fitted_before_are_told_as_such(engine: Engine) -> None:
    created(engine, tags=["a"], wanted=["a"])
    sent(engine, "update", tags=["a", "b"])
    found = why(engine, "tagged")
    assert found.message == "what fits together now did so before the event, too"


# what was no candidate


def test_a_condition_that_held_before_is_told_with_its_values(engine: Engine) -> None:
    created(engine, priority=1, contact="ron")
    sent(engine, "update", priority=1, risk="high")
    sent_again = START + timedelta(minutes=9)
    engine.send("c1", "update", {"priority": 7}, actor=ANNE, id="more", time=sent_again)
    found = why(engine, "either", "more")
    assert found.verdict == "held before"
    assert found.message == (
        'its condition holds, but held before the event, too: priority = 7, risk = "high"'
    )


def test_a_rule_that_reads_nothing_that_changed_is_told_what_it_reads(engine: Engine) -> None:
    created(engine, risk="high")
    sent(engine, "update", other="x")
    found = why(engine, "urgent_owner")
    assert found.verdict == "unchanged"
    assert found.message.startswith(
        "nothing that it reads has changed: it reads urgent; this changed other"
    )
    assert "urgent was" in found.message


def test_a_rule_on_another_event_tells_which(engine: Engine) -> None:
    created(engine)
    sent(engine, "update", other="x")
    found = why(engine, "answered")
    assert found.verdict == "other event"
    assert found.message == "it is on comment; this step had update"


def test_the_list_begins_with_what_fired_and_what_came_nearest(engine: Engine) -> None:
    created(engine, priority=1, risk="low")
    found = engine.why("c1", "made")
    assert len(found) == 22
    kinds = [one.verdict for one in found]
    assert kinds[:2] == ["fired", "fired"]
    assert kinds == sorted(kinds, key=["fired", "did not hold", "other event"].index)
    distances = [one.distance for one in found if one.verdict == "did not hold"]
    assert distances == sorted(distances)


def test_rules_are_told_with_their_place_in_the_order_of_trial(engine: Engine) -> None:
    created(engine, priority=1, risk="high")
    found = engine.why("c1", "made")
    assert why(engine, "urgent_owner", "made").order == 1
    assert sorted(one.order for one in found) == list(range(1, len(found) + 1))
    fired = [one.rule for one in found if one.verdict == "fired"]
    assert fired == ["urgent_owner", "urgent_group", "either"]


def test_rules_on_events_that_a_rule_raised_are_asked_there(engine: Engine) -> None:
    created(engine)
    sent(engine, "update", other="ungone")
    found = why(engine, "undone")
    assert (found.verdict, found.event) == ("fired", "undo")
    assert why(engine, "ungone").did == ("raised undo",)


# transitions and notifications


def test_a_transition_tells_why_it_was_not_taken(engine: Engine) -> None:
    created(engine, priority=1)
    sent(engine, "shut")
    asked = {n: engine.why_transition("c1", "sent", n) for n in ("shut", "shut_low", "shut_high")}
    assert asked["shut"].message == "it needs one of the roles customer; anne has the roles agent"
    assert asked["shut_low"].message == "priority > 2 was false: priority = 1, needed > 2"
    assert asked["shut_high"].message == "taken to closed"
    assert [one.verdict for one in asked.values()] == ["role", "did not hold", "taken"]


def test_a_transition_behind_one_that_was_taken_says_so(engine: Engine) -> None:
    created(engine, priority=3)
    sent(engine, "shut")
    found = engine.why_transition("c1", "sent", "shut_high")
    assert found.message == "shut_low goes before it, and was selected"


def test_a_transition_tells_what_it_requires(engine: Engine) -> None:
    created(engine)
    sent(engine, "close")
    found = engine.why_transition("c1", "sent", "close")
    assert (found.verdict, found.message) == ("requirement", "missing: note")


def test_a_transition_of_another_state_or_event_says_so(engine: Engine) -> None:
    created(engine)
    sent(engine, "reopen")
    found = engine.why_transition("c1", "sent", "reopen")
    other = engine.why_transition("c1", "sent", "close")
    assert found.message == "it leads from waiting; the case was open"
    assert other.message == "it is on close, not on reopen"


def test_a_notification_tells_why_it_was_not_sent(engine: Engine) -> None:
    created(engine, priority=1)
    asked = {n: engine.why_notification("c1", "made", n) for n in ("told", "raised")}
    assert asked["told"].message == "it is on comment; this step had create"
    assert asked["raised"].message == "sent to night shift"
    sent(engine, "comment", by=CARL, text="hello")
    found = engine.why_notification("c1", "sent", "told")
    assert found.verdict == "did not hold"
    assert found.message.startswith('has role("agent") was false, needed true; carl has the roles')


def test_a_notification_without_recipients_says_so(engine: Engine) -> None:
    created(engine)
    sent(engine, "comment", text="hello")
    found = engine.why_notification("c1", "sent", "told")
    assert found.message == "it would go out, but it has no recipients"


def test_unknown_transitions_and_notifications_are_refused(engine: Engine) -> None:
    created(engine)
    with pytest.raises(EventError, match='no transition "shutt"; did you mean "shut"'):
        engine.why_transition("c1", "made", "shutt")
    with pytest.raises(EventError, match="no notification"):
        engine.why_notification("c1", "made", "tolt")


# doors


def test_asking_changes_nothing(engine: Engine) -> None:
    created(engine, priority=1)
    before = engine.get("c1")
    engine.why("c1", "made")
    assert engine.get("c1") == before
    assert engine.verify("c1").status == "agrees"


def test_an_unknown_event_is_refused_with_the_last_ones(engine: Engine) -> None:
    created(engine)
    with pytest.raises(EventError, match='c1 had no event "nope"; its last ones: "made"'):
        engine.why("c1", "nope")


def test_an_unknown_rule_is_refused_with_the_nearest(engine: Engine) -> None:
    created(engine)
    with pytest.raises(EventError, match="did you mean"):
        engine.why("c1", "made", "vip_frist")


def test_an_outcome_without_a_trace_cannot_be_asked(program: Any) -> None:
    life = Life(program)
    outcome = life.create({"priority": 1})
    with pytest.raises(ValueError, match="trace"):
        verdicts(program, outcome)


def test_the_asynchronous_engine_tells_the_same(engine: Engine) -> None:
    created(engine, priority=1)
    assert asyncio.run(AsyncEngine(engine).why("c1", "made")) == engine.why("c1", "made")


# the command


EVENTS = [
    {
        "id": "made",
        "type": "create",
        "case": "c1",
        "case_type": "c",
        "time": "2026-03-02T09:00:00Z",
        "actor": {"id": "anne", "roles": ["agent"]},
        "data": {"priority": 3, "risk": "high", "contact": "ron"},
    }
]


@pytest.fixture
def pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "desk"
    folder.mkdir()
    (folder / "pack.yaml").write_text(PACK)
    (folder / "desk.yaml").write_text(DESK)
    Path("events.jsonl").write_text("".join(json.dumps(e) + "\n" for e in EVENTS))
    return folder


def explained(pack: Path, capsys: pytest.CaptureFixture[str], *more: str) -> str:
    assert main(["explain", pack.name, "c1", "--events", "events.jsonl", *more]) == 0
    return capsys.readouterr().out


def test_the_command_tells_of_all_rules(pack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = explained(pack, capsys, "--event", "made").splitlines()
    assert shown[0] == "c1: create made by anne: applied, revision 1"
    assert shown[1] == '  either: fired: set group = "watch"'
    assert "  vip_first: did not hold: priority <= 2 was false: priority = 3, needed <= 2" in shown
    assert shown[-1] == "  10 rules on other events: touch (5), update (3), comment (1), undo (1)"


def test_the_command_tells_of_one_rule(pack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = explained(pack, capsys, "--rule", "vip_first").splitlines()
    assert shown[1].startswith("rule vip_first (desk/desk.yaml:")
    assert shown[2:] == [
        "  when: priority <= 2 and contact.vip",
        "  did not hold in create:",
        "    priority <= 2 was false: priority = 3, needed <= 2",
    ]


def test_the_command_gives_programs_the_same(
    pack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = json.loads(
        explained(pack, capsys, "--event", "made", "--rule", "vip_first", "--format", "json")
    )
    (rule,) = found.pop("rules")
    assert found.pop("patterns") == []
    assert found == {
        "case": "c1",
        "event": "made",
        "type": "create",
        "status": "applied",
        "revision": 1,
    }
    assert rule["verdict"] == "did not hold"
    assert rule["deciding"] == [
        {
            "text": "priority <= 2",
            "value": False,
            "needed": "<= 2",
            "seen": {"priority": 3},
            "why": "",
            "one_of": [],
        }
    ]


def test_the_command_tells_of_transitions_and_notifications(
    pack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = explained(pack, capsys, "--transition", "close", "--notification", "told").splitlines()
    assert shown[1].startswith("transition close (desk/desk.yaml:")
    assert shown[2] == "  other event: it is on close, not on create"
    assert shown[-1] == "  other event: it is on comment; this step had create"
    found = json.loads(explained(pack, capsys, "--transition", "close", "--format", "json"))
    assert found["transition"]["verdict"] == "other event"


def test_the_command_refuses_what_is_not_there(
    pack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["explain", str(pack), "c1", "--events", "events.jsonl"]
    assert main([*given, "--event", "nope"]) == 2
    assert 'c1 had no event "nope"' in capsys.readouterr().err
    assert main([*given, "--rule", "vip_frist"]) == 2
    assert "did you mean" in capsys.readouterr().err


def test_each_of_two_hundred_rules_has_its_verdict() -> None:
    rules = "".join(
        f"  r{n}: {{when: priority = {n + 2} and contact.vip and grouping() != null, do: *x}}\n"
        for n in range(200)
    )
    text = DESK + rules.replace("*x", "[{set: {other: x}}]")
    with Engine(program_of(text), "memory", VirtualClock()) as engine:
        created(engine, priority=1, contact="ron")
        found = engine.why("c1", "made")
    assert len(found) == 222
    assert len({one.rule for one in found}) == 222
