"""A durable step in SQLite, against a bare transaction that writes the same rows; pending timers.

What is written is what lives of support cases have come to in memory, so a measurement has the
sizes of real steps: case row, journal entry, messages.
"""

from __future__ import annotations

import json
import random
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time_ns
from typing import TYPE_CHECKING, Any

from casewright.cli.bench_clock import figure, interleaved
from casewright.cli.bench_life import event_lines
from casewright.program import compile_packs
from casewright.resources import specs_dir
from casewright.runtime import Engine, VirtualClock, feed
from casewright.runtime.messages import messages_of
from casewright.store import Step
from casewright.store.memory_timers import DueHeap
from casewright.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from casewright.case import Case, Outcome
    from casewright.program import Program

_CASES = 100
_TIMES = 2_000
_CASE_COLUMNS = "domain, id, case_type, number, state, revision, due_us, head, body"
_JOURNAL_COLUMNS = (
    "domain, entity, event_id, status, revision, type, at_us, version, content, event, changes,"
    " detail, read, digest"
)
_OUTBOX_COLUMNS = "id, domain, aggregatetype, aggregateid, type, destination, payload, created_us"


@dataclass(frozen=True, slots=True)
class Write:
    """One step, and the rows that it comes to."""

    step: Step
    case: tuple[Any, ...] | None
    journal: tuple[Any, ...]
    outbox: tuple[tuple[Any, ...], ...]


def steps(program: Program) -> list[Step]:
    """Return the steps of some lives, in the order of their events."""
    engine = Engine(program, clock=VirtualClock())
    heard: list[Outcome] = []
    engine.observe(heard.append)
    for _ in feed(engine, [json.dumps(line).encode() for line in event_lines(_CASES)]):
        pass
    cases: dict[str, Case | None] = {}
    made: list[Step] = []
    for outcome in heard:
        case = outcome.event.case
        messages = messages_of("", outcome, program.hash)
        before = cases.get(case)
        made.append(Step("", case, before, outcome, b"0" * 16, program.hash, messages))
        cases[case] = outcome.case
    return made


def writes(program: Program, folder: Path) -> list[Write]:
    """Return the steps with the rows that the store makes of them."""
    path = str(folder / "rows.db")
    store = SqliteStore(path)
    raw = sqlite3.connect(path)
    made: list[Write] = []
    seen = 0
    for step in steps(program):
        store.commit([step], program)
        journal = raw.execute(
            f"SELECT {_JOURNAL_COLUMNS} FROM journal ORDER BY seq DESC LIMIT 1"  # noqa: S608  a constant
        ).fetchone()
        case = raw.execute(
            f"SELECT {_CASE_COLUMNS} FROM cases WHERE id = ?",  # noqa: S608  a constant
            (step.entity,),
        ).fetchone()
        outbox = raw.execute(
            f"SELECT {_OUTBOX_COLUMNS} FROM outbox WHERE seq > ? ORDER BY seq",  # noqa: S608  a constant
            (seen,),
        ).fetchall()
        seen += len(outbox)
        is_written = step.outcome.entity is not step.before
        made.append(Write(step, case if is_written else None, journal, tuple(outbox)))
    raw.close()
    store.close()
    return made


def durable(
    found: Sequence[Write], program: Program, folder: Path, batch: int
) -> Callable[[], float]:
    """Return a run that makes the steps durable in a new file; it returns nanoseconds a step."""

    def run() -> float:
        _clear(folder, "durable")
        store = SqliteStore(str(folder / "durable.db"))
        begin = process_time_ns()
        for start in range(0, len(found), batch):
            with store.batch():
                for one in found[start : start + batch]:
                    store.commit([one.step], program)
        taken = process_time_ns() - begin
        store.close()
        return taken / len(found)

    return run


def bare(found: Sequence[Write], folder: Path, batch: int) -> Callable[[], float]:
    """Return a run that writes the same rows with plain ``sqlite3``, prepared and known before."""
    marks = ", ".join("?" * 9)
    insert = f"INSERT INTO cases ({_CASE_COLUMNS}) VALUES ({marks})"  # noqa: S608  constants
    update = (
        "UPDATE cases SET state = ?, revision = ?, due_us = ?, head = ?, body = ? WHERE key = ?"
    )
    marks = ", ".join("?" * 14)
    journal = f"INSERT INTO journal ({_JOURNAL_COLUMNS}) VALUES ({marks})"  # noqa: S608  constants
    marks = ", ".join("?" * 8)
    outbox = f"INSERT INTO outbox ({_OUTBOX_COLUMNS}) VALUES ({marks})"  # noqa: S608  constants

    def run() -> float:
        _clear(folder, "bare")
        SqliteStore(str(folder / "bare.db")).close()
        raw = sqlite3.connect(folder / "bare.db", isolation_level=None)
        raw.execute("PRAGMA synchronous = normal")
        keys: dict[str, int] = {}
        begin = process_time_ns()
        for start in range(0, len(found), batch):
            raw.execute("BEGIN IMMEDIATE")
            for one in found[start : start + batch]:
                if one.case is not None and one.step.before is None:
                    keys[one.step.entity] = raw.execute(insert, one.case).lastrowid or 0
                elif one.case is not None:
                    raw.execute(update, (*one.case[4:], keys[one.step.entity]))
                raw.execute(journal, one.journal)
                for row in one.outbox:
                    raw.execute(outbox, row)
            raw.execute("COMMIT")
        taken = process_time_ns() - begin
        raw.close()
        return taken / len(found)

    return run


def _medians(runs: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, float]:
    """Return the median of each; they take turns, and the first round does not count."""
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for turn in range(rounds + 1):
        for name, run in runs.items():
            spent = run()
            if turn:
                taken[name].append(spent)
    return {name: median(values) for name, values in taken.items()}


def _clear(folder: Path, name: str) -> None:
    for path in folder.glob(f"{name}.db*"):
        path.unlink()


def timers(pending: int) -> Callable[[], int]:
    """Return work that arms and fires timers while so many others wait."""
    heap, rng = DueHeap(), random.Random(1)  # noqa: S311  no secret
    for number in range(pending):
        heap.arm(rng.randrange(10**9, 2 * 10**9), f"case-{number}")

    def work() -> int:
        for instant in range(_TIMES):
            heap.arm(instant, "mine")
            heap.due(instant, 1)
            heap.arm(None, "mine")
        return _TIMES

    return work


def measure(rounds: int) -> list[dict[str, object]]:
    """Return the share of a bare transaction's rate, and what a million timers cost."""
    program = compile_packs(specs_dir())
    figures: list[dict[str, object]] = []
    with TemporaryDirectory() as name:
        folder = Path(name)
        found = writes(program, folder)
        for batch, promise, goal in ((1, 0.6, 0.75), (100, 0.5, 0.65)):
            runs = {
                "durable": durable(found, program, folder, batch),
                "bare": bare(found, folder, batch),
            }
            taken = _medians(runs, rounds)
            detail = f"{taken['durable'] / 1000:.0f} µs a step, bare {taken['bare'] / 1000:.0f} µs"
            what = f"durable step, {batch} a transaction, share of the bare rate"
            share = taken["bare"] / taken["durable"]
            figures.append(figure(what, share, promise, goal, detail))
    few, many = 1_000, 1_000_000
    taken = interleaved({"few": timers(few), "many": timers(many)}, rounds)
    detail = f"{taken['many'] / 1000:.1f} µs a timer"
    what = f"arming and firing, {many:,} pending against {few:,}"
    figures.append(figure(what, taken["many"] / taken["few"], 2.0, 1.2, detail))
    return figures
