"""Plain cells of packs as FEEL, and back.

In a pack the cells of a column of texts are words; DMN knows FEEL only. What has no plain form is
left to the caller, who then makes the whole column one of FEEL cells.

Source: ``cells.py`` for what words mean; DMN 1.5, section 7.3.3 for unary tests.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from casewright.dmn.cells import unquoted
from casewright.dmn.literals import read_literal, read_literals
from casewright.temporal import parse_duration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casewright.dmn.definition import InputColumn, OutputColumn

_PART = re.compile(r'"(?:[^"\\]|\\.)*"|[^,"]+|"|,')
_NOT = re.compile(r"not\s*\((.*)\)", re.DOTALL)
_NOTHING = 'null, ""'
_NO_ITEMS = "? = null or count(?) = 0"
_SOME = re.compile(r"some item in \? satisfies item in \((.*)\)", re.DOTALL)
_EVERY = re.compile(
    r"\? = null or \(every item in \? satisfies not\(item in \((.*)\)\)\)", re.DOTALL
)
_INTEGER = re.compile(r"-?\d+")


def has_numbers(column: InputColumn | OutputColumn) -> bool:
    """Return whether the words of a column are integers."""
    return bool(column.choices) and isinstance(column.choices[0], int)


def literal(value: object) -> str:
    """Return a text or an integer as FEEL writes it."""
    if isinstance(value, int):
        return str(value)
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return '"' + text.replace("\n", "\\n").replace("\t", "\\t") + '"'


def test_of(column: InputColumn, text: str) -> str:
    """Return the unary tests that an input cell of a pack means."""
    if column.language == "feel":
        return text or "null"
    if text in ("*", "-"):
        return "-"
    if not text:
        return _NO_ITEMS if column.many else "null" if has_numbers(column) else _NOTHING
    negation = _NOT.fullmatch(text)
    listed = ", ".join(_literals(negation[1] if negation else text, numbers=has_numbers(column)))
    if not column.many:
        return f"not({listed})" if negation else listed
    if negation:
        return f"? = null or (every item in ? satisfies not(item in ({listed})))"
    return f"some item in ? satisfies item in ({listed})"


def _literals(text: str, *, numbers: bool) -> list[str]:
    words = _words(text)
    found = [literal(int(w) if numbers and _INTEGER.fullmatch(w) else w) for w in words]
    return [*found, "null"] if "" in words else found


def _words(text: str) -> list[str]:
    words: list[str] = []
    parts: list[str] = []
    for part in [*_PART.findall(text), ","]:
        if part != ",":
            parts.append(part)
            continue
        words.append(unquoted("".join(parts).strip()))
        parts = []
    return words


def cell_of(column: InputColumn, text: str) -> str | None:
    """Return the plain input cell that means some unary tests, or None if there is none."""
    if text in ("-", ""):
        return "*"
    nothing = _NO_ITEMS if column.many else "null" if has_numbers(column) else _NOTHING
    if text == nothing:
        return ""
    some, every = _SOME.fullmatch(text), _EVERY.fullmatch(text)
    if column.many:
        inner = some or every
        words = _plain_words(inner[1]) if inner else None
        return None if words is None else f"not({words})" if every else words
    negation = _NOT.fullmatch(text)
    words = _plain_words(negation[1] if negation else text)
    return None if words is None else f"not({words})" if negation else words


def _plain_words(text: str) -> str | None:
    values = read_literals(text)
    if values is None:
        return None
    if "" in values:
        values = [value for value in values if value is not None]
    if not all(_is_word(value) for value in values):
        return None
    return ", ".join(word_of(str(value)) for value in values)


def _is_word(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def word_of(word: str) -> str:
    """Return a word as a plain cell writes it, in quotes where it would read otherwise."""
    needs = word in ("", "*", "-") or word != word.strip() or any(s in word for s in ',"()\\#')
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"' if needs else word


def expression_of(column: OutputColumn, text: str) -> str:
    """Return the expression that an output cell of a pack means."""
    if not text:
        return "null"
    if column.language == "feel":
        return literal(unquoted(text)) if column.type == "duration" and _is_duration(text) else text
    if text.startswith("= "):
        return text[2:].strip()
    numbers = has_numbers(column)
    if column.many:
        return f"[{', '.join(_literals(text, numbers=numbers))}]"
    word = unquoted(text)
    return literal(int(word) if numbers and _INTEGER.fullmatch(word) else word)


def _is_duration(text: str) -> bool:
    try:
        parse_duration(unquoted(text))
    except ValueError:
        return False
    return True


def output_of(column: OutputColumn, text: str) -> str:
    """Return the output cell of a pack that means an expression."""
    if text in ("", "null"):
        return ""
    is_literal, value = read_literal(text)
    if column.language == "feel":
        is_duration = column.type == "duration" and isinstance(value, str)
        return str(value) if is_duration and _is_duration(str(value)) else text
    if column.many:
        values = read_literals(text[1:-1]) if text[:1] + text[-1:] == "[]" else None
        return f"= {text}" if values is None else _listed(values, text)
    is_word = is_literal and _is_word(value)
    return _output_word(str(value)) if is_word else f"= {text}"


def _listed(values: Sequence[Any], text: str) -> str:
    good = values and all(_is_word(value) for value in values)
    return ", ".join(word_of(str(value)) for value in values) if good else f"= {text}"


def _output_word(word: str) -> str:
    plain = word == word.strip() and not word.startswith(('"', "= ", "#"))
    if plain and word and '"' not in word and "\\" not in word:
        return word
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'
