"""Drawing of diagrams as SVG that stands alone: no script, no outer style, no font file.

Pointing at a box or a label shows more about it. The colours follow the viewer's dark mode.
"""

from __future__ import annotations

import itertools
from html import escape
from typing import TYPE_CHECKING

from casewright.graph.layout import Point, Route, Size, placed
from casewright.graph.words import width_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casewright.graph.diagram import Diagram, Edge, Label, Node

STYLE = """
  .page { fill: #ffffff; }
  text { font-family: Inter, "Segoe UI", "Helvetica Neue", Helvetica, Arial, sans-serif; }
  .heading { font-size: 18px; font-weight: 600; fill: #16233b; }
  .box { fill: #eef4ff; stroke: #4a74c9; stroke-width: 1.5; }
  .ring { fill: none; stroke: #3f8f63; stroke-width: 1.2; }
  .final .box { fill: #e9f7ef; stroke: #3f8f63; }
  .anywhere .box { fill: #fafbfc; stroke: #8a94a6; stroke-dasharray: 5 4; }
  .input .box { fill: #fff7e6; stroke: #c98f2b; }
  .start { fill: #16233b; }
  .rule { stroke: #c8d6f2; stroke-width: 1; }
  .title { font-size: 14px; font-weight: 600; fill: #16233b; }
  .line { font-size: 11px; fill: #55627a; }
  .arrow { fill: none; stroke: #6b7891; stroke-width: 1.4; }
  .dashed { stroke-dasharray: 5 4; }
  .tip { fill: #6b7891; }
  .behind { fill: #ffffff; fill-opacity: 0.92; }
  .label { font-size: 12px; fill: #2c3850; }
  .quiet { font-size: 11px; fill: #7d889c; font-style: italic; }
  .stage { fill: #f5f7fb; stroke: #d5dceb; }
  .stagehead { fill: #4a74c9; }
  .stagetitle { font-size: 14px; font-weight: 600; fill: #ffffff; }
  .card { fill: #ffffff; stroke: #c3cee4; stroke-width: 1.2; }
  .optional .card { stroke-dasharray: 5 4; }
  .chip { fill: #eef4ff; stroke: #b9cbef; }
  .chiptext { font-size: 10.5px; fill: #33539b; }
  @media (prefers-color-scheme: dark) {
    .page, .behind { fill: #141a24; }
    .heading, .title { fill: #e8edf6; }
    .box { fill: #1d2c4a; stroke: #6f97e8; }
    .final .box { fill: #17352a; stroke: #5fb98a; }
    .ring { stroke: #5fb98a; }
    .anywhere .box { fill: #1b222e; }
    .input .box { fill: #3a2f17; }
    .start { fill: #e8edf6; }
    .rule { stroke: #35486f; }
    .line, .quiet { fill: #a4b0c5; }
    .label { fill: #d3dbea; }
    .stage { fill: #19212e; stroke: #2c384c; }
    .card { fill: #202a3a; stroke: #3b4a66; }
    .chip { fill: #1d2c4a; stroke: #3d5587; }
    .chiptext { fill: #a9c3f7; }
  }
"""
MARGIN = 28.0
HEADING = 44.0
_TITLE, _LINE, _LABEL, _QUIET = 14.0, 11.0, 12.0, 11.0
_ROW = 16.0
_LOOP = 30.0


def svg_diagram(diagram: Diagram) -> str:
    """Return a diagram as an SVG document."""
    loops = {edge.source: edge for edge in diagram.edges if edge.source == edge.target}
    layout = placed(diagram, *sizes(diagram))
    parts = [_arrow(route) for route in layout.routes]
    for node in diagram.nodes:
        centre, loop = layout.centres[node.id], loops.get(node.id)
        box = _box(node)
        if loop is not None:
            parts.append(_loop(loop, centre, box))
        parts.append(_node(node, centre, box))
    parts += [_labels(route.edge.labels, route.label) for route in layout.routes]
    notes, size = _notes(diagram.notes, layout.size)
    return page(diagram.title, size, [*parts, *notes])


def sizes(diagram: Diagram) -> tuple[dict[str, Size], dict[Edge, Size]]:
    """Return the sizes of boxes, with room for their loops, by id, and those of labels by arrow."""
    loops = {edge.source: edge for edge in diagram.edges if edge.source == edge.target}
    boxes = {node.id: _with_loop(_box(node), loops.get(node.id)) for node in diagram.nodes}
    return boxes, {edge: _label_size(edge.labels) for edge in diagram.edges}


def _notes(notes: Sequence[tuple[str, str]], size: Size) -> tuple[list[str], Size]:
    """Return the notes drawn below a diagram, and the size of both."""
    if not notes:
        return [], size
    indent = max(width_of(subject, _LABEL) for subject, _ in notes) * 1.04 + 16
    y = size.height + 34
    width = max([size.width, *(indent + width_of(text, _LINE) for _, text in notes)])
    parts = [f'<line class="rule" x1="0" x2="{width:.1f}" y1="{y:.1f}" y2="{y:.1f}"/>']
    parts.append(words("quiet", 0, y + 20, "without leaving the state", "start"))
    for subject, text in notes:
        y += 19
        parts.append(words("label", 0, y + 20, subject, "start"))
        parts.append(words("line", indent, y + 20, text, "start"))
    return parts, Size(width, y + 24)


def page(title: str, size: Size, parts: Sequence[str]) -> str:
    """Return an SVG document of drawn parts below a heading."""
    width = max(size.width, width_of(title, 19.0)) + 2 * MARGIN
    height = size.height + 2 * MARGIN + HEADING
    left = (width - size.width) / 2
    return "\n".join(
        [
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
                f'width="{width:.0f}" height="{height:.0f}" role="img">'
            ),
            f"<title>{escape(title)}</title>",
            f"<style>{STYLE}</style>",
            f'<rect class="page" width="{width:.0f}" height="{height:.0f}"/>',
            f'<text class="heading" x="{MARGIN:.0f}" y="{MARGIN + 14:.0f}">{escape(title)}</text>',
            f'<g transform="translate({left:.1f} {MARGIN + HEADING:.1f})">',
            *parts,
            "</g>",
            "</svg>",
            "",
        ]
    )


def tooltip(text: str) -> str:
    """Return the element that shows a text on pointing, or nothing for an empty one."""
    return f"<title>{escape(text)}</title>" if text else ""


def words(kind: str, x: float, y: float, text: str, anchor: str = "middle") -> str:
    """Return one line of text; ``y`` is its base line."""
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text class="{kind}" {place}>{escape(text)}</text>'


def _box(node: Node) -> Size:
    if node.kind == "start":
        return Size(16.0, 16.0)
    widest = max([width_of(node.title, _TITLE) * 1.06, *(width_of(t, _LINE) for t in node.lines)])
    extra = len(node.lines) * _ROW + 12 if node.lines else 0
    return Size(max(96.0, widest + 36), 38 + extra)


def _label_size(labels: Sequence[Label]) -> Size:
    if not labels:
        return Size(1.0, 0.0)
    widest = max(width_of(one.text, _QUIET if one.quiet else _LABEL) for one in labels)
    return Size(widest + 12, len(labels) * _ROW + 4)


def _with_loop(box: Size, loop: Edge | None) -> Size:
    if loop is None:
        return box
    label = _label_size(loop.labels)
    beside = 2 * (_LOOP + label.width)
    return Size(box.width + beside, max(box.height, label.height + 8))


def _node(node: Node, centre: Point, box: Size) -> str:
    if node.kind == "start":
        circle = f'<circle class="start" cx="{centre.x:.1f}" cy="{centre.y:.1f}" r="8"/>'
        return f"<g>{tooltip(node.tooltip)}{circle}</g>"
    left, top = centre.x - box.width / 2, centre.y - box.height / 2
    round_ = 19 if node.kind in ("anywhere", "input") else 4 if node.kind == "decision" else 11
    parts = [
        f'<g class="{node.kind}">',
        tooltip(node.tooltip),
        _rect("box", left, top, box, round_),
    ]
    if node.kind == "final":
        inner = Size(box.width - 7, box.height - 7)
        parts.append(_rect("ring", left + 3.5, top + 3.5, inner, round_ - 3))
    parts.append(words("title", centre.x, top + 24, node.title))
    if node.lines:
        ends = f'x1="{left + 12:.1f}" x2="{left + box.width - 12:.1f}"'
        parts.append(f'<line class="rule" {ends} y1="{top + 35:.1f}" y2="{top + 35:.1f}"/>')
    for number, line in enumerate(node.lines):
        parts.append(words("line", centre.x, top + 50 + number * _ROW, line))
    return "".join([*parts, "</g>"])


def _rect(kind: str, x: float, y: float, size: Size, round_: float) -> str:
    return (
        f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{size.width:.1f}" '
        f'height="{size.height:.1f}" rx="{round_}"/>'
    )


def _arrow(route: Route) -> str:
    points = route.points
    path = [f"M{points[0].x:.1f} {points[0].y:.1f}"]
    for one, other in itertools.pairwise(points):
        if abs(one.x - other.x) < 0.5 or abs(one.y - other.y) < 0.5:
            path.append(f"V{other.y:.1f}")
            continue
        half = (one.y + other.y) / 2
        path.append(f"C{one.x:.1f} {half:.1f} {other.x:.1f} {half:.1f} {other.x:.1f} {other.y:.1f}")
    downwards = points[-1].y > points[0].y
    kind = "arrow dashed" if route.edge.dashed else "arrow"
    return f'<path class="{kind}" d="{" ".join(path)}"/>{_tip(points[-1], 1 if downwards else -1)}'


def _tip(at: Point, down: int) -> str:
    y = at.y - 8 * down
    return f'<path class="tip" d="M{at.x:.1f} {at.y:.1f}l-4 {y - at.y:.1f}h8z"/>'


def _loop(edge: Edge, centre: Point, box: Size) -> str:
    x, y = centre.x + box.width / 2, centre.y
    line = f"M{x:.1f} {y - 9:.1f}h14a9 9 0 0 1 0 18h-14"
    kind = "arrow dashed" if edge.dashed else "arrow"
    tip = f'<path class="tip" d="M{x:.1f} {y + 9:.1f}l8 -4v8z"/>'
    at = Point(x + _LOOP + _label_size(edge.labels).width / 2, y)
    return f'<path class="{kind}" d="{line}"/>{tip}{_labels(edge.labels, at)}'


def _labels(labels: Sequence[Label], at: Point) -> str:
    if not labels:
        return ""
    size = _label_size(labels)
    top = at.y - size.height / 2
    parts = [_rect("behind", at.x - size.width / 2, top, size, 3)]
    for number, label in enumerate(labels):
        kind = "quiet" if label.quiet else "label"
        text = words(kind, at.x, top + 14 + number * _ROW, label.text)
        parts.append(f"<g>{tooltip(label.tooltip)}{text}</g>")
    return "".join(parts)
