"""Random FEEL: expressions of a wanted type over a fixed set of names, and values for those names.

One seed, one text. Most of what is written has the types that FEEL wants, for only that gets far;
one part in fifteen is of any type, or null.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from casewright.feel import Name, Scope, Time, YearsMonths, types
from casewright.feel.values import Range

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from random import Random

ITEM = types.ContextType({"a": types.Member(types.NUMBER), "b": types.Member(types.STRING)})
NAMES: Mapping[str, tuple[str, types.Type]] = {
    "n1": ("number", types.NUMBER),
    "n2": ("number", types.NUMBER),
    "unit price": ("number", types.NUMBER),
    "s1": ("string", types.STRING),
    "s2": ("string", types.STRING),
    "p": ("boolean", types.BOOLEAN),
    "q": ("boolean", types.BOOLEAN),
    "d1": ("date", types.DATE),
    "d2": ("date", types.DATE),
    "t1": ("time", types.TIME),
    "i1": ("instant", types.DATE_TIME),
    "i2": ("instant", types.DATE_TIME),
    "l1": ("length", types.DAYS_TIME),
    "m1": ("months", types.YEARS_MONTHS),
    "ns": ("numbers", types.ListType(types.NUMBER)),
    "ss": ("strings", types.ListType(types.STRING)),
    "c": ("context", ITEM),
    "cs": ("contexts", types.ListType(ITEM)),
    "r": ("range", types.RangeType(types.NUMBER)),
    "x": ("any", types.ANY),
}
SCOPE = Scope(
    names={n: Name(kind, f"s.get({n!r})", (n,)) for n, (_, kind) in NAMES.items()}, strict=False
)
STRICT = Scope(names=SCOPE.names)
KINDS = tuple(dict.fromkeys(kind for kind, _ in NAMES.values()))
TEXTS = ("", "a", "ab", "abc", "b,a", "Zürich", "😀x", "12", "-1.50", "A b")
NUMBERS = (
    *("0", "1", "2", "3", "-1", "-2", "10", "0.5", "1.25", "-0.1", "0.3333", "100", "1e3"),
    *("9999999999999999999999999999999999", "1e-6", "12345.678", "7e30"),
)
DATES = ("2024-02-29", "2026-01-31", "2025-12-31", "1999-03-01", "2026-03-29")
TIMES = ("00:00:00", "10:30:00", "23:59:59.5", "08:15:00Z", "12:00:00+02:00", "01:00:00-05:30")
CLOCKS = ("00:00:00", "10:30:00", "23:59:59.25", "02:30:00Z", "12:00:00+02:00")
LENGTHS = ("PT0S", "P1D", "PT36H", "-PT90M", "P10DT2H3M4.5S", "PT0.001S")
MONTHS = ("P0M", "P1M", "P1Y2M", "-P3M", "P20Y")


def values(random: Random) -> dict[str, Any]:
    """Return values for the names; each may be null or, for ``x``, of any type."""
    return {name: value_of(random, kind) for name, (kind, _) in NAMES.items()}


def value_of(random: Random, kind: str) -> Any:
    if random.random() < 0.12:
        return None
    if kind == "any":
        kind = random.choice([k for k in KINDS if k != "any"])
    return _VALUES[kind](random)


def _number(random: Random) -> Any:
    found = Decimal(random.choice(NUMBERS))
    return int(found) if found == found.to_integral_value() else found


def _date(random: Random) -> date:
    return date.fromisoformat(random.choice(DATES))


def _zone(random: Random) -> Any:
    return random.choice(
        (None, None, UTC, timezone(timedelta(hours=-3)), ZoneInfo("Europe/Berlin"))
    )


def _instant(random: Random) -> datetime:
    day = _date(random)
    return datetime(day.year, day.month, day.day, random.randrange(24), 30, 0, tzinfo=_zone(random))


def _time(random: Random) -> Time:
    zone = random.choice((None, UTC, timezone(timedelta(hours=2))))
    return Time(random.randrange(24), random.choice((0, 30)), 0, 0, zone)


def _item(random: Random) -> dict[str, Any]:
    return {"a": value_of(random, "number"), "b": value_of(random, "string")}


def _range(random: Random) -> Range:
    low = random.randrange(-3, 4)
    sides = random.random() < 0.5, random.random() < 0.5
    return Range(low, low + random.randrange(6), sides[0], sides[1])


def _many(kind: str) -> Callable[[Random], list[Any]]:
    def make(random: Random) -> list[Any]:
        return [value_of(random, kind) for _ in range(random.randrange(5))]

    return make


_VALUES: Mapping[str, Callable[[Random], Any]] = {
    "number": _number,
    "string": lambda random: random.choice(TEXTS),
    "boolean": lambda random: random.random() < 0.5,
    "date": _date,
    "time": _time,
    "instant": _instant,
    "length": lambda random: timedelta(minutes=random.randrange(-5000, 5000, 30)),
    "months": lambda random: YearsMonths(random.randrange(-30, 30)),
    "numbers": _many("number"),
    "strings": _many("string"),
    "context": _item,
    "contexts": lambda random: [
        None if random.random() < 0.1 else _item(random) for _ in range(random.randrange(4))
    ],
    "range": _range,
}

# {kind} is a part of that kind; {n:kind} one that may use the local names bound before it.
SHAPES: Mapping[str, tuple[str, ...]] = {
    "number": (
        *("{number} + {number}", "{number} - {number}", "{number} * {number}") * 2,
        *("{number} / {number}", "{number} ** {small}", "-{number}", "({number})"),
        *("count({list})", "sum({numbers})", "min({numbers})", "max({number}, {number})"),
        *("mean({numbers})", "product({numbers})", "string length({string})", "number({string})"),
        *("floor({number})", "ceiling({number})", "abs({number})", "decimal({number}, {small})"),
        *("round half up({number}, {small})", "modulo({number}, {number})"),
        *("modulo(divisor: {number}, dividend: {number})", "floor(n: {number})"),
        *("{date}.year", "{instant}.hour", "{length}.hours", "{months}.months", "{time}.minute"),
        *("{date}.weekday", "{context}.a", "{contexts}[{small}].a", "{numbers}[{small}]"),
        *("{length} / {length}", "{months} / {months}", "{range}.start", "day of year({date})"),
        "if {boolean} then {number} else {number}",
        "(function(v: number, w) {v:number:number} + {w:any:number})({number}, {any})",
        "(function(v, w) {v:number:number} - {w:number:number})(w: {number}, v: {number})",
        "{{v: {number}, w: {v:number:number}}}.w",
        'get value({context}, "a")',
        *("median({numbers})", "median({number}, {number})", "mode({numbers})[1]"),
        *("week of year({date})", "week of year({instant})", "time({instant}).hour"),
        "years and months duration({date}, {date}).months",
    ),
    "string": (
        *("{string} + {string}", "upper case({string})", "lower case({string})"),
        *("substring({string}, {small})", "substring({string}, {small}, {small})"),
        *("substring before({string}, {string})", "substring after({string}, {string})"),
        *("string join({strings}, {string})", "string({any})", "{context}.b", "{strings}[{small}]"),
        *("if {boolean} then {string} else {string}", "string join({strings})", "({string})"),
        *("{contexts}[item.a = {number}][1].b", "max({strings})", "day of week({date})"),
        *('replace({string}, "[ab]+", "x")', 'replace({string}, "b|c", "")'),
        "month of year({date})",
    ),
    "boolean": (
        *("{number} < {number}", "{number} >= {number}", "{number} = {number}") * 2,
        *("{string} = {string}", "{string} != {string}", "{any} = {any}", "{any} != null"),
        *("{date} < {date}", "{instant} >= {instant}", "{time} > {time}", "{length} <= {length}"),
        *("{months} = {months}", "{any} < {any}", "{numbers} = {numbers}", "{context} = {context}"),
        *("{boolean} and {boolean}", "{boolean} or {boolean}", "not({boolean})") * 2,
        *("{boolean} and {boolean} and {boolean}", "({boolean})", "{boolean} = {boolean}"),
        *("{number} between {number} and {number}", "{any} between {any} and {any}"),
        *("{number} in ({number}, {number})", "{number} in [{number}..{number}]"),
        *("{number} in (< {number}, > {number})", "{string} in ({string}, {string}, {string})"),
        *("{number} in ]{small}..{small}[", "{number} in {range}", "{any} in {list}"),
        *("{string} in {strings}", "{number} in (1, 2, [3..5])", 's1 in ("a", "ab")'),
        *("{date} in [{date}..{date}]", "{any} in (<= {any})", "n1 in [1..10]", "n2 in (1, 2)"),
        *("{any} instance of number", "{any} instance of string", "{any} instance of list"),
        *("{any} instance of date and time", "{any} instance of date", "{any} instance of Any"),
        *("{list} instance of list<number>", "{any} instance of boolean", "odd({number})"),
        *("some v in {numbers} satisfies {v:number:boolean}", "even({number})"),
        *("every v in {numbers} satisfies {v:number:boolean}",),
        "some v in {contexts}, w in {numbers} satisfies v.a {op} {w:number:number}",
        *("every v in {list} satisfies {v:any:boolean}", "all({boolean}, {boolean})"),
        *("any([{boolean}, {boolean}])", "contains({string}, {string})"),
        *("starts with({string}, {string})", "ends with({string}, {string})"),
        *("list contains({list}, {any})", "if {boolean} then {boolean} else {boolean}"),
        *("includes({range}, {number})", "before({number}, {range})", "after({range}, {number})"),
        *("overlaps({range}, {range})", "meets({range}, {range})", "during({range}, {range})"),
        "(function(v) {v:any:boolean})({any})",
        *("coincides({range}, {range})", "coincides({number}, {number})"),
        "met by({range}, {range})",
        *("starts({number}, {range})", "starts({range}, {range})", "finishes({range}, {range})"),
        *("finishes({number}, {range})", "started by({range}, {range})"),
        "finished by({range}, {x})",
        *('matches({string}, "[ab]+")', 'matches({string}, "^a")', 'matches({string}, "b?c")'),
        "some v in {small}..{small} satisfies {v:number:boolean}",
    ),
    "date": (
        *("{date} + {months}", "{date} - {months}", "{date} + {length}", "date({instant})"),
        *("date({number}, {small}, {small})", "if {boolean} then {date} else {date}"),
        *("date(2026, {small}, {small})", "min({date}, {date})", "({date})"),
    ),
    "time": ("{time} + {length}", "{time} - {length}", "if {boolean} then {time} else {time}"),
    "instant": (
        *("{instant} + {length}", "{instant} - {length}", "{instant} + {months}"),
        *("if {boolean} then {instant} else {instant}", "{length} + {instant}", "({instant})"),
        *("date and time({date}, {time})", "date and time({instant}, {time})"),
    ),
    "length": (
        *("{length} + {length}", "{length} - {length}", "{length} * {number}", "-{length}"),
        *("{length} / {number}", "{date} - {date}", "{instant} - {instant}", "{time} - {time}"),
        *("sum([{length}, {length}])", "{instant}.time offset", "({length})"),
    ),
    "months": (
        *("{months} + {months}", "{months} - {months}", "{number} * {months}", "-{months}"),
        *("{months} / {number}", "mean([{months}, {months}])"),
    ),
    "numbers": (
        *("[{number}, {number}, {number}]", "[{number}]", "[]", "{numbers}[item > {number}]"),
        *("{numbers}[{item:number:boolean}]", "{contexts}.a", "{contexts}[a > {number}].a"),
        *("for v in {numbers} return {v:number:number}", "for v in {small}..{small} return v * 2"),
        *("for v in {numbers}, w in {numbers} return v - w", "append({numbers}, {number})"),
        *("for v in {small}..{small} return count(partial) + v", "for v in {range} return v"),
        *("concatenate({numbers}, {numbers})", "reverse({numbers})", "distinct values({numbers})"),
        *("union({numbers}, {numbers})", "flatten([{numbers}, [{numbers}]])", "sort({numbers})"),
        *("sort({numbers}, function(v, w) v > w)", "sublist({numbers}, {small})"),
        *("insert before({numbers}, {small}, {number})", "remove({numbers}, {small})"),
        *("index of({list}, {any})", "if {boolean} then {numbers} else {numbers}"),
        *("sublist({numbers}, {small}, {small})", "for v in {list} return {v:any:number}"),
        *("list replace({numbers}, {small}, {number})", "mode({numbers})"),
        "list replace({numbers}, function(v, w) {v:number:boolean}, {number})",
        "for v in {numbers} return for w in {numbers} return {w:number:number} + v",
    ),
    "strings": (
        *("[{string}, {string}]", "{contexts}.b", "for v in {strings} return {v:string:string}"),
        *("{strings}[item != {string}]", "distinct values({strings})", "sort({strings})"),
        *("{contexts}[b = {string}].b", "append({strings}, {string})", "[{string}]"),
        *('split({string}, ",")', 'split({string}, "b|c")'),
    ),
    "context": (
        *("{{a: {number}, b: {string}}}", "{contexts}[{small}]"),
        "context put({context}, {string}, {any})",
        *("context merge([{context}, {context}])", "if {boolean} then {context} else {context}"),
    ),
    "contexts": (
        *("[{context}, {context}]", "{contexts}[a = {number}]", "{contexts}[b != {string}]"),
        "{contexts}[a > {number} and b = {string}]",
        "for v in {numbers} return {{a: v, b: {string}}}",
        *("{contexts}[item.a < {number}]", "sort({contexts}, function(v, w) v.a < w.a)"),
        *("{contexts}[not(a = {number})]", "get entries({context})"),
    ),
    "range": (
        *("[{number}..{number}]", "({number}..{number}]", "[{number}..{number}[", "(> {number})"),
    ),
    "any": ("{x}", "{number}", "{string}", "{boolean}", "{list}", "{context}", "{date}",
            "{instant}",
            "{range}", "{x}[{number}]", "{x}.a", "{x}[{item:any:boolean}]", "{length}", "{time}"),
    "list": ("{numbers}", "{strings}", "{contexts}", "[{any}, {any}]", "{x}", "[{numbers}, {any}]"),
    "small": ("1", "2", "3", "-1", "0", "4", "n2", "{number}"),
    "op": ("<", "=", ">", "!="),
    "x": ("x",),
}  # fmt: skip
LEAVES: Mapping[str, Callable[[Random], str]] = {
    "number": lambda random: random.choice(NUMBERS),
    "string": lambda random: f'"{random.choice(TEXTS)}"',
    "boolean": lambda random: random.choice(("true", "false")),
    "date": lambda random: f'@"{random.choice(DATES)}"',
    "time": lambda random: f'@"{random.choice(TIMES)}"',
    "instant": lambda random: f'@"{random.choice(DATES)}T{random.choice(CLOCKS)}"',
    "length": lambda random: f'duration("{random.choice(LENGTHS)}")',
    "months": lambda random: f'@"{random.choice(MONTHS)}"',
    "numbers": lambda random: "[1, 2, 3]",
    "strings": lambda random: '["a", "b"]',
    "context": lambda random: '{a: 1, b: "x"}',
    "contexts": lambda random: '[{a: 1, b: "x"}, {a: 2, b: "y"}]',
    "range": lambda random: random.choice(("[1..5]", "(0..10)", "[2..2]")),
    "any": lambda random: random.choice(("x", "1", '"a"', "null", "true")),
    "list": lambda random: random.choice(("[]", "[1, null]", '["a"]')),
}


class Writer:
    """Writes one expression after the other."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def expression(self) -> str:
        return self._part(self._random.choice(KINDS), self._random.randint(1, 4), ())

    def condition(self) -> str:
        return self._part("boolean", self._random.randint(1, 4), ())

    def _part(self, kind: str, depth: int, locals_: tuple[tuple[str, str], ...]) -> str:
        random = self._random
        if kind in LEAVES and random.random() < 0.05:
            kind = random.choice(KINDS)
        if kind in LEAVES and random.random() < 0.02:
            return "null"
        if kind in ("op", "x", "small") and (depth <= 0 or random.random() < 0.9):
            return random.choice(SHAPES[kind][:-1] or SHAPES[kind])
        if depth <= 0 or (kind in LEAVES and random.random() < 0.15):
            return self._leaf(kind, locals_)
        return self._filled(random.choice(SHAPES[kind]), depth - 1, locals_)

    def _leaf(self, kind: str, locals_: tuple[tuple[str, str], ...]) -> str:
        random = self._random
        own = [name for name, its in locals_ if kind in (its, "any")]
        if own and random.random() < 0.7:
            return random.choice(own)
        named = [name for name, (its, _) in NAMES.items() if its == kind]
        if named and random.random() < 0.6:
            return random.choice(named)
        return LEAVES[kind](random)

    def _filled(self, shape: str, depth: int, locals_: tuple[tuple[str, str], ...]) -> str:
        found: list[str] = []
        rest = shape
        while "{" in rest:
            before, _, rest = rest.partition("{")
            if rest.startswith("{"):
                found.append(before + "{")
                rest = rest[1:]
                continue
            found.append(before.replace("}}", "}"))
            hole, _, rest = rest.partition("}")
            *bound, kind = hole.split(":")
            inner = (*locals_, (bound[0], bound[1])) if bound else locals_
            part = self._part(kind, depth, inner)
            simple = part.isidentifier() or kind in ("op", "small") or "(" not in before + rest
            found.append(part if simple and " " not in part else f"({part})")
        found.append(rest.replace("}}", "}"))
        return "".join(found)
