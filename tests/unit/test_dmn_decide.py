"""Tables on their own: plain inputs become typed, answers say why."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from casewright import dmn
from casewright.dmn.explain import NEAR_MISSES
from casewright.errors import SpecError
from casewright.feel import Budget
from casewright.temporal import Duration

DATA: dict[str, Any] = {
    "name": "escalation",
    "inputs": {"stage": {"type": "string"}, "open_tasks": {"type": "integer"}},
    "outputs": {"group": {"type": "string"}},
    "rules": """
        stage  | open_tasks || group
        triage | 0          || L1
        l1     | 0          || L2
        triage | > 0        || = "Triage " + string(open_tasks)
               | -          || Nobody
    """,
}
TABLE = dmn.load_table(DATA)


def test_decision_names_the_rows_that_match_and_nearly_do() -> None:
    decision = dmn.decide(TABLE, {"stage": "triage", "open_tasks": 2})
    assert decision.outputs == {"group": "Triage 2"}
    explanation = decision.explanation
    assert (explanation.table, explanation.hit_policy) == ("escalation", "unique")
    assert explanation.inputs == {"stage": "triage", "open_tasks": 2}
    (matched,) = explanation.matched
    assert (matched.row, matched.outputs) == (3, {"group": "Triage 2"})
    assert matched.cells == {"stage": "triage", "open_tasks": "> 0"}
    assert [str(miss) for miss in explanation.near] == [
        "row 1: open_tasks is 2, the cell asks for 0",
        "row 4: stage is triage, the cell asks for (empty)",
    ]


def test_near_miss_knows_the_place_of_its_cell() -> None:
    (miss, *_) = dmn.decide(TABLE, {"stage": "triage", "open_tasks": 2}).explanation.near
    assert DATA["rules"][miss.place.start : miss.place.end] == "0"
    assert (miss.row, miss.column, miss.cell, miss.value) == (1, "open_tasks", "0", 2)


def test_null_is_shown_as_null() -> None:
    decision = dmn.decide(TABLE, {"open_tasks": None, "stage": "l1"})
    assert decision.outputs is None
    assert str(decision.explanation.near[0]) == "row 2: open_tasks is null, the cell asks for 0"


def test_violation_is_an_error_of_the_decision() -> None:
    rules = "stage | open_tasks || group\n a | - || x\n * | 1 || y"
    decision = dmn.decide(dmn.load_table({**DATA, "rules": rules}), {"stage": "a", "open_tasks": 1})
    assert decision.outputs is None
    assert decision.error == 'rows 1 and 2 of table "escalation" match (hit policy "unique")'
    assert [row.row for row in decision.explanation.matched] == [1, 2]


def test_near_misses_are_counted_beyond_the_limit() -> None:
    rules = [{"when": {"stage": f"s{k}"}, "then": {"group": "g"}} for k in range(NEAR_MISSES + 5)]
    explanation = dmn.decide(dmn.load_table({**DATA, "rules": rules}), {}).explanation
    assert len(explanation.near) == NEAR_MISSES
    assert explanation.more_near == 5


def test_aggregation_belongs_to_the_policy_in_an_explanation() -> None:
    data = {**DATA, "hit_policy": "collect", "aggregation": "count"}
    decision = dmn.decide(dmn.load_table(data), {"stage": "triage", "open_tasks": 0})
    assert decision.outputs == {"group": 1}
    assert decision.explanation.hit_policy == "collect count"


def test_a_decision_may_be_given_a_budget() -> None:
    budget = Budget(100)
    dmn.decide(TABLE, {"stage": "triage", "open_tasks": 2}, budget=budget)
    assert budget.left < 100


def column(kind: str, **keys: Any) -> dmn.Table:
    data = {"inputs": {"x": {"type": kind, "cells": "feel", **keys}}}
    return dmn.load_table({**data, "outputs": {"o": {"type": "number"}}, "rules": []})


@pytest.mark.parametrize(
    ("kind", "given", "expected"),
    [
        ("integer", "3", 3),
        ("integer", 3, 3),
        ("number", 1.5, Decimal("1.5")),
        ("number", "1.50", Decimal("1.5")),
        ("boolean", True, True),
        ("string", "a", "a"),
        ("date", "2026-01-02", date(2026, 1, 2)),
        ("date", date(2026, 1, 2), date(2026, 1, 2)),
        ("date_time", "2026-01-02T03:04:05+00:00", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("duration", "8 business hours", Duration("business", 28_800)),
        ("any", {"a": (1, 2.5)}, {"a": [1, Decimal("2.5")]}),
        ("string", None, None),
    ],
)
def test_plain_inputs_become_typed(kind: str, given: object, expected: object) -> None:
    (value,) = column(kind).arguments({"x": given})
    assert value == expected
    assert type(value) is type(expected)


def test_choices_of_integers_take_integers() -> None:
    assert column("choice", choices=[1, 2]).arguments({"x": "2"}) == (2,)


def test_lists_are_typed_item_by_item() -> None:
    assert column("integer", many=True).arguments({"x": ["1", 2]}) == ([1, 2],)


@pytest.mark.parametrize(
    ("kind", "given", "message"),
    [
        ("integer", 1.5, 'input "x": 1.5 is no integer'),
        ("number", True, 'input "x": True is no number'),
        ("number", "one", "input \"x\": 'one' is no number"),
        ("boolean", 1, 'input "x": 1 is no boolean'),
        ("string", 1, 'input "x": 1 is no string'),
        ("date", "soon", "input \"x\": 'soon' is no date"),
        ("date_time", "soon", "input \"x\": 'soon' is no date and time"),
        ("duration", "soon", "input \"x\": 'soon' is no duration"),
    ],
)
def test_inputs_of_another_type_are_refused(kind: str, given: object, message: str) -> None:
    with pytest.raises(ValueError, match="is no") as caught:
        column(kind).evaluate({"x": given})
    assert str(caught.value) == message


def test_unknown_inputs_are_refused_with_the_nearest_name() -> None:
    with pytest.raises(ValueError, match="has no input") as caught:
        TABLE.evaluate({"stge": "a"})
    assert str(caught.value) == ('table "escalation" has no input "stge"; did you mean "stage"?')


def test_a_list_answers_any_of_a_policy_with_order() -> None:
    definition = dmn.TableDefinition(
        name="t",
        inputs=(dmn.InputColumn("n", "number"),),
        outputs=(dmn.OutputColumn("", "string", cells="feel", allowed='"yes", "no"'),),
        rows=tuple(
            dmn.Row((dmn.Cell(test),), (dmn.Cell(value),))
            for test, value in ((">= 0", '"no"'), ("> 5", '"yes"'))
        ),
        hit_policy="output order",
        bare=True,
    )
    table, problems = dmn.compile_table(definition)
    assert problems == []
    assert table is not None
    assert table.evaluate({"n": 7}) == ["yes", "no"]


@pytest.mark.parametrize(("policy", "expected"), [("first", 0), ("collect", [0]), ("any", 0)])
def test_bare_defaults_are_the_result(policy: Any, expected: object) -> None:
    definition = dmn.TableDefinition(
        name="t",
        inputs=(dmn.InputColumn("n", "number"),),
        outputs=(dmn.OutputColumn("", "number", default=dmn.Cell("0")),),
        rows=(dmn.Row((dmn.Cell("1"),), (dmn.Cell("n + 1"),)),),
        hit_policy=policy,
        bare=True,
    )
    table, _ = dmn.compile_table(definition)
    assert table is not None
    assert table.evaluate({"n": 2}) == expected
    assert table.evaluate({"n": 1}) in (2, [2])


def test_bare_result_has_one_output() -> None:
    outputs = (dmn.OutputColumn("a", "number"), dmn.OutputColumn("b", "number"))
    table, problems = dmn.compile_table(dmn.TableDefinition("t", (), outputs, (), bare=True))
    assert table is None
    assert [p.message for p in problems] == ["a bare result has exactly one output"]


def test_order_of_allowed_values_needs_literals() -> None:
    output = dmn.OutputColumn("a", "number", allowed="> 5")
    definition = dmn.TableDefinition("t", (), (output,), (), "priority")
    _, problems = dmn.compile_table(definition)
    assert [p.message for p in problems] == ['allowed values of "a" are not literals']


def test_mistakes_of_a_file_name_it() -> None:
    data = {**DATA, "rules": {"csv": "rows.csv"}}
    with pytest.raises(SpecError, match=r'no file "rows[.]csv" can be read here'):
        dmn.load_table(data)
    with pytest.raises(SpecError, match=r'"rows[.]csv" has no line of column names'):
        dmn.load_table(data, read_csv=lambda _: "")
    with pytest.raises(SpecError, match="2 cells for 3 columns"):
        dmn.load_table(data, read_csv=lambda _: "stage,open_tasks,group\na,1")


def test_unreadable_file_is_reported() -> None:
    def missing(name: str) -> str:
        raise FileNotFoundError(f"{name} is not there")

    definition, problems = dmn.read_definition("t", {**DATA, "rules": {"csv": "r.csv"}}, missing)
    assert definition.rows == ()
    assert [p.message for p in problems] == ['cannot read "r.csv": r.csv is not there']


NO_SHAPES: list[tuple[dict[str, Any], str]] = [
    ({"inputs": ["a"]}, "`inputs` is not a map of columns"),
    ({"inputs": {"a": ["b"]}}, 'column "a" is not a map'),
    ({"inputs": {"a": {"type": "string", "cells": "yes"}}}, 'column "a" has cells "yes"'),
    (
        {"inputs": {"a": {"type": "number", "cells": "text"}}},
        'cells of column "a" cannot be plain text',
    ),
    ({"rules": 5}, "`rules` cannot be read as rules"),
    ({"hit_policy": "collect", "aggregation": "mean"}, 'unknown aggregation "mean"'),
    ({"inputs": {}, "rules": [{"when": "x", "then": {}}]}, "not a map of cells by column"),
]


@pytest.mark.parametrize(("keys", "message"), NO_SHAPES)
def test_shapes_that_are_none_are_reported(keys: dict[str, Any], message: str) -> None:
    _, problems = dmn.read_definition("t", {**DATA, "rules": [], **keys})
    assert [p.message for p in problems] == [message]
