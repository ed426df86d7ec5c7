"""A condition that is worked out in two places holds where it holds in one.

Each condition is split between the signal and its window, brought together by a network, and
compared with what FEEL makes of it as a whole.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from casewright.case import Event
from casewright.feel import evaluate
from casewright.rules.networks.choosing import WANTED
from casewright.rules.networks.durable import is_installed
from support.life import ANNE, START, program_of

if TYPE_CHECKING:
    from casewright.case import Entity
    from casewright.program import Program

HEAD = 'kind: pack\nname: t\nschema: casewright/1\nversion: "1"\n'
PACK = """
kind: rules
name: r
signals:
  a: {data: {k: {type: string}, x: {type: integer}, y: {type: number}, s: {type: string}}}
  b:
    data:
      k: {type: string}
      x: {type: integer}
      y: {type: number}
      s: {type: string}
      tags: {type: string, many: true}
correlations:
"""
CONDITIONS = [
    "x = one.x",
    "x > 1 and x = one.x",
    "x > 1 and (y < 3 or s = one.s)",
    "(x > 1 or y < 3) and (x) <= (one.x) + 1 and not(s = null)",
    "x = 1 or x = one.x and y = one.y",
    "not(x = one.x) and not(y > 2)",
    "not(x > 1 and x = one.x)",
    'x between 0 and one.x and s in ("a", "b")',
    "x in [one.x..3] and y in (1, 2)",
    'if x > one.x then y = 1 else s = "a"',
    '(if x > 1 then y = 1 else s = "a") and one.s != s',
    "some t in tags satisfies t = one.s",
    "(every t in tags satisfies t != s) and count(tags[item = one.s]) > 0",
    "list contains(tags, one.s) and list contains(tags, s)",
    "x + one.x > 2 and x * 2 - 1 < 5",
    "one.x = null and x = null",
    "one.x != null and s != null and x = one.x",
    "x = one.x and true and null = null",
    'x != one.x and (y = one.y and (s = "a" or s = one.s))',
    "-x < one.x and {v: x}.v = x",
    "max([x, one.x]) = x and min(x, y) = x",
    "{one: 3, z: one + x}.z > 3 and x = one.x",
    'one.s > s and s < "c" /* and not this */ and x > 0',
]


def random_data(r: random.Random) -> dict[str, Any]:
    data = {
        "x": r.choice([None, 0, 1, 2, 3]),
        "y": r.choice([None, 1, 2, 2.5]),
        "s": r.choice([None, "a", "b", "c"]),
        "tags": r.choice([[], ["a"], ["b", "c"], ["a", "b", "c"]]),
    }
    return {name: value for name, value in data.items() if value is not None}


def brought_together(program: Program, case: int, a: dict[str, Any], b: dict[str, Any]) -> bool:
    """Return whether the window fires on the two signals."""
    window: Entity | None = None
    fired = False
    for kind, data in (("a", a), ("b", b)):
        given = {"k": str(case), **data}
        signal = Event(kind, f"{kind}{case}", time=START, actor=ANNE, data=given)
        for effect in program.receive(signal).effects:
            event = Event("observe", effect.id, effect.to[0], time=START, data=effect.data)
            outcome = program.step(window, event)
            assert outcome.status == "applied"
            window = outcome.entity
            fired = fired or bool(outcome.effects)
    return fired


@pytest.mark.parametrize("network", [n for n in WANTED if n != "durable" or is_installed()])
@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_parted_condition_holds_where_the_whole_does(condition: str, network: Any) -> None:
    text = condition.replace("'", "''")
    program = program_of(
        PACK
        + f"""  c:
    key: k
    within: 1 hour
    all:
      - {{as: one, on: a}}
      - {{as: two, on: b, when: '{text}'}}
    do: [{{send: {{event: update, to: '= "c1"'}}}}]
---
kind: case_type
name: c
state_flow: c
---
kind: state_flow
name: c
initial: open
states: {{open: {{}}}}
transitions: {{}}
---
kind: roles
name: c
for: c
roles: {{agent: {{may: [create]}}}}
""",
        head=HEAD,
        network=network,
    )
    r = random.Random(condition)
    held = 0
    for case in range(60):
        a, b = random_data(r), random_data(r)
        a.pop("tags")
        facts = {"x": None, "y": None, "s": None}
        whole = evaluate(condition, {**facts, **b, "one": {**facts, **a}})
        assert brought_together(program, case, a, b) is (whole is True), (a, b)
        held += whole is True
    assert held > 0
