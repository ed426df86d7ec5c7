"""Of many patterns only those are tried that an event or signal may fit, and no others fit."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from casewright.case import Actor, Event, Related
from casewright.program import compile_packs

if TYPE_CHECKING:
    from pathlib import Path

    from casewright.program import Program

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ASKER = Actor("anna")
PACK = """\
kind: pack
name: p
schema: casewright/1
version: 1.0.0
---
kind: case_type
name: c
state_flow: c
fields:
  kind: {type: string}
  level: {type: integer}
  doubled: {type: integer, computed: level * 2}
  site: {type: string}
---
kind: state_flow
name: c
initial: open
states: {open: {}, closed: {final: true}}
transitions: {close: {from: open, to: closed}}
---
kind: rules
name: r
signals:
  reading: {data: {kind: {type: string}, level: {type: integer}, site: {type: string}}}
"""
PATTERNS = (
    'kind = "a"',
    'kind in ("a", "b") and level > 1',
    "kind = null",
    "level = 2",
    '"b" = kind and level = 3',
    'kind = "a" or level = 1',
    'not(kind = "a")',
    'level in [1..2] and kind = "c"',
    'kind = "c"',
    'kind = "b"',
)


def program(folder: Path, source: str) -> Program:
    observed = f"on: {source}" + (", for: c" if source == "update" else "")
    several = "\n".join(
        f"  r{i}: {{key: site, within: 1 hour, all: [{{{observed}, when: '{when}', count: 2}}], "
        f"do: [{{create: {{case_type: c}}}}]}}"
        for i, when in enumerate(PATTERNS)
    )
    (folder / "pack.yaml").write_text(f"{PACK}correlations:\n{several}\n", "utf-8")
    return compile_packs([folder])


def seen_by(made: Program, data: dict[str, Any], *, trace: bool) -> list[str]:
    """Return the correlations that a signal is for; with a trace every pattern is tried."""
    event = Event("reading", "e", time=NOW, actor=ASKER, data=data)
    outcome = made.receive(event, Related(), trace=trace)
    return [effect.name for effect in outcome.effects]


def told_by(made: Program, data: dict[str, Any], *, trace: bool) -> list[str]:
    """Return the correlations that an update of a case tells."""
    create = Event("create", "c", "c", "p.c", NOW, ASKER, {"site": "s"})
    case = made.step(None, create, Related()).case
    update = Event("update", "u", "c", "", NOW, ASKER, data)
    outcome = made.step(case, update, Related(), trace=trace)
    return [effect.name for effect in outcome.effects]


def given(chance: random.Random) -> dict[str, Any]:
    values = {"kind": chance.choice(["a", "b", "c", "d", None]), "level": chance.choice([1, 2, 3])}
    return {"site": "s", **{k: v for k, v in values.items() if chance.random() < 0.8}}


def test_signals_reach_the_windows_that_they_reach_when_all_patterns_are_tried(
    tmp_path: Path,
) -> None:
    made, chance, reached = program(tmp_path, "reading"), random.Random(1), set[str]()
    for _ in range(60):
        data = given(chance)
        quick = seen_by(made, data, trace=False)
        assert quick == seen_by(made, data, trace=True)
        reached.update(quick)
    assert len(reached) == len(PATTERNS)


def test_cases_tell_the_windows_that_they_tell_when_all_patterns_are_tried(tmp_path: Path) -> None:
    made, chance, reached = program(tmp_path, "update"), random.Random(2), set[str]()
    for _ in range(60):
        data = given(chance)
        quick = told_by(made, data, trace=False)
        assert quick == told_by(made, data, trace=True)
        reached.update(quick)
    assert len(reached) == len(PATTERNS)


def test_patterns_that_ask_for_another_value_are_not_tried(tmp_path: Path) -> None:
    made = program(tmp_path, "reading")
    listening = made.signals["p.reading"].listening

    class Seen:
        event = Event("reading", "e", time=NOW, actor=ASKER, data={"kind": "c", "level": 9})

    tried = {watch.correlation.removeprefix("p.") for watch in listening.candidates(Seen())}
    assert len(listening.all) == len(PATTERNS)
    assert {"r0", "r1", "r9"}.isdisjoint(tried)
    assert {"r5", "r6", "r7", "r8"} <= tried
