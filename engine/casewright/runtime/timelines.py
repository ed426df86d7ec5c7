"""Timelines of the clocks of a case, from its journal and from what would happen to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import convert

from casewright.case import Clocks
from casewright.errors import EventError
from casewright.sla.timeline import Standing, Timeline, timelines
from casewright.temporal import to_us

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from casewright.case import Case, Outcome
    from casewright.runtime.replay import HistoryEntry
    from casewright.runtime.stepper import Stepper


def timelines_of(
    program: Stepper,
    case: Case,
    name: str,
    history: Iterable[HistoryEntry],
    forecast: Sequence[Outcome],
    now_us: int,
) -> list[Timeline]:
    """Return the timeline of each instance of a clock, oldest first.

    Args:
        program: the one that runs, whose calendars count.
        case: as it is now.
        name: of the clock.
        history: of the case.
        forecast: what is only thought of, told after the history.
        now_us: up to where a live instance is told.

    Raises:
        EventError: the case type has no such clock.
    """
    clocks = program.case_type(case.case_type).clocks
    if name not in clocks:
        known = ", ".join(clocks) or "none"
        raise EventError(f'"{name}" is no clock of {case.case_type}; there are {known}', "sla")
    standings = [*_stood(name, history), *_would_stand(case, name, forecast)]
    return timelines(clocks[name], standings, max(now_us, to_us(case.updated_at)))


def _stood(name: str, history: Iterable[HistoryEntry]) -> Iterator[Standing]:
    path, before = f"clocks.{name}", None
    for entry in history:
        found = entry.changes.get(path)
        if found is None or found[1] is None:
            continue
        record = convert(found[1], Clocks)
        by = _asker(str(entry.event.get("type")), entry.event.get("actor"), entry.event)
        yield from _standings(before, record, entry.at_us, by, entry.revision)
        before = record


def _would_stand(case: Case, name: str, forecast: Iterable[Outcome]) -> Iterator[Standing]:
    before = case.clocks.get(name)
    for outcome in forecast:
        record = None if outcome.case is None else outcome.case.clocks.get(name)
        if record is None or record == before:
            continue
        event = outcome.event
        by = _asker(event.type, {"id": event.actor.id}, {"data": event.data})
        yield from _standings(before, record, outcome.now_us, f"{by}, if it comes so", None)
        before = record


def _standings(
    before: Clocks | None, record: Clocks, at_us: int, by: str, revision: int | None
) -> Iterator[Standing]:
    """Yield the instances that a step touched: one that ended in it may be followed by another."""
    old, last = None if before is None else before.current, record.last
    if (
        last is not None
        and last.instance != record.current.instance
        and (old is None or (old.instance == last.instance and old != last))
    ):
        yield Standing(at_us, by, revision, last)
    yield Standing(at_us, by, revision, record.current)


def _asker(event_type: str, actor: Mapping[str, Any] | None, event: Mapping[str, Any]) -> str:
    data: Mapping[str, Any] = event.get("data") or {}
    if event_type == "timer":
        return f"timer {data.get('timer', '')}".rstrip()
    return f"{event_type} by {'system' if actor is None else actor.get('id', 'system')}"
