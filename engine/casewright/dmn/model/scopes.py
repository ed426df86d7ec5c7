"""Where the values are that boxed expressions name: compiled against places in a list.

Each name has a place in a list of values, the frame. What is inside a function, a context or a loop
has the places of what is around it, and more behind them; its frame begins with the frame around
it. So names are resolved when the model is loaded, and evaluating copies a short list at most.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from casewright.feel.scope import Name, Scope
from casewright.feel.types import ANY, Type

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from casewright.feel import Budget

Frame: TypeAlias = "list[Any]"
Code: TypeAlias = "Callable[[Frame, Budget], Any]"


@dataclass(frozen=True, slots=True)
class Places:
    """The names that an expression sees.

    Attributes:
        scope: the same for the compiler of FEEL.
        size: how many places the frame has.
    """

    scope: Scope
    size: int = 0

    @classmethod
    def of(
        cls, names: Mapping[str, Type], types: Mapping[str, Type], *, strict: bool = False
    ) -> Places:
        """Return places for names in their order, from the first of the frame.

        Args:
            names: what stands there.
            types: the types that expressions may name.
            strict: unknown names and unlike types are mistakes; else they give null.
        """
        return cls(Scope(types=types, strict=strict)).with_names(names)

    def with_names(self, names: Mapping[str, Type]) -> Places:
        """Return these places and more behind them; a name that is there already is hidden."""
        found = dict(self.scope.names)
        for at, (name, kind) in enumerate(names.items(), self.size):
            found[name] = Name(kind, f"s[{at}]", (name,))
        return Places(replace(self.scope, names=found), self.size + len(names))

    def with_name(self, name: str, kind: Type = ANY) -> Places:
        """Return these places and one more."""
        return self.with_names({name: kind})

    def free_name(self, wanted: str) -> str:
        """Return ``wanted``, or that with a number, which is no name here yet."""
        found, count = wanted, 1
        while found in self.scope.names:
            count += 1
            found = f"{wanted} {count}"
        return found
