"""Decision tables (DMN 1.5)."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field

from casewright.spec.models.common import (
    Choice,
    Choices,
    Expr,
    FieldType,
    Many,
    Model,
    Name,
    Ref,
    SpecModel,
)

ColumnType: TypeAlias = FieldType | Literal["template"]


class InputColumn(Model):
    """What a table looks at."""

    type: ColumnType
    """The type of its values."""
    title: str | None = None
    """A heading."""
    description: str | None = None
    """What it is for."""
    to: Ref | None = None
    """What a reference points to."""
    many: bool = False
    """It is a list of such values."""
    choices: Choices | None = None
    """The values that it can have; the analysis of gaps goes through them."""
    expression: Expr | None = None
    """What a call that leaves it out reads, instead of the scope's name."""
    cells: Literal["text", "feel"] | None = None
    """`feel`: its cells are FEEL unary tests; else it depends on the type."""


class OutputColumn(Model):
    """What a table answers."""

    type: ColumnType
    """The type of its values."""
    title: str | None = None
    """A heading."""
    description: str | None = None
    """What it is for."""
    to: Ref | None = None
    """What a reference points to."""
    many: bool = False
    """It is a list of such values."""
    choices: Choices | None = None
    """The values that it can have; for `priority` and `output order` the highest first."""
    default: Any = None
    """The answer when no rule matches, as a cell."""
    cells: Literal["text", "feel"] | None = None
    """`feel`: its cells are FEEL expressions; else it depends on the type."""


class Rule(Model):
    """A row: tests of inputs and the answer."""

    when: dict[Name, Choice | bool | None] = {}
    """Cells by input; one left out is anything."""
    then: dict[Name, Any]
    """Cells by output."""


class CsvRules(Model):
    """Rows in a file."""

    csv: str
    """A CSV file of the pack, its first line naming inputs and outputs."""


class DecisionTable(SpecModel):
    """A decision table; in expressions it is a function."""

    hit_policy: Literal[
        "unique", "first", "priority", "any", "collect", "rule order", "output order"
    ] = "unique"
    """What holds when several rows match."""
    aggregation: Literal["count", "min", "max", "sum"] | None = None
    """What `collect` makes of the answers; without it a list."""
    inputs: dict[Name, InputColumn]
    """Inputs by name."""
    outputs: Annotated[dict[Name, OutputColumn], Field(min_length=1)]
    """Outputs by name."""
    rules: str | Many[Rule] | CsvRules
    """The rows: a grid of text, a list of `{when, then}`, or `{csv: file}`."""
