"""Tables on their own: load one from plain data, give it plain inputs, get an answer and why.

This is what ``casewright decide`` and programs that want only tables use. The engine compiles its
tables through its binder and calls them from expressions.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from casewright.dmn.explain import Explanation, explain
from casewright.dmn.notation import nearest, read_definition
from casewright.dmn.table import Table, compile_table
from casewright.errors import Diagnostic, SpecError
from casewright.feel.budget import Budget
from casewright.feel.values import normalized
from casewright.temporal import Duration, parse_duration

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from casewright.dmn.cells import Resolve
    from casewright.dmn.definition import InputColumn, Problem
    from casewright.feel.scope import Scope


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer of a table.

    Attributes:
        outputs: the context of outputs, a list of them for policies with several hits, or None
            where no row matches or the hit policy is violated.
        explanation: the rows that matched, those that nearly did, and the violation if any.
    """

    outputs: Any
    explanation: Explanation

    @property
    def error(self) -> str:
        """Return how the hit policy is violated, or an empty text."""
        return self.explanation.error


def load_table(
    data: Mapping[str, Any],
    *,
    scope: Scope | None = None,
    read_csv: Callable[[str], str] | None = None,
    resolve_reference: Resolve | None = None,
    resolve_template: Resolve | None = None,
) -> Table:
    """Return the table that the body of a ``decision_table`` spec describes.

    Args:
        data: the spec as plain data, as a YAML loader gives it.
        scope: what cells may read beside the inputs.
        read_csv: returns the text of a file named in ``rules: {csv: ...}``.
        resolve_reference: as in :func:`compile_table`.
        resolve_template: as in :func:`compile_table`.

    Raises:
        SpecError: the table has mistakes; it carries all of them.
    """
    name = str(data.get("name", "table"))
    definition, problems = read_definition(name, data, read_csv)
    table, found = compile_table(
        definition,
        scope,
        resolve_reference=resolve_reference,
        resolve_template=resolve_template,
    )
    problems += found
    if table is None or any(problem.severity == "error" for problem in problems):
        raise SpecError([_diagnostic(problem) for problem in problems])
    return table


def decide(
    table: Table, inputs: Mapping[str, Any], view: Any = None, budget: Budget | None = None
) -> Decision:
    """Return the answer of a table for plain inputs, and why.

    Args:
        table: the table.
        inputs: values by name, as JSON or as FEEL values; one that is left out is null.
        view: what cells read beside the inputs, if they do.
        budget: steps that expressions in cells may take.

    Raises:
        ValueError: an input is unknown or not of its column's type.
    """
    columns = table.definition.inputs
    names = [column.name for column in columns]
    for name in inputs:
        if name not in names:
            hint = nearest(str(name), names) or f"it has {', '.join(names) or 'none'}"
            raise ValueError(f'table "{table.name}" has no input "{name}"; {hint}')
    args = tuple(typed_input(column, inputs.get(column.name)) for column in columns)
    explanation = explain(table, view, budget or Budget(), args)
    return Decision(explanation.result, explanation)


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


def _diagnostic(problem: Problem) -> Diagnostic:
    return Diagnostic(
        problem.code,
        problem.severity,
        problem.message,
        pointer=problem.place.pointer,
        hint=problem.hint,
    )
