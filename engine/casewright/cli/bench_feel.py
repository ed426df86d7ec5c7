"""Compiled FEEL conditions against Python's ``eval`` of a code object, and ``zen-engine``.

The peers get the values as local names and know no null; FEEL reads them from a view, and null
is an answer that it has to give.
"""

from __future__ import annotations

from decimal import Decimal
from statistics import geometric_mean
from typing import TYPE_CHECKING, Any

from casewright import feel
from casewright.cli import bench_zen
from casewright.cli.bench_clock import figure, interleaved
from casewright.feel import types

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CONDITIONS: tuple[tuple[str, str, str], ...] = (
    ("priority <= 2", "priority <= 2", "priority <= 2"),
    (
        "priority <= 2 and amount > 100",
        "priority <= 2 and amount > 100",
        "priority <= 2 and amount > 100",
    ),
    ("amount + tax > limit", "amount + tax > limit", "amount + tax > limit"),
    (
        "amount * 2 - tax >= limit or priority = 1",
        "amount * 2 - tax >= limit or priority == 1",
        "amount * 2 - tax >= limit or priority == 1",
    ),
    (
        "priority in (1, 2) and not(amount < tax)",
        "priority in (1, 2) and not(amount < tax)",
        "priority in [1, 2] and not (amount < tax)",
    ),
    (
        "if amount > limit then tax > 1 else priority > 2",
        "tax > 1 if amount > limit else priority > 2",
        "amount > limit ? tax > 1 : priority > 2",
    ),
)
"""Each in FEEL, in Python, and in the language of ``zen-engine``."""
_VALUES = {"priority": 2, "amount": 250, "tax": 19, "limit": 260}
_DECIMALS = {name: Decimal(value) + Decimal("0.25") for name, value in _VALUES.items()}
_CALLS = 3_000


class View:
    """What the conditions read: the fields of a case."""

    __slots__ = ("fields",)

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self.fields = dict(fields)


def _scope() -> feel.Scope:
    return feel.Scope(
        names={n: feel.Name(types.NUMBER, f"s.fields.get('{n}')", (n,)) for n in _VALUES}
    )


def _compiled(text: str, view: View) -> Callable[[], int]:
    expression, budget = feel.compile(text, _scope()), feel.Budget(1_000_000_000)
    expression.true(view, budget)  # compiled on first use, and from then on another function
    true = expression.true

    def work() -> int:
        for _ in range(_CALLS):
            true(view, budget)
        return _CALLS

    return work


def _evaluated(text: str, values: Mapping[str, Any]) -> Callable[[], int]:
    code = compile(text, "<peer>", "eval")
    names: dict[str, Any] = dict(values)
    globals_: dict[str, Any] = {"__builtins__": {}}

    def work() -> int:
        for _ in range(_CALLS):
            eval(code, globals_, names)  # noqa: S307  the peer, over our own constants
        return _CALLS

    return work


def measure(rounds: int) -> list[dict[str, object]]:
    """Return the figures over integers and over decimals, geometric means of six conditions."""
    zen = bench_zen.engine()
    return [
        *_over("integers", _VALUES, rounds, zen, promise=1.5, goal=1.0),
        *_over("decimals", _DECIMALS, rounds, None, promise=2.0, goal=1.5),
        *([bench_zen.missing("the same in `zen-engine`")] if zen is None else []),
    ]


def _over(
    name: str, values: Mapping[str, Any], rounds: int, zen: Any, *, promise: float, goal: float
) -> list[dict[str, object]]:
    view = View(values)
    works: dict[str, Callable[[], int]] = {}
    for text, peer, other in CONDITIONS:
        works[f"feel {text}"] = _compiled(text, view)
        works[f"eval {text}"] = _evaluated(peer, values)
        if zen is not None:
            works[f"zen {text}"] = bench_zen.evaluating(zen, other, values, _CALLS // 10)
    taken = interleaved(works, rounds)
    found = [
        _figure(taken, "eval", f"condition over {name} in `eval` of a code object", promise, goal)
    ]
    if zen is not None:
        found.append(_figure(taken, "zen", f"condition over {name} in `zen-engine`", None, None))
    return found


def _figure(
    taken: Mapping[str, float], peer: str, what: str, promise: float | None, goal: float | None
) -> dict[str, object]:
    ratios = {text: taken[f"feel {text}"] / taken[f"{peer} {text}"] for text, *_ in CONDITIONS}
    worst = max(ratios, key=ratios.__getitem__)
    detail = f"dearest {ratios[worst]:.2f}: {worst}"
    return figure(what, geometric_mean(ratios.values()), promise, goal, detail)
