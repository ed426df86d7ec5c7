"""``casewright feel``: evaluates expressions."""

import json
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from casewright.cli.door import FINDINGS, FINE, UsageError
from casewright.cli.output import Format, write, write_json


def feel(
    expression: Annotated[
        str | None,
        typer.Argument(help="FEEL; with --jsonl a file of lines instead (standard input without)."),
    ] = None,
    context: Annotated[
        str | None,
        typer.Option(help="JSON object of the names, or @FILE; values plain or tagged."),
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show the value of every part.")
    ] = False,
    jsonl: Annotated[
        bool,
        typer.Option(
            "--jsonl", help='Read {"id", "expression", "context"} lines, write {"id", "value"}.'
        ),
    ] = False,
    format: Annotated[Format, typer.Option(help="How the value is printed.")] = Format.TEXT,
) -> int:
    """Evaluate a FEEL expression (DMN 1.5)."""
    if jsonl:
        return _lines(expression)
    if expression is None:
        raise UsageError("an expression is needed, or --jsonl")
    return _one(expression, names(context), explain=explain, form=format)


def names(text: str | None) -> dict[str, Any]:
    """Return the context that an option gives: JSON, or a file of it after ``@``.

    Raises:
        UsageError: it is no JSON object.
    """
    from casewright.cli.tagged import untagged

    if text is None:
        return {}
    source = Path(text[1:]).read_text("utf-8") if text.startswith("@") else text
    try:
        value = json.loads(source, parse_float=Decimal)
    except ValueError as err:
        raise UsageError(f"--context is no JSON: {err}") from err
    if not isinstance(value, dict):
        raise UsageError("--context is no JSON object")
    return {k: untagged(v) for k, v in cast("dict[str, Any]", value).items()}


def json_lines(path: str | None) -> Iterator[tuple[int, Any]]:
    """Yield number and value of each line of a file, of standard input without one.

    Raises:
        UsageError: a line is no JSON; the message has its place.
    """
    name = "<stdin>" if path in (None, "-") else str(path)
    lines = sys.stdin if path in (None, "-") else Path(name).open(encoding="utf-8")  # noqa: SIM115
    with lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                yield number, json.loads(line, parse_float=Decimal)
            except ValueError as err:
                raise UsageError(f"{name}:{number}: no JSON: {err}") from err


def _one(expression: str, context: dict[str, Any], *, explain: bool, form: Format) -> int:
    from casewright import feel as language
    from casewright.cli.tagged import feel_text, tagged
    from casewright.feel.names import long_names
    from casewright.runtime.clock import SystemClock

    try:
        compiled = language.compile(expression, names=long_names(context))
        value = compiled.evaluate(context, now=SystemClock().now())
    except language.FeelError as err:
        return _refused(expression, err, form)
    if form is Format.JSON:
        write_json({"value": tagged(value)})
    else:
        write(feel_text(value))
    if explain:
        for line in compiled.explain(context).lines():
            write(line)
    return FINE


def _refused(expression: str, err: Any, form: Format) -> int:
    if form is Format.JSON:
        problems = [
            {"code": p.code, "message": p.message, "start": p.start, "end": p.end, "hint": p.hint}
            for p in err.problems
        ]
        write_json({"error": str(err), "problems": problems})
        return FINDINGS
    for problem in err.problems:
        sys.stderr.write(f"error: {problem.message}\n  {expression}\n")
        width = max(1, problem.end - problem.start)
        sys.stderr.write(f"  {' ' * problem.start}{'^' * width}\n")
        if problem.hint:
            sys.stderr.write(f"  {problem.hint}\n")
    return FINDINGS


def _lines(path: str | None) -> int:
    from casewright.cli.tagged import untagged

    for number, line in json_lines(path):
        given = cast("dict[str, Any]", line if isinstance(line, dict) else {})
        answer: dict[str, Any] = {"id": given.get("id", number)}
        try:
            context = untagged({"context": given.get("context") or {}})
            answer |= evaluated(given["expression"], context)
        except (KeyError, TypeError, AttributeError):
            answer["error"] = 'a line is an object with "expression"'
        except ValueError as err:
            answer["error"] = str(err)
        write_json(answer, compact=True)
    return FINE


def evaluated(expression: str, context: dict[str, Any]) -> dict[str, Any]:
    """Return ``{"value": tagged}`` of an expression, or ``{"error": reason}``."""
    from casewright import feel as language
    from casewright.cli.tagged import tagged
    from casewright.runtime.clock import SystemClock

    try:
        now = SystemClock().now()
        return {"value": tagged(language.evaluate(expression, context, now=now))}
    except (language.FeelError, language.BudgetExceeded, ValueError) as err:
        return {"error": str(err)}
