"""What the rows that match come to: the seven hit policies of DMN and the aggregations.

Results are contexts, one for each row; several hits are a list in the order that the policy says.
No row gives the defaults of the outputs, or null where there is none.

Source: DMN 1.5, section 8.2.10 (hit policy) and 8.2.11 (default output values).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from casewright.dmn.definition import SEVERAL_HITS, Aggregation, HitPolicy
from casewright.errors import CasewrightError
from casewright.feel.values import NUMBERS, bounded, canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from casewright.dmn.cells import Output
    from casewright.dmn.index import Index
    from casewright.feel import Budget

Decide: TypeAlias = "Callable[[Any, Budget, tuple[Any, ...]], Any]"


class HitPolicyError(CasewrightError):
    """More rows match than the hit policy allows.

    Attributes:
        table: name of the table.
        policy: its hit policy, ``unique`` or ``any``.
        rows: numbers of the matching rows, counted from 1.
        message: all of it in words.
    """

    def __init__(self, table: str, policy: HitPolicy, rows: Sequence[int]) -> None:
        self.table = table
        self.policy = policy
        self.rows = tuple(row + 1 for row in rows)
        numbers = " and ".join(str(row) for row in self.rows)
        why = "with different outputs " if policy == "any" else ""
        self.message = f'rows {numbers} of table "{table}" match {why}(hit policy "{policy}")'
        super().__init__(self.message)


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """The right side of a table.

    Attributes:
        names: of the outputs.
        rows: by row, what each output gives.
        ranks: for each output its allowed values, the highest priority first, or nothing.
        defaults: what each output gives where no row matches, or nothing at all.
        several: a result is a list of such results.
        bare: the value of the only output is the result.
    """

    names: tuple[str, ...]
    rows: tuple[tuple[Output, ...], ...]
    ranks: tuple[tuple[Any, ...], ...]
    defaults: tuple[Output, ...]
    several: bool
    bare: bool

    def constants(self) -> list[Any]:
        """Return by row the result that is always the same, or None for one to be worked out."""
        return [
            None
            if any(output.expression is not None for output in row)
            else self._result([output.value for output in row])
            for row in self.rows
        ]

    def of(self, row: int, s: Any, b: Budget) -> Any:
        """Return the result of one row; ``s`` is what expressions in cells read."""
        return self._result(self._values(row, s, b))

    def otherwise(self, s: Any, b: Budget) -> Any:
        """Return the result where no row matches."""
        if not self.defaults:
            return None
        result = self._result([output.of(s, b) for output in self.defaults])
        return [result] if self.several else result

    def values(self, rows: Iterable[int], s: Any, b: Budget) -> list[Any]:
        """Return the values of the first output, by row."""
        return [self._values(row, s, b)[0] for row in rows]

    def rank(self, result: Any) -> tuple[int, ...]:
        """Return how far down the allowed values a result stands, output by output."""
        values = [result] if self.bare else [result[name] for name in self.names]
        return tuple(
            ranks.index(value) if value in ranks else len(ranks)
            for value, ranks in zip(values, self.ranks, strict=True)
            if ranks
        )

    def _values(self, row: int, s: Any, b: Budget) -> list[Any]:
        return [output.of(s, b) for output in self.rows[row]]

    def _result(self, values: list[Any]) -> Any:
        return values[0] if self.bare else dict(zip(self.names, values, strict=True))


def deciding(
    table: str,
    policy: HitPolicy,
    aggregation: Aggregation | None,
    index: Index,
    answers: Answers,
) -> Decide:
    """Return the function that decides: (what cells read, budget, inputs) -> result."""
    if policy == "first":
        return _first(index, answers)
    if policy not in SEVERAL_HITS:
        return _single(table, policy, index, answers)
    if aggregation is not None:
        return _aggregated(aggregation, index, answers)
    return _several(policy, index, answers)


def _first(index: Index, answers: Answers) -> Decide:
    first, constants = index.first, answers.constants()

    def decide(s: Any, b: Budget, args: tuple[Any, ...]) -> Any:
        row = first(s, b, args)
        if row < 0:
            return answers.otherwise(s, b)
        result = constants[row]
        return answers.of(row, s, b) if result is None else result

    return decide


def _single(table: str, policy: HitPolicy, index: Index, answers: Answers) -> Decide:
    every, constants = index.every, answers.constants()

    def decide(s: Any, b: Budget, args: tuple[Any, ...]) -> Any:
        rows = every(s, b, args)
        if not rows:
            return answers.otherwise(s, b)
        if len(rows) > 1:
            return several(rows, s, b)
        result = constants[rows[0]]
        return answers.of(rows[0], s, b) if result is None else result

    def several(rows: list[int], s: Any, b: Budget) -> Any:
        if policy == "unique":
            raise HitPolicyError(table, policy, rows)
        results = [answers.of(row, s, b) for row in rows]
        if policy == "priority":
            return min(results, key=answers.rank)
        if not all(alike(results[0], result) for result in results[1:]):
            raise HitPolicyError(table, policy, rows)
        return results[0]

    return decide


def _several(policy: HitPolicy, index: Index, answers: Answers) -> Decide:
    def decide(s: Any, b: Budget, args: tuple[Any, ...]) -> Any:
        rows = index.every(s, b, args)
        if not rows:
            return answers.otherwise(s, b)
        b.spend(len(rows))
        results = [answers.of(row, s, b) for row in rows]
        return sorted(results, key=answers.rank) if policy == "output order" else results

    return decide


def _aggregated(aggregation: Aggregation, index: Index, answers: Answers) -> Decide:
    def decide(s: Any, b: Budget, args: tuple[Any, ...]) -> Any:
        rows = index.every(s, b, args)
        if not rows:
            return answers.otherwise(s, b)
        b.spend(len(rows))
        value = aggregated(aggregation, answers.values(rows, s, b))
        return value if answers.bare else {answers.names[0]: value}

    return decide


def aggregated(aggregation: Aggregation, values: list[Any]) -> Any:
    """Return the number, sum, least or greatest of at least one value, null where undefined."""
    if aggregation == "count":
        return len(values)
    if aggregation == "sum":
        return _sum(values)
    if any(value is None or isinstance(value, bool) for value in values):
        return None
    try:
        return min(values) if aggregation == "min" else max(values)
    except TypeError:
        return None


def _sum(values: list[Any]) -> Any:
    if not all(isinstance(v, int | Decimal) and not isinstance(v, bool) for v in values):
        return None
    total: int | Decimal = 0
    for value in values:
        if isinstance(total, int) and isinstance(value, int):
            total = bounded(total + value)
        else:
            total = canonical(NUMBERS.add(total, value))
    return total


def alike(one: Any, other: Any) -> bool:
    """Return whether two FEEL values are equal; ``true`` is not 1."""
    if isinstance(one, bool) is not isinstance(other, bool):
        return False
    if isinstance(one, dict) and isinstance(other, dict):
        left, right = cast("Mapping[str, Any]", one), cast("Mapping[str, Any]", other)
        return left.keys() == right.keys() and all(alike(left[k], right[k]) for k in left)
    if isinstance(one, list) and isinstance(other, list):
        items, others = cast("Sequence[Any]", one), cast("Sequence[Any]", other)
        same_length = len(items) == len(others)
        return same_length and all(alike(a, b) for a, b in zip(items, others, strict=True))
    return bool(one == other)
