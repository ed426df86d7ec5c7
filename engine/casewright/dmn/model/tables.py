"""Decision tables of a model: boxed, put into the compiler of tables.

A table of DMN differs from one of a pack in three ways that are evened out here: an input is an
expression in the scope around the table, an empty input cell asks nothing, and the value of a
single output is the result.

Source: DMN 1.5, chapter 8.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casewright.dmn.definition import Cell, InputColumn, OutputColumn, Place, Row, TableDefinition
from casewright.dmn.hit_policy import HitPolicyError
from casewright.dmn.model.notes import note
from casewright.dmn.model.problems import LOGIC
from casewright.dmn.table import compile_table
from casewright.feel import FeelError, compile_unary
from casewright.feel.types import ANY, NUMBER, ContextType, ListType, Member, Type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casewright.dmn.definition import Problem
    from casewright.dmn.model.boxed import TableBox, Text
    from casewright.dmn.model.item_types import ItemType
    from casewright.dmn.model.logic import Compiled, Logic
    from casewright.dmn.model.scopes import Code, Frame, Places
    from casewright.dmn.table import Table
    from casewright.feel import Budget, UnaryTests


def compile_box(logic: Logic, box: TableBox, places: Places) -> Compiled:
    """Return the code of a boxed decision table and the type of its result."""
    inputs = [logic.text(clause.expression, places) for clause in box.inputs]
    kinds = [logic.types.of(clause.type_ref, box.at) for clause in box.inputs]
    fitted = [logic.fitted(*made, kind) for made, kind in zip(inputs, kinds, strict=True)]
    gives = [logic.types.of(clause.type_ref, box.at) for clause in box.outputs]
    tests = [
        _tests(logic, clause.allowed, places, kind.feel)
        for clause, kind in zip(box.inputs, kinds, strict=True)
    ]
    definition = table_definition(box, places, logic.problems.within or "decision table")
    types = {c.name: kind for c, (_, kind) in zip(definition.inputs, fitted, strict=True)}
    table, problems = compile_table(definition, places.scope, column_types=types)
    if table is None:
        _report(logic, box, problems)
        return _no_table, ANY
    codes = [code for code, _ in fitted]
    return _deciding(table, codes, tests, _Outputs(definition, gives)), _result(box, gives)


def _no_table(frame: Frame, b: Budget) -> Any:
    """Give null, for a table that has mistakes."""


def table_definition(box: TableBox, places: Places, name: str) -> TableDefinition:
    """Return the table as the compiler of tables takes it, its columns named so as to hide nothing.

    Pointers of its places are ``/rules/i/inputs/j`` and so on.
    """
    single = len(box.outputs) == 1
    inputs: list[InputColumn] = []
    for number, clause in enumerate(box.inputs, 1):
        text = " ".join(clause.expression.text.split())
        known = text in places.scope.names and all(text != column.name for column in inputs)
        inputs.append(
            InputColumn(
                name=text if known else places.free_name(f"input {number}"),
                place=Place(f"/inputs/{number - 1}"),
            )
        )
    outputs = tuple(
        OutputColumn(
            name=clause.name or clause.label or ("" if single else f"output {number}"),
            allowed=clause.allowed.text if clause.allowed else None,
            default=_cell(clause.default, f"/outputs/{number - 1}/default", "")
            if clause.default
            else None,
            place=Place(f"/outputs/{number - 1}"),
        )
        for number, clause in enumerate(box.outputs, 1)
    )
    rows = tuple(
        Row(
            _cells(rule.inputs, len(inputs), f"/rules/{number}/inputs", "-"),
            _cells(rule.outputs, len(outputs), f"/rules/{number}/outputs", ""),
            Place(f"/rules/{number}"),
        )
        for number, rule in enumerate(box.rules)
    )
    return TableDefinition(
        name=name,
        inputs=tuple(inputs),
        outputs=outputs,
        rows=rows,
        hit_policy=box.hit_policy,
        aggregation=box.aggregation,
        bare=single,
    )


def _cells(texts: Sequence[Text], count: int, pointer: str, empty: str) -> tuple[Cell, ...]:
    """Return as many cells as there are columns; what is not written is empty."""
    cells = [_cell(text, f"{pointer}/{at}", empty) for at, text in enumerate(texts[:count])]
    return (*cells, *(Cell(empty, Place(pointer)) for _ in range(count - len(cells))))


def _cell(text: Text, pointer: str, empty: str) -> Cell:
    return Cell(text.text.strip() or empty, Place(pointer))


def _tests(logic: Logic, allowed: Text | None, places: Places, kind: Type) -> UnaryTests | None:
    if allowed is None or not allowed.text.strip():
        return None
    try:
        return compile_unary(allowed.text, places.scope, kind)
    except FeelError as err:
        logic.problems.report_feel(err, allowed)
        return None


class _Outputs:
    """Makes results of the declared types of the outputs."""

    def __init__(self, definition: TableDefinition, kinds: Sequence[ItemType]) -> None:
        self._names = [column.name for column in definition.outputs]
        self._kinds = kinds
        self._bare = definition.bare
        self._raw = definition.aggregation is not None
        self._plain = all(kind.feel is ANY and not kind.tests for kind in kinds)

    def fitted(self, result: Any, b: Budget) -> Any:
        """Return a result, or a list of results, with values of the declared types."""
        if result is None or self._plain or self._raw:
            return result
        if self._bare:
            return self._kinds[0].coerced(result, b)
        pairs = zip(self._names, self._kinds, strict=True)
        return {name: kind.coerced(result.get(name), b) for name, kind in pairs}


def _deciding(
    table: Table, codes: Sequence[Code], tests: Sequence[UnaryTests | None], outputs: _Outputs
) -> Code:
    several = table.answers.several

    def decide(frame: Frame, b: Budget) -> Any:
        args = tuple(code(frame, b) for code in codes)
        for at, (test, value) in enumerate(zip(tests, args, strict=True), 1):
            if test is not None and not test.true(frame, b, value):
                note(b, f'input {at} of table "{table.name}" has a value that is not allowed')
                return None
        try:
            result = table.decide(frame, b, args)
        except HitPolicyError as err:
            note(b, err.message)
            return None
        if several and isinstance(result, list):
            return [outputs.fitted(item, b) for item in result]  # pyright: ignore[reportUnknownVariableType]  a list of anything
        return outputs.fitted(result, b)

    return decide


def _result(box: TableBox, gives: Sequence[ItemType]) -> Type:
    if box.aggregation == "count":
        return NUMBER
    if len(gives) == 1:
        result: Type = ANY if box.aggregation else gives[0].feel
    else:
        members = {c.name: Member(k.feel) for c, k in zip(box.outputs, gives, strict=True)}
        result = ContextType(members, closed=False)
    several = box.hit_policy in ("collect", "rule order", "output order")
    return ListType(result) if several and box.aggregation is None else result


def _report(logic: Logic, box: TableBox, problems: Sequence[Problem]) -> None:
    """Report the problems of a table at the cells of the file."""
    for problem in problems:
        text = _written(box, problem.place.pointer)
        at = text.at if text is not None else box.at
        logic.problems.report(LOGIC, f"{problem.code} {problem.message}", at, problem.hint)


def _written(box: TableBox, pointer: str) -> Text | None:
    """Return the text that a pointer of :func:`table_definition` means, or None."""
    parts = pointer.split("/")[1:]
    if len(parts) != 4 or parts[0] != "rules":
        return None
    rule = box.rules[int(parts[1])]
    texts = rule.inputs if parts[2] == "inputs" else rule.outputs
    return texts[int(parts[3])] if int(parts[3]) < len(texts) else None
