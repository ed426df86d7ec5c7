"""The durable network: what is lowered, where it goes, and what is given back."""

from __future__ import annotations

import gc
import importlib
import json
import os
import subprocess
import sys
import threading
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from casewright.feel import BudgetExceeded, Name, Scope, compile, types
from casewright.rules.networks.contract import Condition, FactLimit, Pattern, Production
from casewright.rules.networks.durable import DurableNetwork, is_installed, lower_reason
from casewright.rules.networks.durable.clauses import alternatives
from casewright.rules.networks.durable.layout import layouts
from casewright.rules.networks.durable.limits import collisions, fnv32
from casewright.rules.networks.durable.lowering import lower
from casewright.rules.networks.durable.messages import TextNumbers
from casewright.rules.networks.durable.ruleset import Failed, Ruleset
from casewright.rules.networks.native import NativeNetwork
from support.rules_made import facts, pattern, rule
from support.rules_random import Around

if TYPE_CHECKING:
    from collections.abc import Sequence

needs_library = pytest.mark.skipif(
    not is_installed(), reason="durable_rules_engine is not importable"
)


def pair(when: str, **more: Any) -> Production:
    return rule(pattern("x"), pattern("y", when, "x", label="g", **more))


def texts(*productions: Production) -> list[dict[str, Any]]:
    """Return the rulesets that productions are placed in, as the library reads them."""
    lowered = [lower(production) for production in productions]
    return [json.loads(layout.text()) for layout, _ in layouts([lowered], TextNumbers().constant)]


def rules_of(*productions: Production) -> list[Any]:
    """Return the rules of one ruleset, without the probe."""
    (found,) = texts(*productions)
    del found["p"]
    return [made["all"] for made in found.values()]


# --- what is lowered ------------------------------------------------------------------------------

REFUSED = {
    "y.z = x.z": "`y.z = x.z`: `z` is of type any",
    "y.s < x.s": "`y.s < x.s`: it orders values of type text",
    "y.d = x.n + 0.5": "`y.d = x.n + 0.5`: its arithmetic is not on declared integers",
    "y.n = x.d + 1": "`y.n = x.d + 1`: its arithmetic is not on declared integers",
    "y.n = x.n * x.n * 9": "`y.n = x.n * x.n * 9`: its arithmetic may overflow",
    "y.n + 1 = x.n + 1": "`y.n + 1 = x.n + 1`: it compares two sums",
    "y.n = y.m + x.n": "the arithmetic of `y` mixes values of its fact with those of others",
    "y.n / 2 = x.n": "`y.n / 2 = x.n` is no plain comparison of facts",
    "starts with(y.s, x.s)": "`starts with(y.s, x.s)` is no plain comparison of facts",
    "y.d = 0.5 or x.n = 1": "`y.d = 0.5 or x.n = 1`: 0.5 is no whole number",
}


@pytest.mark.parametrize("when", REFUSED)
def test_what_is_not_proven_is_refused_with_the_reason(when: str) -> None:
    assert lower_reason(pair(when)) == REFUSED[when]


@pytest.mark.parametrize(
    "when",
    [
        "y.n = x.n",
        "y.n != x.n and y.s = x.s",
        "y.n > x.n * 2 + 1",
        "x.n + 1 <= y.n",
        "y.day < x.day or y.at = x.at",
        "y.b = x.b and (y.s = x.s or y.n = null)",
        "y.c = x.c and y.c = x.s",
        "y.d >= x.n",
        'starts with(y.s, "u") and y.n = x.n',
        'y.z = 1 and y.s < "v" and y.d = 0.5',
        "x.n = 1",
    ],
)
def test_what_is_proven_is_lowered(when: str) -> None:
    assert lower_reason(pair(when)) is None


def test_a_condition_on_a_group_is_refused() -> None:
    made = rule(pattern("x", count=2), pattern("y", "count(x) > y.n", "x", groups=("x",)))
    assert lower_reason(made) == "`count(x) > y.n` reads the group `x`"


def test_more_than_eight_patterns_are_refused() -> None:
    names = [f"p{i}" for i in range(9)]
    made = rule(*(pattern(name, "", *names[:i]) for i, name in enumerate(names)))
    assert lower_reason(made) == "it brings more than 8 facts together"
    assert lower_reason(rule(*made.patterns[:8])) is None


def test_more_than_23_comparisons_are_refused() -> None:
    def made(count: int) -> Production:
        when = " and ".join(f"y.n > x.m + {i}" for i in range(count))
        return pair(when)

    assert lower_reason(made(23)) is None
    assert lower_reason(made(24)) == "`y` has more than 23 comparisons with others"


def test_alternatives_are_bounded() -> None:
    one_of = " or ".join(f"(y.n = x.n + {i} and y.m > {i})" for i in range(70))
    assert lower_reason(pair(one_of)) == (
        f"`{one_of}`: its conditions come to more than 64 alternatives"
    )


def test_a_network_of_what_does_not_lower_is_not_made() -> None:
    with pytest.raises(ValueError, match="orders values of type text"):
        DurableNetwork([pair("y.s < x.s")])


# --- how it is lowered ----------------------------------------------------------------------------


def test_a_join_has_its_guards_before_it_and_ends_with_one_that_holds() -> None:
    assert rules_of(pair("y.n > x.m"))[0] == [
        {"a0": {"$and": [{"_t": 1}, {"$ex": {"f0": 1}}]}},
        {
            "a1": {
                "$and": [
                    {"_t": 2},
                    {"$ex": {"f0": 1}},
                    {"$gt": {"f0": {"a0": "f0"}}},
                    {"_k": {"a0": "_k"}},
                ]
            }
        },
    ]


def test_two_nulls_are_equal_in_a_rule_of_their_own() -> None:
    both, neither = sorted(rules_of(pair("y.n = x.n")), key=repr)
    assert neither == [
        {"a0": {"$and": [{"_t": 1}, {"$nex": {"f0": 1}}]}},
        {"a1": {"$and": [{"_t": 2}, {"$nex": {"f0": 1}}, {"_k": {"a0": "_k"}}]}},
    ]
    assert {"f0": {"a0": "f0"}} in both[1]["a1"]["$and"]


def test_a_comparison_beside_says_that_no_value_is_null() -> None:
    assert len(rules_of(pair("y.n = x.n and y.n > 1"))) == 1
    assert len(rules_of(pair("y.n != x.n"))) == 3


def test_tests_of_one_fact_that_are_no_plain_ones_become_a_property() -> None:
    made = rule(pattern("x", 'starts with(x.s, "u") and x.n = 1'))
    assert rules_of(made) == [[{"a0": {"$and": [{"_t": 1}, {"f0": 1}]}}]]


def test_absence_is_asked_for_in_messages_of_its_own() -> None:
    made = rule(pattern("x"), absent=(pattern("y", "y.n > x.n", "x"),))
    _, absent = rules_of(made)
    assert absent[0]["a0"]["$and"][0] != absent[1]["a1"]["$and"][0]


STACK = 64
"""Patterns that one message may pass."""
LIST = 255
"""Patterns with the very same tests."""


def uses(*productions: Production) -> dict[int, list[str]]:
    """Return the tests of last patterns in the one ruleset of productions, by type."""
    (text,) = texts(*productions)
    found: dict[int, list[str]] = {}
    for one in text.values():
        (tests,) = one["all"][-1].values()
        first, *others = tests["$and"]
        found.setdefault(first["_t"], []).append(json.dumps(others))
    return found


def test_no_type_has_more_tests_than_the_library_holds() -> None:
    absent = tuple(pattern(f"y{i}", f"y{i}.n > {i}", "x", label="g") for i in range(200))
    found = uses(rule(pattern("x"), absent=absent))
    assert sum(map(len, found.values())) == 202
    assert max(len(set(tests)) for tests in found.values()) < STACK


def test_no_type_has_more_of_the_same_tests_than_the_library_holds() -> None:
    absent = tuple(pattern(f"y{i}", "", "x", label="g") for i in range(300))
    found = uses(rule(pattern("x"), absent=absent))
    assert sum(map(len, found.values())) == 302
    assert max(map(len, found.values())) <= LIST


@needs_library
@pytest.mark.parametrize("when", ["y{0}.n > {0}", "y{0}.n = 500"])
def test_a_production_of_very_many_patterns_is_answered(when: str) -> None:
    names = [f"y{i}" for i in range(300)]
    absent = tuple(pattern(name, when.format(i), "x", label="g") for i, name in enumerate(names))
    network = DurableNetwork([rule(pattern("x"), absent=absent)])
    assert found(network, {}, {"is": "g", "n": 0}) == [((0,),)]
    assert found(network, {}, {"is": "g", "n": 500}) == []
    assert network.fallbacks == 0


def test_rules_are_the_same_in_every_process() -> None:
    script = (
        "from support.rules_made import pattern, rule\n"
        "from casewright.rules.networks.durable.layout import layouts\n"
        "from casewright.rules.networks.durable.lowering import lower\n"
        "from casewright.rules.networks.durable.messages import TextNumbers\n"
        "when = '(y.n != x.n or y.s != x.s) and y.m != x.m and y.b != true'\n"
        "made = rule(pattern('x'), pattern('y', when, 'x', label='g'))\n"
        "[(layout, _)] = layouts([[lower(made)]], TextNumbers().constant)\n"
        "print(layout.text())\n"
    )
    path = os.pathsep.join(path for path in sys.path if path)
    made = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(made) == 1


def test_names_that_the_library_takes_for_one_are_found() -> None:
    assert fnv32("id") == 926444256
    assert collisions(["k32728", "id", "k261234", "id"]) == [("k32728", "k261234")]
    assert collisions(["_t", "_k", "id", "sid", "$s", *(f"f{i}" for i in range(252))]) == []


def test_alternatives_that_others_contain_are_left_out() -> None:
    made = lower(rule(pattern("x", "x.n = 1 or (x.n = 1 and x.m = 2)")))
    assert made.base is not None
    assert len(made.base.variants) == 1


# --- what is answered -----------------------------------------------------------------------------


def found(network: Any, *data: Any) -> list[tuple[tuple[int, ...], ...]]:
    return [one.facts for one in network.activations(facts(*data), Around())]


SAFE: dict[str, list[Any]] = {
    "n": [0, -1, 2**63 - 1, 1 - 2**63],
    "d": [Decimal(5), 7, Decimal("1E+3")],
    "s": ["", "x" * 70_000, "\ud800", "a\x00"],
    "c": ["open", "shut"],
    "b": [True, False],
    "day": [date.min, date.max],
    "at": [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999999, UTC)],
}
UNSAFE: dict[str, list[Any]] = {
    "n": [2**63, True, "1"],
    "d": [Decimal("0.5"), Decimal("NaN"), 2**64],
    "s": [1, ["a"]],
    "c": [1, 2],
    "b": [0, "true"],
    "day": [datetime(2026, 1, 1, tzinfo=UTC)],
    "at": [datetime(2026, 1, 1), date(2026, 1, 1)],  # noqa: DTZ001 - naive on purpose
}


@needs_library
@pytest.mark.parametrize("name", SAFE)
def test_values_that_are_safe_are_given_to_the_library(name: str) -> None:
    network = DurableNetwork([pair(f"y.{name} = x.{name}")])
    data = [{"is": label, name: value} for label in "fg" for value in SAFE[name]]
    count = len(SAFE[name])
    assert found(network, *data) == [((i,), (i + count,)) for i in range(count)]
    assert network.fallbacks == 0


@needs_library
@pytest.mark.parametrize("name", UNSAFE)
def test_a_call_with_an_unsafe_value_is_left_to_the_native_network(name: str) -> None:
    made = [pair(f"y.{name} = x.{name}")]
    network, native = DurableNetwork(made), NativeNetwork(made)
    for count, value in enumerate(UNSAFE[name], start=1):
        data = [{name: value}, {"is": "g", name: value}]
        assert found(network, *data) == found(native, *data)
        assert network.fallbacks == count


@needs_library
def test_nothing_that_no_production_reads_is_given_to_the_library() -> None:
    network = DurableNetwork([pair("y.n = x.n")])
    assert found(network, {"n": 1, "z": object()}, {"is": "g", "n": 1, "m": 2**70}) == [
        ((0,), (1,))
    ]
    assert network.fallbacks == 0


@needs_library
def test_productions_are_in_their_order_wherever_they_were_placed() -> None:
    made = [
        rule(pattern("x", f"x.n = {i % 3}", label="fg"[i % 2]), name=f"r{i}") for i in range(200)
    ]
    network, native = DurableNetwork(made), NativeNetwork(made)
    given = facts({"n": 1}, {"is": "f g", "n": 2}, {"is": "g", "n": 0})
    assert network.activations(given, Around()) == native.activations(given, Around())
    assert network.fallbacks == 0


@needs_library
def test_a_fact_of_two_labels_is_never_bound_twice() -> None:
    network = DurableNetwork([pair("y.n = x.n")])
    assert found(network, {"is": "f g", "n": 1}, {"is": "f g", "n": 1}) == [
        ((0,), (1,)),
        ((1,), (0,)),
    ]


@needs_library
def test_what_is_bound_may_be_what_must_be_absent() -> None:
    network = DurableNetwork([rule(pattern("x"), absent=(pattern("y", "y.n >= x.n", "x"),))])
    assert found(network, {"n": 1}, {}) == [((1,),)]


@needs_library
def test_too_many_facts_and_too_many_pairs_are_left_to_the_native_network() -> None:
    network = DurableNetwork([pair("y.n = x.n")])
    many = [{"is": "fg"[i % 2], "n": i // 2} for i in range(201)]
    assert len(found(network, *many[:200])) == 100
    assert network.fallbacks == 0
    assert len(found(network, *many)) == 100
    assert network.fallbacks == 1
    with pytest.raises(FactLimit):
        found(network, *({"is": "fg"[i % 2], "n": 1} for i in range(210)))


@needs_library
def test_what_was_spent_is_given_back_before_the_native_network_answers() -> None:
    long = compile(
        "count(for i in 1..100 return i) > y.n",
        Scope(
            {
                "y": Name(types.ContextType({"n": types.Member(types.NUMBER)}), "s.lets.get('y')"),
            }
        ),
    )
    made = rule(
        pattern("x"),
        Pattern(
            "y", "g", (Condition(long, frozenset()), *pattern("y", "y.n = x.n", "x").conditions)
        ),
    )
    network, native = DurableNetwork([made]), NativeNetwork([made])
    given = facts({"n": 1}, {"is": "g", "n": 1}, {"is": "g", "n": 2**64})
    around, other = Around(), Around()
    around.lets["kept"] = 1
    network.activations(given, around)
    native.activations(given, other)
    assert network.fallbacks == 1
    assert around.budget.left == other.budget.left
    assert around.lets == {"kept": 1}
    with pytest.raises(BudgetExceeded):
        network.activations(facts({"n": 1}, {"is": "g", "n": 1}), Around(budget=10))


# --- what is held, and given back -----------------------------------------------------------------


class Counted:
    """The library, with a count of the rulesets that it holds."""

    def __init__(self) -> None:
        self._library: Any = importlib.import_module("durable_rules_engine")
        self.held: set[int] = set()
        self.fails = False

    def create_ruleset(self, name: str, text: str) -> int:
        if self.fails:
            raise RuntimeError("error code: 106")
        handle: int = self._library.create_ruleset(name, text)
        self.held.add(handle)
        return handle

    def delete_ruleset(self, handle: int) -> None:
        self._library.delete_ruleset(handle)
        self.held.remove(handle)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._library, name)


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Counted:
    counted = Counted()
    monkeypatch.setitem(sys.modules, "durable_rules_engine", counted)
    return counted


@needs_library
def test_a_network_that_nobody_has_any_more_gives_its_rulesets_back(library: Counted) -> None:
    network = DurableNetwork([rule(pattern("x", f"x.n > {i}"), name=f"r{i}") for i in range(200)])
    assert len(library.held) > 2
    found(network, {"n": 100})
    del network
    gc.collect()
    assert not library.held


@needs_library
def test_a_closed_network_holds_nothing_and_still_answers(library: Counted) -> None:
    network = DurableNetwork([pair("y.n = x.n")])
    found(network, {"n": 1}, {"is": "g", "n": 1})
    network.close()
    network.close()
    assert not library.held
    assert found(network, {"n": 1}, {"is": "g", "n": 1}) == [((0,), (1,))]
    assert network.fallbacks == 1


@needs_library
def test_rules_that_the_library_does_not_take_are_run_by_the_native_network(
    library: Counted,
) -> None:
    library.fails = True
    network = DurableNetwork([pair("y.n = x.n")])
    assert found(network, {"n": 1}, {"is": "g", "n": 1}) == [((0,), (1,))]
    assert network.fallbacks == 1


@needs_library
def test_an_error_of_the_library_costs_a_new_ruleset_and_no_answer(
    library: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = DurableNetwork([pair("y.n = x.n")])
    (before,) = library.held

    def failing(*_: object) -> None:
        raise RuntimeError("error code: 303")

    with monkeypatch.context() as patched:
        patched.setattr(library, "start_action_for_state", failing, raising=False)
        assert found(network, {"n": 1}, {"is": "g", "n": 1}) == [((0,), (1,))]
    assert network.fallbacks == 1
    assert not library.held
    assert found(network, {"n": 1}, {"is": "g", "n": 1}) == [((0,), (1,))]
    assert network.fallbacks == 1
    assert library.held != {before} or len(library.held) == 1


@needs_library
def test_a_ruleset_that_is_no_ruleset_is_refused() -> None:
    with pytest.raises(Failed):
        Ruleset('{"r0":{"all":5}}')


@needs_library
def test_one_network_serves_several_threads() -> None:
    network = DurableNetwork([pair("y.n = x.n"), rule(pattern("x", "x.n > 1"), name="s")])
    wrong: list[Any] = []

    def ask(own: int) -> None:
        for _ in range(300):
            data: Sequence[Any] = [{"n": own}, {"is": "g", "n": own}, {"is": "g", "n": own + 1}]
            expected = [((0,), (1,))] + ([((0,),)] if own > 1 else [])
            answer = found(network, *data)
            if answer != expected:
                wrong.append(answer)

    threads = [threading.Thread(target=ask, args=(own,)) for own in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert network.fallbacks == 0


GROWTH = """
import gc, sys
from pathlib import Path
from support.rules_made import facts, pattern, rule
from support.rules_random import Around
from casewright.rules.networks.durable import DurableNetwork

def held():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4

def made(i):
    return rule(pattern("x", f"x.n > {i}"), pattern("y", "y.n = x.n", "x", label="g"), name=f"r{i}")

productions = [made(i) for i in range(60)]
given = facts({"n": 90}, {"is": "g", "n": 90}, {"n": 1})
for i in range(150):
    network = DurableNetwork(productions)
    assert len(network.activations(given, Around())) == 60
    if i % 2:
        network.close()
    if i == 49:
        before = held()
print(held() - before)
"""


@needs_library
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_making_networks_again_and_again_holds_no_more_memory() -> None:
    path = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(
        [sys.executable, "-c", GROWTH],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout) < 1_000  # kB; one network that is not given back holds as much


def test_without_the_library_there_is_no_durable_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "durable_rules_engine", None)
    assert not is_installed()
    assert lower_reason(pair("y.n = x.n")) is None
    with pytest.raises(ModuleNotFoundError):
        DurableNetwork([pair("y.n = x.n")])


def test_terms_become_alternatives_of_plain_tests() -> None:
    made = pattern("x", "x.n != 1")
    (condition,) = made.conditions
    assert condition.term is not None
    assert len(alternatives(condition.term)) == 2
