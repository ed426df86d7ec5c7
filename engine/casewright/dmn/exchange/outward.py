"""Tables of packs as a DMN model: a decision for each, input data for what they take.

What DMN has no word for, such as a column of references, is noted in attributes of a namespace of
our own; other modellers show the table without it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from casewright.dmn.definition import PLAIN_TYPES
from casewright.dmn.exchange.cells import expression_of, literal, test_of
from casewright.dmn.model.boxed import InputClause, OutputClause, Rule, TableBox, Text, Variable
from casewright.dmn.model.definition import DecisionNode, Definitions, InputData
from casewright.feel import FeelError, compile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from casewright.dmn.definition import InputColumn, OutputColumn, TableDefinition

TYPE_REFS = {
    "boolean": "boolean",
    "date": "date",
    "date_time": "date and time",
    "integer": "number",
    "number": "number",
    "string": "string",
    "text": "string",
    "reference": "string",
    "template": "string",
    "attachment": "string",
    "time": "time",
}
Notes = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PackTable:
    """A table of a pack with what people read about it."""

    definition: TableDefinition
    title: str = ""
    description: str = ""


def export_tables(name: str, tables: Sequence[PackTable]) -> Definitions:
    """Return a DMN model with a decision for each table; input data is shared by name.

    Args:
        name: of the model.
        tables: with names that differ.
    """
    kinds: dict[str, str] = {}
    for table in tables:
        for root, kind in _roots(table.definition):
            kinds[root] = kind if kinds.get(root, kind) == kind else ""
    return Definitions(
        name=name,
        namespace=f"urn:casewright:{name}",
        inputs=tuple(InputData(f"input_{n}", n, Variable(n, k)) for n, k in kinds.items()),
        decisions=tuple(_decision(table) for table in tables),
    )


def _roots(definition: TableDefinition) -> Iterator[tuple[str, str]]:
    """Yield what the inputs of a table read, each with its type."""
    for column in definition.inputs:
        if column.expression is None:
            yield column.name, type_ref_of(column)
            continue
        try:
            reads = compile(column.expression).reads
        except FeelError:
            reads = frozenset[tuple[str, ...]]()
        yield from ((root, "") for root in sorted({path[0] for path in reads}))


def _decision(table: PackTable) -> DecisionNode:
    definition = table.definition
    roots = dict.fromkeys(root for root, _ in _roots(definition))
    return DecisionNode(
        id=f"table_{definition.name}",
        name=definition.name,
        variable=Variable(definition.name),
        logic=table_box(definition),
        inputs=tuple(f"#input_{root}" for root in roots),
        description=table.description,
        label=table.title,
    )


def table_box(definition: TableDefinition) -> TableBox:
    """Return a table of a pack as a boxed expression."""
    inputs, outputs = definition.inputs, definition.outputs
    rules = tuple(
        Rule(
            tuple(Text(test_of(c, cell.text)) for c, cell in zip(inputs, row.inputs, strict=True)),
            tuple(
                Text(expression_of(c, cell.text))
                for c, cell in zip(outputs, row.outputs, strict=True)
            ),
        )
        for row in definition.rows
    )
    return TableBox(
        inputs=tuple(_input(column) for column in inputs),
        outputs=tuple(_output(column) for column in outputs),
        rules=rules,
        hit_policy=definition.hit_policy,
        aggregation=definition.aggregation,
    )


def type_ref_of(column: InputColumn | OutputColumn) -> str:
    """Return the type of DMN nearest to that of a column, an empty text for any."""
    if column.many:
        return ""
    if column.type == "choice":
        integers = bool(column.choices) and isinstance(column.choices[0], int)
        return "number" if integers else "string"
    return TYPE_REFS.get(column.type, "")


def derived_type(type_ref: str, *, choices: bool) -> str:
    """Return the type that a column of a DMN type has where no note says another."""
    if choices:
        return "choice"
    found = {ref: kind for kind, ref in reversed(TYPE_REFS.items())}
    return {**found, "number": "number", "string": "string"}.get(type_ref, "any")


def _notes(column: InputColumn | OutputColumn) -> Notes:
    derived = derived_type(type_ref_of(column), choices=bool(column.choices))
    default = "feel" if column.type not in PLAIN_TYPES else "text"
    found = {
        "type": column.type if column.type != derived else "",
        "to": column.to,
        "many": "true" if column.many else "",
        "cells": column.language if column.language != default else "",
    }
    return tuple((key, value) for key, value in sorted(found.items()) if value)


def _input(column: InputColumn) -> InputClause:
    named = (("name", column.name),) if column.expression is not None else ()
    return InputClause(
        expression=Text(column.expression or column.name),
        type_ref=type_ref_of(column),
        allowed=_choices(column),
        label=column.name,
        notes=tuple(sorted((*named, *_notes(column)))),
    )


def _output(column: OutputColumn) -> OutputClause:
    default = None
    if column.default is not None:
        default = Text(expression_of(column, column.default.text))
    return OutputClause(
        name=column.name,
        type_ref=type_ref_of(column),
        allowed=_choices(column),
        default=default,
        notes=_notes(column),
    )


def _choices(column: InputColumn | OutputColumn) -> Text | None:
    if not column.choices:
        return None
    return Text(", ".join(literal(choice) for choice in column.choices))
