"""The tree of an expression: what was written, with offsets into the text.

Nodes are compared by identity, so that the checker can note beside each what it found out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from casewright.feel.types import Type


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A part of an expression, from offset ``start`` up to ``end``."""

    start: int
    end: int

    def parts(self) -> tuple[Node, ...]:
        """Return the direct sub-expressions in order of text."""
        return ()


@dataclass(frozen=True, slots=True, eq=False)
class Literal(Node):
    """A constant; ``note`` says why a temporal literal is null."""

    value: object
    note: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Name(Node):
    """A name of the scope."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Path(Node):
    """``base.name``."""

    base: Node
    name: str

    def parts(self) -> tuple[Node, ...]:
        return (self.base,)


@dataclass(frozen=True, slots=True, eq=False)
class Filter(Node):
    """``base[condition]``."""

    base: Node
    condition: Node

    def parts(self) -> tuple[Node, ...]:
        return (self.base, self.condition)


@dataclass(frozen=True, slots=True, eq=False)
class Call(Node):
    """``function(arguments)``; ``names`` is empty or has one for each argument."""

    function: Node
    arguments: tuple[Node, ...]
    names: tuple[str, ...] = ()

    def parts(self) -> tuple[Node, ...]:
        return (self.function, *self.arguments)


@dataclass(frozen=True, slots=True, eq=False)
class Negation(Node):
    """``- operand``."""

    operand: Node

    def parts(self) -> tuple[Node, ...]:
        return (self.operand,)


@dataclass(frozen=True, slots=True, eq=False)
class Arithmetic(Node):
    """``left op right`` with one of ``+ - * / **``."""

    op: str
    left: Node
    right: Node

    def parts(self) -> tuple[Node, ...]:
        return (self.left, self.right)


@dataclass(frozen=True, slots=True, eq=False)
class Comparison(Node):
    """``left op right`` with one of ``= != < <= > >=``."""

    op: str
    left: Node
    right: Node

    def parts(self) -> tuple[Node, ...]:
        return (self.left, self.right)


@dataclass(frozen=True, slots=True, eq=False)
class Junction(Node):
    """``a and b and c`` or ``a or b or c``."""

    op: str
    items: tuple[Node, ...]

    def parts(self) -> tuple[Node, ...]:
        return self.items


@dataclass(frozen=True, slots=True, eq=False)
class Between(Node):
    """``value between low and high``."""

    value: Node
    low: Node
    high: Node

    def parts(self) -> tuple[Node, ...]:
        return (self.value, self.low, self.high)


@dataclass(frozen=True, slots=True, eq=False)
class UnaryTest(Node):
    """``op operand`` inside tests."""

    op: str
    operand: Node

    def parts(self) -> tuple[Node, ...]:
        return (self.operand,)


@dataclass(frozen=True, slots=True, eq=False)
class Tests(Node):
    """A list of tests, any of which may hold; without tests everything passes (``-``)."""

    tests: tuple[Node, ...]
    negated: bool = False

    def parts(self) -> tuple[Node, ...]:
        return self.tests


@dataclass(frozen=True, slots=True, eq=False)
class Membership(Node):
    """``value in tests``."""

    value: Node
    tests: Tests

    def parts(self) -> tuple[Node, ...]:
        return (self.value, *self.tests.tests)


@dataclass(frozen=True, slots=True, eq=False)
class InstanceOf(Node):
    """``value instance of type``."""

    value: Node
    type: Type

    def parts(self) -> tuple[Node, ...]:
        return (self.value,)


@dataclass(frozen=True, slots=True, eq=False)
class If(Node):
    """``if condition then one else other``."""

    condition: Node
    then: Node
    otherwise: Node

    def parts(self) -> tuple[Node, ...]:
        return (self.condition, self.then, self.otherwise)


@dataclass(frozen=True, slots=True, eq=False)
class Iterator(Node):
    """``name in source`` or, with ``last``, ``name in source..last``."""

    name: str
    source: Node
    last: Node | None = None

    def parts(self) -> tuple[Node, ...]:
        return (self.source,) if self.last is None else (self.source, self.last)


@dataclass(frozen=True, slots=True, eq=False)
class For(Node):
    """``for iterators return body``."""

    iterators: tuple[Iterator, ...]
    body: Node

    def parts(self) -> tuple[Node, ...]:
        return (*self.iterators, self.body)


@dataclass(frozen=True, slots=True, eq=False)
class Quantified(Node):
    """``some`` or ``every`` ``iterators satisfies body``."""

    op: str
    iterators: tuple[Iterator, ...]
    body: Node

    def parts(self) -> tuple[Node, ...]:
        return (*self.iterators, self.body)


@dataclass(frozen=True, slots=True, eq=False)
class ListLiteral(Node):
    """``[items]``."""

    items: tuple[Node, ...]

    def parts(self) -> tuple[Node, ...]:
        return self.items


@dataclass(frozen=True, slots=True, eq=False)
class ContextLiteral(Node):
    """``{key: value}``."""

    keys: tuple[str, ...]
    items: tuple[Node, ...]

    def parts(self) -> tuple[Node, ...]:
        return self.items


@dataclass(frozen=True, slots=True, eq=False)
class RangeLiteral(Node):
    """``[low..high]`` and its kin; an end that is None is unbounded."""

    low: Node | None
    high: Node | None
    low_included: bool
    high_included: bool
    op: str = ""

    def parts(self) -> tuple[Node, ...]:
        return tuple(node for node in (self.low, self.high) if node is not None)


@dataclass(frozen=True, slots=True, eq=False)
class FunctionLiteral(Node):
    """``function(a, b: type) body``; without ``body`` it is an external one."""

    parameters: tuple[tuple[str, Type | None], ...]
    body: Node | None

    def parts(self) -> tuple[Node, ...]:
        return () if self.body is None else (self.body,)
