"""Why a table gave its answer: the rows that matched, and those that a single cell kept out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from casewright.dmn.frame import Frame
from casewright.dmn.hit_policy import HitPolicyError
from casewright.dmn.index import holds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casewright.dmn.definition import Place
    from casewright.dmn.table import Table
    from casewright.feel import Budget

NEAR_MISSES = 20
"""How many near misses an explanation names at most."""


@dataclass(frozen=True, slots=True)
class MatchedRow:
    """A row that matched.

    Attributes:
        row: its number, counted from 1.
        cells: the texts of its input cells by input.
        outputs: what it gives.
        place: where it is written.
    """

    row: int
    cells: Mapping[str, str]
    outputs: Any
    place: Place


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A row of which every cell but one matched.

    Attributes:
        row: its number, counted from 1.
        column: the input that did not match.
        cell: what the cell asks for.
        value: what the input was.
        place: where the cell is written.
    """

    row: int
    column: str
    cell: str
    value: Any
    place: Place

    def __str__(self) -> str:
        value = "null" if self.value is None else self.value
        cell = self.cell or "(empty)"
        return f"row {self.row}: {self.column} is {value}, the cell asks for {cell}"


@dataclass(frozen=True, slots=True)
class Explanation:
    """One evaluation of a table.

    Attributes:
        table: its name.
        hit_policy: what several rows mean in it.
        inputs: the values by input.
        matched: all rows that matched, in file order; which of them count says the hit policy.
        near: rows that one cell kept out, at most ``NEAR_MISSES``, in file order.
        result: what came of it; None where ``error`` is set.
        error: the violation of the hit policy, or an empty text.
    """

    table: str
    hit_policy: str
    inputs: Mapping[str, Any]
    matched: tuple[MatchedRow, ...]
    near: tuple[NearMiss, ...] = ()
    result: Any = None
    error: str = ""
    more_near: int = 0


def explain(table: Table, s: Any, b: Budget, args: tuple[Any, ...]) -> Explanation:
    """Return why ``table`` decides as it does, by looking at every cell.

    Args:
        table: the table.
        s: what the caller's expressions read.
        b: the budget that expressions in cells count down.
        args: values of the inputs, in the table's order.
    """
    frame = Frame(s, args)
    matched: list[MatchedRow] = []
    near: list[NearMiss] = []
    more = 0
    for number in range(len(table.conditions)):
        failed = _failed(table, number, frame, b)
        if not failed:
            matched.append(_matched(table, number, frame, b))
        elif len(failed) == 1 and len(near) < NEAR_MISSES:
            near.append(_near(table, number, failed[0], args))
        else:
            more += len(failed) == 1
    result, error = None, ""
    try:
        result = table.decide(s, b, args)
    except HitPolicyError as err:
        error = err.message
    definition = table.definition
    policy = " ".join(filter(None, (definition.hit_policy, definition.aggregation)))
    inputs = {column.name: value for column, value in zip(definition.inputs, args, strict=True)}
    return Explanation(table.name, policy, inputs, tuple(matched), tuple(near), result, error, more)


def _failed(table: Table, number: int, frame: Frame, b: Budget) -> list[int]:
    """Return the columns whose cells do not match, at most two."""
    failed: list[int] = []
    for at, condition in enumerate(table.conditions[number]):
        if not holds(condition, frame, b, frame.args[at]):
            failed.append(at)
            if len(failed) == 2:
                break
    return failed


def _matched(table: Table, number: int, frame: Frame, b: Budget) -> MatchedRow:
    row = table.definition.rows[number]
    inputs = zip(table.definition.inputs, row.inputs, strict=True)
    cells = {column.name: cell.text for column, cell in inputs}
    return MatchedRow(number + 1, cells, table.answers.of(number, frame, b), row.place)


def _near(table: Table, number: int, at: int, args: tuple[Any, ...]) -> NearMiss:
    cell = table.definition.rows[number].inputs[at]
    column = table.definition.inputs[at].name
    return NearMiss(number + 1, column, cell.text, args[at], cell.place)
