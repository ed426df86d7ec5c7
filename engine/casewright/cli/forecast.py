"""``casewright forecast``: what would happen to a case; and the timeline of a clock."""

import datetime as dt
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from casewright.cli.door import FINE, UsageError
from casewright.cli.opening import EventsOption, StoreOption, found_case, open_engine
from casewright.cli.output import Format, shown, write, write_json, write_table
from casewright.cli.run import moment

if TYPE_CHECKING:
    from casewright.case import Case, Event, Outcome
    from casewright.runtime import Engine
    from casewright.sla.timeline import Interval, Timeline

WhatIfOption = Annotated[
    str | None,
    typer.Option("--if", help="What if these events came? JSON lines; - is stdin; none is stored."),
]
AtOption = Annotated[
    str | None, typer.Option(help="Up to this instant; without it, now (with --events: their end).")
]


def forecast(
    paths: Annotated[list[Path], typer.Argument(help="Packs.")],
    case: Annotated[str, typer.Argument(help="Id or number of the case.")],
    store: StoreOption = None,
    events: EventsOption = None,
    what_if: WhatIfOption = None,
    until: Annotated[
        str | None, typer.Option(help="Let time pass to this instant after the last event.")
    ] = None,
    format: Annotated[Format, typer.Option("--format", help="How it is printed.")] = Format.TEXT,
) -> int:
    """Tell what events, or the passing of time, would do to a case; nothing is stored."""
    from casewright.runtime.lines import line_of

    if what_if is None and until is None:
        raise UsageError("what shall happen? give events by --if, or an instant by --until")
    end = None if until is None else moment(until)
    engine = open_engine(paths, store, events)
    found = found_case(engine, case)
    outcomes = engine.forecast(found.id, thought_of(what_if), until=end)
    after = next((o.case for o in reversed(outcomes) if o.case is not None), found)
    if format is Format.JSON:
        lines = [line_of(outcome, engine.program) for outcome in outcomes]
        write_json({"case": after.id, "state": after.state, "clocks": _due(after), "steps": lines})
        return FINE
    for outcome in outcomes:
        write(_line(outcome))
    write(f"{after.number or after.id} would be [{after.state}]")
    write_table(
        ("clock", "status", "", "due"),
        [
            (name, told["status"], "breached" if told["breached"] else "", told["due"])
            for name, told in _due(after).items()
        ],
    )
    return FINE


def thought_of(what_if: str | None) -> "list[Event]":
    """Return the events of a file, or none.

    Raises:
        UsageError: there is no such file, or a line is no event.
    """
    from casewright.errors import EventError
    from casewright.runtime.lines import event_of_line

    if what_if is None:
        return []
    try:
        data = sys.stdin.buffer.read() if what_if == "-" else Path(what_if).read_bytes()
        return [event_of_line(line) for line in data.splitlines() if line.strip()]
    except OSError as err:
        raise UsageError(f'"{what_if}" cannot be read: {err.strerror}') from err
    except EventError as err:
        raise UsageError(f'"{what_if}": {err}') from err


def _due(case: "Case") -> dict[str, dict[str, Any]]:
    return {
        name: {
            "status": clocks.current.status,
            "breached": clocks.current.breached,
            "due": _instant(clocks.current.due_us),
        }
        for name, clocks in case.clocks.items()
    }


def _line(outcome: "Outcome") -> str:
    event, state = outcome.event, "" if outcome.entity is None else outcome.entity.state
    timer = f" {event.data['timer']}" if event.type == "timer" else ""
    at = _instant(outcome.now_us)
    problems = "".join(f"; {p.code}: {p.message}" for p in outcome.errors)
    head = f"{at:%Y-%m-%d %H:%M:%S}  {event.type}{timer} by {event.actor.id}"
    return f"{head}: {outcome.status} [{state}]{problems}"


def print_timelines(
    engine: "Engine", case: "Case", sla: str, what_if: str | None, at: str | None, form: Format
) -> int:
    """Print each instance of a clock of a case.

    Raises:
        UsageError: the case has no such clock, or an option makes no sense.
    """
    from casewright.errors import EventError

    until = None if at is None else moment(at)
    try:
        found = engine.timeline(case.id, sla, thought_of(what_if), at=until or now_of(engine))
    except EventError as err:
        raise UsageError(str(err)) from err
    if form is Format.JSON:
        write_json([timeline_json(timeline) for timeline in found])
        return FINE
    if not found:
        write(f'the clock "{sla}" has not run in {case.number or case.id}')
    for timeline in found:
        for line in _head(timeline):
            write(line)
        write_table(
            ("", "from", "to", "counts", "sum", "why"),
            [_cells(interval, timeline) for interval in timeline.intervals],
        )
        write_table(
            ("at", "what", "by", "revision"),
            [(_local(t.at_us, timeline), t.what, t.by, t.revision) for t in timeline.turns],
        )
    return FINE


def now_of(engine: "Engine") -> dt.datetime:
    """Return the instant that the events have come to, or the machine's where none were played."""
    from casewright.runtime import SystemClock

    now = engine.clock.now()
    return now if now.timestamp() else SystemClock().now()


def _head(timeline: "Timeline") -> Iterator[str]:
    clock = timeline.clock
    late = ", breached" if clock.breached else ""
    yield f"{timeline.name}, instance {clock.instance}: {clock.status}{late}"
    spent = "" if timeline.percentage is None else f", {timeline.percentage}%"
    target = _target(timeline)
    due = (
        "no due instant" if clock.due_us is None else f"due {shown(_local(clock.due_us, timeline))}"
    )
    yield f"counted {length(timeline.elapsed_us)} of {target}{spent}; {due} ({timeline.zone})"
    if timeline.note:
        yield f"note: {timeline.note}"


def _target(timeline: "Timeline") -> str:
    target = timeline.clock.target
    if target is None:
        return "no target"
    return shown(_local(target, timeline)) if isinstance(target, int) else str(target)


def _cells(interval: "Interval", timeline: "Timeline") -> tuple[Any, ...]:
    counts = length(interval.spent_us) if interval.kind == "counted" else ""
    since, until = _local(interval.from_us, timeline), _local(interval.until_us, timeline)
    return interval.kind, since, until, counts, length(interval.sum_us), interval.why


def timeline_json(timeline: "Timeline") -> dict[str, Any]:
    """Return one instance of a clock as JSON; lengths are whole seconds."""
    clock = timeline.clock
    return {
        "clock": timeline.name,
        "instance": clock.instance,
        "status": clock.status,
        "breached": clock.breached,
        "target": _instant(clock.target) if isinstance(clock.target, int) else clock.target,
        "due": None if clock.due_us is None else _local(clock.due_us, timeline),
        "zone": timeline.zone,
        "until": _local(timeline.until_us, timeline),
        "elapsed_s": _seconds(timeline.elapsed_us),
        "total_s": None if timeline.total_us is None else _seconds(timeline.total_us),
        "percentage": timeline.percentage,
        "intervals": [
            {
                "kind": one.kind,
                "from": _local(one.from_us, timeline),
                "to": _local(one.until_us, timeline),
                "counts_s": _seconds(one.spent_us),
                "sum_s": _seconds(one.sum_us),
                "why": one.why,
            }
            for one in timeline.intervals
        ],
        "turns": [
            {
                "at": _local(one.at_us, timeline),
                "what": one.what,
                "by": one.by,
                "revision": one.revision,
            }
            for one in timeline.turns
        ],
        "note": timeline.note,
    }


def length(length_us: int) -> str:
    """Return a length as people read it, such as ``26 h 05 min``."""
    minutes, seconds = divmod(_seconds(length_us), 60)
    hours, minutes = divmod(minutes, 60)
    text = f"{hours} h {minutes:02} min" if hours else f"{minutes} min"
    return f"{text} {seconds:02} s" if seconds else text


def _seconds(length_us: int) -> int:
    return length_us // 1_000_000


def _instant(us: int | None) -> dt.datetime | None:
    return None if us is None else dt.datetime.fromtimestamp(us / 1_000_000, dt.UTC)


def _local(us: int, timeline: "Timeline") -> dt.datetime:
    from zoneinfo import ZoneInfo

    return dt.datetime.fromtimestamp(us / 1_000_000, ZoneInfo(timeline.zone))
