"""FEEL in cells: recognised texts mean what FEEL says, expressions read inputs and scope."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from casewright import dmn, feel
from casewright.dmn.literals import read_literal, read_literals, read_unary_tests
from casewright.feel import types

TEXTS = [
    "0", "-1", "5, 7", "> 5", "<= 2", ">= 1.5", "= 5", "[1..5]", "(1..5)", "]1..5[", "[1..5[",
    "[0..2), > 6", "not(1)", "not(1, 5)", "not(> 5)", "not([1..2])", "null", "not(null)",
    "1, null", "not(1, null)", "< 0, 3", '"a"', '"a", "b"', 'not("a")', '< "b"', '["a".."b"]',
    "true", "false", "not(true)", "true, null", 'date("2026-01-01")', '< @"2026-03-01"',
    '[date("2026-01-01")..date("2026-02-01"))', 'not(date("2026-01-01"))', '"a\\"b"', "-",
]  # fmt: skip
VALUES: list[Any] = [
    None, 0, -1, 1, 2, 3, 5, 6, 7, Decimal("1.5"), "a", "b", 'a"b', "", True, False,
    date(2026, 1, 1), date(2026, 2, 1), date(2026, 4, 1), [1], ["a"], {"a": 1},
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_recognised_cells_mean_what_feel_says(text: str) -> None:
    condition = read_unary_tests(text)
    assert condition is not None
    test = feel.compile_unary(text, feel.Scope(), types.ANY)
    for value in VALUES:
        if isinstance(value, list | dict):
            continue
        expected = test.value(None, feel.Budget(), value) is True
        assert condition.holds(value) is expected, value


@pytest.mark.parametrize(
    "text", ["1 + 1", "x", "[1..x]", "> x", '"a" + "b"', "1, ", "(1", "5 6", "[5..1]", "> null", ""]
)
def test_other_cells_are_left_to_feel(text: str) -> None:
    assert read_unary_tests(text) is None


def test_literals_are_constants() -> None:
    assert read_literal(" 1.50 ") == (True, Decimal("1.5"))
    assert read_literal('"a"') == (True, "a")
    assert read_literal("null") == (True, None)
    assert read_literal('@"2026-01-01"') == (True, date(2026, 1, 1))
    assert read_literal("1 + 1") == (False, None)
    assert read_literal('date("2026-02-30")') == (False, None)
    assert read_literals('"a", 2') == ["a", 2]
    assert read_literals('"a" "b"') is None


FEE: dict[str, Any] = {
    "name": "fee",
    "inputs": {"amount": {"type": "number"}, "vip": {"type": "boolean"}},
    "outputs": {"fee": {"type": "number"}, "note": {"type": "string"}},
    "hit_policy": "first",
    "rules": """
      amount            | vip  || fee           | note
      > limit           | true || amount * 0.01 | = "vip " + string(amount)
      modulo(?, 10) = 0 | -    || 0             | round
      -                 | -    || amount / 10   |
    """,
}
SCOPE = feel.Scope(names={"limit": feel.Name(types.NUMBER, "s.limit", ("settings", "limit"))})


class View:
    limit = 100


def test_cells_read_inputs_and_scope() -> None:
    table = dmn.load_table(FEE, scope=SCOPE)
    result = table.evaluate({"amount": 200, "vip": True}, View())
    assert result == {"fee": 2, "note": "vip 200"}
    assert table.evaluate({"amount": 200}, View()) == {"fee": 0, "note": "round"}
    assert table.evaluate({"amount": 5}, View()) == {"fee": Decimal("0.5"), "note": None}
    assert table.reads == {("settings", "limit")}


def test_first_hit_evaluates_no_cell_behind_it() -> None:
    seen: list[int] = []

    def look(number: int) -> bool:
        seen.append(number)
        return number > 1

    function = feel.Function(
        "look", (feel.Parameter("n", types.NUMBER),), types.BOOLEAN, "look_({0})"
    )
    scope = feel.Scope(functions={"look": function}, bindings={"look_": look})
    rules = "n || out\n look(? + 1) || 1\n look(? + 1) || 2\n look(? + 2) || 3\n look(? + 3) || 4"
    data = {"inputs": {"n": {"type": "number"}}, "outputs": {"out": {"type": "number"}}}
    table = dmn.load_table({**data, "rules": rules, "hit_policy": "first"}, scope=scope)
    assert table.evaluate({"n": 0}) == {"out": 3}
    assert seen == [1, 2]
    assert table.calls == {"look"}


@pytest.mark.parametrize("policy", ["unique", "collect", "any"])
def test_evaluated_cells_equal_looking_at_every_cell(policy: str) -> None:
    rules = [{"when": {"n": f"modulo(?, {k}) = 0"}, "then": {"out": 1}} for k in range(2, 9)]
    data = {"inputs": {"n": {"type": "number"}}, "outputs": {"out": {"type": "number"}}}
    table = dmn.load_table({**data, "rules": rules, "hit_policy": policy})
    for n in range(30):
        naive = table.naive_rows(None, feel.Budget(), (n,))
        assert table.matching_rows(None, feel.Budget(), (n,)) == naive


def test_mistakes_of_feel_keep_their_place_in_the_table() -> None:
    text = 'n || out\n > nn || 1\n 5 || ab + \n 1 || "x"\n 2 || n'
    data: dict[str, Any] = {
        "inputs": {"n": {"type": "number"}},
        "outputs": {"out": {"type": "number"}},
        "rules": text,
    }
    definition, none = dmn.read_definition("t", data)
    table, problems = dmn.compile_table(definition)
    assert (none, table) == ([], None)
    assert [(p.code, text[p.place.start : p.place.end]) for p in problems] == [
        ("CW302", "nn"),
        ("CW301", ""),
        ("CW309", '"x"'),
    ]


def function_scope(*tables: dmn.Table, names: dict[str, feel.Name] | None = None) -> feel.Scope:
    bindings = {f"table_{table.name}": table.call for table in tables}
    functions = {table.name: table.as_function(f"table_{table.name}") for table in tables}
    return feel.Scope(names=names or {}, functions=functions, bindings=bindings)


MATRIX: dict[str, Any] = {
    "name": "priority_matrix",
    "inputs": {"impact": {"type": "integer"}, "urgency": {"type": "integer"}},
    "outputs": {"priority": {"type": "integer"}},
    "rules": "impact | urgency || priority\n 1 | 1 || 1\n 1 | > 1 || 2\n > 1 | - || 3",
}
FACTS = {
    "impact": feel.Name(types.NUMBER, "s['impact']", ("impact",)),
    "urgency": feel.Name(types.NUMBER, "s['urgency']", ("urgency",)),
}


def test_table_is_a_function_that_reads_what_the_call_leaves_out() -> None:
    scope = function_scope(dmn.load_table(MATRIX), names=FACTS)
    expression = feel.compile("priority_matrix().priority", scope)
    assert expression.value({"impact": 1, "urgency": 2}, feel.Budget()) == 2
    assert {("impact",), ("urgency",)} <= expression.reads
    given = feel.compile("priority_matrix(urgency: 1).priority", scope)
    assert given.value({"impact": 1, "urgency": 2}, feel.Budget()) == 1
    nothing = feel.compile("priority_matrix(5, 5) != null", scope)
    assert nothing.value({}, feel.Budget()) is True


def test_tables_call_tables() -> None:
    scope = function_scope(dmn.load_table(MATRIX))
    target = dmn.load_table(
        {
            "name": "target",
            "inputs": {"impact": {"type": "integer"}, "urgency": {"type": "integer"}},
            "outputs": {"hours": {"type": "number"}},
            "rules": "|| hours\n || priority_matrix().priority * 4",
        }
        | {"rules": [{"then": {"hours": "priority_matrix().priority * 4"}}]},
        scope=scope,
    )
    assert target.evaluate({"impact": 1, "urgency": 1}) == {"hours": 4}
    assert target.calls == {"priority_matrix"}


def test_violation_passes_through_expressions() -> None:
    rules = "impact | urgency || priority\n 1 | - || 1\n - | 1 || 2"
    scope = function_scope(dmn.load_table({**MATRIX, "rules": rules}), names=FACTS)
    expression = feel.compile("priority_matrix().priority = 1 or true", scope)
    with pytest.raises(dmn.HitPolicyError):
        expression.value({"impact": 1, "urgency": 1}, feel.Budget())


def test_signature_needs_no_compiled_table() -> None:
    definition, _ = dmn.read_definition("m", MATRIX)
    function = dmn.signature(definition, "table_m")
    assert function.call == "table_m(s, b, {0}, {1})"
    assert [p.name for p in function.parameters] == ["impact", "urgency"]


def test_outputs_follow_column_types_that_the_caller_gives() -> None:
    member = types.Member(types.STRING)
    account = types.ReferenceType(
        target="account", members=lambda: {"tier": member}, follow="s.follow({})"
    )
    data: dict[str, Any] = {
        "inputs": {"account": {"type": "reference", "to": "account", "cells": "feel"}},
        "outputs": {"tier": {"type": "string"}},
        "rules": 'account || tier\n ?.tier = "gold" || = account.tier',
    }
    definition, _ = dmn.read_definition("t", data)
    table, problems = dmn.compile_table(definition, column_types={"account": account})
    assert problems == []
    assert table is not None

    class Records:
        def follow(self, key: str) -> dict[str, str]:
            return {"tier": "gold"}

    assert table.evaluate({"account": "a1"}, Records()) == {"tier": "gold"}


TIER: dict[str, Any] = {
    "name": "discount",
    "inputs": {"tier": {"type": "string", "expression": "account.tier"}},
    "outputs": {"percent": {"type": "integer"}},
    "rules": "tier || percent\n gold || 10\n * || 0",
    "hit_policy": "first",
}


def test_an_input_that_a_call_leaves_out_may_have_an_expression() -> None:
    account = types.ContextType(members={"tier": types.Member(types.STRING)}, name="account")
    names = {"account": feel.Name(account, "s['account']", ("account",))}
    scope = function_scope(dmn.load_table(TIER), names=names)
    expression = feel.compile("discount().percent", scope)
    assert expression.value({"account": {"tier": "gold"}}, feel.Budget()) == 10
    assert ("account", "tier") in expression.reads
    given = feel.compile('discount("silver").percent', scope)
    assert given.value({"account": {"tier": "gold"}}, feel.Budget()) == 0


def test_what_an_expression_of_an_input_misses_is_reported_at_the_call() -> None:
    scope = function_scope(dmn.load_table(TIER))
    with pytest.raises(feel.FeelError) as caught:
        feel.compile("1 + discount().percent", scope)
    (problem,) = caught.value.problems
    assert (problem.code, problem.start, problem.end) == ("CW302", 4, 14)


def test_a_table_on_its_own_works_its_expressions_out() -> None:
    table = dmn.load_table(TIER)
    assert table.evaluate({"account": {"tier": "gold"}}) == {"percent": 10}
    assert table.evaluate({"tier": "silver"}) == {"percent": 0}


def test_mistakes_in_the_expression_of_an_input_are_reported() -> None:
    data = {**TIER, "inputs": {"tier": {"type": "string", "expression": "account. +"}}}
    definition, _ = dmn.read_definition("t", data)
    table, problems = dmn.compile_table(definition)
    assert table is None
    assert [(p.code, p.place.pointer) for p in problems] == [("CW301", "/inputs/tier/expression")]


def test_circles_of_calls_are_named() -> None:
    calls = {"a": ["b", "x"], "b": ["c"], "c": ["b"], "d": ["a"], "e": ["e"]}
    assert dmn.calling_circles(calls) == [("b", "c", "b"), ("e", "e")]
    assert dmn.calling_circles({"a": ["b", "c"], "b": ["c"], "c": []}) == []
