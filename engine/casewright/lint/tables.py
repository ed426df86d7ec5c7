"""Gaps, overlaps and rows without effect of decision tables, at their places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casewright.bind.places import Where
from casewright.dmn import analysis_problems

if TYPE_CHECKING:
    from casewright.bind.world import World


def lint_tables(world: World) -> None:
    """Report what the analysis of each compiled table finds; none of it is an error.

    Tables of a file with mistakes in its tables are left alone: what they lack is no gap.
    """
    faulty = {
        d.span.path
        for d in world.diagnostics
        if d.span is not None and d.severity == "error" and d.code.startswith("CW60")
    }
    for spec in world.packs.all("decision_table"):
        table = world.tables.get(spec.qualified) if spec.path not in faulty else None
        for problem in analysis_problems(table) if table is not None else ():
            place = problem.place
            in_text = place.end is not None and not place.file
            world.report(
                problem.code,
                Where(spec, place.pointer),
                f"{place.file}: {problem.message}" if place.file else problem.message,
                problem.hint,
                problem.severity,
                offset=place.start if in_text else None,
                key=place.pointer == "/rules" and not in_text,
            )
