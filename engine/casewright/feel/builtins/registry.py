"""The table of built-in functions: signatures as text, and how a call picks one.

A signature reads ``name(parameter: type, optional?: type) -> type``. ``type?`` lets null in,
``...`` before a name takes all further arguments as one list. ``any`` takes everything, null
included.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from casewright.feel.faults import FeelFault
from casewright.feel.typenames import TYPES
from casewright.feel.types import (
    ANY,
    FunctionType,
    ListType,
    Type,
    accepts,
    coerce,
)
from casewright.feel.values import FunctionValue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from casewright.feel.budget import Budget

_SIGNATURE = re.compile(r"([^(]+)\((.*)\) -> (.+)")
_MISSING = object()


@dataclass(frozen=True, slots=True)
class Slot:
    """A parameter of a built-in."""

    name: str
    type: Type
    optional: bool
    nullable: bool
    variadic: bool


@dataclass(frozen=True, slots=True, eq=False)
class Signature:
    """One way to call a built-in.

    Attributes:
        call: takes the budget and the arguments; None for those left out.
    """

    name: str
    slots: tuple[Slot, ...]
    result: Type
    call: Callable[..., object]

    def arranged(self, count: int, names: Sequence[str]) -> tuple[int | None, ...] | None:
        """Return for each slot which argument it takes, or None if the call does not fit.

        A variadic slot, always the last, takes all from there on.
        """
        if names:
            return self._by_name(names)
        required = sum(not slot.optional and not slot.variadic for slot in self.slots)
        variadic = bool(self.slots) and self.slots[-1].variadic
        if count < required + variadic or (count > len(self.slots) and not variadic):
            return None
        return tuple(i if i < count else None for i in range(len(self.slots)))

    def _by_name(self, names: Sequence[str]) -> tuple[int | None, ...] | None:
        known = {slot.name: i for i, slot in enumerate(self.slots) if not slot.variadic}
        if any(name not in known for name in names) or len(set(names)) != len(names):
            return None
        if any(s.name not in names and not s.optional for s in self.slots):
            return None
        return tuple(names.index(s.name) if s.name in names else None for s in self.slots)

    def accepts(self, types: Sequence[Type]) -> bool:
        """Return whether arguments of these types, in order of the slots, can be right."""
        return all(
            accepts(self.slots[min(i, len(self.slots) - 1)].type, kind)
            for i, kind in enumerate(types)
        )


def _type(text: str) -> Type:
    if text == "any":
        return ANY
    if text.startswith("list<"):
        return ListType(_type(text[5:-1]))
    return TYPES[text]


def parse_signature(text: str, call: Callable[..., object]) -> Signature:
    """Return the signature that a line of a table writes."""
    match = _SIGNATURE.fullmatch(text)
    assert match is not None, text
    name, inner, result = match.groups()
    slots: list[Slot] = []
    for part in filter(None, inner.split(", ")):
        slot_name, _, kind = part.partition(": ")
        slots.append(
            Slot(
                slot_name.removeprefix("...").removesuffix("?"),
                _type(kind.removesuffix("?")),
                slot_name.endswith("?"),
                kind.endswith("?") or kind == "any",
                slot_name.startswith("..."),
            )
        )
    return Signature(name, tuple(slots), _type(result), call)


def table(
    rows: Iterable[tuple[str, Callable[..., object]]],
) -> Mapping[str, tuple[Signature, ...]]:
    """Return the signatures of a table's rows by function name, in order."""
    found: dict[str, tuple[Signature, ...]] = {}
    for text, call in rows:
        signature = parse_signature(text, call)
        found[signature.name] = (*found.get(signature.name, ()), signature)
    return found


def invoke(b: Budget, signatures: tuple[Signature, ...], arguments: tuple[object, ...]) -> object:
    """Return what the first fitting signature gives; null if none fits or it refuses."""
    b.left -= 1
    for signature in signatures:
        values = _fitted(signature, arguments)
        if values is not None:
            return _guarded(b, signature, values)
    return None


def _guarded(b: Budget, signature: Signature, values: Sequence[object]) -> object:
    try:
        return signature.call(b, *values)
    except (FeelFault, ValueError, ArithmeticError):
        return None


def _fitted(signature: Signature, arguments: tuple[object, ...]) -> list[object] | None:
    values: list[object] = []
    for position, slot in enumerate(signature.slots):
        if slot.variadic:
            values.append(list(arguments[position:]))
            break
        value = arguments[position] if position < len(arguments) else _MISSING
        fitted = _fit(slot, value)
        if fitted is _MISSING:
            return None
        values.append(fitted)
    return values


def _fit(slot: Slot, value: object) -> object:
    if value is _MISSING:
        return None if slot.optional else _MISSING
    if value is None:
        return None if slot.nullable else _MISSING
    if slot.type is ANY:
        return value
    fitted = coerce(value, slot.type)
    return _MISSING if fitted is None else fitted


class Arranged:
    """Signatures of one call that has names or leaves arguments out, with the order to use."""

    __slots__ = ("_plans",)

    def __init__(self, plans: tuple[tuple[Signature, tuple[int | None, ...]], ...]) -> None:
        self._plans = plans

    def __call__(self, b: Budget, *arguments: object) -> object:
        """Return what the first fitting signature gives for arguments in order of the text."""
        for signature, order in self._plans:
            ordered = tuple(_MISSING if i is None else arguments[i] for i in order)
            values = _fitted(signature, ordered)
            if values is not None:
                b.left -= 1
                return _guarded(b, signature, values)
        return None


@lru_cache(maxsize=256)
def as_value(signatures: tuple[Signature, ...]) -> FunctionValue:
    """Return a built-in as a function value."""
    first = signatures[0]

    def call(b: Budget, *arguments: object) -> object:
        fitting = tuple(s for s in signatures if s.arranged(len(arguments), ()) is not None)
        return invoke(b, fitting, arguments)

    return FunctionValue(
        tuple(slot.name for slot in first.slots),
        call,
        FunctionType(tuple(slot.type for slot in first.slots), first.result),
        variadic=True,
    )
