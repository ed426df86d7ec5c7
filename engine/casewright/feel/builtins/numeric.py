"""Functions on numbers. Source: DMN 1.5, table 76."""

from __future__ import annotations

from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
)
from typing import TYPE_CHECKING

from casewright.feel.arithmetic import subtract_numbers
from casewright.feel.faults import FeelFault
from casewright.feel.values import NUMBERS, Number, canonical

if TYPE_CHECKING:
    from collections.abc import Callable

    from casewright.feel.budget import Budget

_SCALES = range(-6111, 6177)
# Wide enough for any number at any scale; rounding is then a matter of digits only.
_WIDE = Context(prec=12_400, Emin=-6200, Emax=6200)


def whole(number: Number) -> int:
    """Return a number that must be integral as an ``int``.

    Raises:
        FeelFault: it has a fraction, or more digits than anything can count.
    """
    if isinstance(number, int):
        return number
    raise FeelFault(f"{number} is not a whole number")


def rounded(number: Number, scale: Number, rounding: str) -> Number:
    """Return a number rounded to ``scale`` digits behind the point.

    Raises:
        FeelFault: the scale is not a whole number from -6111 to 6176.
    """
    digits = int(scale)
    if digits not in _SCALES:
        raise FeelFault(f"the scale {scale} is out of range")
    if isinstance(number, int) and digits >= 0:
        return number
    exact = Decimal(number)
    if -int(exact.as_tuple().exponent) <= digits:
        return canonical(exact)
    return canonical(
        _WIDE.create_decimal(exact).quantize(Decimal((0, (1,), -digits)), rounding, _WIDE)
    )


def _rounding(rounding: str) -> Callable[..., Number]:
    def apply(_b: Budget, number: Number, scale: Number | None = 0) -> Number:
        return rounded(number, 0 if scale is None else scale, rounding)

    return apply


def _abs(_b: Budget, value: Number) -> Number:
    return abs(value) if isinstance(value, int) else canonical(NUMBERS.abs(value))


def modulo(_b: Budget, dividend: Number, divisor: Number) -> Number | None:
    """Return ``dividend - divisor * floor(dividend / divisor)``.

    Raises:
        FeelFault: the divisor is zero.
    """
    if not divisor:
        raise FeelFault("the divisor is zero")
    if isinstance(dividend, int) and isinstance(divisor, int):
        return dividend % divisor
    rest = _WIDE.remainder(Decimal(dividend), Decimal(divisor))
    if rest and (rest < 0) != (divisor < 0):
        rest = _WIDE.add(rest, Decimal(divisor))
    return canonical(rest)


def _sqrt(_b: Budget, number: Number) -> Number:
    return canonical(NUMBERS.sqrt(number))


def _log(_b: Budget, number: Number) -> Number:
    if number <= 0:
        raise FeelFault("a logarithm needs a positive number")
    return canonical(NUMBERS.ln(number))


def _exp(_b: Budget, number: Number) -> Number:
    return canonical(NUMBERS.exp(number))


def _odd(_b: Budget, number: Number) -> bool:
    return whole(number) % 2 == 1


def _even(_b: Budget, number: Number) -> bool:
    return whole(number) % 2 == 0


ROWS: tuple[tuple[str, Callable[..., object]], ...] = (
    ("decimal(n: number, scale: number) -> number", _rounding(ROUND_HALF_EVEN)),
    ("floor(n: number, scale?: number) -> number", _rounding(ROUND_FLOOR)),
    ("ceiling(n: number, scale?: number) -> number", _rounding(ROUND_CEILING)),
    ("round up(n: number, scale: number) -> number", _rounding(ROUND_UP)),
    ("round down(n: number, scale: number) -> number", _rounding(ROUND_DOWN)),
    ("round half up(n: number, scale: number) -> number", _rounding(ROUND_HALF_UP)),
    ("round half down(n: number, scale: number) -> number", _rounding(ROUND_HALF_DOWN)),
    ("abs(n: number) -> number", _abs),
    ("modulo(dividend: number, divisor: number) -> number", modulo),
    ("sqrt(number: number) -> number", _sqrt),
    ("log(number: number) -> number", _log),
    ("exp(number: number) -> number", _exp),
    ("odd(number: number) -> boolean", _odd),
    ("even(number: number) -> boolean", _even),
)

__all__ = ["ROWS", "modulo", "rounded", "subtract_numbers", "whole"]
