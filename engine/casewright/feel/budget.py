"""Limits of the FEEL engine: how long a text, how deep a tree, how many evaluation steps.

Budgets count steps, never seconds, so that a result does not depend on the machine. Loops spend one
step an element, what builds lists and texts spends by the size of the result.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from casewright.errors import CasewrightError

if TYPE_CHECKING:
    from datetime import datetime


class BudgetExceeded(CasewrightError):  # noqa: N818 - a name of the public interface
    """An evaluation took more steps, or recursed deeper, than its budget allows."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a text may ask for at compile time.

    Attributes:
        length: characters of one expression.
        depth: levels of its tree; a chain of one operator counts a level for each link.
    """

    length: int = 20_000
    depth: int = 100


DEFAULT_LIMITS = Limits()
MAX_RECURSION = 40
MAX_TEXT = 1_000_000


class Budget:
    """Steps that evaluations may still take; shared by all expressions of one step of the engine.

    Attributes:
        left: steps that remain; generated code and built-ins count it down.
        depth: FEEL functions that are being called right now.
        now: what ``now()`` gives where the scope has no function of that name; the engine reads no
            clock, so without it ``now()`` and ``today()`` are null.
    """

    __slots__ = ("depth", "left", "now")

    def __init__(self, limit: int = 100_000, now: datetime | None = None) -> None:
        self.left = limit
        self.now = now
        self.depth = 0

    def spend(self, steps: int) -> None:
        """Take ``steps`` from the budget.

        Raises:
            BudgetExceeded: fewer were left.
        """
        self.left -= steps
        if self.left < 0:
            raise BudgetExceeded("the expression takes more steps than its budget allows")

    def enter(self) -> None:
        """Count the call of a FEEL function; :meth:`leave` ends it.

        Raises:
            BudgetExceeded: functions call each other too deeply.
        """
        self.spend(1)
        if self.depth >= MAX_RECURSION:
            raise BudgetExceeded(f"functions call each other more than {MAX_RECURSION} deep")
        self.depth += 1

    def leave(self) -> None:
        """End the call that :meth:`enter` counted."""
        self.depth -= 1
