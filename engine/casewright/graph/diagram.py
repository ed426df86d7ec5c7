"""What a diagram shows: boxes with lines of text, and arrows with labels. No coordinates.

State flows and graphs of decisions become a :class:`Diagram`, playbooks a :class:`Board`; both can
be written as Mermaid and as SVG.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

NodeKind = Literal["state", "final", "start", "anywhere", "input", "decision"]


@dataclass(frozen=True, slots=True)
class Node:
    """A box.

    Attributes:
        id: unique within the diagram.
        title: what it is called.
        kind: how it looks.
        lines: small print below the title.
        tooltip: what more there is to say, shown on pointing.
    """

    id: str
    title: str
    kind: NodeKind = "state"
    lines: tuple[str, ...] = ()
    tooltip: str = ""


@dataclass(frozen=True, slots=True)
class Label:
    """One line beside an arrow.

    Attributes:
        text: the line.
        quiet: it stands back behind the others.
        tooltip: what more there is to say, shown on pointing.
    """

    text: str
    quiet: bool = False
    tooltip: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """An arrow; at most one for each pair of boxes and direction.

    Attributes:
        source: id of the box where it begins.
        target: id of the box that it points to; may be the same.
        labels: what happens along it.
        dashed: it is taken without anyone asking for it.
    """

    source: str
    target: str
    labels: tuple[Label, ...] = ()
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Diagram:
    """Boxes and arrows.

    Attributes:
        title: the heading.
        nodes: in the order in which they are placed; the first is on top.
        edges: the arrows.
        notes: lines below, each a subject and what there is to say about it.
    """

    title: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    notes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Card:
    """One thing on a board.

    Attributes:
        id: unique within the board.
        title: what it is called.
        lines: small print below the title.
        chips: its buttons.
        optional: it may be passed over or dismissed.
        tooltip: what more there is to say, shown on pointing.
    """

    id: str
    title: str
    lines: tuple[str, ...] = ()
    chips: tuple[str, ...] = ()
    optional: bool = False
    tooltip: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A stage of a board with its cards in order."""

    id: str
    title: str
    cards: tuple[Card, ...]
    lines: tuple[str, ...] = ()
    tooltip: str = ""


@dataclass(frozen=True, slots=True)
class Board:
    """Columns from left to right."""

    title: str
    columns: tuple[Column, ...]
