"""What the checker finds out about a tree, for the generator and for the engine."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from casewright.feel import tree
    from casewright.feel.builtins.registry import Signature
    from casewright.feel.problems import (
        Problem,
    )
    from casewright.feel.scope import Function
    from casewright.feel.types import (
        Type,
    )

Path = tuple[str, ...]


class _NotLiteral:
    """Stands in :class:`Call` for an argument that is no literal."""

    def __repr__(self) -> str:
        return "..."


NOT_LITERAL = _NotLiteral()


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """A call that an expression makes.

    Attributes:
        name: of the function.
        arguments: values of the literal arguments in order of the parameters; ``NOT_LITERAL`` for
            others, and for those left out.
        start: offset of the call.
        end: offset behind it.
        builtin: whether it is a function of the language, not of the scope.
    """

    name: str
    arguments: tuple[object, ...]
    start: int
    end: int
    builtin: bool


class CallPlan(msgspec.Struct, eq=False):
    """How a call is carried out: by the scope, by a built-in, or of a function value."""

    function: Function | None = None
    arguments: tuple[tree.Node | None, ...] = ()
    signatures: tuple[Signature, ...] = ()
    orders: tuple[tuple[int | None, ...], ...] = ()


class Selection(msgspec.Struct, eq=False):
    """The indexed property by which a filter selects records, and the values it takes."""

    field: str
    values: tree.Node
    many: bool


class Plan:
    """What the checker found out about a tree."""

    def __init__(self) -> None:
        self.types: dict[tree.Node, Type] = {}
        self.sources: dict[tree.Node, str] = {}
        self.locals: dict[tree.Node, tuple[str, ...]] = {}
        self.calls: dict[tree.Node, CallPlan] = {}
        self.constants: dict[tree.Node, object] = {}
        self.selections: dict[tree.Node, Selection] = {}
        self.indexes: set[tree.Node] = set()
        self.made: list[FunctionCall] = []
        self.reads: Counter[Path] = Counter()
        self.problems: list[Problem] = []
