"""Which types the operators take and give; what generated code may do without asking.

Source: DMN 1.5, tables 42, 51 to 53.
"""

from __future__ import annotations

from casewright.feel.types import (
    ANY,
    DATE,
    DATE_TIME,
    DAYS_TIME,
    NULL,
    NUMBER,
    STRING,
    TIME,
    UNIT_DURATION,
    YEARS_MONTHS,
    Type,
    comparable,
    plain,
)

# Values that Python compares as FEEL does, and for which None is the only trap.
DIRECT = frozenset({NUMBER, STRING, DATE, DAYS_TIME, YEARS_MONTHS})
_ORDERED = DIRECT | {DATE_TIME, TIME, UNIT_DURATION}
_INSTANTS = (DATE, DATE_TIME)
_RESULTS: dict[tuple[str, Type, Type], Type] = {
    ("+", NUMBER, NUMBER): NUMBER,
    ("+", STRING, STRING): STRING,
    ("-", NUMBER, NUMBER): NUMBER,
    ("*", NUMBER, NUMBER): NUMBER,
    ("/", NUMBER, NUMBER): NUMBER,
    ("**", NUMBER, NUMBER): NUMBER,
    ("-", TIME, TIME): DAYS_TIME,
    ("+", UNIT_DURATION, UNIT_DURATION): UNIT_DURATION,
    ("-", UNIT_DURATION, UNIT_DURATION): UNIT_DURATION,
    ("+", DAYS_TIME, UNIT_DURATION): DAYS_TIME,
    ("-", DAYS_TIME, UNIT_DURATION): DAYS_TIME,
    ("+", UNIT_DURATION, DAYS_TIME): DAYS_TIME,
    ("-", UNIT_DURATION, DAYS_TIME): DAYS_TIME,
}


def _fill() -> None:
    for left in _INSTANTS:
        for right in _INSTANTS:
            _RESULTS["-", left, right] = DAYS_TIME
    for moment in (*_INSTANTS, TIME):
        for length in (DAYS_TIME, UNIT_DURATION, YEARS_MONTHS):
            if moment is not TIME or length is not YEARS_MONTHS:
                _RESULTS["+", moment, length] = _RESULTS["+", length, moment] = moment
                _RESULTS["-", moment, length] = moment
    for length in (DAYS_TIME, YEARS_MONTHS):
        _RESULTS["+", length, length] = _RESULTS["-", length, length] = length
        _RESULTS["*", length, NUMBER] = _RESULTS["*", NUMBER, length] = length
        _RESULTS["/", length, NUMBER] = length
        _RESULTS["/", length, length] = NUMBER


_fill()


def arithmetic_result(op: str, left: Type, right: Type) -> Type | None:
    """Return the type of ``left op right``, ANY if it depends, None if it is always null."""
    left, right = plain(left), plain(right)
    if ANY in (left, right) or NULL in (left, right):
        return ANY
    return _RESULTS.get((op, left, right))


def can_compare(op: str, left: Type, right: Type) -> bool:
    """Return whether a comparison of these types can be anything but null."""
    if op in ("=", "!="):
        return comparable(left, right)
    left, right = plain(left), plain(right)
    ordered = all(t in _ORDERED or t is ANY or t is NULL for t in (left, right))
    return ordered and comparable(left, right)


def is_direct(left: Type, right: Type) -> bool:
    """Return whether Python's own comparison of the two types is FEEL's, null aside."""
    left = plain(left)
    return left in DIRECT and left == plain(right)
