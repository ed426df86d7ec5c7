"""The shell around the pure core: engine, clocks, reload, delivery, replay."""

from __future__ import annotations

from casewright.runtime.admission import Repeat
from casewright.runtime.aio import AsyncEngine
from casewright.runtime.channels import CollectingChannel, ConsoleChannel, FileChannel
from casewright.runtime.clock import Clock, SystemClock, VirtualClock
from casewright.runtime.engine import Engine
from casewright.runtime.feed import feed
from casewright.runtime.records import Records, RecordTables
from casewright.runtime.reload import ReloadReport, Stranded, Watcher
from casewright.runtime.replay import Difference, Explained, HistoryEntry, Verdict
from casewright.runtime.settings import RuntimeSettings

__all__ = [
    "AsyncEngine",
    "Clock",
    "CollectingChannel",
    "ConsoleChannel",
    "Difference",
    "Engine",
    "Explained",
    "FileChannel",
    "HistoryEntry",
    "RecordTables",
    "Records",
    "ReloadReport",
    "Repeat",
    "RuntimeSettings",
    "Stranded",
    "SystemClock",
    "Verdict",
    "VirtualClock",
    "Watcher",
    "feed",
]
