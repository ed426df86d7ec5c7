"""What commands print: one door for people, one for programs.

A person gets tables and colours on a terminal and plain text elsewhere; a program gets JSON with
sorted meaning, never a mix of both on one stream. ``rich`` is loaded only for people.
"""

import datetime as dt
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console


class Format(StrEnum):
    """How results are printed."""

    TEXT = "text"
    JSON = "json"


def is_terminal() -> bool:
    """Return True if a person is likely to read what is printed."""
    return sys.stdout.isatty()


def console() -> "Console":
    """Return a console on standard output; colours and width are those of the terminal."""
    from rich.console import Console

    # where nobody looks at a terminal, lines are as long as what they say
    return Console(highlight=False, width=None if is_terminal() else 160)


def write(text: str) -> None:
    """Print one line, or several."""
    sys.stdout.write(text + "\n")


def plain(value: Any) -> Any:
    """Return a value of a case or event as JSON knows it; dates and durations become texts."""
    if value is None or isinstance(value, bool | int | str | float):
        return value
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]  a map of anything
    if isinstance(value, Iterable):
        return [plain(item) for item in value]  # pyright: ignore[reportUnknownVariableType]  a list of anything
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    return str(value)


def write_json(value: Any, *, compact: bool = False) -> None:
    """Print a value as JSON: on one line, or indented for people who look at it too."""
    if compact:
        write(json.dumps(plain(value), ensure_ascii=False, separators=(",", ":")))
    else:
        write(json.dumps(plain(value), ensure_ascii=False, indent=2))


def write_table(
    columns: Sequence[str], rows: Iterable[Sequence[Any]], *, title: str | None = None
) -> None:
    """Print rows under headings; None is shown as an empty cell."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(title=title, box=SIMPLE_HEAD, title_justify="left", pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*("" if cell is None else shown(cell) for cell in row))
    console().print(table)


def shown(value: Any) -> str:
    """Return a value as a person writes it, without markup."""
    from rich.markup import escape

    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S").removesuffix(":00")
    if isinstance(value, Mapping | list | tuple):
        return escape(json.dumps(plain(value), ensure_ascii=False))
    return escape(str(value))
