"""``casewright show`` and ``explain``: looks at one case without changing it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from casewright.cli.door import FINE, UsageError
from casewright.cli.forecast import AtOption, WhatIfOption, print_timelines
from casewright.cli.opening import (
    EventsOption,
    StoreOption,
    found_case,
    found_window,
    open_engine,
)
from casewright.cli.output import Format, write, write_json

if TYPE_CHECKING:
    from casewright.runtime import Engine, Explained

Packs = Annotated[list[Path], typer.Argument(help="Packs.")]
CaseOrWindow = Annotated[
    str,
    typer.Argument(metavar="CASE", help="Id or number of a case, or a window: correlation/key."),
]
As = Annotated[Format, typer.Option("--format", help="How it is printed.")]


def show(
    paths: Packs,
    case: CaseOrWindow,
    store: StoreOption = None,
    events: EventsOption = None,
    format: As = Format.TEXT,
) -> int:
    """Show a case: fields, clocks, playbook, timers; or a window: what it holds."""
    engine = open_engine(paths, store, events)
    window = found_window(engine, case)
    if window is not None:
        return _show_window(engine, window, format)
    found = found_case(engine, case)
    if format is Format.JSON:
        write_json(json.loads(engine.program.dump_case(found)))
        return FINE
    from casewright.cli.case_view import print_case

    print_case(engine, found)
    return FINE


def _show_window(engine: "Engine", window: str, format: Format) -> int:
    from casewright.case import Window
    from casewright.cli.window_view import print_window

    found = engine.store.entity(engine.domain, window, engine.program)
    if not isinstance(found, Window):
        raise UsageError(f'there is no window "{window}"')
    if format is Format.JSON:
        write_json(json.loads(engine.program.dump_window(found)))
    else:
        print_window(found)
    return FINE


def explain(
    paths: Packs,
    case: CaseOrWindow,
    store: StoreOption = None,
    events: EventsOption = None,
    revision: Annotated[int | None, typer.Option(help="Only this revision.")] = None,
    trace: Annotated[
        bool, typer.Option("--trace", help="Also every condition, with what it saw.")
    ] = False,
    sla: Annotated[
        str, typer.Option(help="This clock minute by minute: what counted, what did not, why.")
    ] = "",
    what_if: WhatIfOption = None,
    at: AtOption = None,
    event: Annotated[
        str | None, typer.Option(help="Why each rule acted on this event, or did not; an id.")
    ] = None,
    rule: Annotated[
        str | None,
        typer.Option(help="Only this rule or correlation; of the last event without --event."),
    ] = None,
    transition: Annotated[
        str | None, typer.Option(help="Why this transition was taken at the event, or was not.")
    ] = None,
    notification: Annotated[
        str | None, typer.Option(help="Why this notification was sent at the event, or was not.")
    ] = None,
    format: As = Format.TEXT,
) -> int:
    """Explain a case: what happened, what acted, what was refused, and why; or why not."""
    from casewright.cli.case_view import history_json, history_lines

    engine = open_engine(paths, store, events)
    if sla:
        return print_timelines(engine, found_case(engine, case), sla, what_if, at, format)
    if what_if is not None and at is None:
        return _explain_signals(engine, case, what_if, format)
    if what_if is not None or at is not None:
        raise UsageError("--at goes with --sla; for all that would happen, see forecast")
    if transition is not None or notification is not None:
        from casewright.cli.why_view import print_element

        named = found_case(engine, case)
        return print_element(engine, named, event or "", (transition, notification), format)
    window = found_window(engine, case)
    if event is not None or rule is not None:
        return _explain_why(engine, case, event or "", rule, format)
    if window is None:
        found = engine.explain(found_case(engine, case).id, revision)
    else:
        found = engine.explain(window, revision)
        if format is Format.TEXT and revision is None:
            return _print_window_life(engine, window, found, trace=trace)
    if format is Format.JSON:
        write_json([history_json(item, trace=trace) for item in found])
        return FINE
    for line in history_lines(found, trace=trace):
        write(line)
    return FINE


def _print_window_life(
    engine: "Engine", window: str, found: "list[Explained]", *, trace: bool
) -> int:
    """Print the history of a window, and what it waits for now."""
    from casewright.cli.case_view import history_lines
    from casewright.cli.why_window_view import window_lines

    for line in (*history_lines(found, trace=trace), *window_lines(engine.why_window(window))):
        write(line)
    return FINE


def _explain_why(engine: "Engine", name: str, event: str, rule: str | None, form: Format) -> int:
    """Print why rules acted on an event, or why a window fired or was told."""
    window = found_window(engine, name)
    if window is not None:
        from casewright.cli.why_window_view import print_window

        return print_window(engine, window, event, form)
    from casewright.cli.why_view import print_why

    return print_why(engine, found_case(engine, name), event, rule, form)


def _explain_signals(engine: "Engine", name: str, what_if: str, form: Format) -> int:
    """Print which windows would be told of the signals in a file."""
    from casewright.cli.forecast import thought_of
    from casewright.cli.why_window_view import print_signals

    return print_signals(engine, thought_of(what_if), name, form)
