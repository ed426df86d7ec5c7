"""Reports over the cases of a store: how clocks stand, and the indicators of ``views``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from casewright.errors import EventError
from casewright.feel.problems import suggestion
from casewright.sla.figures import ClockFigures, Tally
from casewright.store import CaseFilter
from casewright.temporal import to_us
from casewright.view import RecordsMissing
from casewright.views.indicators import group_key

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from casewright.case import Actor, Case
    from casewright.program import Program
    from casewright.runtime.looking import Looking
    from casewright.views.indicators import Figure, Indicator

_OF_CASES = frozenset({"state", "case_type", "created_by", "updated_by"})


def clock_report(
    engine: Looking, by: str | None, where: CaseFilter, at: datetime
) -> list[ClockFigures]:
    """Return how the clocks of many cases stand, by group, then in the order of the specs.

    Args:
        engine: whose cases.
        by: field of the cases, or ``state``, ``case_type``, ``created_by``, ``updated_by``.
        where: which cases.
        at: the instant that is asked about.

    Raises:
        EventError: no case type has the field ``by``.
    """
    program = cast("Program", engine.program)
    grouped = _grouping(program, by)
    tally = Tally(to_us(at))
    for case in engine.cases(where):
        clocks = case.clocks.items()
        if clocks:
            tally.add(grouped(case), clocks, program.case_types[case.case_type].zone_info)
    order = _order(program)
    found = sorted(tally.figures(), key=lambda one: order.get(one.clock, 0))
    return sorted(found, key=lambda one: group_key(one.group))


def _order(program: Program) -> dict[str, int]:
    names = dict.fromkeys(name for ct in program.case_types.values() for name in ct.clocks)
    return {name: position for position, name in enumerate(names)}


def _grouping(program: Program, by: str | None) -> Callable[[Case], Any]:
    if by is None:
        return lambda _case: None
    if by in _OF_CASES:
        return lambda case: getattr(case, by)
    known = {name for ct in program.case_types.values() for name in ct.fields}
    if by not in known:
        hint = suggestion(by, sorted(known | _OF_CASES)) or "name a field of the cases"
        raise EventError(f'no case type has the field "{by}"; {hint}', "by")

    def value(case: Case) -> Any:
        found = case.fields.get(by)
        return tuple(found) if isinstance(found, list) else found  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]

    return value


def figures(
    engine: Looking, name: str, actor: Actor | None, at: datetime
) -> tuple[Indicator, list[Figure]]:
    """Return an indicator and its figures over all cases of the types that have it.

    Raises:
        EventError: no case type has it.
    """
    program = cast("Program", engine.program)
    having = {
        kind: ct.views.indicators[name]
        for kind, ct in program.case_types.items()
        if name in ct.views.indicators
    }
    if not having:
        known = sorted({one for ct in program.case_types.values() for one in ct.views.indicators})
        hint = suggestion(name, known) or f"there are {', '.join(known) or 'none'}"
        raise EventError(f'no indicator of cases or clocks is named "{name}"; {hint}', "indicator")
    cases = engine.cases(CaseFilter(case_types=tuple(having)))
    reading = engine.reading()
    points: list[tuple[Any, Any]] = []
    for case in cases:
        point = _point(program, having[case.case_type], case, reading, actor, at)
        if point is not None:
            points.append(point)
    indicator = next(iter(having.values()))
    return indicator, indicator.of_points(points)


def _point(
    program: Program,
    indicator: Indicator,
    case: Case,
    reading: Any,
    actor: Actor | None,
    at: datetime,
) -> tuple[Any, Any] | None:
    while True:
        now = max(at, case.updated_at)
        view = program.view(case, reading.related, actor=actor, now=now)
        try:
            return indicator.point(view)
        except RecordsMissing as missing:
            reading.add(missing.needs)
