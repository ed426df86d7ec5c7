"""Where cases are kept: the port, the memory store and the SQLite store."""

from __future__ import annotations

from casewright.store.opening import open_store
from casewright.store.port import (
    CaseFilter,
    CaseStore,
    Codec,
    Conflict,
    Detail,
    Due,
    JournalEntry,
    Message,
    Parked,
    Receipt,
    Step,
    Superseded,
)

__all__ = [
    "CaseFilter",
    "CaseStore",
    "Codec",
    "Conflict",
    "Detail",
    "Due",
    "JournalEntry",
    "Message",
    "Parked",
    "Receipt",
    "Step",
    "Superseded",
    "open_store",
]
