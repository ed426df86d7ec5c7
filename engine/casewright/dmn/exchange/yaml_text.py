"""A table of a pack as YAML text, its rows as a grid with ``|``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casewright.dmn.definition import InputColumn, OutputColumn, TableDefinition
    from casewright.dmn.exchange.outward import PackTable


def yaml_of(table: PackTable) -> str:
    """Return the spec of a table; reading it gives an equal definition."""
    definition = table.definition
    head: dict[str, Any] = {"kind": "decision_table", "name": definition.name}
    head |= {"title": table.title} if table.title else {}
    head |= {"description": table.description.strip()} if table.description.strip() else {}
    head["hit_policy"] = definition.hit_policy
    head |= {"aggregation": definition.aggregation} if definition.aggregation else {}
    lines = [f"{key}: {_flow(value)}" for key, value in head.items()]
    lines.append("inputs:" if definition.inputs else "inputs: {}")
    lines += [f"  {column.name}: {_flow(_column(column))}" for column in definition.inputs]
    lines.append("outputs:")
    lines += [f"  {column.name}: {_flow(_column(column))}" for column in definition.outputs]
    lines.append("rules: |")
    lines += [f"  {line}" for line in grid(definition)]
    return "\n".join(lines) + "\n"


def _flow(value: object) -> str:
    """Return a value as YAML on one line."""
    import yaml

    text = yaml.safe_dump(
        value, default_flow_style=True, sort_keys=False, allow_unicode=True, width=10_000_000
    )
    return text.removesuffix("...\n").strip()


def _column(column: InputColumn | OutputColumn) -> dict[str, Any]:
    found: dict[str, Any] = {"type": column.type}
    found |= {"choices": list(column.choices)} if column.choices else {}
    found |= {"to": column.to} if column.to else {}
    found |= {"many": True} if column.many else {}
    found |= {"cells": column.cells} if column.cells else {}
    expression = getattr(column, "expression", None)
    found |= {"expression": expression} if expression else {}
    default = getattr(column, "default", None)
    found |= {"default": default.text} if default is not None else {}
    return found


def grid(definition: TableDefinition) -> list[str]:
    """Return the line of column names and the rows, aligned."""
    left = [[c.name for c in definition.inputs]]
    right = [[c.name for c in definition.outputs]]
    left += [[_safe(cell.text) for cell in row.inputs] for row in definition.rows]
    right += [[_safe(cell.text) for cell in row.outputs] for row in definition.rows]
    sides = zip(_aligned(left), _aligned(right), strict=True)
    return [f"{one} || {other}".rstrip() for one, other in sides]


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return [" | ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in rows]


def _safe(cell: str) -> str:
    """Return a cell whose bars outside double quotes do not end it."""
    inside, made = False, ""
    for sign in cell:
        inside = inside != (sign == '"')
        made += "\\|" if sign == "|" and not inside else sign
    return made
