"""Reloading again and again: what is let go, what must stay, and what is not touched."""

from __future__ import annotations

import datetime as dt
import gc
import sqlite3
import weakref
from typing import TYPE_CHECKING, Any

import pytest

from casewright.case import Actor
from casewright.host import Host
from casewright.rules.networks.durable import is_installed
from casewright.runtime import CollectingChannel, Engine, RuntimeSettings, VirtualClock

if TYPE_CHECKING:
    from pathlib import Path

    from casewright.rules.networks.choosing import Wanted

START = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
ANN = Actor("ann", ("agent", "monitoring"))
RELOADS = 50

PACK = """
kind: pack
name: desk
schema: casewright/1
version: 1.0.0
---
kind: case_type
name: ticket
state_flow: ticket
fields: {title: {type: string}, score: {type: integer}, item: {type: string}}
---
kind: roles
name: desk
for: ticket
roles: {agent: {may: [create, read, update]}, monitoring: {may: [read]}}
---
kind: templates
name: texts
templates: {told: {subject: "Text 0", body: "{{ title }}"}}
---
kind: notification_map
name: ticket
for: ticket
notifications: {told: {on: create, to: [= created_by], channel: mail, template: told}}
---
kind: state_flow
name: ticket
initial: new
states:
  new: {timers: {nudge: {after: 2 hours, do: [{comment: Is anybody there?}]}}}
  waiting: {}
  done: {final: true}
transitions: {wait: {from: new, to: waiting}, finish: {from: [new, waiting], to: done}}
"""


def rules(number: int) -> str:
    """Return rules of which one, and one correlation, are others for each number."""
    lines = ["kind: rules", "name: ticket", "for: ticket", "rules:"]
    for n in range(20):
        score = number if n == 0 else n
        lines.append(
            f"  r{n}: {{on: update, when: score = {score}, do: [{{set: {{title: r{n}}}}}]}}"
        )
    lines.append("signals: {alert: {data: {item: {type: string}, severity: {type: integer}}}}")
    lines.append("correlations:")
    for n in range(4):
        severity = number + 5 if n == 0 else 5
        lines += [
            f"  c{n}:",
            "    key: item",
            "    within: 30 minutes",
            "    all:",
            f"      - {{as: worst, on: alert, when: severity <= {severity}}}",
            "      - {as: rest, on: alert, count: 4, when: severity <= worst.severity + 1}",
            '    none: [{for: ticket, when: state = "waiting"}]',
            "    do: [{create: {case_type: ticket, with: {item: = key}}}]",
        ]
    return "\n".join(lines) + "\n"


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    folder = tmp_path / "desk"
    folder.mkdir()
    (folder / "pack.yaml").write_text(PACK)
    (folder / "rules.yaml").write_text(rules(0))
    return folder


@pytest.fixture(params=["native", "durable"])
def network(request: pytest.FixtureRequest) -> Wanted:
    if request.param == "durable" and not is_installed():
        pytest.skip("durable-rules is not installed")
    return request.param  # type: ignore[no-any-return]  # as listed above


def reloaded(engine: Engine, packs: Path, number: int) -> None:
    (packs / "rules.yaml").write_text(rules(number))
    report = engine.reload(leave_behind=True)
    assert report.ok
    assert report.is_new


def edit(packs: Path, old: str, new: str) -> None:
    text = (packs / "pack.yaml").read_text()
    assert old in text
    (packs / "pack.yaml").write_text(text.replace(old, new))


def rows(path: Path) -> list[tuple[Any, ...]]:
    raw = sqlite3.connect(path)
    found = raw.execute("SELECT id, revision, due_us, head, body FROM cases ORDER BY id").fetchall()
    raw.close()
    return found


def objects() -> int:
    gc.collect()
    return len(gc.get_objects())


def test_memory_stays_flat_and_nothing_that_waits_is_touched(
    packs: Path, tmp_path: Path, network: Wanted
) -> None:
    url = f"sqlite:///{tmp_path}/cases.db"
    host = Host(channels={"mail": CollectingChannel()})
    with Engine.open(packs, url, VirtualClock(START), host=host, network=network) as engine:
        for n in range(5):
            engine.create("ticket", {"item": f"i{n}"}, actor=ANN, case=f"t{n}")
            engine.send(None, "alert", {"item": f"i{n}", "severity": 3}, actor=ANN)
        engine.send("t0", "wait", actor=ANN)  # of which windows are told for as long as it waits
        engine.deliver()
        before, due = rows(tmp_path / "cases.db"), engine.next_due()
        assert len(before) == 5 + 5 * 4
        seen = [weakref.ref(engine.program)]
        counts: dict[int, int] = {}
        for number in range(1, RELOADS + 1):
            reloaded(engine, packs, number)
            seen.append(weakref.ref(engine.program))
            if number in (RELOADS // 2, RELOADS):
                counts[number] = objects()
        assert engine.adopt() == 0
        assert rows(tmp_path / "cases.db") == before
        assert engine.next_due() == due
        alive = [ref() for ref in seen if ref() is not None]
        assert len(alive) == 1 + engine.settings.programs
        assert counts[RELOADS] - counts[RELOADS // 2] < 200


def test_window_of_an_unchanged_correlation_goes_on_under_the_new_program(
    packs: Path, network: Wanted
) -> None:
    with Engine.open(packs, None, VirtualClock(START), network=network) as engine:
        for n in range(4):
            engine.send(None, "alert", {"item": "i", "severity": 3}, actor=ANN, id=f"a{n}")
        reloaded(engine, packs, 1)
        last = engine.send(None, "alert", {"item": "i", "severity": 3}, actor=ANN, id="a4")
        assert last.status == "applied"
        assert len(engine.cases()) == 4  # one for each correlation
        window = engine.window("c1", "i")
        assert window is not None
        assert (window.fired, window.program) == (1, engine.program.hash)


def test_correlation_that_is_gone_is_left_alone_until_its_timer_empties_its_windows(
    packs: Path,
) -> None:
    clock = VirtualClock(START)
    with Engine.open(packs, None, clock) as engine:
        engine.send(None, "alert", {"item": "i", "severity": 3}, actor=ANN)
        (packs / "rules.yaml").write_text(rules(0).replace("  c3:", "  c9:"))
        assert engine.reload().ok
        gone = [w for w in engine.windows() if w.correlation == "desk.c3"]
        assert [w.state for w in gone] == ["open"]
        engine.run_due(START + dt.timedelta(hours=1))
        after = {w.correlation: w for w in engine.windows()}
        assert after["desk.c3"].state == "empty"
        assert after["desk.c3"].next_due_us is None
        assert engine.verify(after["desk.c3"].id).status == "agrees"


def test_program_of_a_case_that_is_left_behind_stays_at_hand(packs: Path) -> None:
    with Engine.open(packs, None, VirtualClock(START)) as engine:
        engine.create("ticket", actor=ANN, case="t1")
        engine.send("t1", "wait", actor=ANN)
        own = engine.program.hash
        edit(packs, "waiting", "paused")
        for number in range(1, 12):
            reloaded(engine, packs, number)
        assert engine.program_of(own).hash == own
        outcome = engine.send("t1", "finish", actor=ANN)
        assert outcome.case is not None
        assert (outcome.status, outcome.case.program) == ("applied", own)


def test_message_that_waits_is_rendered_by_the_program_that_made_it(packs: Path) -> None:
    class Down(CollectingChannel):
        is_down = True

        def deliver(self, delivery: Any) -> None:
            if self.is_down:
                raise ConnectionError
            super().deliver(delivery)

    channel = Down()
    settings = RuntimeSettings(retry_s=0.0, programs=0, attempts=50)
    engine = Engine.open(
        packs, None, VirtualClock(START), host=Host(channels={"mail": channel}), settings=settings
    )
    engine.create("ticket", {"title": "One"}, actor=ANN)
    old, second = engine.program.hash, ""
    for number in range(1, 12):
        edit(packs, f"Text {number - 1}", f"Text {number}")
        reloaded(engine, packs, number)
        second = engine.program.hash if number == 1 else second
    assert engine.program_of(old).hash == old
    assert engine.program_of(second).hash == engine.program.hash
    channel.is_down = False
    assert engine.deliver() == 1
    assert [one.subject for one in channel.deliveries] == ["Text 0"]
    reloaded(engine, packs, 20)
    assert engine.program_of(old).hash == engine.program.hash
    engine.close()
