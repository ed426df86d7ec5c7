"""The FEEL values that the standard library lacks, and the canonical form of numbers.

Numbers are exact: integral ones are ``int``, others ``Decimal`` with at most 34 digits, never
floats. Equal numbers have equal hashes. Source: DMN 1.5, section 10.3.2.3.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import TypeAlias, TypeGuard, cast

Number: TypeAlias = int | Decimal
Value: TypeAlias = object

DIGITS = 34
BIGGEST = 10**DIGITS
# One context for all: localcontext() costs twenty times an addition. Only its flags ever change.
NUMBERS = Context(
    prec=DIGITS,
    rounding=ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    capitals=1,
    clamp=0,
    flags=[],
    traps=[InvalidOperation, DivisionByZero, Overflow],
)


def canonical(number: Decimal) -> Number:
    """Return the number as ``int`` if it is integral and has at most 34 digits, else trimmed.

    Raises:
        decimal.DecimalException: it is not finite or out of the range of decimal128.
    """
    number = NUMBERS.plus(number)
    if not number.is_finite():
        raise InvalidOperation(number)
    if not number:
        return 0  # 0E+99 has a length, too
    if number.adjusted() < DIGITS and number == number.to_integral_value():
        return int(number)
    return number.normalize(NUMBERS)


def bounded(number: int) -> Number:
    """Return an integer as it is, or rounded to 34 digits if it is longer."""
    if -BIGGEST < number < BIGGEST:
        return number
    return canonical(NUMBERS.create_decimal(number))


def number_from_text(text: str) -> Number:
    """Return the number that a FEEL numeric literal denotes, rounded to 34 digits.

    Raises:
        decimal.DecimalException: no number, or one out of the range of decimal128.
    """
    number = NUMBERS.create_decimal(text)
    if not number.is_finite():
        raise InvalidOperation(text)
    return canonical(number)


@dataclass(frozen=True, slots=True)
class Time:
    """A time of day, local or with an offset or a zone.

    Two times with an offset are compared by what they are in UTC.

    Attributes:
        nanos: nanoseconds beyond the microseconds, 0 to 999.
    """

    hour: int
    minute: int = 0
    second: int = 0
    microsecond: int = 0
    tzinfo: tzinfo | None = None
    nanos: int = 0

    @property
    def offset(self) -> timedelta | None:
        """Return the distance from UTC, of a zone that on 1970-01-01; None for a local time."""
        if self.tzinfo is None:
            return None
        return self.tzinfo.utcoffset(datetime(1970, 1, 1, tzinfo=self.tzinfo))

    @property
    def micros(self) -> int:
        """Return the microseconds since midnight, in UTC if the time has an offset."""
        local = ((self.hour * 60 + self.minute) * 60 + self.second) * 1_000_000 + self.microsecond
        offset = self.offset
        return local if offset is None else local - offset // timedelta(microseconds=1)

    @property
    def key(self) -> tuple[bool, int, int]:
        """Return what tells times apart, and orders those that can be compared."""
        return self.tzinfo is None, self.micros, self.nanos

    def __eq__(self, other: object) -> bool:
        return self.key == other.key if isinstance(other, Time) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.key)


@dataclass(frozen=True, slots=True, order=True)
class YearsMonths:
    """A years and months duration, kept as whole months."""

    total: int

    @property
    def years(self) -> int:
        """Return the whole years, negative for a negative duration."""
        return abs(self.total) // 12 * (1 if self.total >= 0 else -1)

    @property
    def months(self) -> int:
        """Return the months beyond the whole years."""
        return abs(self.total) % 12 * (1 if self.total >= 0 else -1)


@dataclass(frozen=True, slots=True)
class Range:
    """An interval; a missing end is unbounded.

    Attributes:
        operator: for ``(< 5)`` and its kin the comparison, else an empty text.
    """

    start: Value
    end: Value
    start_included: bool = True
    end_included: bool = True
    operator: str = ""

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Range):
            return NotImplemented
        return self._parts() == other._parts()

    def __hash__(self) -> int:
        return hash(self._parts())

    def _parts(self) -> tuple[object, ...]:
        return (
            self.start,
            self.end,
            self.start is not None and self.start_included,
            self.end is not None and self.end_included,
        )


@dataclass(frozen=True, slots=True, eq=False)
class FunctionValue:
    """A function as a value: a function literal or a built-in named without a call.

    Attributes:
        parameters: names in order.
        call: takes the budget and the arguments in order; null for what cannot be called so.
        kind: the function's type, a ``types.FunctionType``, or None.
    """

    parameters: tuple[str, ...]
    call: Callable[..., Value]
    kind: object = None
    variadic: bool = False


def is_number(value: object) -> TypeGuard[Number]:
    """Return whether a value is a number of FEEL; booleans are none."""
    return value.__class__ is int or value.__class__ is Decimal


def is_list(value: object) -> TypeGuard[Sequence[object]]:
    """Return whether a value is a list of FEEL."""
    return isinstance(value, (list, tuple))


def is_context(value: object) -> TypeGuard[Mapping[str, object]]:
    """Return whether a value is a context of FEEL."""
    return isinstance(value, Mapping)


def normalized(value: object) -> Value:
    """Return a host's value as a FEEL value: floats become decimals, maps dicts, tuples lists.

    Raises:
        ValueError: a float that is not finite.
    """
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            raise ValueError(f"{value} is no FEEL number")
        return number_from_text(repr(value))
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int):
        return bounded(int(value))
    if isinstance(value, Decimal):
        return canonical(value)
    return _normalized_parts(value)


def _normalized_parts(value: object) -> Value:
    if is_context(value):
        return {str(k): normalized(v) for k, v in value.items()}
    if is_list(value):
        return [normalized(v) for v in value]
    if isinstance(value, (set, frozenset)):
        return [normalized(v) for v in cast("set[object]", value)]
    return value
