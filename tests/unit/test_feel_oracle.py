"""Compiled expressions and tables agree with plain evaluators, on random ones of all kinds.

A few thousand in each run; CASEWRIGHT_FUZZ=100000 tries that many, from CASEWRIGHT_FUZZ_SEED on.
"""

from __future__ import annotations

import os

import pytest

from casewright import dmn, feel
from support.feel_measure import Tally
from support.feel_oracle import Oracle, alike
from support.feel_random import SCOPE
from support.table_measure import TableTally

COUNT = int(os.environ.get("CASEWRIGHT_FUZZ", "3000"))
FIRST = int(os.environ.get("CASEWRIGHT_FUZZ_SEED", "1"))


def test_random_expressions_agree_with_the_oracle() -> None:
    tally = Tally()
    for seed in range(FIRST, FIRST + COUNT):
        tally.try_seed(seed)
    print(f"{COUNT} expressions: {dict(tally.counts)}")  # noqa: T201 - figures, shown by pytest -s
    assert not tally.wrong, "\n".join(tally.wrong[:20])
    assert tally.counts["value"] > COUNT / 2
    assert tally.counts["unsure"] < COUNT / 20


def test_torn_expressions_are_refused_or_agree() -> None:
    tally = Tally()
    for seed in range(FIRST, FIRST + COUNT // 3):
        tally.try_seed(seed, mangled=True)
    print(f"{COUNT // 3} torn expressions: {dict(tally.counts)}")  # noqa: T201 - as above
    assert not tally.wrong, "\n".join(tally.wrong[:20])
    assert tally.counts["refused"]


def test_random_tables_agree_with_a_naive_evaluator() -> None:
    tally = TableTally()
    for seed in range(FIRST, FIRST + COUNT // 10):
        tally.try_seed(seed)
    print(f"{COUNT // 10} tables: {dict(tally.counts)}")  # noqa: T201 - as above
    assert not tally.wrong, "\n".join(tally.wrong[:20])
    assert tally.counts["result"] > tally.counts["nothing"] / 4
    assert tally.counts["violation"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3 ** 2", 19),
        ("[1, 2, 3][item > 1]", [2, 3]),
        ("for i in 1..3 return count(partial) + i", [1, 3, 5]),
        ("some v in [1, null] satisfies v > 1", None),
        ("null and false", False),
        ('{a: 1, b: a + 1}.b in (2, "x")', True),
        ("(function(v: number, w) v - w)(w: 1, v: [3])", 2),
        ('@"2024-01-31" + @"P1M" = @"2024-02-29"', True),
        ('string(duration("PT36H"))', "P1DT12H"),
        ("sort([3, 1, 2], function(v, w) v > w)", [3, 2, 1]),
    ],
)
def test_the_oracle_knows_feel(text: str, expected: object) -> None:
    assert alike(expected, Oracle({}).value(feel.compile(text).tree))


def test_values_are_told_apart_to_the_class() -> None:
    assert not alike(1, True)
    assert not alike(True, 1)
    assert not alike([1], (1,))
    assert not alike(feel.evaluate("1.0") + 0.5, 1)
    assert alike(feel.evaluate("1.0"), 1)


@pytest.mark.parametrize(
    ("text", "names", "expected"),
    [
        # What the random expressions found.
        ("(for v in ns return v)[1]", {"ns": [7]}, 7),
        ("(if p then ns else [])[item > 1]", {"ns": [1, 2], "p": True}, [2]),
        ("(some v in ns satisfies v > 1)[1]", {"ns": [1, 2]}, True),
    ],
)
def test_what_stands_in_parentheses_may_be_filtered(
    text: str, names: dict[str, object], expected: object
) -> None:
    assert feel.evaluate(text, names) == expected


def test_a_position_that_is_a_number_by_its_type_and_null_gives_null() -> None:
    names = {"cs": [{"a": 1, "b": "x"}], "n2": None}
    assert feel.compile("cs[n2].a", SCOPE).value(names, feel.Budget()) is None
    assert feel.compile("cs[n2]", SCOPE).value(names, feel.Budget()) is None
    assert feel.compile("cs[n2 + 1]", SCOPE).value({**names, "n2": 0}, feel.Budget()) == {
        "a": 1,
        "b": "x",
    }


def test_cells_of_two_columns_of_mixed_types_are_told_apart() -> None:
    columns = (
        dmn.InputColumn("p", "boolean", cells="feel"),
        dmn.InputColumn("x", "any", cells="feel"),
    )
    cells = [("p", "[1..2]"), ("-", "-"), ("true", "true"), ("-", "null")]
    definition = dmn.TableDefinition(
        name="t",
        inputs=columns,
        outputs=(dmn.OutputColumn("o", "number"),),
        rows=tuple(dmn.Row((dmn.Cell(p), dmn.Cell(x)), (dmn.Cell("1"),)) for p, x in cells),
        hit_policy="collect",
    )
    table, _ = dmn.compile_table(definition)
    assert table is not None
    assert table.matching_rows(None, feel.Budget(), (None, "a")) == [1]
    assert table.matching_rows(None, feel.Budget(), (None, 1)) == [0, 1]


def test_a_default_may_read_inputs_where_all_rows_are_constant() -> None:
    default = dmn.Cell("n + 1")
    definition = dmn.TableDefinition(
        name="t",
        inputs=(dmn.InputColumn("n", "number"),),
        outputs=(dmn.OutputColumn("o", "number", default=default),),
        rows=(dmn.Row((dmn.Cell("1"),), (dmn.Cell("5"),)),),
        hit_policy="first",
    )
    table, _ = dmn.compile_table(definition)
    assert table is not None
    assert table.evaluate({"n": 1}) == {"o": 5}
    assert table.evaluate({"n": 2}) == {"o": 3}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("n1 * 3 - 3 = 3e34", True),  # rounded to 34 digits once for each operator
        ("n1 * 3 = 3e34", True),
        ("n1 * 3 > 29999999999999999999999999999999997", False),
        ("n1 + n1 - n1 - n1", 1),
        ("n1 + 0.5 = 1e34", True),
    ],
)
def test_each_operator_rounds_to_34_digits(text: str, expected: object) -> None:
    names = {"n1": 10**34 - 1}
    for scope in (SCOPE, None):
        expression = feel.compile(text, scope)
        assert alike(expression.value(names, feel.Budget()), expected)
        assert expression.true(names, feel.Budget()) is (expected is True)


def test_a_zero_is_the_integer_however_it_came_about() -> None:
    found = feel.evaluate("(n ** 4) * count([])", {"n": 10**34 - 1})
    assert found == 0
    assert type(found) is int


def test_a_filter_that_reads_an_entry_before_it_can_be_explained() -> None:
    expression = feel.compile("{v: 1, w: [1, 2][item > v]}.w = [2]")
    assert expression.explain({}).value is True
