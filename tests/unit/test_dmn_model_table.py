"""Decision tables in DMN XML: expressions as inputs, empty cells, types, hit policies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from casewright import dmn

if TYPE_CHECKING:
    from casewright.dmn.model import Model


def cell(tag: str, text: str) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    return f"<{tag}><text>{escaped}</text></{tag}>"


def table(
    inputs: dict[str, str],
    outputs: dict[str, str],
    rules: list[tuple[list[str], list[str]]],
    attributes: str = "",
) -> Model:
    """Return a model with one table; types of inputs and of outputs may have allowed values."""
    clauses = ""
    for text, kind in inputs.items():
        name, _, allowed = kind.partition("|")
        clauses += (
            f'<input><inputExpression typeRef="{name}"><text>{text}</text></inputExpression>'
            f"{cell('inputValues', allowed) if allowed else ''}</input>"
        )
    for key, kind in outputs.items():
        name, allowed, default = (*kind.split("|"), "", "")[:3]
        clauses += (
            f'<output name="{key}" typeRef="{name}">'
            f"{cell('outputValues', allowed) if allowed else ''}"
            f"{cell('defaultOutputEntry', default) if default else ''}</output>"
        )
    rows = "".join(
        f"<rule>{''.join(cell('inputEntry', c) for c in left)}"
        f"{''.join(cell('outputEntry', c) for c in right)}</rule>"
        for left, right in rules
    )
    return dmn.load(
        '<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="m"'
        ' namespace="urn:m"><inputData id="n" name="n"/><inputData id="k" name="the kind"/>'
        '<decision id="d" name="d"><informationRequirement><requiredInput href="#n"/>'
        '</informationRequirement><informationRequirement><requiredInput href="#k"/>'
        f"</informationRequirement><decisionTable {attributes}>{clauses}{rows}</decisionTable>"
        "</decision></definitions>"
    )


def decided(model: Model, **inputs: Any) -> Any:
    assert not model.problems
    return model.evaluate("d", {name.replace("_", " "): v for name, v in inputs.items()})


SIMPLE = table(
    {"n + 1": "number", "the kind": "string"},
    {"": "string"},
    [(["< 10", '"a", "b"'], ['"small " + the kind']), (["", '"c"'], ['"c"']), (["-", "-"], [""])],
    'hitPolicy="FIRST"',
)


def test_an_input_is_an_expression_and_a_cell_reads_what_is_around_the_table() -> None:
    assert decided(SIMPLE, n=5, the_kind="b") == "small b"


def test_an_empty_cell_asks_nothing_and_an_empty_output_is_null() -> None:
    assert decided(SIMPLE, n=None, the_kind="c") == "c"
    assert decided(SIMPLE, n=50, the_kind="x") is None


def test_a_question_mark_is_the_value_of_the_input() -> None:
    model = table({"n * 2": "number"}, {"": ""}, [(["? - n > 3"], ["n"])])
    assert decided(model, n=4) == 4
    assert decided(model, n=3) is None


def test_two_inputs_may_have_one_expression() -> None:
    model = table({"n": "number", " n ": "number"}, {"": ""}, [(["> 1", "< 5"], ["true"])])
    assert decided(model, n=3) is True
    assert decided(model, n=5) is None


def test_several_outputs_are_a_context_of_typed_values() -> None:
    model = table({"n": ""}, {"a": "number", "b": "string"}, [(["1"], ['"x"', '"x"'])])
    assert decided(model, n=1) == {"a": None, "b": "x"}


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ('hitPolicy="UNIQUE"', None),
        ('hitPolicy="ANY"', None),
        ('hitPolicy="FIRST"', "low"),
        ('hitPolicy="PRIORITY"', "high"),
        ('hitPolicy="COLLECT"', ["low", "high", "low"]),
        ('hitPolicy="RULE ORDER"', ["low", "high", "low"]),
        ('hitPolicy="OUTPUT ORDER"', ["high", "low", "low"]),
        ('hitPolicy="COLLECT" aggregation="COUNT"', 3),
        ('hitPolicy="COLLECT" aggregation="MAX"', "low"),
    ],
)
def test_hit_policies_of_several_hits(attributes: str, expected: object) -> None:
    rules = [(["> 0"], ['"low"']), (["> 1"], ['"high"']), (["> 2"], ['"low"'])]
    model = table({"n": "number"}, {"": 'string|"high", "low"'}, rules, attributes)
    assert decided(model, n=3) == expected


def test_a_violated_hit_policy_is_noted() -> None:
    rules = [(["> 0"], ["1"]), (["> 1"], ["2"])]
    found = table({"n": "number"}, {"": ""}, rules).explain("d", {"n": 2})
    assert found.value is None
    assert found.notes == ('rows 1 and 2 of table "d" match (hit policy "unique")',)


def test_a_default_stands_where_no_rule_matches() -> None:
    model = table({"n": "number"}, {"": 'string||"none"'}, [(["1"], ['"one"'])])
    assert decided(model, n=2) == "none"


def test_an_input_that_is_not_allowed_gives_null() -> None:
    model = table({"n": "number|[0..9]"}, {"": ""}, [(["-"], ["n"])])
    assert decided(model, n=9) == 9
    assert decided(model, n=10) is None
    assert model.explain("d", {"n": 10}).notes == (
        'input 1 of table "d" has a value that is not allowed',
    )


def test_a_mistake_in_a_cell_is_told_with_its_line() -> None:
    model = table({"n": "number"}, {"": ""}, [(["1 +"], ["1"])])
    (problem,) = model.problems
    assert problem.message.startswith('"d": CW301')
    assert problem.pointer == "d"
