"""Source of comparisons: Python's own operators where the types allow, else a call.

Each comparison comes in the forms of :mod:`casewright.feel.codegen`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import msgspec

from casewright.feel.operands import is_direct
from casewright.feel.types import ANY, BOOLEAN, NULL, STRING, Type

if TYPE_CHECKING:
    from casewright.feel import tree

Form = Literal["value", "true", "false"]
_OPPOSITE = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_MIRRORED = {"=": "=", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
_PYTHON = {"=": "==", "!=": "!="}
_CALLS = {"<": "_f_lt", "<=": "_f_le", ">": "_f_gt", ">=": "_f_ge", "=": "_f_eq", "!=": "_f_ne"}


class Operand(msgspec.Struct, frozen=True, eq=False):
    """A side of a comparison.

    Attributes:
        constant: a literal other than null.
        simple: evaluating it twice costs nothing.
        number_fast: a number that an ``int`` may be compared with directly.
    """

    source: str
    type: Type
    constant: bool = False
    simple: bool = False
    number_fast: bool = False


Temp = Callable[[], str]


def compare(op: str, left: Operand, right: Operand, form: Form, temp: Temp) -> str:
    """Return the source of ``left op right`` in a form."""
    if left.constant and not right.constant:
        left, right, op = right, left, _MIRRORED[op]
    if op in ("=", "!="):
        return _equality(op, left, right, form, temp)
    if is_direct(left.type, right.type):
        return _direct_order(op, left, right, form, temp)
    if left.type is ANY and right.number_fast:
        return _fast_number(op, left, right, form, temp)
    return _called(f"{_CALLS[op]}({left.source}, {right.source})", form)


def _called(source: str, form: Form) -> str:
    return f"({source} is False)" if form == "false" else source


def _equality(op: str, left: Operand, right: Operand, form: Form, temp: Temp) -> str:
    sense = "!=" if (op == "!=") != (form == "false") else "=="
    for one, other in ((left, right), (right, left)):
        if other.type is NULL and other.source == "None":
            if one.constant or one.source == "None":
                return str(one.constant == (sense == "!="))
            return f"({one.source} {'is' if sense == '==' else 'is not'} None)"
    if is_direct(left.type, right.type) or (left.type is right.type is BOOLEAN):
        return f"({left.source} {sense} {right.source})"
    if left.type is ANY and right.constant and right.type is STRING and form == "true":
        if op == "=":
            return f"({left.source} == {right.source})"
        name = temp()
        return (
            f"(({name} := {left.source}) is None"
            f" or {name}.__class__ is str and {name} != {right.source})"
        )
    return _called(f"{_CALLS[op]}(b, {left.source}, {right.source})", form)


def _direct_order(op: str, left: Operand, right: Operand, form: Form, temp: Temp) -> str:
    op = _OPPOSITE[op] if form == "false" else op
    checks: list[str] = []
    sides: list[str] = []
    for side in (left, right):
        if side.constant:
            sides.append(side.source)
        elif side.simple:
            sides.append(side.source)
            checks.append(f"{side.source} is not None")
        else:
            name = temp()
            sides.append(name)
            checks.append(f"({name} := {side.source}) is not None")
    compared = f"{sides[0]} {op} {sides[1]}"
    if not checks:
        return f"({compared})"
    if form == "value":
        return f"({compared} if {' and '.join(checks)} else None)"
    return f"({' and '.join(checks)} and {compared})"


def _fast_number(op: str, left: Operand, right: Operand, form: Form, temp: Temp) -> str:
    """Return source that compares an ``int`` at once and calls the operator for all else."""
    name = temp()
    called = _called(f"{_CALLS[op]}({name}, {right.source})", form)
    op = _OPPOSITE[op] if form == "false" else op
    return (
        f"({name} {op} {right.source} if ({name} := {left.source}).__class__ is int else {called})"
    )


def range_test(
    value: Operand,
    low: Operand | None,
    high: Operand | None,
    span: tree.RangeLiteral,
    form: Form,
    temp: Temp,
) -> str | None:
    """Return the source of ``value in span`` if numbers or texts make it two comparisons."""
    ends = [end for end in (low, high) if end is not None]
    if any(not end.constant or not is_direct(value.type, end.type) for end in ends):
        return None
    if form == "value":
        return None
    parts: list[str] = []
    if low is not None:
        parts.append(compare(">=" if span.low_included else ">", value, low, form, temp))
    if high is not None:
        parts.append(compare("<=" if span.high_included else "<", value, high, form, temp))
    return "(" + (" and " if form == "true" else " or ").join(parts) + ")"
