"""``casewright graph``: diagrams of state flows, playbooks and decisions."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from casewright.cli.main import FINE, UsageError
from casewright.cli.output import write
from casewright.cli.validate import existing


class Picture(StrEnum):
    """How a diagram is written."""

    MERMAID = "mermaid"
    SVG = "svg"


class Subject(StrEnum):
    """What a diagram shows."""

    STATE_FLOW = "state_flow"
    PLAYBOOK = "playbook"
    DECISIONS = "decisions"


def graph(
    paths: Annotated[list[Path], typer.Argument(help="Packs, then the name of a spec.")],
    of: Annotated[Subject, typer.Option(help="What to draw.")] = Subject.STATE_FLOW,
    format: Annotated[Picture, typer.Option(help="Mermaid text or an SVG picture.")] = (
        Picture.MERMAID
    ),
    out: Annotated[Path | None, typer.Option(help="File to write instead of printing.")] = None,
) -> int:
    """Draw a state flow, a playbook or the decisions of packs."""
    raise UsageError(f"{paths} {of} {format} {out} {existing} {FINE} {write}")
