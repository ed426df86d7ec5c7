"""Rules 1 to 7 of the step: purity, statuses, conditions, budgets, positions, numbers."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from casewright.case import Actor, Event, Related
from casewright.errors import EventError, SpecError
from casewright.program import Limits
from support.life import ANNE, Life, program_of

FLOW = """
kind: case_type
name: c
state_flow: c
fields:
  title: {type: string, max_length: 20}
  priority: {type: choice, choices: {1: High, 2: Low}, default: 2}
  amount: {type: number}
  vip: {type: boolean}
  owner: {type: reference, to: person}
---
kind: records
name: person
fields: {name: {type: string}, boss: {type: reference, to: person}}
---
kind: state_flow
name: c
initial: open
states: {open: {}, urgent: {}, done: {final: true}}
transitions:
  hurry: {from: open, to: urgent, when: owner.boss.name = "Ada"}
  finish: {from: [open, urgent], to: done, require: [title, amount > 1]}
"""


def test_rule_1_equal_arguments_give_equal_bytes() -> None:
    program = program_of(FLOW)
    event = Event("create", "e", "c1", "c", Life(program).now, ANNE, {"title": "x", "amount": 1.50})
    first, second = program.step(None, event), program.step(None, event)
    assert first == second
    assert first.case is not None
    assert program.dump_case(first.case) == program.dump_case(
        program.load_case(program.dump_case(first.case))
    )


def test_rule_1_misuse_raises_instead_of_rejecting() -> None:
    program = program_of(FLOW)
    with pytest.raises(EventError, match="time"):
        program.step(None, Event("create", "e", "c1", "c"))
    with pytest.raises(EventError, match='unknown case type "x"'):
        program.step(None, Event("create", "e", "c1", "x", Life(program).now))


def test_rule_2_a_missing_record_is_asked_for_and_nothing_else_comes_back() -> None:
    life = Life(program_of(FLOW))
    life.create({"owner": "bob"})
    before = life.case
    outcome = life.send("hurry")
    assert outcome.status == "needs"
    assert [(need.record_type, need.id) for need in outcome.needs] == [("t.person", "bob")]
    assert (outcome.entity, outcome.effects, outcome.changes) == (before, (), {})
    life.related = Related({"t.person": {"bob": {"id": "bob", "boss": "ada"}}})
    assert life.send("hurry").needs[0].id == "ada"
    life.related = Related(
        {"t.person": {"bob": {"id": "bob", "boss": "ada"}, "ada": {"id": "ada", "name": "Ada"}}}
    )
    assert life.send("hurry").status == "applied"
    assert life.case.state == "urgent"


def test_rule_3_a_rejection_changes_nothing() -> None:
    life = Life(program_of(FLOW))
    life.create()
    before = life.case
    outcome = life.send("finish")
    assert (outcome.status, life.codes()) == ("rejected", ["requirement", "requirement"])
    assert life.case is before


def test_rule_4_null_does_not_hold_and_a_bare_name_means_has_a_value() -> None:
    life = Life(program_of(FLOW))
    life.create()
    assert life.send("hurry").status == "rejected"
    assert life.codes() == ["no_transition"]
    life.send("update", {"title": "", "amount": 2})
    assert life.send("finish").status == "rejected"
    life.send("update", {"title": "ok"})
    assert life.send("finish").status == "applied"


def test_rule_5_a_spent_budget_is_a_failure_never_null() -> None:
    text = FLOW.replace('owner.boss.name = "Ada"', "count(for i in 1..1000 return i) > 3")
    life = Life(program_of(text, limits=Limits(evaluation=100)))
    life.create()
    before = life.case
    outcome = life.send("hurry")
    assert (outcome.status, life.codes()) == ("failed", ["budget"])
    assert life.case is before


@pytest.mark.parametrize(
    ("condition", "word"),
    [
        ("now > created_at", "now"),
        ('event.type = "x"', "event"),
        ("today() > date(created_at)", "today"),
        ('has role("agent")', "has role"),
        ('changed("title")', "changed"),
    ],
)
def test_rule_6_a_level_position_does_not_read_what_passes(condition: str, word: str) -> None:
    text = (
        FLOW
        + f"""
---
kind: rules
name: r
for: c
rules: {{x: {{when: '{condition}', do: [{{set: {{vip: true}}}}]}}}}
"""
    )
    with pytest.raises(SpecError) as caught:
        program_of(text)
    assert [d.code for d in caught.value.diagnostics if d.severity == "error"] == ["CW311"]
    assert word in caught.value.diagnostics[-1].message


@pytest.mark.parametrize(
    ("given", "kept"), [(0.1, Decimal("0.1")), (12.50, Decimal("12.5")), (3.0, 3), (7, 7)]
)
def test_rule_7_numbers_are_decimals_at_every_door(given: float, kept: object) -> None:
    life = Life(program_of(FLOW))
    life.create({"amount": given})
    assert life.case.fields["amount"] == kept
    assert type(life.case.fields["amount"]) is type(kept)


@pytest.mark.parametrize("bad", [True, float("nan"), float("inf"), "1"])
def test_rule_7_what_is_no_number_is_invalid(bad: object) -> None:
    life = Life(program_of(FLOW))
    assert life.create({"amount": bad}).status == "rejected"
    assert life.codes() == ["invalid"]


@pytest.mark.parametrize("name", ["event", "settings", "case", "and", "state"])
def test_rule_7_a_reserved_word_names_no_field(name: str) -> None:
    with pytest.raises(SpecError, match="cannot name a field"):
        program_of(
            FLOW.replace("title: {type: string, max_length: 20}", f"{name}: {{type: string}}")
        )


def test_rule_8_a_case_never_goes_back() -> None:
    life = Life(program_of(FLOW))
    life.create()
    life.now += timedelta(hours=1)
    life.send("update", {"title": "a"})
    late = life.case.updated_at
    life.now -= timedelta(minutes=30)
    life.send("update", {"title": "b"})
    assert life.case.updated_at == late


def test_an_actor_keeps_its_roles_whatever_sequence_they_came_in() -> None:
    given = Actor("anne", roles=["agent"])
    assert given == Actor("anne", roles=("agent",))
    assert Life(program_of(FLOW)).create(by=given).status == "applied"


def test_rule_3_a_record_that_outgrows_its_limit_is_a_failure() -> None:
    text = FLOW.replace("vip: {type: boolean}", "vip: {type: boolean}\n  marks: {type: map}")
    life = Life(program_of(text, limits=Limits(record_bytes=4_000)))
    life.create({"marks": {"a": "x"}})
    before = life.case
    outcome = life.send("update", {"marks": {"a": "x" * 5_000}})
    assert (outcome.status, life.codes()) == ("failed", ["record_limit"])
    assert life.case is before
