"""Diagrams of specs: Mermaid text and SVG of state flows, playbooks and decisions."""

from casewright.graph.decisions import decision_diagram
from casewright.graph.diagram import Board, Card, Column, Diagram, Edge, Label, Node
from casewright.graph.mermaid import mermaid_board, mermaid_diagram
from casewright.graph.playbook import playbook_board
from casewright.graph.state_flow import state_flow_diagram
from casewright.graph.svg import svg_diagram
from casewright.graph.svg_board import svg_board

__all__ = [
    "Board",
    "Card",
    "Column",
    "Diagram",
    "Edge",
    "Label",
    "Node",
    "decision_diagram",
    "mermaid_board",
    "mermaid_diagram",
    "playbook_board",
    "state_flow_diagram",
    "svg_board",
    "svg_diagram",
]
