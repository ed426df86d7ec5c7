"""How the oracle calls its built-in functions: signatures, coercion, null where nothing fits.

Written from DMN 1.5, sections 10.3.2.9.4 and 10.3.4, for tests only.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Context
from typing import Any, TypeVar

from support.feel_values import (
    is_list,
    name_of,
)

WIDE = Context(prec=13_000, Emin=-7000, Emax=7000)


class Refused(Exception):  # noqa: N818 - becomes null
    """A function has no answer for its arguments."""


_Work = TypeVar("_Work", bound=Callable[..., Any])
Overload = tuple[tuple[tuple[str, str], ...], Callable[..., Any]]
BUILTINS: dict[str, list[Overload]] = {}


def feel(signature: str) -> Callable[[_Work], _Work]:
    """Add a function under ``name(parameter: type, ...)``; ``?`` optional, ``*`` all the rest."""
    name, _, inner = signature.removesuffix(")").partition("(")
    slots = tuple(tuple(p.split(": ")) for p in filter(None, inner.split(", ")))

    def add(work: _Work) -> _Work:
        BUILTINS.setdefault(name, []).append((slots, work))  # type: ignore[arg-type]  # pairs by the form of the text
        return work

    return add


def one(signature: str, work: Callable[[Any], Any]) -> None:
    feel(signature)(work)


def two(signature: str, work: Callable[[Any, Any], Any]) -> None:
    feel(signature)(work)


def three(signature: str, work: Callable[[Any, Any, Any], Any]) -> None:
    feel(signature)(work)


def conforms(value: Any, kind: str) -> bool:
    if kind in ("any", "Any") or value is None:
        return True
    if kind.startswith("list<"):
        return is_list(value) and all(conforms(v, kind[5:-1]) for v in value)
    return name_of(value) == kind


def coerced(value: Any, kind: str) -> Any:
    """Return a value as one of a kind, null if it is none (section 10.3.2.9.4)."""
    if conforms(value, kind):
        return value
    if is_list(value):
        if len(value) != 1 or kind.startswith("list"):
            return None
        return value[0] if conforms(value[0], kind) else None
    if kind == "list" or (kind.startswith("list<") and conforms(value, kind[5:-1])):
        return [value]
    if kind == "date and time" and name_of(value) == "date":
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return None


def call(name: str, arguments: list[Any], names: tuple[str, ...]) -> Any:
    """Return what a built-in gives; null where no signature fits or it has no answer."""
    for slots, work in BUILTINS[name]:
        values = _arranged(slots, arguments, names)
        if values is None:
            continue
        try:
            return work(*values)
        except (Refused, ValueError, ArithmeticError):
            return None
    return None


def _arranged(
    slots: tuple[tuple[str, str], ...], arguments: list[Any], names: tuple[str, ...]
) -> list[Any] | None:
    plain = [slot.rstrip("?*") for slot, _ in slots]
    if slots and slots[-1][0].endswith("*"):
        fixed = len(slots) - 1
        if names or len(arguments) <= fixed:
            return None
        head = [_fit(slots[i][1], arguments[i]) for i in range(fixed)]
        return None if any(v is Refused for v in head) else [*head, arguments[fixed:]]
    if names:
        if not set(names) <= set(plain):
            return None
        given = dict(zip(names, arguments, strict=True))
    elif len(arguments) > len(slots):
        return None
    else:
        given = dict(zip(plain, arguments, strict=False))
    values: list[Any] = []
    for slot, kind in slots:
        optional, bare = slot.endswith("?"), slot.rstrip("?")
        if bare not in given or (given[bare] is None and kind.endswith("?")):
            if not optional:
                return None
            values.append(None)
            continue
        values.append(_fit(kind.removesuffix("?"), given[bare]))
    return None if any(v is Refused for v in values) else values


def _fit(kind: str, value: Any) -> Any:
    if kind == "any":
        return value
    found = None if value is None else coerced(value, kind)
    return Refused if found is None else found


def whole(value: Any) -> int:
    if value != int(value) or not -(10**34) < value < 10**34:
        raise Refused
    return int(value)
