"""``casewright show`` and ``explain``: looks at one case without changing it."""

import json
from pathlib import Path
from typing import Annotated

import typer

from casewright.cli.door import FINE, UsageError
from casewright.cli.forecast import AtOption, WhatIfOption, print_timelines
from casewright.cli.opening import EventsOption, StoreOption, found_case, open_engine
from casewright.cli.output import Format, write, write_json

Packs = Annotated[list[Path], typer.Argument(help="Packs.")]
CaseName = Annotated[str, typer.Argument(help="Id or number of the case.")]
As = Annotated[Format, typer.Option("--format", help="How it is printed.")]


def show(
    paths: Packs,
    case: CaseName,
    store: StoreOption = None,
    events: EventsOption = None,
    format: As = Format.TEXT,
) -> int:
    """Show a case: fields, clocks, playbook, timers."""
    engine = open_engine(paths, store, events)
    found = found_case(engine, case)
    if format is Format.JSON:
        write_json(json.loads(engine.program.dump_case(found)))
        return FINE
    from casewright.cli.case_view import print_case

    print_case(engine, found)
    return FINE


def explain(
    paths: Packs,
    case: CaseName,
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
        str | None, typer.Option(help="Only this rule, in full; of the last event without --event.")
    ] = None,
    format: As = Format.TEXT,
) -> int:
    """Explain a case: what happened, what acted, what was refused, and why; or why not."""
    from casewright.cli.case_view import history_json, history_lines

    engine = open_engine(paths, store, events)
    if sla:
        return print_timelines(engine, found_case(engine, case), sla, what_if, at, format)
    if what_if is not None or at is not None:
        raise UsageError("--if and --at go with --sla; for all that would happen, see forecast")
    if event is not None or rule is not None:
        from casewright.cli.why_view import print_why

        return print_why(engine, found_case(engine, case), event or "", rule, format)
    found = engine.explain(found_case(engine, case).id, revision)
    if format is Format.JSON:
        write_json([history_json(item, trace=trace) for item in found])
        return FINE
    for line in history_lines(found, trace=trace):
        write(line)
    return FINE
