"""``casewright graph``: diagrams of state flows, playbooks and decisions."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from casewright.cli.door import FINE, UsageError
from casewright.cli.output import write
from casewright.cli.validate import existing

if TYPE_CHECKING:
    from casewright.graph import Diagram
    from casewright.spec.models.common import SpecModel
    from casewright.spec.pack_set import PackSet


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
    paths: Annotated[list[Path], typer.Argument(help="Packs.")],
    name: Annotated[str, typer.Argument(help="Name of the spec; with decisions of the pack.")],
    of: Annotated[Subject, typer.Option(help="What to draw.")] = Subject.STATE_FLOW,
    format: Annotated[Picture, typer.Option(help="Mermaid text or an SVG picture.")] = (
        Picture.MERMAID
    ),
    out: Annotated[Path | None, typer.Option(help="File to write instead of printing.")] = None,
) -> int:
    """Draw a state flow, a playbook or the decisions of a pack."""
    from casewright.errors import SpecError
    from casewright.spec.packs import load_packs

    existing(paths)
    packs, diagnostics = load_packs(paths)
    if any(d.severity == "error" for d in diagnostics):
        raise SpecError(diagnostics)
    text = _drawn(packs, name, of, format)
    if out is None:
        write(text.rstrip("\n"))
    else:
        out.write_text(text, "utf-8")
        write(f"{out} written")
    return FINE


def _drawn(packs: "PackSet", name: str, of: Subject, form: Picture) -> str:
    from casewright import graph as drawing
    from casewright.spec.models.flows import StateFlow
    from casewright.spec.models.playbooks import Playbook

    is_svg = form is Picture.SVG
    if of is Subject.DECISIONS:
        diagram = _decisions(packs, name)
        return drawing.svg_diagram(diagram) if is_svg else drawing.mermaid_diagram(diagram)
    model = _model(packs, of.value, name)
    if isinstance(model, StateFlow):
        diagram = drawing.state_flow_diagram(model)
        return drawing.svg_diagram(diagram) if is_svg else drawing.mermaid_diagram(diagram)
    if not isinstance(model, Playbook):
        raise UsageError(f"a {of.value} cannot be drawn")
    board = drawing.playbook_board(model)
    return drawing.svg_board(board) if is_svg else drawing.mermaid_board(board)


def _decisions(packs: "PackSet", pack: str) -> "Diagram":
    from casewright import graph as drawing
    from casewright.spec.models.decisions import DecisionTable

    if pack not in packs.packs:
        raise UsageError(f'no pack is named "{pack}"; there are {", ".join(packs.packs)}')
    models = [spec.model for spec in packs.packs[pack].specs if spec.kind == "decision_table"]
    tables = [model for model in models if isinstance(model, DecisionTable)]
    return drawing.decision_diagram(pack, tables)


def _model(packs: "PackSet", kind: str, name: str) -> "SpecModel":
    found = [s for s in packs.all(kind) if name in (s.name, s.qualified)]
    if len(found) > 1:
        raise UsageError(f'"{name}" is in several packs: {", ".join(s.qualified for s in found)}')
    if not found:
        known = ", ".join(s.qualified for s in packs.all(kind)) or "none"
        raise UsageError(f'no {kind.replace("_", " ")} is named "{name}"; there are {known}')
    model: SpecModel = found[0].model
    return model
