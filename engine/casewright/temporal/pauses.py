"""Pauses: a union of intervals that a count of time leaves out.

A count is a pair of functions of microseconds: how much of it lies between two instants, and at
which instant an amount of it is spent. Real time and the open time of a calendar are such counts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from casewright.temporal.hours import merged

Interval = tuple[int, int]
Elapsed = Callable[[int, int], int]
Due = Callable[[int, int], int | None]


def union(pauses: Sequence[Interval]) -> Sequence[Interval]:
    """Return the pauses in order, without overlaps and empty ones."""
    return merged(sorted(pauses)) if len(pauses) > 1 else pauses


def paused(start: int, end: int, pauses: Sequence[Interval], elapsed: Elapsed) -> int:
    """Return how much of the count between two instants lies in pauses.

    Args:
        start: the first instant.
        end: the second one.
        pauses: a union.
        elapsed: how much of the count lies between two instants; 0 if the second is earlier.
    """
    lost = 0
    for since, until in pauses:
        if since < end and until > start:
            lost += elapsed(max(since, start), min(until, end))
    return lost


def due(
    start: int, amount: int, pauses: Sequence[Interval], count: Due, elapsed: Elapsed
) -> int | None:
    """Return the first instant since ``start`` by which ``amount`` is spent outside pauses."""
    for since, until in pauses:
        if until <= start:
            continue
        if since > start:
            before = elapsed(start, since)
            if amount <= before:
                break
            amount -= before
        elif amount <= 0:
            return start
        start = until
    return count(start, amount)


def back(
    end: int, amount: int, pauses: Sequence[Interval], count: Due, elapsed: Elapsed
) -> int | None:
    """Return the last instant from which ``amount`` outside pauses leads to ``end``."""
    for since, until in reversed(pauses):
        if since >= end:
            continue
        if until < end:
            after = elapsed(until, end)
            if amount <= after:
                break
            amount -= after
        elif amount <= 0:
            return end
        end = since
    return count(end, amount)


def real_elapsed(start: int, end: int) -> int:
    """Return the real time between two instants, 0 when the end is not after the start."""
    return max(end - start, 0)


def real_due(start: int, amount: int) -> int:
    """Return the instant that much real time after ``start``."""
    return start + amount


def real_back(end: int, amount: int) -> int:
    """Return the instant that much real time before ``end``."""
    return end - amount


def real_paused(start: int, end: int, pauses: Sequence[Interval]) -> int:
    """Return how much real time between two instants lies in pauses, a union."""
    return paused(start, end, pauses, real_elapsed) if pauses else 0
