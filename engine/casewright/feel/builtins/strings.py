"""Functions on texts. Lengths and positions count code points. Source: DMN 1.5, table 70."""

from __future__ import annotations

import re
from decimal import DecimalException
from typing import TYPE_CHECKING

from casewright.feel.budget import MAX_TEXT, Budget, BudgetExceeded
from casewright.feel.faults import FeelFault
from casewright.feel.render import text_of
from casewright.feel.values import Number, number_from_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from casewright.feel.regex import Pattern


def _substring(_b: Budget, text: str, start: Number, length: Number | None = None) -> str:
    position = int(start)
    if position == 0 or position > len(text) or -position > len(text):
        raise FeelFault(f"the text has no position {position}")
    first = position - 1 if position > 0 else len(text) + position
    if length is None:
        return text[first:]
    count = int(length)
    if count < 1:
        raise FeelFault(f"{length} is no length")
    return text[first : first + count]


def _length(_b: Budget, text: str) -> int:
    return len(text)


def _upper(_b: Budget, text: str) -> str:
    return text.upper()


def _lower(_b: Budget, text: str) -> str:
    return text.lower()


def _before(_b: Budget, text: str, match: str) -> str:
    found = text.find(match)
    return text[:found] if found >= 0 else ""


def _after(_b: Budget, text: str, match: str) -> str:
    found = text.find(match)
    return text[found + len(match) :] if found >= 0 else ""


def _contains(_b: Budget, text: str, match: str) -> bool:
    return match in text


def _starts(_b: Budget, text: str, match: str) -> bool:
    return text.startswith(match)


def _ends(_b: Budget, text: str, match: str) -> bool:
    return text.endswith(match)


def _pattern(pattern: str, flags: str) -> Pattern:
    from casewright.feel.regex import compile_pattern

    return compile_pattern(pattern, flags)


def _matches(b: Budget, text: str, pattern: str, flags: str | None = None) -> bool:
    return _pattern(pattern, flags or "").search(b, text) is not None


def _replace(b: Budget, text: str, pattern: str, replacement: str, flags: str | None = None) -> str:
    literal = "q" in (flags or "")
    return _pattern(pattern, flags or "").replace(b, text, replacement, literal=literal)


def _split(b: Budget, text: str, delimiter: str) -> list[str]:
    parts = _pattern(delimiter, "").split(b, text)
    b.spend(len(parts))
    return parts


def _join(b: Budget, texts: list[object], delimiter: str | None = None) -> str:
    b.spend(len(texts))
    parts = [t for t in texts if t is not None]
    if not all(isinstance(t, str) for t in parts):
        raise FeelFault("string join takes texts only")
    total = sum(len(str(t)) for t in parts) + len(parts) * len(delimiter or "")
    if total > MAX_TEXT:
        raise BudgetExceeded(f"a text of more than {MAX_TEXT} characters")
    return (delimiter or "").join(str(t) for t in parts)


def _string(b: Budget, value: object) -> str | None:
    return None if value is None else text_of(b, value)


_PLAIN_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)


def _number(
    _b: Budget, text: str, grouping: str | None = None, decimal: str | None = None
) -> Number:
    if grouping not in (None, " ", ",", ".") or decimal not in (None, ",", "."):
        raise FeelFault("separators are a space, a comma or a point")
    if grouping is not None and grouping == decimal:
        raise FeelFault("both separators are the same")
    digits = text.replace(grouping, "") if grouping else text
    digits = digits.replace(decimal, ".") if decimal else digits
    if not _PLAIN_NUMBER.fullmatch(digits) or len(digits) > 10_000:
        raise FeelFault(f'"{text}" is no number')
    try:
        return number_from_text(digits)
    except DecimalException as error:
        raise FeelFault(f'"{text}" is out of range') from error


ROWS: tuple[tuple[str, Callable[..., object]], ...] = (
    (
        "substring(string: string, start position: number, length?: number?) -> string",
        _substring,
    ),
    ("string length(string: string) -> number", _length),
    ("upper case(string: string) -> string", _upper),
    ("lower case(string: string) -> string", _lower),
    ("substring before(string: string, match: string) -> string", _before),
    ("substring after(string: string, match: string) -> string", _after),
    (
        "replace(input: string, pattern: string, replacement: string, flags?: string?) -> string",
        _replace,
    ),
    ("contains(string: string, match: string) -> boolean", _contains),
    ("starts with(string: string, match: string) -> boolean", _starts),
    ("ends with(string: string, match: string) -> boolean", _ends),
    ("matches(input: string, pattern: string, flags?: string?) -> boolean", _matches),
    ("split(string: string, delimiter: string) -> list<string>", _split),
    ("string join(list: list, delimiter?: string?) -> string", _join),
    ("string(from: any) -> string", _string),
    ("number(from: string) -> number", _number),
    (
        "number(from: string, grouping separator: string?, decimal separator?: string?) -> number",
        _number,
    ),
)
