"""Files that specs name: rows of records and of decision tables in CSV, holidays."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

from casewright.errors import Diagnostic, Span
from casewright.spec.pack_set import CsvFile, TextFile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casewright.spec.nodes import Node


def read_csv(
    named: Node, pack_root: Path, texts: Mapping[str, str] | None, limit_bytes: int
) -> tuple[CsvFile | None, list[Diagnostic]]:
    """Return the file that a scalar names, relative to the spec's own, and what is wrong with it.

    Args:
        named: the scalar.
        pack_root: the pack's folder; the file must lie in it.
        texts: the pack's texts by path, instead of files.
        limit_bytes: greatest size.
    """
    file, found = read_text(named, pack_root, texts, limit_bytes)
    return (None, found) if file is None else parse_csv(file.text, file.path)


def read_text(
    named: Node, pack_root: Path, texts: Mapping[str, str] | None, limit_bytes: int
) -> tuple[TextFile | None, list[Diagnostic]]:
    """Return the file that a scalar names as it is; arguments as those of :func:`read_csv`."""
    name = named.text()
    span = named.span
    path = Path(named.source.path).parent / name

    def refused(code: str, message: str, hint: str) -> tuple[None, list[Diagnostic]]:
        excerpt = named.source.line(span.line)
        return None, [Diagnostic(code, "error", message, span, "", hint, (), excerpt)]

    if not _lies_in(path, pack_root, texts):
        return refused("CW210", f'"{name}" lies outside the pack', "name a file of this pack")
    text = _text_of(path, texts, limit_bytes)
    if text is None:
        hint = f"name a UTF-8 file of at most {limit_bytes} bytes, relative to this one"
        return refused("CW211", f'cannot read "{name}"', hint)
    return TextFile(str(path), text), []


def _lies_in(path: Path, root: Path, texts: Mapping[str, str] | None) -> bool:
    try:
        if texts is not None:
            return ".." not in path.parts and not path.is_absolute()
        return path.resolve().is_relative_to(root.resolve())
    except (OSError, ValueError):
        return False


def _text_of(path: Path, texts: Mapping[str, str] | None, limit_bytes: int) -> str | None:
    if texts is not None:
        return texts.get(path.as_posix())
    try:
        if path.stat().st_size > limit_bytes:
            return None
        return path.read_bytes().decode("utf-8-sig")
    except (OSError, ValueError):
        return None


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
