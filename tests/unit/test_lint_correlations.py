"""Correlations that never fire or feed themselves are told, and signals that nobody waits for."""

from __future__ import annotations

from pathlib import Path

import pytest

from casewright.program import check_packs

DESK = Path(__file__).parents[1] / "data" / "packs" / "desk"
HEAD = """
kind: pack
name: mine
schema: casewright/1
version: "1"
uses: [desk]
---
kind: rules
name: r
"""
WATCH = """signals:
  alert:
    roles: [any]
    data:
      customer: {type: reference, to: desk.person}
      level: {type: integer}
      loud: {type: boolean}
correlations:
  c:
    key: customer
    within: 1 hour
"""
TICKET = "create: {case_type: desk.ticket, with: {summary: x, customer: = key, priority: 1}}"
CORRELATIONS = {
    # told
    "a condition on a signal": (
        "all: [{on: alert, when: level > 2 and level < 2}]",
        f"do: [{{{TICKET}}}]",
        "CW743",
    ),
    "a condition on a case": (
        'all: [{on: alert}, {for: desk.ticket, when: \'state = "new" and state = "waiting"\'}]',
        "do: [{create: {case_type: desk.task}}]",
        "CW743",
    ),
    "a state that no new case is in": (
        "all: [{on: alert}, {on: create, for: desk.ticket, when: 'state = \"waiting\"'}]",
        "do: [{create: {case_type: desk.task}}]",
        "CW743",
    ),
    "more that differ than there are": (
        "all: [{on: alert, count: 3, distinct: loud}]",
        f"do: [{{{TICKET}}}]",
        "CW750",
    ),
    "what must be there must not be": (
        "all: [{on: alert, when: level > 2}]\n    none: [{on: alert, when: level > 1}]",
        f"do: [{{{TICKET}}}]",
        "CW750",
    ),
    "it must not be there at all": (
        """all: [{on: alert}, {on: close, for: desk.ticket}]
    none: [{on: [close, create], for: desk.ticket}]""",
        "do: [{create: {case_type: desk.task}}]",
        "CW750",
    ),
    "it waits for what it makes": (
        "all: [{on: create, for: desk.ticket, when: priority = 1}]",
        f"do: [{{{TICKET}}}]",
        "CW751",
    ),
    "it waits for what it makes, and keeps all": (
        "all: [{on: create, for: desk.ticket, count: 3}]\n    keep: true",
        f"do: [{{{TICKET}}}]",
        "CW751",
    ),
    # silent
    "other levels": (
        "all: [{on: alert, when: level > 2}]\n    none: [{on: alert, when: level < 1}]",
        f"do: [{{{TICKET}}}]",
        "",
    ),
    "told apart by what was found": (
        """all: [{as: one, on: alert}]
    none: [{as: two, on: alert, when: two.level > one.level}]""",
        f"do: [{{{TICKET}}}]",
        "",
    ),
    "the state that a new case is in": (
        "all: [{on: alert}, {on: create, for: desk.ticket, when: 'state = \"new\"'}]",
        "do: [{create: {case_type: desk.ticket, with: {summary: x}}}]",
        "",
    ),
    "as many that differ as there are": (
        "all: [{on: alert, count: 2, distinct: loud}]",
        f"do: [{{{TICKET}}}]",
        "",
    ),
    "what it makes is another": (
        "all: [{on: create, for: desk.ticket, when: priority = 2}]",
        f"do: [{{{TICKET}}}]",
        "",
    ),
    "it makes one of three": (
        "all: [{on: create, for: desk.ticket, count: 3}]",
        f"do: [{{{TICKET}}}]",
        "",
    ),
    "it waits for another signal too": (
        "all: [{on: create, for: desk.ticket}, {on: alert}]",
        f"do: [{{{TICKET}}}]",
        "",
    ),
    "what it makes shuts it": (
        """all: [{on: create, for: desk.ticket}]
    none: [{for: desk.ticket, when: answer = null and priority = 1}]""",
        f"do: [{{{TICKET}}}]",
        "",
    ),
    "another window": (
        "all: [{on: create, for: desk.ticket}]",
        "do: [{create: {case_type: desk.ticket, with: {summary: x}}}]",
        "",
    ),
}


@pytest.mark.parametrize(("patterns", "do", "code"), CORRELATIONS.values(), ids=CORRELATIONS)
def test_a_correlation(patterns: str, do: str, code: str, tmp_path: Path) -> None:
    heard = "  heard: {key: customer, within: 1 hour, all: [{on: alert}], "
    heard += "do: [{create: {case_type: desk.task}}]}\n"
    rules = f"{WATCH}    {patterns}\n    {do}\n{heard}"
    path = tmp_path / "mine.yaml"
    path.write_text(HEAD + rules, "utf-8")
    _, found = check_packs([DESK, path])
    assert {d.code for d in found} == ({code} if code else set()), found


def test_a_signal_that_nobody_waits_for_is_told(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    signals = "signals: {alert: {roles: [any]}, other: {roles: [any]}}\ncorrelations:\n"
    heard = "  c: {key: event.type, within: 1 hour, all: [{on: alert}], "
    heard += "do: [{create: {case_type: desk.task}}]}\n"
    path.write_text(HEAD + signals + heard, "utf-8")
    _, found = check_packs([DESK, path])
    assert [(d.code, d.message) for d in found] == [
        ("CW752", 'no correlation waits for the signal "other"')
    ]
