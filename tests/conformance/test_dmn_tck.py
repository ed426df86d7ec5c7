"""The DMN TCK: what was reached is in ``dmn_tck.json``, and does not get less."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from conformance.measure import measured

HERE = Path(__file__).parent
TABLE = HERE / "dmn_tck.json"
_BESIDE = next(iter(sorted(HERE.parents[2].glob("*/dmn_tck"))), HERE.parents[2] / "dmn_tck")
KIT = Path(os.environ.get("DMN_TCK", _BESIDE))

needs_kit = pytest.mark.skipif(
    not (KIT / "dev.jsonl").is_file(),
    reason="the kit is not beside this checkout; name its folder in DMN_TCK",
)


@cache
def found() -> dict[str, Any]:
    return measured(KIT)


def committed() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(TABLE.read_text("utf-8"))
    return table


@pytest.mark.parametrize("part", ["lines", "files", "saved"])
def test_each_miss_has_a_reason_and_the_counts_add_up(part: str) -> None:
    for subset in committed()[part].values():
        assert subset["passed"] + len(subset["missed"]) == subset["all"]
        assert sum(passed for passed, _ in subset["groups"].values()) == subset["passed"]
        assert "not yet found out" not in subset["missed"].values()


@needs_kit
@pytest.mark.slow
@pytest.mark.parametrize("part", ["lines", "files", "saved"])
def test_nothing_that_passed_is_missed(part: str) -> None:
    for name, subset in committed()[part].items():
        now = found()[part][name]
        assert sorted(set(now["missed"]) - set(subset["missed"])) == []
        assert now["passed"] >= subset["passed"], name


@needs_kit
@pytest.mark.slow
def test_the_committed_table_is_up_to_date() -> None:
    assert found() == committed()
