"""pytest collects ``scenarios/*.yaml`` of packs: one test for each scenario.

pytest loads this module at every start, so it imports nothing of the engine until a scenario
file is met. The work is done by :mod:`casewright.testing.collector`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def pytest_collect_file(parent: pytest.Collector, file_path: Path) -> pytest.Collector | None:
    """Return a collector of the scenarios in ``file_path``, None for every other file."""
    if file_path.suffix not in (".yaml", ".yml") or file_path.parent.name != "scenarios":
        return None
    from casewright.testing.collector import ScenarioFile

    return ScenarioFile.from_parent(parent, path=file_path)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  untyped by pytest
