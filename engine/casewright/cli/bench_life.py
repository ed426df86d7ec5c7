"""The lives of support cases that the benchmarks play, and files of events made of them.

The stated mix: a life of twenty events of twelve types, eight with a transition, two rejected, on
the pack ``tech_product_support``. All randomness comes from a seed, so a file can be made again.
"""

from __future__ import annotations

import datetime as dt
import heapq
import json
import random
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import TextIO

CASE_TYPE = "tech_product_support"
START = dt.datetime(2026, 3, 2, 16, 0, tzinfo=dt.UTC)
AGENT: Mapping[str, Any] = {"id": "maya", "roles": ["agent"]}
CUSTOMER: Mapping[str, Any] = {"id": "ana", "roles": ["customer"], "account": "boxwood"}


@dataclass(frozen=True, slots=True)
class Act:
    """One event of a life.

    Attributes:
        type: of the event.
        actor: who asks.
        data: data and fields.
        status: what the step is expected to answer.
    """

    type: str
    actor: Mapping[str, Any]
    data: Mapping[str, Any] = field(default_factory=dict[str, Any])
    status: str = "applied"


_OPENED = {
    "short_description": "Tills lose the connection",
    "account": "boxwood",
    "contact": "ana",
    "priority": 3,
    "issue_type": "something_is_broken",
}
_SOLVED = {"resolution_code": "workaround", "resolution_notes": "Restart the gateway at night"}

LIFE: tuple[Act, ...] = (
    Act("create", AGENT, _OPENED),
    Act("update", AGENT, {"description": "Since Monday", "priority": 2}),
    Act("submit_case", AGENT),
    Act("work_note", AGENT, {"text": "Same site as last month"}),
    Act("propose_solution", AGENT, _SOLVED, "rejected"),
    Act("assign_to_me", AGENT),
    Act("activity", AGENT, {"activity": "review_the_problem", "action": "continue"}),
    Act(
        "activity",
        AGENT,
        {
            "activity": "send_initial_response",
            "action": "send_and_continue",
            "initial_response": "We are on it",
        },
    ),
    Act("request_information", AGENT),
    Act("comment", CUSTOMER, {"text": "4.2 on both"}),
    Act("update", AGENT, {"issue_summary": "Firmware 4.2", "next_steps": "Reproduce"}),
    Act("work_note", AGENT, {"text": "Reproduced in the lab"}),
    Act("propose_solution", AGENT, {}, "rejected"),
    Act("propose_solution", AGENT, _SOLVED),
    Act("reject_solution", CUSTOMER),
    Act("comment", AGENT, {"text": "Then we replace it"}),
    Act("update", AGENT, {"root_cause_code": "hardware_failure"}),
    Act("propose_solution", AGENT, {**_SOLVED, "resolution_code": "fixed_by_support"}),
    Act("email_received", CUSTOMER, {"subject": "Thanks", "text": "Works now"}),
    Act("accept_solution", CUSTOMER),
)

_SHORT_LIVES: tuple[tuple[int, ...], ...] = (
    (0, 2, 3, 5, 15, 13, 18, 19),
    (0, 1, 2, 4, 5, 13, 14, 15),
    (0, 2, 5, 8, 9, 10, 13, 19),
    (0, 2, 5, 3, 12, 13, 14, 17),
    (0, 1, 2, 3, 5, 15, 8, 9),
    (0, 2, 5, 6, 7, 10, 13, 19),
)
_TROUBLES = ("Tills offline", "Sign-in fails", "Slow reports", "No mail", "Display dark")
_PAUSES_MINUTES = (1, 3, 8, 20, 45, 90, 240, 1_200, 2_880)


def life_lines(case: str, start: dt.datetime, rng: random.Random) -> list[tuple[dt.datetime, Any]]:
    """Return the eight events of one case with their instants, ascending."""
    lines: list[tuple[dt.datetime, Any]] = []
    at = start
    for position, index in enumerate(rng.choice(_SHORT_LIVES)):
        act = LIFE[index]
        line: dict[str, Any] = {"id": f"{case}-{position}", "type": act.type, "case": case}
        data = dict(act.data)
        if act.type == "create":
            line["case_type"] = CASE_TYPE
            data |= {
                "short_description": f"{rng.choice(_TROUBLES)}, shop {rng.randrange(400)}",
                "priority": rng.choice((2, 3, 3, 4, 4, 4)),
            }
        line |= {"time": at.isoformat(), "actor": act.actor, "data": data}
        lines.append((at, line))
        at += dt.timedelta(minutes=rng.choice(_PAUSES_MINUTES), seconds=rng.randrange(60))
    return lines


def event_lines(cases: int, seed: int = 1) -> Iterator[dict[str, Any]]:
    """Yield eight events a case in order of time; cases open one after the other.

    Args:
        cases: how many.
        seed: the same seed gives the same events.
    """
    rng = random.Random(seed)  # noqa: S311  test data
    order = count()
    waiting: list[tuple[dt.datetime, int, Any]] = []
    start = START
    for number in range(1, cases + 1):
        while waiting and waiting[0][0] <= start:
            yield heapq.heappop(waiting)[2]
        for at, line in life_lines(f"case-{number:06d}", start, rng):
            heapq.heappush(waiting, (at, next(order), line))
        start += dt.timedelta(seconds=rng.randrange(20, 160))
    while waiting:
        yield heapq.heappop(waiting)[2]


def write_events(cases: int, out: TextIO, seed: int = 1) -> int:
    """Write a file of events, one JSON object a line; return how many there are."""
    number = 0
    for line in event_lines(cases, seed):
        out.write(json.dumps(line, separators=(",", ":")) + "\n")
        number += 1
    return number
