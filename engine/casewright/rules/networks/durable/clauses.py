"""Terms as alternatives of plain tests, with FEEL's null made explicit.

To the library a comparison with something that is missing does not hold, where it does not crash.
To FEEL ``=`` holds for two nulls and ``!=`` for a null and a value. So a comparison becomes
alternatives, each of which says of every value that it reads whether it is there. That expands
``or`` too, which the library gets wrong inside a join.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from casewright.rules.networks.durable.limits import MAX_INTEGER, MAX_SUM, MAX_TERM, MAX_VARIANTS
from casewright.rules.networks.terms import (
    AllOf,
    AnyOf,
    Compare,
    Constant,
    FieldOf,
    Op,
    Operand,
    Sum,
    Term,
)
from casewright.temporal import to_us

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FAMILIES = {
    "integer": "number",
    "number": "number",
    "string": "text",
    "text": "text",
    "reference": "text",
    "template": "text",
    "choice": "choice",
    "boolean": "boolean",
    "date": "date",
    "date_time": "date_time",
}
_ORDERED = frozenset({"number", "date", "date_time"})
_MIRRORED: dict[Op, Op] = {"=": "=", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}


class NotLowered(Exception):  # noqa: N818  an answer, not an error
    """The durable network cannot be trusted with this; the text says why."""


@dataclass(frozen=True, slots=True)
class Has:
    """The value is there."""

    field: FieldOf


@dataclass(frozen=True, slots=True)
class Lacks:
    """The value is null."""

    field: FieldOf


@dataclass(frozen=True, slots=True)
class Against:
    """``field op other``; both are there.

    ``kind`` of each field is the family of its values; constants are texts or integers.
    """

    op: Op
    field: FieldOf
    other: Operand

    def mirrored(self) -> Against:
        """Return the same with the fields changed over; ``other`` is one."""
        assert isinstance(self.other, FieldOf)
        return Against(_MIRRORED[self.op], self.other, self.field)


Literal = Has | Lacks | Against
Clause = frozenset[Literal]
_TRUE: Clause = frozenset()


def fields_in(operand: Operand) -> Iterator[FieldOf]:
    """Yield the fields that an operand reads."""
    if isinstance(operand, FieldOf):
        yield operand
    elif isinstance(operand, Sum):
        yield from fields_in(operand.left)
        yield from fields_in(operand.right)


def fields_of(literal: Literal) -> Iterator[FieldOf]:
    """Yield the fields that a literal reads, its own first."""
    yield literal.field
    if isinstance(literal, Against):
        yield from fields_in(literal.other)


def alternatives(term: Term) -> tuple[Clause, ...]:
    """Return clauses one of which is met where the term holds, and only there; in no order.

    Raises:
        NotLowered: it compares what the library compares otherwise, or there are too many.
    """
    match term:
        case AllOf(items=items):
            return every(alternatives(item) for item in items)
        case AnyOf(items=items):
            return _tidy(clause for item in items for clause in alternatives(item))
        case Compare():
            return _tidy(_compared(term))


def every(parts: Iterable[tuple[Clause, ...]]) -> tuple[Clause, ...]:
    """Return the alternatives of several things that all have to hold.

    Raises:
        NotLowered: there are too many.
    """
    found: tuple[Clause, ...] = (_TRUE,)
    for part in parts:
        found = _tidy(one | other for one in found for other in part)
    return found


def _tidy(clauses: Iterable[Clause]) -> tuple[Clause, ...]:
    """Return the clauses that can be met, without those that another one contains."""
    met = sorted({c for c in clauses if not _contradicts(c)}, key=len)
    kept: list[Clause] = []
    for clause in met:
        if not any(one <= clause for one in kept):
            kept.append(clause)
    if len(kept) > MAX_VARIANTS:
        raise NotLowered(f"its conditions come to more than {MAX_VARIANTS} alternatives")
    return tuple(kept)


def _contradicts(clause: Clause) -> bool:
    return any(isinstance(literal, Lacks) and Has(literal.field) in clause for literal in clause)


def in_order(clauses: Iterable[Clause]) -> list[Clause]:
    """Return clauses in an order that is the same in every process, as that of sets is not."""
    return sorted(clauses, key=lambda clause: sorted(repr(literal) for literal in clause))


# --- one comparison -------------------------------------------------------------------------------


def _compared(term: Compare) -> list[Clause]:
    op, left, right = term.op, term.left, term.right
    if isinstance(left, Constant):
        op, left, right = _MIRRORED[op], right, left
    if isinstance(left, Constant):
        raise NotLowered("it compares constants")
    left, right, family = _typed(left, right)
    if op not in ("=", "!=") and family not in _ORDERED:
        raise NotLowered(f"it orders values of type {family}")
    if isinstance(right, Constant) and right.value is None:
        return _with_null(op, left)
    there = frozenset(Has(field) for side in (left, right) for field in fields_in(side))
    found: list[Clause] = [there | {_against(op, left, right)}]
    if op == "=":
        found += [one | other for one in _lacking(left) for other in _lacking(right)]
    if op == "!=":
        found += [one | _having(right) for one in _lacking(left)]
        found += [one | _having(left) for one in _lacking(right)]
    return found


def _with_null(op: Op, side: Operand) -> list[Clause]:
    if op == "=":
        return _lacking(side)
    return [_having(side)] if op == "!=" else []


def _having(side: Operand) -> Clause:
    return frozenset(Has(field) for field in fields_in(side))


def _lacking(side: Operand) -> list[Clause]:
    """Return when a side is null: a sum is where a part of it is."""
    return [frozenset({Lacks(field)}) for field in fields_in(side)]


def _against(op: Op, left: Operand, right: Operand) -> Against:
    """Return the comparison with a field alone on its left, as the library wants it."""
    if isinstance(left, FieldOf):
        return Against(op, left, right)
    if isinstance(right, FieldOf):
        return Against(_MIRRORED[op], right, left)
    raise NotLowered("it compares two sums")


# --- types ----------------------------------------------------------------------------------------


def _typed(left: Operand, right: Operand) -> tuple[Operand, Operand, str]:
    """Return both sides with families for kinds, constants as what the library is given."""
    families = {_family(side) for side in (left, right)} - {"null"}
    if "choice" in families:
        families = families - {"choice"} or {"text"}
    if len(families) > 1:
        raise NotLowered(f"it compares {' with '.join(sorted(families))}")
    family = families.pop()
    return _side(left, family), _side(right, family), family


def _family(side: Operand) -> str:
    match side:
        case FieldOf(kind=kind, name=name):
            if kind not in FAMILIES:
                raise NotLowered(f"`{name}` is of type {kind}")
            return FAMILIES[kind]
        case Sum():
            _range(side)
            return "number"
        case Constant(value=value):
            return _family_of_constant(value)


def _family_of_constant(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "number"
        case str():
            return "text"
        case datetime() if value.tzinfo is not None:
            return "date_time"
        case date() if not isinstance(value, datetime):
            return "date"
        case Decimal():
            raise NotLowered(f"{value} is no whole number")
        case _:
            raise NotLowered("it compares with a constant of another type")


def _side(side: Operand, family: str) -> Operand:
    match side:
        case FieldOf(pattern=pattern, name=name):
            return FieldOf(pattern, name, family)
        case Sum(op=op, left=left, right=right):
            return Sum(op, _side(left, "term"), _side(right, "term"))
        case Constant(value=value):
            return Constant(_plain(value))


def _plain(value: object) -> int | str | None:
    match value:
        case datetime():
            return to_us(value)
        case date():
            return value.toordinal()
        case int():
            if abs(value) > MAX_INTEGER:
                raise NotLowered(f"{value} is too large a number")
            return int(value)
        case str() | None:
            return value
        case _:
            raise NotLowered("it compares with a constant of another type")


def _range(side: Operand) -> tuple[int, int]:
    """Return between which numbers an operand lies, with all fields within ``MAX_TERM``.

    Raises:
        NotLowered: it may overflow on the way, or is not of integers.
    """
    match side:
        case FieldOf(kind="integer"):
            return -MAX_TERM, MAX_TERM
        case Constant(value=int() as value) if not isinstance(value, bool):
            return value, value
        case Sum(op=op, left=left, right=right):
            low, high = _sum_range(op, _range(left), _range(right))
            if max(-low, high) > MAX_SUM:
                raise NotLowered("its arithmetic may overflow")
            return low, high
        case _:
            raise NotLowered("its arithmetic is not on declared integers")


def _sum_range(op: str, left: tuple[int, int], right: tuple[int, int]) -> tuple[int, int]:
    if op == "+":
        return left[0] + right[0], left[1] + right[1]
    if op == "-":
        return left[0] - right[1], left[1] - right[0]
    products = [one * other for one in left for other in right]
    return min(products), max(products)
