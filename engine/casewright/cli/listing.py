"""``casewright list``: cases, or a view of them as a reader sees it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from casewright.cli.door import FINE, UsageError
from casewright.cli.opening import EventsOption, StoreOption, open_engine
from casewright.cli.output import Format, write_json, write_table

if TYPE_CHECKING:
    from casewright.case import Actor, Case
    from casewright.program import Program
    from casewright.runtime import Engine
    from casewright.views.definition import ListView, Row, Views

_COLOURS = {"red": "red", "orange": "yellow", "yellow": "yellow", "blue": "blue", "gray": "dim"}
_PLAIN_COLUMNS = ("number", "id", "type", "state", "about", "updated")


def list_cases(
    paths: Annotated[list[Path], typer.Argument(help="Packs.")],
    store: StoreOption = None,
    events: EventsOption = None,
    view: Annotated[str, typer.Option(help="A list of a `views` spec: its name.")] = "",
    reader: Annotated[
        str, typer.Option("--as", help="Who reads the view: an id, or id:role,role.")
    ] = "",
    case_type: Annotated[str, typer.Option(help="Only cases of this type.")] = "",
    state: Annotated[str, typer.Option(help="Only cases in this state.")] = "",
    limit: Annotated[int, typer.Option(help="At most so many; 0 for all.")] = 0,
    format: Annotated[Format, typer.Option("--format", help="How it is printed.")] = Format.TEXT,
) -> int:
    """List cases, or a view of them."""
    from casewright.store import CaseFilter

    engine = open_engine(paths, store, events)
    if view:
        return _list_view(engine, view, case_type, _reader(reader), format)
    types = (engine.program.case_type(case_type).name,) if case_type else ()
    states = (state,) if state else ()
    found = engine.cases(CaseFilter(case_types=types, states=states, limit=limit))
    if format is Format.JSON:
        write_json([json.loads(engine.program.dump_case(case)) for case in found])
        return FINE
    write_table(_PLAIN_COLUMNS, [_line(case) for case in found])
    return FINE


def _line(case: "Case") -> tuple[Any, ...]:
    about = case.fields.get("short_description") or case.fields.get("title")
    bare = case.case_type.rpartition(".")[2]
    return (case.number, case.id, bare, case.state, about, case.updated_at)


def _reader(text: str) -> "Actor":
    from casewright.case import Actor

    name, _, roles = text.partition(":")
    return Actor(name or "reader", tuple(role for role in roles.split(",") if role))


def _list_view(engine: "Engine", name: str, case_type: str, reader: "Actor", form: Format) -> int:
    from casewright.store import CaseFilter

    program = cast("Program", engine.program)
    of, views = _found(program, name, case_type)
    types = tuple(k for k, ct in program.case_types.items() if of in ct.lineage or k == of)
    cases = engine.cases(CaseFilter(case_types=types))
    chosen = views.lists[name]
    rows = _rows(engine, chosen, views, cases, reader)
    columns = [column.title for column in chosen.columns]
    if form is Format.JSON:
        paths = [column.path for column in chosen.columns]
        write_json(
            [
                {"id": row.id, "cells": dict(zip(paths, row.cells, strict=True))}
                | {"colours": dict(row.colours)}
                for row in rows
            ]
        )
    else:
        write_table(columns, [row.cells for row in rows], title=chosen.title)
    return FINE


def _found(program: "Program", name: str, case_type: str) -> "tuple[str, Views]":
    """Return the case type whose views have a list of this name; the nearest to the root wins."""
    types = program.case_types
    chosen = {program.case_type(case_type).name} if case_type else set(types)
    having = [k for k in types if k in chosen and name in types[k].views.lists]
    roots = [k for k in having if not any(base in having for base in types[k].lineage[1:])]
    if len(roots) == 1:
        return roots[0], types[roots[0]].views
    if roots:
        raise UsageError(f'"{name}" is a list of {", ".join(roots)}: say which by --case-type')
    known = sorted({one for k in chosen for one in types[k].views.lists})
    raise UsageError(f'no list is named "{name}"; there are {", ".join(known) or "none"}')


def _rows(
    engine: "Engine", chosen: "ListView", views: "Views", cases: "list[Case]", reader: "Actor"
) -> "list[Row]":
    from casewright.view import RecordsMissing

    program = cast("Program", engine.program)
    reading = engine.reading()
    while True:
        now = engine.clock.now()
        seen = [
            program.view(case, reading.related, actor=reader, now=max(now, case.updated_at))
            for case in cases
        ]
        try:
            return chosen.rows(seen, views.highlights)
        except RecordsMissing as missing:
            reading.add(missing.needs)
