"""Compiled FEEL conditions against Python's ``eval`` of a code object.

The peer gets the values as local names and knows no null; FEEL reads them from a view, and null
is an answer that it has to give.
"""

from __future__ import annotations

from decimal import Decimal
from statistics import geometric_mean
from typing import TYPE_CHECKING, Any

from casewright import feel
from casewright.cli.bench_clock import figure, interleaved
from casewright.feel import types

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CONDITIONS: tuple[tuple[str, str], ...] = (
    ("priority <= 2", "priority <= 2"),
    ("priority <= 2 and amount > 100", "priority <= 2 and amount > 100"),
    ("amount + tax > limit", "amount + tax > limit"),
    ("amount * 2 - tax >= limit or priority = 1", "amount * 2 - tax >= limit or priority == 1"),
    ("priority in (1, 2) and not(amount < tax)", "priority in (1, 2) and not(amount < tax)"),
    (
        "if amount > limit then tax > 1 else priority > 2",
        "tax > 1 if amount > limit else priority > 2",
    ),
)
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
    true = feel.compile(text, _scope()).true
    budget = feel.Budget(1_000_000_000)

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
    return [
        _over("integers", _VALUES, rounds, promise=1.5, goal=1.0),
        _over("decimals", _DECIMALS, rounds, promise=2.0, goal=1.5),
    ]


def _over(
    name: str, values: Mapping[str, Any], rounds: int, *, promise: float, goal: float
) -> dict[str, object]:
    view = View(values)
    works: dict[str, Callable[[], int]] = {}
    for text, peer in CONDITIONS:
        works[f"feel {text}"] = _compiled(text, view)
        works[f"eval {text}"] = _evaluated(peer, values)
    taken = interleaved(works, rounds)
    ratios = [taken[f"feel {text}"] / taken[f"eval {text}"] for text, _ in CONDITIONS]
    worst = max(range(len(ratios)), key=ratios.__getitem__)
    detail = f"dearest {ratios[worst]:.2f}: {CONDITIONS[worst][0]}"
    return figure(
        f"condition over {name} in `eval` of a code object",
        geometric_mean(ratios),
        promise,
        goal,
        detail,
    )
