"""SLA clocks: compiled definitions and pure functions that move their records.

A clock is a function of its record at the start of an internal event, the case now and the event.
The functions here run no actions and queue no events; the program does, from what they return.
"""

from __future__ import annotations

from casewright.sla.compiling import compile_clocks
from casewright.sla.definition import (
    BREACH,
    ClockDefinition,
    FixedTarget,
    KeyedTarget,
    Moment,
    Threshold,
    Trigger,
    WorkedTarget,
)
from casewright.sla.due import breach, pass_threshold, timers
from casewright.sla.settling import announcements, reasons, recalculate, rests, settle

__all__ = [
    "BREACH",
    "ClockDefinition",
    "FixedTarget",
    "KeyedTarget",
    "Moment",
    "Threshold",
    "Trigger",
    "WorkedTarget",
    "announcements",
    "breach",
    "compile_clocks",
    "pass_threshold",
    "reasons",
    "recalculate",
    "rests",
    "settle",
    "timers",
]
