"""The peer that may be missing: ``zen-engine``, a decision engine in Rust with a Python door.

Its language is not FEEL but close to it, and its tables are first-hit or collect. What it is asked
is what the other peers are asked, in its own words.
"""

from __future__ import annotations

import importlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

MISSING = "not installed: pip install casewright[bench]"


def engine() -> Any:
    """Return the module, or None where it is not installed."""
    try:
        return importlib.import_module("zen")
    except ImportError:
        return None


def missing(what: str) -> dict[str, object]:
    """Return the line of a report that says why there is no figure."""
    return {"what": what, "measured": None, "promise": None, "goal": None, "detail": MISSING}


def evaluating(zen: Any, text: str, values: Mapping[str, Any], calls: int) -> Callable[[], int]:
    """Return work that evaluates a compiled expression over values so many times."""
    evaluate, context = zen.compile_expression(text).evaluate, dict(values)

    def work() -> int:
        for _ in range(calls):
            evaluate(context)
        return calls

    return work


def deciding(
    zen: Any, rows: Sequence[tuple[str, ...]], queries: Sequence[tuple[str, ...]]
) -> Callable[[], int]:
    """Return work that asks a first-hit table of constants, once for each query."""
    evaluate = zen.ZenEngine().create_decision(json.dumps(table(rows))).evaluate
    contexts = [{f"c{at}": value for at, value in enumerate(query)} for query in queries]

    def work() -> int:
        for context in contexts:
            evaluate(context)
        return len(contexts)

    return work


def table(rows: Sequence[tuple[str, ...]]) -> dict[str, Any]:
    """Return a model with one first-hit table; ``-`` takes anything."""
    fields = [f"c{at}" for at in range(len(rows[0]))]
    content = {
        "hitPolicy": "first",
        "inputs": [{"id": name, "name": name, "field": name} for name in fields],
        "outputs": [{"id": "out", "name": "row", "field": "row"}],
        "rules": [
            {
                "_id": f"r{number}",
                **{n: "" if v == "-" else f'"{v}"' for n, v in zip(fields, row, strict=True)},
                "out": str(number),
            }
            for number, row in enumerate(rows)
        ],
    }
    nodes: list[dict[str, Any]] = [
        {"id": "in", "name": "in", "type": "inputNode"},
        {"id": "table", "name": "table", "type": "decisionTableNode", "content": content},
        {"id": "end", "name": "end", "type": "outputNode"},
    ]
    edges = [
        {"id": f"{one}-{two}", "type": "edge", "sourceId": one, "targetId": two}
        for one, two in (("in", "table"), ("table", "end"))
    ]
    placed = [{**node, "position": {"x": 0, "y": 0}} for node in nodes]
    return {"nodes": placed, "edges": edges}
