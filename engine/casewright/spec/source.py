"""Reading YAML, with the place of everything.

YAML is read as YAML 1.2 core with fewer surprises: only ``true`` and ``false`` are booleans, a
number with leading zeros, a time and a date stay the text that was typed, every key of a map is a
text. Tags, repeated keys, endless aliases and deep nesting are diagnostics with a place. All
documents and all mistakes of a file are read in one go. What the data means is not known here.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from casewright.errors import Diagnostic, Span
from casewright.spec.nodes import DEFAULT_LIMITS, Document, Limits, Source
from casewright.spec.reading import Reader


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a file holds.

    Attributes:
        source: the text; None where the file cannot be read.
        documents: those that could be read, in order.
        diagnostics: mistakes, in file order.
        is_whole: no document was lost to a mistake.
    """

    source: Source | None
    documents: tuple[Document, ...]
    diagnostics: tuple[Diagnostic, ...]
    is_whole: bool = True


def load(where: Path | str, limits: Limits = DEFAULT_LIMITS) -> Loaded:
    """Return what a file (a path) or a text (a string) holds; never raises."""
    if isinstance(where, Path):
        return load_file(where, limits=limits)
    return load_text(where, limits=limits)


def load_file(
    path: Path, shown: str = "", pack: str = "", limits: Limits = DEFAULT_LIMITS
) -> Loaded:
    """Return what a file holds.

    Args:
        path: the file.
        shown: how messages name it; the path unless given.
        pack: the pack that it belongs to.
        limits: what it may cost.
    """
    shown = shown or str(path)

    def failure(message: str, hint: str = "", line: int = 1) -> Loaded:
        found = Diagnostic("CW001", "error", message, Span(shown, line), hint=hint)
        return Loaded(None, (), (found,), is_whole=False)

    try:
        if path.stat().st_size > limits.file_bytes:
            return failure(
                f"the file has more than {limits.file_bytes} bytes",
                "split it, or put long tables into CSV files",
            )
        raw = path.read_bytes()
    except OSError as err:
        return failure(f"cannot read the file: {err.strerror or err}")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        line = raw.count(b"\n", 0, err.start) + 1
        return failure(f"byte {err.start} is not UTF-8", "save the file as UTF-8", line)
    return load_text(text, shown, pack, limits)


def load_text(
    text: str, path: str = "<text>", pack: str = "", limits: Limits = DEFAULT_LIMITS
) -> Loaded:
    """Return what a text holds; never raises."""
    source = Source(path, text.replace("\r\n", "\n").replace("\r", "\n"), pack)
    reader = Reader(source, limits)
    reader.read()
    found = sorted(dict.fromkeys(reader.diagnostics), key=lambda d: (d.span or Span(path), d.code))
    return Loaded(source, tuple(reader.documents), tuple(found), reader.is_whole)
