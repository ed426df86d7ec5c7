"""One function per code; each yields what it finds in one case type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from casewright.bind.places import Where
from casewright.lint.clocks import lint_clocks
from casewright.lint.comparisons import lint_comparisons
from casewright.lint.not_run import lint_not_run
from casewright.lint.rules import lint_rules
from casewright.lint.scenarios import lint_scenarios
from casewright.lint.tables import lint_tables
from casewright.lint.templates import lint_templates
from casewright.lint.unused import lint_unused
from casewright.sla import KeyedTarget

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from casewright.bind.shape import Shape
    from casewright.bind.world import World
    from casewright.errors import Diagnostic, Severity


class Finding(NamedTuple):
    """What a check has found, and where."""

    code: str
    where: Where
    message: str
    hint: str = ""
    severity: Severity = "warning"


def lint(
    world: World, shapes: Mapping[str, Shape], case_types: Mapping[str, Any]
) -> list[Diagnostic]:
    """Return what every check finds, reported through ``world``."""
    start = len(world.diagnostics)
    lint_tables(world)
    lint_comparisons(world, shapes)
    lint_scenarios(world, shapes)
    lint_templates(world)
    lint_not_run(world)
    lint_unused(world, shapes)
    lint_clocks(world, shapes, case_types)
    lint_rules(world, shapes, case_types)
    for name, ct in case_types.items():
        for check in CHECKS:
            for finding in check(shapes[name], ct):
                world.report(
                    finding.code,
                    finding.where,
                    finding.message,
                    finding.hint,
                    finding.severity,
                    key=True,
                )
    found = world.diagnostics[start:]
    del world.diagnostics[start:]
    return found


def unreachable_states(shape: Shape, ct: Any) -> Iterator[Finding]:
    """CW410: no transition leads to a state that is not the initial one."""
    if shape.flow_spec is None:
        return
    reached = {ct.flow.initial}
    grew = True
    while grew:
        grew = False
        for row in ct.flow.transitions:
            if row.to is not None and row.to not in reached and reached & set(row.sources):
                reached.add(row.to)
                grew = True
    for state in ct.flow.states:
        if state not in reached:
            yield Finding(
                "CW410",
                Where(shape.flow_spec, "/states") / state,
                f'no transition leads to state "{state}"',
                f"add a transition `to: {state}`, or remove the state",
            )


def dead_ends(shape: Shape, ct: Any) -> Iterator[Finding]:
    """CW411: a state that is not final and that nothing leads away from."""
    if shape.flow_spec is None:
        return
    left = {
        s for row in ct.flow.transitions if row.to is not None for s in row.sources if row.to != s
    }
    for name, state in ct.flow.states.items():
        if not state.final and name not in left:
            yield Finding(
                "CW411",
                Where(shape.flow_spec, "/states") / name,
                f'state "{name}" is not final and no transition leads from it',
                "mark it `final: true`, or add a transition",
            )


def without_roles(shape: Shape, ct: Any) -> Iterator[Finding]:
    """CW412: nobody restricts a case type."""
    if ct.roles.is_open:
        yield Finding(
            "CW412",
            Where(shape.spec, "/name"),
            f"no roles are `for: {shape.bare}`, so it is open to all",
            "write `kind: roles` for it",
        )


def uncovered_targets(shape: Shape, ct: Any) -> Iterator[Finding]:
    """CW510: a value of the field that keys the targets of a clock has none."""
    for name, clock in ct.clocks.items():
        if isinstance(clock.target, KeyedTarget) and clock.target.uncovered:
            values = ", ".join(clock.target.uncovered)
            yield Finding(
                "CW510",
                shape.clocks[name].where / "target",
                f'clock "{name}" has no target for {values}; such cases have no clock',
                "add a target, if one is promised",
                "info",
            )


CHECKS: tuple[Callable[[Shape, Any], Iterator[Finding]], ...] = (
    unreachable_states,
    dead_ends,
    without_roles,
    uncovered_targets,
)
