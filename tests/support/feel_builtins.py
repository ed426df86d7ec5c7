"""The oracle's built-in functions: those that the random expressions call, plainly.

Written from DMN 1.5, section 10.3.4, for tests only.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cmp_to_key
from typing import TYPE_CHECKING, Any

from casewright.feel import Time, YearsMonths
from casewright.feel.literals import parse_duration
from casewright.feel.values import Range
from support.feel_signatures import BUILTINS, WIDE, Refused, feel, one, three, two, whole
from support.feel_values import (
    Closure,
    Unsure,
    arithmetic,
    compared,
    conjunction,
    disjunction,
    equal,
    is_context,
    is_list,
    name_of,
    number,
    order,
)

if TYPE_CHECKING:
    from collections.abc import Callable

# --- booleans, comparisons

one("not(negand: any)", lambda v: not v if isinstance(v, bool) else None)
one("all(list: list)", conjunction)
one("all(b*: any)", conjunction)
one("any(list: list)", disjunction)
one("any(b*: any)", disjunction)

# --- texts

one("string length(string: string)", len)
one("upper case(string: string)", str.upper)
one("lower case(string: string)", str.lower)
two("contains(string: string, match: string)", lambda s, m: m in s)
two("starts with(string: string, match: string)", lambda s, m: s[: len(m)] == m)
two("ends with(string: string, match: string)", lambda s, m: s[max(0, len(s) - len(m)) :] == m)
two(
    "substring before(string: string, match: string)",
    lambda s, m: s.split(m)[0] if m and m in s else "",
)
two(
    "substring after(string: string, match: string)",
    lambda s, m: s if not m else (s.split(m, 1)[1] if m in s else ""),
)


@feel("substring(string: string, start position: number, length?: number?)")
def substring(text: str, start: Any, length: Any = None) -> str:
    place = int(start)
    if not place or abs(place) > len(text) or (length is not None and int(length) < 1):
        raise Refused
    rest = text[place - 1 :] if place > 0 else text[place:]
    return rest if length is None else rest[: int(length)]


@feel("string join(list: list, delimiter?: string?)")
def string_join(items: list[Any], delimiter: str | None = None) -> str:
    if any(not isinstance(item, str | None) for item in items):
        raise Refused
    return (delimiter or "").join(item for item in items if item is not None)


@feel("string(from: any)")
def string(value: Any) -> str | None:
    return value if isinstance(value, str) or value is None else text_of(value)


def text_of(value: Any) -> str:
    kind = name_of(value)
    if kind == "number":
        return _digits(Decimal(value))
    if kind in ("null", "boolean"):
        return {None: "null", True: "true", False: "false"}[value]
    if kind == "string":
        quoted: str = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}"'
    if kind == "list":
        return f"[{', '.join(map(text_of, value))}]"
    if kind == "context":
        return "{" + ", ".join(f"{k}: {text_of(v)}" for k, v in value.items()) + "}"
    if kind == "years and months duration":
        return _months(value)
    if kind == "days and time duration":
        return _length(value)
    if kind == "date":
        return str(value)
    raise Unsure(kind)


def _digits(value: Decimal) -> str:
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def _months(value: YearsMonths) -> str:
    years, months = divmod(abs(value.total), 12)
    parts = f"{years}Y" * (years > 0) + f"{months}M" * (months > 0)
    return ("-" if value.total < 0 else "") + "P" + (parts or "0M")


def _length(value: timedelta) -> str:
    total = abs(value)
    hours, minutes, seconds = total.seconds // 3600, total.seconds // 60 % 60, total.seconds % 60
    text = f"{hours}H" * (hours > 0) + f"{minutes}M" * (minutes > 0)
    if seconds or total.microseconds:
        text += f"{_digits(Decimal(seconds) + Decimal(total.microseconds) / 1_000_000)}S"
    days = f"{total.days}D" * (total.days > 0)
    body = days + ("T" + text if text else "")
    return ("-" if value < timedelta(0) else "") + "P" + (body or "T0S")


# --- numbers


def rounding(mode: str) -> Callable[..., Any]:
    def apply(value: Any, scale: Any = None) -> Any:
        digits = 0 if scale is None else int(scale)
        if not -6111 <= digits <= 6176:
            raise Refused
        exact = Decimal(value)
        if -int(exact.as_tuple().exponent) <= digits:
            return number(lambda: exact)
        return number(lambda: exact.quantize(Decimal(1).scaleb(-digits, WIDE), mode, WIDE))

    return apply


feel("decimal(n: number, scale: number)")(rounding(ROUND_HALF_EVEN))
feel("floor(n: number, scale?: number)")(rounding(ROUND_FLOOR))
feel("ceiling(n: number, scale?: number)")(rounding(ROUND_CEILING))
feel("round half up(n: number, scale: number)")(rounding(ROUND_HALF_UP))
one("abs(n: number)", lambda n: number(lambda: abs(Decimal(n))))
one("odd(number: number)", lambda n: whole(n) % 2 == 1)
one("even(number: number)", lambda n: whole(n) % 2 == 0)


@feel("modulo(dividend: number, divisor: number)")
def modulo(left: Any, right: Any) -> Any:
    if not right:
        raise Refused
    one, two = Fraction(left), Fraction(right)
    rest = one - two * (one // two)
    return number(lambda: WIDE.divide(Decimal(rest.numerator), Decimal(rest.denominator)))


@feel("number(from: string)")
def number_of(text: str) -> Any:
    if not text.strip("+") or text != text.strip() or "_" in text or text[0] == "+":
        raise Refused
    return number(lambda: text)


# --- lists


def extreme(sign: int) -> Callable[..., Any]:
    def find(items: list[Any]) -> Any:
        best = items[0] if items else None
        for item in items:
            found = order(item, best)
            if found is None:
                return None
            best = item if found == sign else best
        return best

    return find


def total(items: list[Any]) -> Any:
    kinds = ("number", "days and time duration", "years and months duration")
    if not items or name_of(items[0]) not in kinds:
        return None
    found = items[0]
    for item in items[1:]:
        found = arithmetic("+", found, item)
    return found


def mean(items: list[Any]) -> Any:
    return arithmetic("/", total(items), len(items)) if items else None


def product(items: list[Any]) -> Any:
    if not items or any(name_of(item) != "number" for item in items):
        return None
    found: Any = Decimal(1)
    for item in items:
        found = arithmetic("*", found, item)
    return found


for _name, _work in (
    ("min", extreme(-1)),
    ("max", extreme(1)),
    ("sum", total),
    ("mean", mean),
    ("product", product),
):
    feel(f"{_name}(list: list)")(_work)
    feel(f"{_name}(n*: any)")(_work)

one("count(list: list)", len)
one("reverse(list: list)", lambda items: items[::-1])
two("append(list: list, item*: any)", lambda items, more: items + more)
two("list contains(list: list, element: any)", lambda items, e: any(equal(i, e) for i in items))
two(
    "index of(list: list, match: any)",
    lambda items, m: [at for at, i in enumerate(items, 1) if equal(i, m) is True],
)


@feel("concatenate(list*: any)")
def concatenate(lists: list[Any]) -> list[Any]:
    if any(inner is None for inner in lists):
        raise Refused
    return [item for inner in lists for item in (inner if is_list(inner) else [inner])]


@feel("distinct values(list: list)")
def distinct(items: list[Any]) -> list[Any]:
    found: list[Any] = []
    for item in items:
        if not any(equal(item, other) is True for other in found):
            found.append(item)
    return found


@feel("union(list*: any)")
def union(lists: list[Any]) -> list[Any]:
    return distinct(concatenate(lists))


@feel("flatten(list: list)")
def flatten(items: list[Any]) -> list[Any]:
    return [x for item in items for x in (flatten(item) if is_list(item) else [item])]


def place_in(items: list[Any], position: Any) -> int:
    place = whole(position)
    if not place or abs(place) > len(items):
        raise Refused
    return place - 1 if place > 0 else len(items) + place


@feel("sublist(list: list, start position: number, length?: number?)")
def sublist(items: list[Any], start: Any, length: Any = None) -> list[Any]:
    rest = items[place_in(items, start) :]
    if length is None:
        return rest
    if not 0 <= whole(length) <= len(rest):
        raise Refused
    return rest[: whole(length)]


@feel("remove(list: list, position: number)")
def remove(items: list[Any], position: Any) -> list[Any]:
    place = place_in(items, position)
    return items[:place] + items[place + 1 :]


@feel("insert before(list: list, position: number, newItem: any)")
def insert_before(items: list[Any], position: Any, new: Any) -> list[Any]:
    place = place_in(items, position)
    return [*items[:place], new, *items[place:]]


@feel("sort(list: list, precedes?: function)")
def sort(items: list[Any], precedes: Closure | None = None) -> list[Any]:
    def by(left: Any, right: Any) -> int:
        if precedes is None:
            found = order(left, right)
            if found is None:
                raise Refused
            return found
        if precedes.call(left, right) is True:
            return -1
        return 1 if precedes.call(right, left) is True else 0

    if precedes is not None and len(precedes.parameters) != 2:
        raise Refused
    return sorted(items, key=cmp_to_key(by))


def median(items: list[Any]) -> Any:
    if not items or any(name_of(item) != "number" for item in items):
        return None
    places = sorted(items)
    low, high = places[(len(items) - 1) // 2], places[len(items) // 2]
    return low if len(items) % 2 else arithmetic("/", arithmetic("+", low, high), 2)


def mode(items: list[Any]) -> Any:
    if any(name_of(item) != "number" for item in items):
        return None
    counts = Counter(items)
    return sorted(item for item in counts if counts[item] == max(counts.values()))


for _name, _work in (("median", median), ("mode", mode)):
    feel(f"{_name}(list: list)")(_work)
    feel(f"{_name}(n*: any)")(_work)


@feel("list replace(list: list, position: number, newItem: any)")
def list_replace(items: list[Any], position: Any, new: Any) -> list[Any]:
    place = place_in(items, position)
    return [*items[:place], new, *items[place + 1 :]]


@feel("list replace(list: list, match: function, newItem: any)")
def list_replace_matching(items: list[Any], match: Closure, new: Any) -> list[Any]:
    if len(match.parameters) != 2:
        raise Refused
    answers = [match.call(item, new) for item in items]
    if not all(isinstance(answer, bool) for answer in answers):
        raise Refused
    return [new if answer else item for item, answer in zip(items, answers, strict=True)]


# --- contexts

two("get value(m: context, key: string)", lambda m, key: m.get(key))
one("get entries(m: context)", lambda m: [{"key": k, "value": v} for k, v in m.items()])
three("context put(context: context, key: string, value: any)", lambda m, k, v: {**m, k: v})


@feel("context merge(contexts: list)")
def merge(contexts: list[Any]) -> dict[str, Any]:
    if any(not is_context(c) for c in contexts):
        raise Refused
    return {k: v for c in contexts for k, v in c.items()}


# --- dates: reading literals is the engine's, and tested on its own

one("duration(from: string)", parse_duration)
one("date(from: string)", date.fromisoformat)

three(
    "date(year: number, month: number, day: number)",
    lambda y, m, d: _near_date(whole(y), whole(m), whole(d)),
)
one("date(from: date)", lambda d: d)
one("date(from: date and time)", lambda d: d.date())
one("day of year(date: date)", lambda d: d.timetuple().tm_yday)
one("day of year(date: date and time)", lambda d: d.timetuple().tm_yday)
one("day of week(date: date)", lambda d: f"{d:%A}")
one("day of week(date: date and time)", lambda d: f"{d:%A}")


def _near_date(year: int, month: int, day: int) -> date:
    if not 1 <= year <= 9999:
        raise Unsure("a far date")
    return date(year, month, day)


one("month of year(date: date)", lambda d: f"{d:%B}")
one("month of year(date: date and time)", lambda d: f"{d:%B}")
one("week of year(date: date)", lambda d: int(f"{d:%V}"))
one("week of year(date: date and time)", lambda d: int(f"{d:%V}"))
one("time(from: time)", lambda t: t)
one("time(from: date)", lambda d: Time(0, tzinfo=UTC))
one(
    "time(from: date and time)", lambda i: Time(i.hour, i.minute, i.second, i.microsecond, i.tzinfo)
)


@feel("date and time(date: date, time: time)")
def date_and_time(day: date, time: Time) -> datetime:
    clock = time.hour, time.minute, time.second, time.microsecond
    return datetime(day.year, day.month, day.day, *clock, tzinfo=time.tzinfo)


@feel("date and time(date: date and time, time: time)")
def date_of_and_time(day: datetime, time: Time) -> datetime:
    return date_and_time(day.date(), time)


@feel("years and months duration(from: date, to: date)")
def months_between(start: date, end: date) -> YearsMonths:
    """Whole months that have passed; a day later in the month has not come round."""
    count = (end.year - start.year) * 12 + end.month - start.month
    if count > 0 and end.day < start.day:
        count -= 1
    if count < 0 and end.day > start.day:
        count += 1
    return YearsMonths(count)


two(
    "years and months duration(from: date, to: date and time)",
    lambda start, end: months_between(start, end.date()),
)
two(
    "years and months duration(from: date and time, to: date)",
    lambda start, end: months_between(start.date(), end),
)


@feel("years and months duration(from: date and time, to: date and time)")
def months_between_instants(start: datetime, end: datetime) -> YearsMonths:
    raise Unsure("clocks")


# --- ranges


Ends = tuple[Any, bool, Any, bool]


def ends(value: Any) -> Ends:
    if not isinstance(value, Range):
        return value, True, value, True
    if value.start is None or value.end is None:
        raise Unsure("an open range")
    return value.start, value.start_included, value.end, value.end_included


def sure(op: str, left: Any, right: Any) -> bool:
    found = None if order(left, right) is None else compared(op, left, right)
    if found is None:
        raise Refused
    return found


@feel("before(point1: any, point2: any)")
def before(one: Any, two: Any) -> bool:
    _, _, end, closed = ends(one)
    start, opened, _, _ = ends(two)
    return sure("<", end, start) or (sure("=", end, start) and not (closed and opened))


@feel("after(point1: any, point2: any)")
def after(one: Any, two: Any) -> bool:
    return before(two, one)


@feel("includes(range: range, point: any)")
def includes(span: Range, point: Any) -> bool:
    low, low_in, high, high_in = ends(span)
    start, start_in, end, end_in = ends(point)
    begins = sure("<", low, start) or (sure("=", low, start) and (low_in or not start_in))
    return begins and (sure(">", high, end) or (sure("=", high, end) and (high_in or not end_in)))


@feel("during(point: any, range: range)")
def during(point: Any, span: Range) -> bool:
    return includes(span, point)


@feel("meets(range1: range, range2: range)")
def meets(one: Range, two: Range) -> bool:
    return ends(one)[3] and ends(two)[1] and sure("=", ends(one)[2], ends(two)[0])


@feel("overlaps(range1: range, range2: range)")
def overlaps(one: Range, two: Range) -> bool:
    return not before(one, two) and not before(two, one)


@feel("met by(range1: range, range2: range)")
def met_by(one_: Range, two_: Range) -> bool:
    return meets(two_, one_)


@feel("coincides(point1: any, point2: any)")
def coincides(left: Any, right: Any) -> bool:
    if isinstance(left, Range) != isinstance(right, Range):
        raise Refused
    low, low_in, high, high_in = ends(left)
    start, start_in, end, end_in = ends(right)
    same = sure("=", low, start) and sure("=", high, end)
    return same and (low_in, high_in) == (start_in, end_in)


@feel("starts(point: any, range: range)")
def starts(point: Any, span: Range) -> bool:
    start, start_in, end, end_in = ends(point)
    low, low_in, high, high_in = ends(span)
    if not isinstance(point, Range):
        return low_in and sure("=", start, low)
    inside = sure("<", end, high) or (sure("=", end, high) and (high_in or not end_in))
    return sure("=", start, low) and start_in == low_in and inside


@feel("finishes(point: any, range: range)")
def finishes(point: Any, span: Range) -> bool:
    start, start_in, end, end_in = ends(point)
    low, low_in, high, high_in = ends(span)
    if not isinstance(point, Range):
        return high_in and sure("=", end, high)
    inside = sure(">", start, low) or (sure("=", start, low) and (low_in or not start_in))
    return sure("=", end, high) and end_in == high_in and inside


@feel("started by(range: range, point: any)")
def started_by(span: Range, point: Any) -> bool:
    return starts(point, span)


@feel("finished by(range: range, point: any)")
def finished_by(span: Range, point: Any) -> bool:
    return finishes(point, span)


# --- patterns: only those that mean the same in Python


@feel("matches(input: string, pattern: string)")
def matches(text: str, pattern: str) -> bool:
    return re.search(_plain(pattern), text) is not None


@feel("split(string: string, delimiter: string)")
def split(text: str, delimiter: str) -> list[str]:
    return re.split(_plain(delimiter), text)


@feel("replace(input: string, pattern: string, replacement: string)")
def replace(text: str, pattern: str, replacement: str) -> str:
    if not re.fullmatch(r"[\w ,]*", replacement):
        raise Unsure("a replacement")
    return re.sub(_plain(pattern), replacement, text)


def _plain(pattern: str) -> str:
    if pattern not in ("a", "b", ",", "[ab]+", "b?c", "^a", "b|c", "(a)(b)"):
        raise Unsure("a pattern")
    return pattern


SIGNATURES = BUILTINS
"""All of them by name, for this module has been read."""
