"""Where the nodes of a model stand in a diagram: inputs below, what needs them above.

The layout is a start for a modeller, not a drawing: one row for each level of requirements.

Source: DMN 1.5, chapter 12 (DMNDI).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from casewright.dmn.xml.markup import Markup

WIDTH, HEIGHT = 160, 60
GAP_X, GAP_Y = 40, 60
MARGIN = 50


@dataclass(frozen=True, slots=True)
class Link:
    """A requirement: its id, and the ids of the node that is needed and of the one in need."""

    id: str
    source: str
    target: str


def write_layout(markup: Markup, nodes: Sequence[str], links: Sequence[Link]) -> None:
    """Write the diagram of nodes and their requirements."""
    places = node_places(nodes, links)
    with markup.element("dmndi:DMNDI"), markup.element("dmndi:DMNDiagram", id="_diagram"):
        for node, (x, y) in places.items():
            with markup.element("dmndi:DMNShape", id=f"_shape_{node}", dmnElementRef=node):
                size = {"width": str(WIDTH), "height": str(HEIGHT)}
                markup.empty("dc:Bounds", x=str(x), y=str(y), **size)
        for link in links:
            (x0, y0), (x1, y1) = places[link.source], places[link.target]
            with markup.element("dmndi:DMNEdge", id=f"_edge_{link.id}", dmnElementRef=link.id):
                markup.empty("di:waypoint", x=str(x0 + WIDTH // 2), y=str(y0))
                markup.empty("di:waypoint", x=str(x1 + WIDTH // 2), y=str(y1 + HEIGHT))


def node_places(nodes: Sequence[str], links: Sequence[Link]) -> dict[str, tuple[int, int]]:
    """Return the upper left corner of each node, in units of the diagram."""
    levels = node_levels(nodes, links)
    top = max(levels.values(), default=0)
    used: dict[int, int] = {}
    places: dict[str, tuple[int, int]] = {}
    for node in nodes:
        column = used.get(levels[node], 0)
        used[levels[node]] = column + 1
        x = MARGIN + column * (WIDTH + GAP_X)
        places[node] = (x, MARGIN + (top - levels[node]) * (HEIGHT + GAP_Y))
    return places


def node_levels(nodes: Sequence[str], links: Sequence[Link]) -> Mapping[str, int]:
    """Return for each node how many requirements lie below it; a circle is cut somewhere."""
    above: dict[str, list[str]] = {node: [] for node in nodes}
    waiting = dict.fromkeys(nodes, 0)
    for link in links:
        above[link.source].append(link.target)
        waiting[link.target] += 1
    levels = dict.fromkeys(nodes, 0)
    ready = [node for node in nodes if not waiting[node]]
    while ready:
        node = ready.pop()
        for target in above[node]:
            levels[target] = max(levels[target], levels[node] + 1)
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    return levels
