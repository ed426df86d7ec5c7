"""Decision tables against a bit-mask index and ``zen-engine``, and many rows against few."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from casewright import dmn, feel
from casewright.cli import bench_zen
from casewright.cli.bench_clock import figure, interleaved

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_COLUMNS = 3
_CALLS = 2_000
SIZES = (14, 100, 1_000, 10_000)


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
    """Return the figures of tables of 14 to 10,000 rows: against the peers, and how they grow."""
    rng = random.Random(7)  # noqa: S311  test data
    zen = bench_zen.engine()
    works: dict[str, Callable[[], int]] = {}
    for number in SIZES:
        rows = rows_of(number, rng)
        queries = _queries(rows, rng)
        works[f"table {number}"] = _deciding(_table(rows), queries)
        works[f"masks {number}"] = _masking(MaskIndex(rows), queries)
        if zen is not None:
            few = queries[: max(5, 20_000 // number // 10)]
            works[f"zen {number}"] = bench_zen.deciding(zen, rows, few)
    taken = interleaved(works, rounds)
    peers = ["masks"] if zen is None else ["masks", "zen"]
    found = [_against(taken, peer, number) for peer in peers for number in SIZES]
    found += [_growth(taken, name) for name in ("table", *peers)]
    return found if zen is not None else [*found, bench_zen.missing("the same in `zen-engine`")]


_NAMES = {"table": "table", "masks": "bit-mask index", "zen": "`zen-engine`"}


def _against(taken: Mapping[str, float], peer: str, number: int) -> dict[str, object]:
    mine, other = taken[f"table {number}"], taken[f"{peer} {number}"]
    detail = f"{mine:,.0f} ns against {other:,.0f} ns"
    if peer == "zen":
        return figure(f"`zen-engine`, {number:,} rows, in tables", other / mine, None, None, detail)
    return figure(f"table of {number:,} rows in bit-mask look-ups", mine / other, 2, 1.2, detail)


def _growth(taken: Mapping[str, float], name: str) -> dict[str, object]:
    small, *larger = (taken[f"{name} {number}"] for number in SIZES)
    promise, goal = (8, 4) if name == "table" else (None, None)
    steps = ", ".join(
        f"{number:,}: {value / small:.2f}" for number, value in zip(SIZES[1:], larger, strict=True)
    )
    what = f"{_NAMES[name]} of 10,000 rows in one of 14"
    return figure(what, larger[-1] / small, promise, goal, f"rows {steps}")
