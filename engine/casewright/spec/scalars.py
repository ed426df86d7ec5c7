"""What a plain scalar of YAML stands for.

Source: YAML 1.2.2, chapter 10.3.2 (core schema); but numbers with leading zeros, ``True``, ``.inf``
and ``.nan`` stay texts.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)\Z")
_BASED = re.compile(r"0(?:o[0-7]+|x[0-9a-fA-F]+)\Z")
_DECIMAL = re.compile(r"[-+]?(?:0|[1-9][0-9]*)?(?:\.[0-9]*)?(?:[eE][-+]?[0-9]{1,3})?\Z")
_DIGITS = 100


def typed(text: str) -> Any:
    """Return the value of a plain scalar: None, bool, int, Decimal or the text itself."""
    if text in _NULLS:
        return None
    first = text[0]
    if first in "tf":
        return True if text == "true" else False if text == "false" else text
    if first not in "0123456789+-." or len(text) > _DIGITS:
        return text
    if _INTEGER.match(text):
        return int(text)
    if _BASED.match(text):
        return int(text, 0)
    if _DECIMAL.match(text) and any(c.isdigit() for c in text):
        number = Decimal(text)
        return int(number) if number == number.to_integral_value() else number.normalize()
    return text
