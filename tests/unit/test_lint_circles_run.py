"""Circles that lint is sure of fail when they are run, and what fails has been told."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from casewright import Actor, Engine
from casewright.program import check_packs
from casewright.runtime.clock import VirtualClock

if TYPE_CHECKING:
    from pathlib import Path

    from casewright.errors import Diagnostic

HEAD = """
kind: pack
name: mine
schema: casewright/1
version: "1"
---
kind: case_type
name: thing
state_flow: thing
fields: {n: {type: integer}, s: {type: string}, f: {type: boolean}}
---
kind: roles
name: thing
for: thing
roles: {agent: {may: [create, read, update, comment, work_note]}}
---
kind: state_flow
name: thing
initial: open
states: {open: {}, held: {}, done: {final: true}}
transitions:
  a: {from: open, roles: [agent]}
  b: {from: [open, held], roles: [agent]}
  hold: {from: open, to: held, roles: [agent]}
  stop: {from: [open, held], to: done, roles: [agent]}
---
kind: rules
name: thing
for: thing
rules:
"""
AGENT = Actor("ann", roles=("agent",))
EVENTS = ("a", "b", "hold", "comment", "work_note", "update", "state_changed")
PARTS = (
    "n = 1",
    "n != 1",
    "n in (1, 2)",
    "n < 3",
    'state = "held"',
    'state != "held"',
    'previous.state = "open"',
    's = "x"',
    's != "x"',
    "s = null",
    "f",
    "not(f)",
    "f = null",
    'has role("agent")',
    'actor.id != "system"',
    'changed("n")',
    'event.type = "a"',
)
ACTIONS = (
    "{set: {n: 1}}",
    "{set: {n: = n + 1}}",
    "{set: {s: x}}",
    "{set: {s: null}}",
    "{set: {f: true}}",
    "{set: {f: = not(f)}}",
    "{comment: Hello}",
    "{work_note: Hello}",
    "{raise: a}",
    "{raise: b}",
    "{raise: hold}",
    "{raise: {event: a, data: {n: 1}}}",
)


def rule(dice: random.Random, name: str) -> str:
    """Return a rule with up to two conditions and two actions."""
    parts = dice.sample(PARTS, dice.choice([0, 1, 1, 2]))
    when = f"when: '{dice.choice([' and ', ' or ']).join(parts)}', " if parts else ""
    on = f"on: [{', '.join(dice.sample(EVENTS, dice.choice([1, 1, 2])))}], "
    is_level = dice.random() < 0.15
    if is_level:
        on, when = "", f"when: '{dice.choice([p for p in PARTS[:13] if '.' not in p])}', "
    do = ", ".join(dice.sample(ACTIONS, dice.choice([1, 2])))
    return f"  {name}: {{{on}{when}do: [{do}]}}\n"


def without_lint(*_: object) -> list[Diagnostic]:
    """Return what lint finds if it does not look."""
    return []


def fails(path: Path, dice: random.Random) -> bool:
    """Return whether some event of some case reaches the limit of events."""
    engine = Engine.open(path, clock=VirtualClock())
    given: dict[str, list[Any]] = {"n": [1, 2, 3], "s": ["x", "y"], "f": [True, False]}
    for _ in range(40):
        data = {k: dice.choice(v) for k, v in given.items() if dice.random() < 0.6}
        outcome = engine.create("thing", data, actor=AGENT)
        for event in dice.sample(("a", "b", "hold", "comment", "work_note", "update"), 3):
            if any(error.code == "raise_limit" for error in outcome.errors):
                return True
            if outcome.case is None:
                break
            texts = {"text": "Hello"} if event in ("comment", "work_note") else {}
            more = {"n": dice.choice([1, 2])} if event == "update" else texts
            outcome = engine.send(outcome.case.id, event, actor=AGENT, data=more)
    return False


@pytest.mark.parametrize("seed", range(6))
def test_what_is_told_of_circles_is_so(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dice = random.Random(seed)
    path = tmp_path / "mine.yaml"
    for _ in range(6):
        path.write_text(HEAD + "".join(rule(dice, f"r{i}") for i in range(4)), "utf-8")
        told = {d.code for d in check_packs(path)[1]}
        with monkeypatch.context() as blind:
            blind.setattr("casewright.program.compile.lint", without_lint)
            failed = fails(path, dice)
        assert failed or "CW740" not in told, path.read_text("utf-8")
        assert not failed or told & {"CW740", "CW741"}, path.read_text("utf-8")
