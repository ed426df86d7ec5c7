"""Hostile and broken texts: a clear error or null, within the budget, and never a hang."""

from __future__ import annotations

import contextlib
import threading
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casewright import feel
from casewright.feel.types import BOOLEAN, NUMBER, STRING


@pytest.mark.parametrize(
    "text",
    [
        "for i in 1..1000000000 return i",
        "for i in 1..100000, j in 1..100000 return i",
        "some i in 1..1000000000 satisfies i < 0",
        "count([1, 2][for i in 1..1000000000 return true])",
        "for i in 1..50 return if i = 1 then [1] else concatenate(partial[-1], partial[-1])",
        'for i in 1..50 return if i = 1 then "ab" else partial[-1] + partial[-1]',
        "string(for i in 1..50 return if i = 1 then 1 else [partial[-1], partial[-1]])",
        "string(for i in 1..5000 return if i = 1 then 1 else [partial[-1]])",
        (
            "(for i in 1..50 return if i = 1 then 1 else [partial[-1], partial[-1]])"
            " = (for i in 1..50 return if i = 1 then 1 else [partial[-1], partial[-1]])"
        ),
        "flatten(for i in 1..50 return if i = 1 then 1 else [partial[-1], partial[-1]])",
        "(function(f) f(f))(function(f) f(f))",
        "distinct values(for i in 1..5000 return [i])",
        "sort(for i in 1..50000 return -i, function(a, b) a < b)",
    ],
)
def test_spent_budget_is_an_exception_not_null(text: str) -> None:
    with pytest.raises(feel.BudgetExceeded):
        feel.evaluate(text)


def test_budget_is_shared_and_counted_down() -> None:
    budget = feel.Budget(10)
    expression = feel.compile("for i in 1..4 return i")
    expression.value({}, budget)
    expression.value({}, budget)
    with pytest.raises(feel.BudgetExceeded):
        expression.value({}, budget)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10 ** 999999999", None),
        ("1.0000001 ** 999999999999", None),
        ("decimal(1e6144, 6176)", Decimal("1e6144")),
        ("even(1e6144)", None),
        ("[1, 2][1e30]", None),
        ('substring("a", 1e100)', None),
        ('duration("P1D") * 1e6000', None),
        ('@"2026-01-01" + duration("P1Y") * 1e12', None),
        ('matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "(a+)+$")', False),
        ('matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "(a|aa)+$")', False),
        ('matches("aaaa", "(a{1,1000}){1,1000}")', None),
        ('split("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "(a*)*b")[1]',
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"),
    ],
)  # fmt: skip
def test_huge_demand_is_answered_at_once(text: str, value: object) -> None:
    assert feel.evaluate(text) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("(" * 5000 + "1" + ")" * 5000, "nested more than 100 levels"),
        ("[" * 5000, "nested more than 100 levels"),
        ("-" * 5000 + "1", "nested more than 100 levels"),
        ("not(" * 5000, "nested more than 100 levels"),
        ("if a then " * 500, "nested more than 100 levels"),
        ("a" + ".a" * 5000, "nested more than 100 levels"),
        ("1" + "+1" * 5000, "nested more than 100 levels"),
        ("1 in (" * 500, "nested more than 100 levels"),
        ("{a: " * 500, "nested more than 100 levels"),
        ("x instance of " + "list<" * 500, "nested too deeply"),
        ("a" * 30_000, "has 30000 characters, more than 20000"),
    ],
)
def test_too_much_text_is_refused_with_the_limit(text: str, message: str) -> None:
    with pytest.raises(feel.FeelError) as caught:
        feel.compile(text)
    assert message in caught.value.problems[0].message


def test_limits_can_be_narrowed() -> None:
    with pytest.raises(feel.FeelError):
        feel.compile("1 + 1 + 1", limits=feel.Limits(depth=2))


def test_wide_text_within_the_limits_compiles() -> None:
    text = " or ".join(f"a = {i}" for i in range(1500))
    assert feel.evaluate(text, {"a": 1499}) is True
    assert feel.evaluate(f"({text}) = false", {"a": -1}) is True


def test_deepest_text_within_the_limits_compiles() -> None:
    assert feel.evaluate("(" * 95 + "1" + ")" * 95) == 1
    assert feel.evaluate("not(" * 48 + "a" + ")" * 48, {"a": True}) is True
    assert feel.evaluate("a" + " + a" * 98, {"a": 1}) == 99
    assert feel.evaluate("a" + "[item > 0]" * 60, {"a": [1]}) == [1]


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')",
        "().__class__",
        "s.fields",
        "b.left",
        "_f_main",
        "x.__class__",
        "{}.__doc__",
    ],
)
def test_python_is_out_of_reach(text: str) -> None:
    with contextlib.suppress(feel.FeelError):
        assert feel.evaluate(text, {"x": 1}) is None


def test_text_cannot_leave_its_quotes_in_generated_code() -> None:
    hostile = "a\"); import os; (\"\\n'''"
    assert feel.evaluate(f'{{"{hostile.replace(chr(92), "").replace(chr(34), "")}": 1}}') == {
        hostile.replace("\\", "").replace('"', ""): 1
    }
    assert feel.evaluate("x", {"x": hostile}) == hostile


@given(st.text(max_size=40))
@settings(max_examples=150, deadline=None)
def test_any_text_gives_a_value_or_a_feel_error(text: str) -> None:
    with contextlib.suppress(feel.FeelError, feel.BudgetExceeded):
        feel.evaluate(text, {"a": 1, "b": [1, None, {"c": "d"}]}, budget=feel.Budget(1000))


PIECES = [
    "a",
    "b",
    "c",
    "1",
    "2.5",
    '"x"',
    "null",
    "true",
    '@"P1D"',
    '@"2026-01-01"',
    "+",
    "-",
    "*",
    "/",
    "**",
    "=",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ".",
    "..",
    ":",
    "and",
    "or",
    "not(",
    "if",
    "then",
    "else",
    "for",
    "i",
    "in",
    "return",
    "some",
    "every",
    "satisfies",
    "between",
    "instance",
    "of",
    "number",
    "count(",
    "sum(",
    "function(x)",
    "partial",
    "item",
    "?",
]


@given(st.lists(st.sampled_from(PIECES), max_size=14).map(" ".join))
@settings(max_examples=400, deadline=None)
def test_any_row_of_tokens_gives_a_value_or_a_feel_error(text: str) -> None:
    context = {"a": 1, "b": [1, None, {"c": "d"}], "c": {"b": True}}
    try:
        expression = feel.compile(text)
    except feel.FeelError:
        return
    value = expression.evaluate(context)
    assert expression.true(context, feel.Budget()) is (value is True)


# -- three-valued logic against a naive evaluator --------------------------------------------------

Tree = tuple[Any, ...]
FACTS = st.fixed_dictionaries(
    {
        "n": st.one_of(st.none(), st.integers(-2, 2), st.just(Decimal("0.5"))),
        "m": st.one_of(st.none(), st.integers(-2, 2), st.just(Decimal("-0.5"))),
        "t": st.one_of(st.none(), st.sampled_from("ab")),
        "p": st.one_of(st.none(), st.booleans()),
        "q": st.one_of(st.none(), st.booleans()),
    }
)
NUMBERS = st.recursive(
    st.sampled_from(["n", "m", "0", "1", "1.5"]),
    lambda inner: st.tuples(inner, st.sampled_from("+-*"), inner).map(
        lambda t: f"({t[0]} {t[1]} {t[2]})"
    ),
    max_leaves=3,
)
CONDITIONS = st.recursive(
    st.one_of(
        st.sampled_from(["p", "q", 't = "a"', 't != "b"', 't in ("a", "c")', "n = null"]),
        st.tuples(NUMBERS, st.sampled_from(["<", "<=", ">", ">=", "=", "!="]), NUMBERS).map(
            lambda t: f"{t[0]} {t[1]} {t[2]}"
        ),
        NUMBERS.map(lambda x: f"{x} between 0 and 1"),
        NUMBERS.map(lambda x: f"{x} in [0..1)"),
    ),
    lambda inner: st.one_of(
        inner.map(lambda c: f"not({c})"),
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(
            lambda t: f"(({t[0]}) {t[1]} ({t[2]}))"
        ),
        st.tuples(inner, inner, inner).map(lambda t: f"(if {t[0]} then {t[1]} else {t[2]})"),
    ),
    max_leaves=6,
)
TYPED = feel.Scope(
    {
        name: feel.Name(kind, f"s.get({name!r})", (name,))
        for name, kind in {
            "n": NUMBER,
            "m": NUMBER,
            "t": STRING,
            "p": BOOLEAN,
            "q": BOOLEAN,
        }.items()
    }
)


@given(CONDITIONS, FACTS)
@settings(max_examples=300, deadline=None)
def test_typed_code_untyped_code_and_all_forms_agree(text: str, facts: dict[str, Any]) -> None:
    budget = feel.Budget(10_000)
    untyped = feel.evaluate(text, facts)
    typed = feel.compile(text, TYPED, expect=BOOLEAN)
    assert typed.value(facts, budget) is untyped
    assert typed.true(facts, budget) is (untyped is True)
    opposite = feel.compile(f"not({text})", TYPED)
    assert opposite.true(facts, budget) is (untyped is False)
    assert typed.explain(facts).value is untyped


@given(st.sampled_from([True, False, None]), st.sampled_from([True, False, None]))
def test_logic_is_that_of_the_standard(p: bool | None, q: bool | None) -> None:
    both = False if p is False or q is False else (True if p and q else None)
    either = True if p is True or q is True else (False if p is q is False else None)
    assert feel.evaluate("p and q", {"p": p, "q": q}) is both
    assert feel.evaluate("p or q", {"p": p, "q": q}) is either


# -- the rest ----------------------------------------------------------------------------------


def test_two_threads_evaluate_and_compile_at_once() -> None:
    expression = feel.compile("sum(for i in 1..n return i * i) > 100 and count(xs[item > n]) = 1")
    results: list[object] = []

    def work(n: int) -> None:
        for _ in range(50):
            context = {"n": n, "xs": [n, n + 1]}
            results.append(expression.evaluate(context) is (n > 6))
            results.append(feel.evaluate(f"{n} + n", context) == 2 * n)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(5, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 400


def test_kept_function_is_compiled_once() -> None:
    expression = feel.compile("a > 1")
    first = expression.true
    assert first({"a": 2}, feel.Budget()) is True
    compiled = expression.true
    assert first({"a": 1}, feel.Budget()) is False
    assert expression.true is compiled


def test_floats_become_the_decimals_that_they_print_as() -> None:
    assert feel.evaluate("x = 0.1 and y[1] = 0.5", {"x": 0.1, "y": [0.5]}) is True


def test_float_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="no FEEL number"):
        feel.evaluate("x", {"x": float("nan")})


def test_engine_reads_no_clock() -> None:
    assert feel.evaluate("now()") is None
    instant = datetime(2026, 1, 2, 3, tzinfo=UTC)
    assert feel.evaluate("now()", now=instant) == instant
    assert feel.evaluate("today()", now=instant) == instant.date()


def test_strict_evaluation_raises_what_made_a_null() -> None:
    with pytest.raises(feel.FeelError, match="< gives nothing for a number and a string"):
        feel.evaluate('a < "x"', {"a": 1}, strict=True)


def test_strict_evaluation_leaves_a_missing_value_null() -> None:
    assert feel.evaluate("a < 1", {"a": None}, strict=True) is None


def test_explanation_has_the_value_of_each_part() -> None:
    expression = feel.compile("priority <= 2 and contact.vip")
    found = expression.explain({"priority": 3, "contact": None})
    assert list(found.lines()) == [
        "priority <= 2 and contact.vip = False",
        "  priority <= 2 = False",
        "    priority = 3",
        "  contact.vip = None  # contact is null",
        "    contact = None  # contact has no value",
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a + 1", "a is null"),
        ("a", "a has no value"),
        ("c.x", "there is no x"),
        ('1 < "x"', "< gives nothing for a number and a string"),
        ("1 / 0", "/ gives nothing for a number and a number"),
        ('date("x")', "date gives nothing for these arguments"),
        ('@"x"', '"x" is neither a date, a time, a date and time nor a duration'),
    ],
)
def test_null_comes_with_its_reason(text: str, reason: str) -> None:
    assert feel.compile(text).explain({"c": {}}).reason.startswith(reason)


def test_cell_explains_itself_for_an_input() -> None:
    cell = feel.compile_unary("? > 5 and ? < limit", feel.Scope(strict=False), NUMBER)
    assert cell.explain_input({}, feel.Budget(), 6).value is None
