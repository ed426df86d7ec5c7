"""What a look-up can tell of a condition, and which rules it leaves to be tried."""

from __future__ import annotations

import pytest

from casewright.program.chain import folded
from casewright.rules.agenda import Agenda
from casewright.rules.case_rules import Rule, Rules
from support.life import Life, program_of

BASE = """
kind: case_type
name: c
state_flow: c
fields:
  word: {type: string}
  n: {type: integer}
  many: {type: string, many: true}
  made: {type: integer, computed: 2 * n}
  on_day: {type: date}
---
kind: state_flow
name: c
initial: open
states: {open: {}}
transitions: {touch: {from: open}}
"""


def _rules(*conditions: str) -> Rules:
    rules = "".join(
        f"  r{i}: {{on: touch, when: '{when}', do: [{{set: {{many: []}}}}]}}\n"
        for i, when in enumerate(conditions)
    )
    program = program_of(f"{BASE}---\nkind: rules\nname: c\nfor: c\nrules:\n{rules}")
    return program.case_type("c").rules


@pytest.mark.parametrize(
    ("when", "told"),
    [
        ('word = "a"', {"word": {"a"}}),
        ('"a" = word and n > 2', {"word": {"a"}}),
        ('word in ("a", "b")', {"word": {"a", "b"}}),
        ('word in ["a", "b"]', {"word": {"a", "b"}}),
        ('case.word = "a" and n = -1 and true', {"word": {"a"}, "n": {-1}}),
        ("n = 1.0 and made = 4", {"n": {1}, "made": {4}}),
        ("word = null", {"word": {None}}),
        ('state = "open"', {"state": {"open"}}),
        ('(word = "a" and n = 1) and made > n', {"word": {"a"}, "n": {1}}),
        ('word = "a" or n = 1', {}),
        ('not(word = "a")', {}),
        ("n in (1, > 5)", {}),
        ('word != "a"', {}),
        ('event.type = "touch"', {}),
        ('previous.word = "a"', {}),
        ('list contains(many, "a")', {}),
        ('on_day = @"2026-03-02"', {}),
        ("word = string(n)", {}),
    ],
)
def test_a_look_up_is_what_a_condition_cannot_hold_without(
    when: str, told: dict[str, set[object]]
) -> None:
    (rule,) = _rules(when.replace("'", "''")).rules
    assert {t.key: t.values for t in rule.tests if isinstance(t.key, str)} == told


def test_a_rule_is_kept_under_the_test_that_tells_most() -> None:
    rules = _rules(*(f'state = "open" and word = "w{i}"' for i in range(9)), *["n = 1"] * 9)
    life = Life(program_of(BASE))
    life.create({"word": "w3", "n": 2})
    view = life.program.view(life.case)
    agenda = rules.agenda("touch", 0)
    assert [rule.name for rule in agenda.candidates(view)] == ["r3"]
    life.send("update", {"word": "zz", "n": 1})
    view = life.program.view(life.case)
    assert [rule.name for rule in agenda.candidates(view)] == [f"r{i}" for i in range(9, 18)]


def test_few_rules_are_tried_one_by_one() -> None:
    agenda = _rules('word = "a"', 'word = "b"', 'word = "c"').agenda("touch", 0)
    assert not agenda.is_grouped
    assert isinstance(agenda, Agenda)


def test_an_agenda_is_kept_and_has_each_rule_once() -> None:
    rules = _rules('word = "a"')
    assert rules.agenda("touch", 0) is rules.agenda("touch", 0)
    assert rules.agenda("update", 0).rules == ()
    names = [rule.name for rule in rules.agenda("touch", -1).rules]
    assert names == ["r0"]
    assert isinstance(rules.by_name("r0"), Rule)


@pytest.mark.parametrize(
    ("links", "told"),
    [
        ("a b c", "a b c"),
        ("a a a", "a x 3"),
        ("a b a b a b", "(a -> b) x 3"),
        ("s a b a b e", "s (a -> b) x 2 e"),
        ("a b b a b b x", "(a -> b -> b) x 2 x"),
        ("", ""),
    ],
)
def test_what_repeats_in_a_chain_is_written_once(links: str, told: str) -> None:
    assert " ".join(folded(links.split())) == told
