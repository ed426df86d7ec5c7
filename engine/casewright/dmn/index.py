"""Which rows match: bit masks per column, behind a tree that parts long tables first.

A leaf has one bit per row. A column of words gives a mask by one look-up, a column of intervals by
one bisection, and only rows that are still alive have FEEL cells evaluated, each distinct cell
once. A long table is parted by the columns that tell its rows apart best, so that a look-up costs
about the same whatever the length. What is found equals what :func:`naive_rows` finds.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from casewright.dmn.condition import Condition
    from casewright.feel import Budget

Conditions: TypeAlias = "Sequence[Sequence[Condition]]"
"""The conditions of a table, by row and column."""


@dataclass(frozen=True, slots=True)
class Test:
    """A cell that is evaluated: its column, its number among the distinct ones, its rows."""

    column: int
    number: int
    condition: Condition
    rows: int


@dataclass(frozen=True, slots=True)
class Leaf:
    """Rows that are told apart by masks.

    Attributes:
        rows: row numbers, ascending; the first one is the highest bit of a mask, so that
            ``mask.bit_length()`` finds it without another operation on long masks.
        full: the mask of all.
        words: column, mask by value, mask of any other value; without negation.
        guarded: column, classes, mask by value, mask of another value of a class, of another class.
        ranges: column, classes, edges, masks between and at them, mask of null, of another class.
        tests: by bit what is evaluated, or nothing if there is none at all.
    """

    rows: tuple[int, ...]
    full: int
    words: tuple[tuple[int, dict[Any, int], int], ...]
    guarded: tuple[tuple[int, frozenset[type], dict[Any, int], int, int], ...]
    ranges: tuple[tuple[int, frozenset[type], list[Any], list[int], int, int], ...]
    tests: tuple[tuple[Test, ...], ...]

    def narrowed(self, args: tuple[Any, ...]) -> int:
        """Return the mask of the rows whose indexed cells match.

        Raises:
            TypeError: a value cannot be hashed.
        """
        mask = self.full
        for at, masks, other in self.words:
            mask &= masks.get(args[at], other)
        for at, classes, masks, other, odd in self.guarded:
            value = args[at]
            mask &= masks.get(value, other) if value.__class__ in classes else odd
        for at, classes, edges, between, null, odd in self.ranges:
            value = args[at]
            if value.__class__ in classes:
                mask &= between[bisect_left(edges, value) + bisect_right(edges, value)]
            else:
                mask &= null if value is None else odd
        return mask

    def tested(self, mask: int, s: Any, b: Budget, args: tuple[Any, ...], limit: int) -> int:
        """Return the first ``limit`` rows of ``mask`` whose evaluated cells match, as a mask."""
        passed: set[int] = set()
        found = 0
        while mask and limit:
            bit = mask.bit_length() - 1
            for test in self.tests[bit]:
                if test.number in passed:
                    continue
                if not holds(test.condition, s, b, args[test.column]):
                    mask &= ~test.rows
                    break
                passed.add(test.number)
            else:
                found |= 1 << bit
                mask ^= 1 << bit
                limit -= 1
        return found


@dataclass(frozen=True, slots=True)
class Fork:
    """Rows parted by the values of one column.

    Attributes:
        column: its position.
        classes: classes of the values in ``branches`` and of ``other``.
        branches: what to go on with, by value; None stands for null.
        other: for a value that is not listed.
        odd: for a value of another class.
    """

    column: int
    classes: frozenset[type]
    branches: dict[Any, Node]
    other: Node
    odd: Node

    def branch(self, args: tuple[Any, ...]) -> Node:
        """Return the part that these values belong to."""
        value = args[self.column]
        if value.__class__ in self.classes:
            return self.branches.get(value, self.other)
        return self.odd


@dataclass(frozen=True, slots=True)
class Chunks:
    """Rows parted by where a value lies; ``branches[k]`` begins at ``bounds[k - 1]``."""

    column: int
    classes: frozenset[type]
    bounds: list[Any]
    branches: tuple[Node, ...]
    null: Node
    odd: Node

    def branch(self, args: tuple[Any, ...]) -> Node:
        """Return the part that these values belong to."""
        value = args[self.column]
        if value.__class__ in self.classes:
            return self.branches[bisect_right(self.bounds, value)]
        return self.null if value is None else self.odd


Node: TypeAlias = Leaf | Fork | Chunks


@dataclass(frozen=True, slots=True)
class Index:
    """How the matching rows of one table are found.

    Attributes:
        root: the tree.
        first: gives the number of the first matching row, or -1.
        every: gives the numbers of all matching rows, ascending.
    """

    root: Node
    first: Callable[[Any, Budget, tuple[Any, ...]], int]
    every: Callable[[Any, Budget, tuple[Any, ...]], list[int]]


def naive_rows(conditions: Conditions, s: Any, b: Budget, args: tuple[Any, ...]) -> list[int]:
    """Return the numbers of the matching rows by looking at every cell."""
    return [
        number
        for number, row in enumerate(conditions)
        if all(holds(cell, s, b, x) for cell, x in zip(row, args, strict=True))
    ]


def holds(condition: Condition, s: Any, b: Budget, value: Any) -> bool:
    """Return whether a cell matches a value; ``s`` is what expressions in cells read."""
    if condition.expression is not None:
        return condition.expression.value(s, b, value) is True
    return condition.holds(value)


def searching(root: Node, conditions: Conditions) -> Index:
    """Return the two searches over a tree that was built from ``conditions``."""

    def first(s: Any, b: Budget, args: tuple[Any, ...]) -> int:
        node = root
        while not isinstance(node, Leaf):
            node = node.branch(args)
        try:
            mask = node.narrowed(args)
        except TypeError:  # a list or a context where words are compared
            rows = naive_rows(conditions, s, b, args)
            return rows[0] if rows else -1
        if mask and node.tests:
            mask = node.tested(mask, s, b, args, 1)
        return node.rows[-mask.bit_length()] if mask else -1

    def every(s: Any, b: Budget, args: tuple[Any, ...]) -> list[int]:
        node = root
        while not isinstance(node, Leaf):
            node = node.branch(args)
        try:
            mask = node.narrowed(args)
        except TypeError:
            return naive_rows(conditions, s, b, args)
        if mask and node.tests:
            mask = node.tested(mask, s, b, args, len(node.rows))
        found: list[int] = []
        while mask:
            bits = mask.bit_length()
            found.append(node.rows[-bits])
            mask ^= 1 << bits - 1
        return found

    return Index(root, first, every)
