"""``+ - * / **`` for operands of whatever type, and the fast forms for numbers.

Source: DMN 1.5, tables 51 to 53. Integers stay integers while they have at most 34 digits;
everything else goes through one kept decimal context.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, DecimalException
from typing import TYPE_CHECKING

from casewright.feel.budget import MAX_TEXT, Budget, BudgetExceeded
from casewright.feel.far import (
    FarDate,
    FarDateTime,
    Moment,
    in_year,
    is_local,
    moved,
    nanos_since,
    near_of,
)
from casewright.feel.values import (
    BIGGEST,
    NUMBERS,
    Number,
    Time,
    YearsMonths,
    bounded,
    canonical,
    is_number,
)
from casewright.temporal import Duration

if TYPE_CHECKING:
    from collections.abc import Callable

_MICRO = timedelta(microseconds=1)
_DAY_MICROS = 86_400_000_000
_DATES = (date, FarDate, FarDateTime)
_MOMENTS = (*_DATES, Time)


def trimmed(number: Decimal | None) -> Number | None:
    """Return a decimal that generated code worked out, in canonical form."""
    return None if number is None else canonical(number)


def add_numbers(left: Number | None, right: Number | None) -> Number | None:
    """Return the sum of two numbers; null if one is null."""
    if isinstance(left, int) and isinstance(right, int):
        result = left + right
        return result if -BIGGEST < result < BIGGEST else bounded(result)
    if left is None or right is None:
        return None
    try:
        return canonical(NUMBERS.add(left, right))
    except DecimalException:
        return None


def subtract_numbers(left: Number | None, right: Number | None) -> Number | None:
    """Return the difference of two numbers; null if one is null."""
    if isinstance(left, int) and isinstance(right, int):
        result = left - right
        return result if -BIGGEST < result < BIGGEST else bounded(result)
    if left is None or right is None:
        return None
    try:
        return canonical(NUMBERS.subtract(left, right))
    except DecimalException:
        return None


def multiply_numbers(left: Number | None, right: Number | None) -> Number | None:
    """Return the product of two numbers; null if one is null."""
    if isinstance(left, int) and isinstance(right, int):
        result = left * right
        return result if -BIGGEST < result < BIGGEST else bounded(result)
    if left is None or right is None:
        return None
    try:
        return canonical(NUMBERS.multiply(left, right))
    except DecimalException:
        return None


def divide_numbers(left: Number | None, right: Number | None) -> Number | None:
    """Return the quotient of two numbers; null if one is null or the divisor zero."""
    if left is None or right is None or not right:
        return None
    try:
        return canonical(NUMBERS.divide(left, right))
    except DecimalException:
        return None


def power_numbers(left: Number | None, right: Number | None) -> Number | None:
    """Return ``left ** right``; null if one is null or the result is no number."""
    if left is None or right is None:
        return None
    if not right:
        return 1
    try:
        return canonical(NUMBERS.power(left, right))
    except DecimalException:
        return None


def negate(value: object) -> object:
    """Return ``- value`` for a number or a duration, else null."""
    if is_number(value):
        return -value if isinstance(value, int) else canonical(NUMBERS.minus(value))
    if isinstance(value, timedelta):
        return -value
    if isinstance(value, YearsMonths):
        return YearsMonths(-value.total)
    if isinstance(value, Duration):
        return Duration(value.unit, -value.amount)
    return None


def duration_micros(value: object) -> int | None:
    """Return the length of a days and time duration or a real one in microseconds, else None."""
    if isinstance(value, timedelta):
        return value // _MICRO
    if isinstance(value, Duration) and value.unit == "real":
        return value.amount * 1_000_000
    return None


def _length(value: object) -> timedelta | None:
    if isinstance(value, timedelta):
        return value
    if isinstance(value, Duration) and value.unit == "real":
        return timedelta(seconds=value.amount)
    return None


def concat(b: Budget, left: str | None, right: str | None) -> str | None:
    """Return two texts as one; null if one is null."""
    if left is None or right is None:
        return None
    size = len(left) + len(right)
    if size > MAX_TEXT:
        raise BudgetExceeded(f"a text of more than {MAX_TEXT} characters")
    b.spend(size >> 8)
    return left + right


def add(b: Budget, left: object, right: object) -> object:
    """Return ``left + right``."""
    if left is None or right is None:
        return None
    if is_number(left) and is_number(right):
        return add_numbers(left, right)
    if isinstance(left, str) and isinstance(right, str):
        return concat(b, left, right)
    return _guarded(_add_temporal, left, right)


def _add_temporal(left: object, right: object) -> object:
    if isinstance(left, _MOMENTS):
        return shifted(left, right)
    if isinstance(right, _MOMENTS):
        return shifted(right, left)
    if isinstance(left, YearsMonths) and isinstance(right, YearsMonths):
        return YearsMonths(left.total + right.total)
    if isinstance(left, Duration) and isinstance(right, Duration):
        return Duration(left.unit, left.amount + right.amount) if left.unit == right.unit else None
    mine, other = _length(left), _length(right)
    return None if mine is None or other is None else mine + other


def subtract(b: Budget, left: object, right: object) -> object:  # noqa: ARG001 - operators share a signature
    """Return ``left - right``."""
    if left is None or right is None:
        return None
    if is_number(left) and is_number(right):
        return subtract_numbers(left, right)
    return _guarded(_subtract_temporal, left, right)


def _subtract_temporal(left: object, right: object) -> object:
    if isinstance(left, _DATES) and isinstance(right, _DATES):
        return _between_instants(left, right)
    if isinstance(left, Time) and isinstance(right, Time):
        if (left.tzinfo is None) != (right.tzinfo is None):
            return None
        return timedelta(microseconds=left.micros - right.micros)
    if isinstance(left, _MOMENTS):
        opposite = negate(right)
        return None if opposite is None else shifted(left, opposite)
    if isinstance(left, YearsMonths) and isinstance(right, YearsMonths):
        return YearsMonths(left.total - right.total)
    if isinstance(left, Duration) and isinstance(right, Duration):
        return Duration(left.unit, left.amount - right.amount) if left.unit == right.unit else None
    mine, other = _length(left), _length(right)
    return None if mine is None or other is None else mine - other


def _between_instants(left: Moment, right: Moment) -> timedelta | None:
    if isinstance(left, datetime) and left.tzinfo is UTC:  # noqa: SIM102 - readable in two
        if isinstance(right, datetime) and right.tzinfo is UTC:
            return left - right
    if is_local(left) != is_local(right):
        return None
    return timedelta(microseconds=(nanos_since(left) - nanos_since(right)) // 1000)


def shifted(value: Moment | Time, by: object) -> object:
    """Return a date, time or date and time moved by a duration, null for another ``by``.

    A date and time with a zone moves along real time; years and months move its date.
    """
    if isinstance(by, YearsMonths):
        return None if isinstance(value, Time) else add_months(value, by.total)
    length = _length(by)
    if length is None:
        return None
    if isinstance(value, Time):
        return _shifted_time(value, length)
    if not isinstance(value, datetime):
        return moved(value, length)
    try:
        if value.tzinfo is None:
            return value + length
        return (value.astimezone(UTC) + length).astimezone(value.tzinfo)
    except OverflowError:
        return moved(value, length)


def _shifted_time(value: Time, length: timedelta) -> Time:
    local = ((value.hour * 60 + value.minute) * 60 + value.second) * 1_000_000 + value.microsecond
    moved = (local + length // _MICRO) % _DAY_MICROS
    seconds, micros = divmod(moved, 1_000_000)
    return Time(
        seconds // 3600, seconds // 60 % 60, seconds % 60, micros, value.tzinfo, value.nanos
    )


def add_months(value: Moment, months: int) -> Moment:
    """Return a date or date and time moved by months; the day is cut to the month's last.

    Raises:
        ValueError: the year of the result has more than nine digits.
    """
    near = near_of(value)
    year, month = divmod(value.year * 12 + near.month - 1 + months, 12)
    last = monthrange(2000 + year % 400, month + 1)[1]
    return in_year(value, year, month + 1, min(near.day, last))


def multiply(b: Budget, left: object, right: object) -> object:  # noqa: ARG001 - operators share a signature
    """Return ``left * right``."""
    if left is None or right is None:
        return None
    if is_number(left):
        if is_number(right):
            return multiply_numbers(left, right)
        left, right = right, left
    return _guarded(_scaled, left, right) if is_number(right) else None


def _scaled(value: object, by: object) -> object:
    assert is_number(by)
    if isinstance(value, YearsMonths):
        return YearsMonths(int(NUMBERS.multiply(value.total, by)))
    micros = duration_micros(value)
    if micros is None:
        return None
    return timedelta(microseconds=int(NUMBERS.multiply(micros, by)))


def divide(b: Budget, left: object, right: object) -> object:  # noqa: ARG001 - operators share a signature
    """Return ``left / right``."""
    if left is None or right is None:
        return None
    if is_number(left) and is_number(right):
        return divide_numbers(left, right)
    return _guarded(_divided, left, right)


def _divided(left: object, right: object) -> object:
    if isinstance(left, YearsMonths):
        if isinstance(right, YearsMonths):
            return divide_numbers(left.total, right.total)
        if is_number(right) and right != 0:
            return YearsMonths(int(NUMBERS.divide(left.total, right)))
        return None
    mine, other = duration_micros(left), duration_micros(right)
    if mine is None:
        return None
    if other is not None:
        return divide_numbers(mine, other)
    if is_number(right) and right != 0:
        return timedelta(microseconds=int(NUMBERS.divide(mine, right)))
    return None


def power(b: Budget, left: object, right: object) -> object:  # noqa: ARG001 - operators share a signature
    """Return ``left ** right``."""
    if is_number(left) and is_number(right):
        return power_numbers(left, right)
    return None


def _guarded(operation: Callable[[object, object], object], left: object, right: object) -> object:
    try:
        return operation(left, right)
    except (ValueError, ArithmeticError):
        return None
