"""The benchmark of the store writes the same rows on both sides."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from casewright.cli import bench_store
from casewright.program import compile_packs
from casewright.resources import specs_dir

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_both_sides_write_the_same_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_store, "_CASES", 2)
    program = compile_packs(specs_dir())
    found = bench_store.writes(program, tmp_path)
    assert bench_store.durable(found, program, tmp_path, 10)() > 0
    assert bench_store.bare(found, tmp_path, 10)() > 0
    rows = [contents(tmp_path / f"{name}.db") for name in ("durable", "bare")]
    assert rows[0] == rows[1]


def contents(path: Path) -> list[list[tuple[object, ...]]]:
    raw = sqlite3.connect(path)
    queries = (
        "SELECT id, revision, due_us, body FROM cases ORDER BY id",
        "SELECT entity, event_id, event, changes, detail, digest FROM journal ORDER BY seq",
        "SELECT id, destination, payload FROM outbox ORDER BY seq",
    )
    found = [raw.execute(query).fetchall() for query in queries]
    raw.close()
    return found


def test_timers_work_with_few_and_many_pending() -> None:
    assert bench_store.timers(10)() == bench_store.timers(1_000)()
