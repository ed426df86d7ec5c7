"""A calendar changes while many cases are open: cases touched, time, writes.

Half of the cases follow the calendar of an office, half that of a factory; nine in ten are open.
The peer is a sweep that finds nothing to do over the same cases.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING

from casewright.case import Actor
from casewright.cli.bench_clock import figure
from casewright.runtime import Engine, VirtualClock

if TYPE_CHECKING:
    from casewright.case import Outcome

_START = datetime(2026, 3, 2, 8, tzinfo=UTC)
_ASKER = Actor("bench")
_BATCH = 500
_OPEN = 10  # one in so many is closed

_PACK = """\
kind: pack
name: bench
schema: casewright/1
version: 1.0.0
"""
_CALENDARED = """\
---
kind: calendar
name: NAME
timezone: Europe/Berlin
hours: {mon: ["08:00-17:00"], tue: ["08:00-17:00"], wed: ["08:00-17:00"], thu: ["08:00-17:00"]}
holidays: []
---
kind: case_type
name: NAME_ticket
state_flow: NAME_ticket
calendar: NAME
fields: {short_description: {type: string, max_length: 100}}
---
kind: state_flow
name: NAME_ticket
initial: open
states: {open: {}, closed: {final: true}}
transitions: {close: {from: open, to: closed}}
---
kind: sla_definitions
name: NAME_ticket
for: NAME_ticket
slas:
  answer: {target: 8 business hours, start: state = "open", stop: state = "closed"}
  solution: {target: 3 business days, start: state = "open", stop: state = "closed"}
"""
_SPECS = _PACK + _CALENDARED.replace("NAME", "office") + _CALENDARED.replace("NAME", "factory")


def measure(cases: int) -> list[dict[str, object]]:
    """Return the figures, in memory and in SQLite."""
    found: list[dict[str, object]] = []
    for name in ("memory", "sqlite"):
        with TemporaryDirectory() as folder:
            specs = Path(folder) / "specs"
            specs.mkdir()
            (specs / "pack.yaml").write_text(_SPECS, "utf-8")
            store = None if name == "memory" else f"sqlite:///{folder}/cases.db"
            with Engine.open(specs, store, VirtualClock(_START)) as engine:
                _filled(engine, cases)
                found += _measured(engine, specs / "pack.yaml", name, cases)
    return found


def _filled(engine: Engine, cases: int) -> None:
    """Create the cases, within an hour, and close one in ten."""
    clock = engine.clock
    step = timedelta(hours=1) / cases

    def create(number: int) -> Outcome:
        if isinstance(clock, VirtualClock):
            clock.move(step)
        kind = "factory_ticket" if number % 2 else "office_ticket"
        made = engine.create(kind, {"short_description": "x"}, actor=_ASKER, case=f"{number:07}")
        return engine.send(f"{number:07}", "close", actor=_ASKER) if _is_closed(number) else made

    for start in range(0, cases, _BATCH):
        engine.batched(range(start, min(start + _BATCH, cases)), create)


def _is_closed(number: int) -> bool:
    return number // 2 % _OPEN == 0


def _measured(engine: Engine, pack: Path, name: str, cases: int) -> list[dict[str, object]]:
    heard: list[Outcome] = []
    engine.observe(heard.append)
    open_ones = sum(not _is_closed(number) for number in range(1, cases, 2))
    idle_s, touched, writes = _swept(engine, pack, ("max_length: 100", "max_length: 200"), heard)
    rows = [_row(f"cases touched, nothing changes, {name}", idle_s, touched, writes, cases, 0)]
    took_s, touched, writes = _swept(
        engine, pack, ("holidays: []", 'holidays: ["2026-03-04"]'), heard
    )
    rows.append(
        _row(f"cases touched, one holiday, {name}", took_s, touched, writes, cases, open_ones)
    )
    return rows


def _swept(
    engine: Engine, pack: Path, edit: tuple[str, str], heard: list[Outcome]
) -> tuple[float, int, int]:
    """Change the last place of a text; return seconds, cases touched, steps written."""
    before, _, after = pack.read_text("utf-8").rpartition(edit[0])
    pack.write_text(before + edit[1] + after, "utf-8")
    heard.clear()
    engine.reload()
    start = perf_counter()
    touched = engine.adopt()
    return perf_counter() - start, touched, len(heard)


def _row(
    what: str, took_s: float, touched: int, writes: int, cases: int, wanted: int
) -> dict[str, object]:
    return figure(
        what,
        touched,
        wanted,
        None,
        f"of {cases:,}; {writes:,} writes, {took_s:.1f} s, {took_s / cases * 1e6:.0f} µs a case",
    )
