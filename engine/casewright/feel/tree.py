"""The tree of an expression: what was written, with offsets into the text.

Nodes are compared by identity, so that the checker can note beside each what it found out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import msgspec

if TYPE_CHECKING:
    from casewright.feel.types import Type


class Node(msgspec.Struct, frozen=True, eq=False):
    """A part of an expression, from offset ``start`` up to ``end``."""

    start: int
    end: int

    def parts(self) -> tuple[Node, ...]:
        """Return the direct sub-expressions in order of text."""
        found: list[Node] = []
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if isinstance(value, Node):
                found.append(value)
            elif isinstance(value, tuple):
                found.extend(v for v in cast("tuple[object, ...]", value) if isinstance(v, Node))
        return tuple(found)


class Literal(Node, frozen=True, eq=False):
    """A constant; ``note`` says why a temporal literal is null."""

    value: object
    note: str = ""


class Name(Node, frozen=True, eq=False):
    """A name of the scope."""

    name: str


class Path(Node, frozen=True, eq=False):
    """``base.name``."""

    base: Node
    name: str


class Filter(Node, frozen=True, eq=False):
    """``base[condition]``."""

    base: Node
    condition: Node


class Call(Node, frozen=True, eq=False):
    """``function(arguments)``; ``names`` is empty or has one for each argument."""

    function: Node
    arguments: tuple[Node, ...]
    names: tuple[str, ...] = ()


class Negation(Node, frozen=True, eq=False):
    """``- operand``."""

    operand: Node


class Arithmetic(Node, frozen=True, eq=False):
    """``left op right`` with one of ``+ - * / **``."""

    op: str
    left: Node
    right: Node


class Comparison(Node, frozen=True, eq=False):
    """``left op right`` with one of ``= != < <= > >=``."""

    op: str
    left: Node
    right: Node


class Junction(Node, frozen=True, eq=False):
    """``a and b and c`` or ``a or b or c``."""

    op: str
    items: tuple[Node, ...]


class Between(Node, frozen=True, eq=False):
    """``value between low and high``."""

    value: Node
    low: Node
    high: Node


class UnaryTest(Node, frozen=True, eq=False):
    """``op operand`` inside tests."""

    op: str
    operand: Node


class Tests(Node, frozen=True, eq=False):
    """A list of tests, any of which may hold; without tests everything passes (``-``)."""

    tests: tuple[Node, ...]
    negated: bool = False


class Membership(Node, frozen=True, eq=False):
    """``value in tests``."""

    value: Node
    tests: Tests


class InstanceOf(Node, frozen=True, eq=False):
    """``value instance of type``."""

    value: Node
    type: Type


class If(Node, frozen=True, eq=False):
    """``if condition then one else other``."""

    condition: Node
    then: Node
    otherwise: Node


class Iterator(Node, frozen=True, eq=False):
    """``name in source`` or, with ``last``, ``name in source..last``."""

    name: str
    source: Node
    last: Node | None = None


class For(Node, frozen=True, eq=False):
    """``for iterators return body``."""

    iterators: tuple[Iterator, ...]
    body: Node


class Quantified(Node, frozen=True, eq=False):
    """``some`` or ``every`` ``iterators satisfies body``."""

    op: str
    iterators: tuple[Iterator, ...]
    body: Node


class ListLiteral(Node, frozen=True, eq=False):
    """``[items]``."""

    items: tuple[Node, ...]


class ContextLiteral(Node, frozen=True, eq=False):
    """``{key: value}``."""

    keys: tuple[str, ...]
    items: tuple[Node, ...]


class RangeLiteral(Node, frozen=True, eq=False):
    """``[low..high]`` and its kin; an end that is None is unbounded."""

    low: Node | None
    high: Node | None
    low_included: bool
    high_included: bool
    op: str = ""


class FunctionLiteral(Node, frozen=True, eq=False):
    """``function(a, b: type) body``; without ``body`` it is an external one."""

    parameters: tuple[tuple[str, Type | None], ...]
    body: Node | None


def moved(node: Node, start: int, end: int) -> Node:
    """Return a copy of a tree that stands, with all its parts, at one place of another text."""
    changes: dict[str, object] = {"start": start, "end": end}
    for name in node.__struct_fields__:
        value = getattr(node, name)
        if isinstance(value, Node):
            changes[name] = moved(value, start, end)
        elif isinstance(value, tuple):
            parts = cast("tuple[object, ...]", value)
            changes[name] = tuple(
                moved(part, start, end) if isinstance(part, Node) else part for part in parts
            )
    return msgspec.structs.replace(node, **changes)
