"""The door through which plain values become the inputs of a table."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from casewright.feel.problems import suggestion
from casewright.feel.values import normalized
from casewright.temporal import Duration, parse_duration

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from casewright.dmn.definition import InputColumn


def typed_inputs(
    table: str, columns: Sequence[InputColumn], inputs: Mapping[str, Any]
) -> tuple[Any, ...]:
    """Return values by name as the values of the columns in their order; null where left out.

    Raises:
        ValueError: an input is unknown or not of its column's type.
    """
    names = [column.name for column in columns]
    for name in inputs:
        if name not in names:
            hint = suggestion(name, names) or f"it has {', '.join(names) or 'none'}"
            raise ValueError(f'table "{table}" has no input "{name}"; {hint}')
    return tuple(typed_input(column, inputs.get(column.name)) for column in columns)


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
