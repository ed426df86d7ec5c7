"""Reloading specs while cases are open, with real packs on disk."""

from __future__ import annotations

import asyncio
import datetime as dt
import queue
import threading
from typing import TYPE_CHECKING

import pytest

from casewright.case import Actor, Case
from casewright.errors import HostError, SpecError
from casewright.program import compile_packs
from casewright.runtime import Engine, ReloadReport, Stranded, VirtualClock

if TYPE_CHECKING:
    from pathlib import Path

START = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
ANN = Actor("ann")

PACK = "kind: pack\nname: desk\nschema: casewright/1\nversion: 1.0.0\n"
TICKET = """
kind: case_type
name: ticket
number: {prefix: T, digits: 5}
state_flow: ticket
fields:
  title: {type: string, max_length: 80}
  priority: {type: integer, default: 3}
---
kind: state_flow
name: ticket
initial: new
states:
  new:
    timers: {nudge: {after: 2 hours, do: [{comment: Is anybody there?}]}}
  waiting: {}
  done: {final: true}
transitions:
  wait: {from: new, to: waiting}
  finish: {from: [new, waiting], to: done}
"""


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    folder = tmp_path / "packs" / "desk"
    folder.mkdir(parents=True)
    (folder / "pack.yaml").write_text(PACK)
    (folder / "ticket.yaml").write_text(TICKET)
    return tmp_path / "packs"


def edit(packs: Path, old: str, new: str) -> None:
    path = packs / "desk" / "ticket.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def opened(packs: Path, store: str | None = None, *, leave_behind: bool = False) -> Engine:
    return Engine.open(packs, store, VirtualClock(START), leave_behind=leave_behind)


def a_ticket(engine: Engine, case: str = "t1") -> None:
    assert engine.create("ticket", {"title": "Hm"}, actor=ANN, case=case).status == "applied"


def due_of(engine: Engine, case: str = "t1") -> dt.timedelta | None:
    due = engine.next_due()
    assert engine.get(case) is not None
    return None if due is None else due - START


def test_valid_edit_takes_effect_between_two_steps(packs: Path) -> None:
    engine = opened(packs)
    a_ticket(engine)
    before = engine.program
    edit(packs, "default: 3", "default: 5")
    report = engine.reload()
    assert (report.ok, report.is_new, report.program) == (True, True, engine.program.hash)
    assert engine.program is not before
    a_ticket(engine, "t2")
    found = engine.get("t2")
    assert found is not None
    assert found.fields["priority"] == 5


def test_invalid_edit_is_reported_and_the_old_program_lives(packs: Path) -> None:
    engine = opened(packs)
    before = engine.program
    edit(packs, "to: waiting", "to: wating")
    report = engine.reload()
    assert (report.ok, report.is_new) == (False, False)
    assert any("wating" in d.message for d in report.diagnostics if d.severity == "error")
    assert engine.program is before
    assert engine.reload_status is report
    a_ticket(engine)


def test_comment_in_a_file_makes_no_new_program(packs: Path) -> None:
    engine = opened(packs)
    before = engine.program
    edit(packs, "initial: new", "initial: new   # where it begins")
    report = engine.reload()
    assert (report.ok, report.is_new) == (True, False)
    assert engine.program is before


def test_pending_timer_of_an_untouched_definition_stays(packs: Path) -> None:
    engine = opened(packs)
    a_ticket(engine)
    edit(packs, "max_length: 80", "max_length: 90")
    engine.reload()
    assert engine.adopt() == 0
    assert due_of(engine) == dt.timedelta(hours=2)
    assert [entry.event["type"] for entry in engine.history("t1")] == ["create"]


def test_changed_timer_moves_when_the_case_is_taken_over(packs: Path) -> None:
    engine = opened(packs)
    a_ticket(engine)
    edit(packs, "after: 2 hours", "after: 5 hours")
    engine.reload()
    assert engine.adopt() == 1
    assert engine.adopt() == 0
    assert due_of(engine) == dt.timedelta(hours=5)
    assert engine.verify("t1").status == "agrees"


def test_event_after_a_reload_takes_its_case_over_first(packs: Path) -> None:
    engine = opened(packs)
    a_ticket(engine)
    edit(packs, "max_length: 80", "max_length: 90")
    engine.reload()
    assert engine.send("t1", "wait", actor=ANN).status == "applied"
    types = [entry.event["type"] for entry in engine.history("t1")]
    assert types == ["create", "adopt", "wait"]


def test_program_that_open_cases_cannot_follow_is_refused(packs: Path) -> None:
    engine = opened(packs)
    a_ticket(engine)
    engine.send("t1", "wait", actor=ANN)
    before = engine.program
    edit(packs, "waiting", "paused")
    report = engine.reload()
    assert (report.ok, report.stranded) == (False, (("desk.ticket", "waiting", 1),))
    assert engine.program is before


def test_case_that_is_left_behind_stays_on_its_program(packs: Path) -> None:
    engine = opened(packs)
    a_ticket(engine)
    engine.send("t1", "wait", actor=ANN)
    old = engine.program
    edit(packs, "waiting", "paused")
    assert engine.reload(leave_behind=True).ok
    outcome = engine.send("t1", "finish", actor=ANN)
    assert outcome.case is not None
    assert (outcome.status, outcome.case.program) == ("applied", old.hash)
    a_ticket(engine, "t2")
    new = engine.get("t2")
    assert new is not None
    assert new.program == engine.program.hash


def test_case_left_behind_by_another_process_fails_and_is_parked(
    packs: Path, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/cases.db"
    with opened(packs, url) as engine:
        a_ticket(engine)
        engine.send("t1", "wait", actor=ANN)
    edit(packs, "waiting", "paused")
    with pytest.raises(Stranded, match=r"1 in waiting of desk\.ticket"):
        opened(packs, url)
    with opened(packs, url, leave_behind=True) as engine:
        outcome = engine.send("t1", "finish", actor=ANN, id="e1")
        assert outcome.status == "failed"
        assert "waiting" in outcome.errors[0].message
        assert [p.event_id for p in engine.parked("t1")] == ["e1"]


def test_worker_with_older_specs_loads_the_newer_ones_and_goes_on(
    packs: Path, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/cases.db"
    one, two = opened(packs, url), opened(packs, url)
    a_ticket(one)
    edit(packs, "default: 3", "default: 5")
    assert two.reload().is_new
    outcome = one.send("t1", "wait", actor=ANN)
    assert outcome.case is not None
    assert outcome.case.program == two.program.hash == one.program.hash
    one.close()
    two.close()


def test_batch_made_with_older_specs_is_done_again_with_the_newer_ones(
    packs: Path, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/cases.db"
    one, two = opened(packs, url), opened(packs, url)
    names = [f"t{n}" for n in range(6)]
    for name in names:
        a_ticket(one, name)
    edit(packs, "default: 3", "default: 5")
    two.reload()
    outcomes = one.batched(names, lambda name: one.send(name, "wait", actor=ANN))
    assert {outcome.status for outcome in outcomes} == {"applied"}
    assert {case.program for case in two.cases()} == {two.program.hash}
    assert [one.verify(name).status for name in names] == ["agrees"] * 6
    one.close()
    two.close()


def test_worker_that_cannot_load_the_newer_program_refuses(packs: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/cases.db"
    one, two = opened(packs, url), opened(packs, url)
    a_ticket(one)
    edit(packs, "default: 3", "default: 5")
    two.reload()
    edit(packs, "default: 5", "default: 3")
    with pytest.raises(HostError, match="the store runs program"):
        one.send("t1", "wait", actor=ANN)
    one.close()
    two.close()


def test_history_is_tried_against_other_specs(packs: Path) -> None:
    engine = opened(packs)
    a_ticket(engine)
    engine.update("t1", {"priority": 1}, actor=ANN)
    engine.send("t1", "wait", actor=ANN)
    assert engine.against("t1", engine.program) == []
    edit(packs, "wait: {from: new,", "wait: {from: new, when: priority > 1,")
    (difference,) = engine.against("t1", compile_packs(packs))
    assert difference.entry.event["type"] == "wait"
    assert (difference.entry.status, difference.outcome.status) == ("applied", "rejected")


def test_case_is_seen_as_it_was(packs: Path) -> None:
    engine = opened(packs)
    a_ticket(engine)
    engine.update("t1", {"priority": 1}, actor=ANN)
    first, second = engine.at("t1", 1), engine.at("t1", 2)
    assert isinstance(first, Case)
    assert first.fields["priority"] == 3
    assert second == engine.get("t1")
    assert engine.at("t1", 3) is None
    assert engine.at("nobody", 1) is None


def test_engine_over_a_program_cannot_reload(packs: Path) -> None:
    engine = Engine(compile_packs(packs), clock=VirtualClock(START))
    with pytest.raises(ValueError, match="open it from paths to reload"):
        engine.reload()
    with pytest.raises(ValueError, match="open it from paths to watch"):
        engine.watch()


def test_open_raises_every_mistake(packs: Path) -> None:
    edit(packs, "to: waiting", "to: wating")
    edit(packs, "to: done", "to: dune")
    with pytest.raises(SpecError) as caught:
        opened(packs)
    text = str(caught.value)
    assert "wating" in text
    assert "dune" in text


def test_watcher_reloads_when_a_file_changes(packs: Path) -> None:
    reports: queue.Queue[ReloadReport] = queue.Queue()
    started = threading.active_count()
    with opened(packs) as engine, engine.watch(reports.put):
        edit(packs, "default: 3", "default: 5")
        first = reports.get(timeout=10)
        edit(packs, "to: waiting", "to: wating")
        second = reports.get(timeout=10)
        assert (first.ok, first.is_new) == (True, True)
        assert second.ok is False
        assert engine.program.hash == first.program
    assert threading.active_count() == started


def test_watching_reloads_beside_an_event_loop(packs: Path) -> None:
    async def scene() -> ReloadReport:
        reports: asyncio.Queue[ReloadReport] = asyncio.Queue()
        loop = asyncio.get_running_loop()
        with opened(packs) as engine:
            async with engine.watching(
                lambda report: loop.call_soon_threadsafe(reports.put_nowait, report)
            ):
                edit(packs, "default: 3", "default: 5")
                return await asyncio.wait_for(reports.get(), 10)

    assert asyncio.run(scene()).ok
