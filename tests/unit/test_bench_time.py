"""The benchmark of time measures what it says, with few pending."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casewright.cli import bench_time
from casewright.temporal import parse_duration

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_timers_of_a_file_are_armed_and_fired(tmp_path: Path) -> None:
    file = bench_time.Pending(tmp_path / "pending.db", 20)
    assert file.work() > 0
    file.close()


def test_due_times_are_found_at_every_span() -> None:
    for calendar in bench_time.calendars().values():
        assert bench_time.due_times(calendar, parse_duration("2000 business hours"))() > 0


def test_the_report_has_rates_and_ratios(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_time, "_PENDING", (10, 20))
    figures = bench_time.measure(1)
    assert len(figures) == 6 + 4
    assert all(str(f["detail"]).endswith(("a second", "µs a timer")) for f in figures)
