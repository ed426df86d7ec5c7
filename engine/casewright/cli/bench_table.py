"""Decision tables against a bit-mask index, and many rows against few."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from casewright import dmn, feel
from casewright.cli.bench_clock import figure, interleaved

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_COLUMNS = 3
_CALLS = 2_000


class MaskIndex:
    """The peer: for each column a mask of rows by value; one ``and`` a column, the lowest bit."""

    def __init__(self, rows: Sequence[tuple[str, ...]]) -> None:
        self._every = [
            sum(1 << at for at, row in enumerate(rows) if row[c] == "-") for c in range(_COLUMNS)
        ]
        self._masks: list[dict[str, int]] = [{} for _ in range(_COLUMNS)]
        for at, row in enumerate(rows):
            for column, cell in enumerate(row):
                if cell != "-":
                    masks = self._masks[column]
                    masks[cell] = masks.get(cell, 0) | 1 << at

    def first(self, args: tuple[str, ...]) -> int:
        """Return the first row that matches, -1 if there is none."""
        found = -1
        for column, value in enumerate(args):
            found &= self._masks[column].get(value, 0) | self._every[column]
        return (found & -found).bit_length() - 1


def rows_of(number: int, rng: random.Random) -> list[tuple[str, ...]]:
    """Return rows with constants, every tenth cell empty of meaning."""
    values = max(4, int(number ** (1 / _COLUMNS)) * 2)
    return [
        tuple("-" if rng.random() < 0.1 else f"v{rng.randrange(values)}" for _ in range(_COLUMNS))
        for _ in range(number)
    ]


def _table(rows: Sequence[tuple[str, ...]]) -> dmn.Table:
    definition = dmn.TableDefinition(
        name="bench",
        hit_policy="first",
        inputs=tuple(dmn.InputColumn(f"c{c}", "string") for c in range(_COLUMNS)),
        outputs=(dmn.OutputColumn("row", "integer"),),
        rows=tuple(
            dmn.Row(tuple(dmn.Cell(cell) for cell in row), (dmn.Cell(str(at)),))
            for at, row in enumerate(rows)
        ),
    )
    table, problems = dmn.compile_table(definition)
    if table is None:
        raise RuntimeError(f"the table of the benchmark does not compile: {problems}")
    return table


def _queries(rows: Sequence[tuple[str, ...]], rng: random.Random) -> list[tuple[str, ...]]:
    return [
        tuple("v1" if cell == "-" else cell for cell in rng.choice(rows)) for _ in range(_CALLS)
    ]


def _deciding(table: dmn.Table, queries: Sequence[tuple[str, ...]]) -> Callable[[], int]:
    view: Any = None

    def work() -> int:
        budget = feel.Budget(10 * len(queries))
        for query in queries:
            table.decide(view, budget, query)
        return len(queries)

    return work


def _masking(index: MaskIndex, queries: Sequence[tuple[str, ...]]) -> Callable[[], int]:
    def work() -> int:
        for query in queries:
            index.first(query)
        return len(queries)

    return work


def measure(rounds: int) -> list[dict[str, object]]:
    """Return the figures of tables with 14 and with 10,000 rows."""
    rng = random.Random(7)  # noqa: S311  test data
    works: dict[str, Callable[[], int]] = {}
    for number in (14, 10_000):
        rows = rows_of(number, rng)
        queries = _queries(rows, rng)
        works[f"table {number}"] = _deciding(_table(rows), queries)
        works[f"masks {number}"] = _masking(MaskIndex(rows), queries)
    taken = interleaved(works, rounds)
    small, large, masks = taken["table 14"], taken["table 10000"], taken["masks 14"]
    return [
        figure("table of 14 rows in bit-mask look-ups", small / masks, 2, 1.2, _both(small, masks)),
        figure("table of 10,000 rows in one of 14", large / small, 8, 4, _both(large, small)),
        figure(
            "table of 10,000 rows in bit-mask look-ups",
            large / taken["masks 10000"],
            None,
            None,
            _both(large, taken["masks 10000"]),
        ),
    ]


def _both(measured: float, peer: float) -> str:
    return f"{measured:,.0f} ns against {peer:,.0f} ns"
