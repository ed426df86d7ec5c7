"""Rules 14 to 25: the queue, Admit, Apply, Flow, Settle, Announce, Check, Tell, Outcome."""

from __future__ import annotations

from datetime import timedelta

import pytest

from casewright.case import Actor
from casewright.errors import SpecError
from support.life import CARL, Life, program_of

DESK = """
kind: case_type
name: c
state_flow: c
fields:
  title: {type: string, required: true}
  notes: {type: string, write: [agent]}
  priority: {type: choice, choices: {1: High, 2: Medium, 3: Low}, default: 3}
  urgent: {type: boolean, computed: priority = 1}
  a: {type: integer, default: 1}
  b: {type: integer, default: 2}
  attention: {type: boolean, default: false}
  owner: {type: string, check: 'owner != "nobody"'}
  due: {type: date, set_once: true}
---
kind: roles
name: c
for: c
roles:
  customer: {may: [create, read, comment]}
  agent: {may: [create, read, update, comment, work_note]}
---
kind: state_flow
name: c
initial: draft
states:
  draft: {draft: true}
  open: {enter: [{set: {attention: true}}], exit: [{set: {attention: false}}]}
  proposed: {}
  closed: {read_only: true}
transitions:
  submit: {from: draft, to: open}
  touch: {from: open}
  again: {from: open, to: open}
  swap: {from: open, do: [{set: {a: = b, b: = a}}]}
  chain: {from: open, do: [{set: {a: 5}}, {set: {b: = a}}]}
  propose: {from: open, to: proposed, roles: [agent]}
  agent_closes: {on: close, from: proposed, to: closed, roles: [agent], require: [notes]}
  customer_closes: {on: close, from: proposed, to: closed, roles: [customer]}
  auto_close: {from: proposed, to: closed}
  reply: {from: open, roles: [agent], do: [{comment: Hello}]}
  answered: {on: comment, from: proposed, to: open, when: has role("customer")}
  review: {from: closed, roles: [agent], data: {text: {type: string, required: true}}}
  go: {from: open, do: [{raise: loop}]}
  loop: {from: open, do: [{raise: loop}]}
  spawn: {from: open, do: [{raise: propose}, {raise: close}]}
---
kind: rules
name: c
for: c
rules:
  high_needs_attention: {when: priority = 1, do: [{set: {attention: true}}]}
  auto: {on: propose, when: notes = "auto", do: [{raise: auto_close}]}
---
kind: templates
name: c
templates: {t: "{{ title }} is {{ state }}"}
---
kind: notification_map
name: c
for: c
notifications:
  told: {on: comment, to: owner, channel: email, template: t, when: has role("agent")}
  raised: {when: changed("priority") and priority = 1, to: owner, channel: email, template: t}
"""


def _open(**data: object) -> Life:
    life = Life(program_of(DESK))
    life.create({"title": "x", "owner": "olga", **data})
    life.send("submit")
    return life


def test_rule_14_events_raised_run_first_in_first_out_after_the_one_that_raised_them() -> None:
    life = _open(notes="n")
    outcome = life.send("spawn")
    assert life.case.state == "closed"
    assert [c for c in outcome.causes if c.startswith("transition")] == [
        "transition/spawn",
        "transition/propose",
        "transition/agent_closes",
    ]


def test_rule_14_a_chain_of_raised_events_is_bounded_and_shown() -> None:
    life = _open()
    before = life.case
    outcome = life.send("go")
    assert (outcome.status, life.codes()) == ("failed", ["raise_limit"])
    chain = "event go -> transition go -> (event loop -> transition loop) x 64 -> event loop"
    assert outcome.errors[0].message.endswith(chain)
    assert life.case is before


def test_rule_15_all_reasons_are_collected() -> None:
    life = _open()
    outcome = life.send("update", {"priority": 9, "nots": "x", "a": "one"})
    assert outcome.status == "rejected"
    assert [(p.code, p.path) for p in outcome.errors] == [
        ("invalid", "a"),
        ("invalid", "nots"),
        ("invalid", "priority"),
    ]
    assert 'did you mean "notes"?' in outcome.errors[1].message


def test_rule_15_stale_counts_from_the_last_change_of_a_field_or_state() -> None:
    life = _open()
    seen = life.case.revision
    life.send("work_note", {"text": "n"})
    assert life.send("update", {"a": 3}, expected=seen).status == "applied"
    assert life.send("update", {"a": 4}, expected=seen).status == "rejected"
    assert life.codes() == ["stale"]


def test_rule_15_create_is_judged_on_the_case_that_apply_would_make() -> None:
    text = DESK.replace(
        "customer: {may: [create, read, comment]}",
        "customer: {may: [create, read, comment], when: owner = actor.name}",
    )
    life = Life(program_of(text))
    carl = Actor("carl", roles=("customer",), attributes={"name": "carl"})
    assert life.create({"title": "x", "owner": "olga"}, by=carl).status == "rejected"
    assert life.codes()[0] == "forbidden"
    assert life.create({"title": "x", "owner": "carl"}, by=carl).status == "applied"


def test_rule_16_absent_is_unchanged_and_null_clears() -> None:
    life = _open(notes="n")
    life.send("update", {"owner": None})
    assert life.case.fields["notes"] == "n"
    assert "owner" not in life.case.fields


def test_rule_17_require_is_checked_on_the_selected_row_only() -> None:
    both = Actor("bo", roles=("agent", "customer"))
    life = _open()
    life.send("propose")
    assert life.send("close", by=both).status == "rejected"
    assert life.codes() == ["requirement"]
    assert life.send("close", by=CARL).status == "applied"


def test_rule_17_no_to_neither_leaves_nor_enters_and_the_same_state_does_both() -> None:
    life = _open()
    life.send("update", {"attention": False})
    entry = life.case.state_entry
    life.send("touch")
    assert (life.case.fields["attention"], life.case.state_entry) == (False, entry)
    life.send("again")
    assert (life.case.fields["attention"], life.case.state_entry) == (True, entry + 1)


def test_rule_17_what_a_raised_event_could_not_do_is_listed() -> None:
    life = _open()
    outcome = life.send("spawn")
    assert [(i.event) for i in outcome.ignored] == []
    assert outcome.status == "rejected"
    assert life.codes() == ["requirement"]


def test_rule_18_a_rule_sees_computed_fields_of_this_very_event() -> None:
    text = DESK.replace(
        "high_needs_attention: {when: priority = 1", "high_needs_attention: {when: urgent"
    )
    life = Life(program_of(text))
    life.create({"title": "x", "priority": 1})
    assert life.case.fields["urgent"] is True
    assert life.case.fields["attention"] is True


def test_rule_18_a_circle_among_derived_things_is_a_compile_error() -> None:
    text = (
        DESK.replace("a: {type: integer, default: 1}", "a: {type: integer, computed: z + 1}")
        .replace(
            "b: {type: integer, default: 2}",
            "z: {type: integer, computed: a + 1}\n  b: {type: integer}",
        )
        .replace("swap: {from: open, do: [{set: {a: = b, b: = a}}]}", "")
        .replace("chain: {from: open, do: [{set: {a: 5}}, {set: {b: = a}}]}", "")
    )
    with pytest.raises(SpecError, match="in a circle: computed field a -> computed field z"):
        program_of(text)


def test_rule_19_an_action_comment_is_a_comment_of_the_asker() -> None:
    life = _open()
    outcome = life.send("reply")
    assert [(e.kind, e.text, e.by) for e in outcome.entries] == [("comment", "Hello", "anne")]
    assert life.case.journals["comments"].count == 1
    assert life.effects("notification") == ["told"]


def test_rule_20_the_right_sides_of_one_set_see_the_case_before_it() -> None:
    life = _open()
    life.send("swap")
    assert (life.case.fields["a"], life.case.fields["b"]) == (2, 1)
    life.send("chain")
    assert (life.case.fields["a"], life.case.fields["b"]) == (5, 5)


def test_rule_21_what_a_spec_raises_is_refused_from_outside() -> None:
    life = _open()
    life.send("propose")
    outcome = life.send("auto_close", by=CARL)
    assert (outcome.status, life.codes()) == ("rejected", ["forbidden"])
    assert life.send("clock_breached").errors[0].code == "forbidden"


def test_rule_21_a_built_in_event_stays_open_though_a_spec_sends_it() -> None:
    rules = "---\nkind: rules\nname: d\nfor: c\nrules: {tell: {on: work_note, do: [*send]}}\n"
    send = "{send: {event: comment, to: = owner, data: {text: Hello}}}"
    life = Life(program_of(DESK + rules.replace("*send", send)))
    life.create({"title": "x"})
    life.send("submit")
    life.send("propose")
    assert life.send("comment", {"text": "No"}, by=CARL).status == "applied"
    assert life.case.state == "open"


def test_rule_21_roles_bind_outside_events_and_not_what_rules_raise() -> None:
    life = _open(notes="auto")
    outcome = life.send("propose")
    assert life.case.state == "closed"
    assert "transition/auto_close" in outcome.causes


def test_rule_21_a_field_is_open_to_its_roles_only() -> None:
    life = _open()
    assert life.send("update", {"notes": "x"}, by=CARL).status == "rejected"
    assert set(life.codes()) == {"forbidden"}


def test_rule_22_read_only_shuts_fields_and_built_in_events_not_a_transition() -> None:
    life = _open()
    life.send("propose")
    life.send("close", by=CARL)
    for event, data in (
        ("update", {"a": 2}),
        ("comment", {"text": "x"}),
        ("review", {"text": "t", "a": 3}),
    ):
        assert life.send(event, data).status == "rejected"
        assert life.codes() == ["read_only"]
    assert life.send("review", {"text": "t"}).status == "applied"
    assert life.send("review").errors[0].code == "requirement"


def test_rule_22_a_draft_waives_required_and_leaving_it_does_not() -> None:
    life = Life(program_of(DESK))
    assert life.create().status == "applied"
    assert life.send("submit").status == "rejected"
    assert life.outcomes[-1].errors[0].path == "title"


def test_rule_23_what_was_broken_before_does_not_reject() -> None:
    program = program_of(DESK.replace("check: 'owner != \"nobody\"'", "title: Owner"))
    life = Life(program)
    life.create({"title": "x", "owner": "nobody"})
    life.send("submit")
    life.program = program_of(DESK)
    assert life.send("update", {"a": 7}).status == "applied"
    assert life.send("update", {"owner": "olga"}).status == "applied"
    assert life.send("update", {"owner": "nobody"}).status == "rejected"
    assert life.codes() == ["constraint"]


def test_rule_23_a_field_that_is_set_once_keeps_its_value() -> None:
    life = _open(due="2026-04-01")
    assert life.send("update", {"due": "2026-04-02"}).status == "rejected"
    assert life.codes() == ["constraint"]


def test_rule_24_a_notification_with_when_alone_goes_out_once_when_it_becomes_so() -> None:
    life = _open()
    life.send("update", {"priority": 1})
    life.send("update", {"a": 9})
    assert life.effects("notification") == ["raised"]


def test_rule_24_the_text_is_made_at_delivery_of_what_the_step_fixed() -> None:
    life = _open()
    outcome = life.send("update", {"priority": 1})
    life.send("propose")
    (effect,) = outcome.effects
    assert effect.to == ("olga",)
    assert life.program.render(effect).body == "x is open"


def test_rule_25_effects_have_the_id_of_case_revision_and_position() -> None:
    life = _open()
    outcome = life.send("reply")
    assert [effect.id for effect in outcome.effects] == [f"c1/{life.case.revision}/0"]
    assert outcome.changes == {}
    assert life.send("update", {"a": 4}).changes == {"a": (1, 4)}


def test_rule_25_the_trace_is_the_same_step_run_again() -> None:
    life = _open()
    before, event = life.case, life.send("propose").event
    plain = life.program.step(before, event)
    traced = life.program.step(before, event, trace=True)
    assert traced.case == plain.case
    assert any(line["place"] == "rule/auto" for line in traced.trace)  # type: ignore[union-attr]


def test_rule_8_time_is_no_data_of_the_event() -> None:
    life = _open()
    life.now += timedelta(hours=1)
    outcome = life.send("update", {"a": 3}, occurred=life.now - timedelta(days=3))
    assert outcome.now_us // 1_000_000 == int(life.now.timestamp())
