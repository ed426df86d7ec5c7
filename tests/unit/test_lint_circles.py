"""Events that lead back to themselves are told, as sure as they are; what ends is not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from casewright import Actor, Engine
from casewright.program import check_packs
from casewright.runtime.clock import VirtualClock

if TYPE_CHECKING:
    from casewright.errors import Diagnostic

DESK = Path(__file__).parents[1] / "data" / "packs" / "desk"
HEAD = """
kind: pack
name: mine
schema: casewright/1
version: "1"
uses: [desk]
---
kind: case_type
name: mine
extends: desk.ticket
state_flow: mine
fields: {n: {type: integer, default: 0}, flag: {type: boolean}, turn: {type: string}}
related: {parts: {of: part, by: parent}}
---
kind: case_type
name: part
state_flow: part
fields: {parent: {type: reference, to: mine}, step: {type: string}}
---
kind: roles
name: part
for: part
roles: {worker: {may: [create, read, update]}}
---
kind: state_flow
name: mine
extends: desk.ticket
transitions:
  x: {from: [new, waiting], roles: [agent], data: {text: {type: string}}}
  y: {from: [new, waiting], roles: [agent]}
FLOW_OF_MINE
---
kind: state_flow
name: part
initial: open
states: {open: {}, done: {final: true}}
transitions:
  finish: {from: open, to: done, roles: [worker]}
FLOW_OF_PART
---
kind: rules
name: r
for: mine
rules:
  unrelated: {on: email_sent, do: [{set: {turn: none}}]}
"""


def pack(tmp_path: Path, rules: str, mine: str = "", part: str = "") -> Path:
    """Return the file of a pack with rules of the tickets in it, and more transitions."""
    text = HEAD.replace("FLOW_OF_MINE\n", mine).replace("FLOW_OF_PART\n", part)
    path = tmp_path / "mine.yaml"
    path.write_text(text + rules, "utf-8")
    return path


def told_of(path: Path) -> list[Diagnostic]:
    """Return what is told of circles; nothing else may be wrong."""
    _, found = check_packs([DESK, path])
    circles = [d for d in found if d.code in ("CW740", "CW741", "CW742")]
    assert len(circles) == len(found), found
    return circles


def without_lint(*_: object) -> list[Diagnostic]:
    """Return what lint finds if it does not look."""
    return []


AGENT = Actor("ann", roles=("agent", "customer"))
SURE = {
    "a comment answered by a comment": "  a: {on: comment, do: [{comment: Thanks}]}\n",
    "a comment through its field": "  a: {on: comment, do: [{set: {comments: Thanks}}]}\n",
    "for all but customers": (
        '  a: {on: comment, when: not(has role("customer")), do: [{comment: Thanks}]}\n'
        "  b: {on: x, do: [{comment: Hello}]}\n"
    ),
    "for the engine alone": (
        '  a: {on: comment, when: actor.id = "system", do: [{comment: Thanks}]}\n'
        "  b: {on: x, do: [{comment: Hello}]}\n"
    ),
    "two rules": "  a: {on: x, do: [{raise: y}]}\n  b: {on: y, do: [{raise: x}]}\n",
    "three rules": (
        "  a: {on: [x, comment], do: [{raise: y}]}\n"
        "  b: {on: y, do: [{work_note: Done}]}\n"
        "  c: {on: work_note, do: [{raise: {event: x}}]}\n"
    ),
    "by a condition on what stays": (
        "  a: {on: x, when: summary != null, do: [{set: {turn: x}}, {raise: y}]}\n"
        "  b: {on: y, do: [{set: {turn: y}}, {raise: x}]}\n"
    ),
    "in a group": "  a: {on: x, do: [{when: summary != null, do: [{raise: x}]}]}\n",
    "by what it sets itself": (
        "  a: {on: x, do: [{set: {flag: true}}, {raise: y}]}\n"
        "  b: {on: y, when: flag, do: [{raise: x}]}\n"
    ),
    "through a rule that notices a change": (
        "  a: {when: flag, do: [{set: {flag: false}}, {raise: y}]}\n"
        "  b: {on: [x, y], do: [{set: {flag: true}}]}\n"
    ),
    "by data that it brings": (
        '  a: {on: x, when: event.data.text != "end", do: [{raise: {event: x, data: {text: a}}}]}\n'
    ),
}


@pytest.mark.parametrize("rules", SURE.values(), ids=SURE)
def test_a_circle_without_an_end_is_an_error(rules: str, tmp_path: Path) -> None:
    (found,) = told_of(pack(tmp_path, rules))
    assert (found.code, found.severity) == ("CW740", "error"), found
    assert "the step fails after 64 events" in found.message


@pytest.mark.parametrize("rules", SURE.values(), ids=SURE)
def test_what_is_an_error_would_fail(
    rules: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("casewright.program.compile.lint", without_lint)
    path = pack(tmp_path, rules)
    assert "raise_limit" in {status_of(path, "x"), status_of(path, "comment")}


def status_of(path: Path, event: str = "x") -> str:
    """Return what becomes of an event, of type x or a comment, in a new case."""
    engine = Engine.open([DESK, path], clock=VirtualClock())
    actor = AGENT
    made = engine.create("mine.mine", {"summary": "It burns", "customer": "ann"}, actor=actor)
    assert made.case is not None
    data = {"text": "Hello"} if event == "comment" else {}
    outcome = engine.send(made.case.id, event, actor=actor, data=data)
    return outcome.errors[0].code if outcome.errors else str(outcome.status)


WARNED = {
    "another rule may stop it": (
        "  a: {on: x, when: flag = null, do: [{raise: y}]}\n"
        "  b: {on: y, do: [{raise: x}]}\n"
        "  c: {on: work_note, do: [{set: {flag: true}}]}\n"
    ),
}


@pytest.mark.parametrize("rules", WARNED.values(), ids=WARNED)
def test_a_circle_that_something_else_may_stop_is_a_warning(rules: str, tmp_path: Path) -> None:
    path = pack(tmp_path, rules)
    (found,) = told_of(path)
    assert (found.code, found.severity) == ("CW741", "warning"), found
    assert status_of(path) == "raise_limit"


def test_a_circle_of_transitions_is_a_warning(tmp_path: Path) -> None:
    flow = (
        "  there: {from: new, to: waiting, roles: [agent], do: [{raise: back}]}\n"
        "  back: {from: waiting, to: new, roles: [system], do: [{raise: there}]}\n"
    )
    path = pack(tmp_path, "", flow)
    (found,) = told_of(path)
    assert (found.code, found.severity) == ("CW741", "warning"), found
    assert status_of(path, "there") == "raise_limit"


NOTED = {
    "a count": "  a: {on: x, when: n < 9, do: [{set: {n: = n + 1}}, {raise: x}]}\n",
    "what an event brings": (
        """  a: {on: comment, when: 'contains(event.data.text, "?")', do: [{comment: Seen}]}\n"""
    ),
    "a loop that may be empty": "  a: {on: x, do: [{for_each: '= tasks', do: [{raise: x}]}]}\n",
}


@pytest.mark.parametrize("rules", NOTED.values(), ids=NOTED)
def test_a_circle_that_may_end_is_a_note(rules: str, tmp_path: Path) -> None:
    path = pack(tmp_path, rules)
    (found,) = told_of(path)
    assert (found.code, found.severity) == ("CW741", "info"), found
    assert status_of(path) == status_of(path, "comment") == "applied"


SILENT = {
    "for customers, while rules act as the engine": (
        '  a: {on: comment, when: has role("customer"), do: [{comment: Thanks}]}\n'
    ),
    "for people": '  a: {on: comment, when: actor.id != "system", do: [{comment: Thanks}]}\n',
    "another journal": "  a: {on: comment, do: [{work_note: Seen}]}\n",
    "a flag set": ("  a: {on: x, when: flag != true, do: [{set: {flag: true}}, {raise: x}]}\n"),
    "a flag set by the other": (
        "  a: {on: x, when: flag = null, do: [{raise: y}]}\n"
        "  b: {on: y, do: [{set: {flag: true}}, {raise: x}]}\n"
    ),
    "turns that are taken once": (
        "  a: {on: x, when: turn = null, do: [{set: {turn: x}}, {raise: y}]}\n"
        "  b: {on: y, when: 'turn = \"x\"', do: [{set: {turn: y}}, {raise: x}]}\n"
    ),
    "data that ends it": (
        '  a: {on: x, when: event.data.text != "e", do: [{raise: {event: x, data: {text: e}}}]}\n'
    ),
    "data that is left out": ("  a: {on: x, when: event.data.text != null, do: [{raise: x}]}\n"),
    "later": "  a: {on: x, after: 1 hour, do: [{raise: x}]}\n",
    "what has changed": ('  a: {on: x, when: changed("summary"), do: [{raise: x}]}\n'),
    "the state before": ("  a: {on: x, when: 'previous.state != state', do: [{raise: y}]}\n"),
    "noticed once": (
        "  a: {when: flag, do: [{raise: x}]}\n  b: {on: x, do: [{set: {flag: true}}]}\n"
    ),
    "no circle": "  a: {on: x, do: [{raise: y}]}\n  b: {on: y, do: [{work_note: Done}]}\n",
}


@pytest.mark.parametrize("rules", SILENT.values(), ids=SILENT)
def test_a_circle_that_ends_is_not_told(rules: str, tmp_path: Path) -> None:
    path = pack(tmp_path, rules)
    assert told_of(path) == []
    assert status_of(path) == status_of(path, "comment") == "applied"


AROUND = {
    "to and fro": (
        "  ping: {from: new, do: [{send: {event: pong, to: = parts}}]}\n",
        "  pong: {from: open, do: [{send: {event: ping, to: = parent}}]}\n",
        "warning",
    ),
    "to the one who asked": (
        "  ping: {from: new, do: [{send: {event: pong, to: = event.origin.id}}]}\n",
        "  pong: {from: open, do: [{send: {event: ping, to: = event.origin.id}}]}\n",
        "warning",
    ),
    "a case that makes a case": (
        "",
        "  first: {on: create, from: open, do: [{create: {case_type: part}}]}\n",
        "warning",
    ),
    "while something holds": (
        "  ping: {from: new, when: tasks.open > 0, do: [{send: {event: pong, to: = parts}}]}\n",
        "  pong: {from: open, when: step = event.id, do: [{send: {event: ping, to: = parent}}]}\n",
        "info",
    ),
    "until the state is another": (
        "  ping: {from: new, do: [{send: {event: pong, to: = parts}}]}\n",
        "  pong: {from: open, to: done, do: [{send: {event: ping, to: = parent}}]}\n",
        "",
    ),
    "a case that makes another": (
        "",
        """  first: {on: create, from: open, when: step = null, do:
    [{create: {case_type: part, with: {step: two}}}]}
""",
        "",
    ),
    "a part that is made once": (
        """  ping: {from: new, do:
    [{create: {case_type: part, with: {parent: = id}, once_per: [= id]}}]}
""",
        "  first: {on: create, from: open, do: [{send: {event: ping, to: = parent}}]}\n",
        "",
    ),
    "to others than those who answer": (
        "  ping: {from: new, do: [{send: {event: complete, to: = tasks}}]}\n",
        "  pong: {from: open, do: [{send: {event: ping, to: = parent}}]}\n",
        "",
    ),
}


@pytest.mark.parametrize(("mine", "part", "severity"), AROUND.values(), ids=AROUND)
def test_cases_that_set_each_other_off(mine: str, part: str, severity: str, tmp_path: Path) -> None:
    found = told_of(pack(tmp_path, "", mine, part))
    assert [(d.code, d.severity) for d in found] == ([("CW742", severity)] if severity else [])
    assert all("after 16 hops" in d.message for d in found)


def test_the_whole_circle_is_named_with_its_places(tmp_path: Path) -> None:
    (found,) = told_of(pack(tmp_path, SURE["three rules"]))
    assert found.message == (
        'this goes round in a circle, and the step fails after 64 events ("x" -> rule "a" -> '
        '"y" -> rule "b" -> "work_note" -> rule "c" -> "x")'
    )
    assert [r.message for r in found.related] == ['then rule "b"', 'then rule "c"']
    assert found.span is not None
    first = found.span.line
    assert [r.span.line for r in found.related] == [first + 1, first + 2]


PLAYBOOK = """
kind: pack
name: mine
schema: casewright/1
version: "1"
uses: [desk]
---
kind: case_type
name: mine
extends: desk.ticket
playbook: mine
---
kind: playbook
name: mine
stages:
  one:
    activities:
      look: {do: [{set: {answer: a}}]}
      act: {do: [{work_note: Done}]}
      ask: {fields: [summary]}
---
kind: rules
name: r
for: mine
rules:
"""
STEPS = {
    "  a: {on: work_note, do: [{go_to: look}]}\n": "warning",
    "  a: {on: activity_completed, when: 'event.data.name = \"act\"', do: [{go_to: act}]}\n": (
        "warning"
    ),
    "  a: {on: work_note, do: [{go_to: ask}]}\n": "",
    "  a: {on: activity_completed, when: 'event.data.name = \"ask\"', do: [{go_to: ask}]}\n": "",
    "  a: {on: comment, do: [{go_to: act}]}\n": "",
}


@pytest.mark.parametrize(("rule", "severity"), STEPS.items(), ids=range(len(STEPS)))
def test_activities_that_act_by_themselves_are_on_circles(
    rule: str, severity: str, tmp_path: Path
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(PLAYBOOK + rule, "utf-8")
    assert [d.severity for d in told_of(path)] == ([severity] if severity else [])
    engine = Engine.open([DESK, path], clock=VirtualClock())
    made = engine.create("mine.mine", {"summary": "It burns"}, actor=AGENT)
    codes = [error.code for error in made.errors]
    assert codes == (["raise_limit"] if severity else [])


RING = """
kind: pack
name: mine
schema: casewright/1
version: "1"
---
kind: case_type
name: thing
state_flow: thing
---
kind: roles
name: thing
for: thing
roles: {agent: {may: [create, read, update]}}
---
kind: state_flow
name: thing
initial: open
states: {open: {}, done: {final: true}}
transitions:
  stop: {from: open, to: done}
"""


@pytest.mark.parametrize("length", [7, 30, 200])
def test_a_long_circle_is_told_too_and_shown_in_short(length: int, tmp_path: Path) -> None:
    numbers = range(length)
    flow = "".join(f"  e{i}: {{from: open, roles: [system]}}\n" for i in numbers)
    rules = "".join(
        f"  r{i}: {{on: e{i}, do: [{{raise: e{(i + 1) % length}}}]}}\n" for i in numbers
    )
    path = tmp_path / "mine.yaml"
    path.write_text(f"{RING}{flow}---\nkind: rules\nname: r\nfor: thing\nrules:\n{rules}", "utf-8")
    (found,) = told_of_ring(path)
    assert found.message.startswith("this goes round in a circle, and the step fails after 64")
    assert '("e0" -> rule "r0" -> "e1" -> ' in found.message
    assert len(found.message) < 300
    assert len(found.related) < 16


def told_of_ring(path: Path) -> list[Diagnostic]:
    """Return what is told of a pack that uses no other."""
    return [d for d in check_packs(path)[1] if d.code == "CW740"]
