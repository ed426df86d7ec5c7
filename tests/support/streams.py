"""Random lives of cases of the shipped support pack: any event, any actor, any wait."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from casewright.case import Actor, Event, Related
from casewright.program import Program, compile_packs
from casewright.resources import specs_dir

if TYPE_CHECKING:
    from casewright.bind.fields import FieldDefinition
    from casewright.case import Case, Outcome
    from casewright.program import CaseType

START = datetime(2026, 3, 6, 15, 0, tzinfo=UTC)
ACTORS = (
    Actor("maya", roles=("agent",)),
    Actor("maya", roles=("agent", "resource_manager")),
    Actor("ana", roles=("customer",), attributes={"account": "boxwood"}),
    Actor("stranger", roles=("customer",), attributes={"account": "tidewater"}),
    Actor("vera", roles=("viewer",)),
)


class _Known(dict[str, Any]):
    """Records that the shell knows; of any other id it says that there is none."""

    def __missing__(self, key: str) -> None:
        return None


def support_program() -> Program:
    """Return the program of the shipped support pack."""
    return compile_packs([specs_dir() / "tech_product_support"])


def all_records(program: Program) -> Related:
    """Return the shipped reference data as what a step may read."""
    records = {name: _Known(rows) for name, rows in program.records.items()}
    return Related(defaultdict(_Known, records), _NoAnswers())


class _NoAnswers(dict[str, tuple[str, ...]]):
    """Answers to filters: none matches, but where the shipped rows say so."""

    def get(self, _key: str, _default: Any = None) -> Any:
        return ()


def walk(
    program: Program, related: Related, seed: int, length: int
) -> list[tuple[Case | None, Event, list[Outcome]]]:
    """Return a random life: the case before each event, the event, and what came of it.

    Most events are such as the case's state knows; the rest are anything.
    """
    rng = random.Random(seed)
    ct = program.case_type("tech_product_support")
    time = START + timedelta(minutes=rng.randrange(20_000))
    case: Case | None = None
    made: list[tuple[Case | None, Event, list[Outcome]]] = []
    for number in range(length):
        actor = ACTORS[0] if number == 0 or rng.random() < 0.7 else rng.choice(ACTORS)
        kind = "create" if case is None else _kind(rng, ct, case)
        data = _opened(rng) if case is None else _data(rng, ct, case, kind)
        event = Event(kind, f"e{number}", "c1", ct.name, time, actor, data)
        outcomes = program.handle(case, event, related)
        made.append((case, event, outcomes))
        case = outcomes[-1].case
        gap = rng.choice([0, 0, 1, 600, 7_200, 90_000, 400_000])
        time += timedelta(seconds=rng.randrange(gap + 1))
    return made


def _kind(rng: random.Random, ct: CaseType, case: Case) -> str:
    if rng.random() < 0.2:
        return rng.choice(sorted(ct.flow.event_types))
    here = sorted(event for state, event in ct.flow.rows if state == case.state)
    return rng.choice([*here, *["update", "comment", "work_note", "activity"] * 3, "email_sent"])


def _opened(rng: random.Random) -> dict[str, Any]:
    return {
        "short_description": "Link down",
        "account": "boxwood",
        "contact": "ana",
        "priority": rng.choice([1, 2, 3, 4]),
    }


def _data(rng: random.Random, ct: CaseType, case: Case, kind: str) -> dict[str, Any]:
    if kind in ("comment", "work_note", "email_sent"):
        return {"text": rng.choice(["Hello", "Any news?"])}
    if kind == "activity" and ct.playbook is not None:
        activity = rng.choice(list(ct.playbook.activities.values()))
        if case.playbook is not None and case.playbook.activity and rng.random() < 0.8:
            activity = ct.playbook.activities[case.playbook.activity]
        action = rng.choice(["save", "continue", *activity.actions])
        fields = {
            name: _value(rng, ct.fields[name]) for name in activity.fields if rng.random() < 0.7
        }
        return {"activity": activity.name, "action": action, **fields}
    names = [n for n, d in ct.fields.items() if d.computed is None and d.kind != "journal"]
    data = (
        {name: _value(rng, ct.fields[name]) for name in rng.sample(names, 2)}
        if kind == "update"
        else {}
    )
    if rng.random() < 0.5:
        data["resolution_code"] = _value(rng, ct.fields["resolution_code"])
        data["resolution_notes"] = "Replaced"
    return data


_VALUES: dict[str, tuple[Any, ...]] = {
    "boolean": (True, False),
    "integer": (0, 1, 4),
    "number": (0, 1.5, 4),
    "date": ("2026-03-09",),
    "date_time": ("2026-03-09T10:00:00Z",),
    "duration": ("2 hours",),
    "map": ({},),
    "attachment": ({"name": "a.txt", "uri": "file:a"},),
    "reference": ("boxwood", "ana", "maya", "technical_support"),
}


def _value(rng: random.Random, definition: FieldDefinition) -> Any:
    if rng.random() < 0.05:
        return None
    choices = _VALUES.get(definition.kind, ("one", "two"))
    if definition.kind == "choice":
        choices = tuple(definition.choices)
    made = rng.choice(choices)
    return [made] if definition.many else made
