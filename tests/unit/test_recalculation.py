"""A changed calendar touches the cases that it concerns, and no other is written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from casewright import Actor, Engine
from casewright.cli.bench_recalculation import measure
from casewright.runtime import VirtualClock
from casewright.temporal import from_us

if TYPE_CHECKING:
    from pathlib import Path

START = datetime(2026, 3, 3, 8, tzinfo=UTC)
ANN = Actor("ann")

PACK = """\
kind: pack
name: desk
schema: casewright/1
version: 1.0.0
---
kind: calendar
name: office
timezone: Europe/Berlin
hours: {mon: ["08:00-17:00"], tue: ["08:00-17:00"], wed: ["08:00-17:00"]}
---
kind: case_type
name: ticket
state_flow: ticket
calendar: office
fields: {priority: {type: integer, default: 2}}
---
kind: state_flow
name: ticket
initial: open
states: {open: {}, waiting: {}}
transitions: {ask: {from: open, to: waiting}}
---
kind: sla_definitions
name: ticket
for: ticket
slas:
  answer: {target: 8 business hours, start: state = "open", pause: state = "waiting"}
"""


def due(engine: Engine, case: str) -> datetime:
    found = engine.get(case)
    assert found is not None
    due_us = found.clocks["answer"].current.due_us
    assert due_us is not None
    return from_us(due_us)


def test_only_cases_with_a_live_clock_on_the_calendar_are_touched() -> None:
    found = [(row["measured"], str(row["detail"]).partition(",")[0]) for row in measure(40)]
    assert found == [(0, "of 40; 0 writes"), (18, "of 40; 18 writes")] * 2


def test_a_holiday_moves_what_runs_and_a_second_sweep_writes_nothing(tmp_path: Path) -> None:
    pack = tmp_path / "pack.yaml"
    pack.write_text(PACK)
    engine = Engine.open(tmp_path, clock=VirtualClock(START))
    for case in ("t1", "t2"):
        engine.create("ticket", {}, actor=ANN, case=case)
    engine.send("t2", "ask", actor=ANN)
    before = due(engine, "t1")
    pack.write_text(PACK.replace("hours: {mon", 'holidays: ["2026-03-03"]\nhours: {mon'))
    assert engine.reload().is_new
    assert engine.adopt() == 2
    assert due(engine, "t1") > before
    assert [entry.event["type"] for entry in engine.history("t1")] == ["create", "adopt"]
    assert engine.adopt() == 0
    assert len(engine.history("t1")) == 2
    (found,) = engine.timeline("t1", "answer")
    assert found.turns[-1].what == "worked out anew, calendar or definition have changed"
    assert engine.verify("t1").status == "agrees"


def test_what_changes_nothing_of_a_case_is_not_written(tmp_path: Path) -> None:
    pack = tmp_path / "pack.yaml"
    pack.write_text(PACK)
    engine = Engine.open(tmp_path, clock=VirtualClock(START))
    engine.create("ticket", {}, actor=ANN, case="t1")
    pack.write_text(PACK.replace("{type: integer, default: 2}", "{type: integer, default: 3}"))
    assert engine.reload().is_new
    assert engine.adopt() == 0
    assert len(engine.history("t1")) == 1
    assert engine.send("t1", "ask", actor=ANN).status == "applied"
    assert [entry.event["type"] for entry in engine.history("t1")] == ["create", "adopt", "ask"]


class Ticking:
    """A clock that moves by itself, so that timers are late by a tick."""

    is_owned = False

    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at


def test_a_timer_that_is_late_by_a_tick_outlives_a_changed_calendar(tmp_path: Path) -> None:
    pack, clock = tmp_path / "pack.yaml", Ticking()
    texts = PACK.replace('"waiting"}', '"waiting", thresholds: {50%: []}}')
    pack.write_text(texts)
    engine = Engine.open(tmp_path, clock=clock)
    engine.create("ticket", {}, actor=ANN, case="t1")
    pack.write_text(texts.replace("hours: {mon", 'holidays: ["2026-12-25"]\nhours: {mon'))
    assert engine.reload().is_new
    clock.at = START + timedelta(hours=4, seconds=1)
    ran = engine.run_due()
    assert [o.event.type for o in ran] == ["adopt", "timer"]
    assert ran[1].event.data["timer"] == "sla/answer/50%"
    assert {o.event.time for o in ran} == {START + timedelta(hours=4)}
