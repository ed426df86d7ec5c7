"""The language itself, one case a line of ``tests/data/feel/language.txt``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from casewright import feel
from casewright.feel.names import long_names
from casewright.feel.types import type_of

TABLE = Path(__file__).parent.parent / "data" / "feel" / "language.txt"


@dataclass(frozen=True)
class Case:
    line: int
    expression: str
    result: str
    context: str


def read_table(text: str) -> list[Case]:
    cases: list[Case] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("# "):
            continue
        expression, arrow, rest = line.partition(" => ")
        if not arrow:
            raise ValueError(f"line {number} has no =>")
        result, _, context = rest.partition(" given ")
        cases.append(Case(number, expression, result, context or "{}"))
    return cases


CASES = read_table(TABLE.read_text(encoding="utf-8"))


def test_table_with_a_line_that_it_cannot_read_fails() -> None:
    with pytest.raises(ValueError, match="line 1 has no =>"):
        read_table("1 + 1")


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.line}: {c.expression}"[:60])
def test_expression_has_the_value_of_the_table(case: Case) -> None:
    context = feel.evaluate(case.context)
    if case.result.startswith("error "):
        with pytest.raises(feel.FeelError) as caught:
            feel.evaluate(case.expression, context)
        assert f"error {caught.value.problems[0].code}" == case.result
        return
    value = feel.evaluate(case.expression, context)
    expected = feel.evaluate(case.result)
    assert value == expected
    assert str(type_of(value)) == str(type_of(expected))


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.line}: {c.expression}"[:60])
def test_the_three_forms_of_an_expression_agree(case: Case) -> None:
    if case.result.startswith("error "):
        return
    context = feel.evaluate(case.context)
    names = long_names(context)
    value = feel.compile(case.expression, names=names).value(context, feel.Budget())
    holds = feel.compile(case.expression, names=names).true(context, feel.Budget())
    refuted = feel.compile(f"not({case.expression}\n)", names=names).true(context, feel.Budget())
    assert holds is (value is True)
    assert refuted is (value is False)
