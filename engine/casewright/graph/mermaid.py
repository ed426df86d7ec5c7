"""Diagrams and boards as Mermaid text, which many Markdown viewers draw themselves."""

from __future__ import annotations

import itertools
import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from casewright.graph.diagram import Board, Card, Diagram, Edge, Node

_SPECIAL = re.compile(r'[#;:{}<>"\[\]|`]')


def mermaid_diagram(diagram: Diagram) -> str:
    """Return a diagram as Mermaid: a state diagram, or a flowchart where it has no states."""
    has_states = any(node.kind in ("state", "final") for node in diagram.nodes)
    return _state_diagram(diagram) if has_states else _flowchart(diagram)


def mermaid_board(board: Board) -> str:
    """Return a board as a Mermaid flowchart, each column a subgraph."""
    lines = [*_head(board.title), "flowchart LR"]
    ends: list[tuple[str, str]] = []
    for number, column in enumerate(board.columns):
        lines.append(f'  subgraph stage{number}["{_text(column.title)}"]')
        lines.append("    direction TB")
        names = [f"s{number}a{at}" for at in range(len(column.cards))]
        lines += [f"    {n}{_card(c)}" for n, c in zip(names, column.cards, strict=True)]
        steps = [n for n, c in zip(names, column.cards, strict=True) if not _is_advice(c)]
        lines += [f"    {a} --> {b}" for a, b in itertools.pairwise(steps)]
        lines.append("  end")
        ends.append((f"stage{number}", column.title))
    lines += [f"  {a[0]} --> {b[0]}" for a, b in itertools.pairwise(ends)]
    return "\n".join(lines) + "\n"


def _is_advice(card: Card) -> bool:
    return "recommendation" in card.lines


def _card(card: Card) -> str:
    text = _text(card.title) + "".join(f"<br/><small>{_text(line)}</small>" for line in card.lines)
    return f'(["{text}"])' if card.optional else f'["{text}"]'


def _head(title: str) -> list[str]:
    return ["---", f"title: {json.dumps(title, ensure_ascii=False)}", "---"]


def _state_diagram(diagram: Diagram) -> str:
    lines = [*_head(diagram.title), "stateDiagram-v2"]
    for node in diagram.nodes:
        if node.kind == "start":
            continue
        lines.append(f'  state "{_text(node.title)}" as {_id(node)}')
    names = {n.id: "[*]" if n.kind == "start" else _id(n) for n in diagram.nodes}
    for edge in diagram.edges:
        lines.append(f"  {names[edge.source]} --> {names[edge.target]}{_along(edge)}")
    lines += [f"  {_id(node)} --> [*]" for node in diagram.nodes if node.kind == "final"]
    for node in diagram.nodes:
        if node.lines:
            lines.append(f"  note right of {_id(node)}")
            lines += [f"    {_text(line)}" for line in node.lines]
            lines.append("  end note")
    lines += [f"  %% {subject}: {text}" for subject, text in diagram.notes]
    return "\n".join(lines) + "\n"


def _along(edge: Edge) -> str:
    texts = [_text(label.text) for label in edge.labels]
    return f" : {'<br/>'.join(texts)}" if texts else ""


def _flowchart(diagram: Diagram) -> str:
    lines = [*_head(diagram.title), "flowchart TD"]
    for node in diagram.nodes:
        text = "<br/>".join(_text(line) for line in (node.title, *node.lines))
        shape = f'(["{text}"])' if node.kind == "input" else f'["{text}"]'
        lines.append(f"  {_id(node)}{shape}")
    for edge in diagram.edges:
        texts = "<br/>".join(_text(label.text) for label in edge.labels)
        arrow = "-.->" if edge.dashed else "-->"
        label = f'|"{texts}"|' if texts else ""
        lines.append(f"  {_name(edge.source)} {arrow}{label} {_name(edge.target)}")
    return "\n".join(lines) + "\n"


def _id(node: Node) -> str:
    return _name(node.id)


def _name(text: str) -> str:
    """Return an id that is no word of Mermaid, such as ``end``."""
    name = re.sub(r"\W", "_", text)
    return f"{name}_" if name in ("end", "state", "note", "default", "style", "class") else name


def _text(text: str) -> str:
    """Return text with the signs that Mermaid would read written as entities."""
    return _SPECIAL.sub(lambda found: f"#{ord(found[0])};", text)
