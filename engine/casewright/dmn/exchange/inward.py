"""Decision tables of a DMN model as tables of a pack.

A pack has tables and expressions, no boxed contexts or functions; what a model has beside its
tables is named as left out, with the reason.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from casewright.dmn.definition import (
    Cell,
    CellLanguage,
    InputColumn,
    OutputColumn,
    Row,
    TableDefinition,
)
from casewright.dmn.exchange.cells import cell_of, output_of
from casewright.dmn.exchange.outward import PackTable, derived_type
from casewright.dmn.literals import read_literals
from casewright.dmn.model.boxed import TableBox
from casewright.dmn.table import compile_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from casewright.dmn.model.boxed import At, Box, InputClause, OutputClause, Text
    from casewright.dmn.model.definition import Definitions


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A node that no table of a pack can stand for."""

    name: str
    reason: str
    at: At


def import_tables(definitions: Definitions) -> tuple[list[PackTable], list[LeftOut]]:
    """Return the decision tables of a model, and what is no table or cannot be one of a pack."""
    tables: list[PackTable] = []
    left_out: list[LeftOut] = []
    taken: set[str] = set()
    for name, title, description, logic, at in _logics(definitions):
        if not isinstance(logic, TableBox):
            left_out.append(LeftOut(name, "its logic is no decision table", at))
            continue
        if not logic.outputs:
            left_out.append(LeftOut(name, "its table has no output", at))
            continue
        definition = table_of(_free(snake(name), taken), logic)
        _, problems = compile_table(definition)
        errors = [p.message for p in problems if p.severity == "error"]
        if errors:
            left_out.append(LeftOut(name, f"in a pack {errors[0]}", at))
            continue
        taken.add(definition.name)
        shown = title or ("" if snake(name) == name else name)
        tables.append(PackTable(definition, shown, description))
    return tables, left_out


def _logics(definitions: Definitions) -> Iterator[tuple[str, str, str, Box | None, At]]:
    for node in definitions.decisions:
        yield node.name, node.label, node.description, node.logic, node.at
    for model in definitions.knowledge:
        body = model.logic.body if model.logic else None
        yield model.name, "", model.description, body, model.at


def table_of(name: str, box: TableBox) -> TableDefinition:
    """Return a boxed table as one of a pack; a column without plain form has FEEL cells."""
    names: set[str] = set()
    inputs: list[InputColumn] = []
    sides: list[list[Cell]] = []
    for at, clause in enumerate(box.inputs):
        column, cells = _input(clause, _column(box, at, is_input=True), names)
        inputs.append(column)
        sides.append(cells)
    outputs = [_output(c, at, len(box.outputs), name, names) for at, c in enumerate(box.outputs)]
    answers = [
        [Cell(output_of(column, text)) for text in _column(box, at, is_input=False)]
        for at, column in enumerate(outputs)
    ]
    rows = tuple(
        Row(tuple(side[at] for side in sides), tuple(side[at] for side in answers))
        for at in range(len(box.rules))
    )
    return TableDefinition(
        name=name,
        inputs=tuple(inputs),
        outputs=tuple(outputs),
        rows=rows,
        hit_policy=box.hit_policy,
        aggregation=box.aggregation,
    )


def _column(box: TableBox, at: int, *, is_input: bool) -> list[str]:
    found = [rule.inputs if is_input else rule.outputs for rule in box.rules]
    return [_line(texts[at]) if at < len(texts) else "" for texts in found]


def _line(text: Text) -> str:
    """Return a text on one line, as rows of a pack are."""
    without = re.sub(r"//[^\n]*\n", "\n", text.text + "\n") if "\n" in text.text else text.text
    return re.sub(r"\s*\n\s*", " ", without).strip()


def _input(
    clause: InputClause, texts: Sequence[str], names: set[str]
) -> tuple[InputColumn, list[Cell]]:
    notes = dict(clause.notes)
    text = _line(clause.expression)
    plain = re.fullmatch(r"[^\W\d][\w \-]*", text) is not None
    name = _free(notes.get("name") or snake(text if plain else clause.label or text), names)
    names.add(name)
    choices = _choices(clause.allowed)
    column = InputColumn(
        name=name,
        type=notes.get("type") or derived_type(clause.type_ref, choices=bool(choices)),
        cells=cast("CellLanguage | None", notes.get("cells")),
        choices=choices,
        to=notes.get("to", ""),
        many="many" in notes,
        expression=None if plain and "name" not in notes else text,
    )
    if column.language == "text":
        found = [cell_of(column, cell) for cell in texts]
        if None not in found:
            return column, [Cell(cell or "") for cell in found]
        column = replace(column, cells="feel")
    return column, [Cell("" if cell == "null" else cell or "-") for cell in texts]


def _output(clause: OutputClause, at: int, count: int, table: str, names: set[str]) -> OutputColumn:
    notes = dict(clause.notes)
    wanted = clause.name or clause.label or (table if count == 1 else f"output_{at + 1}")
    name = _free(snake(wanted), names)
    names.add(name)
    choices = _choices(clause.allowed)
    column = OutputColumn(
        name=name,
        type=notes.get("type") or derived_type(clause.type_ref, choices=bool(choices)),
        cells=cast("CellLanguage | None", notes.get("cells")),
        choices=choices,
        to=notes.get("to", ""),
        many="many" in notes,
    )
    if clause.default is None:
        return column
    return replace(column, default=Cell(output_of(column, _line(clause.default))))


def _choices(allowed: Text | None) -> tuple[str | int, ...]:
    """Return allowed values that are all texts or all integers, else nothing."""
    values = (read_literals(allowed.text) or []) if allowed is not None else []
    if all(isinstance(value, str) for value in values):
        return tuple(values)
    whole = all(isinstance(value, int) and not isinstance(value, bool) for value in values)
    return tuple(values) if whole else ()


def snake(name: str) -> str:
    """Return a name as packs write it: small letters, digits and underscores."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    found = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")
    return found if found[:1].isalpha() else f"t_{found}".rstrip("_")


def _free(name: str, taken: set[str]) -> str:
    made, count = name, 1
    while made in taken:
        count += 1
        made = f"{name}_{count}"
    return made
