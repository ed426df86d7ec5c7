"""Casewright: configure a kind of case in YAML and run it inside any Python program.

The names below are the promise; everything else may change without notice. They are imported when
they are first asked for, so that ``import casewright`` costs little.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from casewright.case import Actor, Case, Effect, Event, Outcome, Problem, Related
    from casewright.errors import (
        CasewrightError,
        Diagnostic,
        EventError,
        HostError,
        Span,
        SpecError,
    )
    from casewright.host import Host, HostAction, HostFunction
    from casewright.program import Limits, Program, check_packs, compile_packs
    from casewright.runtime import (
        AsyncEngine,
        Engine,
        RuntimeSettings,
        SystemClock,
        VirtualClock,
    )
    from casewright.store import CaseFilter

__all__ = [
    "Actor",
    "AsyncEngine",
    "Case",
    "CaseFilter",
    "CasewrightError",
    "Diagnostic",
    "Effect",
    "Engine",
    "Event",
    "EventError",
    "Host",
    "HostAction",
    "HostError",
    "HostFunction",
    "Limits",
    "Outcome",
    "Problem",
    "Program",
    "Related",
    "RuntimeSettings",
    "Span",
    "SpecError",
    "SystemClock",
    "VirtualClock",
    "check_packs",
    "compile_packs",
]

_HOMES = {
    **dict.fromkeys(
        ("Actor", "Case", "Effect", "Event", "Outcome", "Problem", "Related"), "casewright.case"
    ),
    **dict.fromkeys(
        ("CasewrightError", "Diagnostic", "EventError", "HostError", "Span", "SpecError"),
        "casewright.errors",
    ),
    **dict.fromkeys(("Host", "HostAction", "HostFunction"), "casewright.host"),
    **dict.fromkeys(("Limits", "Program", "check_packs", "compile_packs"), "casewright.program"),
    **dict.fromkeys(
        ("AsyncEngine", "Engine", "RuntimeSettings", "SystemClock", "VirtualClock"),
        "casewright.runtime",
    ),
    "CaseFilter": "casewright.store",
}


def __getattr__(name: str) -> object:
    """Import a promised name from the room where it lives."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    """Return the promised names."""
    return sorted({*globals(), *__all__})
