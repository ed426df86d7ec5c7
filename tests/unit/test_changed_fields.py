"""A case opens under a program that changed its fields, whatever it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from casewright import Actor, Engine

if TYPE_CHECKING:
    from pathlib import Path

PACK = """
kind: pack
name: permits
schema: casewright/1
version: 1.0.0
---
kind: case_type
name: permit
state_flow: permit
fields: {value: {FIELD}, note: {type: string}}
---
kind: state_flow
name: permit
initial: received
states: {received: {}, granted: {final: true}}
transitions: {grant: {from: received, to: granted}}
"""
CLEO = Actor("cleo")


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ("type: string", "soon", "type: date"),
        ("type: string", "soon", "type: date_time"),
        ("type: string", "Pending", "type: duration"),
        ("type: string", "soon", "type: integer"),
        ("type: number", "3.5", "type: number, minimum: 5"),
        ("type: number", "3.5", "type: integer"),
        ("type: number", "3.5", "type: string, many: true"),
        ("type: date", "2026-03-02", "type: boolean"),
    ],
)
def test_a_value_of_before_stays_until_it_is_set_again(
    before: str, value: str, after: str, tmp_path: Path
) -> None:
    file = tmp_path / "pack.yaml"
    file.write_text(PACK.replace("FIELD", before), "utf-8")
    given = float(value) if "number" in before else value
    store = f"sqlite:///{tmp_path}/cases.db"
    with Engine.open(tmp_path, store) as engine:
        made = engine.create("permit", {"value": given}, actor=CLEO)
        assert made.status == "applied", made.errors
        case = made.event.case
    file.write_text(PACK.replace("FIELD", after), "utf-8")
    with Engine.open(tmp_path, store) as engine:
        noted = engine.update(case, {"note": "seen"}, actor=CLEO)
        assert noted.status == "applied", noted.errors
        again = engine.get(case)
        assert again is not None
        assert str(again.fields["value"]) == value
        assert engine.update(case, {"value": None}, actor=CLEO).status == "applied"
        assert engine.send(case, "grant", actor=CLEO).status == "applied"
