"""One random decision table after the other: the engine's decision beside a naive evaluator's."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any

from casewright import dmn, feel
from casewright.feel import tree, types
from support.feel_oracle import Oracle, alike
from support.feel_values import arithmetic, equal, name_of, order

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casewright.dmn.definition import Aggregation, HitPolicy

STEPS = 3_000
POLICIES: tuple[HitPolicy, ...] = (
    *("unique", "any", "priority", "first", "collect", "rule order", "output order"),
)
AGGREGATIONS: tuple[Aggregation | None, ...] = (None, "count", "min", "max", "sum")
COLUMNS: Mapping[str, str] = {
    "n": "number",
    "s": "string",
    "p": "boolean",
    "d": "date",
    "x": "any",
}
CELLS: Mapping[str, tuple[str, ...]] = {
    "number": (
        *("1", "2", "3", "1.5", "-1", "< 2", "<= 2", "> 1.5", ">= 3", "[1..3]", "]1..3[", "(1..3]"),
        *("1, 3", "1, [2..3]", "< 0, > 2", "not(1)", "not(1, 2)", "not([1..2])", "not(< 2)"),
        *("null", "not(null)", "1, null", "? > 1 and ? < 3", "even(?)", "not(even(?))", "> n"),
        *("n + 1", "[1, 2]", "list contains([1, 3], ?)"),
    ),
    "string": (
        *('"a"', '"b"', '"a", "b"', 'not("a")', 'not("a", "b")', "null", '> "a"', '["a".."b"]'),
        *('starts with(?, "a")', "string length(?) > 1", "s", '"a", null'),
    ),
    "boolean": ("true", "false", "not(true)", "null", "p", "? = true", "true, false"),
    "date": (
        *('@"2026-01-01"', '< @"2026-02-01"', '[@"2026-01-01"..@"2026-02-01"]'),
        *('date("2026-02-01"), @"2025-01-01"', "?.year = 2026", 'not(@"2026-01-01")', "d"),
    ),
    "any": ("1", '"a"', "true", "null", 'not("a")', "> 1", '1, "a"', "not(1)", "[1..2]"),
}
VALUES: Mapping[str, tuple[Any, ...]] = {
    "number": (None, 0, 1, 2, 3, 4, -1, Decimal("1.5"), Decimal("2.25")),
    "string": (None, "", "a", "b", "ab", "c"),
    "boolean": (None, True, False),
    "date": (None, date(2025, 1, 1), date(2026, 1, 1), date(2026, 1, 15), date(2026, 2, 1)),
    "any": (None, 1, 2, "a", True, Decimal("1.5")),
}
RANKS = {"level": ("high", "middle", "low"), "out": (3, 2, 1)}
OUTPUTS: Mapping[str, tuple[str, ...]] = {
    "level": ('"high"', '"middle"', '"low"', "null"),
    "out": ("1", "2", "3", "n", "n + 1", "1.5", "null", "if p then 1 else 2"),
}


@dataclass
class TableTally:
    """What became of the tables: result, nothing, violation, refused; and what was wrong."""

    counts: Counter[str] = field(default_factory=Counter[str])
    wrong: list[str] = field(default_factory=list[str])

    def try_seed(self, seed: int) -> None:
        """Try the table of a seed for ten rows of inputs."""
        random = Random(seed)
        definition = definition_of(random)
        table, problems = dmn.compile_table(definition)
        if table is None:
            self.counts["refused"] += 1
            self.wrong.append(f"seed {seed}: {definition}\n  {problems}")
            return
        naive = Naive(definition)
        for _ in range(10):
            given = {name: random.choice(VALUES[kind]) for name, kind in COLUMNS.items()}
            self._compare(seed, table, naive, given)

    def _compare(self, seed: int, table: dmn.Table, naive: Naive, given: dict[str, Any]) -> None:
        args = tuple(given[column.name] for column in table.definition.inputs)
        given = dict(zip((c.name for c in table.definition.inputs), args, strict=True))
        expected, violated = naive.decide(given)
        budget = feel.Budget(STEPS)
        try:
            found, refused = table.decide(None, budget, args), False
        except dmn.HitPolicyError:
            found, refused = None, True
        except Exception as err:
            self.wrong.append(f"seed {seed}: {given}: {type(err).__name__}: {err}")
            return
        if refused is not violated or not alike(found, expected) or budget.left < 0:
            definition = table.definition
            rows = [[c.text for c in (*r.inputs, *r.outputs)] for r in definition.rows]
            head = f"{definition.hit_policy} {definition.aggregation} {rows}"
            self.wrong.append(f"seed {seed}: {head}\n  {given}: {found!r}, not {expected!r}")
            return
        kind = "violation" if violated else "nothing" if expected in (None, []) else "result"
        self.counts[kind] += 1


def definition_of(random: Random) -> dmn.TableDefinition:
    """Return a table of up to twelve rows, or now and then of eighty."""
    names = ["n", "p", *random.sample(["s", "d", "x"], random.randrange(4))]
    policy = random.choice(POLICIES)
    aggregation = random.choice(AGGREGATIONS) if policy == "collect" else None
    outputs = ["out"] if aggregation or random.random() < 0.4 else ["level", "out"]
    count = 80 if random.random() < 0.05 else random.randrange(1, 13)
    return dmn.TableDefinition(
        name="t",
        inputs=tuple(dmn.InputColumn(name, COLUMNS[name], cells="feel") for name in names),
        outputs=tuple(_output(random, name) for name in outputs),
        rows=tuple(_row(random, names, outputs) for _ in range(count)),
        hit_policy=policy,
        aggregation=aggregation,
        bare=len(outputs) == 1 and random.random() < 0.5,
    )


def _output(random: Random, name: str) -> dmn.OutputColumn:
    default = dmn.Cell(random.choice(OUTPUTS[name])) if random.random() < 0.3 else None
    allowed = ", ".join(f'"{v}"' if isinstance(v, str) else str(v) for v in RANKS[name])
    kind = "string" if name == "level" else "number"
    return dmn.OutputColumn(name, kind, cells="feel", allowed=allowed, default=default)


def _row(random: Random, names: list[str], outputs: list[str]) -> dmn.Row:
    cells = [
        "-" if random.random() < 0.45 else random.choice(CELLS[COLUMNS[name]]) for name in names
    ]
    return dmn.Row(
        tuple(dmn.Cell(cell) for cell in cells),
        tuple(dmn.Cell(random.choice(OUTPUTS[name])) for name in outputs),
    )


class Naive:
    """Decides by looking at every cell with the oracle (DMN 1.5, section 8.2.10)."""

    def __init__(self, definition: dmn.TableDefinition) -> None:
        self._definition = definition
        self._names = [column.name for column in definition.outputs]

    def decide(self, given: dict[str, Any]) -> tuple[Any, bool]:
        """Return the result, and whether the hit policy is violated instead."""
        definition = self._definition
        rows = [row for row in definition.rows if self._matches(row, given)]
        policy = definition.hit_policy
        several = policy in ("collect", "rule order", "output order")
        if not rows:
            if not any(column.default for column in definition.outputs):
                return None, False
            found = self._defaults(given)
            return ([found] if several and definition.aggregation is None else found), False
        results = [[self._value(cell.text, given) for cell in row.outputs] for row in rows]
        if policy == "unique" and len(rows) > 1:
            return None, True
        if policy == "any" and any(equal(r, results[0]) is not True for r in results):
            return None, True
        if policy in ("priority", "output order"):
            results.sort(key=self._rank)
        if definition.aggregation is not None:
            return self._shaped(
                [_aggregated(definition.aggregation, [r[0] for r in results])]
            ), False
        shaped = [self._shaped(result) for result in results]
        return (shaped if several else shaped[0]), False

    def _matches(self, row: dmn.Row, given: dict[str, Any]) -> bool:
        pairs = zip(row.inputs, self._definition.inputs, strict=True)
        return all(self._holds(cell.text, given[column.name], given) for cell, column in pairs)

    def _holds(self, text: str, value: Any, given: dict[str, Any]) -> bool:
        tests = feel.compile_unary(text, None, types.ANY).tree
        assert isinstance(tests, tree.Tests)
        return Oracle(given).unary(tests, value) is True

    def _value(self, text: str, given: dict[str, Any]) -> Any:
        return Oracle(given).value(feel.compile(text).tree)

    def _defaults(self, given: dict[str, Any]) -> Any:
        cells = [column.default for column in self._definition.outputs]
        return self._shaped([None if c is None else self._value(c.text, given) for c in cells])

    def _shaped(self, values: list[Any]) -> Any:
        return values[0] if self._definition.bare else dict(zip(self._names, values, strict=True))

    def _rank(self, result: list[Any]) -> list[int]:
        return [
            next((at for at, rank in enumerate(RANKS[name]) if equal(value, rank)), 99)
            for name, value in zip(self._names, result, strict=True)
        ]


def _aggregated(aggregation: Aggregation, values: list[Any]) -> Any:
    if aggregation == "count":
        return len(values)
    if any(name_of(value) != "number" for value in values):
        return None
    found = values[0]
    for value in values[1:]:
        if aggregation == "sum":
            found = arithmetic("+", found, value)
        elif order(value, found) == (-1 if aggregation == "min" else 1):
            found = value
    return found
