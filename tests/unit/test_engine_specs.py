"""The shell with the packs that ship: the same events over each store, read back and run again."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import threading
from typing import TYPE_CHECKING

import msgspec
import pytest

from casewright.case import Actor
from casewright.cli.bench_life import event_lines
from casewright.errors import EventError
from casewright.host import Host
from casewright.program import compile_packs
from casewright.resources import specs_dir
from casewright.runtime import AsyncEngine, CollectingChannel, Engine, VirtualClock, feed
from casewright.runtime.lines import event_of_line
from casewright.store import CaseFilter, open_store

if TYPE_CHECKING:
    from pathlib import Path

    from casewright.program import Program

START = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
ENCODE = msgspec.json.Encoder(decimal_format="number").encode
UNTIL = START + dt.timedelta(days=40)


@pytest.fixture(scope="module")
def program() -> Program:
    return compile_packs(specs_dir())


@pytest.fixture(scope="module")
def lines() -> list[bytes]:
    return [json.dumps(line).encode() for line in event_lines(25)]


def an_engine(program: Program, url: str = "memory", host: Host | None = None) -> Engine:
    return Engine(program, open_store(url), VirtualClock(START), host=host)


def outputs(engine: Engine, lines: list[bytes]) -> list[bytes]:
    return [ENCODE(o) for o in feed(engine, lines, UNTIL)]


def test_stores_give_the_same_bytes_and_agree_with_their_journals(
    program: Program, lines: list[bytes], tmp_path: Path
) -> None:
    memory = an_engine(program)
    durable = an_engine(program, f"sqlite:///{tmp_path}/cases.db")
    told = outputs(memory, lines)
    assert outputs(durable, lines) == told
    assert len(told) > len(lines)
    durable.close()
    again = an_engine(program, f"sqlite:///{tmp_path}/cases.db")
    for engine in (memory, again):
        cases = engine.cases()
        assert len(cases) >= 25
        assert {engine.verify(case.id).status for case in cases} == {"agrees"}
    assert memory.cases() == again.cases()
    again.close()


def test_second_pass_changes_nothing(program: Program, lines: list[bytes]) -> None:
    engine = an_engine(program)
    outputs(engine, lines)
    before = engine.cases()
    again = [json.loads(line) for line in outputs(engine, lines)]
    assert {line["status"] for line in again} == {"duplicate"}
    assert engine.cases() == before


def test_results_do_not_depend_on_when_ticks_come(program: Program, lines: list[bytes]) -> None:
    prompt, late, lazy = (an_engine(program) for _ in range(3))
    outputs(prompt, lines)
    for line in lines:
        event = event_of_line(line)
        assert event.time is not None
        lazy.handle(event)
        late.run_due(event.time - dt.timedelta(minutes=50))
        late.handle(event)
    for engine in (late, lazy):
        engine.run_due(UNTIL)
    assert dumps(prompt) == dumps(late) == dumps(lazy)


def dumps(engine: Engine) -> list[bytes]:
    return [engine.program.dump_case(case) for case in engine.cases()]


def test_threads_take_turns(program: Program) -> None:
    engine = an_engine(program)
    maya = Actor("maya", ("agent",))
    kind = "tech_product_support.tech_product_support"
    data = {"short_description": "Dark", "account": "boxwood", "contact": "ana"}
    made = engine.create(kind, data, actor=maya, case="c1")
    assert made.status == "applied"

    def write(name: str) -> None:
        for n in range(10):
            engine.work_note("c1", f"{name} {n}", actor=maya, id=f"{name}-{n}")

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    case = engine.get("c1")
    assert case is not None
    assert case.journals["work_notes"].count == 40
    assert engine.verify("c1").status == "agrees"


def test_line_of_an_outcome_has_what_is_promised(program: Program, lines: list[bytes]) -> None:
    told = [json.loads(line) for line in outputs(an_engine(program), lines)]
    keys = {"event", "type", "case", "status", "revision", "state"}
    keys |= {"changes", "effects", "sla", "errors", "next_due"}
    assert all(set(line) == keys for line in told)
    clocks = [clock for line in told for clock in line["sla"].values()]
    assert all(set(clock) == {"status", "breached", "due", "elapsed_s"} for clock in clocks)
    assert any(clock["breached"] for clock in clocks)
    assert any(line["errors"] for line in told if line["status"] == "rejected")


def test_notifications_are_rendered_and_delivered(program: Program, lines: list[bytes]) -> None:
    mail = CollectingChannel()
    engine = an_engine(program, host=Host(channels={"default": mail}))
    outputs(engine, lines)
    count = engine.deliver()
    assert count == len(mail.deliveries) > 0
    assert all(delivery.body for delivery in mail.deliveries)
    assert engine.store.messages("", "dead") == []


def test_every_revision_is_explained(program: Program, lines: list[bytes]) -> None:
    engine = an_engine(program)
    outputs(engine, lines)
    (case,) = engine.cases(CaseFilter(limit=1))
    explained = engine.explain(case.id)
    assert [e.entry.revision for e in explained if e.entry.status == "applied"] == list(
        range(1, case.revision + 1)
    )
    traces = [None if e.outcome is None else e.outcome.trace for e in explained]
    assert all(isinstance(trace, tuple) for trace in traces)
    assert sum(bool(trace) for trace in traces) > len(traces) / 2


def test_calls_may_be_awaited(program: Program) -> None:
    ann = Actor("maya", ("agent",))

    async def scene() -> None:
        async with AsyncEngine(an_engine(program)) as engine:
            kind = "tech_product_support.tech_product_support"
            made = await engine.create(kind, {"short_description": "Dark"}, actor=ann)
            assert made.case is not None
            case = made.case.id
            assert (await engine.update(case, {"priority": 2}, actor=ann)).status == "applied"
            assert (await engine.comment(case, "Hello", actor=ann)).status == "applied"
            assert (await engine.get(case)) is not None
            assert len(await engine.cases()) == 1
            assert await engine.allowed_actions(case, ann)
            assert await engine.run_due() == []
            assert await engine.deliver() == 0
            assert len(await engine.forecast(case, [])) == 0
            with pytest.raises(EventError):
                await engine.send("nobody", "update", actor=ann)

    asyncio.run(scene())


def test_worker_loop_ends_when_it_is_told(program: Program) -> None:
    async def scene() -> None:
        async with AsyncEngine(an_engine(program)) as engine:
            stop = asyncio.Event()
            worker = asyncio.create_task(engine.work(stop, every_s=0.001))
            await asyncio.sleep(0.01)
            stop.set()
            await asyncio.wait_for(worker, 10)

    asyncio.run(scene())
