"""Rows and cells of a table written as text: the ``|`` notation and CSV, with offsets.

Only the splitting lives here; which column a cell belongs to is decided in ``notation.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Piece:
    """A cell's text without the blanks around it, and its offsets in the whole text."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a text table.

    Attributes:
        left: the cells before ``||``.
        right: those behind it, or None where the line has no ``||``.
        start: offset of the first character that is not blank.
        end: offset behind the last one.
    """

    left: tuple[Piece, ...]
    right: tuple[Piece, ...] | None
    start: int
    end: int


def split_lines(text: str) -> list[Line]:
    """Return the lines of a ``|`` table; blank lines, ``#`` lines and rulers are left out.

    A ``|`` inside double quotes or behind a backslash belongs to its cell. Where the first line
    begins with ``|``, as in Markdown, all lines do, and may end with it; else a line that begins
    with it has an empty first cell.
    """
    lines: list[Line] = []
    framed: bool | None = None
    offset = 0
    for raw in text.splitlines(keepends=True):
        content = raw.strip()
        if content and not content.startswith("#") and not _is_ruler(content):
            start = offset + raw.index(content[0])
            if framed is None:
                framed = content.startswith("|") and not content.startswith("||")
            lines.append(_line(content, start, framed=framed))
        offset += len(raw)
    return lines


def _is_ruler(content: str) -> bool:
    return "---" in content and not content.strip("-+|: ")


def _line(content: str, start: int, *, framed: bool) -> Line:
    whole = (start, start + len(content))
    cells, border = _cut(content, start)
    if framed and content.startswith("|"):
        cells.pop(0)
        border = None if border is None else border - 1
        if content.endswith("|") and not content.endswith("||") and not cells[-1].text:
            cells.pop()
    if border is None:
        return Line(tuple(cells), None, *whole)
    return Line(tuple(cells[:border]), tuple(cells[border:]), *whole)


def _cut(content: str, start: int) -> tuple[list[Piece], int | None]:
    """Return the cells, and how many stand before the first ``||``."""
    cells: list[Piece] = []
    border: int | None = None
    begin = at = 0
    in_quotes = False
    while at < len(content):
        sign = content[at]
        if sign == "\\" and at + 1 < len(content):
            at += 1
        elif sign == '"':
            in_quotes = not in_quotes
        elif sign == "|" and not in_quotes:
            cells.append(_piece(content, begin, at, start))
            if content[at + 1 : at + 2] == "|" and border is None:
                border = len(cells)
                at += 1
            begin = at + 1
        at += 1
    cells.append(_piece(content, begin, len(content), start))
    return cells, border


def _piece(content: str, begin: int, end: int, offset: int) -> Piece:
    raw = content[begin:end]
    text = raw.strip()
    lead = len(raw) - len(raw.lstrip()) if text else 0
    start = offset + begin + lead
    return Piece(text.replace("\\|", "|"), start, start + len(text))


def split_csv(text: str) -> list[tuple[Piece, ...]]:
    """Return the records of CSV text (RFC 4180), blank ones left out.

    The separator is a comma, or a semicolon or tab if the first line has that and no comma.
    """
    first, _, _ = text.partition("\n")
    separator = "," if "," in first else ";" if ";" in first else "\t" if "\t" in first else ","
    records: list[tuple[Piece, ...]] = []
    record: list[Piece] = []
    for piece, ends in _csv_fields(text.removeprefix("\ufeff"), separator):
        record.append(piece)
        if ends:
            if any(field.text for field in record):
                records.append(tuple(record))
            record = []
    return records


def _csv_fields(text: str, separator: str) -> Iterator[tuple[Piece, bool]]:
    at = 0
    while at < len(text):
        start = at
        if text[at] == '"':
            value, at = _csv_quoted(text, at + 1, separator)
        else:
            while at < len(text) and text[at] not in (separator, "\n"):
                at += 1
            value = text[start:at]
        yield Piece(value.strip(), start, at), text[at : at + 1] != separator
        if text[at : at + 1] == separator and at + 1 == len(text):
            yield Piece("", at + 1, at + 1), True
        at += 1


def _csv_quoted(text: str, at: int, separator: str) -> tuple[str, int]:
    """Return the value of a quoted field and the offset of the separator behind it."""
    parts: list[str] = []
    while at < len(text):
        end = text.find('"', at)
        end = len(text) if end < 0 else end
        parts.append(text[at:end])
        if text[end + 1 : end + 2] != '"':
            at = end + 1
            break
        parts.append('"')
        at = end + 2
    while at < len(text) and text[at] not in (separator, "\n"):
        at += 1
    return "".join(parts), at
