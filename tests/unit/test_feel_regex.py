"""Patterns: the automaton and Python's own engine find the same."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casewright.feel import Budget
from casewright.feel.faults import FeelFault
from casewright.feel.regex import compile_pattern
from casewright.feel.regex.automaton import Automaton
from casewright.feel.regex.syntax import Reader

ITEMS = st.recursive(
    st.sampled_from(["a", "b", ".", "[ab]", "[^a]", "\\d", "^", "$"]),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda t: f"(?:{t[0]}|{t[1]})"),
        inner.map(lambda i: f"({i})"),
        st.tuples(st.sampled_from(["a", "b", "(ab)", "(a|b)", "[ab]"]),
                  st.sampled_from(["*", "+", "?", "*?", "+?", "{1,2}"])).map("".join),
    ),
    max_leaves=5,
)  # fmt: skip


@given(ITEMS, st.text("ab1\n", max_size=8))
@settings(max_examples=400, deadline=None)
def test_automaton_finds_what_backtracking_finds(pattern: str, text: str) -> None:
    reader = Reader(pattern, "")
    automaton = Automaton(reader.read(), reader.groups, 0)
    expected = re.compile(
        pattern.replace("$", r"\Z")
        .replace("^", r"\A")
        .replace(r"[\Aa]", "[^a]")
        .replace(".", r"[^\n\r]")
    ).search(text)
    found = automaton.search(Budget(), text, 0)
    assert (found is None) == (expected is None)
    if found is not None and expected is not None:
        marks = [m for n in range(reader.groups + 1) for m in expected.span(n)]
        assert list(found) == marks


@pytest.mark.parametrize(
    ("pattern", "flags", "text", "matched"),
    [
        ("a.b", "", "a\nb", False),
        ("a.b", "s", "a\nb", True),
        ("^b$", "", "a\nb", False),
        ("^b$", "m", "a\nb", True),
        ("A B", "ix", "ab", True),
        ("a.c", "q", "abc", False),
        ("[a-z-[aeiou]]", "", "e", False),
        ("[a-z-[aeiou]]", "", "f", True),
        ("\\p{Lu}", "", "É", True),
        ("\\P{L}", "", "é", False),
        ("\\p{IsGreek}", "", "λ", True),
        ("[\\d\\-]", "", "-", True),
        ("\\i\\c*", "", "_x-1", True),
        ("(a)(b)\\2\\1", "", "abba", True),
    ],
)
def test_pattern_matches(pattern: str, flags: str, text: str, matched: bool) -> None:
    assert (compile_pattern(pattern, flags).search(Budget(), text) is not None) is matched


@pytest.mark.parametrize(
    "pattern",
    ["(", ")", "[", "a**", "*", "(?=a)", "(?P<x>a)", "\\1", "(a\\1)", "\\q", "[b-a]", "a{2,1}",
     "\\p{Zz}", "\\p{IsWombat}", "a{99999}", "(" * 50 + ")" * 50, "a" * 1001],
)  # fmt: skip
def test_wrong_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(FeelFault):
        compile_pattern(pattern, "")


def test_slow_search_pays_from_the_budget() -> None:
    budget = Budget(1_000_000)
    assert compile_pattern("(a|a)*c", "").search(budget, "a" * 2000) is None
    assert 1_000 < 1_000_000 - budget.left < 100_000
