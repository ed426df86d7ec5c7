"""Durations, instants and calendars: pure arithmetic of time.

Parts that stand alone: nothing here knows a spec, a case or an expression. The rules of time are
those of the design: a target is due at the first instant by which it is spent, minutes are real
minutes, a window belongs to the date on which it starts.
"""

from __future__ import annotations

from casewright.temporal.calendar import Calendar, DayMode, always_open
from casewright.temporal.duration import (
    Duration,
    Unit,
    dump_duration,
    from_timedelta,
    parse_duration,
)
from casewright.temporal.instant import from_us, to_us
from casewright.temporal.skipped import Skipped, skipped_hours

__all__ = [
    "Calendar",
    "DayMode",
    "Duration",
    "Skipped",
    "Unit",
    "always_open",
    "dump_duration",
    "from_timedelta",
    "from_us",
    "parse_duration",
    "skipped_hours",
    "to_us",
]
