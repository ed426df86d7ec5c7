"""``casewright validate`` looks at packs as they are and as each domain's overlays make them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from casewright.cli import main

if TYPE_CHECKING:
    import pytest

DESK = Path(__file__).parents[1] / "data" / "packs" / "desk"
OVERLAYS = """
kind: pack
name: tenants
schema: casewright/1
version: "1"
uses: [desk]
---
kind: overlay
name: acme
domain: acme
of: desk
change: {rules: {ticket: {rules: {vip_is_urgent: {when: custmer.vip}}}}}
---
kind: overlay
name: globex
domain: globex
of: desk
change: {state_flow: {ticket: {states: {waiting: null}}}}
"""


def test_mistakes_of_each_domain_are_told_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "tenants.yaml"
    path.write_text(OVERLAYS, "utf-8")
    assert main(["validate", str(DESK), str(path), "--format", "github"]) == 1
    told = [line.split("::", 2) for line in capsys.readouterr().out.splitlines()]
    found = [(place.rpartition("=")[2], text.partition("%0A")[0]) for _, place, text in told]
    assert sorted(found) == [  # in order of path, and either folder may come first
        ("CW302", 'unknown name "custmer"'),
        ("CW312", 'state is never "waiting"'),
        ("CW402", 'unknown state "waiting"'),
        ("CW402", 'unknown state "waiting"'),
        ("CW402", 'unknown state "waiting"'),
    ]


def test_sound_packs_pass(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", str(DESK), "--strict"]) == 0
    assert capsys.readouterr().out == ""
