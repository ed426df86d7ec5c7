"""Values told apart as FEEL's ``=`` tells them apart: what equal values have in common.

Keys of two values are equal exactly where ``=`` of them is true. Two nulls are equal, 1 and 1.0
are, true and 1 are not, nor are 1 and "1"; one instant is equal in any zone. Lists, contexts and
what is no FEEL value have no key. They never equal what has one.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from casewright.feel.arithmetic import duration_micros
from casewright.feel.far import FarDate, FarDateTime, is_local, nanos_since
from casewright.feel.operators import equal
from casewright.feel.values import Time, YearsMonths
from casewright.temporal import Duration

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from casewright.feel import Budget


class Odd:
    """Stands for the key of a value that has none."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "ODD"


ODD: Final = Odd()

# Of these, values of one class are equal where Python says so, and unlike those of all others;
# numbers are equal to each other.
_OWN_KEY = frozenset({str, int, Decimal, type(None), date, Time, YearsMonths})


def alike(value: object) -> Hashable:
    """Return the key of a value, or :data:`ODD`."""
    kind = value.__class__
    if kind in _OWN_KEY:
        return value
    found = _KEYS.get(kind)
    return ODD if found is None else found(value)


class Different:
    """Values that all differ, that is, of which no two are equal."""

    __slots__ = ("_keys", "_odd")

    def __init__(self) -> None:
        self._keys: set[Hashable] = set()
        self._odd: list[object] = []

    def add(self, b: Budget, value: object) -> bool:
        """Add a value that differs from all others; return False if it does not."""
        key = alike(value)
        if key is ODD:
            if any(equal(b, value, other) is True for other in self._odd):
                return False
            self._odd.append(value)
            return True
        if key in self._keys:
            return False
        self._keys.add(key)
        return True


def _truth(value: object) -> Hashable:
    return "is", value is True


def _moment(value: Any) -> Hashable:
    return "local" if is_local(value) else "instant", nanos_since(value)


def _far_day(value: Any) -> Hashable:
    return "day", nanos_since(value)


def _length(value: Any) -> Hashable:
    micros = duration_micros(value)
    return value if micros is None else ("length", micros)


_KEYS: Mapping[type, Callable[[object], Hashable]] = {
    bool: _truth,
    datetime: _moment,
    FarDateTime: _moment,
    FarDate: _far_day,
    timedelta: _length,
    Duration: _length,
}
