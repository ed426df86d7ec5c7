"""Plain and combined calendars against a stepper, around changes of the clock, with pauses.

``--calendar-cases=20000`` looks at more of them.
"""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest

from casewright.temporal import Calendar, Duration, to_us
from support.quarters import (
    QUARTER,
    SPAN,
    Meaning,
    aware,
    back,
    due,
    elapsed,
    near_of,
    random_calendar,
    random_pauses,
    shown_from,
    walls,
)

if TYPE_CHECKING:
    from datetime import datetime

BLOCKS = 10


@pytest.mark.parametrize("block", range(BLOCKS))
def test_a_calendar_does_what_a_stepper_does(block: int, pytestconfig: pytest.Config) -> None:
    cases = int(pytestconfig.getoption("--calendar-cases", 0) or 0)
    for number in range(block, cases, BLOCKS):
        rng = Random(number)
        near = near_of(rng)
        meaning = random_calendar(rng, near)
        calendar = meaning.calendar()
        note = f"case {number}: {meaning}"
        opens = meaning.opens(near)
        check_open_time(rng, near, opens, calendar, note)
        check_business_days(rng, near, meaning, opens, calendar, note)


def check_open_time(
    rng: Random, near: int, opens: list[bool], calendar: Calendar, note: str
) -> None:
    pauses = random_pauses(rng, near)
    counts = [
        is_open and not any(a <= near + q * QUARTER < b for a, b in pauses)
        for q, is_open in zip(SPAN, opens, strict=True)
    ]
    start = near + rng.randint(-3 * 86_400, 2 * 86_400)
    end = start + rng.randint(0, 5 * 86_400)
    amount = rng.randint(1, 40 * 3600)
    target = Duration("business", amount)
    breaks = [(aware(a), aware(b)) for a, b in pauses]
    spent = calendar.elapsed(aware(start), aware(end), breaks)
    assert spent == timedelta(seconds=elapsed(counts, near, start, end)), note
    expected = due(counts, near, start, amount)
    if expected is not None:
        assert seconds(calendar.due(aware(start), target, breaks)) == expected, note
    expected = back(counts, near, end, amount)
    if expected is not None:
        assert seconds(calendar.back(aware(end), target, breaks)) == expected, note


def check_business_days(
    rng: Random, near: int, meaning: Meaning, opens: list[bool], calendar: Calendar, note: str
) -> None:
    start = near + rng.randint(-4 * 86_400, 86_400)
    number = rng.randint(1, 3)
    shown = walls(meaning.zone, near)[(start - near) // QUARTER]
    time_of_day = shown[1] + (start - near) % QUARTER
    days = [day for day in meaning.working_days(near, opens) if day > shown[0]][:number]
    if len(days) < number or days[-1] > shown[0] + 5:
        return
    target = Duration("business_days", number)
    end = calendar.due(aware(start), target, day_mode="end_of_day")
    assert seconds(end) == meaning.closing(days[-1], near, opens), note
    at = shown_from(meaning.zone, near, (days[-1], time_of_day))
    first = due(opens, near, at, 1)
    if first is not None:
        assert seconds(calendar.due(aware(start), target)) == first - 1, note


def seconds(instant: datetime | None) -> int | None:
    return None if instant is None else to_us(instant) // 1_000_000
