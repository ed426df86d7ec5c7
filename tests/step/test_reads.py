"""What a summary of children keeps: fields that expressions read, by whatever name (rule 35)."""

from __future__ import annotations

import pytest

from support.life import program_of

DESK = """
kind: case_type
name: c
state_flow: c
fields: {{mark: {{type: string}}}}
related: {{tasks: {{of: task, by: parent}}}}
---
kind: state_flow
name: c
initial: open
states: {{open: {{}}}}
transitions:
  look: {{from: open, do: [{action}]}}
---
kind: case_type
name: task
state_flow: task
fields: {{parent: {{type: reference, to: c}}, size: {{type: string}}, colour: {{type: string}}}}
---
kind: state_flow
name: task
initial: open
states: {{open: {{}}}}
"""


@pytest.mark.parametrize(
    "action",
    [
        "{set: {mark: '= tasks[1].size'}}",
        "{let: {first: '= tasks[1]'}}, {set: {mark: = first.size}}",
        "{for_each: = tasks, as: each, do: [{set: {mark: = each.size}}]}",
    ],
)
def test_fields_read_through_a_name_are_reported_by_the_child(action: str) -> None:
    program = program_of(DESK.format(action=action))
    assert program.case_type("t.task").reported == {"size"}
