"""Rules that the raw library gets wrong, asked of the durable network; run in a process of its own.

Prints, as JSON, what each finds and what the native network finds.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from casewright.rules.networks.durable import DurableNetwork
from casewright.rules.networks.durable.ruleset import Failed, Ruleset
from casewright.rules.networks.native import NativeNetwork
from support.rules_made import facts, pattern, rule
from support.rules_random import Around

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from casewright.rules.networks.contract import Production

COLLIDING = {"k32728": "integer", "k261234": "integer"}
LONG = "x" * 65_539
PROBE = '"p":{"all":[{"a0":{"$and":[{"_t":0}]}}]}'


def pair(when: str) -> Production:
    """Return a production of a fact ``x`` of ``f`` and one ``y`` of ``g``."""
    return rule(pattern("x"), pattern("y", when, "x", label="g"))


def one(when: str, name: str = "r", kinds: Mapping[str, str] | None = None) -> Production:
    """Return a production of one fact."""
    if kinds is None:
        return rule(pattern("x", when), name=name)
    return rule(pattern("x", when, kinds=kinds), name=name)


CASES: dict[str, tuple[Sequence[Production], Sequence[Mapping[str, Any]]]] = {
    "false_last_join": ([pair("y.n > x.n")], [{"n": 9}, {"is": "g", "n": 2}]),
    "or_in_a_join": (
        [pair("(y.n = x.n or y.m = x.m) and y.s = x.s")],
        [{"n": 1, "m": 1, "s": "u"}, {"is": "g", "n": 1, "m": 0, "s": "v"}],
    ),
    "or_of_one_fact": ([one("x.n = 1 or x.m = 1")], [{"n": 1, "m": 1}]),
    "missing_beside": (
        [one("x.n > x.m", "gt"), one("x.n = x.m", "eq"), one("x.n != x.m", "ne")],
        [{"n": 1}],
    ),
    "missing_in_a_join": ([pair("y.n != x.n")], [{}, {"is": "g", "n": 1}]),
    "same_hash": ([one("x.k32728 = 1", kinds=COLLIDING)], [{"k261234": 1}]),
    "not_there": ([one("x.n = null")], [{"n": 1}, {}]),
    "long_text": ([one('x.s = "xxx"')], [{"s": LONG}, {"s": "xxx"}]),
    "long_texts_in_a_join": ([pair("y.s = x.s")], [{"s": LONG}, {"is": "g", "s": "xxx"}]),
    "text_and_number": ([one('x.s = "1"')], [{"s": 1}]),
    "beyond_63_bits": ([pair("y.n = x.n")], [{"n": 2**63}, {"is": "g", "n": 2**63 + 1}]),
    "order_of_texts": ([one('x.s < "abc def"')], [{"s": "abc"}]),
    "exponent": ([pair("y.d = x.d")], [{"d": 10**22}, {"is": "g", "d": 10**22}]),
    "same_tests": ([one("x.n = 1", f"r{i}") for i in range(260)], [{"n": 1}]),
    "fan_out": ([one(f"x.n > {i}", f"r{i}") for i in range(80)], [{"n": 100}]),
    "many_types": (
        [rule(pattern("x", label=f"l{i}"), name=f"r{i}") for i in range(520)],
        [{"is": "l600"}, {"is": "l519"}],
    ),
    "absence": (
        [rule(pattern("x"), absent=(pattern("y", label="g"),))],
        [{}, {"is": "g"}],
    ),
    "never_fired": ([one("x.n = 1")], [{"n": 2}]),
}


def found() -> dict[str, list[Any]]:
    """Return, by case, what the durable and the native network find, and how often in three calls
    the durable one left the answer to the other.
    """
    made: dict[str, list[Any]] = {}
    for name, (productions, data) in CASES.items():
        durable, native = DurableNetwork(productions), NativeNetwork(productions)
        made[name] = []
        for network in (durable, native):
            calls = [network.activations(facts(*data), Around()) for _ in range(3)]
            assert calls[0] == calls[1] == calls[2]
            made[name].append([[a.production, *map(list, a.facts)] for a in calls[0]])
        made[name].append(durable.fallbacks)
        durable.close()
    return made


def unused() -> None:
    """Close networks that were never asked."""
    for _ in range(20):
        DurableNetwork([one("x.n = 1")]).close()


def broken_off() -> list[Any]:
    """Break an evaluation off, and ask again."""
    join = '{"a0":{"$and":[{"_t":1}]}},{"a1":{"$and":[{"_t":2},{"_k":{"a0":"_k"}}]}}'
    ruleset = Ruleset(f'{{"r0":{{"all":[{join}]}},{PROBE}}}')
    messages = [f'{{"id":"{i}","sid":"0","_t":{1 + i % 2},"_k":1}}' for i in range(300)]
    try:
        ruleset.matches(messages)
    except Failed as err:
        return [str(err), ruleset.matches(messages[:4])]
    raise AssertionError("nothing was broken off")


if __name__ == "__main__":
    unused()
    print(json.dumps({**found(), "broken_off": broken_off()}))  # noqa: T201 - read by the test
