"""Due times over a day, a month and a year; timers armed and fired while others wait.

A due time at a year is held against one at a day, and timers with a million others against the
same with a thousand: what should not grow is shown as a ratio.
"""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from casewright.cli.bench_clock import figure, interleaved
from casewright.cli.bench_store import timers
from casewright.store.sqlite import SqliteStore
from casewright.temporal import Calendar, Duration, parse_duration

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_TIMES = 2_000
_YEAR_US = 365 * 86_400_000_000
_START_US = 1_767_225_600_000_000  # the beginning of 2026
_PENDING = (1_000, 100_000, 1_000_000)
_SPANS = {
    "a day": "8 business hours",
    "a month": "168 business hours",
    "a year": "2000 business hours",
}
_DAYS: tuple[str, ...] = ("mon", "tue", "wed", "thu", "fri")


def calendars() -> dict[str, Calendar]:
    """Return hours with a break, and sites that follow the sun."""
    zones = ("Asia/Tokyo", "Europe/Berlin", "America/Los_Angeles")
    holidays = [f"{year}-12-25" for year in range(2020, 2040)]
    hours: dict[str, Sequence[str]] = dict.fromkeys(_DAYS, ("08:00-12:00", "13:00-17:00"))
    sites = [Calendar(zone, hours, holidays) for zone in zones]
    return {"hours": sites[1], "union of three": Calendar.union("Etc/UTC", sites)}


def due_times(calendar: Calendar, duration: Duration) -> Callable[[], int]:
    """Return work that finds due times from instants all over a year."""
    rng = random.Random(1)  # noqa: S311  no secret
    starts = [_START_US + rng.randrange(_YEAR_US) for _ in range(_TIMES)]

    def work() -> int:
        for start in starts:
            calendar.due_us(start, duration)
        return _TIMES

    return work


class Pending:
    """A file of the store in which timers wait.

    Arming is what a step does to the row of its case, firing what the engine asks the store; one
    transaction for all, so that the disk is not measured.
    """

    def __init__(self, path: Path, pending: int) -> None:
        self.store = SqliteStore(str(path))
        self.raw = sqlite3.connect(path, isolation_level=None)
        rng = random.Random(1)  # noqa: S311  no secret
        self.raw.execute("BEGIN IMMEDIATE")
        self.raw.executemany(
            "INSERT INTO cases (domain, id, case_type, number, state, revision, due_us, head, body)"
            " VALUES ('', ?, 'ticket', NULL, 'open', 1, ?, x'00', x'00')",
            ((f"case-{n}", rng.randrange(10**9, 2 * 10**9)) for n in range(pending)),
        )
        self.raw.execute("COMMIT")

    def work(self) -> int:
        """Arm and fire."""
        for instant in range(0, _TIMES, 10):
            self._arm(instant)
            found = self.store.due("", instant, 1)
            if [due.entity for due in found] != ["case-0"]:
                raise AssertionError(found)
            self._arm(3 * 10**9)
        return _TIMES // 10

    def _arm(self, instant: int) -> None:
        self.raw.execute(
            "UPDATE cases SET due_us = ? WHERE domain = '' AND id = 'case-0'", (instant,)
        )

    def close(self) -> None:
        """Close the file."""
        self.raw.close()
        self.store.close()


def measure(rounds: int) -> list[dict[str, object]]:
    """Return rates of due times, costs of timers, and the ratios that should not grow."""
    figures: list[dict[str, object]] = []
    for name, calendar in calendars().items():
        works = {span: due_times(calendar, parse_duration(text)) for span, text in _SPANS.items()}
        taken = interleaved(works, rounds)
        for span, spent in taken.items():
            what = f"a due time {span} away against a day, {name}"
            detail = f"{1e9 / spent:,.0f} a second"
            figures.append(figure(what, spent / taken["a day"], 2.0, 1.1, detail))
    figures += _timers("memory", {str(n): timers(n) for n in _PENDING}, rounds)
    with TemporaryDirectory() as folder:
        files = {n: Pending(Path(folder) / f"{n}.db", n) for n in _PENDING}
        figures += _timers("SQLite", {str(n): file.work for n, file in files.items()}, rounds)
        for file in files.values():
            file.close()
    return figures


def _timers(
    where: str, works: dict[str, Callable[[], int]], rounds: int
) -> list[dict[str, object]]:
    taken = interleaved(works, rounds)
    few = next(iter(taken.values()))
    return [
        figure(
            f"arming and firing in {where}, {int(pending):,} pending against {_PENDING[0]:,}",
            spent / few,
            2.0,
            1.2,
            f"{spent / 1000:.1f} µs a timer",
        )
        for pending, spent in taken.items()
    ]
