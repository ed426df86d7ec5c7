"""The names of several words and the types that a parser must know of, for one scope or context."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from casewright.feel.builtins import BUILTINS
from casewright.feel.names import PROPERTY_NAMES, NameIndex, property_names
from casewright.feel.typenames import TypeNames

if TYPE_CHECKING:
    from collections.abc import Iterable

    from casewright.feel.scope import Scope

_FUNCTIONS = NameIndex(BUILTINS)
_TYPES = TypeNames()


@lru_cache(maxsize=64)
def _with_functions(names: frozenset[str]) -> NameIndex:
    """Return the names of built-in functions and of others; many scopes have the same."""
    return NameIndex([*BUILTINS, *sorted(names)])


class Vocabulary:
    """What a scope knows, worked out on first use."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    @cached_property
    def names(self) -> NameIndex:
        """Return the names that may begin an operand; inside a filter properties do, too."""
        return NameIndex(self._scope.names)

    @cached_property
    def properties(self) -> NameIndex:
        """Return the names that may follow a dot."""
        known = property_names(n.type for n in self._scope.names.values())
        return NameIndex({*known, *PROPERTY_NAMES})

    @cached_property
    def functions(self) -> NameIndex:
        """Return the names of functions, built-in ones among them."""
        if not self._scope.functions:
            return _FUNCTIONS
        return _with_functions(frozenset(self._scope.functions))

    @cached_property
    def types(self) -> TypeNames:
        """Return the types that may be named."""
        return TypeNames(self._scope.types) if self._scope.types else _TYPES


class FreeVocabulary:
    """What is known without a scope: names that a context will have."""

    def __init__(self, names: Iterable[str]) -> None:
        known = list(names)
        self.names = NameIndex(name for name in known if not name.startswith("."))
        self.properties = NameIndex([*(name.removeprefix(".") for name in known), *PROPERTY_NAMES])
        self.functions = _FUNCTIONS
        self.types = _TYPES


def vocabulary(scope: Scope) -> Vocabulary:
    """Return what a scope knows, the same object each time."""
    found = scope.derived.get("vocabulary")
    if not isinstance(found, Vocabulary):
        found = scope.derived["vocabulary"] = Vocabulary(scope)
    return found
