"""``casewright decide``: evaluates decision tables of packs."""

import sys
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from casewright.cli.feel import json_lines, names
from casewright.cli.main import FINDINGS, FINE, UsageError
from casewright.cli.output import Format, write, write_json
from casewright.cli.validate import existing


def decide(
    paths: Annotated[list[Path], typer.Argument(help="Packs.")],
    table: Annotated[str, typer.Option("--table", "-t", help="Name, or pack.name.")],
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
    """Evaluate a decision table."""
    from casewright.cli.tagged import feel_text, tagged

    existing(paths)
    found = _table(paths, table)
    if jsonl:
        return _lines(found)
    inputs = names(context)
    value = found.evaluate(inputs)
    if format is Format.JSON:
        write_json({"value": tagged(value)})
    else:
        write(feel_text(value))
    if explain:
        write_json(found.explain(inputs))
    return FINE


def _table(paths: list[Path], name: str) -> Any:
    from casewright.program import compile_packs

    tables = compile_packs(paths).tables
    if name in tables:
        return tables[name]
    same = [qualified for qualified in tables if qualified.endswith(f".{name}")]
    if len(same) == 1:
        return tables[same[0]]
    known = ", ".join(sorted(same or tables))
    raise UsageError(f'{"several tables are" if same else "no table is"} named "{name}": {known}')


def _lines(table: Any) -> int:
    from casewright.cli.tagged import tagged, untagged

    wrong = 0
    for number, line in json_lines(None):
        given = cast("dict[str, Any]", line if isinstance(line, dict) else {})
        answer: dict[str, Any] = {"id": given.get("id", number)}
        try:
            inputs = {k: untagged(v) for k, v in (given.get("context") or {}).items()}
            answer["value"] = tagged(table.evaluate(inputs))
        except (ValueError, AttributeError) as err:
            answer["error"] = str(err)
            wrong += 1
        write_json(answer, compact=True)
    if wrong:
        sys.stderr.write(f"{wrong} lines could not be decided\n")
    return FINDINGS if wrong else FINE
