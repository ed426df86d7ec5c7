"""What a decision table is before it is compiled: plain records with their places.

A definition holds cell *texts*; what a text means is said in ``cells.py``. It is made by
``notation.py`` from YAML or CSV, or by a reader of DMN XML, and by nothing else that compiles.

Source: DMN 1.5, section 8 (decision table).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

HitPolicy = Literal["unique", "any", "priority", "first", "collect", "rule order", "output order"]
Aggregation = Literal["count", "min", "max", "sum"]
CellLanguage = Literal["text", "feel"]

HIT_POLICIES: tuple[HitPolicy, ...] = (
    "unique",
    "any",
    "priority",
    "first",
    "collect",
    "rule order",
    "output order",
)
SEVERAL_HITS: frozenset[HitPolicy] = frozenset({"collect", "rule order", "output order"})
AGGREGATIONS: dict[str, Aggregation] = {"+": "sum", "#": "count", "<": "min", ">": "max"}

COLUMN_TYPES = frozenset(
    {
        "any",
        "attachment",
        "boolean",
        "choice",
        "date",
        "date_time",
        "duration",
        "integer",
        "journal",
        "map",
        "number",
        "reference",
        "string",
        "template",
        "text",
        "time",
    }
)
PLAIN_TYPES = frozenset({"attachment", "choice", "reference", "string", "template", "text"})
"""Types whose cells are plain text unless the column says ``cells: feel``."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something of a table is written.

    Attributes:
        pointer: JSON Pointer from the root of the spec to the value.
        start: offset in characters within the text found there.
        end: offset behind the last character, or None for the whole value.
        file: name of the CSV file that the offsets count in, as the spec writes it, or an empty
            text for the spec itself.
    """

    pointer: str
    start: int = 0
    end: int | None = None
    file: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a table; the fields are those of a diagnostic, the place is not resolved."""

    code: str
    message: str
    place: Place
    hint: str = ""
    severity: Literal["error", "warning", "info"] = "error"
    related: tuple[tuple[str, Place], ...] = ()


@dataclass(frozen=True, slots=True)
class InputColumn:
    """One input.

    Attributes:
        name: the parameter's name, as calls and other cells write it.
        type: a word of ``COLUMN_TYPES``.
        cells: the language of its cells, or None for that of its type.
        choices: the allowed values in their declared order; all integers or all texts.
        to: what a reference points to.
        many: the value is a list; a cell of plain text matches if one of its items does.
        expression: FEEL text that gives the value where it is not simply ``name``.
        place: where the column is declared.
    """

    name: str
    type: str = "any"
    cells: CellLanguage | None = None
    choices: tuple[str | int, ...] = ()
    to: str = ""
    many: bool = False
    expression: str | None = None
    place: Place = Place("")

    @property
    def language(self) -> CellLanguage:
        """Return the language of its cells."""
        return self.cells or ("text" if self.type in PLAIN_TYPES else "feel")


@dataclass(frozen=True, slots=True)
class OutputColumn:
    """One output.

    Attributes:
        name: key of the result; an empty text only where ``TableDefinition.bare`` is set.
        type: a word of ``COLUMN_TYPES``.
        cells: the language of its cells, or None for that of its type.
        choices: the allowed values, the highest priority first; all integers or all texts.
        allowed: the same as FEEL literals separated by commas, where they are not plain texts.
        to: what a reference points to.
        many: a plain cell is a list, its items separated by commas.
        default: the cell that stands where no row matches, or None.
        place: where the column is declared.
    """

    name: str
    type: str = "any"
    cells: CellLanguage | None = None
    choices: tuple[str | int, ...] = ()
    allowed: str | None = None
    to: str = ""
    many: bool = False
    default: Cell | None = None
    place: Place = Place("")

    @property
    def language(self) -> CellLanguage:
        """Return the language of its cells."""
        return self.cells or ("text" if self.type in PLAIN_TYPES else "feel")


@dataclass(frozen=True, slots=True)
class Cell:
    """The text of one cell, without the blanks around it."""

    text: str
    place: Place = Place("")


@dataclass(frozen=True, slots=True)
class Row:
    """One rule: as many cells as the table has inputs and outputs, in the table's order."""

    inputs: tuple[Cell, ...]
    outputs: tuple[Cell, ...]
    place: Place = Place("")


@dataclass(frozen=True, slots=True)
class TableDefinition:
    """A decision table as it is written.

    Attributes:
        name: how expressions call it.
        inputs: its inputs, in file order; may be empty.
        outputs: its outputs, at least one.
        rows: its rules, in file order.
        hit_policy: what several matching rows mean.
        aggregation: what ``collect`` makes of them, or None for a list.
        bare: the value of a single output is the result, as in DMN, instead of a context.
        place: where ``hit_policy`` is said.
    """

    name: str
    inputs: tuple[InputColumn, ...]
    outputs: tuple[OutputColumn, ...]
    rows: tuple[Row, ...]
    hit_policy: HitPolicy = "unique"
    aggregation: Aggregation | None = None
    bare: bool = False
    place: Place = Place("")


def quoted(values: Iterable[object]) -> str:
    """Return values for a message: each in quotes, separated by commas."""
    return ", ".join(f'"{value}"' for value in values)
