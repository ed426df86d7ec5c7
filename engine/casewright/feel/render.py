"""The text that ``string()`` makes of a value. Source: DMN 1.5, table 68 and section 10.3.2.3."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from casewright.feel.budget import BudgetExceeded
from casewright.feel.far import FarDate, FarDateTime
from casewright.feel.literals import (
    format_date,
    format_date_time,
    format_days_time,
    format_number,
    format_time,
    format_years_months,
)
from casewright.feel.values import FunctionValue, Range, Time, YearsMonths, is_context, is_list

if TYPE_CHECKING:
    from casewright.feel.budget import Budget


def text_of(b: Budget, value: object) -> str:
    """Return the text of a value; a text stays as it is.

    Raises:
        BudgetExceeded: the value has too many parts.
    """
    try:
        return value if isinstance(value, str) else _inner(b, value)
    except RecursionError:
        raise BudgetExceeded("values nested too deeply for a text") from None


def _inner(b: Budget, value: object) -> str:
    b.spend(1)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, Decimal)):
        return format_number(value)
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if is_list(value):
        return "[" + ", ".join(_inner(b, item) for item in value) + "]"
    if is_context(value):
        return "{" + ", ".join(f"{k}: {_inner(b, v)}" for k, v in value.items()) + "}"
    return _temporal(b, value)


def _temporal(b: Budget, value: object) -> str:
    if isinstance(value, (datetime, FarDateTime)):
        return format_date_time(value)
    if isinstance(value, (date, FarDate)):
        return format_date(value)
    if isinstance(value, Time):
        return format_time(value)
    if isinstance(value, timedelta):
        return format_days_time(value)
    if isinstance(value, YearsMonths):
        return format_years_months(value)
    if isinstance(value, Range):
        return _range(b, value)
    if isinstance(value, FunctionValue):
        return f"function({', '.join(value.parameters)})"
    return str(value)


def _range(b: Budget, value: Range) -> str:
    if value.operator:
        end = value.end if value.start is None else value.start
        return f"({value.operator} {_inner(b, end)})"
    low = "" if value.start is None else _inner(b, value.start)
    high = "" if value.end is None else _inner(b, value.end)
    return (
        f"{'[' if value.start_included else '('}{low}..{high}{']' if value.end_included else ')'}"
    )
