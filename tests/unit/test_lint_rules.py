"""Rules that cannot do what they say are told, and no others."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from casewright.program import check_packs

if TYPE_CHECKING:
    from casewright.errors import Diagnostic

ROOT = Path(__file__).parents[2]
DESK = ROOT / "tests" / "data" / "packs" / "desk"
HEAD = """
kind: pack
name: mine
schema: casewright/1
version: "1"
uses: [desk]
---
kind: rules
name: r
for: desk.ticket
rules:
"""


def found_in(tmp_path: Path, rules: str) -> list[Diagnostic]:
    """Return what is told of rules for the tickets of the desk; nothing else may be wrong."""
    path = tmp_path / "mine.yaml"
    path.write_text(HEAD + rules, "utf-8")
    _, found = check_packs([DESK, path])
    assert not [d for d in found if not d.code.startswith("CW7")], found
    return found


def told_of(tmp_path: Path, rules: str) -> set[str]:
    """Return the codes of what is told of rules."""
    return {d.code for d in found_in(tmp_path, rules)}


NEVER = {
    "update": [
        "priority = 1 and priority = 2",
        "priority = 1 and priority > 1",
        "priority in (1, 2) and priority > 2",
        "priority > 1 and priority < 2",
        "priority between 2 and 1",
        "priority = 1 and not(priority = 1)",
        'state = "new" and state = "waiting"',
        'state in ("new", "waiting") and not(state in ("new", "waiting"))',
        "answer = null and answer = summary and answer != null",
        'answer = null and contains(answer, "x") and not(contains(answer, "x"))',
        'answer = "a" and (answer = "b" or answer = "c")',
        "customer.vip and customer.vip = false",
        "customer.vip and not(customer.vip)",
        'has role("agent") and not(has role("agent"))',
        'changed("answer") and not(changed("answer"))',
        "summary < answer and answer < summary",
        "summary != summary",
        "if priority = 1 then priority = 2 else false",
        "1 = 2",
        'sla.first_answer.status = "done"',
        'event.type = "comment"',
        'state = "closed"',
        'previous.state = "closed"',
        'changed("created_by")',
    ],
    "ask": ['state = "new"', 'previous.state = "waiting"', 'state in ("new", "closed")'],
    "create": ['previous.state = "new"', 'state = "waiting"', "previous.answer != null"],
    "state_changed": ['has role("agent")', 'has role("agent") and priority = 1'],
    "clock_breached": ['has role("customer") or has role("agent")'],
}


@pytest.mark.parametrize(
    ("event", "when"), [(event, when) for event, given in NEVER.items() for when in given]
)
def test_a_condition_that_never_holds_is_told(event: str, when: str, tmp_path: Path) -> None:
    rule = f"  r: {{on: {event}, when: '{when}', do: [{{set: {{answer: done}}}}]}}\n"
    assert told_of(tmp_path, rule) == {"CW743"}


POSSIBLE = {
    "update": [
        "priority = 1 or priority = 2 and answer = null",
        "priority >= 1 and priority < 2",
        "priority != 1 and priority != null",
        'state in ("new", "waiting") and not(state = "new")',
        "answer = null and summary = null",
        "answer = summary and answer = null",
        "count(answer) > 1 and count(summary) < 1",
        "customer.vip and customer.name = null",
        'has role("agent") and has role("customer")',
        'changed("answer") and answer = null',
        'previous.state = "waiting" and state = "new"',
        "summary < answer and answer > summary",
        "summary <= answer and answer <= summary",
        'sla.first_answer.status = "paused"',
        'event.type = "update"',
        "tasks.count > 1 and tasks.open = 0",
        "some task in tasks satisfies task.state = null",
        "event.data.priority = 1 and previous.priority = 2",
        "(if priority = 1 then answer else summary) = null",
        "urgency().urgent and not(urgency(priority: 2).urgent)",
    ],
    "comment": ['state = "closed"', 'previous.state = "waiting"', 'has role("customer")'],
    "close": ['state = "closed"', 'state = "new"', 'has role("agent")'],
    "ask": ['state = "waiting"', 'previous.state = "new"'],
    "create": ["previous = null", "previous.answer = null", 'changed("created_by")'],
    "[create, update]": ['previous.state = "new"', 'changed("created_by")'],
    "state_changed": ['not(has role("agent"))', 'event.data.name = "first"'],
}


@pytest.mark.parametrize(
    ("event", "when"), [(event, when) for event, given in POSSIBLE.items() for when in given]
)
def test_a_condition_that_may_hold_is_not_told(event: str, when: str, tmp_path: Path) -> None:
    rule = f"  r: {{on: {event}, when: '{when}', do: [{{set: {{answer: done}}}}]}}\n"
    assert told_of(tmp_path, rule) <= {"CW744"}


OWN_NAMES = [
    "{on: ask, do: [{let: {answer: 3}}, {when: answer = 3 and answer > 2, do: [{work_note: x}]}]}",
    "{on: ask, do: [{for_each: [1, 2], as: summary, when: summary >= 1, do: [{work_note: x}]}]}",
    "{on: ask, for_each: {summary: '= [1, 2]'}, when: summary >= 1, do: [{work_note: x}]}",
]


@pytest.mark.parametrize("rule", OWN_NAMES, ids=range(len(OWN_NAMES)))
def test_a_name_that_a_rule_gives_hides_a_field(rule: str, tmp_path: Path) -> None:
    assert told_of(tmp_path, f"  r: {rule}\n") == set()


ALWAYS = {
    "answer = null or answer != null": {"CW744"},
    "not(answer = null and answer != null)": {"CW744"},
    "1 < 2": {"CW744"},
    "priority in (1, 2, null)": {"CW744"},
    "priority in (1, 2)": set[str](),
    "answer = summary or answer != summary": set[str](),
    "customer.vip or not(customer.vip)": set[str](),
    "priority >= 1": set[str](),
    "true": set[str](),
}


@pytest.mark.parametrize(("when", "codes"), ALWAYS.items(), ids=ALWAYS)
def test_a_condition_that_always_holds_is_a_note(
    when: str, codes: set[str], tmp_path: Path
) -> None:
    rule = f"  r: {{on: ask, when: '{when}', do: [{{set: {{answer: done}}}}]}}\n"
    assert told_of(tmp_path, rule) == codes


NAMES = {
    'has role("agnet")': "CW749",
    'has role("desk.agent")': "CW749",
    'changed("anwser")': "CW749",
    'changed("first_answer")': "CW749",
    'changed("answer") or changed("anwser")': "CW749",
    'has role("agent")': "",
    'changed("state")': "",
    'changed("tasks")': "",
    'changed("comments")': "",
    "has role(answer)": "",
}


@pytest.mark.parametrize(("when", "code"), NAMES.items(), ids=NAMES)
def test_a_name_that_means_nothing_is_told(when: str, code: str, tmp_path: Path) -> None:
    rule = f"  r: {{on: ask, when: '{when}', do: [{{set: {{answer: done}}}}]}}\n"
    assert told_of(tmp_path, rule) == ({code} if code else set())


PAIRS = {
    # told
    "the same twice": (
        "{on: ask, do: [{work_note: Hello}]}",
        "{on: ask, title: Again, priority: 3, do: [{work_note: Hello}]}",
        "CW745",
    ),
    "made false by an earlier one": (
        "{on: ask, when: answer = null, do: [{set: {answer: x}}]}",
        "{on: ask, when: answer = null and priority = 1, do: [{work_note: Hello}]}",
        "CW746",
    ),
    "made false by one without a condition": (
        "{on: [ask, update], do: [{set: {priority: 1}}]}",
        "{on: ask, when: priority = 2, do: [{work_note: Hello}]}",
        "CW746",
    ),
    "set already": (
        "{on: ask, when: 'priority in (1, 2)', do: [{set: {answer: x}}]}",
        "{on: ask, when: priority = 1, do: [{set: {answer: x}}]}",
        "CW746",
    ),
    "two values": (
        "{on: ask, when: customer.vip, do: [{set: {priority: 1}}]}",
        "{on: ask, when: answer != null, do: [{set: {priority: 2}}]}",
        "CW747",
    ),
    "a value and null": (
        "{on: ask, when: customer.vip, do: [{set: {answer: x}}]}",
        "{on: ask, when: priority = 1, do: [{set: {answer: null}}]}",
        "CW747",
    ),
    "two values, in groups": (
        "{on: ask, do: [{when: customer.vip, do: [{set: {priority: 1}}]}]}",
        "{on: ask, do: [{when: answer != null, do: [{set: {priority: 2}}]}]}",
        "CW747",
    ),
    "two values, as both come to hold": (
        "{when: customer.name != null, do: [{set: {answer: x}}]}",
        "{when: priority = 1, do: [{set: {answer: y}}]}",
        "CW747",
    ),
    "what is worked out": (
        "{on: ask, do: [{set: {answer: = summary}}]}",
        "{on: ask, when: priority = 1, do: [{set: {answer: = customer.name}}]}",
        "CW748",
    ),
    # silent
    "other events": (
        "{on: ask, when: customer.vip, do: [{set: {priority: 1}}]}",
        "{on: work_note, when: answer != null, do: [{set: {priority: 2}}]}",
        "",
    ),
    "conditions that exclude each other": (
        "{on: ask, when: priority = 1, do: [{set: {answer: x}}]}",
        "{on: ask, when: priority = 2, do: [{set: {answer: y}}]}",
        "",
    ),
    "ranges that exclude each other": (
        "{on: ask, when: tasks.count >= 3, do: [{set: {answer: x}}]}",
        "{on: ask, when: tasks.count < 3, do: [{set: {answer: y}}]}",
        "",
    ),
    "an opposite": (
        "{on: ask, when: customer.vip, do: [{set: {answer: x}}]}",
        "{on: ask, when: not(customer.vip), do: [{set: {answer: y}}]}",
        "",
    ),
    "the first one wins on purpose": (
        "{on: ask, when: answer = null and priority = 1, do: [{set: {answer: x}}]}",
        "{on: ask, when: answer = null, do: [{set: {answer: y}}]}",
        "",
    ),
    "the later one reads what it overwrites": (
        "{on: ask, when: customer.vip, do: [{set: {priority: 1}}]}",
        "{on: ask, when: priority = 1 and answer != null, do: [{set: {priority: 2}}]}",
        "",
    ),
    "the same value": (
        "{on: ask, when: customer.vip, do: [{set: {priority: 1}}]}",
        "{on: ask, when: answer != null, do: [{set: {priority: 1}}]}",
        "",
    ),
    "a count that both raise": (
        '{on: ask, when: customer.vip, do: [{set: {answer: = answer + "x"}}]}',
        '{on: ask, when: priority = 1, do: [{set: {answer: = answer + "y"}}]}',
        "",
    ),
    "roles that nobody has together": (
        '{on: ask, when: has role("agent"), do: [{set: {answer: x}}]}',
        '{on: ask, when: has role("customer"), do: [{set: {answer: y}}]}',
        "",
    ),
    "one of them later": (
        "{on: ask, when: customer.vip, do: [{set: {priority: 1}}]}",
        "{on: ask, when: answer != null, after: 1 hour, do: [{set: {priority: 2}}]}",
        "",
    ),
    "an event that brings no fields": (
        "{when: customer.vip, do: [{set: {answer: x}}]}",
        "{on: ask, when: priority = 1, do: [{set: {answer: y}}]}",
        "",
    ),
    "a journal of which nothing is lost": (
        "{on: ask, when: customer.vip, do: [{set: {comments: x}}]}",
        "{on: ask, when: priority = 1, do: [{set: {comments: y}}]}",
        "",
    ),
    "made false, but something else undoes it": (
        """{on: ask, when: answer = null, do: [{set: {answer: x}}]}
  between: {on: ask, when: customer.vip and answer != null, do: [{set: {answer: null}}]}""",
        "{on: ask, when: answer = null and priority = 1, do: [{work_note: Hello}]}",
        "",
    ),
    "made false at another event only": (
        "{on: update, when: answer = null, do: [{set: {answer: x}}]}",
        "{on: [ask, update], when: answer = null and priority = 1, do: [{work_note: Hello}]}",
        "",
    ),
    "the higher priority goes first": (
        "{on: ask, when: answer = null, do: [{set: {answer: x}}]}",
        "{on: ask, priority: 1, when: answer = null and priority = 1, do: [{work_note: Hello}]}",
        "",
    ),
    "set already, and more done": (
        "{on: ask, when: 'priority in (1, 2)', do: [{set: {answer: x}}]}",
        "{on: ask, when: priority = 1, do: [{set: {answer: x}}, {work_note: Hello}]}",
        "",
    ),
}


@pytest.mark.parametrize(("first", "second", "code"), PAIRS.values(), ids=PAIRS)
def test_two_rules(first: str, second: str, code: str, tmp_path: Path) -> None:
    rules = f"  first: {first}\n  second: {second}\n"
    assert told_of(tmp_path, rules) == ({code} if code else set())


def test_a_conflict_names_both_places_and_who_wins(tmp_path: Path) -> None:
    first, second, _ = PAIRS["two values"]
    (found,) = found_in(tmp_path, f"  first: {first}\n  second: {second}\n")
    assert found.message == (
        'rules "first" and "second" can both act on one "ask" and set priority to 1 and 2; '
        '"second" goes later and wins'
    )
    assert found.hint == (
        "both have priority 0, so file order decides; let their conditions exclude each other"
    )
    assert found.span is not None
    assert (found.span.line, [r.span.line for r in found.related]) == (13, [12])


def test_of_unequal_priorities_the_lower_one_wins(tmp_path: Path) -> None:
    first, second, _ = PAIRS["two values"]
    second = second.replace("on: ask,", "on: ask, priority: 7,")
    (found,) = found_in(tmp_path, f"  first: {first}\n  second: {second}\n")
    assert '"first" goes later and wins' in found.message
    assert found.hint.startswith('"second" has the higher priority, so it goes first')


def test_the_packs_that_ship_are_silent() -> None:
    _, found = check_packs(ROOT / "specs")
    assert [d for d in found if d.code.startswith("CW7")] == []
