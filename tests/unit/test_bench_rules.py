"""The benchmark of rules compares what finds the same, and outlives a peer that does not."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from casewright.cli import bench_raw
from casewright.cli.bench_rule_packs import compiled, outcomes
from casewright.cli.bench_rules import measure
from casewright.cli.bench_ruleset import CONCERNED, Around, as_written, calls, naive, productions
from casewright.rules.networks.native import NativeNetwork

if TYPE_CHECKING:
    from pathlib import Path

    from casewright.cli.bench_rule_packs import Others

needs_library = pytest.mark.skipif(not bench_raw.is_installed(), reason="needs durable-rules")


@pytest.mark.parametrize("rules", [10, 50])
def test_the_loop_finds_what_the_network_finds(rules: int) -> None:
    made = productions(rules)
    network = NativeNetwork(made)
    found = [
        (network.activations(facts, Around()), naive(made, facts, Around()))
        for facts in calls(rules, 40, 6)
    ]
    assert [one for one, _ in found] == [other for _, other in found]
    shapes = {int(one.production[1:]) % CONCERNED for made, _ in found for one in made}
    assert shapes == set(range(CONCERNED))


def test_facts_of_a_call_are_of_one_kind_and_repeatable() -> None:
    made = calls(100, 20, 6)
    assert all(len({fact.data["kind"] for fact in facts}) == 1 for facts in made)
    assert made == calls(100, 20, 6)


@needs_library
def test_the_library_finds_as_many_with_its_own_words() -> None:
    given = calls(50, 30, 6)
    network = NativeNetwork(productions(50))
    raw = bench_raw.RawRules(as_written(50), given)
    raw.round()
    raw.round()
    assert (raw.end, raw.found) == (
        None,
        sum(len(network.activations(facts, Around())) for facts in given),
    )
    assert raw.nanoseconds is not None
    raw.close()


@needs_library
def test_a_process_that_dies_is_a_line_of_the_report() -> None:
    raw = bench_raw.RawRules(as_written(10), calls(10, 5, 6))
    raw.round()
    pid = raw.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    raw.round()
    raw.round()
    assert raw.end == "the process died, signal 9"
    assert raw.nanoseconds is None
    raw.close()


@needs_library
def test_what_the_library_refuses_is_a_line_of_the_report() -> None:
    raw = bench_raw.RawRules({"r": {"all": []}, "s": {"span": 5}}, calls(10, 5, 6))
    raw.round()
    raw.close()
    assert raw.end is not None
    assert raw.end.startswith("it gave up")


@pytest.mark.parametrize("others", ["values", "fields", "events"])
def test_the_same_rules_act_whatever_the_others_ask(tmp_path: Path, others: Others) -> None:
    few = [outcome.causes for outcome in outcomes(compiled(tmp_path, 10, "values"))]
    many = [outcome.causes for outcome in outcomes(compiled(tmp_path, 60, others))]
    assert many == few
    assert {rule for causes in few for rule in causes} == {f"rule/r{i}" for i in range(CONCERNED)}


def test_report_has_a_line_for_each_size_and_contender(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("casewright.cli.bench_rules.SIZES", (10, 20))
    said = [str(line["what"]) for line in measure(3)]
    assert "events a second, 10 rules, native network" in said
    assert "events a second, 20 rules, loop over all rules" in said
    assert sum("of which 5 concern" in what for what in said) >= 5
    assert any(what.startswith("signal, ") for what in said)
