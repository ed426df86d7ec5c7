"""Loops, filters and calls at run time; every element and every call spends from the budget.

Source: DMN 1.5, sections 10.3.2.5, 10.3.2.13 and 10.3.2.14.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import TypeGuard

from casewright.feel.budget import Budget, BudgetExceeded
from casewright.feel.far import is_instant
from casewright.feel.operators import order
from casewright.feel.types import ANY, FunctionType, Type, coerce
from casewright.feel.values import FunctionValue, Number, Range, is_context, is_list, is_number

Body = Callable[..., object]
Sources = tuple[Callable[..., Iterable[object] | None], ...]


def items(b: Budget, source: object) -> Iterable[object] | None:
    """Return what a loop goes over: a list, the steps of a range, a single value, None for null."""
    if is_list(source):
        return source
    if source is None:
        return None
    if isinstance(source, Range):
        low, high = source.start, source.end
        if not source.start_included and isinstance(low, int):
            low += 1
        if not source.end_included and isinstance(high, int):
            high -= 1
        return None if order(low, high) in (None, 1) else span(b, low, high)
    return (source,)


def span(b: Budget, low: object, high: object) -> Iterable[object] | None:  # noqa: ARG001 - paid for by the loop
    """Return the steps of ``low..high``, up or down; None if they are not integers or dates."""
    if _integral(low) and _integral(high):
        first, last = int(low), int(high)
        return range(first, last + 1) if first <= last else range(first, last - 1, -1)
    if isinstance(low, date) and isinstance(high, date):
        return None if is_instant(low) or is_instant(high) else _dates(low, high)
    return None


def _integral(value: object) -> TypeGuard[Number]:
    return is_number(value) and value == int(value)


def _dates(low: date, high: date) -> Iterator[date]:
    step = 1 if low <= high else -1
    for day in range(low.toordinal(), high.toordinal() + step, step):
        yield date.fromordinal(day)


def loop(b: Budget, source: Iterable[object] | None, body: Body) -> list[object] | None:
    """Return what ``body`` gives for each element; it also gets the list so far."""
    if source is None:
        return None
    results: list[object] = []
    for item in source:
        b.left -= 1
        if b.left < 0:
            b.spend(0)
        results.append(body(item, results))
    return results


def loops(b: Budget, sources: Sources, body: Body) -> list[object] | None:
    """Return what ``body`` gives for each combination; the last source varies fastest."""
    results: list[object] = []
    for values in _product(b, sources, ()):
        if values is None:
            return None
        results.append(body(*values, results))
    return results


def _product(
    b: Budget, sources: Sources, before: tuple[object, ...]
) -> Iterator[tuple[object, ...] | None]:
    source = sources[0](*before)
    if source is None:
        yield None
        return
    for item in source:
        b.spend(1)
        if len(sources) == 1:
            yield (*before, item)
        else:
            yield from _product(b, sources[1:], (*before, item))


def some(b: Budget, sources: Sources, body: Body) -> bool | None:
    """Return whether ``body`` is true for some combination, in three-valued logic."""
    result: bool | None = False
    for values in _product(b, sources, ()):
        found = None if values is None else body(*values)
        if found is True:
            return True
        if found is not False:
            result = None
    return result


def every(b: Budget, sources: Sources, body: Body) -> bool | None:
    """Return whether ``body`` is true for every combination, in three-valued logic."""
    result: bool | None = True
    for values in _product(b, sources, ()):
        found = None if values is None else body(*values)
        if found is False:
            return False
        if found is not True:
            result = None
    return result


def holds_for_any(b: Budget, source: Iterable[object] | None, body: Body) -> bool:
    """Return whether ``body`` is truthy for an element."""
    if source is None:
        return False
    for item in source:
        b.left -= 1
        if b.left < 0:
            b.spend(0)
        if body(item):
            return True
    return False


def holds_for_all(b: Budget, source: Iterable[object] | None, body: Body) -> bool:
    """Return whether ``body`` is truthy for each element; not for null."""
    if source is None:
        return False
    for item in source:
        b.left -= 1
        if b.left < 0:
            b.spend(0)
        if not body(item):
            return False
    return True


def snapshot(b: Budget, results: list[object]) -> list[object]:
    """Return a copy of the results so far, for ``partial`` used as a value."""
    b.spend(len(results))
    return list(results)


def _as_list(value: object) -> Sequence[object]:
    if is_list(value):
        return value
    return [] if value is None else [value]


def index(value: object, position: object) -> object:
    """Return the element at a position, from 1 or, from the end, -1; null beyond."""
    elements = _as_list(value)
    if not _integral(position):
        return None
    place = int(position)
    if 0 < place <= len(elements):
        return elements[place - 1]
    return elements[place] if -len(elements) <= place < 0 else None


def at(value: object, position: Body) -> object:
    """Return the element at a position that is a number or null, by its type; null gives null."""
    elements = _as_list(value)
    return index(elements, position(elements[0] if elements else None))


def keep(b: Budget, value: object, holds: Body) -> list[object]:
    """Return the elements for which ``holds`` is truthy."""
    elements = _as_list(value)
    b.spend(len(elements))
    return [item for item in elements if holds(item)]


def keep_or_index(b: Budget, value: object, condition: Body) -> object:
    """Return the elements for which ``condition`` is true, or the one at the number it gives."""
    elements = _as_list(value)
    first = condition(elements[0] if elements else None)
    if first.__class__ is int or first.__class__ is Decimal:
        return index(elements, first)
    if elements and first is not None and not isinstance(first, bool):
        return None
    b.spend(len(elements))
    return [item for item in elements if condition(item) is True]


def mapped(b: Budget, value: object, body: Body) -> list[object] | None:
    """Return ``body`` of each element of a list; null stays null."""
    if value is None:
        return None
    elements = _as_list(value)
    b.spend(len(elements))
    return [body(item) for item in elements]


def item_name(item: object, name: str, outer: Callable[[], object]) -> object:
    """Return what a name means inside a filter: the element's entry, else the one outside."""
    if is_context(item) and name in item:
        return item[name]
    return outer()


def make_range(low: object, high: object, low_in: bool, high_in: bool, op: str) -> Range | None:
    """Return a range, null if its ends are null or of unlike types."""
    if op in ("<", "<=", ">", ">=", "="):
        known = low if high is None else high
        if known is None:
            return None
        return Range(low, high, low_in, high_in, op)
    if low is None or high is None:
        return None
    if order(low, high) is None:
        return None
    return Range(low, high, low_in, high_in)


def function(
    b: Budget,
    parameters: tuple[str, ...],
    types: tuple[Type, ...],
    result: Type,
    body: Body,
) -> FunctionValue:
    """Return a function literal as a value; its arguments are coerced to the declared types."""
    b.spend(1)

    def call(budget: Budget, *arguments: object) -> object:
        values = [a if t is ANY else coerce(a, t) for a, t in zip(arguments, types, strict=True)]
        budget.enter()
        try:
            return body(budget, *values)
        except RecursionError:
            raise BudgetExceeded("functions call each other too deeply") from None
        finally:
            budget.leave()

    return FunctionValue(parameters, call, FunctionType(types, result))


def invoke(
    b: Budget, target: object, arguments: tuple[object, ...], names: tuple[str, ...] = ()
) -> object:
    """Return what a function value gives for arguments, by position or by name; else null."""
    if not isinstance(target, FunctionValue):
        return None
    if names:
        if sorted(names) != sorted(target.parameters):
            return None
        by_name = dict(zip(names, arguments, strict=True))
        arguments = tuple(by_name[name] for name in target.parameters)
    if not target.variadic and len(arguments) != len(target.parameters):
        return None
    return target.call(b, *arguments)
