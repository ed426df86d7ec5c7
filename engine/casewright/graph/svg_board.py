"""Drawing of boards as SVG: a column for each stage, a card for each activity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from casewright.graph.layout import Size
from casewright.graph.svg import page, tooltip, words
from casewright.graph.words import width_of, wrapped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casewright.graph.diagram import Board, Card, Column

_WIDTH = 218.0
_GAP = 26.0
_INSET = 12.0
_PAD = 12.0
_HEAD = 40.0
_TITLE_ROW, _ROW, _CHIP_ROW = 18.0, 15.0, 25.0


def svg_board(board: Board) -> str:
    """Return a board as an SVG document."""
    drawn = [_column(column, at * (_WIDTH + _GAP)) for at, column in enumerate(board.columns)]
    height = max([_HEAD, *(column.height for column in drawn)])
    parts: list[str] = []
    for at, column in enumerate(drawn):
        x = at * (_WIDTH + _GAP)
        parts.append(
            f'<rect class="stage" x="{x:.1f}" y="0" width="{_WIDTH:.0f}" '
            f'height="{height:.1f}" rx="12"/>'
        )
        parts += column.parts
    width = len(drawn) * (_WIDTH + _GAP) - _GAP
    return page(board.title, Size(max(width, 1.0), height), parts)


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Drawn parts and how far down they reach."""

    parts: list[str]
    height: float


def _column(column: Column, x: float) -> _Drawn:
    parts = [
        f"<g>{tooltip(column.tooltip)}",
        _head(x),
        words("stagetitle", x + 22, 26, column.title, "start"),
    ]
    y = _HEAD + 8
    for text in column.lines:
        for line in wrapped(text, 11.0, _WIDTH - 2 * _INSET):
            y += _ROW
            parts.append(words("quiet", x + _INSET, y, line, "start"))
    parts.append("</g>")
    y += 10 if column.lines else 2
    for at, card in enumerate(column.cards):
        advice = "recommendation" in card.lines
        if at and not advice:
            parts.append(_link(x + _WIDTH / 2, y - 14))
        drawn = _card(card, x + _INSET + (12 if advice else 0), y)
        parts += drawn.parts
        y = drawn.height + 18
    return _Drawn(parts, y - 2)


def _head(x: float) -> str:
    """Return the head of a stage, pointing to the next one."""
    right = x + _WIDTH
    return (
        f'<path class="stagehead" d="M{x:.1f} 12a12 12 0 0 1 12 -12H{right:.1f}'
        f'l14 {_HEAD / 2:.1f}l-14 {_HEAD / 2:.1f}H{x:.1f}z"/>'
    )


def _link(x: float, y: float) -> str:
    return (
        f'<path class="arrow" d="M{x:.1f} {y - 3:.1f}v8"/>'
        f'<path class="tip" d="M{x:.1f} {y + 12:.1f}l-4 -7h8z"/>'
    )


def _card(card: Card, x: float, y: float) -> _Drawn:
    width = _WIDTH - _INSET - (x % (_WIDTH + _GAP))
    inside = width - 2 * _PAD
    texts: list[str] = []
    down = y + 5
    for line in wrapped(card.title, 14.0, inside):
        down += _TITLE_ROW
        texts.append(words("title", x + _PAD, down, line, "start"))
    for text in card.lines:
        for line in wrapped(text, 11.0, inside):
            down += _ROW
            texts.append(words("line", x + _PAD, down, line, "start"))
    down += 10
    for row in _chip_rows(card.chips, inside):
        at = x + _PAD
        for chip in row:
            size = width_of(chip, 10.5) + 16
            texts.append(
                f'<rect class="chip" x="{at:.1f}" y="{down:.1f}" width="{size:.1f}" '
                f'height="19" rx="9.5"/>'
            )
            texts.append(words("chiptext", at + size / 2, down + 13, chip))
            at += size + 6
        down += _CHIP_ROW
    kind = "optional" if card.optional else "plain"
    box = (
        f'<rect class="card" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" '
        f'height="{down - y + 2:.1f}" rx="8"/>'
    )
    return _Drawn([f'<g class="{kind}">{tooltip(card.tooltip)}{box}', *texts, "</g>"], down + 2)


def _chip_rows(chips: Sequence[str], limit: float) -> list[list[str]]:
    rows: list[list[str]] = []
    used = limit
    for chip in chips:
        size = width_of(chip, 10.5) + 22
        if used + size - 6 > limit:
            rows.append([])
            used = 0.0
        rows[-1].append(chip)
        used += size
    return rows
