"""Networks and windows find what a naive evaluator finds, on random rulesets of all kinds.

A few hundred in each run; CASEWRIGHT_RULESETS=20000 tries that many, from CASEWRIGHT_RULESETS_SEED
on. What is written in C runs in processes of their own, with memory that is never clean: a crash or
a hang there is a failure that names its seed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from casewright.rules.networks.durable import is_installed
from support.rules_trial import TRIALS, Tally

COUNT = int(os.environ.get("CASEWRIGHT_RULESETS", "200"))
FIRST = int(os.environ.get("CASEWRIGHT_RULESETS_SEED", "1"))
CHUNK = min(COUNT, 500)


def test_the_native_network_finds_what_the_oracle_finds() -> None:
    tally = Tally()
    for seed in range(FIRST, FIRST + COUNT):
        TRIALS["rulesets"](seed, "native", tally)
    assert tally.matches > COUNT


def test_windows_on_the_native_network_fire_as_the_oracle_says() -> None:
    tally = Tally()
    for seed in range(FIRST, FIRST + COUNT):
        TRIALS["windows"](seed, "native", tally)
    assert tally.firings > COUNT / 4


@pytest.mark.skipif(not is_installed(), reason="durable_rules_engine is not importable")
@pytest.mark.parametrize("trial", sorted(TRIALS))
def test_the_durable_network_finds_what_the_native_one_and_the_oracle_find(trial: str) -> None:
    tally = Tally()
    failures: list[str] = []
    first, end = FIRST, FIRST + COUNT
    while first < end:
        count = min(CHUNK, end - first)
        failed = tried(trial, first, count, tally)
        if failed is None:
            first += count
            continue
        failures.append(failed[1])
        first = failed[0] + 1
    print(f"{COUNT} {trial}: {tally}, {len(failures)} failures")  # noqa: T201 - shown by pytest -s
    assert not failures, "\n\n".join(failures[:10])
    assert tally.durable > COUNT / 4
    assert tally.refused <= tally.answered / 4


def tried(trial: str, first: int, count: int, tally: Tally) -> tuple[int, str] | None:
    """Try seeds in a process of their own; return the one that failed, and how, or None."""
    command = [sys.executable, "-m", "support.rules_trial", trial, str(first), str(count)]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "MALLOC_PERTURB_": str(1 + first % 255),
    }
    limit = 60 + count / 2
    try:
        done = subprocess.run(
            [*command, "--network", "native,durable"],
            env=environment,
            capture_output=True,
            text=True,
            timeout=limit,
            check=False,
        )
        out, err, how = done.stdout, done.stderr, f"exit code {done.returncode}"
    except subprocess.TimeoutExpired as spent:
        out, err, how = _text(spent.stdout), _text(spent.stderr), f"not done after {limit:.0f} s"
    lines = out.splitlines() or [f"seed {first - 1}"]
    if lines[-1].startswith("{"):
        tally.add(Tally(**json.loads(lines[-1])))
        return None
    seed = int(lines[-1].removeprefix("seed "))
    return seed, f"{trial}, seed {seed}: {how}\n{err[-3000:]}"


def _text(raw: bytes | str | None) -> str:
    return raw.decode() if isinstance(raw, bytes) else raw or ""
