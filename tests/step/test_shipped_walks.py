"""Random walks over the technology product support pack.

Whatever people do in whatever order, what is listed as open is what a step takes, nothing fails,
and a case is the same after it has been through its canonical form.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from casewright.case import Actor, Case, Event, Related
from casewright.program import compile_packs
from casewright.resources import specs_dir

PROGRAM = compile_packs([specs_dir() / "base", specs_dir() / "tech_product_support"])
CASE_TYPE = "tech_product_support.tech_product_support"
RECORDS = Related(records=PROGRAM.records)
MAYA = Actor("maya", roles=("agent",))
PEOPLE = (
    MAYA,
    Actor("tom", roles=("agent",)),
    Actor("ines", roles=("resource_manager",)),
    Actor("mara", roles=("major_case_manager",)),
    Actor("omar", roles=("developer",)),
    Actor("ana", roles=("customer",), attributes={"account": "boxwood"}),
    Actor("sam", roles=("customer",), attributes={"account": "tidewater"}),
)
TEXTS: dict[str, dict[str, Any]] = {
    "comment": {"text": "hello"},
    "work_note": {"text": "hello"},
    "attach": {"name": "a.jpg", "uri": "https://boxwood.example/a.jpg"},
    "propose_solution": {"resolution_code": "workaround"},
    "close_case": {"resolution_notes": "done"},
}
PACES = (timedelta(minutes=1), timedelta(hours=3), timedelta(days=1), timedelta(days=6))
MISSING = {"requirement", "invalid", "constraint"}
START = Event(
    "create",
    id="start",
    case="c",
    case_type=CASE_TYPE,
    time=datetime(2026, 3, 2, 17, 0, tzinfo=UTC),
    actor=MAYA,
    data={
        "short_description": "Board is dark",
        "account": "boxwood",
        "contact": "ana",
        "issue_type": "something_is_broken",
        "priority": 2,
    },
)


def _case(event: Event, before: Case | None) -> tuple[Case, str, set[str]]:
    outcomes = PROGRAM.handle(before, event, RECORDS)
    assert {outcome.status for outcome in outcomes} <= {"applied", "rejected"}
    last = outcomes[-1]
    assert last.case is not None
    return last.case, last.status, {problem.code for problem in last.errors}


def _asked(kind: str, name: str) -> tuple[str, dict[str, Any]]:
    if kind != "activity":
        return name, TEXTS.get(name, {})
    activity, *card, action = name.split("/")
    data = {"activity": activity, "action": action, **({"card": card[0]} if card else {})}
    return "activity", data


@pytest.mark.parametrize("seed", range(12))
def test_what_is_open_is_taken_and_what_is_not_is_refused(seed: int) -> None:
    chance = random.Random(seed)
    case, _, _ = _case(START, None)
    assert START.time is not None
    now = START.time
    for number in range(40):
        now += chance.choice(PACES)
        advanced = PROGRAM.advance(case, now, RECORDS)
        case = (advanced[-1].case if advanced else case) or case
        actor = chance.choice((*PEOPLE, MAYA, MAYA))
        chosen = chance.choice(PROGRAM.allowed_actions(case, actor, RECORDS))
        event_type, data = _asked(chosen.kind, chosen.type)
        event = Event(event_type, id=str(number), case="c", time=now, actor=actor, data=data)
        case, status, codes = _case(event, case)
        said = f"{actor.id}: {chosen.kind} {chosen.type} in {case.state}: {codes}"
        if chosen.is_open:
            assert status == "applied" or codes <= MISSING, said
        elif not {problem.code for problem in chosen.problems} <= MISSING:
            assert status == "rejected", said
        kept = PROGRAM.dump_case(case)
        case = PROGRAM.load_case(kept)
        assert PROGRAM.dump_case(case) == kept
