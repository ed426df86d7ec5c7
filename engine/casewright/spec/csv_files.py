"""CSV files that specs name: rows of records and of decision tables."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from casewright.errors import Diagnostic, Span
from casewright.spec.pack_set import CsvFile

if TYPE_CHECKING:
    from pathlib import Path

    from casewright.spec.nodes import Node


def read_csv(
    named: Node, pack_root: Path, limit_bytes: int
) -> tuple[CsvFile | None, list[Diagnostic]]:
    """Return the file that a scalar names, relative to the pack, and what is wrong with it.

    Args:
        named: the scalar.
        pack_root: the pack's folder; the file must lie in it.
        limit_bytes: greatest size.
    """
    name = named.text()
    path = pack_root / name
    span = named.span

    def refused(code: str, message: str, hint: str = "") -> tuple[None, list[Diagnostic]]:
        excerpt = named.source.line(span.line)
        return None, [Diagnostic(code, "error", message, span, "", hint, (), excerpt)]

    try:
        if not path.resolve().is_relative_to(pack_root.resolve()):
            return refused("CW210", f'"{name}" lies outside the pack', "name a file of this pack")
        if path.stat().st_size > limit_bytes:
            return refused("CW211", f'"{name}" has more than {limit_bytes} bytes')
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, ValueError):
        return refused(
            "CW211", f'cannot read "{name}"', "name a UTF-8 file relative to the pack's folder"
        )
    return parse_csv(text, str(path))


def parse_csv(text: str, path: str) -> tuple[CsvFile | None, list[Diagnostic]]:
    """Return the rows of a CSV text (RFC 4180); empty lines do not count."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    found: list[Diagnostic] = []
    header: tuple[str, ...] | None = None
    rows: list[tuple[str, ...]] = []
    lines: list[int] = []
    begin = 1
    try:
        for row in reader:
            if header is None:
                header = tuple(cell.strip() for cell in row)
            elif row:
                if len(row) != len(header):
                    message = f"this row has {len(row)} cells, the first line has {len(header)}"
                    hint = "a cell with a comma is put in double quotes"
                    found.append(
                        Diagnostic("CW211", "error", message, Span(path, begin), hint=hint)
                    )
                rows.append(tuple(row))
                lines.append(begin)
            begin = reader.line_num + 1
    except csv.Error as err:
        found.append(Diagnostic("CW211", "error", f"no CSV: {err}", Span(path, begin)))
    if header is None:
        found.append(Diagnostic("CW211", "error", "the file is empty", Span(path)))
    if found or header is None:
        return None, found
    return CsvFile(path, header, tuple(rows), tuple(lines), text), []
