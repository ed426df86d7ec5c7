"""What ``durable-rules`` gets wrong, and that the durable network gets the same rules right.

Each is shown twice: on the raw library, so that a version that mends it, or breaks otherwise, is
noticed; and on the network, which must find what the native one finds. Both run in processes of
their own with memory that is never clean: half of this ends a process.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
from typing import Any

import pytest

from casewright.rules.networks.durable import DurableNetwork, is_installed, lower_reason
from support.rules_made import facts, pattern, rule
from support.rules_random import Around

pytestmark = pytest.mark.skipif(not is_installed(), reason="durable_rules_engine is not importable")

PRELUDE = """
import json, durable_rules_engine as library

def made(**rules):
    return library.create_ruleset("r", json.dumps(rules))

def one(*tests):
    return {"all": [{"x": {"$and": [{"t": 1}, *tests]}}]}

def two(*tests):
    return {"all": [{"x": {"t": 1}}, {"y": {"$and": [{"t": 2}, *tests]}}]}

def told(handle, *messages):
    for i, message in enumerate(messages):
        _, offset = library.assert_fact(handle, json.dumps({"id": str(i), "sid": "0", **message}))
    return offset

def fired(handle, *messages):
    offset = told(handle, *messages)
    found = []
    started = library.start_action_for_state(handle, offset)
    text = started and started[1]
    while text:
        (rule, frame), = json.loads(text).items()
        found.append([rule, *(frame[alias]["id"] for alias in sorted(frame))])
        text = library.complete_and_start_action(handle, offset)
    return found
"""

END = '{"_k": {"x": "_k"}}'


def raw(script: str) -> subprocess.CompletedProcess[str]:
    """Run the raw library; its output is the last line's value as JSON."""
    *lines, last = script.strip().splitlines()
    text = "\n".join([PRELUDE, *lines, f"print(json.dumps({last}))"])
    return subprocess.run(
        [sys.executable, "-c", text],
        env={**os.environ, "MALLOC_PERTURB_": "165"},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


@pytest.fixture(scope="module")
def asked() -> dict[str, Any]:
    """Return what the networks find, by case."""
    done = subprocess.run(
        [sys.executable, "-m", "support.durable_cases"],
        env={
            **os.environ,
            "MALLOC_PERTURB_": "165",
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


# --- wrong answers --------------------------------------------------------------------------------

WRONG: dict[str, tuple[str, list[list[str]]]] = {
    # The inner `or` ends the outer `and`: that v differs is not looked at. #308
    "or_in_a_join": (
        f"""
h = made(r=two({{"$or": [{{"b": 1}}, {{"c": 1}}]}}, {{"v": {{"x": "v"}}}}, {END}))
fired(h, {{"t": 1, "v": 1, "_k": 1}}, {{"t": 2, "v": 2, "b": 1, "_k": 1}})
""",
        [["r", "0", "1"]],
    ),
    "or_of_one_fact": (
        """
fired(made(r=one({"$or": [{"b": 1}, {"c": 1}]})), {"t": 1, "b": 1, "c": 1})
""",
        [["r", "0"], ["r", "0"]],
    ),
    "missing_beside": (
        """
b = {"a": {"$m": "b"}}
fired(made(gt=one({"$gt": b}), eq=one(b), ne=one({"$neq": b})), {"t": 1, "a": 1})
""",
        [["gt", "0"], ["eq", "0"], ["ne", "0"]],
    ),
    "same_hash": (
        """
fired(made(r=one({"k32728": 1})), {"t": 1, "k261234": 1})
""",
        [["r", "0"]],
    ),
    # Without a test of the type before it, this fits a fact of the library's own.
    "not_there": (
        """
fired(made(r={"all": [{"x": {"$nex": {"n": 1}}}]}), {"n": 1})
""",
        [["r", "sid-0"]],
    ),
    "long_text": (
        """
fired(made(r=one({"s": "xxx"})), {"t": 1, "s": "x" * 65539})
""",
        [["r", "0"]],
    ),
    "text_and_number": (
        """
fired(made(r=one({"s": "1"})), {"t": 1, "s": 1})
""",
        [["r", "0"]],
    ),
    "beyond_63_bits": (
        f"""
h = made(r=two({{"n": {{"x": "n"}}}}, {END}))
fired(h, {{"t": 1, "n": 2**63, "_k": 1}}, {{"t": 2, "n": 2**63 + 1, "_k": 1}})
""",
        [["r", "0", "1"]],
    ),
    "order_of_texts": (
        """
fired(made(r=one({"$lt": {"s": "abc def"}})), {"t": 1, "s": "abc"})
""",
        [],
    ),
    "absence": (
        """
fired(made(r={"all": [{"x": {"t": 1}}, {"y$not": {"t": 2}}]}), {"t": 1}, {"t": 2})
""",
        [["r", "0"]],
    ),
}
BY_NATIVE = {"beyond_63_bits"}


@pytest.mark.parametrize("case", WRONG)
def test_the_raw_library_answers_wrongly(case: str) -> None:
    script, wrong = WRONG[case]
    done = raw(script)
    assert (done.returncode, done.stdout) == (0, json.dumps(wrong) + "\n")


@pytest.mark.parametrize("case", WRONG)
def test_the_network_answers_what_the_raw_library_gets_wrong(
    case: str, asked: dict[str, Any]
) -> None:
    durable, native, fallbacks = asked[case]
    assert durable == native
    assert fallbacks == (3 if case in BY_NATIVE else 0)
    if case not in ("order_of_texts", "missing_beside", "not_there", "long_text"):
        assert len(durable) < len(WRONG[case][1])


def test_of_missing_values_only_unequal_holds(asked: dict[str, Any]) -> None:
    assert asked["missing_beside"][0] == [["ne", [0]]]


def test_a_missing_value_is_found_by_what_is_missing(asked: dict[str, Any]) -> None:
    assert asked["not_there"][0] == [["r", [1]]]


def test_only_the_short_text_is_the_short_text(asked: dict[str, Any]) -> None:
    assert asked["long_text"][0] == [["r", [1]]]
    assert asked["long_texts_in_a_join"][0] == []


def test_texts_are_ordered_as_feel_orders_them(asked: dict[str, Any]) -> None:
    assert asked["order_of_texts"][0] == [["r", [0]]]


# --- the end of a process -------------------------------------------------------------------------

CRASHES = {
    # The short circuit of the last join condition reads behind the end. #381
    "false_last_join": """
h = made(r=two({"$gt": {"v": {"x": "v"}}}))
fired(h, {"t": 1, "v": 9}, {"t": 2, "v": 2})
""",
    # What a state that never fired holds was never set, and is freed.
    "never_fired": """
h = made(r=one())
told(h, {"t": 2})
library.delete_state(h, "0")
""",
    # Deleting one of several states leaves their index wrong.
    "several_states": """
h = made(r=one())
for sid in "123": library.assert_fact(h, json.dumps({"id": "0", "sid": sid, "t": 2}))
library.delete_state(h, "1")
library.delete_state(h, "2")
library.start_action(h)
""",
    "deleted_while_firing": """
h = made(r=one())
offset = told(h, {"t": 1})
library.start_action_for_state(h, offset)
library.delete_state(h, "0")
library.complete_and_start_action(h, offset)
""",
    "same_tests": """
fired(made(**{f"r{i}": one() for i in range(256)}), {"t": 1})
""",
}


@pytest.mark.parametrize("case", CRASHES)
def test_the_raw_library_ends_the_process(case: str) -> None:
    assert raw(CRASHES[case]).returncode == -signal.SIGSEGV


def test_the_raw_library_divides_by_zero() -> None:
    done = raw("""
quotient = {"$div": {"$l": {"$m": "b"}, "$r": {"$m": "c"}}}
fired(made(r=one({"a": quotient})), {"t": 1, "a": 1, "b": 1, "c": 0})
""")
    assert done.returncode == -signal.SIGFPE


def test_a_join_with_a_division_is_left_to_the_native_network() -> None:
    join = rule(pattern("x"), pattern("y", "y.n = x.n / x.m", "x"))
    assert lower_reason(join) == "`y.n = x.n / x.m` is no plain comparison of facts"


@pytest.mark.parametrize("case", ["false_last_join", "never_fired"])
def test_the_network_outlives_what_ends_the_raw_library(case: str, asked: dict[str, Any]) -> None:
    assert asked[case] == [[], [], 0]


def test_260_rules_with_the_same_tests_all_fire(asked: dict[str, Any]) -> None:
    durable, native, fallbacks = asked["same_tests"]
    assert durable == native
    assert (len(durable), fallbacks) == (260, 0)


def test_an_evaluation_that_was_broken_off_leaves_nothing_behind(asked: dict[str, Any]) -> None:
    reason, after = asked["broken_off"]
    assert reason == "too many matches"
    assert sorted(after) == [[0, [0, 1]], [0, [0, 3]], [0, [2, 1]], [0, [2, 3]]]


class Recorded:
    """The library, with notes of what it is asked."""

    def __init__(self, library: Any) -> None:
        self.library = library
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> Any:
        self.asked.append(name)
        return getattr(self.library, name)


def recorded(monkeypatch: pytest.MonkeyPatch) -> Recorded:
    library = Recorded(importlib.import_module("durable_rules_engine"))
    monkeypatch.setitem(sys.modules, "durable_rules_engine", library)
    return library


def test_nothing_is_retracted_after_a_join_has_fired(monkeypatch: pytest.MonkeyPatch) -> None:
    # Retracting the second of two facts that a rule has fired for reads behind their frame until
    # it finds something. Only a sanitizer shows that (state.c:265, deleteMessageFromFrame).
    library = recorded(monkeypatch)
    network = DurableNetwork([rule(pattern("x"), pattern("y", "y.n = x.n", "x", label="g"))])
    library.asked.clear()
    network.activations(facts({"n": 1}, {"is": "g", "n": 2}), Around())
    assert "delete_state" not in library.asked
    library.asked.clear()
    network.activations(facts({"n": 1}, {"is": "g", "n": 1}), Around())
    assert "retract_fact" not in library.asked
    assert library.asked[-1] == "delete_state"


# --- errors and endless loops ---------------------------------------------------------------------

ERRORS = {
    "missing_in_a_join": (
        f"""
h = made(r=two({{"$neq": {{"v": {{"x": "v"}}}}}}, {END}))
fired(h, {{"t": 1, "_k": 1}}, {{"t": 2, "v": 1, "_k": 1}})
""",
        "311",
    ),
    "exponent": ('told(made(r=one()), {"t": 1, "v": 1e-07})', "204"),
    "fan_out": (
        """
rules = {f"r{i}": one({"$gt": {"v": i}}) for i in range(80)}
fired(made(**rules), {"t": 1, "v": 100})
""",
        "303",
    ),
}


@pytest.mark.parametrize("case", ERRORS)
def test_the_raw_library_gives_up(case: str) -> None:
    script, code = ERRORS[case]
    done = raw(script)
    assert done.returncode == 1
    assert done.stderr.rstrip().endswith(f"error code: {code}")


@pytest.mark.parametrize(("case", "count"), [("missing_in_a_join", 1), ("fan_out", 80)])
def test_the_network_answers_where_the_raw_library_gives_up(
    case: str, count: int, asked: dict[str, Any]
) -> None:
    durable, native, fallbacks = asked[case]
    assert durable == native
    assert (len(durable), fallbacks) == (count, 0)


def test_a_number_that_json_writes_with_an_exponent_is_compared(asked: dict[str, Any]) -> None:
    assert asked["exponent"] == [[["r", [0], [1]]], [["r", [0], [1]]], 3]


def test_the_raw_library_never_ends_with_many_types(asked: dict[str, Any]) -> None:
    text = (
        PRELUDE
        + "fired(made(**{f'r{i}': {'all': [{'x': {'t': i}}]} for i in range(520)}), {'t': 600})"
    )
    with pytest.raises(subprocess.TimeoutExpired):
        subprocess.run([sys.executable, "-c", text], timeout=2, check=False)
    durable, native, fallbacks = asked["many_types"]
    assert durable == native == [["r519", [1]]]
    assert fallbacks == 0
