"""Gaps, overlaps and rows without effect are named with inputs that show them."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casewright import dmn
from casewright.dmn.domains import domains
from casewright.feel import Budget

NUMBER = {"type": "number"}
TEXT = {"type": "string"}


def table(rules: Any, policy: str = "unique", **inputs: Any) -> dmn.Table:
    return dmn.load_table(
        {
            "hit_policy": policy,
            "inputs": inputs,
            "outputs": {"o": {"type": "number"}},
            "rules": rules,
        }
    )


def words(found: dmn.Table) -> list[str]:
    return [f"{p.code} {p.message}" for p in dmn.analysis_problems(found)]


# Fourteen rows of a policy for escalations, as its maker printed them: six pairs are missing.
ESCALATION = """
    subcategory | stage            || o
    software    |                  || 1
    protocol    | l1_investigation || 2
    link        |                  || 3
    device      | l1_investigation || 4
    link        | triage           || 5
    protocol    | l2_investigation || 6
    device      | triage           || 7
    software    | triage           || 8
    software    | l2_investigation || 9
    soft_wan    |                  || 10
    protocol    | triage           || 11
    software    | l1_investigation || 12
    device      | l2_investigation || 13
    soft_wan    | l1_investigation || 14
"""


def test_gaps_are_named_exactly() -> None:
    found = table(ESCALATION, subcategory=TEXT, stage=TEXT)
    missing = {
        (inputs["subcategory"], inputs["stage"])
        for finding in dmn.analysed(found)
        for inputs in finding.every_input()
    }
    assert missing == {
        ("protocol", None),
        ("device", None),
        ("link", "l1_investigation"),
        ("link", "l2_investigation"),
        ("soft_wan", "triage"),
        ("soft_wan", "l2_investigation"),
    }


def test_choices_say_what_inputs_can_be() -> None:
    stages = ["triage", "l1", "l2", "l3"]
    choice = {"type": "choice", "choices": stages}
    found = table("stage || o\n triage, l1 || 1\n l2 || 2", stage=choice)
    assert words(found) == ['CW620 no row matches stage "l3"']


@pytest.mark.parametrize(
    ("rules", "policy", "expected"),
    [
        ("n || o\n < 5 || 1\n > 5 || 2", "unique", ["CW620 no row matches n 5"]),
        ("n || o\n < 5 || 1\n >= 5 || 2", "unique", []),
        ("n || o\n < 5 || 1", "collect", []),
        ("n || o\n <= 5 || 1\n >= 5 || 2", "unique", ["CW621 rows 1 and 2 both match n 5"]),
        ("n || o\n <= 5 || 1\n >= 5 || 2", "first", []),
        (
            "n || o\n <= 5 || 1\n >= 5 || 2",
            "any",
            ["CW622 rows 1 and 2 both match n 5 with different outputs"],
        ),
        ("n || o\n <= 5 || 1\n >= 5 || 1", "any", []),
        (
            "n || o\n - || 1\n 5 || 2",
            "first",
            ["CW624 row 2 is never reached, row 1 matches first"],
        ),
        (
            "n || o\n < 5 || 1\n >= 5 || 2\n 7 || 3",
            "first",
            ["CW624 row 3 is never reached, row 2 matches first"],
        ),
        (
            "n || o\n < 5 || 1\n >= 5 || 2\n - || 3",
            "first",
            [],  # null reaches it
        ),
        (
            "n || o\n - || 1\n 5 || 2\n 5 || 2",
            "collect",
            ["CW623 row 3 repeats row 2"],
        ),
    ],
)
def test_what_is_a_mistake_depends_on_the_hit_policy(
    rules: str, policy: str, expected: list[str]
) -> None:
    assert words(table(rules, policy, n=NUMBER)) == expected


def test_defaults_leave_no_gap() -> None:
    data: dict[str, Any] = {
        "inputs": {"n": NUMBER},
        "outputs": {"o": {"type": "number", "default": 1}},
        "rules": "n || o\n < 5 || 1",
    }
    assert dmn.analysed(dmn.load_table(data)) == []


def test_whole_numbers_have_no_gap_between_neighbours() -> None:
    found = table("n || o\n <= 4 || 1\n >= 5 || 2", n={"type": "integer"})
    assert words(found) == []
    found = table("n || o\n <= 4 || 1\n >= 5 || 2", n=NUMBER)
    assert words(found) == ["CW620 no row matches n 4.5"]


def test_dates_have_gaps_of_days() -> None:
    rules = 'd || o\n < date("2026-01-01") || 1\n > date("2026-01-01") || 2'
    assert words(table(rules, d={"type": "date"})) == ["CW620 no row matches d 2026-01-01"]


def test_evaluated_cells_hide_what_is_not_certain() -> None:
    rules = "n | m || o\n < 5 | odd(?) || 1\n >= 5 | - || 2\n 3 | even(?) || 3"
    assert words(table(rules, n=NUMBER, m=NUMBER)) == []
    rules = "n | m || o\n < 5 | odd(?) || 1\n >= 5 | - || 2\n 3 | odd(?) || 3"
    assert words(table(rules, n=NUMBER, m=NUMBER)) == ["CW621 rows 1 and 3 both match n 3"]


def test_findings_point_to_the_later_row_and_name_the_other() -> None:
    text = "n || o\n <= 5 || 1\n >= 5 || 2"
    (problem,) = dmn.analysis_problems(table(text, n=NUMBER))
    assert text[problem.place.start : problem.place.end] == ">= 5 || 2"
    ((label, place),) = problem.related
    assert (label, text[place.start : place.end]) == ("row 1", "<= 5 || 1")


def test_large_tables_end_with_a_remark() -> None:
    rules = [{"when": {"n": f"[{k}..{k + 900}]", "m": f"> {k}"}} for k in range(3000)]
    assert words(table(rules, "first", n=NUMBER, m=NUMBER))[-1] == (
        "CW625 the table is too large to be looked at completely"
    )


WORDS = ["*", "", "a", "b", "a, b", "not(a)"]
NUMBERS = ["-", "1", "2, 3", "> 2", "<= 2", "[1..3]", "not(2)", "null"]
FLAGS = ["-", "true", "false"]
ROWS = st.lists(
    st.tuples(st.sampled_from(WORDS), st.sampled_from(NUMBERS), st.sampled_from(FLAGS)),
    min_size=1,
    max_size=9,
)


def of_rows(rows: list[tuple[str, str, str]], policy: str) -> dmn.Table:
    listed = [
        {"when": dict(zip("wnf", row, strict=True)), "then": {"o": number}}
        for number, row in enumerate(rows)
    ]
    return table(listed, policy, w=TEXT, n=NUMBER, f={"type": "boolean"})


def all_inputs(found: dmn.Table, *, expected: bool) -> list[tuple[Any, ...]]:
    columns = domains(found)
    assert columns is not None
    atoms = [[a.value for a in d.atoms if a.expected or not expected] for d in columns]
    return list(product(*atoms))


def hits(found: dmn.Table, args: tuple[Any, ...]) -> list[int]:
    return found.naive_rows(None, Budget(), args)


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_gaps_are_all_inputs_without_a_row(rows: list[tuple[str, str, str]]) -> None:
    found = of_rows(rows, "first")
    gaps = [f for f in dmn.analysed(found) if f.kind == "gap"]
    for gap in gaps:
        free = dict.fromkeys("wnf") | gap.inputs
        assert hits(found, tuple(free[name] for name in "wnf")) == []
    bare = [args for args in all_inputs(found, expected=True) if not hits(found, args)]
    assert bool(bare) == bool(gaps)


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_overlaps_are_all_rows_that_match_with_an_earlier_one(
    rows: list[tuple[str, str, str]],
) -> None:
    found = of_rows(rows, "unique")
    overlaps = [f for f in dmn.analysed(found) if f.kind == "overlap"]
    for finding in overlaps:
        free = dict.fromkeys("wnf") | finding.inputs
        matched = hits(found, tuple(free[name] for name in "wnf"))
        assert {row - 1 for row in finding.rows} <= set(matched)
    later = {row for args in all_inputs(found, expected=False) for row in hits(found, args)[1:]}
    assert {f.rows[-1] - 1 for f in overlaps} == later


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_shadowed_rows_are_all_that_are_never_first(rows: list[tuple[str, str, str]]) -> None:
    found = of_rows(rows, "first")
    shadowed = {f.rows[-1] - 1 for f in dmn.analysed(found) if f.kind == "shadowed"}
    first = {
        matched[0] for args in all_inputs(found, expected=False) if (matched := hits(found, args))
    }
    assert shadowed == set(range(len(rows))) - first
