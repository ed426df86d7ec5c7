"""Rules and facts that are meant to do harm; run in a process of its own.

Prints a line of JSON for each case: what was found by both networks, how long it took, and whether
the native one had to answer.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from casewright.rules.networks.contract import FactLimit, Network, Production
from casewright.rules.networks.durable import DurableNetwork, lower_reason
from casewright.rules.networks.native import NativeNetwork
from support.rules_made import PLAIN, facts, pattern, rule
from support.rules_random import Around

Data = Sequence[Mapping[str, Any]]
Case = tuple[Sequence[Production], Data]


def pair(when: str, kinds: Mapping[str, str] = PLAIN) -> list[Production]:
    return [rule(pattern("x", kinds=kinds), pattern("y", when, "x", label="g", kinds=kinds))]


def both_ways(field: str, *values: Any) -> list[dict[str, Any]]:
    """Return facts of both labels with these values."""
    return [{"is": label, field: value} for label in "fg" for value in values]


def unbounded(patterns: int, facts_each: int) -> Case:
    names = [f"p{i}" for i in range(patterns)]
    made = rule(*(pattern(name, "", *names[:i]) for i, name in enumerate(names)))
    return [made], [{"n": i} for i in range(facts_each)]


def keyed(count: int) -> Case:
    """Return three patterns joined by a key: few of so many combinations fit."""
    made = rule(
        pattern("x", "x.m = 0"),
        pattern("y", "y.n = x.n and y.m = 1", "x"),
        pattern("w", "w.n = y.n and w.m = 2", "x", "y"),
    )
    return [made], [{"n": i // 3, "m": i % 3} for i in range(count)]


def many(count: int) -> Case:
    made = [
        rule(
            pattern("x", f"x.n > {i % 700}"),
            pattern("y", f"y.n = x.n and y.m > {i % 90}", "x", label="g"),
            name=f"r{i}",
        )
        for i in range(count)
    ]
    return made, [{"n": 3, "m": 1}, {"is": "g", "n": 3, "m": 80}]


def wide(count: int) -> Case:
    """Return a rule that reads very many values."""
    kinds = {f"k{i}": "integer" for i in range(count)}
    when = " and ".join(f"y.{name} = x.{name}" for name in kinds)
    one = dict.fromkeys(kinds, 1)
    return pair(when, kinds), [one, {"is": "g", **one}]


def deep(levels: int) -> list[Any]:
    made: list[Any] = []
    for _ in range(levels):
        made = [made]
    return made


LONG = "x" * 70_000
COLLIDING = {"k32728": "integer", "k261234": "integer"}

CASES: dict[str, Callable[[], Case]] = {
    "two_of_190": lambda: unbounded(2, 190),
    "three_of_200": lambda: unbounded(3, 200),
    "eight_of_20": lambda: unbounded(8, 20),
    "nine_of_9": lambda: unbounded(9, 9),
    "keyed_198": lambda: keyed(198),
    "keyed_1000": lambda: keyed(1000),
    "single_1000": lambda: ([rule(pattern("x", "x.n > 500"))], [{"n": i} for i in range(1000)]),
    "rules_5000": lambda: many(5000),
    "values_200": lambda: wide(200),
    "values_20": lambda: wide(20),
    "long_texts": lambda: (pair("y.s = x.s"), both_ways("s", LONG, LONG + "y", "x" * 4464)),
    "surrogates": lambda: (pair("y.s = x.s"), both_ways("s", "\ud800", "\udfff", "\ud800\udc00")),
    "nul": lambda: (pair("y.s = x.s"), both_ways("s", "a", "a\x00", "a\x00b", "", '"', "\\", "\n")),
    "json": lambda: (pair("y.s = x.s"), both_ways("s", '","id":"0', '"a1":{"id":"7"', "}}}", "]")),
    "constants": lambda: (
        [rule(pattern("x", 'x.s = "a\\"b\\\\c" or x.s != "\u2028"'))],
        both_ways("s", 'a"b\\c', "\u2028", ""),
    ),
    "large": lambda: (
        pair("y.n = x.n"),
        both_ways("n", 2**63 - 1, 2**63, 2**63 + 1, -(2**63), -(2**63) - 1, 10**40),
    ),
    "largest": lambda: (pair("y.n > x.n"), both_ways("n", 2**63 - 1, 2**63 - 2, -(2**63) + 1)),
    "sums": lambda: (pair("y.n > x.n * 3 + 1"), both_ways("n", 2**31 - 1, -(2**31) + 1, 2**62)),
    "large_constants": lambda: (pair("y.n = x.n and y.n < 9223372036854775809"), both_ways("n", 1)),
    "exponents": lambda: (
        pair("y.d = x.d"),
        both_ways("d", Decimal("1e-7"), Decimal("1e22"), 10**22, Decimal("-0.0"), 0, Decimal("5")),
    ),
    "floats": lambda: (pair("y.d = x.d"), both_ways("d", 1e-07, 1e22, 0.1, float("nan"))),
    "booleans": lambda: (pair("y.n = x.n"), both_ways("n", True, 1, False, 0)),
    "collisions": lambda: (
        pair("y.k32728 = x.k261234", COLLIDING),
        [{"k32728": 1}, {"k261234": 2}, {"is": "g", "k32728": 2}, {"is": "g", "k261234": 1}],
    ),
    "reserved": lambda: (
        pair("y._t = x.id and y.sid = x._k", dict.fromkeys(("_t", "_k", "id", "sid"), "integer")),
        [{"_t": 1, "id": 2, "sid": 3, "_k": 4}, {"is": "g", "_t": 2, "id": 2, "sid": 4, "_k": 4}],
    ),
    "deep": lambda: (pair("y.n = x.n"), [{"n": 1, "z": deep(900)}, {"is": "g", "n": 1}]),
    "odd": lambda: (pair("y.n = x.n"), both_ways("n", deep(900), {"a": 1}, "1", 1)),
    "days": lambda: (
        pair("y.day > x.day"),
        both_ways("day", date.min, date.max),
    ),
    "instants": lambda: (
        pair("y.at >= x.at"),
        both_ways("at", datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)),
    ),
    "same_id": lambda: (pair("y.n = x.n"), both_ways("n", *([1] * 50))),
    "nobody": lambda: (pair("y.n = x.n"), []),
}


def asked(network: Network, data: Data) -> Any:
    """Return what a network finds; or that there was too much."""
    try:
        found = network.activations(facts(*data), Around(10**9))
    except FactLimit:
        return "FactLimit"
    return [(one.production, one.facts) for one in found]


def tried(name: str) -> dict[str, Any]:
    """Return what became of a case."""
    productions, data = CASES[name]()
    reasons = [reason for one in productions[:9] if (reason := lower_reason(one)) is not None]
    if reasons:
        return {"case": name, "reason": reasons[0]}
    start = time.perf_counter()
    durable, native = DurableNetwork(productions), NativeNetwork(productions)
    made = time.perf_counter()
    found, again = asked(durable, data), asked(durable, data)
    done = time.perf_counter()
    expected = asked(native, data)
    durable.close()
    return {
        "case": name,
        "same": found == again == expected,
        "found": found if isinstance(found, str) else len(found),
        "fallbacks": durable.fallbacks,
        "made": made - start,
        "seconds": done - made,
    }


if __name__ == "__main__":
    for case in sys.argv[1:] or CASES:
        print(json.dumps(tried(case)), flush=True)  # noqa: T201 - read by the test
