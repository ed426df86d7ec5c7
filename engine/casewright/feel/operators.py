"""What the operators do at run time, for operands of whatever type.

Generated code calls these where the types do not allow an operator of Python itself. Three-valued
logic everywhere: the result is null where an operand is null or of the wrong type. Source: DMN 1.5,
section 10.3.2.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from casewright.feel.arithmetic import duration_micros
from casewright.feel.budget import BudgetExceeded
from casewright.feel.far import FarDate, FarDateTime, Moment, is_instant, is_local, nanos_since
from casewright.feel.values import (
    FunctionValue,
    Range,
    Time,
    YearsMonths,
    is_context,
    is_list,
    is_number,
)
from casewright.temporal import Duration

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from casewright.feel.budget import Budget

_DATES = (date, FarDate, FarDateTime)


def equal(b: Budget, left: object, right: object) -> bool | None:  # noqa: C901 - one case a kind
    """Return ``left = right``: null for unlike types, but null equals null and nothing else."""
    if left is None or right is None:
        return left is right
    if is_number(left):
        return left == right if is_number(right) else None
    if isinstance(left, str):
        return left == right if isinstance(right, str) else None
    if is_list(left):
        return _equal_lists(b, left, right) if is_list(right) else None
    if is_context(left):
        return _equal_contexts(b, left, right) if is_context(right) else None
    if isinstance(left, Range):
        return left == right if isinstance(right, Range) else None
    if isinstance(left, FunctionValue):
        return left is right if isinstance(right, FunctionValue) else None
    if isinstance(left, _DATES) and isinstance(right, _DATES):
        if is_instant(left) != is_instant(right):
            return None
        return _order_moments(left, right) == 0
    lengths = duration_micros(left), duration_micros(right)
    if None not in lengths:
        return lengths[0] == lengths[1]
    if isinstance(left, Duration) and isinstance(right, Duration):
        return left == right if left.unit == right.unit else None
    return left == right if left.__class__ is right.__class__ else None


def _equal_lists(b: Budget, left: Sequence[object], right: Sequence[object]) -> bool:
    if len(left) != len(right):
        return False
    b.spend(len(left))
    try:
        return all(equal(b, x, y) is True for x, y in zip(left, right, strict=True))
    except RecursionError:
        raise BudgetExceeded("values nested too deeply to compare") from None


def _equal_contexts(b: Budget, left: Mapping[str, object], right: Mapping[str, object]) -> bool:
    if left.keys() != right.keys():
        return False
    b.spend(len(left))
    try:
        return all(equal(b, value, right[key]) is True for key, value in left.items())
    except RecursionError:
        raise BudgetExceeded("values nested too deeply to compare") from None


def _order_moments(left: Moment, right: Moment) -> int | None:
    if isinstance(left, datetime) and isinstance(right, datetime):
        if left.tzinfo is UTC and right.tzinfo is UTC:
            return (left > right) - (left < right)
    elif type(left) is date and type(right) is date:
        return (left > right) - (left < right)
    if is_instant(left) != is_instant(right) or is_local(left) != is_local(right):
        return None
    mine, other = nanos_since(left), nanos_since(right)
    return (mine > other) - (mine < other)


def unequal(b: Budget, left: object, right: object) -> bool | None:
    """Return ``left != right``: not(left = right)."""
    same = equal(b, left, right)
    return None if same is None else not same


def order(left: object, right: object) -> int | None:
    """Return -1, 0 or 1 as ``left`` is before, equal to or behind ``right``; None if unlike."""
    if is_number(left):
        return (left > right) - (left < right) if is_number(right) else None
    if isinstance(left, str):
        return (left > right) - (left < right) if isinstance(right, str) else None
    if isinstance(left, _DATES):
        return _order_moments(left, right) if isinstance(right, _DATES) else None
    if isinstance(left, Time):
        return _order_times(left, right) if isinstance(right, Time) else None
    if isinstance(left, YearsMonths):
        return (left > right) - (left < right) if isinstance(right, YearsMonths) else None
    return _order_durations(left, right)


def _order_times(left: Time, right: Time) -> int | None:
    if (left.tzinfo is None) != (right.tzinfo is None):
        return None
    return (left.key > right.key) - (left.key < right.key)


def _order_durations(left: object, right: object) -> int | None:
    if isinstance(left, Duration) and isinstance(right, Duration):
        if left.unit != right.unit:
            return None
        return (left.amount > right.amount) - (left.amount < right.amount)
    mine, other = duration_micros(left), duration_micros(right)
    return None if mine is None or other is None else (mine > other) - (mine < other)


def less(left: object, right: object) -> bool | None:
    """Return ``left < right``."""
    found = order(left, right)
    return None if found is None else found < 0


def at_most(left: object, right: object) -> bool | None:
    """Return ``left <= right``."""
    found = order(left, right)
    return None if found is None else found <= 0


def greater(left: object, right: object) -> bool | None:
    """Return ``left > right``."""
    found = order(left, right)
    return None if found is None else found > 0


def at_least(left: object, right: object) -> bool | None:
    """Return ``left >= right``."""
    found = order(left, right)
    return None if found is None else found >= 0


def negated(value: object) -> bool | None:
    """Return ``not(value)``."""
    return (not value) if isinstance(value, bool) else None


def both(left: object, right: object) -> bool | None:
    """Return ``left and right`` for two values."""
    if left is False or right is False:
        return False
    return True if left is True and right is True else None


def within(value: object, span: Range) -> bool | None:
    """Return whether a value lies in a range; null where it cannot be compared with an end."""
    result: bool | None = True
    if span.start is not None:
        result = (at_least if span.start_included else greater)(value, span.start)
    if span.end is not None:
        result = both(result, (at_most if span.end_included else less)(value, span.end))
    elif span.start is None:
        return None
    return result


def passes(b: Budget, value: object, test: object) -> bool | None:
    """Return whether an input passes a test that is an expression: equal, in a list or range."""
    if isinstance(test, Range):
        if isinstance(value, Range):
            return value == test
        return within(value, test)
    if is_list(test):
        return _passes_list(b, value, test)
    return equal(b, value, test)


def in_range(b: Budget, value: object, span: Range | None) -> bool | None:
    """Return whether an input passes a range as written; null if that has no ends."""
    return None if span is None else passes(b, value, span)


def _passes_list(b: Budget, value: object, test: Sequence[object]) -> bool:
    b.spend(len(test))
    if is_list(value) and equal(b, value, test) is True:
        return True
    for item in test:
        found = passes(b, value, item) if isinstance(item, Range) else equal(b, value, item)
        if found is True:
            return True
    return False
