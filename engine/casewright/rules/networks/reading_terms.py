"""Conditions taken apart: into conjuncts, and into terms that networks understand.

Splitting a condition at its top-level ``and`` is exact. A condition counts only as far as it holds,
that is, is exactly true, and ``a and b`` is true where ``a`` is true and ``b`` is true, whatever
null does elsewhere; so it holds where both hold. What stands below an ``or`` or a function is not
split.

Terms keep FEEL's treatment of null for the same reason: they say when a condition *holds*. ``not``
is carried inwards to the comparisons, where it is exact: a comparison is false where its opposite
is true, and both are null together. What cannot be said exactly gives no term.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, cast

from casewright.feel import tree
from casewright.feel.operators import order
from casewright.feel.values import is_number
from casewright.rules.networks.contract import Condition
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

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from casewright.feel import Expression

FieldFinder = Callable[[tree.Node], FieldOf | None]
"""Gives the value of a fact that a part of an expression reads, None for all else."""

NUMBERS = frozenset({"integer", "number"})
_CLASSES: Mapping[str, tuple[type, ...]] = {
    **dict.fromkeys(NUMBERS, (int, Decimal)),
    **dict.fromkeys(("string", "text", "reference", "template"), (str,)),
    "boolean": (bool,),
    "date": (date,),
    "date_time": (datetime,),
}
SCALARS = frozenset({*_CLASSES, "choice"})
_OPPOSITE: dict[str, Op] = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


@dataclass(frozen=True, slots=True)
class Conjunct:
    """A part of a condition between its top-level ``and``.

    Attributes:
        expression: compiled on its own; its tree counts offsets in the text of the whole.
        names: of those asked for, the ones that it reads.
    """

    expression: Expression
    names: frozenset[str]


def conjuncts(whole: Expression, names: Collection[str]) -> tuple[Conjunct, ...]:
    """Return the conjuncts of a condition in order of text; at least one.

    Args:
        whole: the condition, compiled, so that its mistakes have been reported.
        names: those whose reading is of interest. One that a part declares for itself counts, too.
    """
    items = tuple(_items(whole.tree))
    parts = (whole,) if len(items) == 1 else tuple(whole.part(item) for item in items)
    return tuple(Conjunct(part, _names(part, names)) for part in parts)


def conditions(
    whole: Expression, names: Collection[str], field_of: FieldFinder
) -> tuple[Condition, ...]:
    """Return a condition as the conditions of a pattern.

    Args:
        whole: compiled.
        names: of the patterns whose facts are bound when it is asked, its own excepted.
        field_of: finds values of facts.
    """
    return tuple(
        Condition(one.expression, one.names, term_of(one.expression, field_of))
        for one in conjuncts(whole, names)
    )


def fields_of(kinds: Mapping[str, Mapping[str, str]]) -> FieldFinder:
    """Return a finder of ``name.field``.

    Args:
        kinds: by pattern that binds a single fact, and the pattern itself, the kinds of the values
            of its facts by name.
    """

    def find(node: tree.Node) -> FieldOf | None:
        if not isinstance(node, tree.Path) or not isinstance(node.base, tree.Name):
            return None
        kind = kinds.get(node.base.name, {}).get(node.name)
        return None if kind is None else FieldOf(node.base.name, node.name, kind)

    return find


def term_of(condition: Expression, field_of: FieldFinder) -> Term | None:
    """Return when a condition holds, or None where comparisons of facts do not say it exactly."""
    if any(call.name == "not" and not call.builtin for call in condition.calls):
        return None
    try:
        return _Reader(field_of).term(condition.tree, True)
    except _Opaque:
        return None


def _items(node: tree.Node) -> Iterator[tree.Node]:
    if isinstance(node, tree.Junction) and node.op == "and":
        for item in node.items:
            yield from _items(item)
    else:
        yield node


def _names(expression: Expression, names: Collection[str]) -> frozenset[str]:
    heads = {path[0] for path in expression.reads} | set(_written(expression.tree))
    return frozenset(name for name in names if name in heads)


def _written(node: tree.Node) -> Iterator[str]:
    if isinstance(node, tree.Name):
        yield node.name
    for part in node.parts():
        yield from _written(part)


class _Opaque(Exception):  # noqa: N818  a way out of a tree
    """There is no term."""


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads a tree as a term: when a node is true or, where not ``holds``, when it is false."""

    field_of: FieldFinder

    def term(self, node: tree.Node, holds: bool) -> Term:
        match node:
            case tree.Comparison(op=op, left=left, right=right):
                return self._compare(op, left, right, holds)
            case tree.Junction(op=op, items=items):
                return _joined(op == "and", [self.term(item, holds) for item in items], holds)
            case tree.Between(value=value, low=low, high=high):
                ends = [self._compare(">=", value, low, holds)]
                ends.append(self._compare("<=", value, high, holds))
                return _joined(True, ends, holds)
            case tree.Membership(value=value, tests=tests):
                return _joined(
                    False, [self._test(value, test, holds) for test in tests.tests], holds
                )
            case tree.Literal(value=value):
                return AllOf(()) if value is holds else AnyOf(())
            case tree.Call(function=tree.Name(name="not"), arguments=(argument,), names=()):
                return self.term(argument, not holds)
            case _:
                return self._flag(node, holds)

    def _flag(self, node: tree.Node, holds: bool) -> Term:
        field = self.field_of(node)
        if field is None or field.kind != "boolean":
            raise _Opaque
        return Compare("=", field, Constant(holds))

    def _compare(self, op: str, left: tree.Node, right: tree.Node, holds: bool) -> Term:
        said = cast("Op", op if holds else _OPPOSITE[op])
        return Compare(said, self._operand(left), self._operand(right))

    def _test(self, value: tree.Node, test: tree.Node, holds: bool) -> Term:
        match test:
            case tree.UnaryTest(op=op, operand=operand):
                return self._compare(op, value, operand, holds)
            case tree.RangeLiteral():
                return self._range(value, test, holds)
            case tree.ListLiteral(items=items):
                return self._list(value, items, holds)
            case tree.Literal():
                return self._compare("=", value, test, holds)
            case _:
                self._scalar(test)
                return self._compare("=", value, test, holds)

    def _list(self, value: tree.Node, items: tuple[tree.Node, ...], holds: bool) -> Term:
        """Return ``value in [items]``; it is false, not null, also where an item is unlike."""
        classes = _CLASSES.get(self._scalar(value).kind, ())
        for item in items:
            if not isinstance(item, tree.Literal):
                raise _Opaque
            if not holds and item.value.__class__ not in classes:
                raise _Opaque
        return _joined(False, [self._compare("=", value, item, holds) for item in items], holds)

    def _range(self, value: tree.Node, span: tree.RangeLiteral, holds: bool) -> Term:
        self._scalar(value)
        low, high = self._end(span.low, span), self._end(span.high, span)
        if low is not None and high is not None and order(low, high) is None:
            raise _Opaque
        ends: list[Term] = []
        if span.low is not None:
            ends.append(self._compare(">" + "=" * span.low_included, value, span.low, holds))
        if span.high is not None:
            ends.append(self._compare("<" + "=" * span.high_included, value, span.high, holds))
        return _joined(True, ends, holds)

    def _end(self, node: tree.Node | None, span: tree.RangeLiteral) -> object:
        """Return the value of an end; one that is left out is none only where a sign says so."""
        if node is None and span.op:
            return None
        if not isinstance(node, tree.Literal) or node.value is None:
            raise _Opaque
        return node.value

    def _scalar(self, node: tree.Node) -> FieldOf:
        field = self.field_of(node)
        if field is None or field.kind not in SCALARS:
            raise _Opaque
        return field

    def _operand(self, node: tree.Node) -> Operand:
        field = self.field_of(node)
        if field is not None:
            return field
        match node:
            case tree.Literal(value=value):
                return Constant(value)
            case tree.Arithmetic(op="+" | "-" | "*" as op, left=left, right=right):
                return Sum(op, self._number(left), self._number(right))
            case tree.Negation(operand=operand):
                return Sum("-", Constant(0), self._number(operand))
            case _:
                raise _Opaque

    def _number(self, node: tree.Node) -> Operand:
        """Return an operand that is a number or null."""
        found = self._operand(node)
        if isinstance(found, FieldOf) and found.kind not in NUMBERS:
            raise _Opaque
        if isinstance(found, Constant) and not is_number(found.value):
            raise _Opaque
        return found


def _joined(is_all: bool, terms: list[Term], holds: bool) -> Term:
    if len(terms) == 1:
        return terms[0]
    return AllOf(tuple(terms)) if is_all == holds else AnyOf(tuple(terms))
