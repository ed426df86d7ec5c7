"""Rules and facts that are meant to do harm: the right answer or too much, and soon."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from casewright.rules.networks.durable import is_installed
from support.durable_hostile import CASES

pytestmark = pytest.mark.skipif(not is_installed(), reason="durable_rules_engine is not importable")

REFUSED = {
    "nine_of_9": "it brings more than 8 facts together",
    "values_20": "its conditions come to more than 64 alternatives",
    "values_200": "its conditions come to more than 64 alternatives",
}
TOO_MUCH = {"two_of_190", "three_of_200", "eight_of_20"}
BY_NATIVE = {
    "keyed_1000",
    "single_1000",
    "large",
    "sums",
    "exponents",
    "floats",
    "booleans",
    "odd",
}
SECONDS = 3.0
"""For two calls; on an idle machine none takes a tenth of that."""


@pytest.fixture(scope="module")
def lines() -> dict[str, Any]:
    """Return what became of the cases, by name; those behind a crash are missing."""
    path = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(
        [sys.executable, "-m", "support.durable_hostile"],
        env={**os.environ, "MALLOC_PERTURB_": "165", "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-300:] + done.stderr[-3000:]
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return {line["case"]: line for line in found}


@pytest.mark.parametrize("case", sorted(CASES.keys() - REFUSED.keys()))
def test_both_networks_find_the_same_soon(case: str, lines: dict[str, Any]) -> None:
    line = lines[case]
    assert line["same"]
    assert line["seconds"] < SECONDS
    assert (line["found"] == "FactLimit") == (case in TOO_MUCH)


@pytest.mark.parametrize("case", sorted(CASES.keys() - REFUSED.keys()))
def test_only_unsafe_calls_are_left_to_the_native_network(case: str, lines: dict[str, Any]) -> None:
    assert lines[case]["fallbacks"] == (2 if case in BY_NATIVE | TOO_MUCH else 0)


@pytest.mark.parametrize("case", REFUSED)
def test_rules_that_are_too_large_are_refused(case: str, lines: dict[str, Any]) -> None:
    assert lines[case]["reason"] == REFUSED[case]


def test_5000_rules_are_split_and_all_of_them_asked(lines: dict[str, Any]) -> None:
    fitting = sum(i % 700 < 3 and i % 90 < 80 for i in range(5000))
    assert lines["rules_5000"]["found"] == fitting
