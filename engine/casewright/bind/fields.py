"""Declared fields: their FEEL type, and the door through which a value becomes one of theirs.

A value arrives as plain JSON, as YAML or as a FEEL value; it leaves as the FEEL value that records
hold in memory (``design.md`` 4.1, rule 7). What a value may be besides its type (constraints,
roles, required) is judged by the step, not here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from casewright.feel import YearsMonths
from casewright.temporal import Duration, parse_duration

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from casewright.feel import Expression
    from casewright.feel.types import Type

_TEXT_LIMIT = 65_536
_BOOLEANS = {
    **dict.fromkeys(("yes", "on", "true", "1"), "true"),
    **dict.fromkeys(("no", "off", "false", "0"), "false"),
}


@dataclass(frozen=True, slots=True, eq=False)
class FieldDefinition:
    """One declared field, setting, event datum or column of a record type.

    Attributes:
        name: as declared.
        kind: type word of the spec language, such as ``string`` or ``reference``.
        type: FEEL type of a value, a list type where ``many``.
        bit: its bit in masks of what changed; 0 outside a case type.
        many: holds a list.
        target: record type or case type of a reference, qualified.
        choices: label by value; values are ints where all keys are.
        depends_on: field whose value selects among ``branches``.
        branches: values allowed by the value of ``depends_on``.
        default: literal or expression, or None.
        computed: expression that makes the value, or None.
        check: constraint, or None; for each ``item`` where ``many``.
        read, write: roles that the field is open to, or None for all that may read or update.
    """

    name: str
    kind: str
    type: Type
    title: str = ""
    bit: int = 0
    many: bool = False
    target: str | None = None
    target_is_case: bool = False
    choices: Mapping[Any, str] = field(default_factory=dict[Any, str])
    depends_on: str | None = None
    branches: Mapping[Any, tuple[Any, ...]] = field(default_factory=dict[Any, tuple[Any, ...]])
    required: bool = False
    set_once: bool = False
    max_length: int | None = None
    minimum: Any = None
    maximum: Any = None
    indexed: bool = False
    default: Any = None
    computed: Expression | None = None
    check: Expression | None = None
    read: frozenset[str] | None = None
    write: frozenset[str] | None = None

    def convert(self, value: object) -> Any:
        """Return ``value`` as the FEEL value that this field holds.

        Raises:
            ValueError: it is not one; the message says what would be.
        """
        if value is None:
            return None
        if not self.many:
            return self._convert_one(value)
        if not isinstance(value, list | tuple):
            raise ValueError(f"{_shown(value)} is not a list")
        return [self._convert_one(item) for item in cast("list[object]", value)]

    def _convert_one(self, value: object) -> Any:
        converted = _CONVERTERS[self.kind](value)
        if self.kind == "choice":
            return self._choice(converted)
        if self.minimum is not None and converted < self.minimum:
            raise ValueError(f"{converted} is less than {self.minimum}")
        if self.maximum is not None and converted > self.maximum:
            raise ValueError(f"{converted} is more than {self.maximum}")
        if self.max_length is not None and len(converted) > self.max_length:
            raise ValueError(
                f"the text has {len(converted)} characters, at most {self.max_length} are allowed"
            )
        return converted

    def _choice(self, value: Any) -> Any:
        if value in self.choices:
            return value
        if isinstance(value, str) and value.lstrip("-").isdigit() and int(value) in self.choices:
            return int(value)
        if isinstance(value, int) and str(value) in self.choices:
            return str(value)
        allowed = ", ".join(str(choice) for choice in self.choices)
        raise ValueError(f"{_shown(value)} is not one of {allowed}")


def _shown(value: object) -> str:
    text = repr(value) if not isinstance(value, str) else f'"{value}"'
    return text if len(text) <= 60 else text[:57] + "..."


def canonical_number(value: object) -> int | Decimal:
    """Return the number as an int where it is integral, else as a Decimal without trailing zeros.

    Raises:
        ValueError: it is no number, not finite, or a boolean.
    """
    if isinstance(value, bool):
        raise ValueError(f"{value} is not a number")
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{value} is not a finite number")
        value = Decimal(repr(value))
    if not isinstance(value, Decimal):
        raise ValueError(f"{_shown(value)} is not a number")
    if not value.is_finite():
        raise ValueError(f"{value} is not a finite number")
    if value == value.to_integral_value() and value.adjusted() < 40:
        return int(value)
    return value.normalize()


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{_shown(value)} is not a text")
    if len(value) > _TEXT_LIMIT:
        raise ValueError(f"the text has {len(value)} characters, at most {_TEXT_LIMIT} are allowed")
    return value


def _boolean(value: object) -> bool:
    if not isinstance(value, bool):
        word = _BOOLEANS.get(value.lower()) if isinstance(value, str) else None
        raise ValueError(
            f"{_shown(value)} is not true or false" + (f"; write {word}" if word else "")
        )
    return value


def _integer(value: object) -> int:
    number = canonical_number(value)
    if not isinstance(number, int):
        raise ValueError(f"{number} is not an integer")
    return number


def _date(value: object) -> date:
    if isinstance(value, datetime):
        raise ValueError(f"{value.isoformat()} is a date and time, a date is wanted")
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(_text(value))
    except ValueError as err:
        raise ValueError(f"{_shown(value)} is not a date such as 2026-03-02") from err


def _date_time(value: object) -> datetime:
    if not isinstance(value, datetime):
        try:
            value = datetime.fromisoformat(_text(value))
        except ValueError as err:
            raise ValueError(
                f"{_shown(value)} is not a date and time such as 2026-03-02T09:00:00Z"
            ) from err
    if value.tzinfo is None:
        raise ValueError(f"{value.isoformat()} has no offset; write {value.isoformat()}Z or such")
    return value


def _duration(value: object) -> Any:
    if isinstance(value, timedelta | Duration | YearsMonths):
        return value
    return parse_duration(_text(value))


def _attachment(value: object) -> dict[str, Any]:
    shown = _shown(value)
    if isinstance(value, dict):
        given = cast("dict[str, Any]", value)
        if isinstance(given.get("name"), str):
            return given
    raise ValueError(f"{shown} is not an attachment with name and uri")


# In names, for a union written out would be made anew at each call.
_AS_IT_IS = (bool, str, date, timedelta, Duration, YearsMonths)
_NUMBERS = (int, float, Decimal)


def plain_value(value: object) -> Any:
    """Return a value of no declared type with its numbers made decimals, all the way down.

    Raises:
        ValueError: it holds something that JSON has no word for.
    """
    if value is None or isinstance(value, _AS_IT_IS):
        return value
    if isinstance(value, _NUMBERS):
        return canonical_number(value)
    if isinstance(value, list | tuple):
        return [plain_value(item) for item in cast("list[object]", value)]
    if isinstance(value, dict):
        return {str(k): plain_value(v) for k, v in cast("dict[object, object]", value).items()}
    raise ValueError(f"{type(value).__name__} is not a value")


def _map(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{_shown(value)} is not a map")
    made: dict[str, Any] = plain_value(value)  # pyright: ignore[reportUnknownArgumentType]
    return made


def _choice_value(value: object) -> str | int:
    if isinstance(value, str):
        return value
    return _integer(value)


_CONVERTERS: dict[str, Callable[[object], Any]] = {
    "string": _text,
    "text": _text,
    "journal": _text,
    "integer": _integer,
    "number": canonical_number,
    "boolean": _boolean,
    "date": _date,
    "date_time": _date_time,
    "duration": _duration,
    "choice": _choice_value,
    "reference": _text,
    "template": _text,
    "attachment": _attachment,
    "map": _map,
}
KINDS = frozenset(_CONVERTERS)
