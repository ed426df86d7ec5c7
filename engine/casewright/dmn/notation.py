"""The notations of a decision table in YAML, read into a definition.

``rules`` is a text with ``|`` and ``||``, a list of ``{when, then}``, or ``{csv: file}``. Every
cell keeps its place. Mistakes are collected, never raised: the definition that comes back then has
the rows that could be read. Files are not read here; the caller gives the text of a CSV file.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, cast

from casewright.dmn.definition import (
    AGGREGATIONS,
    COLUMN_TYPES,
    HIT_POLICIES,
    PLAIN_TYPES,
    Aggregation,
    Cell,
    CellLanguage,
    HitPolicy,
    InputColumn,
    OutputColumn,
    Place,
    Problem,
    Row,
    TableDefinition,
    quoted,
)
from casewright.dmn.text_table import Line, Piece, split_csv, split_lines

_POLICIES: dict[str, HitPolicy] = {
    **dict(zip(HIT_POLICIES, HIT_POLICIES, strict=True)),
    "u": "unique",
    "a": "any",
    "p": "priority",
    "f": "first",
    "c": "collect",
    "r": "rule order",
    "o": "output order",
}
_COLUMN_KEYS = frozenset(
    {"type", "choices", "cells", "expression", "to", "many", "default", "title", "description"}
)
_INTEGER = re.compile(r"-?\d+")


@dataclass(slots=True)
class _Reader:
    """What is being read: the names of the columns and the mistakes so far."""

    inputs: tuple[InputColumn, ...] = ()
    outputs: tuple[OutputColumn, ...] = ()
    problems: list[Problem] = field(default_factory=list[Problem])

    def report(self, code: str, message: str, place: Place, hint: str = "") -> None:
        self.problems.append(Problem(code, message, place, hint))


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
    reader = _Reader()
    hit_policy, aggregation = _hit_policy(reader, data)
    reader.inputs = _inputs(reader, data.get("inputs"))
    reader.outputs = _outputs(reader, data.get("outputs"))
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


def nearest(word: str, known: Sequence[str]) -> str:
    """Return the hint ``did you mean "x"?`` for a word near a known one, or an empty text."""
    folded = {name.casefold(): name for name in known}
    close = difflib.get_close_matches(word.casefold(), list(folded), n=1, cutoff=0.6)
    return f'did you mean "{folded[close[0]]}"?' if close else ""


def _hit_policy(reader: _Reader, data: Mapping[str, Any]) -> tuple[HitPolicy, Aggregation | None]:
    text = str(data.get("hit_policy", "unique"))
    words = text.replace("_", " ").split()
    tail = words.pop() if len(words) == 2 and words[0].casefold() in ("collect", "c") else ""
    if len(words) == 1 and re.fullmatch(r"[Cc][-+#<>]", words[0]):
        words, tail = ["collect"], words[0][1]
    policy = " ".join(words).casefold()
    known = _POLICIES.get(policy)
    if known is None:
        hint = nearest(policy, HIT_POLICIES) or f"one of {quoted(HIT_POLICIES)}"
        reader.report("CW601", f'unknown hit policy "{text}"', Place("/hit_policy"), hint)
        return "unique", None
    aggregation = str(data.get("aggregation") or tail).casefold()
    if not aggregation:
        return known, None
    found = AGGREGATIONS.get(aggregation)
    if found is None and aggregation in AGGREGATIONS.values():
        found = cast("Aggregation", aggregation)
    pointer = "/aggregation" if data.get("aggregation") else "/hit_policy"
    if found is None:
        hint = 'one of "+" or "sum", "#" or "count", "<" or "min", ">" or "max"'
        reader.report("CW601", f'unknown aggregation "{aggregation}"', Place(pointer), hint)
    elif known != "collect":
        message = f'hit policy "{known}" has no aggregation'
        reader.report("CW601", message, Place(pointer), f"write `hit_policy: collect {found}`")
    return known, found if known == "collect" else None


def _columns(reader: _Reader, side: str, raw: object) -> list[tuple[str, Mapping[str, Any], Place]]:
    pointer = f"/{side}"
    if raw is None:
        return []
    if not isinstance(raw, Mapping):
        hint = f"write `{side}: {{name: {{type: string}}}}`"
        reader.report("CW602", f"`{side}` is not a map of columns", Place(pointer), hint)
        return []
    columns: list[tuple[str, Mapping[str, Any], Place]] = []
    for key, value in cast("Mapping[object, object]", raw).items():
        name, place = str(key), Place(f"{pointer}/{escaped(str(key))}")
        body: object = {"type": value} if isinstance(value, str) else (value or {})
        if not isinstance(body, Mapping):
            reader.report("CW602", f'column "{name}" is not a map', place, "{type: string}")
            continue
        spec = cast("Mapping[str, Any]", body)
        for word in spec:
            if word not in _COLUMN_KEYS:
                hint = nearest(word, sorted(_COLUMN_KEYS))
                reader.report("CW602", f'unknown key "{word}" in column "{name}"', place, hint)
        columns.append((name, spec, place))
    return columns


def _type(reader: _Reader, name: str, spec: Mapping[str, Any], place: Place) -> str:
    kind = str(spec.get("type", "choice" if spec.get("choices") else "any"))
    if kind not in COLUMN_TYPES:
        hint = nearest(kind, sorted(COLUMN_TYPES)) or f"one of {quoted(sorted(COLUMN_TYPES))}"
        reader.report("CW602", f'column "{name}" has unknown type "{kind}"', place, hint)
        return "any"
    return kind


def _language(
    reader: _Reader, name: str, kind: str, spec: Mapping[str, Any], place: Place
) -> CellLanguage:
    said = spec.get("cells")
    if said not in (None, "feel", "text"):
        message = f'column "{name}" has cells "{said}"'
        reader.report("CW602", message, place, 'only "text" or "feel"')
    if said == "text" and kind not in PLAIN_TYPES:
        message = f'cells of column "{name}" cannot be plain text'
        hint = f"only those of types {quoted(sorted(PLAIN_TYPES))}"
        reader.report("CW602", message, place, hint)
    return "text" if said != "feel" and kind in PLAIN_TYPES else "feel"


def _choices(spec: Mapping[str, Any]) -> tuple[str | int, ...]:
    raw = spec.get("choices")
    if not isinstance(raw, Mapping | Sequence) or isinstance(raw, str):
        return ()
    texts = [str(choice) for choice in cast("Sequence[object]", raw)]
    if texts and all(_INTEGER.fullmatch(text) for text in texts):
        return tuple(int(text) for text in texts)
    return tuple(texts)


def _inputs(reader: _Reader, raw: object) -> tuple[InputColumn, ...]:
    inputs: list[InputColumn] = []
    for name, spec, place in _columns(reader, "inputs", raw):
        kind = _type(reader, name, spec, place)
        expression = spec.get("expression")
        inputs.append(
            InputColumn(
                name=name,
                type=kind,
                cells=_language(reader, name, kind, spec, place),
                choices=_choices(spec),
                to=str(spec.get("to") or ""),
                many=spec.get("many") is True,
                expression=None if expression is None else cell_text(expression, "text"),
                place=place,
            )
        )
    return tuple(inputs)


def _outputs(reader: _Reader, raw: object) -> tuple[OutputColumn, ...]:
    columns = _columns(reader, "outputs", raw)
    if not columns:
        hint = "write `outputs: {name: {type: string}}`"
        reader.report("CW602", "the table has no outputs", Place("/outputs"), hint)
    taken = {column.name for column in reader.inputs}
    outputs: list[OutputColumn] = []
    for name, spec, place in columns:
        if name in taken:
            hint = "a cell could not tell which is meant"
            reader.report("CW602", f'"{name}" is an input and an output', place, hint)
        kind = _type(reader, name, spec, place)
        language = _language(reader, name, kind, spec, place)
        default = None
        if spec.get("default") is not None:
            text = cell_text(spec["default"], language)
            default = Cell(text, Place(f"{place.pointer}/default"))
        outputs.append(
            OutputColumn(
                name=name,
                type=kind,
                cells=language,
                choices=_choices(spec),
                to=str(spec.get("to") or ""),
                many=spec.get("many") is True,
                default=default,
                place=place,
            )
        )
    return tuple(outputs)


def _rows(reader: _Reader, rules: object, read_csv: Callable[[str], str] | None) -> list[Row]:
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


def _text_rows(reader: _Reader, text: str) -> list[Row]:
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
    reader: _Reader,
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
            hint = nearest(piece.text, names) or f"the {side}s are {quoted(list(names))}"
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
    reader: _Reader, line: Line, inputs: Sequence[int | None], outputs: Sequence[int | None]
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


def _csv_rows(reader: _Reader, file: str, read_csv: Callable[[str], str] | None) -> list[Row]:
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


def _listed_row(reader: _Reader, number: int, rule: object) -> Row | None:
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
    reader: _Reader,
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
            hint = nearest(str(key), names) or f"the columns are {quoted(names)}"
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


def cell_text(value: object, language: CellLanguage) -> str:
    """Return a YAML value as the text of a cell: null is empty, a list its alternatives.

    Args:
        value: a scalar or a list of scalars. A text is taken as it is, an item of a list that is
            not plain is put in quotes.
        language: the language of the column's cells.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f")
    if isinstance(value, list | tuple):
        items = [cell_text(item, language) for item in cast("Sequence[object]", value)]
        if language == "text":
            return ", ".join(_item(item) for item in items)
        return "[" + ", ".join(item or "null" for item in items) + "]"
    return str(value).strip()


def _item(text: str) -> str:
    needs = not text or text in ("*", "-") or any(sign in text for sign in ',"()\\')
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"' if needs else text


def escaped(key: str) -> str:
    """Return a key as one step of a JSON Pointer."""
    return key.replace("~", "~0").replace("/", "~1")
