"""Where a null comes from: the first part of an expression that has no value, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from casewright.feel import tree
from casewright.feel.parts import UNKNOWN, dotted, shown
from casewright.feel.types import ReferenceType, kind
from casewright.feel.values import is_list

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casewright.feel.parts import Locals, Parts
    from casewright.feel.scope import Function

MAX_DEPTH = 12
"""How long a chain of nulls is told at most."""


class Teller(Protocol):
    """Says what only those know who made the scope."""

    def absent(self, path: tuple[str, ...]) -> str:
        """Return why a path such as ``("event", "data", "note")`` has no value, or ""."""
        ...

    def called(self, function: Function, arguments: Sequence[object], result: object) -> str:
        """Return how a function of the scope came to its result, or ""."""
        ...


class Silent:
    """Adds nothing."""

    def absent(self, path: tuple[str, ...]) -> str:  # noqa: ARG002
        """Return nothing."""
        return ""

    def called(self, function: Function, arguments: Sequence[object], result: object) -> str:  # noqa: ARG002
        """Return nothing."""
        return ""


class Origins:
    """Tells where nulls of one evaluation come from.

    Args:
        parts: of the expression.
        s: what it was evaluated on.
        teller: knows the scope.
    """

    def __init__(self, parts: Parts, s: object, teller: Teller) -> None:
        self._parts = parts
        self._s = s
        self._teller = teller

    def value(self, node: tree.Node, bound: Locals) -> object:
        """Return the value of a part."""
        return self._parts.value(node, self._s, bound)

    def of(self, node: tree.Node, bound: Locals = (), depth: int = 0) -> str:
        """Return why a part is null, in words, such as ``contact has no value``."""
        text = self._parts.written(node)
        if depth > MAX_DEPTH:
            return f"{text} is null"
        if isinstance(node, tree.Path):
            return self._path(node, bound, depth)
        if isinstance(node, tree.Name):
            return self._teller.absent((node.name,)) or f"{text} has no value"
        if isinstance(node, tree.Literal):
            return node.note or "null is written there"
        if isinstance(node, tree.If):
            held = self.value(node.condition, bound) is True
            return self.of(node.then if held else node.otherwise, bound, depth + 1)
        inner = self._first_null(node, bound)
        if inner is not None:
            return f"{self.of(inner, bound, depth + 1)}, so {text} is null"
        if isinstance(node, tree.Call):
            return self.of_call(node, bound)
        if isinstance(node, tree.Filter):
            return self._filter(node, bound)
        if isinstance(node, (tree.Arithmetic, tree.Comparison)):
            sides = [self.value(side, bound) for side in (node.left, node.right)]
            return f"{node.op} gives nothing for {_a(sides[0])} and {_a(sides[1])}"
        return f"{text} is null"

    def _first_null(self, node: tree.Node, bound: Locals) -> tree.Node | None:
        """Return the first operand or argument that is null."""
        for part in operands(node, self._parts):
            if self._parts.reads_locals(part, bound):
                continue
            if self.value(part, bound) is None and not isinstance(part, tree.Literal):
                return part
        return None

    def _path(self, node: tree.Path, bound: Locals, depth: int) -> str:
        text, parts = self._parts.written(node), self._parts
        whole = dotted(node)
        base = self.value(node.base, bound)
        if base is None:
            return f"{self.of(node.base, bound, depth + 1)}, so {text} is null"
        told = self._teller.absent(whole) if whole else ""
        if parts.is_reference(node.base):
            told = told or self._behind_reference(node, base, bound)
            return f"{told}, so {text} is null"
        return told or f"{parts.written(node.base)} has no {node.name}"

    def _behind_reference(self, node: tree.Path, base: object, bound: Locals) -> str:
        found = self._parts.record(node.base, self._s, bound)
        reference = self._parts.plan.types[node.base]
        assert isinstance(reference, ReferenceType)
        named = f"{reference.target.rpartition('.')[2]} {shown(base)}"
        if found is UNKNOWN:
            return f"{named} was not looked up in this step"
        if found is None:
            return f"there is no {named}"
        return f"{named} has no {node.name}"

    def _filter(self, node: tree.Filter, bound: Locals) -> str:
        text = self._parts.written(node)
        base = self.value(node.base, bound)
        if is_list(base):
            items = f"{self._parts.written(node.base)} has {len(base)} item{'s' * (len(base) != 1)}"
            return f"{items}, so {text} is null"
        return f"nothing of {self._parts.written(node.base)} fits {text}"

    def of_call(self, node: tree.Call, bound: Locals) -> str:
        """Return how a call came to its value; "" where the scope does not tell."""
        plan = self._parts.plan.calls.get(node)
        arguments = self.arguments(node, bound)
        result = self.value(node, bound)
        if plan is not None and plan.function is not None:
            values = [value for _, value in arguments]
            told = self._teller.called(plan.function, values, result)
            if told or result is not None:
                return told
        if result is not None:
            return ""
        given = ", ".join(f"{name} = {shown(value)}" for name, value in arguments if name)
        what = node.function.name if isinstance(node.function, tree.Name) else "the function"
        return f"{what} gives nothing for {given}" if given else f"{what} gives nothing"

    def arguments(self, node: tree.Call, bound: Locals) -> list[tuple[str, object]]:
        """Return the arguments of a call, also those taken from the scope, with names."""
        plan = self._parts.plan.calls.get(node)
        if plan is not None and plan.function is not None:
            pairs = zip(plan.function.parameters, plan.arguments, strict=True)
            return [
                (parameter.name, None if part is None else self.value(part, bound))
                for parameter, part in pairs
            ]
        return [
            (self._parts.written(part), self.value(part, bound))
            for part in node.arguments
            if not self._parts.reads_locals(part, bound)
        ]


def operands(node: tree.Node, parts: Parts) -> tuple[tree.Node, ...]:
    """Return the direct parts of a node that have one value whatever is inside loops."""
    if isinstance(node, tree.Filter):
        return (node.base,)
    if isinstance(node, tree.Call):
        plan = parts.plan.calls.get(node)
        if plan is not None and plan.function is not None:
            return tuple(part for part in plan.arguments if part is not None and part is not node)
        return node.arguments
    if isinstance(node, (tree.For, tree.Quantified)):
        return (node.iterators[0].source,)
    if isinstance(node, (tree.FunctionLiteral, tree.Literal, tree.Membership)):
        return (node.value,) if isinstance(node, tree.Membership) else ()
    return node.parts()


def _a(value: object) -> str:
    return "null" if value is None else f"a {kind(value)}"
