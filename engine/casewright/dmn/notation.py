"""The notations of a decision table in YAML, read into a definition.

``rules`` is a text with ``|`` and ``||``, a list of ``{when, then}``, or ``{csv: file}``. Every
cell keeps its place. Mistakes are collected, never raised: the definition that comes back then has
the rows that could be read. Files are not read here; the caller gives the text of a CSV file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from casewright.dmn.columns import (
    Reader,
    cell_text,
    escaped,
    read_hit_policy,
    read_inputs,
    read_outputs,
)
from casewright.dmn.definition import (
    Cell,
    CellLanguage,
    Place,
    Problem,
    Row,
    TableDefinition,
    quoted,
)
from casewright.dmn.text_table import Line, Piece, split_csv, split_lines
from casewright.feel.problems import suggestion


def read_definition(
    name: str,
    data: Mapping[str, Any],
    read_csv: Callable[[str], str] | None = None,
) -> tuple[TableDefinition, list[Problem]]:
    """Return the definition in the body of a ``decision_table`` spec, and what is wrong with it.

    Args:
        name: the table's name.
        data: the spec as plain data; keys that are not the table's own are left alone.
        read_csv: returns the text of a file named in ``{csv: ...}``; OSError or ValueError say
            that it cannot be read.

    Returns:
        The definition, with every row whose cells could be told apart, and the problems; the
        definition is only to be compiled for further problems if there are any.
    """
    reader = Reader()
    hit_policy, aggregation = read_hit_policy(reader, data)
    reader.inputs = read_inputs(reader, data.get("inputs"))
    reader.outputs = read_outputs(reader, data.get("outputs"))
    rows = _rows(reader, data.get("rules"), read_csv)
    definition = TableDefinition(
        name=name,
        inputs=reader.inputs,
        outputs=reader.outputs,
        rows=tuple(rows),
        hit_policy=hit_policy,
        aggregation=aggregation,
        place=Place("/hit_policy" if "hit_policy" in data else ""),
    )
    return definition, reader.problems


def _rows(reader: Reader, rules: object, read_csv: Callable[[str], str] | None) -> list[Row]:
    place = Place("/rules")
    if isinstance(rules, str):
        return _text_rows(reader, rules)
    if isinstance(rules, Mapping) and "csv" in rules:
        return _csv_rows(reader, str(cast("Mapping[str, Any]", rules)["csv"]), read_csv)
    if isinstance(rules, Sequence):
        listed = cast("Sequence[object]", rules)
        found = [_listed_row(reader, number, rule) for number, rule in enumerate(listed)]
        return [row for row in found if row is not None]
    hint = "write a text table, a list of {when, then}, or {csv: file.csv}"
    message = "the table has no rules" if rules is None else "`rules` cannot be read as rules"
    reader.report("CW603", message, place, hint)
    return []


def _text_rows(reader: Reader, text: str) -> list[Row]:
    lines = split_lines(text)
    if not lines:
        hint = "the first line names the columns: `input | input || output`"
        reader.report("CW603", "the table has no rules", Place("/rules"), hint)
        return []
    header, body = lines[0], lines[1:]
    at = _span("/rules")
    if header.right is None:
        hint = "the first line names the inputs, then `||`, then the outputs"
        place = Place("/rules", header.start, header.end)
        reader.report("CW603", "the line of column names has no `||`", place, hint)
        return []
    inputs = _header(reader, header.left, [c.name for c in reader.inputs], "input", at)
    outputs = _header(reader, header.right, [c.name for c in reader.outputs], "output", at)
    rows = [_text_row(reader, line, inputs, outputs) for line in body]
    return [row for row in rows if row is not None]


def _span(pointer: str, file: str = "") -> Callable[[Piece], Place]:
    return lambda piece: Place(pointer, piece.start, piece.end, file)


def _header(
    reader: Reader,
    pieces: Sequence[Piece],
    names: Sequence[str],
    side: str,
    at: Callable[[Piece], Place],
) -> list[int | None]:
    """Return for each written column its position among the declared ones, or None."""
    positions: list[int | None] = []
    for piece in pieces:
        found = names.index(piece.text) if piece.text in names else None
        if found is None and (piece.text or len(pieces) > 1 or names):
            hint = suggestion(piece.text, names) or f"the {side}s are {quoted(list(names))}"
            reader.report("CW605", f'unknown {side} column "{piece.text}"', at(piece), hint)
        elif found is not None and found in positions:
            reader.report("CW605", f'column "{piece.text}" stands twice', at(piece))
            found = None
        positions.append(found)
    missing = [name for index, name in enumerate(names) if index not in positions]
    if missing and pieces and None not in positions:
        message = f"no column for {side} {quoted(missing)}"
        reader.report("CW605", message, at(pieces[-1]), "each declared column needs one")
    return positions


def _text_row(
    reader: Reader, line: Line, inputs: Sequence[int | None], outputs: Sequence[int | None]
) -> Row | None:
    place = Place("/rules", line.start, line.end)
    if line.right is None:
        hint = "`||` stands between the last input and the first output"
        reader.report("CW603", "the row has no `||`", place, hint)
        return None
    fits = True
    for side, cells, columns in (
        ("before", line.left, inputs),
        ("behind", line.right, outputs),
    ):
        if len(cells) != len(columns):
            message = f"{len(cells)} cells {side} `||` for {len(columns)} columns"
            hint = "one cell for each column; inside a cell `|` is written `\\|` or in quotes"
            reader.report("CW604", message, place, hint)
            fits = False
    if not fits:
        return None
    at = _span("/rules")
    return Row(
        _ordered(line.left, inputs, len(reader.inputs), at, place, "-"),
        _ordered(line.right, outputs, len(reader.outputs), at, place, ""),
        place,
    )


def _ordered(
    pieces: Sequence[Piece],
    positions: Sequence[int | None],
    count: int,
    at: Callable[[Piece], Place],
    row: Place,
    absent: str,
) -> tuple[Cell, ...]:
    """Return the cells in the order of the declared columns; one that is not written is absent."""
    cells = [Cell(absent, row)] * count
    for piece, position in zip(pieces, positions, strict=True):
        if position is not None:
            cells[position] = Cell(piece.text, at(piece))
    return tuple(cells)


def _csv_rows(reader: Reader, file: str, read_csv: Callable[[str], str] | None) -> list[Row]:
    place = Place("/rules/csv")
    if read_csv is None:
        reader.report("CW603", f'no file "{file}" can be read here', place)
        return []
    try:
        records = split_csv(read_csv(file))
    except (OSError, ValueError) as err:
        reader.report("CW603", f'cannot read "{file}": {err}', place)
        return []
    if not records:
        reader.report("CW603", f'"{file}" has no line of column names', place)
        return []
    at = _span("/rules/csv", file)
    names = [c.name for c in reader.inputs] + [c.name for c in reader.outputs]
    columns = _header(reader, records[0], names, "table", at)
    rows: list[Row] = []
    for record in records[1:]:
        here = Place("/rules/csv", record[0].start, record[-1].end, file)
        if len(record) != len(columns):
            message = f"{len(record)} cells for {len(columns)} columns"
            hint = "a cell with a comma is written in double quotes"
            reader.report("CW604", message, here, hint)
            continue
        cells = _ordered(record, columns, len(names), at, here, "-")
        width = len(reader.inputs)
        rows.append(Row(cells[:width], cells[width:], here))
    return rows


def _listed_row(reader: Reader, number: int, rule: object) -> Row | None:
    pointer = f"/rules/{number}"
    row = cast("Mapping[str, object]", rule) if isinstance(rule, Mapping) else None
    if row is None or not set(row) <= {"when", "then", "description"}:
        message = "a rule is a map of `when` and `then`"
        reader.report(
            "CW603", message, Place(pointer), "{when: {input: cell}, then: {output: value}}"
        )
        return None
    when = _listed_cells(
        reader,
        row.get("when"),
        f"{pointer}/when",
        [(c.name, c.language) for c in reader.inputs],
        "-",
    )
    then = _listed_cells(
        reader,
        row.get("then"),
        f"{pointer}/then",
        [(c.name, c.language) for c in reader.outputs],
        "",
    )
    return Row(when, then, Place(pointer))


def _listed_cells(
    reader: Reader,
    raw: object,
    pointer: str,
    columns: Sequence[tuple[str, CellLanguage]],
    absent: str,
) -> tuple[Cell, ...]:
    none: dict[str, object] = {}
    values = cast("Mapping[str, object]", raw) if isinstance(raw, Mapping) else none
    if raw is not None and not isinstance(raw, Mapping):
        reader.report("CW603", "not a map of cells by column", Place(pointer))
    names = [name for name, _ in columns]
    for key in values:
        if key not in names:
            hint = suggestion(str(key), names) or f"the columns are {quoted(names)}"
            place = Place(f"{pointer}/{escaped(str(key))}")
            reader.report("CW605", f'unknown column "{key}"', place, hint)
    cells: list[Cell] = []
    for name, language in columns:
        place = Place(f"{pointer}/{escaped(name)}")
        if name not in values:
            cells.append(Cell(absent, Place(pointer)))
        elif isinstance(values[name], Mapping):
            reader.report("CW604", "a cell is a text, a number, true, false, or a list", place)
            cells.append(Cell(absent, place))
        else:
            cells.append(Cell(cell_text(values[name], language), place))
    return tuple(cells)
