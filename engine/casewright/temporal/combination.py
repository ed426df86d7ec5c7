"""Calendars made of others: open when any of them is, or when all of them are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from casewright.temporal.hours import Hours

Mode: TypeAlias = Literal["union", "intersection"]


@dataclass(frozen=True, slots=True)
class Part:
    """One of the calendars.

    Attributes:
        timezone: IANA name.
        hours: what it says of each date.
    """

    timezone: str
    hours: Hours | Combination

    def canonical(self) -> dict[str, Any]:
        """Return a JSON-able form that is equal exactly for equal parts."""
        return {"timezone": self.timezone, **self.hours.canonical()}


@dataclass(frozen=True, slots=True)
class Combination:
    """What a combined calendar is made of.

    Attributes:
        mode: open when any part is (``union``), or when all are (``intersection``).
        parts: at least one.
    """

    mode: Mode
    parts: tuple[Part, ...]

    @property
    def never_closes(self) -> bool:
        """Return whether it is sure that every date is open all day."""
        closes = (not part.hours.never_closes for part in self.parts)
        return not any(closes) if self.mode == "intersection" else not all(closes)

    @property
    def never_opens(self) -> bool:
        """Return whether its parts make it sure that it never opens.

        Parts that open at different times make an intersection that never opens either; only
        :attr:`Calendar.never_opens` looks for those.
        """
        shut = (part.hours.never_opens for part in self.parts)
        return any(shut) if self.mode == "intersection" else all(shut)

    def canonical(self) -> dict[str, Any]:
        """Return a JSON-able form that is equal exactly for equal combinations."""
        return {self.mode: [part.canonical() for part in self.parts]}
