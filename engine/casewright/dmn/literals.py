"""Recognition of the FEEL texts that most cells are: literals, comparisons, intervals, lists.

What is recognised becomes data, which can be indexed and analysed; the rest is left to the FEEL
compiler, so a text that this module does not know is never wrong, only slower.

Source: DMN 1.5, section 10.3.1.2, grammar rules 7 (unary tests) to 14 and 33 to 37 (literals).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from casewright.dmn.condition import Condition, Family, Interval, comparable, family_of
from casewright.feel.values import number_from_text

_NUMBER = r"-?(?:\d+(?:\.\d+)?|\.\d+)"
_STRING = r'"(?:[^"\\]|\\["\\nrt])*"'
_DATE = r'(?:date\(\s*"\d{4}-\d\d-\d\d"\s*\)|@"\d{4}-\d\d-\d\d")'
_TOKEN = re.compile(
    rf"\s*(?:(?P<literal>{_STRING}|{_DATE}|{_NUMBER}(?![\w.]*[A-Za-z_])|true\b|false\b|null\b)"
    r"|(?P<sign><=|>=|!=|<|>|=|\.\.|[\[\]\(\),]|not\b|-))"
)
_ESCAPES = {"\\n": "\n", "\\r": "\r", "\\t": "\t", '\\"': '"', "\\\\": "\\"}
_ESCAPE = re.compile(r'\\["\\nrt]')


class _UnknownError(Exception):
    """The text is not of the recognised kind."""


@dataclass(frozen=True, slots=True)
class _Token:
    sign: str
    value: Any = None
    literal: bool = False


def read_literal(text: str) -> tuple[bool, Any]:
    """Return whether ``text`` is one FEEL literal, and its value."""
    found = _TOKEN.match(text)
    if found is None or found.end() != len(text.rstrip()) or found["literal"] is None:
        return False, None
    try:
        return True, _value(found["literal"])
    except ValueError:
        return False, None


def read_literals(text: str) -> list[Any] | None:
    """Return the values of FEEL literals separated by commas, or None if there is anything else."""
    try:
        tokens = _tokens(text)
    except _UnknownError:
        return None
    values, signs = tokens[0::2], tokens[1::2]
    if not all(token.literal for token in values) or any(s.sign != "," for s in signs):
        return None
    return [token.value for token in values] if len(values) == len(signs) + 1 else None


def read_unary_tests(text: str) -> Condition | None:
    """Return what a FEEL cell asks, or None if it takes an expression to say it."""
    try:
        return _Tests(text, _tokens(text)).read()
    except _UnknownError:
        return None


def _value(text: str) -> Any:
    if text in ("true", "false", "null"):
        return {"true": True, "false": False, "null": None}[text]
    if text.startswith('"'):
        return _ESCAPE.sub(lambda found: _ESCAPES[found[0]], text[1:-1])
    if text.startswith(("@", "d")):
        return date.fromisoformat(text.split('"')[1])
    return number_from_text(text)


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        if found is None:
            raise _UnknownError
        if found["literal"] is None:
            tokens.append(_Token(found["sign"]))
        else:
            try:
                tokens.append(_Token("", _value(found["literal"]), literal=True))
            except ValueError:
                raise _UnknownError from None
        at = found.end()
    return tokens


class _Tests:
    """A reader of ``-``, ``not(...)`` and lists of literals, comparisons and intervals."""

    def __init__(self, text: str, tokens: list[_Token]) -> None:
        self._text = text
        self._tokens = tokens
        self._at = 0
        self._values: list[Any] = []
        self._intervals: list[Interval] = []
        self._family: Family | None = None

    def read(self) -> Condition:
        if [token.sign for token in self._tokens] == ["-"]:
            return Condition(self._text)
        negated = self._next_is("not")
        if negated:
            self._take("(")
        self._alternatives()
        if negated:
            self._take(")")
        if self._at != len(self._tokens):
            raise _UnknownError
        return Condition(
            self._text,
            "data",
            frozenset(self._values),
            tuple(self._intervals),
            negated,
            self._family,
        )

    def _alternatives(self) -> None:
        self._alternative()
        while self._next_is(","):
            self._alternative()

    def _alternative(self) -> None:
        token = self._peek()
        if token.literal:
            self._at += 1
            self._values.append(self._known(token.value))
        elif token.sign in ("<", "<=", ">", ">=", "="):
            self._at += 1
            self._comparison(token.sign)
        else:
            self._interval()

    def _comparison(self, sign: str) -> None:
        value = self._known(self._literal())
        if sign == "=":
            self._values.append(value)
        elif value is None or isinstance(value, bool):
            raise _UnknownError
        elif sign[0] == "<":
            self._intervals.append(Interval(high=value, high_closed=sign == "<="))
        else:
            self._intervals.append(Interval(low=value, low_closed=sign == ">="))

    def _interval(self) -> None:
        opening = self._peek().sign
        if opening not in ("[", "(", "]"):
            raise _UnknownError
        self._at += 1
        low = self._known(self._literal())
        self._take("..")
        high = self._known(self._literal())
        closing = self._peek().sign
        if closing not in ("]", ")", "["):
            raise _UnknownError
        self._at += 1
        if not comparable(low, high) or isinstance(low, bool) or low > high:
            raise _UnknownError
        self._intervals.append(Interval(low, opening == "[", high, closing == "]"))

    def _known(self, value: Any) -> Any:
        """Return the value if it is of the same family as those before."""
        if value is None:
            return None
        family = family_of(value)
        if family is None or self._family not in (None, family):
            raise _UnknownError
        self._family = family
        return value

    def _peek(self) -> _Token:
        if self._at >= len(self._tokens):
            raise _UnknownError
        return self._tokens[self._at]

    def _literal(self) -> Any:
        token = self._peek()
        if not token.literal:
            raise _UnknownError
        self._at += 1
        return token.value

    def _next_is(self, sign: str) -> bool:
        found = self._at < len(self._tokens) and self._tokens[self._at].sign == sign
        self._at += found
        return found

    def _take(self, sign: str) -> None:
        if not self._next_is(sign):
            raise _UnknownError
