"""The rows of a table as CSV text, as ``rules: {csv: file}`` reads them.

Source: RFC 4180, with line feeds alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from casewright.dmn.definition import TableDefinition


def csv_of(definition: TableDefinition) -> str:
    """Return the line of column names, inputs first, and a line for each row."""
    names = [c.name for c in definition.inputs] + [c.name for c in definition.outputs]
    lines = [_line(names)]
    lines += [_line(c.text for c in (*row.inputs, *row.outputs)) for row in definition.rows]
    return "".join(lines)


def _line(fields: Iterable[str]) -> str:
    return ",".join(map(_field, fields)) + "\n"


def _field(text: str) -> str:
    """Return a field; in quotes where it would read otherwise."""
    needs = any(sign in text for sign in ',;"\n\r\t')
    return '"' + text.replace('"', '""') + '"' if needs else text
