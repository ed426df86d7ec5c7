"""Boxed expressions and types: each kind gives what DMN says, and what does not fit is null."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from casewright import dmn, feel
from casewright.errors import SpecError

if TYPE_CHECKING:
    from casewright.dmn.model import Model

MODEL = "https://www.omg.org/spec/DMN/20230324/MODEL/"


def literal(text: str) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    return f"<literalExpression><text>{escaped}</text></literalExpression>"


def model_of(logic: str, kind: str = "", more: str = "", inputs: tuple[str, ...] = ()) -> Model:
    data = "".join(
        f'<inputData id="i_{n}" name="{n}"><variable name="{n}" typeRef="{t}"/></inputData>'
        for n, _, t in (i.partition(":") for i in inputs)
    )
    needs = "".join(
        f'<informationRequirement><requiredInput href="#i_{n}"/></informationRequirement>'
        for n, _, _ in (i.partition(":") for i in inputs)
    )
    return dmn.load(
        f'<definitions xmlns="{MODEL}" name="m" namespace="urn:m">{more}{data}'
        f'<decision id="d" name="d"><variable name="d" typeRef="{kind}"/>{needs}{logic}</decision>'
        "</definitions>"
    )


def value_of(logic: str, kind: str = "", more: str = "", **inputs: Any) -> Any:
    model = model_of(logic, kind, more, tuple(inputs))
    assert not model.problems
    return model.evaluate("d", inputs)


def entry(name: str, logic: str, kind: str = "") -> str:
    variable = f'<variable name="{name}" typeRef="{kind}"/>' if name else ""
    return f"<contextEntry>{variable}{logic}</contextEntry>"


def test_an_entry_of_a_context_sees_those_before_it() -> None:
    found = value_of(
        f"<context>{entry('first part', literal('2'))}"
        f"{entry('b', literal('first part * 3'))}</context>"
    )
    assert found == {"first part": 2, "b": 6}


def test_an_entry_without_a_name_is_the_result_of_its_context() -> None:
    logic = f"<context>{entry('a', literal('n + 1'))}{entry('', literal('a * 2'))}</context>"
    assert value_of(logic, n=4) == 10


def test_an_entry_that_is_not_of_its_type_is_null() -> None:
    logic = f"<context>{entry('a', literal('[1]'), 'number')}{entry('b', literal('1'), 'string')}"
    assert value_of(logic + "</context>") == {"a": 1, "b": None}


def test_a_function_in_a_context_sees_what_is_before_it_and_is_called_later() -> None:
    body = (
        '<functionDefinition><formalParameter name="x" typeRef="number"/>'
        f"{literal('x * factor')}</functionDefinition>"
    )
    logic = (
        f"<context>{entry('factor', literal('3'))}{entry('times', body)}"
        f"{entry('late', literal('1'))}{entry('', literal('times(5)'))}</context>"
    )
    assert value_of(logic) == 15


@pytest.mark.parametrize(
    ("bindings", "expected"),
    [({"a": "5", "b": "3"}, 2), ({"b": "5", "a": "3"}, -2), ({"a": "5", "c": "3"}, None)],
)
def test_an_invocation_binds_arguments_by_name(
    bindings: dict[str, str], expected: int | None
) -> None:
    bound = "".join(
        f'<binding><parameter name="{n}"/>{literal(t)}</binding>' for n, t in bindings.items()
    )
    logic = f"<invocation>{literal('function(a, b) a - b')}{bound}</invocation>"
    assert value_of(logic) == expected


def test_a_list_holds_boxes_of_any_kind() -> None:
    inner = f"<list>{literal('2')}</list>"
    assert value_of(f"<list>{literal('1')}{inner}</list>") == [1, [2]]


PEN, BOOK, DEAR = literal('"pen"'), literal('"book"'), literal('"dear"')
LESS, MORE = literal('"less"'), literal('"more"')
RELATION = (
    '<relation><column name="item name"/><column name="price" typeRef="number"/>'
    f"<row>{PEN}{literal('2')}</row>"
    f"<row>{BOOK}{DEAR}</row></relation>"
)


def test_a_relation_is_a_list_of_contexts_with_typed_columns() -> None:
    assert value_of(RELATION) == [
        {"item name": "pen", "price": 2},
        {"item name": "book", "price": None},
    ]


@pytest.mark.parametrize(("n", "expected"), [(1, "less"), (5, "more"), (None, "more")])
def test_a_conditional_takes_the_second_unless_the_condition_is_true(
    n: int | None, expected: str
) -> None:
    logic = (
        f"<conditional><if>{literal('n < 3')}</if><then>{LESS}</then>"
        f"<else>{MORE}</else></conditional>"
    )
    assert value_of(logic, n=n) == expected


@pytest.mark.parametrize(
    ("match", "expected"),
    [
        ("item name = \"pen\"", [{"item name": "pen", "price": 2}]),
        ("item.price = null", [{"item name": "book", "price": None}]),
        ("price > 1", [{"item name": "pen", "price": 2}]),
        ("-1", {"item name": "book", "price": None}),
        ("price > 1 // a remark", [{"item name": "pen", "price": 2}]),
    ],
)  # fmt: skip
def test_a_filter_knows_item_and_its_entries(match: str, expected: object) -> None:
    logic = f"<filter><in>{RELATION}</in><match>{literal(match)}</match></filter>"
    assert value_of(logic) == expected


def test_the_condition_of_a_filter_may_be_a_box() -> None:
    is_pen = literal('item name = "pen"')
    match = (
        f"<conditional><if>{literal('price = null')}</if><then>{literal('false')}</then>"
        f"<else>{is_pen}</else></conditional>"
    )
    logic = f"<filter><in>{RELATION}</in><match>{match}</match></filter>"
    assert value_of(logic) == [{"item name": "pen", "price": 2}]


def loop(kind: str, source: str, body: str) -> str:
    tag = "return" if kind == "for" else "satisfies"
    return (
        f'<{kind} iteratorVariable="x"><in>{literal(source)}</in><{tag}>{literal(body)}</{tag}>'
        f"</{kind}>"
    )


@pytest.mark.parametrize(
    ("logic", "expected"),
    [
        (loop("for", "[1, 2, 3]", "x * 2"), [2, 4, 6]),
        (loop("for", "[1..3]", "x + count(partial)"), [1, 3, 5]),
        (loop("for", "null", "x"), None),
        (loop("some", "[1, 2]", "x > 1"), True),
        (loop("some", "[1, 2]", "x > 2"), False),
        (loop("some", "[1, null]", "x > 2"), None),
        (loop("every", "[1, 2]", "x > 0"), True),
        (loop("every", "[1, 2]", "x > 1"), False),
        (loop("every", "[]", "false"), True),
        (loop("every", "[1]", '"no truth"'), None),
    ],
)
def test_loops_give_what_their_literal_forms_do(logic: str, expected: object) -> None:
    assert value_of(logic) == expected


def test_a_decision_without_logic_is_null() -> None:
    assert value_of("") is None


def test_another_expression_language_is_a_problem() -> None:
    model = model_of(
        '<literalExpression expressionLanguage="urn:js"><text>1</text></literalExpression>'
    )
    assert [p.message for p in model.problems] == ['"d": expressions in "urn:js" are not evaluated']


# Types

TYPES = (
    '<itemDefinition name="tLevel"><typeRef>string</typeRef><allowedValues>'
    "<text>\"low\", \"high\"</text></allowedValues></itemDefinition>"
    '<itemDefinition name="tLevels" isCollection="true"><typeRef>tLevel</typeRef>'
    "<typeConstraint><text>count(?) &lt; 3</text></typeConstraint></itemDefinition>"
    '<itemDefinition name="tPerson"><itemComponent name="full name"><typeRef>string</typeRef>'
    '</itemComponent><itemComponent name="age"><typeRef>number</typeRef><allowedValues>'
    "<text>&gt;= 0</text></allowedValues></itemComponent></itemDefinition>"
    '<itemDefinition name="tTree"><itemComponent name="value"><typeRef>number</typeRef>'
    '</itemComponent><itemComponent name="children" isCollection="true"><typeRef>tTree</typeRef>'
    "</itemComponent></itemDefinition>"
)  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("tLevel", '"low"', "low"),
        ("tLevel", '"medium"', None),
        ("tLevel", '["high"]', "high"),
        ("tLevels", '["low", "high"]', ["low", "high"]),
        ("tLevels", '"low"', ["low"]),
        ("tLevels", '["low", "medium"]', None),
        ("tLevels", '["low", "low", "low"]', None),
        ("tPerson", '{full name: "A", age: 3}', {"full name": "A", "age": 3}),
        ("tPerson", '{full name: "A", age: -3}', None),
        ("tPerson", '{full name: "A"}', None),
        ("tTree", "{value: 1, children: [{value: 2, children: []}]}",
            feel.evaluate("{value: 1, children: [{value: 2, children: []}]}")),
        ("date and time", 'date("2026-01-31")', feel.evaluate('@"2026-01-31T00:00:00Z"')),
        ("feel:number", "1", 1),
    ],
)  # fmt: skip
def test_a_result_is_made_to_fit_its_item_definition(
    kind: str, text: str, expected: object
) -> None:
    assert value_of(literal(text), kind, TYPES) == expected


def test_item_definitions_can_be_asked_for_in_expressions() -> None:
    logic = literal('{full name: "A", age: 3} instance of tPerson')
    assert value_of(logic, more=TYPES) is True


def test_names_of_components_may_have_blanks() -> None:
    model = model_of(literal("p.full name"), "", TYPES, ("p:tPerson",))
    assert model.evaluate("d", {"p": {"full name": "Ann", "age": 4}}) == "Ann"


def test_an_unknown_type_is_a_problem_at_its_place() -> None:
    model = model_of(literal("1"), "tGone")
    assert [p.message for p in model.problems] == ['unknown type "tGone"']


# What FEEL had to learn for it


def test_overlaps_after_is_the_mirror_of_overlaps_before() -> None:
    assert feel.evaluate("overlaps after((1..5], [1..5])") is True
    assert feel.evaluate("overlaps after([1..5], [1..5))") is False


# Reading


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<a", "no XML: unclosed token"),
        ('<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "a document type is not allowed"),
        ("<a>" * 300 + "</a>" * 300, "nested more than 120 deep"),
        ("<html/>", 'no DMN model: the root is "html"'),
        (f'<definitions xmlns="{MODEL}"><decision id="a"/></definitions>', "without a name"),
        (
            (
                f'<definitions xmlns="{MODEL}"><decision id="a" name="a"/>'
                '<inputData id="a" name="b"/></definitions>'
            ),
            'the id "a" is given twice',
        ),
        (
            (
                f'<definitions xmlns="{MODEL}"><decision id="a" name="a"><decisionTable'
                ' hitPolicy="LAST"/></decision></definitions>'
            ),
            'unknown hit policy "LAST"',
        ),
    ],
)
def test_what_is_no_dmn_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(SpecError, match=message) as caught:
        dmn.load(text)
    assert caught.value.diagnostics[0].span is not None
