"""``casewright report``: figures over many cases, of clocks or of an indicator of ``views``."""

import csv
import io
import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from casewright.cli.door import FINE, UsageError
from casewright.cli.forecast import length, now_of
from casewright.cli.opening import EventsOption, StoreOption, open_engine
from casewright.cli.output import plain, write_json, write_table
from casewright.cli.run import moment

if TYPE_CHECKING:
    from casewright.runtime import Engine
    from casewright.sla.figures import ClockFigures
    from casewright.store import CaseFilter

_COUNTS = ("instances", "open", "met", "missed", "cancelled", "overdue", "expiring_today")
_TITLES = {
    "instances": "all",
    "expiring_today": "expiring today",
    "achieved_percent": "achieved %",
    "breached_percent": "breached %",
    "average_age_s": "average age",
}


class ReportFormat(StrEnum):
    """How a report is printed."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"


def report(
    paths: Annotated[list[Path], typer.Argument(help="Packs.")],
    store: StoreOption = None,
    events: EventsOption = None,
    by: Annotated[
        str, typer.Option(help="Group by a field of the cases, by state or by case_type.")
    ] = "",
    indicator: Annotated[
        str, typer.Option(help="An indicator of a `views` spec, instead of the clocks.")
    ] = "",
    case_type: Annotated[str, typer.Option(help="Only cases of this type.")] = "",
    only: Annotated[
        list[str] | None, typer.Option(help="Only cases with field=value; may be repeated.")
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            help='What "now" and "today" are; the machine\'s time, or that of the events.'
        ),
    ] = None,
    format: Annotated[
        ReportFormat, typer.Option("--format", help="How it is printed.")
    ] = ReportFormat.TEXT,
) -> int:
    """Report over many cases: clocks met, missed, overdue and expiring today, or an indicator."""
    from casewright.errors import EventError

    if indicator and (by or case_type or only):
        raise UsageError(
            "an indicator says by itself which cases it is of and how they are grouped"
        )
    now = None if at is None else moment(at)
    engine = open_engine(paths, store, events)
    now = now or now_of(engine)
    try:
        if indicator:
            found = engine.indicator(indicator, at=now)
            rows = [{"group": f.group, "value": f.value, "count": f.count} for f in found]
        else:
            where = _where(engine, case_type, only or [])
            rows = [_row(one, by) for one in engine.report(by or None, where, at=now)]
    except EventError as err:
        raise UsageError(str(err)) from err
    _print(rows, format, indicator)
    return FINE


def _where(engine: "Engine", case_type: str, only: Sequence[str]) -> "CaseFilter":
    """Return the filter that the options make.

    Raises:
        UsageError: one of them is not ``field=value``.
    """
    from casewright.store import CaseFilter

    types: tuple[str, ...] = ()
    if case_type:
        name = engine.program.case_type(case_type).name
        types = tuple(k for k, ct in engine.program.case_types.items() if name in (k, *ct.lineage))
    fields: dict[str, Any] = {}
    for text in only:
        field, is_pair, value = text.partition("=")
        if not is_pair:
            raise UsageError(f'"{text}" is no filter; write field=value')
        fields[field.strip()] = _value(value.strip())
    return CaseFilter(case_types=types, fields=fields)


def _value(text: str) -> Any:
    if text in ("true", "false"):
        return text == "true"
    return int(text) if text.isdecimal() else text


def _row(one: "ClockFigures", by: str) -> dict[str, Any]:
    age = one.average_age
    return (
        ({by: one.group} if by else {})
        | {"clock": one.clock}
        | {name: getattr(one, name) for name in _COUNTS}
        | {
            "achieved_percent": one.achieved,
            "breached_percent": one.breached,
            "average_age_s": None if age is None else int(age.total_seconds()),
            "breaches": one.breaches,
        }
    )


def _print(rows: Sequence[Mapping[str, Any]], form: ReportFormat, title: str) -> None:
    if form is ReportFormat.JSON:
        write_json(rows)
        return
    names = list(rows[0]) if rows else []
    if form is ReportFormat.CSV:
        out = io.StringIO()
        table = csv.writer(out, lineterminator="\n")
        table.writerow(names)
        table.writerows([plain(row[name]) for name in names] for row in rows)
        sys.stdout.write(out.getvalue())
        return
    cells = [
        [length(row[n] * 1_000_000) if n == "average_age_s" and row[n] else row[n] for n in names]
        for row in rows
    ]
    write_table([_TITLES.get(n, n.replace("_", " ")) for n in names], cells, title=title or None)
