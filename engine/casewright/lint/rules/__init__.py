"""Rules that cannot do what they say, found before anything runs.

``reading`` makes formulas of conditions, ``formulas`` decides what can hold, with the sets of
``values`` and what ``facts`` knows of a case type; the other modules each look for one kind of
mistake. What is not sure is not told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casewright.lint.rules import values
from casewright.lint.rules.circles import lint_circles
from casewright.lint.rules.conditions import lint_conditions
from casewright.lint.rules.correlations import lint_correlations
from casewright.lint.rules.facts import Facts
from casewright.lint.rules.pairs import lint_pairs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casewright.bind.shape import Shape
    from casewright.bind.world import World


def lint_rules(world: World, shapes: Mapping[str, Shape], case_types: Mapping[str, Any]) -> None:
    """Report rules that never act, act in a circle, or undo each other."""
    facts = {name: Facts(shapes[name], ct, case_types) for name, ct in case_types.items()}
    lint_conditions(world, facts)
    lint_pairs(world, facts)
    lint_circles(world, facts)
    lint_correlations(world, facts)
    values.forget()
