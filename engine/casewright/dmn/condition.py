"""What a cell asks of its input: any value, some values, some intervals, or a FEEL unary test.

The first three are data, so that columns can be indexed and tables analysed; everything else is a
compiled FEEL test. The meaning is FEEL's: null never lies in an interval, values of different kinds
are never equal, and a negated cell matches only where the comparison inside is false, not null.

Source: DMN 1.5, section 7.3.3 and 10.3.2.8 (unary tests), table 55 (comparison).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, cast

if TYPE_CHECKING:
    from collections.abc import Hashable

    from casewright.feel import Expression

Family = Literal["string", "number", "boolean", "date"]

_FAMILIES: dict[type, Family] = {
    str: "string",
    int: "number",
    Decimal: "number",
    bool: "boolean",
    date: "date",
}
CLASSES: dict[Family, frozenset[type]] = {
    "string": frozenset({str}),
    "number": frozenset({int, Decimal}),
    "boolean": frozenset({bool}),
    "date": frozenset({date}),
}
"""The Python classes of values that compare with each other, by family."""


def family_of(value: object) -> Family | None:
    """Return the family of a FEEL value, or None for null, lists and what is never indexed."""
    return _FAMILIES.get(value.__class__)


@dataclass(frozen=True, slots=True)
class Interval:
    """Values between two ends; an end that is None does not limit.

    Attributes:
        low: the lower end.
        low_closed: the lower end belongs to it.
        high: the upper end.
        high_closed: the upper end belongs to it.
    """

    low: Any = None
    low_closed: bool = False
    high: Any = None
    high_closed: bool = False

    def holds(self, value: Any) -> bool:
        """Return whether a value of the ends' family lies in it."""
        if self.low is not None and not (
            value > self.low or (self.low_closed and value == self.low)
        ):
            return False
        return self.high is None or value < self.high or (self.high_closed and value == self.high)


@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """The meaning of one cell text in one column; compared by identity, one for each text.

    Attributes:
        text: the cell as written, for explanations.
        kind: ``any`` matches everything, ``data`` is values and intervals, ``feel`` an expression.
        values: what equals; None stands for null.
        intervals: what contains.
        negated: matches what is neither, where that can be said.
        family: of the values and ends; None if there is nothing but null.
        expression: the compiled unary test of kind ``feel``.
        many: the input is a list, and one of its items is to match.
    """

    text: str
    kind: Literal["any", "data", "feel"] = "any"
    values: frozenset[Hashable] = frozenset()
    intervals: tuple[Interval, ...] = ()
    negated: bool = False
    family: Family | None = None
    expression: Expression | None = None
    many: bool = False

    def holds(self, value: Any) -> bool:
        """Return whether a cell of data, or one that takes anything, matches ``value``."""
        if self.kind == "any":
            return True
        if self.many and isinstance(value, list | tuple):
            return self._holds_one_of(cast("list[Any]", value))
        if value is None:
            inside, known = None in self.values, not self.intervals
        elif self.family is not None and family_of(value) == self.family:
            inside, known = self._contains(value), True
        else:
            inside, known = False, self.family is None
        return (known and not inside) if self.negated else inside

    def _holds_one_of(self, items: list[Any]) -> bool:
        if not items:
            return (None in self.values) != self.negated
        alike = [item for item in items if family_of(item) == self.family]
        return any(self._contains(item) for item in alike) != self.negated

    def _contains(self, value: Any) -> bool:
        return value in self.values or any(interval.holds(value) for interval in self.intervals)


def comparable(one: object, other: object) -> bool:
    """Return whether two values are of one family, so that ``<`` is defined between them."""
    family = family_of(one)
    return family is not None and family == family_of(other)
