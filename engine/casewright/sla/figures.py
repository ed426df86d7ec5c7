"""Figures over the clocks of many cases: met, missed, overdue, expiring today, average age.

A case keeps of each clock the instance that runs, or else the last, and the one before it; both
count. ``breaches`` counts those of all instances that there ever were.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from casewright.spec.clock_view import LIVE
from casewright.temporal import from_us, to_us

if TYPE_CHECKING:
    from collections.abc import Iterable
    from zoneinfo import ZoneInfo

    from casewright.case import Clock, Clocks


@dataclass(slots=True)
class ClockFigures:
    """How one clock stands over the cases of one group.

    Attributes:
        group: value that the cases have in common; None for all, or for those without one.
        clock: name of the clock.
        instances: all of them: open, met, missed and cancelled.
        open: in progress or paused.
        met: completed before the target was spent.
        missed: completed after it.
        cancelled: ended without a verdict.
        overdue: open, with the target spent.
        expiring_today: open, to be due later today, by the date of the domain's time zone.
        breaches: of all instances, also of those that a case no longer keeps.
        ages_us: sum of the time from start to end of those met or missed.
    """

    group: Any
    clock: str
    instances: int = 0
    open: int = 0
    met: int = 0
    missed: int = 0
    cancelled: int = 0
    overdue: int = 0
    expiring_today: int = 0
    breaches: int = 0
    ages_us: int = 0

    @property
    def achieved(self) -> Decimal | None:
        """Return how many percent were met of those that have a verdict or are overdue."""
        return _percent(self.met, self.met + self.missed + self.overdue)

    @property
    def breached(self) -> Decimal | None:
        """Return how many percent were missed or are overdue, of the same."""
        late = self.missed + self.overdue
        return _percent(late, self.met + late)

    @property
    def average_age(self) -> timedelta | None:
        """Return the mean time from start to end of those completed, in whole seconds."""
        completed = self.met + self.missed
        return timedelta(seconds=self.ages_us // completed // 1_000_000) if completed else None

    def add(self, clocks: Clocks, now_us: int, tomorrow_us: int) -> None:
        """Count the instances that a case keeps of the clock.

        Args:
            clocks: the record of the case.
            now_us: the instant that is asked about.
            tomorrow_us: the end of its date.
        """
        self.breaches += clocks.breaches
        self._add(clocks.current, now_us, tomorrow_us)
        if clocks.last is not None:
            self._add(clocks.last, now_us, tomorrow_us)

    def _add(self, clock: Clock, now_us: int, tomorrow_us: int) -> None:
        self.instances += 1
        if clock.status in LIVE:
            due_us = clock.due_us
            self.open += 1
            if clock.breached or (due_us is not None and due_us <= now_us):
                self.overdue += 1
            elif due_us is not None and due_us < tomorrow_us:
                self.expiring_today += 1
        elif clock.status == "cancelled":
            self.cancelled += 1
        else:
            self.ages_us += (clock.ended_us or clock.started_us) - clock.started_us
            if clock.breached:
                self.missed += 1
            else:
                self.met += 1


class Tally:
    """Adds up figures by group and clock, in the order in which they come up.

    Args:
        now_us: the instant that is asked about.
    """

    def __init__(self, now_us: int) -> None:
        self._now_us = now_us
        self._figures: dict[tuple[Any, str], ClockFigures] = {}
        self._tomorrow_us: dict[ZoneInfo, int] = {}

    def add(self, group: Any, clocks: Iterable[tuple[str, Clocks]], zone: ZoneInfo) -> None:
        """Count the clocks of one case.

        Args:
            group: of the case; must be hashable.
            clocks: by name.
            zone: of its domain, in which "today" is told.
        """
        tomorrow_us = self._tomorrow_us.get(zone)
        if tomorrow_us is None:
            tomorrow_us = self._tomorrow_us[zone] = end_of_day_us(self._now_us, zone)
        for name, record in clocks:
            figures = self._figures.get((group, name))
            if figures is None:
                figures = self._figures[group, name] = ClockFigures(group, name)
            figures.add(record, self._now_us, tomorrow_us)

    def figures(self) -> list[ClockFigures]:
        """Return what was added up."""
        return list(self._figures.values())


def end_of_day_us(now_us: int, zone: ZoneInfo) -> int:
    """Return the first instant of the date after that of an instant."""
    tomorrow = from_us(now_us).astimezone(zone).date() + timedelta(days=1)
    return to_us(datetime.combine(tomorrow, time(), zone))


def _percent(part: int, whole: int) -> Decimal | None:
    return round(Decimal(part * 100) / whole, 1) if whole else None
