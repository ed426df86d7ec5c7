"""What views compile to, and how they read cases: lists, highlights, forms, handling notes.

Views are read by people, so their expressions see the case, the reader (``actor``) and ``now``
(rule 6, position *reader*). Evaluating one changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cmp_to_key
from typing import TYPE_CHECKING, Any, TypeAlias

from casewright.temporal import Duration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from casewright.feel import Expression
    from casewright.views.indicators import Indicator

Seen: TypeAlias = Any
"""What a view's expressions read: a ``View`` of a case, or a :class:`~casewright.views.Record`."""


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A column: the path as written, and how it is read."""

    path: str
    title: str
    value: Expression


@dataclass(frozen=True, slots=True, eq=False)
class SortKey:
    """A key to sort by."""

    value: Expression
    is_descending: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a list.

    Attributes:
        id: of the case or record.
        cells: values in the order of the columns.
        colours: of the highlighted fields among the columns, by path.
    """

    id: str
    cells: tuple[Any, ...]
    colours: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Entry:
    """A row with what it is sorted by, one for each sort key of its list."""

    row: Row
    keys: tuple[Any, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ListView:
    """A list.

    Attributes:
        roles: who sees it; None for all who may read.
    """

    name: str
    title: str
    filter: Expression | None
    columns: tuple[Column, ...]
    sort: tuple[SortKey, ...]
    roles: frozenset[str] | None = None

    def shows(self, seen: Seen) -> bool:
        """Return True if the case or record is in the list."""
        return self.filter is None or self.filter.true(seen, seen.budget)

    def rows(
        self, all_seen: Iterable[Seen], highlights: Mapping[str, Highlight] | None = None
    ) -> list[Row]:
        """Return the list's rows, sorted; equal ones keep the order in which they came.

        Args:
            all_seen: a view of each case (or each record) that there is.
            highlights: of the same case type, to colour the cells; None for no colours.
        """
        entries = (self.entry(seen, highlights) for seen in all_seen)
        return self.arranged(entry for entry in entries if entry is not None)

    def entry(self, seen: Seen, highlights: Mapping[str, Highlight] | None = None) -> Entry | None:
        """Return the row of one case or record, None where it is not in the list."""
        if not self.shows(seen):
            return None
        keys = tuple(key.value.value(seen, seen.budget) for key in self.sort)
        return Entry(self._row(seen, highlights or {}), keys)

    def arranged(self, entries: Iterable[Entry]) -> list[Row]:
        """Return rows in the order of the list; equal ones stay as they came."""
        ordered = list(entries)
        for position, key in reversed(list(enumerate(self.sort))):
            ordered.sort(key=_by(position, key), reverse=key.is_descending)
        return [entry.row for entry in ordered]

    def _row(self, seen: Seen, highlights: Mapping[str, Highlight]) -> Row:
        colours = {
            column.path: colour
            for column in self.columns
            if column.path in highlights
            and (colour := highlights[column.path].colour(seen)) is not None
        }
        cells = tuple(column.value.value(seen, seen.budget) for column in self.columns)
        return Row(seen.id, cells, colours)


@dataclass(frozen=True, slots=True, eq=False)
class Highlight:
    """The colours of one field: each with its condition, in file order."""

    field: str
    colours: tuple[tuple[str, Expression], ...]

    def colour(self, seen: Seen) -> str | None:
        """Return the first colour whose condition holds, or None."""
        for colour, condition in self.colours:
            if condition.true(seen, seen.budget):
                return colour
        return None


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """A form: fields in order."""

    name: str
    title: str
    fields: tuple[str, ...]
    roles: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class HandlingNote:
    """A note shown on the cases on which ``when`` holds."""

    name: str
    title: str
    when: Expression
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Views:
    """All views of a case type or record type, by name in file order."""

    lists: Mapping[str, ListView] = field(default_factory=dict[str, ListView])
    highlights: Mapping[str, Highlight] = field(default_factory=dict[str, Highlight])
    forms: Mapping[str, Form] = field(default_factory=dict[str, Form])
    indicators: Mapping[str, Indicator] = field(default_factory=lambda: dict[str, "Indicator"]())

    def highlight(self, seen: Seen) -> dict[str, str]:
        """Return the colour of each highlighted field."""
        found = {name: one.colour(seen) for name, one in self.highlights.items()}
        return {name: colour for name, colour in found.items() if colour is not None}

    def lists_for(self, held: frozenset[str]) -> list[ListView]:
        """Return the lists that somebody with the roles ``held`` sees."""
        return [one for one in self.lists.values() if one.roles is None or one.roles & held]


def handling_notes(notes: Iterable[HandlingNote], seen: Seen) -> list[HandlingNote]:
    """Return the notes that are shown on a case, in file order."""
    return [note for note in notes if note.when.true(seen, seen.budget)]


def _by(position: int, key: SortKey) -> Callable[[Entry], Any]:
    """Return the key function of one sort key: empty values come last either way."""

    def order(entry: Entry) -> Any:
        value = entry.keys[position]
        is_empty = value is None
        return (is_empty is not key.is_descending, _COMPARABLE(value))

    return order


def compare(left: Any, right: Any) -> int:
    """Return -1, 0 or 1 for two values; values of unlike types go by the name of the type."""
    left, right = _plain(left), _plain(right)
    if left == right:
        return 0
    try:
        return -1 if left < right else 1
    except TypeError:
        names = type(left).__name__, type(right).__name__
        return (names[0] > names[1]) - (names[0] < names[1])


_COMPARABLE = cmp_to_key(compare)


def _plain(value: Any) -> Any:
    match value:
        case None:
            return ""
        case bool():
            return int(value)
        case int() | Decimal() | timedelta() | Duration():
            return value
        case datetime():
            return value if value.tzinfo is not None else value.replace(tzinfo=UTC)
        case date():
            return datetime(value.year, value.month, value.day, tzinfo=UTC)
        case list() | tuple():
            return ", ".join(str(item) for item in value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        case _:
            return str(value).casefold()
