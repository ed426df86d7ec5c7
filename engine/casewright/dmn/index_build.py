"""Building of an index: which column parts the rows of a long table, and the masks of its leaves.

A column of plain words or values parts rows exactly, so a branch need not look at it again. One
of intervals parts them into chunks of neighbouring values. A part is only made where it does not
copy many rows (those with cells that take anything stand in every branch) and makes them fewer.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import dataclass
from types import NoneType
from typing import TYPE_CHECKING, Any, Literal

from casewright.dmn.condition import CLASSES, Condition, Family, Interval
from casewright.dmn.index import Chunks, Conditions, Fork, Index, Leaf, Node, Test, searching

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LEAF = 128
"""Rows up to which a part is not parted again."""
_DEPTH = 6
_GROWTH = 2.0
_CHUNK = 24

Kind = Literal["anything", "values", "ranges", "tests"]


@dataclass(frozen=True, slots=True)
class _Column:
    """A column among some rows: what kind it is there, and its cells' family."""

    at: int
    kind: Kind
    family: Family


def build_index(conditions: Conditions, width: int) -> Index:
    """Return the index over rows of conditions, each of ``width`` cells."""
    rows = tuple(range(len(conditions)))
    return searching(_node(conditions, rows, tuple(range(width)), _DEPTH), conditions)


def _node(conditions: Conditions, rows: Sequence[int], columns: Sequence[int], depth: int) -> Node:
    found = [_column(conditions, rows, at) for at in columns]
    if len(rows) > LEAF and depth:
        options = [
            option for column in found if (option := _option(conditions, rows, column)) is not None
        ]
        if options:
            return min(options, key=lambda option: option.cost).node(
                conditions, [c.at for c in found if c.kind != "anything"], depth - 1
            )
    return _leaf(conditions, rows, found)


def _column(conditions: Conditions, rows: Sequence[int], at: int) -> _Column:
    families: set[Family] = set()
    kinds: set[Kind] = set()
    for condition in {conditions[row][at] for row in rows}:
        if condition.kind == "feel" or condition.many:
            kinds.add("tests")
        elif condition.kind == "data":
            kinds.add("ranges" if condition.intervals else "values")
            if condition.family is not None:
                families.add(condition.family)
    several = len(families) > 1
    family: Family = families.pop() if len(families) == 1 else "string"
    if "tests" in kinds or several:
        return _Column(at, "tests", family)
    if "ranges" in kinds:
        return _Column(at, "ranges", family)
    return _Column(at, "values" if kinds else "anything", family)


# Leaves


def _leaf(conditions: Conditions, rows: Sequence[int], columns: Sequence[_Column]) -> Leaf:
    words: list[tuple[int, dict[Any, int], int]] = []
    guarded: list[tuple[int, frozenset[type], dict[Any, int], int, int]] = []
    ranges: list[tuple[int, frozenset[type], list[Any], list[int], int, int]] = []
    tests: list[list[Test]] = [[] for _ in rows]
    for column in columns:
        masks = _masks(conditions, rows, column.at)
        classes = CLASSES[column.family]
        if column.kind == "values":
            by_value, other, odd = _value_masks(masks)
            if column.family == "string" and other == odd:
                words.append((column.at, by_value, other))
            else:
                guarded.append((column.at, classes | {NoneType}, by_value, other, odd))
        elif column.kind == "ranges":
            ranges.append((column.at, classes, *_range_masks(masks)))
        elif column.kind == "tests":
            _add_tests(tests, column.at, masks)
    return Leaf(
        rows=tuple(rows),
        full=(1 << len(rows)) - 1,
        words=tuple(words),
        guarded=tuple(guarded),
        ranges=tuple(ranges),
        tests=tuple(tuple(row) for row in tests) if any(tests) else (),
    )


def _masks(conditions: Conditions, rows: Sequence[int], at: int) -> dict[Condition, int]:
    bits: dict[Condition, list[int]] = defaultdict(list)
    for bit, row in enumerate(reversed(rows)):
        bits[conditions[row][at]].append(bit)
    return {condition: _mask(positions) for condition, positions in bits.items()}


def _mask(bits: Sequence[int]) -> int:
    field = bytearray(bits[-1] // 8 + 1)
    for bit in bits:
        field[bit >> 3] |= 1 << (bit & 7)
    return int.from_bytes(field, "little")


def _value_masks(masks: dict[Condition, int]) -> tuple[dict[Any, int], int, int]:
    """Return the masks by value, of another value of the family, of another class."""
    apart = [(c, m) for c, m in masks.items() if c.kind == "data"]
    anything = _or(m for c, m in masks.items() if c.kind == "any")
    other = _or(m for c, m in apart if c.negated) | anything
    odd = _or(m for c, m in apart if c.negated and c.family is None) | anything
    by_value: dict[Any, int] = {
        value: _or(m for c, m in apart if c.negated and value not in c.values) | anything
        for value in {None}.union(*(c.values for c in masks))
    }
    for condition, mask in apart:
        if not condition.negated:
            for value in condition.values:
                by_value[value] |= mask
    return by_value, other, odd


def _or(masks: Iterable[int]) -> int:
    whole = 0
    for mask in masks:
        whole |= mask
    return whole


def _range_masks(masks: dict[Condition, int]) -> tuple[list[Any], list[int], int, int]:
    """Return the edges, the masks between and at them, the masks of null and of another class."""
    edges = sorted({edge for condition in masks for edge in _edges(condition)})
    size = 2 * len(edges) + 1
    begins, ends = [0] * (size + 1), [0] * (size + 1)
    odd = null = 0
    for condition, mask in masks.items():
        odd |= mask if condition.kind == "any" else 0
        null |= mask if condition.holds(None) else 0
        for first, last in _covered(condition, edges, size):
            begins[first] |= mask
            ends[last + 1] |= mask
    odd |= _or(m for c, m in masks.items() if c.negated and c.family is None)
    between: list[int] = []
    now = 0
    for begin, end in zip(begins[:size], ends[:size], strict=True):
        now = (now & ~end) | begin
        between.append(now)
    return edges, between, null, odd


def _edges(condition: Condition) -> list[Any]:
    ends = [end for i in condition.intervals for end in (i.low, i.high) if end is not None]
    return ends + [value for value in condition.values if value is not None]


def _covered(condition: Condition, edges: list[Any], size: int) -> list[tuple[int, int]]:
    """Return the stretches of segments that a condition takes, in order and apart.

    Segment ``2k`` lies before edge ``k``, segment ``2k + 1`` is the edge itself.
    """
    if condition.kind == "any":
        return [(0, size - 1)]
    taken = [_stretch(interval, edges, size) for interval in condition.intervals]
    taken += [
        (2 * at + 1, 2 * at + 1)
        for at in (bisect_left(edges, value) for value in condition.values if value is not None)
    ]
    apart: list[tuple[int, int]] = []
    for first, last in sorted(stretch for stretch in taken if stretch[0] <= stretch[1]):
        if apart and first <= apart[-1][1] + 1:
            apart[-1] = (apart[-1][0], max(last, apart[-1][1]))
        else:
            apart.append((first, last))
    return _rest(apart, size) if condition.negated else apart


def _stretch(interval: Interval, edges: list[Any], size: int) -> tuple[int, int]:
    first, last = 0, size - 1
    if interval.low is not None:
        first = 2 * bisect_left(edges, interval.low) + (1 if interval.low_closed else 2)
    if interval.high is not None:
        last = 2 * bisect_left(edges, interval.high) + (1 if interval.high_closed else 0)
    return first, last


def _rest(taken: list[tuple[int, int]], size: int) -> list[tuple[int, int]]:
    rest: list[tuple[int, int]] = []
    begin = 0
    for first, last in taken:
        if first > begin:
            rest.append((begin, first - 1))
        begin = last + 1
    if begin < size:
        rest.append((begin, size - 1))
    return rest


def _add_tests(tests: list[list[Test]], at: int, masks: dict[Condition, int]) -> None:
    number = max((test.number for row in tests for test in row), default=0)
    for condition, mask in masks.items():
        number += 1
        if condition.kind == "any":
            continue
        test = Test(at, number, condition, mask)
        rest = mask
        while rest:
            low = rest & -rest
            tests[low.bit_length() - 1].append(test)
            rest ^= low


# Parts


@dataclass(frozen=True, slots=True)
class _Option:
    """One way to part rows: by value (and other, odd), or by chunk (and null, odd)."""

    column: _Column
    keys: list[Any]
    groups: list[list[int]]
    cost: float

    def node(self, conditions: Conditions, columns: Sequence[int], depth: int) -> Node:
        """Return the part, with its branches built."""
        by_value = self.column.kind == "values"
        rest = [at for at in columns if at != self.column.at] if by_value else columns
        made: dict[tuple[int, ...], Node] = {}
        nodes: list[Node] = []
        for group in self.groups:
            key = tuple(group)
            if key not in made:
                made[key] = _node(conditions, key, rest, depth)
            nodes.append(made[key])
        classes, at = CLASSES[self.column.family], self.column.at
        if by_value:
            branches = dict(zip(self.keys, nodes, strict=False))
            return Fork(at, classes | {NoneType}, branches, nodes[-2], nodes[-1])
        return Chunks(at, classes, self.keys, tuple(nodes[:-2]), nodes[-2], nodes[-1])


def _option(conditions: Conditions, rows: Sequence[int], column: _Column) -> _Option | None:
    if column.kind == "values":
        keys, groups = _groups_by_value(conditions, rows, column)
    elif column.kind == "ranges":
        keys, groups = _groups_by_chunk(conditions, rows, column)
    else:
        return None
    total = sum(map(len, groups))
    largest = max(map(len, groups))
    if total > _GROWTH * len(rows) or largest > 0.7 * len(rows):
        return None
    return _Option(column, keys, groups, sum(len(g) ** 2 for g in groups) / total)


def _groups_by_value(
    conditions: Conditions, rows: Sequence[int], column: _Column
) -> tuple[list[Any], list[list[int]]]:
    """Return the values, null first, and the rows of each; then those of other and of odd ones."""
    cells = [conditions[row][column.at] for row in rows]
    values: list[Any] = [None, *dict.fromkeys(v for c in cells for v in c.values if v is not None)]
    wide = sum(1 for cell in cells if cell.kind == "any" or cell.negated)
    if wide * len(values) > _GROWTH * len(rows):
        return [], [list(rows)]
    place = {value: position for position, value in enumerate(values)}
    groups: list[list[int]] = [[] for _ in range(len(values) + 2)]
    for row, cell in zip(rows, cells, strict=True):
        if cell.kind == "data" and not cell.negated:
            for value in cell.values:
                groups[place[value]].append(row)
            continue
        for value, position in place.items():
            if value not in cell.values:
                groups[position].append(row)
        groups[-2].append(row)
        if cell.kind == "any" or cell.family is None:
            groups[-1].append(row)
    return values, groups


def _groups_by_chunk(
    conditions: Conditions, rows: Sequence[int], column: _Column
) -> tuple[list[Any], list[list[int]]]:
    """Return the bounds and the rows of each chunk; then those of null and of odd values."""
    cells = [conditions[row][column.at] for row in rows]
    edges = sorted({edge for cell in set(cells) for edge in _edges(cell)})
    bounds = edges[_CHUNK::_CHUNK]
    groups: list[list[int]] = [[] for _ in range(len(bounds) + 3)]
    for row, cell in zip(rows, cells, strict=True):
        for chunk in _chunks_of(cell, bounds):
            groups[chunk].append(row)
        if cell.holds(None):
            groups[-2].append(row)
        if cell.kind == "any" or (cell.negated and cell.family is None):
            groups[-1].append(row)
    return bounds, groups


def _chunks_of(cell: Condition, bounds: list[Any]) -> list[int]:
    """Return the chunks in which a value may match, ascending."""
    if cell.kind == "any" or cell.negated:
        return list(range(len(bounds) + 1))
    chunks = {bisect_right(bounds, value) for value in cell.values if value is not None}
    for interval in cell.intervals:
        first = 0 if interval.low is None else bisect_right(bounds, interval.low)
        last = len(bounds) if interval.high is None else bisect_right(bounds, interval.high)
        chunks.update(range(first, last + 1))
    return sorted(chunks)
