"""Which part of a condition decided, what it saw, what it needed, and where its nulls come from."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from casewright import feel
from casewright.feel import UNKNOWN, Budget, Deciding, Unavailable
from support.feel_random import SCOPE, Writer, values

TASKS = [{"id": "t1", "state": "open", "p": 2}, {"id": "t2", "state": "done", "p": 1}]


def deciding(text: str, facts: dict[str, Any]) -> tuple[Deciding, ...]:
    return feel.compile(text).deciding(facts)


def told(text: str, facts: dict[str, Any]) -> list[str]:
    return [str(part) for part in deciding(text, facts)]


def test_what_holds_has_no_deciding_part() -> None:
    assert deciding("priority <= 2 and vip", {"priority": 1, "vip": True}) == ()


def test_only_the_false_conjuncts_are_told() -> None:
    assert told("priority <= 2 and vip and open", {"priority": 3, "vip": True, "open": True}) == [
        "priority <= 2 was false: priority = 3, needed <= 2"
    ]


def test_all_alternatives_are_told_and_one_would_do() -> None:
    (part,) = deciding("priority <= 2 or vip", {"priority": 3, "vip": False})
    assert [inner.text for inner in part.one_of] == ["priority <= 2", "vip"]
    assert part.distance == 1
    assert str(part) == (
        "one of these was needed: priority <= 2 was false: priority = 3, needed <= 2;"
        " or vip was false, needed true"
    )


def test_an_alternative_of_several_conjuncts_tells_each() -> None:
    (part,) = deciding("(a = 1 and b = 2) or c", {"a": 5, "b": 7, "c": False})
    assert (
        part.one_of[0].why == "a = 1 was false: a = 5, needed 1; b = 2 was false: b = 7, needed 2"
    )


def test_the_distance_counts_the_conjuncts_that_are_missing() -> None:
    parts = deciding("a = 1 and b = 2 and (c = 3 or d = 4)", {"a": 0, "b": 0, "c": 0, "d": 0})
    assert sum(part.distance for part in parts) == 3


@pytest.mark.parametrize(
    ("text", "facts", "expected"),
    [
        ('state = "open"', {"state": "new"}, 'state = "new", needed "open"'),
        ('state != "open"', {"state": "open"}, 'state = "open", needed anything but "open"'),
        ("3 > a", {"a": 5}, "a = 5, needed < 3"),
        ("a > b", {"a": 5, "b": 7}, "a = 5, b = 7, needed > 7"),
        ("a = null", {"a": 1}, "a = 1, needed no value"),
        ("a != null", {}, "a = null, needed a value; a has no value"),
        ("x between 1 and 4", {"x": 9}, "x = 9, needed 1 to 4"),
        ('state in ("a", "b")', {"state": "c"}, 'state = "c", needed one of "a", "b"'),
        ("x in [1..3]", {"x": 4}, "x = 4, needed [1..3]"),
        ("x in (< 3, > 7)", {"x": 4}, "x = 4, needed one of < 3, > 7"),
        ("x in known", {"x": 4, "known": [1, 2]}, "x = 4, needed known ([1, 2])"),
        ("a instance of string", {"a": 4}, "a = 4, needed a string"),
        ("a + b > 10", {"a": 3, "b": 4}, "a + b = 7, a = 3, b = 4, needed > 10"),
        (
            "count(tasks[p > 1]) > 1",
            {"tasks": TASKS},
            "count(tasks[p > 1]) = 1, tasks[p > 1] = 1 item, tasks = 2 items, needed > 1",
        ),
    ],
)
def test_values_seen_and_needed(text: str, facts: dict[str, Any], expected: str) -> None:
    assert told(text, facts) == [f"{text} was false: {expected}"]


@pytest.mark.parametrize(
    ("text", "facts", "expected"),
    [
        ("not(p in (1, 2))", {"p": 2}, "p in (1, 2) was true: p = 2, needed none of 1, 2"),
        ("not(p = 2)", {"p": 2}, "p = 2 was true: p = 2, needed anything but 2"),
        ("not(p < 3)", {"p": 2}, "p < 3 was true: p = 2, needed >= 3"),
        (
            "not(p between 1 and 3)",
            {"p": 2},
            "p between 1 and 3 was true: p = 2, needed anything but 1 to 3",
        ),
        ("not(vip)", {"vip": True}, "vip was true, needed false"),
        ("not(not(vip))", {"vip": False}, "vip was false, needed true"),
        (
            "not(a and b)",
            {"a": True, "b": True},
            "one of these was needed: a was true, needed false; or b was true, needed false",
        ),
    ],
)
def test_not_turns_the_question_round(text: str, facts: dict[str, Any], expected: str) -> None:
    assert told(text, facts) == [expected]


def test_not_of_an_or_names_only_what_was_true() -> None:
    assert told("not(a or b)", {"a": False, "b": True}) == ["b was true, needed false"]


def test_a_condition_with_if_names_the_branch_and_why_it_was_taken() -> None:
    assert told("if vip then p > 3 else open", {"vip": True, "p": 1}) == [
        "p > 3 was false: p = 1, needed > 3; vip was true"
    ]


def test_some_names_the_item_that_came_nearest() -> None:
    (line,) = told('some t in tasks satisfies t.state = "open" and t.p > 3', {"tasks": TASKS})
    assert line.endswith("tasks has 2 items; item 1 (t1): t.p > 3 was false: t.p = 2, needed > 3")


def test_every_names_an_item_that_fails() -> None:
    (line,) = told('every t in tasks satisfies t.state = "open"', {"tasks": TASKS})
    assert line.endswith('item 2 (t2): t.state = "open" was false: t.state = "done", needed "open"')


def test_a_list_without_items_is_said_to_be_empty() -> None:
    (line,) = told("some t in tasks satisfies t.p > 3", {"tasks": []})
    assert line.endswith("tasks is empty")


@pytest.mark.parametrize(
    ("text", "facts", "expected"),
    [
        ("contact.vip", {}, "contact has no value, so contact.vip is null"),
        ("contact.vip", {"contact": {"id": 1}}, "contact has no vip"),
        ("a.b.c > 1", {}, "a has no value, so a.b is null, so a.b.c is null"),
        ("a + b > 1", {"a": 1}, "b has no value, so a + b is null"),
        ("a + 1 > 3", {"a": "x"}, "+ gives nothing for a string and a number"),
        (
            "tasks[3].p = 1",
            {"tasks": []},
            "tasks has 0 items, so tasks[3] is null, so tasks[3].p is null",
        ),
        ('upper case(a) = "X"', {"a": 4}, "upper case gives nothing for a = 4"),
        ('upper case(a) = "X"', {}, "a has no value, so upper case(a) is null"),
        ("p < q", {"p": 1}, "q has no value"),
        ("(if a then b else c) = 1", {"a": True}, "b has no value"),
        ("every t in tasks satisfies t.p > 1", {}, "tasks has no value"),
    ],
)
def test_a_null_names_its_origin(text: str, facts: dict[str, Any], expected: str) -> None:
    (part,) = deciding(text, facts)
    assert expected in part.why


class Distant:
    """Names of which one would have to be looked up."""

    def get(self, name: str) -> object:
        if name == "far":
            raise Unavailable(name)
        return {"near": False}.get(name)


def test_what_the_evaluation_did_not_come_to_is_left_out() -> None:
    parts = feel.compile("near and far").deciding(Distant())
    assert [part.text for part in parts] == ["near"]


def test_what_is_not_at_hand_is_not_called_false() -> None:
    (part,) = feel.compile("far").deciding(Distant())
    assert part.value is UNKNOWN
    assert str(part) == "far was not known, needed true"


def test_an_explanation_goes_on_where_a_part_is_not_at_hand() -> None:
    found = feel.compile("near and far").explain(Distant())
    reasons = {part.text: part.reason for part in found.walk()}
    assert reasons["far"] == "what it reads was not looked up"


def test_seen_lists_the_names_that_are_read_with_their_values() -> None:
    found = feel.compile('contact.vip and a > 1 and upper case(b) = "X"')
    assert found.seen({"contact": {"vip": True}, "a": 2, "b": "x"}) == (
        ("contact.vip", True),
        ("a", 2),
        ("b", "x"),
    )


def test_long_values_are_shortened_to_a_line() -> None:
    (line,) = told('text = "x"', {"text": "many words\n" * 100})
    assert len(line) < 200
    assert "\n" not in line


@pytest.mark.parametrize("seed", range(0, 2_000, 100))
def test_nothing_decides_exactly_where_a_condition_holds(seed: int) -> None:
    tried = 0
    for one in range(seed, seed + 100):
        random = Random(one)
        facts = values(random)
        try:
            made = feel.compile(Writer(random).condition(), SCOPE)
            holds = made.true(facts, Budget())
        except (feel.FeelError, feel.BudgetExceeded):
            continue
        found = made.deciding(facts)
        assert (found == ()) == holds, made.text
        assert all(str(part) for part in found)
        tried += 1
    assert tried > 80
