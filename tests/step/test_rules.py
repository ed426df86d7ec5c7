"""Rules 33 and 34: rules over one case, over several of its facts, and when they are looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

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


# --- facts of the case ----------------------------------------------------------------------------

CLOCKS = """---
kind: sla_definitions
name: c
for: c
slas:
  answer: {target: 4 hours, start: 'true', pause: state = "held", stop: out != null}
  solve: {target: 2 days, start: n != null, stop: state = "done"}
"""
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
