"""``casewright decide``: evaluates decision tables of packs, and decisions of DMN files."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from casewright.cli.decide_model import decide_lines, decide_model
from casewright.cli.door import FINDINGS, FINE, UsageError
from casewright.cli.feel import json_lines, names
from casewright.cli.output import Format, write, write_json
from casewright.cli.validate import existing

if TYPE_CHECKING:
    from casewright.dmn import Decision, Table


def decide(
    paths: Annotated[list[Path], typer.Argument(help="Packs, or one DMN file.")],
    table: Annotated[
        str, typer.Option("--table", "-t", help="Table: name or pack.name; decision of a file.")
    ],
    context: Annotated[
        str | None, typer.Option(help="JSON object of the inputs, or @FILE; plain or tagged.")
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show which rows match, and why others do not.")
    ] = False,
    jsonl: Annotated[
        bool,
        typer.Option("--jsonl", help='Read {"id", "context"} lines, write {"id", "value"}.'),
    ] = False,
    format: Annotated[Format, typer.Option(help="How the result is printed.")] = Format.TEXT,
) -> int:
    """Evaluate a decision table, or a decision of a DMN file."""
    from casewright.cli.tagged import feel_text, tagged

    existing(paths)
    if len(paths) == 1 and paths[0].suffix == ".dmn":
        if jsonl:
            return decide_lines(paths[0], table)
        return decide_model(paths[0], table, context, format, explain=explain)
    found = _table(paths, table)
    if jsonl:
        return _lines(found)
    inputs = names(context)
    decision = _decided(found, inputs)
    if format is Format.JSON:
        write_json({"value": tagged(decision.outputs), **_reasons(decision, explain=explain)})
    else:
        write(feel_text(decision.outputs))
        for line in _reason_lines(decision, explain=explain):
            write(line)
    return FINDINGS if decision.error else FINE


def _table(paths: list[Path], name: str) -> "Table":
    from casewright.program import compile_packs

    tables = compile_packs(paths).tables
    if name in tables:
        return tables[name]
    same = [qualified for qualified in tables if qualified.endswith(f".{name}")]
    if len(same) == 1:
        return tables[same[0]]
    known = ", ".join(sorted(same or tables))
    raise UsageError(f'{"several tables are" if same else "no table is"} named "{name}": {known}')


def _decided(table: "Table", inputs: dict[str, Any]) -> "Decision":
    from casewright import dmn

    try:
        return dmn.decide(table, inputs)
    except AttributeError as err:
        message = f"{table.name} reads more than its inputs, so it needs a case"
        raise UsageError(message) from err
    except ValueError as err:
        raise UsageError(str(err)) from err


def _reasons(decision: "Decision", *, explain: bool) -> dict[str, Any]:
    reasons: dict[str, Any] = {"error": decision.error} if decision.error else {}
    if explain:
        found = decision.explanation
        reasons["matched"] = [{"row": m.row, "cells": m.cells} for m in found.matched]
        reasons["near"] = [str(miss) for miss in found.near]
    return reasons


def _reason_lines(decision: "Decision", *, explain: bool) -> Iterator[str]:
    if decision.error:
        yield f"error: {decision.error}"
    if not explain:
        return
    for matched in decision.explanation.matched:
        cells = ", ".join(f"{name}: {cell or '(empty)'}" for name, cell in matched.cells.items())
        yield f"row {matched.row} matches: {cells}"
    for miss in decision.explanation.near:
        yield str(miss)


def _lines(table: "Table") -> int:
    from casewright.cli.tagged import tagged, untagged

    wrong = 0
    for number, line in json_lines(None):
        given = cast("dict[str, Any]", line if isinstance(line, dict) else {})
        answer: dict[str, Any] = {"id": given.get("id", number)}
        try:
            context: dict[str, Any] = given.get("context") or {}
            inputs = {k: untagged(v) for k, v in context.items()}
            decision = _decided(table, inputs)
            key = "error" if decision.error else "value"
            answer[key] = decision.error or tagged(decision.outputs)
        except (ValueError, AttributeError, UsageError) as err:
            answer["error"] = str(err)
        wrong += "error" in answer
        write_json(answer, compact=True)
    if wrong:
        sys.stderr.write(f"{wrong} lines could not be decided\n")
    return FINDINGS if wrong else FINE
