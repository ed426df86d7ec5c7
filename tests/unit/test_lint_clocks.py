"""Clocks and calendars that cannot do what they say are told, and no others."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from casewright.program import check_packs
from casewright.temporal import Skipped, skipped_hours

if TYPE_CHECKING:
    from pathlib import Path

PACK = """
kind: pack
name: mine
schema: casewright/1
version: "1"
---
kind: case_type
name: ticket
state_flow: ticket
fields: {kept: {type: boolean}}
---
kind: roles
name: ticket
for: ticket
roles: {agent: {may: [create, read, update]}}
---
kind: state_flow
name: ticket
initial: open
states: {open: {}, waiting: {}, closed: {final: true}}
transitions:
  ask: {from: open, to: waiting}
  reply: {from: waiting, to: open}
  close: {from: open, to: closed}
---
kind: sla_definitions
name: ticket
for: ticket
slas:
  answer:
    target: 1 hour
    start: state = "open"
"""

CONDITIONS = {
    'pause: state = "closed"': {"CW519"},
    'pause: state in ("closed")': {"CW519"},
    'pause: state != "open" and state != "waiting"': {"CW519"},
    'pause: not(state in ("open", "waiting"))': {"CW519"},
    'pause: state = "closed" and kept': {"CW519"},
    'pause: state = "closed" or kept': set[str](),
    "pause: not(kept)": set[str](),
    'pause: state = "waiting"': set[str](),
    'stop: state = "closed"': set[str](),
    'stop: state = "open" and state = "waiting"': {"CW520"},
    'stop: [state = "open" and state = "waiting", kept]': set[str](),
    'stop: [state = "open" and state = "waiting", {on: comment}]': set[str](),
    "stop: false": {"CW520"},
}


@pytest.mark.parametrize(("line", "codes"), CONDITIONS.items(), ids=CONDITIONS)
def test_a_condition_that_holds_in_no_state_is_told(
    line: str, codes: set[str], tmp_path: Path
) -> None:
    (tmp_path / "pack.yaml").write_text(PACK + f"    {line}\n", "utf-8")
    _, found = check_packs(tmp_path)
    assert {d.code for d in found} == codes, found


def test_without_a_final_state_a_clock_without_stop_never_ends(tmp_path: Path) -> None:
    text = PACK.replace("closed: {final: true}", "closed: {}")
    text = text.replace("to: closed}", "to: closed}\n  reopen: {from: closed, to: open}")
    (tmp_path / "pack.yaml").write_text(text, "utf-8")
    _, found = check_packs(tmp_path)
    assert {d.code for d in found} == {"CW520"}, found


def test_what_a_clock_change_skips() -> None:
    assert skipped_hours("Europe/Berlin", 2026, 2026) == (Skipped(date(2026, 3, 29), 120, 180),)
    assert skipped_hours("Australia/Lord_Howe", 2026, 2026) == (
        Skipped(date(2026, 10, 4), 120, 150),
    )
    assert skipped_hours("Pacific/Apia", 2011, 2011)[-1] == Skipped(date(2011, 12, 30), 0, 1440)
    assert skipped_hours("Asia/Kathmandu", 2026, 2026) == ()
