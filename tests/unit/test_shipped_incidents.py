"""What the operations centre sees, and that whatever happens there nothing is refused or fails."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from casewright.case import Actor, Event, Related
from casewright.program import compile_packs
from casewright.resources import specs_dir
from casewright.runtime.clock import VirtualClock
from casewright.runtime.engine import Engine
from casewright.store import CaseFilter

if TYPE_CHECKING:
    from casewright.case import Outcome
    from casewright.view import View

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NORA = Actor("nora", roles=("noc_agent",))
NETWATCH = Actor("netwatch", roles=("monitoring",))
PEOPLE = (
    NORA,
    Actor("ravi", roles=("psew_user",)),
    Actor("mara", roles=("problem_manager",)),
    Actor("vera", roles=("case_viewer",)),
)
PROGRAM = compile_packs([specs_dir() / "base", specs_dir() / "proactive_service"])
INCIDENT = PROGRAM.case_type("proactive_service.incident")
ITEMS = ("vmanage_10001", "edge_pike_street", "link_harbour_way", "sign_in_cluster", "spare_router")
ASKED: dict[str, dict[str, Any]] = {
    "hold": {"hold_reason": "vendor"},
    "resolve": {"resolution_code": "workaround", "resolution_notes": "Restarted"},
    "cause_found": {"probable_cause": "Memory"},
    "reject": {"resolution_notes": "Chance"},
    "comment": {"text": "hello"},
    "work_note": {"text": "hello"},
    "attach": {"name": "a.jpg", "uri": "https://northwind.example/a.jpg"},
    "email_sent": {"subject": "a", "text": "b"},
    "email_received": {"subject": "a", "text": "b"},
}


def _seen(fields: dict[str, Any], *events: str) -> View:
    engine = Engine(PROGRAM, clock=VirtualClock(NOW))
    made = engine.create("incident", {"short_description": "Dark", **fields}, actor=NORA).case
    assert made is not None
    for event in events:
        made = engine.send(made.id, event, ASKED.get(event, {}), actor=NORA).case
        assert made is not None
    return PROGRAM.view(made, Related(records=PROGRAM.records), actor=NORA, now=NOW)


@pytest.mark.parametrize(
    ("events", "lists"),
    [
        ((), {"open_incidents", "all"}),
        (("assign_to_me",), {"open_incidents", "assigned_to_you", "all"}),
        (("assign_to_me", "resolve"), {"assigned_to_you", "all"}),
        (("cancel",), {"all"}),
    ],
)
def test_incident_is_in_the_lists_of_its_state(events: tuple[str, ...], lists: set[str]) -> None:
    seen = _seen({}, *events)
    assert {name for name, one in INCIDENT.views.lists.items() if one.shows(seen)} == lists


def test_priority_has_a_colour() -> None:
    seen = _seen({"impact": 1, "urgency": 1})
    assert INCIDENT.views.highlight(seen) == {"priority": "red"}


@pytest.mark.parametrize("seed", range(8))
def test_whatever_happens_no_message_is_refused_and_no_item_has_two_incidents(seed: int) -> None:
    chance = random.Random(seed)
    clock = VirtualClock(NOW)
    engine = Engine(PROGRAM, clock=clock)
    refused: Counter[tuple[str, str]] = Counter()

    def note(outcome: Outcome) -> None:
        if outcome.status != "applied":
            refused[outcome.event.type, outcome.errors[0].code] += 1

    engine.observe(note)
    sent = 0
    for number in range(80):
        clock.move(timedelta(minutes=chance.choice((0, 0, 0.5, 1, 3, 20, 90))))
        engine.run_due(clock.now())
        if chance.random() < 0.6:
            sent += 1
            engine.handle(_alert(number, clock.now(), chance))
        else:
            _act(engine, chance)
    assert {kind for kind, _ in refused} <= {"assign_to_me"}, refused  # not of the group
    found = engine.cases(CaseFilter(case_types=("proactive_service.incident",)))
    assert sum(case.fields["alert_count"] for case in found) <= sent
    shut = {"resolved", "closed", "cancelled"}
    made = [c.fields for c in found if c.state not in shut and not c.fields.get("reopen_count")]
    opened = Counter(f["configuration_item"] for f in made if f.get("channel") == "monitoring")
    assert set(opened.values()) <= {1}


def _alert(number: int, now: datetime, chance: random.Random) -> Event:
    items = ITEMS[: chance.choice((1, 5))]
    data = {"configuration_item": chance.choice(items), "severity": chance.randint(1, 4)}
    happened = now - timedelta(minutes=chance.choice((0, 0, 0, 2, 10, 40)))
    return Event("alert", id=f"a{number}", actor=NETWATCH, occurred=happened, data=data)


def _act(engine: Engine, chance: random.Random) -> None:
    cases = engine.cases()
    if not cases or chance.random() < 0.1:
        about = {"short_description": "Dark", "configuration_item": chance.choice(ITEMS)}
        engine.create("incident", about, actor=NORA)
        return
    case, actor = chance.choice(cases), chance.choice(PEOPLE)
    allowed = [action.type for action in engine.allowed_actions(case.id, actor) if action.is_open]
    if allowed:
        event = chance.choice(allowed)
        engine.send(case.id, event, ASKED.get(event, {}), actor=actor)
