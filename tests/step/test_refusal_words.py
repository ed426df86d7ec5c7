"""What a refusal says: who holds which role, and why one that somebody came with does not count."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from casewright import Actor, EventError
from casewright.case import Event
from casewright.program import compile_packs
from casewright.runtime.lines import event_of_line

if TYPE_CHECKING:
    from pathlib import Path

    from casewright.case import Outcome

PACK = """
kind: pack
name: visa
schema: casewright/1
version: "1"
---
kind: case_type
name: application
state_flow: application
fields: {applicant: {type: string}, fee_paid: {type: boolean}}
---
kind: roles
name: application
for: application
roles:
  applicant: {may: [create, read, withdraw], when: applicant = actor.id}
  officer: {may: [read, update]}
---
kind: state_flow
name: application
initial: open
states: {open: {}, withdrawn: {final: true}}
transitions: {withdraw: {from: open, to: withdrawn}}
"""
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def asked(tmp_path: Path, event: str, actor: Actor, data: dict[str, Any] | None = None) -> Outcome:
    path = tmp_path / "visa.yaml"
    path.write_text(PACK, "utf-8")
    program = compile_packs(path)
    anna = Actor("anna", roles=("applicant",))
    made = program.step(
        None,
        Event("create", "1", "v1", "application", NOW, anna, {"applicant": "anna"}),
    )
    assert made.status == "applied", made.errors
    return program.step(made.entity, Event(event, "2", "v1", "", NOW, actor, data or {}))


@pytest.mark.parametrize(
    ("roles", "reason"),
    [
        ((), ""),
        (("aplicant",), " (aplicant is no role of this case type)"),
        (("visa.applicant",), " (visa.applicant is held only where applicant = actor.id)"),
    ],
)
def test_a_refusal_says_why_a_role_does_not_count(
    roles: tuple[str, ...], reason: str, tmp_path: Path
) -> None:
    refused = asked(tmp_path, "withdraw", Actor("bob", roles=roles))
    assert [problem.message for problem in refused.errors] == [
        f'"withdraw" is refused: bob holds no role here{reason}; it is open to applicant, officer'
    ]


def test_what_the_engine_keeps_is_not_called_unknown(tmp_path: Path) -> None:
    officer = Actor("olaf", roles=("officer",))
    refused = asked(tmp_path, "update", officer, {"state": "withdrawn", "fee_paid": "yes"})
    assert [problem.message for problem in refused.errors] == [
        'fee_paid: "yes" is not true or false; write true',
        '"state" is kept by the engine; nobody sets it',
    ]


def test_a_line_with_a_time_of_another_form_says_what_is_wanted() -> None:
    with pytest.raises(EventError, match=r"^no instant; write for example 2026-03-02T09:00:00Z$"):
        event_of_line(b'{"type": "update", "case": "v1", "time": "2026-03-02 09:00"}')
