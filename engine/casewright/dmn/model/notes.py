"""Why values are null: remarks of one evaluation, kept with its budget.

A decision that violates its hit policy, or an input that is not of its type, gives null as DMN
says; the remark is for who wonders why.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from casewright.feel import Budget

if TYPE_CHECKING:
    from collections.abc import Generator

MAX_NOTES = 100


class NotingBudget(Budget):
    """A budget with remarks; all code of an evaluation has it at hand.

    Attributes:
        notes: at most 100.
    """

    __slots__ = ("notes",)

    def __init__(self, budget: Budget) -> None:
        super().__init__(budget.left, budget.now)
        self.depth = budget.depth
        self.notes: list[str] = []


@contextmanager
def noting(budget: Budget) -> Generator[NotingBudget]:
    """Give a budget with remarks in place of another, which pays for what is spent."""
    made = NotingBudget(budget)
    try:
        yield made
    finally:
        budget.left = made.left


def note(b: Budget, text: str) -> None:
    """Add a remark, where there is room for it and somebody asked."""
    if isinstance(b, NotingBudget) and len(b.notes) < MAX_NOTES and text not in b.notes:
        b.notes.append(text)
