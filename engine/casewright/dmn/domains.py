"""The values that tell the rows of a table apart: for each input a few that stand for all others.

Two values that no cell of a column distinguishes are one *atom*. A column of words has an atom for
each word, one of intervals an atom for each end and each stretch between ends. Cells that are
evaluated have no atoms; such a column is opaque.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from casewright.dmn.cells import family_of_column
from casewright.feel.values import canonical

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from casewright.dmn.condition import Condition
    from casewright.dmn.definition import InputColumn
    from casewright.dmn.table import Table

MOST_CHECKS = 2_000_000
"""Pairs of cell and atom up to which a column is looked at."""


@dataclass(frozen=True, slots=True)
class Atom:
    """A value that stands for all that match the same cells.

    Attributes:
        value: the value.
        rows: the mask of the rows whose cell it matches.
        expected: inputs will have it: null and texts that the table does not name are no gaps.
    """

    value: Any
    rows: int
    expected: bool = True


@dataclass(frozen=True, slots=True)
class Domain:
    """What an input can be.

    Attributes:
        name: of the input.
        atoms: expected ones first; empty where the column is opaque.
        anything: the mask of the rows whose cell takes anything.
        same: for an opaque column, by row the mask of the rows with an equal cell.
        listed: the atoms are all the values that are meant, not samples of a range.
    """

    name: str
    atoms: tuple[Atom, ...]
    anything: int
    same: tuple[int, ...] = ()
    listed: bool = True


def domains(table: Table) -> tuple[Domain, ...] | None:
    """Return the domain of each input, or None if the table is too large to look at."""
    found: list[Domain] = []
    for at, column in enumerate(table.definition.inputs):
        cells = [row[at] for row in table.conditions]
        domain = _domain(column, cells)
        if domain is None:
            return None
        found.append(domain)
    return tuple(found)


def _domain(column: InputColumn, cells: Sequence[Condition]) -> Domain | None:
    masks: dict[Condition, int] = {}
    for row, cell in enumerate(cells):
        masks[cell] = masks.get(cell, 0) | 1 << row
    anything = sum(mask for cell, mask in masks.items() if cell.kind == "any")
    if _is_opaque(column, masks):
        return Domain(column.name, (), anything, tuple(masks[cell] for cell in cells))
    listed = not any(cell.intervals for cell in masks)
    values = _values(column, masks, listed=listed)
    if len(values) * len(masks) > MOST_CHECKS:
        return None
    atoms = tuple(
        Atom(value, sum(mask for cell, mask in masks.items() if cell.holds(value)), expected)
        for value, expected in values
    )
    return Domain(column.name, atoms, anything, listed=listed)


def _is_opaque(column: InputColumn, cells: Iterable[Condition]) -> bool:
    family = family_of_column(column)
    return any(
        cell.kind == "feel"
        or cell.many
        or (cell.family or family) != family
        or (family == "string" and cell.intervals)
        for cell in cells
    )


def _values(
    column: InputColumn, cells: Iterable[Condition], *, listed: bool
) -> list[tuple[Any, bool]]:
    """Return values that tell the cells apart, and which of them inputs will have."""
    values: list[tuple[Any, bool]] = []
    named: set[Any] = {value for cell in cells for value in cell.values}
    names_nothing = None in named
    named.discard(None)
    if column.choices:
        values += [(choice, True) for choice in column.choices]
    elif family_of_column(column) == "boolean":
        values += [(True, True), (False, True)]
    elif listed:
        values += [(value, True) for value in sorted(named - {""}, key=_order)]
    else:
        values += _samples(cells, integers=column.type == "integer")
    if not column.choices and listed and (other := _another(column, named)) is not None:
        values.append((other, not named))
    values.append((None, names_nothing))
    return values


def _order(value: Any) -> tuple[bool, Any]:
    return isinstance(value, str), value


def _another(column: InputColumn, named: set[Any]) -> Any:
    """Return a value that no cell names, or None where there is none to think of."""
    family = family_of_column(column)
    if family == "string":
        return next(text for text in ("another", "yet another") if text not in named)
    if family == "number":
        return max(named, default=0) + 1
    return max(named) + timedelta(days=1) if family == "date" and named else None


def _samples(cells: Iterable[Condition], *, integers: bool) -> list[tuple[Any, bool]]:
    """Return a value below, at, between and above the ends of intervals."""
    ends: set[Any] = {v for cell in cells for i in cell.intervals for v in (i.low, i.high)}
    named: set[Any] = {value for cell in cells for value in cell.values}
    edges: list[Any] = sorted((ends | named) - {None})
    samples: list[Any] = [_beside(edges[0], -1), edges[0]]
    for low, high in pairwise(edges):
        samples += [_between(low, high), high]
    samples.append(_beside(edges[-1], 1))
    if integers:
        samples = _integers(edges)
    return [(value, True) for value in samples if value is not None]


def _integers(edges: Sequence[Any]) -> list[int]:
    """Return whole numbers around edges that need not be whole."""
    found: set[int] = set()
    for edge in edges:
        found.update(range(math.floor(edge) - 1, math.ceil(edge) + 2))
    return sorted(found)


def _beside(edge: Any, step: int) -> Any:
    return edge + (timedelta(days=step) if isinstance(edge, date) else step)


def _between(low: Any, high: Any) -> Any:
    """Return a value strictly between two others, or None if there is none."""
    if isinstance(low, date):
        day = low + (high - low) // 2
        return day if low < day < high else None
    if isinstance(low, int) and high - low > 1:
        return low + 1
    return canonical((Decimal(low) + Decimal(high)) / 2)
