"""The promised names: what `casewright` exports, and nothing that costs much to import."""

from __future__ import annotations

import subprocess
import sys

import casewright

PROMISED = [
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


def test_the_promised_names_are_these_and_exist() -> None:
    assert casewright.__all__ == PROMISED
    assert all(getattr(casewright, name) is not None for name in PROMISED)
    assert set(PROMISED) <= set(dir(casewright))


def test_importing_the_package_imports_nothing_dear() -> None:
    dear = ("pydantic", "yaml", "jsonschema", "jinja2", "watchfiles", "rich", "typer", "asyncio")
    code = f"import sys, casewright; print([m for m in {dear!r} if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
