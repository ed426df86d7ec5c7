"""Random rules over one case, and the same rules without any index or network."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import TYPE_CHECKING, Any

from casewright.case import SYSTEM, Actor, Event, Origin
from casewright.rules.agenda import Agenda
from casewright.rules.case_rules import Rules
from casewright.rules.networks.contract import Activation
from support.life import START

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Sequence

    from casewright.program import Program
    from casewright.rules.case_rules import Rule
    from casewright.rules.networks.contract import Around, Fact

BASE = """
kind: case_type
name: c
state_flow: c
fields:
  category: {type: string}
  side: {type: choice, choices: {1: One, 2: Two, 3: Three}}
  flag: {type: boolean}
  n: {type: integer, default: 0}
  doubled: {type: integer, computed: 2 * n}
  tags: {type: string, many: true}
  log: {type: string, many: true}
related: {tasks: {of: task, by: parent}}
---
kind: case_type
name: task
state_flow: task
fields:
  parent: {type: reference, to: c}
  kind: {type: string}
  weight: {type: integer}
---
kind: state_flow
name: c
initial: open
states: {open: {}, held: {}, done: {final: true}}
transitions:
  hold: {from: open, to: held}
  resume: {from: held, to: open}
  touch: {from: [open, held]}
  nudge: {from: [open, held]}
---
kind: state_flow
name: task
initial: new
states: {new: {}, done: {final: true}}
transitions: {end: {from: new, to: done}}
---
kind: sla_definitions
name: c
for: c
slas:
  fast: {target: 2 hours, start: n > 0, pause: state = "held", stop: flag}
  slow: {target: 1 day, start: 'true', stop: state = "done"}
"""
_LEVEL = (
    'category = "a"',
    'category = "b"',
    '"c" = case.category',
    'category in ("a", "b")',
    "side = 1",
    "side in (2, 3)",
    "flag",
    "flag = true",
    "n > 2",
    "n = 3 or n = 5",
    "doubled = 4",
    'state = "held"',
    "count(tags) > 1",
    "tasks.open > 1",
    "category = null",
)
_EVENT = (
    'changed("n")',
    'changed("category")',
    'changed("doubled") and changed("n")',
    "previous.category != category",
    'event.type = "touch"',
    "now > created_at",
)
_OVER: dict[str, tuple[str, ...]] = {
    "{t: = tasks}": ('t.state = "new"', 't.kind = "a"', "t.weight > n", "t.kind = category"),
    "{w: = tags}": ('w = "a"', "w != category", "string length(w) < n"),
    "{t: = tasks, w: = tags}": ("t.kind = w", 't.state = "new"', 'w < "c"', "t.weight + n > 3"),
    "{a: = tasks, b: = tasks}": ("a.kind = b.kind", "a.id < b.id", "a.weight = b.weight + 1"),
    "{k: = clocks, t: = tasks}": ('k.status = "paused"', "k.breached", 't.state = "new"'),
    "{r: '= tasks[weight > 1]', t: = tasks, w: = tags}": ("r.kind = w", "t.weight = r.weight"),
    "{e: = recent_events}": ('e.type = "update"', 'e.actor != "eve"'),
}
_ITEMS = {
    "t": "t.id",
    "w": "w",
    "a": "a.id",
    "b": "b.id",
    "k": "k.name",
    "r": "r.id",
    "e": "e.type",
}
_SETS = (
    "{set: {n: = n + 1}}",
    "{set: {n: 0}}",
    "{set: {category: a}}",
    "{set: {category: c}}",
    "{set: {flag: = not(flag)}}",
    "{set: {side: 2}}",
    "{set: {log: []}}",
)


def rules_text(rng: random.Random, count: int) -> str:
    """Return random rules for the case type of ``BASE``."""
    rules = "".join(f"  r{i}: {_rule(rng)}\n" for i in range(count))
    return f"{BASE}---\nkind: rules\nname: c\nfor: c\nrules:\n{rules}"


def _rule(rng: random.Random) -> str:
    parts: list[str] = []
    level = rng.random() < 0.5
    known = list(_LEVEL if level else (*_LEVEL, *_EVENT))
    if not level:
        parts.append(f"on: [{rng.choice(('update', 'touch', 'nudge', 'child_changed'))}]")
    conditions = rng.sample(known, rng.choice((1, 1, 2)))
    names: list[str] = []
    if rng.random() < 0.4:
        lists, about = rng.choice(list(_OVER.items()))
        parts.append(f"for_each: {lists}")
        names = [part.split(":")[0].strip() for part in lists.strip("{}").split(", ")]
        names = [name for name in names if name in _ITEMS]
        conditions = [*rng.sample(about, rng.randint(1, 2)), *conditions[: rng.choice((0, 1))]]
        rng.shuffle(conditions)
    if rng.random() < 0.3:
        parts.append(f"priority: {rng.randint(-2, 2)}")
    if rng.random() < 0.15:
        parts.append("after: 1 hour")
    parts.append("when: '" + " and ".join(conditions) + "'")
    may_raise = level or "nudge" not in parts[0]  # a circle of rules is a mistake
    parts.append(f"do: [{', '.join(_actions(rng, names, may_raise=may_raise))}]")
    return "{" + ", ".join(parts) + "}"


def _actions(rng: random.Random, names: list[str], *, may_raise: bool) -> Iterator[str]:
    for name in names:
        yield f"{{set: {{log: '= append(log, {_ITEMS[name]})'}}}}"
    grows = [] if "w" in names else ["{set: {tags: '= append(tags, string(n))'}}"]
    yield rng.choice([*_SETS, *grows])
    if may_raise and rng.random() < 0.15:
        yield "{raise: nudge}"


def life(rng: random.Random, length: int) -> Iterator[Event]:
    """Yield events of a random life."""
    time = START
    children: dict[str, dict[str, Any]] = {}
    yield Event("create", "e0", "c1", "c", time, Actor("eve"), {"log": [], "tags": ["a"]})
    for number in range(1, length):
        time += timedelta(seconds=rng.choice((0, 60, 1_800, 5_000, 90_000)))
        kind = rng.choice(("update", "update", "touch", "nudge", "child_changed", "hold", "resume"))
        actor, origin, data = Actor(rng.choice(("eve", "bob"))), None, _data(rng, kind)
        if kind == "child_changed":
            actor, name = SYSTEM, rng.choice(("t1", "t2", "t3", "t4"))
            origin = Origin(name, "t.task")
            new = _child(rng, name)
            data = {"lists": ["tasks"], "old": children.get(name), "new": new}
            children[name] = new
        yield Event(kind, f"e{number}", "c1", "", time, actor, data, origin=origin)


def _data(rng: random.Random, kind: str) -> dict[str, Any]:
    if kind != "update":
        return {}
    given = {
        "category": rng.choice(("a", "b", "c", None)),
        "side": rng.choice((1, 2, 3, None)),
        "flag": rng.choice((True, False, None)),
        "n": rng.randint(0, 6),
        "tags": rng.sample(("a", "b", "c", "a"), rng.randint(0, 3)),
        "log": [],
    }
    return {name: given[name] for name in rng.sample(list(given), rng.randint(1, 3))}


def _child(rng: random.Random, name: str) -> dict[str, Any]:
    state = rng.choice(("new", "new", "done"))
    return {
        "id": name,
        "case_type": "t.task",
        "number": None,
        "state": state,
        "final": state == "done",
        "fields": {"kind": rng.choice(("a", "b", "c")), "weight": rng.randint(0, 4)},
    }


# --- the same without index and network -----------------------------------------------------------


class EveryRule(Rules):
    """Rules without an index: every rule without ``on`` is looked at in every event."""

    def agenda(self, event_type: str, changed: int) -> Agenda[Rule]:
        agenda = super().agenda(event_type, -1)
        return Agenda(
            replace(rule, needs=0, tests=(), is_alone=rule.over is None) for rule in agenda.rules
        )


class _EveryCombination:
    """A network that tries every combination of elements on the whole condition."""

    name = "native"

    def __init__(self, rule: Rule, names: list[str]) -> None:
        self._rule = rule
        self._names = names

    def activations(self, facts: Sequence[Fact], around: Around) -> list[Activation]:
        """Return all activations."""
        when = self._rule.when
        lets = around.lets
        by_name = [
            [place for place, fact in enumerate(facts) if name in fact.labels]
            for name in self._names
        ]
        found: list[Activation] = []
        for places in product(*by_name):
            chosen = {name: facts[at].data for name, at in zip(self._names, places, strict=True)}
            around.lets = {**lets, **chosen}
            if when is None or when.true(around, around.budget):
                found.append(Activation(self._rule.name, tuple((at,) for at in places)))
        around.lets = lets
        return found

    def close(self) -> None:
        """Do nothing."""


def made_plain(program: Program) -> Program:
    """Make the rules of a program look at everything, every time; return it."""
    for ct in program.case_types.values():
        ct.rules = EveryRule(_plain(rule) for rule in ct.rules.rules)
    return program


def _plain(rule: Rule) -> Rule:
    over = rule.over
    if over is not None:
        network = _EveryCombination(rule, [one.name for one in over.lists])
        over = replace(over, gate=(), network=network)
    return replace(rule, mask=-1, always=True, needs=0, tests=(), is_alone=over is None, over=over)
