"""``casewright rules`` lists rules in the order in which the engine tries them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from casewright.cli import main

if TYPE_CHECKING:
    Capture = pytest.CaptureFixture[str]

DESK = Path(__file__).parents[1] / "data" / "packs" / "desk"
PACK = """
kind: pack
name: mine
schema: casewright/1
version: "1"
uses: [desk]
---
kind: rules
name: b
for: desk.ticket
rules:
  last: {on: comment, priority: -1, do: [{set: {answer: c}}]}
  third: {on: [update, comment], when: answer = null, do: [{set: {answer: a, summary: b}}]}
  first: {when: customer.vip and answer = null, priority: 10, do: [{work_note: Hello}]}
"""


@pytest.fixture
def packs(tmp_path: Path) -> list[str]:
    path = tmp_path / "mine.yaml"
    path.write_text(PACK, "utf-8")
    return [str(DESK), str(path)]


def test_the_order_is_by_priority_then_as_packs_have_them(
    packs: list[str], capsys: Capture
) -> None:
    assert main(["rules", *packs, "ticket", "--format", "json"]) == 0
    lines = json.loads(capsys.readouterr().out)
    assert [(line["order"], line["priority"], line["rule"]) for line in lines] == [
        (1, 10, "first"),
        (2, 0, "vip_is_urgent"),
        (3, 0, "tell"),
        (4, 0, "third"),
        (5, -1, "last"),
    ]
    assert lines[3] == {
        "order": 4,
        "priority": 0,
        "rule": "third",
        "on": ["update", "comment"],
        "when": "answer = null",
        "sets": ["answer", "summary"],
        "place": f"{packs[1]}:13:3",
    }


def test_an_event_leaves_its_rules_and_those_without_one(packs: list[str], capsys: Capture) -> None:
    assert main(["rules", *packs, "desk.ticket", "--on", "update"]) == 0
    out = capsys.readouterr().out
    assert [
        name for name in ("first", "vip_is_urgent", "tell", "third", "last") if name in out
    ] == [
        "first",
        "vip_is_urgent",
        "third",
    ]
    assert "becomes true" in out


def test_what_is_not_there_is_a_usage_error(packs: list[str], capsys: Capture) -> None:
    assert main(["rules", *packs, "tickte"]) == 2
    assert 'did you mean "ticket"?' in capsys.readouterr().err
    assert main(["rules", *packs, "ticket", "--on", "commnet"]) == 2
    assert 'no rule of ticket is on "commnet"; there are comment, update' in capsys.readouterr().err
