"""All built-in functions by name, and the types that their results have."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from casewright.feel.builtins import contexts, lists, logic, numeric, ranges, strings, temporal
from casewright.feel.builtins.registry import Signature, as_value, table
from casewright.feel.types import ANY, NULL, ContextType, ListType, Type, plain, unify

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from casewright.feel.values import FunctionValue

BUILTINS: Mapping[str, tuple[Signature, ...]] = MappingProxyType(
    dict(
        table(
            [
                *logic.ROWS,
                *numeric.ROWS,
                *strings.ROWS,
                *lists.ROWS,
                *temporal.ROWS,
                *ranges.ROWS,
                *contexts.ROWS,
            ]
        )
    )
)


def as_builtin(name: str) -> FunctionValue:
    """Return a built-in function as a value."""
    return as_value(BUILTINS[name])


def _list_of(kind: Type) -> Type:
    return kind if isinstance(kind, ListType) else ListType(kind if kind is not NULL else ANY)


def _first_list(types: Sequence[Type]) -> Type:
    return _list_of(types[0])


def _all_lists(types: Sequence[Type]) -> Type:
    found = unify([_list_of(t) for t in types])
    return found if isinstance(found, ListType) else ListType(ANY)


def _appended(types: Sequence[Type]) -> Type:
    first = _list_of(types[0])
    assert isinstance(first, ListType)
    return ListType(unify([first.item, *types[1:]])) if first.item is not ANY else first


def _inserted(types: Sequence[Type]) -> Type:
    return _appended((types[0], types[-1]))


def _element(types: Sequence[Type]) -> Type:
    if len(types) == 1:
        first = types[0]
        return plain(first.item) if isinstance(first, ListType) else plain(first)
    return plain(unify(list(types)))


def _put(types: Sequence[Type]) -> Type:  # noqa: ARG001 - all of these share a signature
    return ContextType(closed=False)


_RESULTS: Mapping[str, Callable[[Sequence[Type]], Type]] = {
    "append": _appended,
    "concatenate": _all_lists,
    "union": _all_lists,
    "reverse": _first_list,
    "sort": _first_list,
    "sublist": _first_list,
    "remove": _first_list,
    "distinct values": _first_list,
    "insert before": _inserted,
    "min": _element,
    "max": _element,
    "mode": lambda types: ListType(_element(types)),
    "context put": _put,
    "context merge": _put,
    "context": _put,
}


def result_type(signature: Signature, types: Sequence[Type]) -> Type:
    """Return the type of a call's result for arguments of these types, in order of the slots."""
    special = _RESULTS.get(signature.name)
    return special(types) if special is not None and types else signature.result
