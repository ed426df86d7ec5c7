"""What may be asked of a case, and by whom: `allowed_actions` says what a step would say."""

from __future__ import annotations

from support.life import ANNE, CARL, Life, program_of

DESK = """
kind: case_type
name: c
state_flow: c
playbook: c
fields: {mark: {type: string}}
---
kind: state_flow
name: c
initial: open
states: {open: {}, done: {final: true}}
transitions:
  finish: {from: open, to: done, roles: [agent]}
---
kind: playbook
name: c
stages:
  work:
    activities:
      look: {fields: [mark], actions: {finish: {}, wave: {do: [{set: {mark: waved}}]}}}
---
kind: roles
name: c
for: c
roles:
  agent: {may: [create, read, update]}
  customer: {may: [read, comment]}
"""


def test_activities_are_open_to_whom_a_step_would_let_in() -> None:
    life = Life(program_of(DESK))
    life.create(by=ANNE)
    found = {
        actor.id: {
            action.type: [problem.code for problem in action.problems]
            for action in life.program.allowed_actions(life.case, actor)
            if action.kind == "activity"
        }
        for actor in (ANNE, CARL)
    }
    names = ["look/save", "look/finish", "look/wave", "look/continue"]
    assert found["anne"] == {name: [] for name in names}
    assert found["carl"] == {name: ["forbidden"] for name in names}
