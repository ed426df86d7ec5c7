"""What lint tells of two rules is so, by running random rules on many cases."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING, Any

import pytest

from casewright import Actor, Engine
from casewright.program import check_packs
from casewright.runtime.clock import VirtualClock

if TYPE_CHECKING:
    from pathlib import Path

HEAD = """
kind: pack
name: mine
schema: casewright/1
version: "1"
---
kind: case_type
name: thing
state_flow: thing
fields:
  n: {type: integer}
  s: {type: string}
  f: {type: boolean}
  x: {type: string}
  y: {type: integer}
---
kind: roles
name: thing
for: thing
roles: {agent: {may: [create, read, update]}}
---
kind: state_flow
name: thing
initial: open
states: {open: {}, done: {final: true}}
transitions:
  go: {from: open}
  stop: {from: open, to: done}
---
kind: rules
name: thing
for: thing
rules:
"""
TOLD = re.compile(r'rules? "(\w+)"(?: and "(\w+)")?')
EVENTS = ("go", "update", "stop")
AGENT = Actor("ann", roles=("agent",))


def part(dice: random.Random) -> str:
    """Return a condition without `and`, `or` and `not`."""
    return dice.choice(
        [
            f"n = {dice.choice([0, 1])}",
            f"n > {dice.choice([0, 1])}",
            f"n in ({dice.choice([0, 1])}, 2)",
            f's = "{dice.choice("ab")}"',
            "s = null",
            "f",
            "f = false",
            "x = null",
            f'x = "{dice.choice("pq")}"',
            "y = null",
            "y < 2",
            'changed("n")',
            'state = "done"',
        ]
    )


def rule(dice: random.Random, name: str) -> str:
    """Return a rule that sets one or two fields, and may write a note."""
    parts = [part(dice) for _ in range(dice.choice([0, 1, 1, 2]))]
    if len(parts) > 1 and dice.random() < 0.3:
        parts = [f"({parts[0]} or {parts[1]})"]
    when = f"when: '{' and '.join(parts)}', " if parts else ""
    events = ", ".join(dice.sample(EVENTS, dice.choice([1, 1, 2])))
    sets = {f"x: {dice.choice('pq')}", f"y: {dice.choice([1, 2])}"}
    if dice.random() < 0.6:
        sets = {dice.choice(sorted(sets))}
    do = f"{{set: {{{', '.join(sorted(sets))}}}}}"
    if dice.random() < 0.2:
        do = f"{{when: '{part(dice)}', do: [{do}]}}"
    return f"  {name}: {{on: [{events}], {when}do: [{do}]}}\n"


def fields(dice: random.Random) -> dict[str, Any]:
    """Return the fields of a case, some of them left out."""
    given: dict[str, list[Any]] = {
        "n": [0, 1, 2],
        "s": ["a", "b"],
        "f": [True, False],
        "x": ["p"],
        "y": [1, 2],
    }
    return {name: dice.choice(values) for name, values in given.items() if dice.random() < 0.6}


def run(
    path: Path, rules: list[str], cases: list[tuple[dict[str, Any], str]]
) -> list[tuple[dict[str, Any], list[str]]]:
    """Return what becomes of each case: its fields, and the rules that acted."""
    path.write_text(HEAD + "".join(rules), "utf-8")
    engine = Engine.open(path, clock=VirtualClock())
    found: list[tuple[dict[str, Any], list[str]]] = []
    for data, event in cases:
        made = engine.create("thing", data, actor=AGENT)
        assert made.case is not None
        more = {"n": len(found) % 3} if event != "stop" else {}
        outcome = engine.send(made.case.id, event, actor=AGENT, data=more)
        assert outcome.case is not None
        acted = [c.removeprefix("rule/") for c in outcome.causes if c.startswith("rule/")]
        found.append((dict(outcome.case.fields), acted))
    return found


@pytest.mark.parametrize("seed", range(6))
def test_what_is_told_of_rules_is_so(seed: int, tmp_path: Path) -> None:
    dice = random.Random(seed)
    path = tmp_path / "mine.yaml"
    idle = fights = seen = 0
    for _ in range(3):
        rules = [rule(dice, f"r{i}") for i in range(8)]
        path.write_text(HEAD + "".join(rules), "utf-8")
        _, diagnostics = check_packs(path)
        cases = [(fields(dice), dice.choice(EVENTS)) for _ in range(200)]
        results = run(path, rules, cases)
        for told in diagnostics:
            names = TOLD.search(told.message)
            if names is None:
                continue
            first, second = names.groups()
            if told.code == "CW746":
                idle += 1
                if "never acts" in told.message:
                    assert all(first not in acted for _, acted in results), told
                less = [text for text in rules if not text.startswith(f"  {first}:")]
                assert [r[0] for r in run(path, less, cases)] == [r[0] for r in results], told
            elif told.code == "CW747":
                fights += 1
                seen += any(first in acted and second in acted for _, acted in results)
    assert idle or fights
    assert seen * 2 >= fights, (seen, fights)  # not all that can be is tried
