"""Facts as messages of the library: whole numbers and nothing else.

The library compares unlike values as texts, cuts texts to 16 bits of length, orders them wrongly,
takes large integers for equal and reads no exponents. So it is given no texts, no decimals and no
nulls: texts become numbers that are equal where the texts are, dates and instants are counted from
a fixed one, null is left out. A value that cannot be given so is refused, and the native network
answers the call.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from casewright.rules.networks.durable.limits import MAX_INTEGER, MAX_TERM
from casewright.rules.networks.durable.lowering import TEST
from casewright.temporal import to_us

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from casewright.rules.networks.contract import Around, Fact, Pattern
    from casewright.rules.networks.durable.message_types import Type

_UNKNOWN_TEXTS = 1 << 40
"""Numbers of texts that no rule names begin here."""


class Unsafe(Exception):  # noqa: N818  the native network answers instead
    """A value that the library would not treat as FEEL does."""


class TextNumbers:
    """Numbers of texts: those that rules name keep theirs, others have one for a call."""

    __slots__ = ("_known", "_seen")

    def __init__(self) -> None:
        self._known: dict[str, int] = {}
        self._seen: dict[str, int] = {}

    def constant(self, text: str) -> int:
        """Return the number of a text that a rule names."""
        return self._known.setdefault(text, len(self._known) + 1)

    def for_call(self) -> TextNumbers:
        """Return the same for the texts of one call."""
        made = TextNumbers()
        made._known = self._known
        return made

    def __call__(self, value: Any) -> int:
        """Return the number of a fact's text."""
        if value.__class__ is not str:
            raise Unsafe("a text is wanted")
        found = self._known.get(value)
        if found is None:
            found = self._seen.setdefault(value, _UNKNOWN_TEXTS + len(self._seen))
        return found


def _number(value: Any) -> int:
    if value.__class__ is Decimal and value == value.to_integral_value():
        value = int(value)
    if value.__class__ is not int or not -MAX_INTEGER <= value <= MAX_INTEGER:
        raise Unsafe("a whole number of 63 bits is wanted")
    return value


def _term(value: Any) -> int:
    if value.__class__ is not int or not -MAX_TERM <= value <= MAX_TERM:
        raise Unsafe("a whole number of 31 bits is wanted")
    return value


def _boolean(value: Any) -> int:
    if value.__class__ is not bool:
        raise Unsafe("true or false is wanted")
    return int(value)


def _date(value: Any) -> int:
    if value.__class__ is not date:
        raise Unsafe("a date is wanted")
    return value.toordinal()


def _date_time(value: Any) -> int:
    if value.__class__ is not datetime or value.tzinfo is None:
        raise Unsafe("an instant is wanted")
    return to_us(value)


_GIVEN: Mapping[str, Callable[[Any], int] | None] = {
    "text": None,  # by the numbers of a call
    "choice": None,
    "number": _number,
    "term": _term,
    "boolean": _boolean,
    "date": _date,
    "date_time": _date_time,
}


class Writer:
    """Writes facts as messages of one type."""

    __slots__ = ("_head", "_tests", "_values")

    def __init__(self, kind: Type, worked_out: Mapping[str, Pattern]) -> None:
        self._head = f'","sid":"0","_t":{kind.number},"_k":1'
        self._values: list[tuple[str, str, Callable[[Any], int] | None]] = []
        self._tests: list[tuple[str, Pattern]] = []
        for column in kind.columns.values():
            text = f',"{column.key}":'
            if column.family == TEST:
                self._tests.append((f"{text}1", worked_out[column.name]))
            else:
                self._values.append((text, column.name, _GIVEN[column.family]))

    def message(self, number: int, fact: Fact, texts: TextNumbers, around: Around) -> str:
        """Return a fact as the message of a number.

        Raises:
            Unsafe: it has a value that cannot be given.
        """
        data = fact.data
        parts = [f'{{"id":"{number}{self._head}']
        for text, name, given in self._values:
            value = data.get(name)
            if value is not None:
                parts.append(f"{text}{texts(value) if given is None else given(value)}")
        for text, pattern in self._tests:
            if _holds(pattern, data, around):
                parts.append(text)
        parts.append("}")
        return "".join(parts)


def _holds(pattern: Pattern, data: Mapping[str, Any], around: Around) -> bool:
    around.lets[pattern.name] = data
    budget = around.budget
    return all(c.expression.true(around, budget) for c in pattern.conditions if not c.reads)
