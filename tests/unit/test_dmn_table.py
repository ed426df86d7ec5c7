"""Hit policies against a naive evaluator, and the index against looking at every cell."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casewright import dmn
from casewright.dmn import index_build
from casewright.feel.budget import Budget, BudgetExceeded


def table(rules: Any, policy: str = "unique", **keys: Any) -> dmn.Table:
    data: dict[str, Any] = {
        "name": "t",
        "hit_policy": policy,
        "inputs": {"word": {"type": "string"}, "n": {"type": "number"}},
        "outputs": {"out": {"type": "number"}},
        "rules": rules,
        **keys,
    }
    return dmn.load_table(data)


def answer(found: dmn.Table, *args: object) -> Any:
    return found.decide(None, Budget(), args)


OVERLAPPING = """
    word | n   || out
    a    | -   || 3
    *    | > 5 || 1
    a, b | -   || 2
"""


def test_unique_gives_the_row() -> None:
    assert answer(table(OVERLAPPING), "c", 6) == {"out": 1}


def test_unique_refuses_two_rows() -> None:
    with pytest.raises(dmn.HitPolicyError) as caught:
        answer(table(OVERLAPPING), "a", 6)
    assert caught.value.rows == (1, 2, 3)
    assert caught.value.message == 'rows 1 and 2 and 3 of table "t" match (hit policy "unique")'


def test_first_takes_the_first_row() -> None:
    assert answer(table(OVERLAPPING, "first"), "a", 6) == {"out": 3}


def test_any_takes_equal_outputs() -> None:
    rules = "word | n || out\n a | - || 1\n * | 1 || 1.0"
    assert answer(table(rules, "any"), "a", 1) == {"out": 1}


def test_any_refuses_different_outputs() -> None:
    with pytest.raises(dmn.HitPolicyError):
        answer(table(OVERLAPPING, "any"), "a", 6)


def test_rule_order_lists_rows_in_file_order() -> None:
    found = table(OVERLAPPING, "rule order")
    assert answer(found, "a", 6) == [{"out": 3}, {"out": 1}, {"out": 2}]


def test_collect_lists_all_rows() -> None:
    assert answer(table(OVERLAPPING, "collect"), "b", 6) == [{"out": 1}, {"out": 2}]


@pytest.mark.parametrize(
    ("aggregation", "expected"), [("sum", 6), ("min", 1), ("max", 3), ("count", 3)]
)
def test_collect_aggregates(aggregation: str, expected: int) -> None:
    found = table(OVERLAPPING, "collect", aggregation=aggregation)
    assert answer(found, "a", 6) == {"out": expected}


def test_collect_sums_decimals_exactly() -> None:
    rules = "word | n || out\n * | - || 0.1\n * | - || 0.2"
    assert answer(table(rules, "collect", aggregation="sum"), "a", 6) == {"out": Decimal("0.3")}


def test_aggregating_null_gives_null() -> None:
    rules = "word | n || out\n * | - || 0.1\n * | - || "
    assert answer(table(rules, "collect", aggregation="sum"), "a", 6) == {"out": None}
    assert answer(table(rules, "collect", aggregation="max"), "a", 6) == {"out": None}


RANKED: dict[str, Any] = {
    "outputs": {
        "risk": {"type": "choice", "choices": ["high", "low"]},
        "note": {"type": "string"},
        "level": {"type": "choice", "choices": [3, 2, 1]},
    },
    "rules": """
        word | n   || risk | note | level
        a    | -   || low  | one  | 3
        *    | > 5 || high | two  | 1
        a, b | -   || high | one  | 2
    """,
}


def test_priority_goes_by_allowed_values_from_left_to_right() -> None:
    found = table(policy="priority", **RANKED)
    assert answer(found, "a", 6) == {"risk": "high", "note": "one", "level": 2}


def test_output_order_sorts_by_allowed_values() -> None:
    found = table(policy="output order", **RANKED)
    assert [row["level"] for row in answer(found, "a", 6)] == [2, 1, 3]


@pytest.mark.parametrize("policy", ["unique", "any", "first", "collect", "rule order"])
def test_no_row_gives_null(policy: str) -> None:
    assert answer(table(OVERLAPPING, policy), "z", 1) is None


def test_defaults_stand_where_no_row_matches() -> None:
    outputs = {"out": {"type": "number", "default": 7}, "word_": {"type": "string"}}
    found = table("word | n || out | word_\n a | 1 || 1 | x", outputs=outputs)
    assert answer(found, "z", 1) == {"out": 7, "word_": None}


def test_table_without_inputs_gives_its_row() -> None:
    assert answer(table(" || out\n || 4", inputs={})) == {"out": 4}


def test_table_without_rows_gives_null() -> None:
    assert answer(table([]), "a", 1) is None


def test_value_that_cannot_be_hashed_matches_no_word() -> None:
    assert answer(table(OVERLAPPING, "first"), ["a"], 6) == {"out": 1}
    assert answer(table(OVERLAPPING, "rule order"), ["a"], 6) == [{"out": 1}]


def test_boolean_is_not_a_number() -> None:
    rules = "word | n || out\n * | 1 || 1\n * | < 5 || 2"
    assert answer(table(rules, "collect"), "a", True) is None


def test_every_decision_spends_the_budget() -> None:
    found, budget = table(OVERLAPPING, "first"), Budget(2)
    found.decide(None, budget, ("a", 6))
    found.decide(None, budget, ("a", 6))
    with pytest.raises(BudgetExceeded):
        found.decide(None, budget, ("a", 6))


# The index equals looking at every cell

WORDS = ["*", "-", "", "a", "b", "c", "a, b", "not(a)", "not(a, b)", '"", c', 'not("")']
NUMBERS = [
    "-", "", "0", "1", "2", "5, 7", "> 5", "<= 2", ">= 1.5", "[1..5]", "(1..5)", "]1..5[",
    "[0..2), > 6", "not(1)", "not(1, 5)", "not(> 5)", "not([1..2])", "null", "not(null)",
    "1, null", "< 0, 3",
]  # fmt: skip
DATES = [
    "-", 'date("2026-01-01")', '< @"2026-03-01"', '[date("2026-01-01")..date("2026-02-01"))',
    'not(date("2026-01-01"))', "null",
]  # fmt: skip
FLAGS = ["-", "true", "false", "not(true)", "null", ""]
VALUES: list[st.SearchStrategy[Any]] = [
    st.sampled_from([None, "", "a", "b", "c", "d", 1, True, ["a"]]),
    st.sampled_from([None, 0, 1, 2, 3, 5, 6, 7, Decimal("1.5"), "1", True, [1]]),
    st.sampled_from([None, date(2026, 1, 1), date(2026, 2, 1), date(2026, 4, 1), 3]),
    st.sampled_from([None, True, False, 1, 0]),
]
COLUMNS = {
    "word": {"type": "string"},
    "n": {"type": "number"},
    "day": {"type": "date"},
    "flag": {"type": "boolean"},
}
ROWS = st.lists(
    st.tuples(*(st.sampled_from(cells) for cells in (WORDS, NUMBERS, DATES, FLAGS))),
    min_size=1,
    max_size=25,
)


def from_cells(rows: list[tuple[str, ...]], policy: str = "collect") -> dmn.Table:
    rules = [
        {"when": dict(zip(COLUMNS, row, strict=True)), "then": {"out": number % 3}}
        for number, row in enumerate(rows)
    ]
    return table(rules, policy, inputs=COLUMNS)


@settings(max_examples=60, deadline=None)
@given(ROWS, st.tuples(*VALUES), st.sampled_from([1, 2, 4, 64]))
def test_index_finds_what_looking_at_every_cell_finds(
    rows: list[tuple[str, ...]], args: tuple[Any, ...], leaf: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index_build, "LEAF", leaf)
        patch.setattr(index_build, "_CHUNK", 1)
        patch.setattr(index_build, "_GROWTH", 4.0)
        found = from_cells(rows)
    naive = found.naive_rows(None, Budget(), args)
    assert found.index.every(None, Budget(), args) == naive
    assert found.index.first(None, Budget(), args) == (naive[0] if naive else -1)


def naive_result(policy: str, outputs: list[int]) -> Any:
    if not outputs:
        return None
    if policy == "unique":
        return {"out": outputs[0]} if len(outputs) == 1 else "violation"
    if policy == "any":
        return {"out": outputs[0]} if len(set(outputs)) == 1 else "violation"
    if policy == "first":
        return {"out": outputs[0]}
    if policy == "priority":
        return {"out": max(outputs)}
    ordered = sorted(outputs, reverse=True) if policy == "output order" else outputs
    return [{"out": value} for value in ordered]


@settings(max_examples=60, deadline=None)
@given(ROWS, st.tuples(*VALUES))
def test_hit_policies_equal_their_definition(
    rows: list[tuple[str, ...]], args: tuple[Any, ...]
) -> None:
    hits = from_cells(rows).naive_rows(None, Budget(), args)
    outputs = {"out": {"type": "choice", "choices": [2, 1, 0]}}
    for policy in ("unique", "any", "first", "priority", "collect", "rule order", "output order"):
        rules = [
            {"when": dict(zip(COLUMNS, row, strict=True)), "then": {"out": number % 3}}
            for number, row in enumerate(rows)
        ]
        found = table(rules, policy, inputs=COLUMNS, outputs=outputs)
        try:
            result = answer(found, *args)
        except dmn.HitPolicyError:
            result = "violation"
        assert result == naive_result(policy, [row % 3 for row in hits])


@pytest.mark.parametrize("policy", ["first", "unique"])
def test_long_tables_of_constants_decide_by_their_rows(policy: str) -> None:
    rules = [
        {"when": {"word": f"w{k % 40}", "n": f"[{k}..{k + 30})"}, "then": {"out": k}}
        for k in range(1200)
    ]
    found = table(rules, policy)
    for n in range(0, 1240, 17):
        for word in ("w3", "w20", "x", None, ["a"]):
            rows = found.naive_rows(None, Budget(), (word, n))
            assert answer(found, word, n) == ({"out": rows[0]} if rows else None)


def test_long_table_equals_looking_at_every_cell() -> None:
    rules = [
        {"when": {"word": f"w{k % 40}" if k % 11 else "*", "n": f"[{k % 97}..{k % 97 + 9})"}}
        for k in range(1500)
    ]
    found = table(rules, "collect")
    for k in range(60):
        args = (f"w{k}", k * 2)
        assert found.index.every(None, Budget(), args) == found.naive_rows(None, Budget(), args)
