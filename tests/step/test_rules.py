"""Rules 33 and 34: rules over one case, over several of its facts, and when they are looked at."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from casewright.case import SYSTEM, Event, Origin, Related
from casewright.errors import SpecError
from support.life import ANNE, CARL, Life, program_of

if TYPE_CHECKING:
    from casewright.case import Outcome

FLOW = """
kind: case_type
name: c
state_flow: c
fields:
  category: {type: string}
  n: {type: integer}
  out: {type: string}
  seen: {type: string, many: true}
---
kind: state_flow
name: c
initial: open
states: {open: {}, held: {}, done: {final: true}}
transitions:
  hold: {from: open, to: held}
  resume: {from: held, to: open}
  touch: {from: [open, held]}
  finish: {from: [open, held], to: done}
"""


def _life(rules: str, more: str = "", **limits: Any) -> Life:
    body = "\n".join(f"  {line}" for line in rules.strip().splitlines())
    text = f"{FLOW}{more}---\nkind: rules\nname: c\nfor: c\nrules:\n{body}\n"
    life = Life(program_of(text, **limits))
    life.create({})
    return life


def _fired(outcome: Outcome) -> list[str]:
    return [cause.removeprefix("rule/") for cause in outcome.causes if cause.startswith("rule/")]


# --- over several facts ---------------------------------------------------------------------------

LISTS = """
kind: case_type
name: c
state_flow: c
fields:
  n: {type: integer, default: 0}
  goal: {type: string}
  tags: {type: string, many: true}
  wanted: {type: string, many: true}
  days: {type: date, many: true}
  log: {type: string, many: true}
  children: {type: reference, to: person, many: true}
related: {tasks: {of: task, by: parent}}
---
kind: case_type
name: task
state_flow: task
fields:
  parent: {type: reference, to: c}
  kind: {type: string}
  owner: {type: string}
  until: {type: date}
---
kind: records
name: person
fields: {name: {type: string}}
---
kind: state_flow
name: c
initial: open
states: {open: {}, done: {final: true}}
transitions:
  touch: {from: open}
  finish: {from: open, to: done}
---
kind: state_flow
name: task
initial: new
states: {new: {}, working: {}, done: {final: true}}
transitions:
  start: {from: new, to: working}
  end: {from: working, to: done}
"""
CLOCKS = """---
kind: sla_definitions
name: c
for: c
slas:
  answer: {target: 4 hours, start: 'true', pause: state = "held", stop: out != null}
  solve: {target: 2 days, start: n != null, stop: state = "done"}
"""
LOG = "{set: {log: '= append(log, %s)'}}"


def _over(rules: str, **limits: Any) -> Life:
    body = "\n".join(f"  {line}" for line in rules.strip().splitlines())
    life = Life(program_of(f"{LISTS}---\nkind: rules\nname: c\nfor: c\nrules:\n{body}\n", **limits))
    life.create({"log": []})
    return life


def _child(life: Life, name: str, state: str, old: str | None = None, **fields: Any) -> Outcome:
    """Tell the case of a child, in a new state or for the first time."""

    def item(state: str) -> dict[str, Any]:
        final = state == "done"
        return {
            "id": name,
            "case_type": "t.task",
            "number": None,
            "state": state,
            "final": final,
            "fields": fields,
        }

    data = {"lists": ["tasks"], "old": old and item(old), "new": item(state)}
    return life.send("child_changed", data, by=SYSTEM, origin=Origin(name, "t.task"))


def _log(life: Life) -> list[str]:
    logged: list[str] = life.case.fields.get("log", [])
    return logged


def test_rule_33_a_rule_over_a_list_fires_once_for_each_element_that_fits() -> None:
    life = _over(
        """
r:
  on: touch
  for_each: {t: = tags}
  when: t != "b" and goal = "go"
  do: [%s]
"""
        % (LOG % "t")
    )
    life.send("update", {"tags": ["a", "b", "c"]})
    assert _fired(life.send("touch")) == []
    life.send("update", {"goal": "go"})
    assert _fired(life.send("touch")) == ["r", "r"]
    assert _log(life) == ["a", "c"]
    assert _fired(life.send("touch")) == ["r", "r"]


def test_rule_33_without_on_it_fires_for_what_holds_now_and_did_not_before() -> None:
    life = _over(
        """
r:
  for_each: {t: = tasks}
  when: t.state = "working" and t.kind = "repair"
  do: [%s]
"""
        % (LOG % "t.id")
    )
    assert _fired(_child(life, "t1", "new", kind="repair")) == []
    assert _fired(_child(life, "t1", "working", "new", kind="repair")) == ["r"]
    assert _fired(_child(life, "t2", "working", kind="repair")) == ["r"]
    assert _fired(_child(life, "t3", "working", kind="test")) == []
    assert _fired(life.send("touch")) == []
    assert _fired(_child(life, "t1", "done", "working", kind="repair")) == []
    assert _fired(_child(life, "t1", "working", "done", kind="repair")) == ["r"]
    assert _log(life) == ["t1", "t2", "t1"]


def test_rule_33_two_lists_are_joined_in_the_order_of_the_first() -> None:
    life = _over(
        """
r:
  on: touch
  for_each: {w: = wanted, t: = tasks}
  when: t.kind = w and t.state != "done"
  do: [%s]
"""
        % (LOG % 'w + " " + t.id')
    )
    for name, kind in (("t1", "x"), ("t2", "y"), ("t3", "x"), ("t4", "z")):
        _child(life, name, "new", kind=kind)
    life.send("update", {"wanted": ["y", "x"]})
    assert _fired(life.send("touch")) == ["r"] * 3
    assert _log(life) == ["y t2", "x t1", "x t3"]


def test_rule_33_three_lists_are_joined_and_a_bound_one_may_be_the_same_element_twice() -> None:
    life = _over(
        """
r:
  on: touch
  for_each: {a: = tasks, b: = tasks, w: = wanted}
  when: a.owner = b.owner and a.id < b.id and w = a.kind
  do: [%s]
"""
        % (LOG % "a.id + b.id")
    )
    for name, owner, kind in (
        ("t1", "o", "x"),
        ("t2", "p", "x"),
        ("t3", "o", "x"),
        ("t4", "o", "y"),
    ):
        _child(life, name, "new", owner=owner, kind=kind)
    life.send("update", {"wanted": ["x"]})
    life.send("touch")
    assert _log(life) == ["t1t3", "t1t4", "t3t4"]


def test_rule_33_a_binding_is_looked_up_again_before_it_fires() -> None:
    life = _over(
        """
r:
  on: touch
  for_each: {t: = tags}
  when: n < 2
  do: [{set: {n: = n + 1}}, %s]
"""
        % (LOG % "t")
    )
    life.send("update", {"tags": ["a", "b", "c"]})
    assert _fired(life.send("touch")) == ["r", "r"]
    assert _log(life) == ["a", "b"]


def test_rule_33_another_rule_that_comes_first_fires_between_two_bindings() -> None:
    life = _over(
        """
r:
  on: touch
  for_each: {t: = tags}
  do: [{set: {goal: = t}}, %s]
first:
  on: touch
  priority: 1
  when: goal = "a"
  do: [%s]
""".replace("%s", LOG % "t", 1).replace("%s", LOG % '"first"')
    )
    life.send("update", {"tags": ["a", "b"]})
    assert _fired(life.send("touch")) == ["r", "first", "r"]
    assert _log(life) == ["a", "first", "b"]


def test_rule_33_an_element_that_a_binding_adds_has_its_turn_and_none_has_two() -> None:
    life = _over(
        """
r:
  on: touch
  for_each: {t: = tags}
  when: count(tags) < 4
  do: [{set: {tags: '= append(tags, t + t)'}}, %s]
"""
        % (LOG % "t")
    )
    life.send("update", {"tags": ["a"]})
    assert _fired(life.send("touch")) == ["r"] * 3
    assert _log(life) == ["a", "aa", "aaaa"]


def test_a_group_may_use_the_name_of_an_element_and_gives_it_back() -> None:
    life = _over(
        """
r:
  on: touch
  for_each: {t: = tags}
  do: [{for_each: '= ["x"]', as: t, do: [%s]}, %s]
""".replace("%s", LOG % "t")
    )
    life.send("update", {"tags": ["a"]})
    life.send("touch")
    assert _log(life) == ["x", "a"]


def test_equal_elements_are_elements_of_their_own_and_null_is_none() -> None:
    life = _over(
        """
r:
  on: touch
  for_each: {t: '= [null, "a", "a", null]'}
  do: [%s]
"""
        % (LOG % "t")
    )
    assert _fired(life.send("touch")) == ["r", "r"]


def test_a_list_of_references_is_followed_to_their_records() -> None:
    life = _over(
        """
r:
  on: touch
  for_each: {p: = children}
  when: p.name = "Ada"
  do: [%s]
"""
        % (LOG % "p")
    )
    life.send("update", {"children": ["p1", "p2"]})
    assert life.send("touch").status == "needs"
    life.related = Related({"t.person": {"p1": {"name": "Bo"}, "p2": {"name": "Ada"}}})
    assert _fired(life.send("touch")) == ["r"]
    assert _log(life) == ["p2"]


def test_rule_33_a_delayed_rule_keeps_its_binding_through_the_store() -> None:
    life = _over(
        """
r:
  on: touch
  for_each: {d: = days, t: = tags}
  after: 1 day
  do: [%s]
"""
        % (LOG % "string(d.day) + t")
    )
    life.send("update", {"days": ["2026-03-05", "2026-03-06"], "tags": ["x"]})
    assert _fired(life.send("touch")) == ["r", "r"]
    assert len(life.case.timers) == 2
    loaded = life.program.load_case(life.program.dump_case(life.case))
    assert loaded == life.case
    life.current = loaded
    life.send("update", {"tags": []})
    life.wait(timedelta(days=2))
    assert _log(life) == ["5x", "6x"]


def test_rule_1_a_delayed_binding_is_the_same_before_and_after_json() -> None:
    rule = """
r:
  on: touch
  for_each: {k: = clocks, d: = days, x: '= [{at: now, long: duration("P1D"), odd: [now]}]'}
  after: 1 day
  do: [%s]
""" % (LOG % "string(k.start) + string(d) + string(x.long)")
    body = rule.replace("\n", "\n  ")
    text = f"{LISTS}{CLOCKS}---\nkind: rules\nname: c\nfor: c\nrules:\n{body}\n"
    life = Life(program_of(text.replace("out != null", "n = 9")))
    life.create({"log": [], "days": ["2026-03-05"]})
    life.send("touch")
    loaded = life.program.load_case(life.program.dump_case(life.case))
    assert loaded == life.case
    fresh = life.program.advance(life.case, life.now + timedelta(days=2))
    assert fresh == life.program.advance(loaded, life.now + timedelta(days=2))
    assert fresh[-1].case is not None
    assert len(fresh[-1].case.fields["log"]) == len(life.case.clocks)


def test_rule_33_a_delay_of_a_rule_without_on_ends_with_its_binding() -> None:
    life = _over(
        """
r:
  for_each: {t: = tasks}
  when: t.state = "working"
  after: 1 day
  do: [%s]
"""
        % (LOG % "t.id")
    )
    _child(life, "t1", "working")
    _child(life, "t2", "working")
    assert [t.key for t in life.case.timers] == ["rule/r/t1", "rule/r/t2"]
    _child(life, "t1", "done", "working")
    assert [t.key for t in life.case.timers] == ["rule/r/t2"]
    life.wait(timedelta(days=2))
    assert _log(life) == ["t2"]


def test_rule_33_clocks_and_tasks_are_brought_together() -> None:
    clocks = """---
kind: sla_definitions
name: c
for: c
slas:
  repair: {target: 2 hours, start: 'true', stop: state = "done"}
  other: {target: 4 hours, start: 'true', stop: state = "done"}
"""
    rule = """---
kind: rules
name: c
for: c
rules:
  late:
    for_each: {clock: = clocks, task: = tasks}
    when: clock.breached and task.kind = clock.name and task.state != "done"
    do: [%s]
""" % (LOG % 'clock.name + " " + task.id')
    life = Life(program_of(LISTS + clocks + rule))
    life.create({"log": []})
    _child(life, "t1", "working", kind="repair")
    _child(life, "t2", "working", kind="nothing")
    life.wait(timedelta(hours=1))
    assert _log(life) == []
    life.wait(timedelta(hours=2))
    assert _log(life) == ["repair t1"]
    life.wait(timedelta(hours=3))
    _child(life, "t3", "new", kind="other")
    assert _log(life) == ["repair t1", "other t3"]


def test_rule_6_a_level_rule_over_lists_reads_no_event() -> None:
    for when in ("event.type = t", "now > date and time(t)"):
        with pytest.raises(SpecError, match="a level condition cannot read"):
            _over(f"r: {{for_each: {{t: = tags}}, when: '{when}', do: [{{set: {{n: 1}}}}]}}")
    with pytest.raises(SpecError, match='cannot read "event"'):
        _over("r: {for_each: {t: '= [event.type]'}, when: t != null, do: [{set: {n: 1}}]}")


@pytest.mark.parametrize("name", ["event", "clocks", "some"])
def test_elements_cannot_be_named_like_a_word_of_the_scope(name: str) -> None:
    with pytest.raises(SpecError, match=f'"{name}" cannot name elements'):
        _over(f"r: {{on: touch, for_each: {{{name}: = tags}}, do: [{{set: {{n: 1}}}}]}}")


# --- bounds ---------------------------------------------------------------------------------------


def test_a_rule_that_feeds_its_own_list_is_stopped_and_changes_nothing() -> None:
    life = _over(
        """
r:
  on: touch
  for_each: {t: = tags}
  do: [{set: {tags: '= append(tags, string(count(tags)))'}}]
"""
    )
    life.send("update", {"tags": ["a"]})
    before = life.case
    outcome = life.send("touch")
    assert (outcome.status, life.codes()) == ("failed", ["budget"])
    assert outcome.errors[0].message.startswith('rule "r" fires for more than ') or (
        "takes more than is left of the budget" in outcome.errors[0].message
    )
    assert "event touch -> rule r x " in outcome.errors[0].message
    assert life.case is before


def test_too_many_combinations_fail_the_step_with_the_rule_and_its_facts() -> None:
    life = _over(
        """
r:
  on: touch
  for_each: {a: = tags, b: = tags, c: = tags}
  when: a + b + c = "none"
  do: [{set: {n: 1}}]
"""
    )
    life.send("update", {"tags": [f"x{i}" for i in range(100)]})
    outcome = life.send("touch")
    assert (outcome.status, life.codes()) == ("failed", ["budget"])
    message = outcome.errors[0].message
    assert message.startswith('rule "r": more than 50,000 combinations of facts')
    assert message.endswith("event touch -> transition touch")


def test_the_chain_of_a_limit_says_who_raised_what_and_folds_what_repeats() -> None:
    life = _life(
        """
reopen: {on: update, do: [{raise: nudge}]}
notify_back: {on: nudge, do: [{raise: touch}]}
again: {on: touch, when: n < 100, do: [{set: {n: = n + 1}}, {raise: nudge}]}
""".replace("nudge", "resume").replace("touch", "hold")
    )
    outcome = life.send("update", {"n": 0})
    assert life.codes() == ["raise_limit"]
    assert outcome.errors[0].message == (
        "more than 64 events were raised in one step: event update -> rule reopen -> "
        "(event resume -> rule notify_back -> event hold -> rule again) x 32 -> event resume"
    )


def test_the_chain_of_a_fan_out_names_what_was_raised_most() -> None:
    life = _life(
        "flood: {on: update, do: [{for_each: '= for i in 1..70 return i', do: [{raise: touch}]}]}"
    )
    outcome = life.send("update", {"n": 0})
    assert outcome.errors[0].message == (
        "more than 64 events were raised in one step: event update -> rule flood -> event touch; "
        "event touch was raised 65 times by rule flood"
    )


def test_the_effect_limit_shows_its_chain() -> None:
    send = "{for_each: '= for i in 1..2000 return i', do: [{send: {event: touch, to: = id}}]}"
    life = _life(f"r: {{on: touch, do: [{send}]}}\ns: {{on: update, do: [{{raise: touch}}]}}")
    outcome = life.send("update", {"n": 0})
    assert life.codes() == ["effect_limit"]
    assert outcome.errors[0].message == (
        "a step may have at most 1000 effects: event update -> rule s -> event touch -> rule r"
    )


# --- which rules are looked at --------------------------------------------------------------------


def _many(count: int = 40) -> str:
    return "\n".join(
        f'r{i}: {{on: update, when: category = "x{i}" and n >= 0, do: [{{set: {{out: o{i}}}}}]}}'
        for i in range(count)
    )


def test_rule_34_of_many_rules_on_one_field_those_of_its_value_are_looked_at() -> None:
    life = _life(_many())
    assert _fired(life.send("update", {"category": "x7", "n": 1})) == ["r7"]
    assert _fired(life.send("update", {"category": "none"})) == []
    assert _fired(life.send("update", {"category": None})) == []
    agenda = life.program.case_type("c").rules.agenda("update", -1)
    view = life.program.view(life.case)
    assert (len(agenda.candidates(view)), len(agenda.rules)) == (0, 40)


def test_rule_34_a_trace_shows_every_rule_that_could_have_acted() -> None:
    life = _life(_many())
    life.send("update", {"category": "x7", "n": 1})
    event = Event("update", "e", "c1", time=life.now, actor=ANNE, data={"category": "x8"})
    outcome = life.program.step(life.case, event, trace=True)
    told = {line["place"] for line in outcome.trace or () if line["kind"] == "rule"}
    assert told == {f"rule/r{i}" for i in range(40)}
    assert _fired(outcome) == ["r8"]


def test_rule_34_one_condition_of_many_rules_is_tried_once_for_all() -> None:
    same = "\n".join(
        f"s{i}: {{on: update, when: n > 5 and n < 9, do: [{{set: {{out: a}}}}]}}" for i in range(40)
    )
    life = _life(same)
    assert len(_fired(life.send("update", {"n": 6}))) == 40
    assert _fired(life.send("update", {"n": 9})) == []
    agenda = life.program.case_type("c").rules.agenda("update", -1)
    assert list(agenda.candidates(life.program.view(life.case))) == []


def test_rule_34_rules_that_ask_for_a_change_are_looked_at_once_it_has_happened() -> None:
    life = _life(
        """
a: {on: update, when: changed("n") and n > 0, do: [{set: {out: a}}]}
b: {on: update, when: n > 0 and changed("out"), do: [{set: {out: b}}]}
c: {on: create, when: changed("n"), do: [{set: {out: c}}]}
"""
    )
    assert _fired(life.send("update", {"category": "x"})) == []
    assert _fired(life.send("update", {"n": 1})) == ["a", "b"]
    assert _fired(life.send("update", {"n": 1})) == []
    rules = life.program.case_type("c").rules
    bit = life.program.case_type("c").fields["n"].bit
    view = life.program.view(life.case)
    assert [r.name for r in rules.agenda("update", 0).candidates(view)] == []
    assert [r.name for r in rules.agenda("update", bit).candidates(view)] == ["a"]
    assert [r.name for r in rules.agenda("update", 0).rules] == ["a", "b"]
    assert [r.name for r in rules.agenda("create", -1).candidates(view)] == ["c"]


def test_rule_20_a_journal_has_changed_in_the_event_that_posts_to_it() -> None:
    text = FLOW.replace("  n: {type: integer}", "  n: {type: integer}\n  comments: {type: journal}")
    rule = '{on: [comment, touch], when: changed("comments"), do: [{set: {out: x}}]}'
    life = Life(program_of(f"{text}---\nkind: rules\nname: c\nfor: c\nrules: {{r: {rule}}}\n"))
    life.create({})
    assert _fired(life.send("touch")) == []
    assert _fired(life.send("comment", {"text": "a"})) == ["r"]
    assert _fired(life.send("touch")) == []
    assert _fired(life.send("comment", {"text": "a"})) == ["r"]


def test_rule_34_a_rule_that_changes_the_field_in_between_is_followed() -> None:
    life = _life(
        _many() + "\nfirst: {on: update, priority: 9, when: n = 3, do: [{set: {category: x9}}]}"
    )
    assert _fired(life.send("update", {"category": "x7", "n": 3})) == ["first", "r9"]


def test_rule_34_a_value_that_an_older_program_left_is_no_stumbling_block() -> None:
    life = _life(_many())
    life.send("update", {"n": 1})
    odd = replace(life.case, fields={**life.case.fields, "category": ["x1"]})
    event = Event("update", "e", "c1", time=life.now, actor=ANNE, data={"n": 2})
    assert life.program.step(odd, event).status == "applied"


# --- facts of the case ----------------------------------------------------------------------------

PLAYBOOK = """---
kind: playbook
name: c
stages:
  first: {activities: {look: {fields: [category], require: [category]}}}
  then: {activities: {act: {fields: [n], require: [n]}}}
"""


def test_clocks_are_a_list_of_those_that_have_started() -> None:
    life = _life("r: {on: update, do: [{set: {seen: '= clocks.name'}}]}", CLOCKS)
    life.send("update", {"category": "a"})
    assert life.case.fields["seen"] == ["answer"]
    life.send("update", {"n": 1})
    assert life.case.fields["seen"] == ["answer", "solve"]


def test_a_rule_without_on_may_read_clocks_but_nothing_of_them_that_passes() -> None:
    rule = "r: {when: 'count(clocks[status = \"paused\"]) > 0', do: [{set: {category: paused}}]}"
    life = _life(rule, CLOCKS)
    assert _fired(life.send("touch")) == []
    assert _fired(life.send("hold")) == ["r"]
    assert _fired(life.send("touch")) == []
    with pytest.raises(SpecError, match='unknown property "elapsed"'):
        _life("r: {when: clocks[1].elapsed != null, do: [{set: {out: x}}]}", CLOCKS)


def test_activities_are_a_list_with_their_stage_and_status() -> None:
    more = PLAYBOOK
    text = FLOW.replace("state_flow: c\nfields", "state_flow: c\nplaybook: c\nfields")
    rule = (
        "---\nkind: rules\nname: c\nfor: c\nrules:\n  r: {on: touch, do: [{set: {seen: "
        '\'= for a in playbook.activities return a.stage + "/" + a.name + "/" + a.status\'}}]}\n'
    )
    life = Life(program_of(text + more + rule))
    life.create({"category": "a"})
    life.send("touch")
    assert life.case.fields["seen"] == ["first/look/open", "then/act/pending"]


def test_recent_events_are_kept_only_where_something_reads_them() -> None:
    plain = _life("r: {on: touch, do: [{set: {out: x}}]}")
    plain.send("touch")
    assert b"recent" not in plain.program.dump_case(plain.case)
    rule = (
        "r: {on: touch, when: 'count(recent_events[type = \"touch\"]) = 3', do: [{set: {out: x}}]}"
    )
    life = _life(rule)
    fired = [_fired(life.send("touch", by=by)) for by in (CARL, ANNE, ANNE, CARL)]
    assert fired == [[], [], ["r"], []]
    assert [(e.type, e.actor) for e in life.case.recent or ()] == [
        ("create", "anne"),
        ("touch", "carl"),
        ("touch", "anne"),
        ("touch", "anne"),
        ("touch", "carl"),
    ]
    program = life.program
    assert program.load_case(program.dump_case(life.case)) == life.case


def test_at_most_fifty_recent_events_are_kept() -> None:
    life = _life("r: {when: count(recent_events) > 49, do: [{set: {out: full}}]}")
    for _ in range(48):
        assert _fired(life.send("touch")) == []
    assert _fired(life.send("touch")) == ["r"]
    for _ in range(5):
        life.send("touch")
    recent = life.case.recent or ()
    assert len(recent) == 50
    assert recent[-1].time > recent[0].time or recent[-1].id != recent[0].id


def test_what_is_refused_is_no_recent_event() -> None:
    life = _life("r: {when: count(recent_events) > 9, do: [{set: {out: full}}]}")
    assert life.send("update", {"nonsense": 1}).status == "rejected"
    assert [e.type for e in life.case.recent or ()] == ["create"]


@pytest.mark.parametrize("name", ["clocks", "recent_events"])
def test_a_field_or_list_cannot_take_the_name_of_a_list_of_facts(name: str) -> None:
    with pytest.raises(SpecError, match=f'"{name}" cannot name a field'):
        program_of(FLOW.replace("category:", f"{name}:"))
    related = (
        f"related: {{{name}: {{of: c, by: parent}}}}\nfields:\n  parent: {{type: reference, to: c}}"
    )
    with pytest.raises(SpecError, match=f'"{name}" cannot name a related list'):
        program_of(FLOW.replace("fields:", related, 1))


@pytest.mark.parametrize("wanted", ["auto", "native"])
def test_which_network_brings_the_facts_together_is_told(wanted: Any) -> None:
    rule = "r: {on: touch, for_each: {t: = tags, w: = wanted}, when: t = w, do: [{set: {n: 1}}]}"
    life = _over(rule, network=wanted)
    assert [(use.production, use.network) for use in life.program.networks] == [
        ("rule r of t.c", "native")
    ]
