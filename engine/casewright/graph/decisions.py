"""The graph of decisions: tables, the inputs that they look at, and the tables that they call."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from casewright.graph.diagram import Diagram, Edge, Node
from casewright.graph.words import readable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from casewright.spec.models.decisions import DecisionTable

_CALL = re.compile(r"\b([a-z][a-z0-9_]*)\s*\(")
_INPUT = "input "


def decision_diagram(title: str, tables: Sequence[DecisionTable]) -> Diagram:
    """Return the graph of some tables: arrows lead from what is needed to what needs it.

    Args:
        title: the heading.
        tables: the tables; calls of others are not shown.
    """
    known = {table.name for table in tables}
    inputs = dict.fromkeys(name for table in tables for name in table.inputs)
    nodes = [Node(_INPUT + name, readable(name), "input", tooltip=name) for name in inputs]
    edges: list[Edge] = []
    for table in tables:
        edges += [Edge(_INPUT + name, table.name) for name in table.inputs]
        called = dict.fromkeys(name for name in _calls(table) if name in known)
        edges += [Edge(name, table.name) for name in called if name != table.name]
        nodes.append(_table(table))
    return Diagram(title, tuple(nodes), tuple(edges))


def _table(table: DecisionTable) -> Node:
    rules = len(table.rules) if isinstance(table.rules, tuple) else 0
    if isinstance(table.rules, str):
        lines = [line for line in table.rules.splitlines() if line.strip()]
        rules = max(0, len(lines) - 1)
    policy = " ".join(filter(None, [table.hit_policy, table.aggregation]))
    about = f"{policy}, {rules} rules" if rules else policy
    gives = ", ".join(readable(name).lower() for name in table.outputs)
    tooltip = "\n".join(filter(None, [table.name, table.description]))
    title = table.title or readable(table.name)
    return Node(table.name, title, "decision", (about, f"gives {gives}"), tooltip)


def _calls(table: DecisionTable) -> Iterable[str]:
    texts: list[str] = [c.expression for c in table.inputs.values() if c.expression]
    if isinstance(table.rules, str):
        texts.append(table.rules)
    elif isinstance(table.rules, tuple):
        for rule in table.rules:
            texts += [str(cell) for cell in (*rule.when.values(), *rule.then.values())]
    for text in texts:
        yield from _CALL.findall(text)
