"""Relations between points and ranges, and ranges from text. Source: DMN 1.5, table 79."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING

from casewright.feel.faults import FeelFault
from casewright.feel.lexer import unquoted
from casewright.feel.literals import literal_number, literal_temporal
from casewright.feel.loops import make_range
from casewright.feel.operators import order
from casewright.feel.values import Range

if TYPE_CHECKING:
    from collections.abc import Callable

    from casewright.feel.budget import Budget

_Span = tuple[object, object, bool, bool]


class _Edge(Enum):
    """The ends of a range that has none."""

    LOWEST = -1
    HIGHEST = 1


def _order(left: object, right: object) -> int:
    if isinstance(left, _Edge) or isinstance(right, _Edge):
        mine = left.value if isinstance(left, _Edge) else 0
        other = right.value if isinstance(right, _Edge) else 0
        return (mine > other) - (mine < other)
    found = order(left, right)
    if found is None:
        raise FeelFault("values of unlike types have no order")
    return found


def _span(value: object) -> _Span:
    if not isinstance(value, Range):
        return value, value, True, True
    low = _Edge.LOWEST if value.start is None else value.start
    high = _Edge.HIGHEST if value.end is None else value.end
    return (
        low,
        high,
        value.start is not None and value.start_included,
        value.end is not None and value.end_included,
    )


def _is_before(one: _Span, two: _Span) -> bool:
    found = _order(one[1], two[0])
    return found < 0 or (found == 0 and not (one[3] and two[2]))


def _before(_b: Budget, one: object, two: object) -> bool:
    return _is_before(_span(one), _span(two))


def _after(_b: Budget, one: object, two: object) -> bool:
    return _is_before(_span(two), _span(one))


def _meets(_b: Budget, one: Range, two: Range) -> bool:
    a, b = _span(one), _span(two)
    return a[3] and b[2] and _order(a[1], b[0]) == 0


def _met_by(b: Budget, one: Range, two: Range) -> bool:
    return _meets(b, two, one)


def _overlaps(_b: Budget, one: Range, two: Range) -> bool:
    a, b = _span(one), _span(two)
    return not _is_before(a, b) and not _is_before(b, a)


def _starts_before(a: _Span, b: _Span) -> bool:
    found = _order(a[0], b[0])
    return found < 0 or (found == 0 and a[2] and not b[2])


def _ends_before(a: _Span, b: _Span) -> bool:
    found = _order(a[1], b[1])
    return found < 0 or (found == 0 and b[3] and not a[3])


def _overlaps_before(_b: Budget, one: Range, two: Range) -> bool:
    a, b = _span(one), _span(two)
    meets = not _is_before(a, b)
    ends = not _ends_before(b, a)
    return _starts_before(a, b) and meets and ends


def _overlaps_after(b: Budget, one: Range, two: Range) -> bool:
    return _overlaps_before(b, two, one)


def _finishes(_b: Budget, one: object, two: Range) -> bool:
    a, b = _span(one), _span(two)
    if not isinstance(one, Range):
        return b[3] and _order(a[1], b[1]) == 0
    same_end = _order(a[1], b[1]) == 0 and a[3] == b[3]
    return same_end and not _starts_before(a, b)


def _finished_by(b: Budget, one: Range, two: object) -> bool:
    return _finishes(b, two, one)


def _includes(_b: Budget, one: Range, two: object) -> bool:
    a, b = _span(one), _span(two)
    return not _starts_before(b, a) and not _ends_before(a, b)


def _during(b: Budget, one: object, two: Range) -> bool:
    return _includes(b, two, one)


def _starts(_b: Budget, one: object, two: Range) -> bool:
    a, b = _span(one), _span(two)
    if not isinstance(one, Range):
        return b[2] and _order(a[0], b[0]) == 0
    same_start = _order(a[0], b[0]) == 0 and a[2] == b[2]
    return same_start and not _ends_before(b, a)


def _started_by(b: Budget, one: Range, two: object) -> bool:
    return _starts(b, two, one)


def _coincides(_b: Budget, one: object, two: object) -> bool:
    a, b = _span(one), _span(two)
    if isinstance(one, Range) != isinstance(two, Range):
        raise FeelFault("coincides takes two points or two ranges")
    return _order(a[0], b[0]) == 0 and _order(a[1], b[1]) == 0 and a[2:] == b[2:]


_RANGE = re.compile(r"\s*([\[\](])(.*?)\.\.(.*?)([\])\[])\s*", re.DOTALL)
_HALF = re.compile(r"\s*\(\s*(<=|>=|<|>|=)(.*)\)\s*", re.DOTALL)
_CALL = re.compile(r'(?:date|time|date and time|duration)\(\s*("(?:[^"\\]|\\.)*")\s*\)', re.DOTALL)


def _endpoint(text: str) -> object:
    text = text.strip()
    if not text:
        return None
    quoted = _CALL.fullmatch(text)
    if quoted or text.startswith("@"):
        inner = quoted.group(1) if quoted else text[1:].strip()
        value, note = literal_temporal(unquoted(inner))
        if note:
            raise FeelFault(note)
        return value
    if text.startswith('"') and text.endswith('"') and len(text) > 1:
        return unquoted(text)
    negative = text.startswith("-")
    digits = text.removeprefix("-").strip()
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?|\.[0-9]+", digits, re.ASCII):
        raise FeelFault(f"{text} is no literal")
    number = literal_number(digits)
    if number is None:
        raise FeelFault(f"{text} is out of range")
    return -number if negative else number


def _range(_b: Budget, text: str) -> Range | None:
    half = _HALF.fullmatch(text)
    if half:
        value, op = _endpoint(half.group(2)), half.group(1)
        included = "=" in op
        if op == "=":
            return make_range(value, value, low_in=True, high_in=True, op=op)
        low, high = (None, value) if op.startswith("<") else (value, None)
        low_in, high_in = included and low is not None, included and high is not None
        return make_range(low, high, low_in=low_in, high_in=high_in, op=op)
    match = _RANGE.fullmatch(text)
    if match is None:
        raise FeelFault(f'"{text}" is no range')
    low, high = _endpoint(match.group(2)), _endpoint(match.group(3))
    low_in, high_in = match.group(1) == "[", match.group(4) == "]"
    if low is None and high is None:
        raise FeelFault("a range needs an end")
    if low is None or high is None:
        return Range(low, high, low_in and low is not None, high_in and high is not None)
    found = make_range(low, high, low_in=low_in, high_in=high_in, op="")
    if found is None or _order(low, high) > 0:
        raise FeelFault("the ends of a range are in order and of one type")
    return found


ROWS: tuple[tuple[str, Callable[..., object]], ...] = (
    ("before(point1: any, point2: any) -> boolean", _before),
    ("after(point1: any, point2: any) -> boolean", _after),
    ("meets(range1: range, range2: range) -> boolean", _meets),
    ("met by(range1: range, range2: range) -> boolean", _met_by),
    ("overlaps(range1: range, range2: range) -> boolean", _overlaps),
    ("overlaps before(range1: range, range2: range) -> boolean", _overlaps_before),
    ("overlaps after(range1: range, range2: range) -> boolean", _overlaps_after),
    ("finishes(point: any, range: range) -> boolean", _finishes),
    ("finished by(range: range, point: any) -> boolean", _finished_by),
    ("includes(range: range, point: any) -> boolean", _includes),
    ("during(point: any, range: range) -> boolean", _during),
    ("starts(point: any, range: range) -> boolean", _starts),
    ("started by(range: range, point: any) -> boolean", _started_by),
    ("coincides(point1: any, point2: any) -> boolean", _coincides),
    ("range(from: string) -> range", _range),
)
