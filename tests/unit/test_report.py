"""Reports over many cases: clocks by group, and the indicators of views."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from casewright import Actor, Engine, EventError
from casewright.cli import main
from casewright.runtime import VirtualClock
from casewright.sla.figures import end_of_day_us
from casewright.store import CaseFilter
from casewright.temporal import from_us, to_us

if TYPE_CHECKING:
    from pathlib import Path
    from zoneinfo import ZoneInfo

START = datetime(2026, 3, 3, 8, tzinfo=UTC)
ANN = Actor("ann", ("agent",))

PACK = """\
kind: pack
name: desk
schema: casewright/1
version: 1.0.0
---
kind: case_type
name: ticket
state_flow: ticket
fields: {team: {type: string}, size: {type: integer}}
---
kind: state_flow
name: ticket
initial: open
states: {open: {}, solved: {}, dropped: {}}
transitions: {solve: {from: open, to: solved}, drop: {from: open, to: dropped}}
---
kind: sla_definitions
name: ticket
for: ticket
slas:
  answer:
    target: 4 hours
    start: state = "open"
    stop: {on: comment}
    again: new
    cancel: state = "dropped"
  solution: {target: 30 hours, start: state = "open", stop: state = "solved"}
---
kind: views
name: ticket
for: ticket
indicators:
  sizes: {of: ticket, where: size != null, measure: mean(size), by: team}
  late: {of: answer, where: breached = true}
"""


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """Return four cases: answered in time, answered late, dropped, and one that waits."""
    (tmp_path / "pack.yaml").write_text(PACK)
    clock = VirtualClock(START)
    made = Engine.open(tmp_path, clock=clock)
    for case, team, size in (("a", "red", 1), ("b", "red", 4), ("c", "blue", 7), ("d", None, None)):
        made.create("ticket", {"team": team, "size": size}, actor=ANN, case=case)
    clock.move(timedelta(hours=1))
    made.send("a", "solve", actor=ANN)
    made.comment("a", "done", actor=ANN)
    made.send("c", "drop", actor=ANN)
    clock.move(timedelta(hours=5))
    made.run_due()
    made.comment("b", "sorry", actor=ANN)
    return made


def counts(one: Any) -> tuple[int, ...]:
    return (one.open, one.met, one.missed, one.cancelled, one.overdue, one.expiring_today)


def test_each_clock_is_counted_by_group(engine: Engine) -> None:
    found = {(one.group, one.clock): one for one in engine.report("team")}
    assert list(found) == [
        (None, "answer"),
        (None, "solution"),
        ("blue", "answer"),
        ("blue", "solution"),
        ("red", "answer"),
        ("red", "solution"),
    ]
    assert counts(found[None, "answer"]) == (1, 0, 0, 0, 1, 0)
    assert counts(found["blue", "answer"]) == (0, 0, 0, 1, 0, 0)
    red = found[
        "red", "answer"
    ]  # one met, one missed, and the instance that followed, due at 18:00
    assert counts(red) == (1, 1, 1, 0, 0, 1)
    assert (red.instances, red.breaches) == (3, 1)
    assert (red.achieved, red.breached) == (Decimal("50.0"), Decimal("50.0"))
    assert red.average_age == timedelta(hours=3.5)
    assert counts(found["red", "solution"]) == (1, 1, 0, 0, 0, 0)
    blank = found["blue", "solution"]
    assert (blank.achieved, blank.breached, blank.average_age) == (None, None, None)


def test_all_together_and_only_some(engine: Engine) -> None:
    answer, solution = engine.report()
    assert counts(answer) == (2, 1, 1, 1, 1, 1)
    assert counts(solution) == (3, 1, 0, 0, 0, 0)
    (one, _) = engine.report(where=CaseFilter(fields={"team": "blue"}))
    assert counts(one) == (0, 0, 0, 1, 0, 0)
    assert {one.group for one in engine.report("state")} == {"open", "solved", "dropped"}


def test_overdue_and_today_are_those_of_the_instant_asked_for(engine: Engine) -> None:
    _, today = engine.report(at=START + timedelta(hours=24))
    assert counts(today)[4:] == (0, 3)
    _, later = engine.report(at=START + timedelta(hours=30))
    assert counts(later)[4:] == (3, 0)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Sao_Paulo", "Asia/Kolkata"])
def test_today_ends_at_midnight_of_the_zone(zone: str) -> None:
    info = _zone(zone)
    end = from_us(end_of_day_us(to_us(START), info)).astimezone(info)
    assert (end.hour, end.date() - START.astimezone(info).date()) == (0, timedelta(days=1))


def _zone(name: str) -> ZoneInfo:
    from zoneinfo import ZoneInfo

    return ZoneInfo(name)


def test_indicators_of_views_are_worked_out(engine: Engine) -> None:
    found = [(one.group, one.value, one.count) for one in engine.indicator("sizes")]
    assert found == [("blue", 7, 1), ("red", Decimal("2.5"), 2)]
    (late,) = engine.indicator("late")
    assert (late.group, late.value) == (None, 1)


def test_unknown_names_are_told(engine: Engine) -> None:
    with pytest.raises(EventError, match='"teem"; did you mean "team"'):
        engine.report("teem")
    with pytest.raises(EventError, match=r'"size".*did you mean "sizes"'):
        engine.indicator("size")


def test_the_command_prints_text_json_and_csv(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pack.yaml").write_text(PACK)
    events = tmp_path / "events.jsonl"
    create = {"type": "create", "case_type": "desk.ticket", "actor": {"id": "ann"}}
    lines = [create | {"case": c, "time": START.isoformat(), "data": {"team": c}} for c in "xy"]
    events.write_text("\n".join(json.dumps(line) for line in lines))
    command = ["report", str(tmp_path), "--events", str(events)]

    assert main([*command, "--by", "team", "--only", "team=x", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [(row["team"], row["clock"], row["open"]) for row in told] == [
        ("x", "answer", 1),
        ("x", "solution", 1),
    ]
    assert main([*command, "--case-type", "ticket", "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(row["clock"], row["instances"], row["average_age_s"]) for row in rows] == [
        ("answer", "2", ""),
        ("solution", "2", ""),
    ]
    assert main([*command, "--at", "2026-03-03T13:00:00Z"]) == 0
    assert "expiring today" in capsys.readouterr().out
    assert main([*command, "--indicator", "late", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == [{"group": None, "value": 0, "count": 0}]
    assert main([*command, "--indicator", "late", "--by", "team"]) == 2
    assert main([*command, "--by", "nothing"]) == 2
    assert main([*command, "--only", "team"]) == 2
