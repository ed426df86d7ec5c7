"""``casewright rules``: the rules of a case type in the order in which they are tried."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from casewright.cli.door import FINE, UsageError
from casewright.cli.output import Format, write_json, write_table
from casewright.cli.validate import existing

if TYPE_CHECKING:
    from casewright.program import Program
    from casewright.program.kind import CaseType
    from casewright.spec.models.rules import CaseRule

_COLUMNS = ("order", "priority", "rule", "on", "when", "sets", "place")


def rules(
    paths: Annotated[list[Path], typer.Argument(help="Packs.")],
    case_type: Annotated[str, typer.Argument(help="Name of the case type.")],
    on: Annotated[
        str, typer.Option("--on", help="Only those that an event of this type may concern.")
    ] = "",
    format: Annotated[Format, typer.Option("--format", help="How it is printed.")] = Format.TEXT,
) -> int:
    """List the rules of a case type in the order in which they are tried."""
    from casewright.program import compile_packs

    existing(paths)
    program = compile_packs(paths)
    ct = program.case_type(case_type)
    if on and on not in {*ct.heard, *ct.flow.event_types}:
        known = ", ".join(sorted({event for rule in ct.rules.rules for event in rule.on}))
        raise UsageError(f'no rule of {ct.bare} is on "{on}"; there are {known or "none"}')
    found = _listed(program, ct, on)
    if format is Format.JSON:
        write_json(found)
    else:
        rows = [[_cell(line[column]) for column in _COLUMNS] for line in found]
        write_table(_COLUMNS, rows, title=f"Rules of {ct.bare}; what is set later stays")
    return FINE


def _cell(value: Any) -> Any:
    return ", ".join(cast("list[str]", value)) if isinstance(value, list) else value


def _listed(program: "Program", ct: "CaseType", event: str) -> list[dict[str, Any]]:
    """Return the rules in order: by priority, then as packs, files and lists have them."""
    from casewright.bind.places import Where

    models: dict[str, CaseRule] = {
        str(Where(spec, "/rules") / name): model
        for spec in program.packs.all("rules")
        for name, model in spec.model.rules.items()
    }
    return [
        {
            "order": rule.order + 1,
            "priority": models[rule.place].priority,
            "rule": rule.name,
            "on": list(rule.on) or ["becomes true"],
            "when": None if rule.when is None else rule.when.text,
            "sets": _fields(models[rule.place]),
            "place": rule.place,
        }
        for rule in ct.rules.rules
        if not event or not rule.on or event in rule.on
    ]


def _fields(model: "CaseRule") -> list[str]:
    """Return the names of the fields that a rule may set."""
    from casewright.bind.shape import walk_actions

    found = [name for action in walk_actions(model) for name in getattr(action, "set", {})]
    return sorted(set(found))
