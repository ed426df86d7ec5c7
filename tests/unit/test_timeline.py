"""The timeline of a clock adds up to what the clock says; forecasts store nothing."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from casewright import Actor, Engine, Event, EventError, compile_packs
from casewright.cli import main
from casewright.cli.bench_life import event_lines
from casewright.resources import specs_dir
from casewright.runtime import AsyncEngine, VirtualClock, feed
from casewright.temporal import to_us

if TYPE_CHECKING:
    from pathlib import Path

    from casewright.sla.timeline import Timeline

START = datetime(2026, 3, 3, 8, tzinfo=UTC)  # a Tuesday, 09:00 in Berlin
ANN, CARL = Actor("ann", ("agent",)), Actor("carl", ("customer",))

PACK = """\
kind: pack
name: desk
schema: casewright/1
version: 1.0.0
---
kind: calendar
name: office
timezone: Europe/Berlin
hours: {mon: ["08:00-17:00"], tue: ["08:00-17:00"], wed: ["08:00-12:00", "13:00-17:00"]}
---
kind: case_type
name: ticket
number: {prefix: T, digits: 4}
state_flow: ticket
calendar: office
fields: {priority: {type: integer, default: 2}}
---
kind: state_flow
name: ticket
initial: open
states: {open: {}, waiting: {}, solved: {}}
transitions:
  ask: {from: open, to: waiting}
  reply: {from: waiting, to: open}
  solve: {from: open, to: solved}
  reopen: {from: solved, to: open}
---
kind: sla_definitions
name: ticket
for: ticket
slas:
  answer:
    target: {by: priority, 1: 2 business hours, 2: 8 business hours}
    start: state = "open"
    pause: state = "waiting"
    stop: {on: comment, when: actor.id = "ann"}
    again: new
    reset: {on: work_note}
    thresholds: {50%: []}
  solution: {target: 20 hours, start: state = "open", stop: state = "solved", again: resume}
"""


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(START)


@pytest.fixture
def engine(tmp_path: Path, clock: VirtualClock) -> Engine:
    (tmp_path / "pack.yaml").write_text(PACK)
    made = Engine.open(tmp_path, clock=clock)
    made.create("ticket", {}, actor=CARL, case="t1")
    return made


def after(hours: float, engine: Engine, clock: VirtualClock, event: str, **data: Any) -> None:
    clock.move_to(START + timedelta(hours=hours))
    engine.run_due()
    assert engine.send("t1", event, data, actor=ANN).status == "applied"


def shape(timeline: Timeline) -> list[tuple[str, float]]:
    return [(one.kind, (one.until_us - one.from_us) / 3_600_000_000) for one in timeline.intervals]


def whats(timeline: Timeline) -> list[str]:
    return [turn.what for turn in timeline.turns]


def test_intervals_follow_hours_and_pauses_and_add_up(engine: Engine, clock: VirtualClock) -> None:
    after(2, engine, clock, "ask")
    after(24, engine, clock, "reply")
    clock.move_to(START + timedelta(hours=29))
    (found,) = engine.timeline("t1", "answer")
    assert shape(found) == [
        ("counted", 2),
        ("paused", 22),
        ("counted", 3),
        ("closed", 1),
        ("counted", 1),
    ]
    assert [one.why for one in found.intervals][1:4] == [
        'pause: state = "waiting"; since ask by ann (revision 2)',
        "open",
        "outside the hours of the calendar (Europe/Berlin)",
    ]
    assert found.elapsed_us == 6 * 3_600_000_000 == found.intervals[-1].sum_us
    assert whats(found) == ["started", "paused", "resumed"]
    case = engine.get("t1")
    assert case is not None
    definition: Any = engine.program.case_type("ticket").clocks["answer"]
    assert definition.measure.elapsed_us(case.clocks["answer"].current, found.until_us) == (
        found.elapsed_us
    )


def test_a_change_of_target_keeps_start_and_is_told(engine: Engine, clock: VirtualClock) -> None:
    after(1.5, engine, clock, "update", priority=1)
    (found,) = engine.timeline("t1", "answer")
    assert whats(found) == [
        "started",
        "target 8 business hours -> 2 business hours",
    ]
    clock.move_to(START + timedelta(hours=3))
    engine.run_due()
    assert whats(engine.timeline("t1", "answer")[0])[2:] == ["threshold 50%", "breached"]


def test_a_reset_gives_back_what_counted(engine: Engine, clock: VirtualClock) -> None:
    after(1, engine, clock, "work_note", text="from here")
    clock.move_to(START + timedelta(hours=3))
    (found,) = engine.timeline("t1", "answer")
    assert shape(found) == [("reset", 1), ("counted", 2)]
    assert found.intervals[0].why == "given back by work_note by ann (revision 2)"
    assert found.elapsed_us == 2 * 3_600_000_000


def test_each_instance_has_a_timeline_of_its_own(engine: Engine, clock: VirtualClock) -> None:
    after(1, engine, clock, "comment", text="one")
    after(2, engine, clock, "comment", text="two")
    found = engine.timeline("t1", "answer")
    assert [(one.clock.instance, one.clock.status) for one in found] == [
        (1, "completed"),
        (2, "completed"),
        (3, "in_progress"),
    ]
    assert [one.elapsed_us for one in found] == [3_600_000_000, 3_600_000_000, 0]
    assert all(one.note == "" for one in found)


def test_the_gap_since_a_stop_is_told_as_such(engine: Engine, clock: VirtualClock) -> None:
    after(1, engine, clock, "solve")
    after(5, engine, clock, "reopen")
    (found,) = engine.timeline("t1", "solution")
    assert shape(found) == [("counted", 1), ("paused", 4)]
    assert found.intervals[1].why == "it was stopped by solve by ann (revision 2)"
    assert whats(found) == ["started", "stopped", "resumed after its stop"]


def test_what_if_tells_and_stores_nothing(engine: Engine, clock: VirtualClock) -> None:
    after(2, engine, clock, "ask")
    before = engine.get("t1")
    reply = Event("reply", time=START + timedelta(hours=24), actor=CARL)
    outcomes = engine.forecast("t1", [reply], until=START + timedelta(days=9))
    assert [o.event.type for o in outcomes] == ["timer", "reply", "timer", "timer"]
    (found,) = engine.timeline("t1", "answer", [reply])
    assert found.clock.due_us is not None
    due = datetime.fromtimestamp(found.clock.due_us / 1e6, UTC)
    assert due == datetime(2026, 3, 4, 15, tzinfo=UTC)
    assert [turn.revision for turn in found.turns] == [1, 2, None]
    assert found.turns[-1].by == "reply by carl, if it comes so"
    assert engine.get("t1") == before
    assert len(engine.history("t1")) == 2


def test_time_alone_can_be_forecast(engine: Engine) -> None:
    outcomes = engine.forecast("t1", until=START + timedelta(days=1))
    ran = [o.event.data["timer"] for o in outcomes]
    assert ran == ["sla/answer/50%", "sla/answer/breach", "sla/solution/breach"]


def test_an_unknown_clock_names_those_there_are(engine: Engine) -> None:
    with pytest.raises(EventError, match="there are answer, solution"):
        engine.timeline("t1", "reply")


def test_commands_tell_the_same(
    tmp_path: Path, engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    events, thought = tmp_path / "e.jsonl", tmp_path / "if.jsonl"
    line = {"id": "1", "type": "create", "case": "t1", "case_type": "desk.ticket"}
    ask = {"id": "2", "type": "ask", "case": "t1", "actor": {"id": "ann"}}
    events.write_text(
        json.dumps(line | {"time": START.isoformat(), "actor": {"id": "carl"}})
        + "\n"
        + json.dumps(ask | {"time": "2026-03-03T10:00:00Z"})
    )
    thought.write_text(json.dumps({"type": "reply", "time": "2026-03-04T08:00:00Z"}))
    case = [str(tmp_path), "T0001", "--events", str(events)]
    clock = ["explain", *case, "--sla", "answer"]

    assert main([*clock, "--if", str(thought), "--format", "json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert told["due"] == "2026-03-04T16:00:00+01:00"
    assert told["elapsed_s"] == 7200
    assert [one["kind"] for one in told["intervals"]] == ["counted", "paused"]

    assert main(clock) == 0
    text = capsys.readouterr().out
    assert "counted 2 h 00 min of 8 business hours, 25%; no due instant (Europe/Berlin)" in text

    assert main(["forecast", *case, "--if", str(thought), "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["state"] == "open"
    assert told["clocks"]["answer"]["due"] == "2026-03-04T15:00:00+00:00"

    assert main(["forecast", *case, "--if", str(thought)]) == 0
    assert "T0001 would be [open]" in capsys.readouterr().out
    assert main(["forecast", *case]) == 2
    assert main(["explain", *case, "--if", str(thought)]) == 2
    assert main([*clock[:-1], "nothing"]) == 2
    thought.write_text("{")
    assert main(["forecast", *case, "--if", str(thought)]) == 2
    assert main(["forecast", *case, "--if", str(tmp_path / "none")]) == 2


def test_lives_of_support_cases_add_up_without_gaps() -> None:
    engine = Engine(compile_packs([specs_dir()]), clock=VirtualClock())
    lines = [json.dumps(line) for line in event_lines(40, seed=11)]
    for _ in feed(engine, lines):
        pass
    now_us = to_us(engine.clock.now())
    kinds: set[str] = set()
    for case in engine.cases():
        ct: Any = engine.program.case_type(case.case_type)
        for name, record in case.clocks.items():
            found = engine.timeline(case.id, name)
            assert found[-1].clock == record.current
            assert [one.clock.instance for one in found] == [*range(1, record.current.instance + 1)]
            for one in found:
                measured = ct.clocks[name].measure.elapsed_us(one.clock, max(now_us, one.until_us))
                assert (one.elapsed_us, one.note) == (measured, "")
                ends = [one.clock.started_us, *(i.until_us for i in one.intervals)]
                assert [i.from_us for i in one.intervals] == ends[:-1]
                assert ends[-1] == one.until_us
                kinds |= {i.kind for i in one.intervals}
    assert kinds == {"counted", "paused", "closed"}


def test_a_closed_interval_names_the_holidays_in_it(tmp_path: Path, clock: VirtualClock) -> None:
    holidays = 'holidays: ["2026-03-04", "2026-03-08"]\nhours: {mon'
    (tmp_path / "pack.yaml").write_text(PACK.replace("hours: {mon", holidays))
    engine = Engine.open(tmp_path, clock=clock)
    engine.create("ticket", {}, actor=CARL, case="t1")
    (found,) = engine.timeline("t1", "answer", at=START + timedelta(days=6))
    assert [one.why for one in found.intervals] == [
        "open",
        "outside the hours of the calendar (Europe/Berlin); closed on 2026-03-04",
        "open",
    ]


async def told(engine: Engine) -> tuple[int, int, int]:
    waits = AsyncEngine(engine)
    end = START + timedelta(days=1)
    outcomes = await waits.forecast("t1", until=end)
    (timeline,) = await waits.timeline("t1", "answer", at=end)
    answer, _ = await waits.report("state", at=end)
    return len(outcomes), len(timeline.turns), answer.overdue


def test_async_twins_tell_the_same(engine: Engine) -> None:
    assert asyncio.run(told(engine)) == (3, 3, 1)
