"""``casewright decide`` on a DMN file: a decision or a decision service of a model."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from casewright.cli.door import FINDINGS, FINE, UsageError
from casewright.cli.feel import json_lines, names
from casewright.cli.output import Format, write, write_json

if TYPE_CHECKING:
    from casewright.dmn.model import Evaluation, Model


def decide_model(
    path: Path, decision: str, context: str | None, form: Format, *, explain: bool
) -> int:
    """Print what a decision of a DMN file gives; with ``explain`` all that it took, too."""
    from casewright.cli.tagged import feel_text, tagged

    model = _model(path)
    found = _evaluated(model, decision, names(context))
    reasons = list(_reasons(model, found, explain=explain))
    if form is Format.JSON:
        shown: dict[str, Any] = {"value": tagged(found.value)}
        if explain:
            shown["decisions"] = {n: _told(v) for n, v in found.decisions.items()}
        write_json(shown | ({"problems": reasons} if reasons else {}))
    else:
        write(feel_text(found.value))
        for name, value in found.decisions.items() if explain else ():
            write(f"{name}: {_text(value)}")
    for reason in reasons if form is Format.TEXT else ():
        sys.stderr.write(f"{reason}\n")
    return FINDINGS if reasons and found.value is None else FINE


def decide_lines(path: Path, decision: str) -> int:
    """Answer ``{"id", "context"}`` lines with ``{"id", "value"}``."""
    from casewright.cli.tagged import tagged, untagged

    model = _model(path)
    wrong = 0
    for number, line in json_lines(None):
        given = cast("dict[str, Any]", line if isinstance(line, dict) else {})
        answer: dict[str, Any] = {"id": given.get("id", number)}
        try:
            context: dict[str, Any] = given.get("context") or {}
            inputs = {k: untagged(v) for k, v in context.items()}
            answer["value"] = tagged(_evaluated(model, decision, inputs).value)
        except (ValueError, AttributeError, UsageError) as err:
            answer["error"] = str(err)
            wrong += 1
        write_json(answer, compact=True)
    return FINDINGS if wrong else FINE


def _model(path: Path) -> "Model":
    from casewright import dmn

    return dmn.load(path)


def _evaluated(model: "Model", decision: str, inputs: dict[str, Any]) -> "Evaluation":
    from casewright.dmn.model import Evaluation
    from casewright.runtime.clock import SystemClock

    now = SystemClock().now()
    try:
        if decision in model.services and decision not in model.decisions:
            value = model.evaluate_service(decision, inputs, now=now)
            return Evaluation(value, {}, {})
        return model.explain(decision, inputs, now=now)
    except ValueError as err:
        raise UsageError(str(err)) from err


def _reasons(model: "Model", found: "Evaluation", *, explain: bool) -> Iterator[str]:
    """Yield what may be why the value is null, or with ``explain`` all that is wrong."""
    if found.value is None or explain:
        yield from found.notes
        wrong = (*model.problems, *model.check()) if explain else model.problems
        yield from (f"{p.span}: {p.code} {p.message}" for p in wrong)


def _text(value: Any) -> str:
    from casewright.cli.tagged import feel_text

    return feel_text(value)


def _told(value: Any) -> Any:
    """Return a value in the tagged form, or what FEEL's ``string`` makes of a function."""
    from casewright.cli.tagged import tagged

    try:
        return tagged(value)
    except ValueError:
        return _text(value)
