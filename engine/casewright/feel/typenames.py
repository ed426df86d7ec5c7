"""The types that a text names, after ``instance of`` and in function literals."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NoReturn

from casewright.feel.names import NameIndex
from casewright.feel.problems import SYNTAX, UNKNOWN_NAME, FeelError, Problem, suggestion
from casewright.feel.types import (
    ANY,
    BOOLEAN,
    DATE,
    DATE_TIME,
    DAYS_TIME,
    NULL,
    NUMBER,
    STRING,
    TIME,
    UNIT_DURATION,
    YEARS_MONTHS,
    ContextType,
    FunctionType,
    ListType,
    Member,
    RangeType,
    Type,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from casewright.feel.lexer import Token

TYPES: Mapping[str, Type] = MappingProxyType(
    {
        "Any": ANY,
        "Null": NULL,
        "number": NUMBER,
        "string": STRING,
        "boolean": BOOLEAN,
        "date": DATE,
        "time": TIME,
        "date and time": DATE_TIME,
        "dateTime": DATE_TIME,
        "days and time duration": DAYS_TIME,
        "dayTimeDuration": DAYS_TIME,
        "years and months duration": YEARS_MONTHS,
        "yearMonthDuration": YEARS_MONTHS,
        "duration": UNIT_DURATION,
        "list": ListType(),
        "context": ContextType(closed=False),
        "range": RangeType(),
        "function": FunctionType(),
    }
)


class TypeNames:
    """The built-in types and those of a scope, by name."""

    def __init__(self, named: Mapping[str, Type] = MappingProxyType({})) -> None:
        self.types = {**TYPES, **named}
        self.index = NameIndex(self.types)

    def parse(self, text: str, tokens: Sequence[Token], position: int) -> tuple[Type, int]:
        """Return the type at a token, and the index of the token behind it.

        Raises:
            FeelError: no type, or one that is unknown.
        """
        reader = _TypeReader(self, text, tokens, position)
        return reader.read(), reader.position


class _TypeReader:
    """Reads one type."""

    def __init__(self, names: TypeNames, text: str, tokens: Sequence[Token], position: int) -> None:
        self._named = names.types
        self._index = names.index
        self._text = text
        self._tokens = tokens
        self._i = position

    @property
    def position(self) -> int:
        """Return the index of the token behind what was read."""
        return self._i

    def read(self) -> Type:
        """Return the type that was read."""
        return self._type(0)

    def _type(self, depth: int) -> Type:
        if depth > 20:
            self._fail("the type is nested too deeply", SYNTAX)
        name = self._name()
        if name == "function" and self._accept("<"):
            return self._function(depth)
        if name == "context" and self._accept("<"):
            return self._context(depth)
        if name in ("list", "range") and self._accept("<"):
            item = self._type(depth + 1)
            self._expect(">")
            return ListType(item) if name == "list" else RangeType(item)
        return self._named[name]

    def _name(self) -> str:
        found = self._index.longest(self._tokens, self._i)
        name, count = found or (self._tokens[self._i].text, 1)
        if name not in self._named:
            hint = suggestion(name, self._named)
            self._fail(
                f'unknown type "{name}"' if name else "a type is missing", UNKNOWN_NAME, hint
            )
        self._i += count
        return name

    def _function(self, depth: int) -> Type:
        parameters: list[Type] = []
        while not self._accept(">"):
            parameters.append(self._type(depth + 1))
            if not self._accept(","):
                self._expect(">")
                break
        self._expect("->")
        return FunctionType(tuple(parameters), self._type(depth + 1))

    def _context(self, depth: int) -> Type:
        members: dict[str, Member] = {}
        while not self._accept(">"):
            first = self._i
            while self._tokens[self._i].text not in (":", ""):
                self._i += 1
            if self._i == first:
                self._fail("a name is missing", SYNTAX)
            pieces = self._text[self._tokens[first].start : self._tokens[self._i - 1].end]
            self._expect(":")
            members[" ".join(pieces.split())] = Member(self._type(depth + 1))
            if not self._accept(","):
                self._expect(">")
                break
        return ContextType(members)

    def _accept(self, text: str) -> bool:
        if self._tokens[self._i].text == text:
            self._i += 1
            return True
        return False

    def _expect(self, text: str) -> None:
        if not self._accept(text):
            self._fail(f'"{text}" is missing in the type', SYNTAX)

    def _fail(self, message: str, code: str, hint: str = "") -> NoReturn:
        token = self._tokens[self._i]
        raise FeelError(self._text, [Problem(code, message, token.start, token.end, hint)])
