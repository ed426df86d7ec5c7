"""The three notations give one table; every mistake is reported with its place."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casewright import dmn
from casewright.errors import SpecError
from casewright.feel.budget import Budget
from casewright.temporal import Duration

COLUMNS: dict[str, Any] = {
    "inputs": {"category": {"type": "string"}, "stage": {"type": "string"}},
    "outputs": {"group": {"type": "string"}, "minutes": {"type": "integer"}},
}
TEXT = """
  category | stage         || group | minutes
  # a note
  ---------|---------------||-------|--------
  SD-WAN   | triage, "a,b" || L1    | 5
  *        |               || L2    |
"""
LIST: list[dict[str, Any]] = [
    {
        "when": {"category": "SD-WAN", "stage": ["triage", "a,b"]},
        "then": {"group": "L1", "minutes": 5},
    },
    {"when": {"stage": None}, "then": {"group": "L2"}},
]
CSV = 'stage,category,minutes,group\n"triage, ""a,b""",SD-WAN,5,L1\n,*,,L2\n'


def read(**keys: Any) -> tuple[dmn.TableDefinition, list[dmn.Problem]]:
    return dmn.read_definition("t", {**COLUMNS, **keys}, lambda _: CSV)


def shown(problems: list[dmn.Problem], text: str = "") -> list[str]:
    """Return problems as ``code pointer[text at the offsets] message (hint)``."""
    return [
        f"{p.code} {p.place.pointer}"
        + (f"[{text[p.place.start : p.place.end]}]" if p.place.end is not None else "")
        + f" {p.message}"
        + (f" ({p.hint})" if p.hint else "")
        for p in problems
    ]


def problems_of(data: dict[str, Any], text: str = "") -> list[str]:
    definition, problems = dmn.read_definition("t", data)
    _, more = dmn.compile_table(definition)
    return shown(problems + more, text)


@pytest.mark.parametrize("rules", [TEXT, LIST, {"csv": "rules.csv"}], ids=["text", "list", "csv"])
def test_notations_agree(rules: Any) -> None:
    definition, problems = read(rules=rules, hit_policy="collect")
    assert problems == []
    table, problems = dmn.compile_table(definition)
    assert problems == []
    assert table is not None
    decide = table.decide
    assert decide(None, Budget(), ("SD-WAN", "a,b")) == [{"group": "L1", "minutes": 5}]
    assert decide(None, Budget(), ("other", "")) == [{"group": "L2", "minutes": None}]
    assert decide(None, Budget(), ("SD-WAN", "other")) is None


def test_cells_of_a_text_know_their_offsets() -> None:
    definition, _ = read(rules=TEXT)
    cell = definition.rows[0].inputs[1]
    assert cell.place.pointer == "/rules"
    assert TEXT[cell.place.start : cell.place.end] == 'triage, "a,b"'


def test_cells_of_a_csv_file_know_their_offsets() -> None:
    definition, _ = read(rules={"csv": "rules.csv"})
    place = definition.rows[0].inputs[0].place
    assert (place.file, CSV[place.start : place.end]) == ("rules.csv", "SD-WAN")


def test_cells_of_a_list_know_their_pointer() -> None:
    definition, _ = read(rules=LIST)
    assert definition.rows[0].inputs[1].place.pointer == "/rules/0/when/stage"


def test_bars_in_quotes_and_behind_a_backslash_belong_to_the_cell() -> None:
    definition, problems = read(rules='category | stage || group | minutes\n"a|b" | c\\|d || e | 1')
    assert problems == []
    assert [cell.text for cell in definition.rows[0].inputs] == ['"a|b"', "c|d"]


def test_lines_may_look_like_markdown() -> None:
    text = "| category | stage || group | minutes |\n| a | b || c | 1 |"
    definition, problems = read(rules=text)
    assert problems == []
    assert [cell.text for cell in definition.rows[0].outputs] == ["c", "1"]


def test_a_line_may_begin_with_an_empty_cell() -> None:
    definition, problems = read(rules="category | stage || group | minutes\n | b || c | 1\n || d |")
    assert [p.message for p in problems] == ["1 cells before `||` for 2 columns"]
    assert [cell.text for cell in definition.rows[0].inputs] == ["", "b"]


BAD_TEXTS = [
    (
        "category | stage | group | minutes\na | b | c | 1",
        [
            (
                "CW603 /rules[category | stage | group | minutes] the line of column names has no "
                "`||` (the first line names the inputs, then `||`, then the outputs)"
            )
        ],
    ),
    (
        "category | stage || group | minutes\na | b || c\na | b | c | 1\nx || y | 2",
        [
            (
                "CW604 /rules[a | b || c] 1 cells behind `||` for 2 columns "
                "(one cell for each column; inside a cell `|` is written `\\|` or in quotes)"
            ),
            (
                "CW603 /rules[a | b | c | 1] the row has no `||` "
                "(`||` stands between the last input and the first output)"
            ),
            (
                "CW604 /rules[x || y | 2] 1 cells before `||` for 2 columns "
                "(one cell for each column; inside a cell `|` is written `\\|` or in quotes)"
            ),
        ],
    ),
    (
        "categry | stage || group | minutes\na | b || c | 1",
        ['CW605 /rules[categry] unknown input column "categry" (did you mean "category"?)'],
    ),
    (
        "category || group | minutes\na || c | 1",
        ['CW605 /rules[category] no column for input "stage" (each declared column needs one)'],
    ),
    (
        "category | stage | stage || group | minutes\na | b | c || d | 1",
        ['CW605 /rules[stage] column "stage" stands twice'],
    ),
    (
        "category | stage || group | minutes\na,, b | not(c || d | 1.5",
        [
            'CW606 /rules[a,, b] empty alternative in "a,, b" (write `""` for an empty value)',
            "CW607 /rules[1.5] 1.5 is no integer",
        ],
    ),
    (
        "",
        [
            (
                "CW603 /rules[] the table has no rules "
                "(the first line names the columns: `input | input || output`)"
            )
        ],
    ),
]


@pytest.mark.parametrize(("text", "expected"), BAD_TEXTS)
def test_mistakes_in_a_text_are_reported(text: str, expected: list[str]) -> None:
    found = problems_of({**COLUMNS, "rules": text}, text)
    assert [line.replace("/rules the", "/rules[] the") for line in found] == expected


def test_all_mistakes_are_reported_at_once() -> None:
    data: dict[str, Any] = {
        "hit_policy": "uniqe",
        "inputs": {"a": {"type": "sting"}, "b": {"type": "string", "chioces": []}},
        "outputs": {"b": {"type": "string"}},
        "rules": [{"when": {"c": 1}, "then": {"b": {}}}, {"if": 1}],
    }
    assert problems_of(data) == [
        'CW601 /hit_policy unknown hit policy "uniqe" (did you mean "unique"?)',
        'CW602 /inputs/b unknown key "chioces" in column "b" (did you mean "choices"?)',
        'CW602 /inputs/a column "a" has unknown type "sting" (did you mean "string"?)',
        'CW602 /outputs/b "b" is an input and an output (a cell could not tell which is meant)',
        'CW605 /rules/0/when/c unknown column "c" (the columns are "a", "b")',
        "CW604 /rules/0/then/b a cell is a text, a number, true, false, or a list",
        (
            "CW603 /rules/1 a rule is a map of `when` and `then` "
            "({when: {input: cell}, then: {output: value}})"
        ),
    ]


def one(outputs: dict[str, Any], rules: Any, policy: str, **keys: Any) -> list[str]:
    return problems_of(
        {"inputs": {}, "outputs": outputs, "rules": rules, "hit_policy": policy, **keys}
    )


def test_aggregation_needs_one_output() -> None:
    outputs = {"a": {"type": "number"}, "b": {"type": "number"}}
    assert one(outputs, [], "collect", aggregation="sum") == [
        (
            'CW601 /hit_policy "sum" needs exactly one output '
            "(a table with several outputs collects without aggregation)"
        )
    ]


def test_aggregation_belongs_to_collect() -> None:
    assert one({"a": {"type": "number"}}, [], "first", aggregation="sum") == [
        'CW601 /aggregation hit policy "first" has no aggregation (write `hit_policy: collect sum`)'
    ]


def test_priority_needs_an_order() -> None:
    assert one({"a": {"type": "number"}}, [], "priority") == [
        (
            'CW601 /hit_policy hit policy "priority" needs an order '
            "(give an output `choices`, the highest priority first)"
        )
    ]


@pytest.mark.parametrize(
    ("text", "policy", "aggregation"),
    [
        ("collect sum", "collect", "sum"),
        ("collect #", "collect", "count"),
        ("C<", "collect", "min"),
        ("rule_order", "rule order", None),
        ("F", "first", None),
    ],
)
def test_hit_policies_have_short_forms(text: str, policy: str, aggregation: str | None) -> None:
    definition, problems = read(rules=TEXT, hit_policy=text)
    assert (definition.hit_policy, definition.aggregation, problems) == (policy, aggregation, [])


# Cells

CHOICE: dict[str, Any] = {"type": "choice", "choices": {"1": "Critical", "2": "High", "3": "Low"}}


def test_choice_of_integers_takes_integers() -> None:
    table = dmn.load_table(
        {
            "inputs": {"priority": CHOICE},
            "outputs": {"to": CHOICE},
            "rules": "priority || to\n 1, 2 || 3\n not(1, 2) || 1",
        }
    )
    assert table.decide(None, Budget(), (2,)) == {"to": 3}
    assert table.decide(None, Budget(), (3,)) == {"to": 1}


def test_unknown_choice_is_reported() -> None:
    text = "priority || to\n 4 || 1\n <= 2 || 9"
    data = {"inputs": {"priority": CHOICE}, "outputs": {"to": CHOICE}, "rules": text}
    assert problems_of(data, text) == [
        'CW606 /rules[4] "4" is no choice of "priority" (one of "1", "2", "3")',
        (
            'CW606 /rules[<= 2] "<= 2" is no choice of "priority" '
            '(for FEEL write `cells: feel` in column "priority")'
        ),
        'CW606 /rules[9] "9" is no choice of "to" (one of "1", "2", "3")',
    ]


def test_output_cells_follow_their_type() -> None:
    table = dmn.load_table(
        {
            "inputs": {},
            "outputs": {
                "text": {"type": "string"},
                "names": {"type": "string", "many": True},
                "group": {"type": "reference", "to": "group"},
                "note": {"type": "template"},
                "time": {"type": "duration"},
                "days": {"type": "duration"},
                "flag": {"type": "boolean"},
                "nothing": {"type": "string"},
            },
            "rules": " || text | names | group | note | time | days | flag | nothing\n"
            ' || "a, b" | a, "b, c" | L1 | hello | 8 business hours | P10D | true |',
        },
        resolve_reference=lambda target, text: f"{target}-{text}",
        resolve_template=lambda _, text: f"base.{text}",
    )
    assert table.decide(None, Budget(), ()) == {
        "text": "a, b",
        "names": ["a", "b, c"],
        "group": "group-L1",
        "note": "base.hello",
        "time": Duration("business", 28_800),
        "days": Duration("days", 10),
        "flag": True,
        "nothing": None,
    }


def test_unknown_reference_is_reported_where_it_stands() -> None:
    def resolve(target: str, text: str) -> str:
        raise LookupError(f'no {target} is called "{text}"')

    text = "|| g\n|| L9"
    outputs = {"g": {"type": "reference", "to": "group"}}
    definition, _ = dmn.read_definition("t", {"inputs": {}, "outputs": outputs, "rules": text})
    table, problems = dmn.compile_table(definition, resolve_reference=resolve)
    assert table is None
    assert shown(problems, text) == ['CW607 /rules[L9] no group is called "L9"']


def test_load_table_raises_with_all_mistakes() -> None:
    with pytest.raises(SpecError) as caught:
        dmn.load_table({"inputs": {}, "outputs": {}, "rules": None})
    assert [d.code for d in caught.value.diagnostics] == ["CW602", "CW603"]


def test_list_inputs_match_by_item() -> None:
    table = dmn.load_table(
        {
            "inputs": {"tags": {"type": "string", "many": True}},
            "outputs": {"out": {"type": "string"}},
            "hit_policy": "collect",
            "rules": "tags || out\n a, b || has\n not(c) || without\n || none",
        }
    )
    decide = table.decide
    assert decide(None, Budget(), (["x", "b"],)) == [{"out": "has"}, {"out": "without"}]
    assert decide(None, Budget(), (["c", "b"],)) == [{"out": "has"}]
    assert decide(None, Budget(), ([],)) == [{"out": "without"}, {"out": "none"}]


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(
        ["", "-", "*", "a", "not(a", "[1..", "> 5", '"', "a,,b", "= x +", "||", "n(1)"]
    ),
    st.text(max_size=6),
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["type", "choices", "when", "then", "a", "b", "csv", "cells"]),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)
TEXTS = st.lists(
    st.sampled_from(["a", "b", " ", "|", "||", "\n", "-", '"', "\\", "> 1", "not(", ","]),
    max_size=30,
).map("".join)


@settings(max_examples=100, deadline=None)
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "inputs": st.one_of(ANYTHING, st.just({"a": {"type": "string"}})),
            "outputs": st.one_of(ANYTHING, st.just({"b": {"type": "number"}})),
            "rules": st.one_of(ANYTHING, TEXTS),
            "hit_policy": SCALARS,
            "aggregation": SCALARS,
        },
    )
)
def test_nothing_that_yaml_can_say_raises(data: dict[str, Any]) -> None:
    definition, problems = dmn.read_definition("t", data, lambda _: "a,b\n1")
    table, more = dmn.compile_table(definition)
    assert (table is None) == any(p.severity == "error" for p in more)
    if table is not None and not problems:
        dmn.analysis_problems(table)
