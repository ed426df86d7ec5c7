"""``casewright validate``: checks packs without running them."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from casewright.cli.door import FINDINGS, FINE, UsageError
from casewright.cli.networks import Network, NetworkOption, wanted_network
from casewright.cli.output import write

if TYPE_CHECKING:
    from casewright.errors import Diagnostic
    from casewright.rules.networks.choosing import NetworkUse, Wanted


class Report(StrEnum):
    """How diagnostics are printed."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"
    JUNIT = "junit"


Paths = Annotated[list[Path], typer.Argument(help="Packs, folders of packs, or files of specs.")]


def validate(
    paths: Paths,
    format: Annotated[Report, typer.Option(help="For people, programs or CI.")] = Report.TEXT,
    strict: Annotated[
        bool, typer.Option("--strict", help="Warnings are findings too: exit code 1.")
    ] = False,
    verbose: Annotated[
        bool,
        typer.Option(
            "--verbose", "-v", help="Show notes too, and what runs rules over several facts."
        ),
    ] = False,
    network: NetworkOption = Network.AUTO,
) -> int:
    """Check schema, references, types and reachability; report every mistake at once."""
    from casewright.spec import formats

    existing(paths)
    found, uses = _found(paths, wanted_network(network))
    diagnostics = [d for d in found if verbose or d.severity != "info"]
    text = getattr(formats, format.value)(diagnostics)
    if text:
        write(text)
    if verbose and format is Report.TEXT:
        for use in uses:
            write(f"{use.production} runs on the {use.network} network: {use.reason}")
    worst = {d.severity for d in diagnostics}
    return FINDINGS if "error" in worst or (strict and "warning" in worst) else FINE


def _found(
    paths: list[Path], network: "Wanted"
) -> "tuple[list[Diagnostic], tuple[NetworkUse, ...]]":
    """Return what is wrong with packs, without overlays and with those of each domain.

    With it comes what runs their rules over several facts; nothing where they have mistakes.
    """
    from casewright.errors import in_order
    from casewright.program import check_packs
    from casewright.spec.packs import load_packs

    packs, found = load_packs(paths)
    program, more = check_packs(packs, network=network)
    found += more
    for domain in packs.domains:
        found += check_packs(paths, domain=domain)[1]
    return in_order(found), () if program is None else program.networks


def existing(paths: list[Path]) -> None:
    """Check that there is something at each path.

    Raises:
        UsageError: there is not.
    """
    for path in paths:
        if not path.exists():
            raise UsageError(f"{path}: no such file or folder")
