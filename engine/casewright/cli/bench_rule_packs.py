"""Case types with many rules, and signals with many correlations, of which five concern the event.

The others cannot concern it: they ask for another value of a field, read other fields, or are about
other events. What the five do is the same however many the others are.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

from casewright.case import Actor, Event, Related
from casewright.cli.bench_life import START
from casewright.cli.bench_ruleset import CONCERNED
from casewright.program import compile_packs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from casewright.case import Case, Outcome
    from casewright.program import Program

Others = Literal["values", "fields", "events"]

_TIMES = 20
_LEVELS = (1, 6, 3, 9, 4, 8, 2, 7, 5, 0)
_FIELDS = 100
_EVENTS = 50
_ASKER = Actor("bench", ("worker",))

_PACK = """\
kind: pack
name: bench
schema: casewright/1
version: 1.0.0
---
kind: roles
name: ticket
for: ticket
roles: {worker: {may: [create, read, update]}}
"""
_SHAPES: tuple[tuple[str | None, str], ...] = (
    ("update", "level >= 5"),
    ("update", "level < 5"),
    (None, "level > 7"),
    (None, "level in [2..4]"),
    ("update", 'site = "north" and level > 2'),
)


def pack(folder: Path, number: int, others: Others) -> Path:
    """Write a pack whose case type has so many rules; return its folder."""
    plain = {f"f{i}": {"type": "integer"} for i in range(_FIELDS)}
    fields = {
        "kind": {"type": "string"},
        "site": {"type": "string"},
        "level": {"type": "integer"},
        "seen": {"type": "integer"},
        **plain,
    }
    flow = {
        "initial": "open",
        "states": {"open": {}, "done": {"final": True}},
        "transitions": {
            "finish": {"from": "open", "to": "done"},
            **{f"event_{i}": {"from": "open"} for i in range(_EVENTS)},
        },
    }
    rules = {f"r{i}": _rule(i, others) for i in range(number)}
    documents: dict[str, dict[str, Any]] = {
        "case_type": {"state_flow": "ticket", "fields": fields},
        "state_flow": flow,
        "rules": {"for": "ticket", "rules": rules},
    }
    return _written(folder / f"{others}_{number}", documents)


def _written(target: Path, documents: Mapping[str, Mapping[str, Any]]) -> Path:
    target.mkdir()
    (target / "pack.yaml").write_text(_PACK, "utf-8")
    for kind, body in documents.items():
        text = json.dumps({"kind": kind, "name": "ticket", **body})
        (target / f"{kind}.yaml").write_text(text, "utf-8")
    return target


def _rule(i: int, others: Others) -> dict[str, Any]:
    on, when = _SHAPES[i % CONCERNED]
    do: list[dict[str, Any]] = [{"set": {"seen": "= level"}}]
    if i < CONCERNED or others == "values":
        when = f'kind = "k{i // CONCERNED}" and {when}'
    elif others == "fields":
        on, when = None, f"f{i % _FIELDS} > {i // _FIELDS}"
    else:
        on = f"event_{i % _EVENTS}"
    return {"when": when, "do": do} if on is None else {"on": on, "when": when, "do": do}


def outcomes(program: Program) -> list[Outcome]:
    """Return the outcomes of updates of a case, each on what the update before left."""
    made: list[Outcome] = []
    case = _applied(program, None, _event("create", {"kind": "k0", "site": "north", "level": 5}))
    for level in _LEVELS:
        made.append(_applied(program, case.case, _event("update", {"level": level})))
        case = made[-1]
    return made


def steps(program: Program) -> Callable[[], int]:
    """Return work that makes these updates, each on the same case every time."""
    created = _applied(program, None, _event("create", {"kind": "k0", "site": "north", "level": 5}))
    moments: list[tuple[Case | None, Event]] = []
    before = created.case
    for outcome in outcomes(program):
        moments.append((before, outcome.event))
        before = outcome.case
    step, related = program.step, Related()

    def work() -> int:
        for _ in range(_TIMES):
            for entity, event in moments:
                step(entity, event, related)
        return _TIMES * len(moments)

    return work


def compiled(folder: Path, number: int, others: Others) -> Program:
    """Return the program of such a pack."""
    return compile_packs([pack(folder, number, others)])


def heard(folder: Path, number: int) -> Program:
    """Return a program in which so many correlations hear one signal; five are for one kind."""
    create = {"create": {"case_type": "ticket", "with": {"kind": "= key"}}}
    correlations = {
        f"c{i}": {
            "key": "site",
            "within": "30 minutes",
            "all": [
                {
                    "as": "found",
                    "on": "reading",
                    "when": f'kind = "k{i // CONCERNED}" and level >= {i % CONCERNED}',
                    "count": 3,
                }
            ],
            "do": [create],
        }
        for i in range(number)
    }
    data = {"kind": {"type": "string"}, "site": {"type": "string"}, "level": {"type": "integer"}}
    documents: dict[str, dict[str, Any]] = {
        "case_type": {"state_flow": "ticket", "fields": {"kind": {"type": "string"}}},
        "state_flow": {
            "initial": "open",
            "states": {"open": {}, "done": {"final": True}},
            "transitions": {"finish": {"from": "open", "to": "done"}},
        },
        "rules": {"signals": {"reading": {"data": data}}, "correlations": correlations},
    }
    return compile_packs([_written(folder / f"heard_{number}", documents)])


def hearing(program: Program) -> Callable[[], int]:
    """Return work that says which windows hear a signal: five."""
    data = {"kind": "k0", "site": "north", "level": 9}
    event, related = Event("reading", "e", "", "", START, _ASKER, data), Related()
    heard_by = len(program.receive(event, related).effects)
    if heard_by != CONCERNED:
        raise RuntimeError(f"{heard_by} windows hear the signal")
    receive = program.receive

    def work() -> int:
        for _ in range(_TIMES * len(_LEVELS)):
            receive(event, related)
        return _TIMES * len(_LEVELS)

    return work


def _event(event_type: str, data: dict[str, Any]) -> Event:
    case_type = "bench.ticket" if event_type == "create" else ""
    return Event(event_type, "e", "bench", case_type, START, _ASKER, data)


def _applied(program: Program, case: Case | None, event: Event) -> Outcome:
    outcome = program.step(case, event, Related())
    if outcome.status != "applied":
        raise RuntimeError(f"{event.type}: {outcome.status} {outcome.errors}")
    return outcome
