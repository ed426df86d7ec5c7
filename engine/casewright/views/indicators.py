"""Indicators: a figure over many cases, records or clocks, grouped by a value or a span of time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cmp_to_key
from typing import TYPE_CHECKING, Any, Literal

from casewright.temporal import Duration
from casewright.views.definition import Seen, compare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from zoneinfo import ZoneInfo

    from casewright.feel import Expression

MEASURES = ("count", "sum", "mean", "median", "min", "max")
PERIODS = ("day", "week", "month", "quarter", "year")
_CALL = re.compile(r"\s*([a-z]+)\s*\((.*)\)\s*", re.DOTALL)

Measure = Literal["count", "sum", "mean", "median", "min", "max"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure.

    Attributes:
        group: value of ``by``, a period such as ``2026-W10``, or None for all together.
        value: the measure, None where nothing could be measured.
        count: how many cases it is of.
    """

    group: Any
    value: Any
    count: int


@dataclass(frozen=True, slots=True, eq=False)
class Indicator:
    """A figure over many.

    Attributes:
        of: case type, record type or clock, as written.
        clock: name of the clock, where it is of one.
        measure: what is worked out of ``measured``; ``count`` needs none.
        period: the span of time that ``by`` is grouped into, or None.
        last: how many groups back from the newest; None for all.
        zone: of the domain, in which dates and weeks are told.
    """

    name: str
    title: str
    of: str
    clock: str | None
    where: Expression | None
    measure: Measure
    measured: Expression | None
    by: Expression | None
    period: str | None
    last: int | None
    zone: ZoneInfo

    def figures(self, all_seen: Iterable[Seen]) -> list[Figure]:
        """Return a figure for each group, ascending; one without group where there is no ``by``."""
        points = (self.point(seen) for seen in all_seen)
        return self.of_points(point for point in points if point is not None)

    def point(self, seen: Seen) -> tuple[Any, Any] | None:
        """Return group and measured value of one case or record; None where it does not count."""
        if self.clock is not None and seen.sla(self.clock) is None:
            return None
        if self.where is not None and not self.where.true(seen, seen.budget):
            return None
        value = self._value(self.measured, seen)
        return self._group(seen), value

    def of_points(self, points: Iterable[tuple[Any, Any]]) -> list[Figure]:
        """Return the figures of points, also of several case types that share the indicator."""
        groups: dict[Any, list[Any]] = {}
        for group, value in points:
            groups.setdefault(group, []).append(value)
        if self.by is None:
            return [self._figure(None, groups.get(None, []))]
        keys = sorted(groups, key=group_key)
        if self.last is not None:
            keys = keys[-self.last :]
        return [self._figure(key, groups[key]) for key in keys]

    def _group(self, seen: Seen) -> Any:
        value = self._value(self.by, seen)
        if self.period is None or not isinstance(value, date):
            return tuple(value) if isinstance(value, list) else value  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        return period_of(value, self.period, self.zone)

    def _value(self, expression: Expression | None, seen: Seen) -> Any:
        return None if expression is None else expression.value(seen, seen.budget)

    def _figure(self, group: Any, values: list[Any]) -> Figure:
        if self.measure == "count":
            return Figure(group, len(values), len(values))
        known = [value for value in values if value is not None]
        return Figure(group, _MEASURES[self.measure](known) if known else None, len(values))


def group_key(group: Any) -> Any:
    """Return what groups, and other values, are sorted by; those without a value go first."""
    return (group is not None, cmp_to_key(compare)(group))


def period_of(value: date, period: str, zone: ZoneInfo) -> str:
    """Return the span of time that a date or instant falls into, in a form that sorts."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        value = value.astimezone(zone)
    match period:
        case "day":
            return f"{value.year:04}-{value.month:02}-{value.day:02}"
        case "week":
            year, week, _ = value.isocalendar()
            return f"{year:04}-W{week:02}"
        case "month":
            return f"{value.year:04}-{value.month:02}"
        case "quarter":
            return f"{value.year:04}-Q{(value.month + 2) // 3}"
        case _:
            return f"{value.year:04}"


def split_call(text: str, known: Iterable[str]) -> tuple[str | None, str]:
    """Return function and argument of ``week(closed)``; None and the text of anything else."""
    match = _CALL.fullmatch(text)
    if match is None or match[1] not in known:
        return None, text
    return match[1], match[2]


def _seconds(values: list[Any]) -> tuple[list[Any], Callable[[Any], Any]]:
    """Return durations as seconds with the way back; numbers as they are."""
    first = values[0]
    if isinstance(first, timedelta):
        lengths = [Decimal(str(v.total_seconds())) for v in values if isinstance(v, timedelta)]
        return lengths, lambda seconds: timedelta(seconds=round(seconds))
    if isinstance(first, Duration):
        unit = first.unit
        same = [v.amount for v in values if isinstance(v, Duration) and v.unit == unit]
        return same, lambda amount: Duration(unit, round(amount))
    numbers = [v for v in values if isinstance(v, int | Decimal) and not isinstance(v, bool)]
    return numbers, _number


def _number(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else value.normalize()
    return value


def _sum(values: list[Any]) -> Any:
    numbers, back = _seconds(values)
    return back(sum(numbers)) if numbers else None


def _mean(values: list[Any]) -> Any:
    numbers, back = _seconds(values)
    return back(Decimal(sum(numbers)) / len(numbers)) if numbers else None


def _median(values: list[Any]) -> Any:
    numbers, back = _seconds(values)
    if not numbers:
        return None
    ordered = sorted(numbers)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return back(ordered[middle])
    return back(Decimal(ordered[middle - 1] + ordered[middle]) / 2)


_MEASURES: Mapping[str, Callable[[list[Any]], Any]] = {
    "sum": _sum,
    "mean": _mean,
    "median": _median,
    "min": lambda values: min(values, key=group_key),
    "max": lambda values: max(values, key=group_key),
}
