"""How benchmarks measure: CPU time, interleaved rounds, medians, ratios.

Rounds of the thing and of its peer take turns, so that what else the machine does falls on both.
"""

from __future__ import annotations

import gc
from statistics import median
from time import process_time_ns
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def nanoseconds(work: Callable[[], int]) -> float:
    """Return the CPU time of one piece of what ``work`` does; it returns how many there were."""
    begin = process_time_ns()
    pieces = work()
    return (process_time_ns() - begin) / pieces


def interleaved(works: Mapping[str, Callable[[], int]], rounds: int) -> dict[str, float]:
    """Return the median nanoseconds of each work, after one round that does not count."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    gc.collect()
    for turn in range(rounds + 1):
        for name, work in works.items():
            spent = nanoseconds(work)
            if turn:
                taken[name].append(spent)
    return {name: median(values) for name, values in taken.items()}


def repeated(call: Callable[[], Any], times: int) -> Callable[[], int]:
    """Return work that makes a call so many times."""

    def work() -> int:
        for _ in range(times):
            call()
        return times

    return work


def figure(
    what: str, measured: float, promise: float | None, goal: float | None, detail: str = ""
) -> dict[str, object]:
    """Return one line of a report; ratios are rounded to two places."""
    return {
        "what": what,
        "measured": round(measured, 2),
        "promise": promise,
        "goal": goal,
        "detail": detail,
    }
