"""The packs that ship: silent when validated, true to their scenarios, and a demo that plays."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from casewright.program import check_packs, compile_packs
from casewright.runtime.clock import VirtualClock
from casewright.runtime.engine import Engine
from casewright.runtime.feed import feed
from casewright.spec.packs import load_packs
from casewright.testing.runner import Runner

if TYPE_CHECKING:
    from casewright.spec.pack_set import Spec

SPECS = Path(__file__).parents[2] / "specs"
PACKS = [SPECS / "base", SPECS / "tech_product_support", SPECS / "proactive_service"]
DEMO = SPECS / "tech_product_support" / "demo" / "events.jsonl"

_LOADED, _MISTAKES = load_packs(PACKS)
_RUNNER = Runner(_LOADED)


def test_packs_have_neither_errors_nor_warnings() -> None:
    _, found = check_packs(_LOADED)
    assert [d for d in (*_MISTAKES, *found) if d.severity != "info"] == []


@pytest.mark.parametrize("spec", _LOADED.all("scenario"), ids=lambda spec: spec.name)
def test_scenario_holds(spec: Spec) -> None:
    result = _RUNNER.run(spec)
    assert result.passed, result.text()


def test_demo_plays_to_its_end() -> None:
    engine = Engine.open(PACKS, clock=VirtualClock())
    outputs = list(feed(engine, DEMO.read_bytes().splitlines()))
    assert [o for o in outputs if o["status"] in ("malformed", "failed", "duplicate")] == []
    last = {o["case"]: o["state"] for o in outputs if o["status"] == "applied"}
    assert {case: last[case] for case in ("ovens", "sign_in", "reports")} == {
        "ovens": "closed",
        "sign_in": "closed",
        "reports": "cancelled",
    }


def test_every_notification_renders() -> None:
    program = compile_packs(_LOADED)
    sent: dict[str, str] = {}
    engine = Engine.open(PACKS, clock=VirtualClock())
    engine.observe(
        lambda outcome: sent.update(
            {e.name: program.render(e).body for e in outcome.effects if e.kind == "notification"}
        )
    )
    list(feed(engine, DEMO.read_bytes().splitlines()))
    assert len(sent) >= 12
    assert all(text and "None" not in text for text in sent.values())


def test_demo_has_one_event_a_line() -> None:
    lines = [json.loads(line) for line in DEMO.read_text(encoding="utf-8").splitlines()]
    assert len({line["id"] for line in lines}) == len(lines)
