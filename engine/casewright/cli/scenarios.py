"""``casewright test``: runs the scenarios of packs."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from casewright.cli.door import FINDINGS, FINE, UsageError
from casewright.cli.networks import Network, NetworkOption, wanted_network
from casewright.cli.output import write, write_json, write_table
from casewright.cli.validate import existing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casewright.testing import Coverage, ScenarioResult


class Report(StrEnum):
    """How results are printed."""

    TEXT = "text"
    JSON = "json"
    JUNIT = "junit"


def run_tests(
    paths: Annotated[list[Path], typer.Argument(help="Packs.")],
    wanted: Annotated[str, typer.Option("-k", help="Only scenarios with this in the name.")] = "",
    coverage: Annotated[
        bool, typer.Option("--coverage", help="Show what no scenario has touched.")
    ] = False,
    fail_under: Annotated[
        float | None, typer.Option(help="Exit code 1 below this coverage in percent.")
    ] = None,
    shuffle: Annotated[
        int | None, typer.Option(help="Seed of another order of messages between cases.")
    ] = None,
    format: Annotated[Report, typer.Option(help="For people, programs or CI.")] = Report.TEXT,
    network: NetworkOption = Network.AUTO,
) -> int:
    """Run the scenarios of packs."""
    from casewright.program import check_packs
    from casewright.testing import Coverage, Runner, run_scenarios

    existing(paths)
    wanted_by = wanted_network(network)
    program, diagnostics = check_packs(paths, network=wanted_by)
    if program is None:
        from casewright.errors import SpecError

        raise SpecError(diagnostics)
    packs = program.packs
    given = [name for name, pack in packs.packs.items() if pack.is_given]
    counted = Coverage(given) if coverage or fail_under is not None else None
    runner = Runner(packs, program=program, shuffle=shuffle, coverage=counted, network=wanted_by)
    if counted is not None:
        counted.watch(program)
    results = list(run_scenarios(runner, packs, wanted))
    if not results:
        raise UsageError(f'no scenario has "{wanted}" in its name' if wanted else "no scenarios")
    _REPORTS[format](results, counted)
    low = counted is not None and fail_under is not None and counted.percent < fail_under
    return FINDINGS if low or not all(r.passed for r in results) else FINE


def _text(results: "Sequence[ScenarioResult]", coverage: "Coverage | None") -> None:
    from casewright.testing.results import summary

    for result in results:
        if not result.passed:
            write(result.text() + "\n")
    if coverage is not None:
        report = coverage.report()
        rows = [(c.kind, f"{c.touched} of {c.all}", f"{c.percent:.0f} %") for c in report]
        rows.append(("all", "", f"{coverage.percent:.0f} %"))
        write_table(("what", "touched", ""), rows)
        for covered in report:
            for name in covered.missing:
                write(f"no scenario touches {covered.kind} {name}")
    write(summary(results))


def _json(results: "Sequence[ScenarioResult]", coverage: "Coverage | None") -> None:
    answer: dict[str, Any] = {
        "passed": sum(r.passed for r in results),
        "failed": sum(not r.passed for r in results),
        "scenarios": [
            {
                "name": r.name,
                "place": str(r.span) if r.span else None,
                "passed": r.passed,
                "steps": r.steps,
                "differences": [
                    {
                        "step": d.step,
                        "what": d.what,
                        "place": str(d.span) if d.span else None,
                        "path": d.path,
                        "expected": d.expected,
                        "came": d.came,
                        "reasons": d.reasons,
                    }
                    for d in r.differences
                ],
            }
            for r in results
        ],
    }
    if coverage is not None:
        answer["coverage"] = {
            "percent": round(coverage.percent, 2),
            "kinds": [
                {"kind": c.kind, "touched": c.touched, "all": c.all, "missing": c.missing}
                for c in coverage.report()
            ],
        }
    write_json(answer)


def _junit(results: "Sequence[ScenarioResult]", coverage: "Coverage | None") -> None:
    from xml.sax.saxutils import escape, quoteattr

    del coverage
    failed = sum(not r.passed for r in results)
    write('<?xml version="1.0" encoding="UTF-8"?>')
    write(f'<testsuite name="casewright" tests="{len(results)}" failures="{failed}">')
    for r in results:
        pack, _, name = r.name.partition(".")
        head = f"  <testcase classname={quoteattr(pack)} name={quoteattr(name)}"
        head += f' time="{r.seconds:.3f}"'
        if r.passed:
            write(f"{head}/>")
        else:
            first = r.differences[0]
            message = quoteattr(f"{first.path}: expected {first.expected}, came {first.came}")
            write(f"{head}>\n    <failure message={message}>{escape(r.text())}</failure>")
            write("  </testcase>")
    write("</testsuite>")


_REPORTS = {Report.TEXT: _text, Report.JSON: _json, Report.JUNIT: _junit}
