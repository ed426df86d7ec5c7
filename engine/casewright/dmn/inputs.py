"""The door through which plain values become the inputs of a table."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from casewright.feel import FeelError
from casewright.feel import compile as compile_expression
from casewright.feel.problems import suggestion
from casewright.feel.values import normalized
from casewright.temporal import Duration, parse_duration

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from casewright.dmn.definition import InputColumn
    from casewright.feel import Expression
    from casewright.feel.tree import Node


def typed_inputs(
    table: str, columns: Sequence[InputColumn], inputs: Mapping[str, Any]
) -> tuple[Any, ...]:
    """Return values by name as the values of the columns in their order.

    One that is left out is what its expression gives for ``inputs``, or null.

    Raises:
        ValueError: an input is unknown or not of its column's type.
    """
    names = [column.name for column in columns]
    left_out = {c.name: made for c in columns if c.name not in inputs and (made := _expression(c))}
    known = {*names, *(path[0] for made in left_out.values() for path in made.reads)}
    for name in inputs:
        if name not in known:
            hint = suggestion(name, names) or f"it has {', '.join(names) or 'none'}"
            raise ValueError(f'table "{table}" has no input "{name}"; {hint}')
    found = {name: made.evaluate(inputs) for name, made in left_out.items()}
    return tuple(typed_input(c, {**inputs, **found}.get(c.name)) for c in columns)


def tree_of(column: InputColumn) -> Node | None:
    """Return the tree of a column's expression, or None if it has none or that is wrong."""
    made = _expression(column)
    return None if made is None else made.tree


def _expression(column: InputColumn) -> Expression | None:
    if column.expression is None:
        return None
    try:
        return compile_expression(column.expression)
    except FeelError:
        return None


def typed_input(column: InputColumn, value: Any) -> Any:
    """Return a plain value as the FEEL value that an input column takes.

    Raises:
        ValueError: the value is not of the column's type.
    """
    if value is None:
        return None
    if column.many and isinstance(value, list | tuple):
        return [_typed(column, item) for item in cast("list[Any]", value)]
    return _typed(column, value)


def _typed(column: InputColumn, value: Any) -> Any:
    integers = bool(column.choices) and isinstance(column.choices[0], int)
    read = _READERS.get("integer" if integers else column.type, normalized)
    try:
        return read(value)
    except (ValueError, TypeError, ArithmeticError):
        wanted = column.type.replace("_", " and ")
        raise ValueError(f'input "{column.name}": {value!r} is no {wanted}') from None


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _number(value: Any) -> Any:
    if isinstance(value, bool):
        raise TypeError
    return normalized(Decimal(value) if isinstance(value, str) else value)


def _integer(value: Any) -> int:
    number = _number(value)
    if not isinstance(number, int):
        raise TypeError
    return number


def _date(value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    return date.fromisoformat(_text(value))


def _instant(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(_text(value))


def _duration(value: Any) -> Any:
    return parse_duration(value) if isinstance(value, str) else cast("Duration", value)


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "boolean": _truth,
    "choice": _text,
    "date": _date,
    "date_time": _instant,
    "duration": _duration,
    "integer": _integer,
    "number": _number,
    "reference": _text,
    "string": _text,
    "text": _text,
}
