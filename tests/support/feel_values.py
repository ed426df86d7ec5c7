"""What FEEL's operators mean, value by value: the ground of the oracle.

Written from DMN 1.5, section 10.3.2, for tests only, and without the engine's own operators; it
shares with the engine nothing but the classes of values. Slow and plain on purpose. Dates that
Python cannot hold are not its business: there it is :class:`Unsure`.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal, DecimalException, localcontext
from typing import TYPE_CHECKING, Any, TypeGuard

from casewright.feel import Time, YearsMonths
from casewright.feel.values import Range

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

DIGITS = 34
MICROS = timedelta(microseconds=1)
DAY = 86_400_000_000


class Unsure(Exception):  # noqa: N818 - not an error, an answer
    """The oracle does not know; the case does not count."""


class Spent(Exception):  # noqa: N818 - as above
    """The oracle was asked for too much."""


@dataclass(eq=False)
class Closure:
    """A function as a value of the oracle."""

    parameters: tuple[str, ...]
    call: Callable[..., Any]


def is_list(value: Any) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def is_context(value: Any) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def name_of(value: Any) -> str:
    """Return the word for the kind of a value."""
    if value is None or isinstance(value, bool):
        return "null" if value is None else "boolean"
    if isinstance(value, int | Decimal):
        return "number"
    for found, name in _CLASSES:
        if isinstance(value, found):
            return name
    raise Unsure(f"{value!r}")


_CLASSES: tuple[tuple[type, str], ...] = (
    (str, "string"),
    (datetime, "date and time"),
    (date, "date"),
    (Time, "time"),
    (timedelta, "days and time duration"),
    (YearsMonths, "years and months duration"),
    (list, "list"),
    (dict, "context"),
    (Range, "range"),
    (Closure, "function"),
)


def number(work: Callable[[], Any]) -> Decimal | None:
    """Return what a computation with 34 digits gives, null where it gives no number."""
    with localcontext(Context(prec=DIGITS, Emin=-6143, Emax=6144)):
        try:
            found = +Decimal(work())
        except (DecimalException, ZeroDivisionError):
            return None
    return found if found.is_finite() else None


def micros(value: Any) -> int:
    """Return where on one line of time, in UTC, a date, instant or time lies."""
    if isinstance(value, Time):
        clock = (value.hour * 3600 + value.minute * 60 + value.second) * 1_000_000
        shift = timedelta(0) if value.offset is None else value.offset
        return clock + value.microsecond - shift // MICROS
    if not isinstance(value, datetime):
        days: int = value.toordinal()
        return days * DAY
    if value.tzinfo is not None:
        value = value.astimezone(UTC).replace(tzinfo=None)
    passed: timedelta = value - datetime(1, 1, 1)  # noqa: DTZ001 - a count, not an instant
    return passed // MICROS + DAY


def is_local(value: Any) -> bool:
    """Return whether a time, or date and time, has no offset; a date is midnight in UTC."""
    return isinstance(value, datetime | Time) and value.tzinfo is None


def equal(left: Any, right: Any) -> bool | None:
    """Return ``left = right`` (table 42): null for unlike kinds, null equals only null."""
    if left is None or right is None:
        return left is None and right is None
    kind = name_of(left)
    if kind != name_of(right):
        return None
    if kind == "list":
        same = len(left) == len(right)
        return same and all(equal(a, b) is True for a, b in zip(left, right, strict=True))
    if kind == "context":
        same = left.keys() == right.keys()
        return same and all(equal(left[k], right[k]) is True for k in left)
    if kind == "range":
        return _equal_ranges(left, right)
    if kind in ("date", "time", "date and time"):
        return is_local(left) == is_local(right) and micros(left) == micros(right)
    return left is right if kind == "function" else bool(left == right)


def _equal_ranges(left: Range, right: Range) -> bool:
    ends = equal(left.start, right.start) is True and equal(left.end, right.end) is True
    low = left.start is None or left.start_included == right.start_included
    return ends and low and (left.end is None or left.end_included == right.end_included)


_ORDERED = {
    "number",
    "string",
    "date",
    "time",
    "date and time",
    "days and time duration",
    "years and months duration",
}


def order(left: Any, right: Any) -> int | None:
    """Return -1, 0, 1 (table 43), null for unlike kinds and those without an order."""
    kind = name_of(left)
    if kind not in _ORDERED or kind != name_of(right):
        return None
    if kind in ("date", "time", "date and time"):
        if is_local(left) != is_local(right):
            return None
        left, right = micros(left), micros(right)
    if kind == "years and months duration":
        left, right = left.total, right.total
    return int(left > right) - int(left < right)


def compared(op: str, left: Any, right: Any) -> bool | None:
    """Return what a comparison gives."""
    if op in ("=", "!="):
        same = equal(left, right)
        return same if op == "=" or same is None else not same
    found = order(left, right)
    if found is None:
        return None
    return {"<": found < 0, "<=": found <= 0, ">": found > 0, ">=": found >= 0}[op]


def conjunction(values: list[Any]) -> bool | None:
    """Return ``and`` of values in three-valued logic (table 48)."""
    if any(v is False for v in values):
        return False
    return True if all(v is True for v in values) else None


def disjunction(values: list[Any]) -> bool | None:
    """Return ``or`` of values in three-valued logic (table 48)."""
    if any(v is True for v in values):
        return True
    return False if all(v is False for v in values) else None


def within(value: Any, span: Range) -> bool | None:
    """Return whether a point lies in a range (table 55)."""
    tests: list[Any] = []
    if span.start is not None:
        tests.append(compared(">=" if span.start_included else ">", value, span.start))
    if span.end is not None:
        tests.append(compared("<=" if span.end_included else "<", value, span.end))
    return conjunction(tests) if tests else None


def passes(value: Any, test: Any) -> bool | None:
    """Return whether an input passes a test that is a value: equal to it, or one of it."""
    if isinstance(test, Range):
        return equal(value, test) if isinstance(value, Range) else within(value, test)
    if not is_list(test):
        return equal(value, test)
    if is_list(value) and equal(value, test) is True:
        return True
    return any(
        (passes(value, t) if isinstance(t, Range) else equal(value, t)) is True for t in test
    )


def negation(value: Any) -> Any:
    """Return ``- value``."""
    kind = name_of(value)
    if kind == "number":
        return number(lambda: -Decimal(value))
    if kind == "days and time duration":
        return _length(lambda: -value)
    return YearsMonths(-value.total) if kind == "years and months duration" else None


def arithmetic(op: str, left: Any, right: Any) -> Any:
    """Return what ``+ - * / **`` give (tables 51 to 53)."""
    kinds = name_of(left), name_of(right)
    if "null" in kinds:
        return None
    if kinds == ("number", "number"):
        return _numbers(op, Decimal(left), Decimal(right))
    if kinds == ("string", "string") and op == "+":
        return left + right
    short = "".join(_SHORT.get(kind, "?") for kind in kinds)
    work = _TEMPORAL.get(short[0] + op + short[1])
    return None if work is None else work(left, right)


def _numbers(op: str, left: Decimal, right: Decimal) -> Decimal | None:
    if op == "/" and not right:
        return None
    if op == "**" and not right:
        return Decimal(1)
    works: Mapping[str, Callable[[], Decimal]] = {
        "+": lambda: left + right,
        "-": lambda: left - right,
        "*": lambda: left * right,
        "/": lambda: left / right,
        "**": lambda: left**right,
    }
    return number(works[op])


def _length(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except OverflowError:
        return None


def moved(value: Any, by: timedelta) -> Any:
    """Return a point in time moved by a length: real time where it has a zone, days for a date."""
    if isinstance(value, Time):
        clock = (value.hour * 3600 + value.minute * 60 + value.second) * 1_000_000
        seconds, rest = divmod((clock + value.microsecond + by // MICROS) % DAY, 1_000_000)
        hours, seconds = divmod(seconds, 3600)
        return Time(hours, seconds // 60, seconds % 60, rest, value.tzinfo)
    try:
        if not isinstance(value, datetime):
            midnight = datetime(value.year, value.month, value.day)  # noqa: DTZ001 - a date's
            return (midnight + by).date()
        if value.tzinfo is None:
            return value + by
        return (value.astimezone(UTC) + by).astimezone(value.tzinfo)
    except OverflowError as err:
        raise Unsure("a far date") from err


def moved_months(value: Any, months: int) -> Any:
    """Return a date, or date and time, some months away; the last day if that has no such day."""
    count = value.year * 12 + value.month - 1 + months
    year, month = count // 12, count % 12 + 1
    if not 1 <= year <= 9999:
        raise Unsure("a far date")
    return value.replace(year=year, month=month, day=min(value.day, monthrange(year, month)[1]))


def _distance(left: Any, right: Any) -> Any:
    if is_local(left) != is_local(right):
        return None
    return timedelta(microseconds=micros(left) - micros(right))


def _scaled(count: int, by: Any, op: str) -> int | None:
    """Return a count of months or microseconds times or over a number, cut to a whole one."""
    if op == "/" and by == 0:
        return None
    found = number(lambda: Decimal(count) * by if op == "*" else Decimal(count) / by)
    return None if found is None else int(found)


def _days(value: Any, by: Any, op: str) -> Any:
    found = _scaled(value // MICROS, by, op)
    return None if found is None else _length(lambda: timedelta(microseconds=found))


def _months(value: Any, by: Any, op: str) -> Any:
    found = _scaled(value.total, by, op)
    return None if found is None else YearsMonths(found)


def _ratio(left: int, right: int) -> Decimal | None:
    return number(lambda: Decimal(left) / Decimal(right))


_SHORT = {
    "number": "n",
    "date": "d",
    "time": "t",
    "date and time": "i",
    "days and time duration": "l",
    "years and months duration": "m",
}
_TEMPORAL: dict[str, Callable[[Any, Any], Any]] = {
    "l+l": lambda a, b: _length(lambda: a + b),
    "l-l": lambda a, b: _length(lambda: a - b),
    "m+m": lambda a, b: YearsMonths(a.total + b.total),
    "m-m": lambda a, b: YearsMonths(a.total - b.total),
    "n*l": lambda a, b: _days(b, a, "*"),
    "l*n": lambda a, b: _days(a, b, "*"),
    "l/n": lambda a, b: _days(a, b, "/"),
    "l/l": lambda a, b: _ratio(a // MICROS, b // MICROS),
    "n*m": lambda a, b: _months(b, a, "*"),
    "m*n": lambda a, b: _months(a, b, "*"),
    "m/n": lambda a, b: _months(a, b, "/"),
    "m/m": lambda a, b: _ratio(a.total, b.total),
    "t-t": _distance,
}
for _one in "di":
    for _two in "di":
        _TEMPORAL[f"{_one}-{_two}"] = _distance
for _one in "dit":
    _TEMPORAL[f"{_one}+l"] = moved
    _TEMPORAL[f"l+{_one}"] = lambda a, b: moved(b, a)
    _TEMPORAL[f"{_one}-l"] = lambda a, b: moved(a, -b)
for _one in "di":
    _TEMPORAL[f"{_one}+m"] = lambda a, b: moved_months(a, b.total)
    _TEMPORAL[f"m+{_one}"] = lambda a, b: moved_months(b, a.total)
    _TEMPORAL[f"{_one}-m"] = lambda a, b: moved_months(a, -b.total)


def property_of(value: Any, name: str) -> Any:
    """Return what stands behind a dot (table 54)."""
    if is_list(value):
        return [property_of(item, name) for item in value]
    if is_context(value):
        return value.get(name)
    part = _PARTS.get(name_of(value), {}).get(name)
    return None if part is None else part(value)


def _sign(value: timedelta) -> int:
    return -1 if value < timedelta(0) else 1


def _second(value: Any) -> Any:
    return value.second


_DATE: dict[str, Callable[[Any], Any]] = {
    "year": lambda v: v.year,
    "month": lambda v: v.month,
    "day": lambda v: v.day,
    "weekday": lambda v: v.weekday() + 1,
}
_TIME: dict[str, Callable[[Any], Any]] = {
    "hour": lambda v: v.hour,
    "minute": lambda v: v.minute,
    "second": _second,
    "time offset": lambda v: v.offset if isinstance(v, Time) else v.utcoffset(),
    "timezone": lambda v: getattr(v.tzinfo, "key", None),
}
_PARTS: dict[str, dict[str, Callable[[Any], Any]]] = {
    "date": _DATE,
    "date and time": {**_DATE, **_TIME},
    "time": _TIME,
    "days and time duration": {
        "days": lambda v: _sign(v) * abs(v).days,
        "hours": lambda v: _sign(v) * (abs(v).seconds // 3600),
        "minutes": lambda v: _sign(v) * (abs(v).seconds // 60 % 60),
        "seconds": lambda v: _sign(v) * (abs(v).seconds % 60),
    },
    "years and months duration": {
        "years": lambda v: (1 if v.total >= 0 else -1) * (abs(v.total) // 12),
        "months": lambda v: (1 if v.total >= 0 else -1) * (abs(v.total) % 12),
    },
    "range": {
        "start": lambda v: v.start,
        "end": lambda v: v.end,
        "start included": lambda v: v.start is not None and v.start_included,
        "end included": lambda v: v.end is not None and v.end_included,
    },
}
