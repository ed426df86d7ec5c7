"""The examples of the documentation's SLA chapter, around both clock changes in three zones."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from casewright.program import check_packs
from casewright.spec.packs import load_packs
from casewright.testing.runner import Runner

if TYPE_CHECKING:
    from casewright.spec.pack_set import Spec

PACKS, MISTAKES = load_packs([Path(__file__).parents[1] / "data" / "packs" / "sla_chapter"])
SCENARIOS = [spec for spec in PACKS.all("scenario") if spec.pack == "sla_chapter"]
RUNNER = Runner(PACKS)


def test_there_are_four_for_each_change_in_each_zone() -> None:
    assert len(SCENARIOS) == 4 * 2 * 3
    _, found = check_packs(PACKS)
    assert [d for d in (*MISTAKES, *found) if d.severity != "info"] == []


@pytest.mark.parametrize("spec", SCENARIOS, ids=lambda spec: spec.name)
def test_an_example_has_its_instants(spec: Spec) -> None:
    result = RUNNER.run(spec)
    assert result.passed, result.text()
