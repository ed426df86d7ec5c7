"""Why an expression has its value: the values of all its parts, and the reasons of nulls."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from casewright.errors import CasewrightError
from casewright.feel import tree
from casewright.feel.faults import Unavailable
from casewright.feel.problems import Problem
from casewright.feel.types import kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casewright.feel.codegen import Generator
    from casewright.feel.plan import Plan

FAULT = "CW311"
NOT_AT_HAND = "what it reads was not looked up"
_LOCAL = re.compile(r"\b_v\d+\b")


class Explanation(Struct, frozen=True):
    """The value of a part of an expression.

    Attributes:
        text: the part, as written.
        value: what it gave.
        start: offset of the part in the expression.
        end: offset behind it.
        reason: why the value is null, as far as that is known, else an empty text.
        parts: the same for its sub-expressions; bodies of loops, filters and functions have none,
            for they have many values.
        is_error: whether the reason is an error, not a missing value.
    """

    text: str
    value: object
    start: int
    end: int
    reason: str = ""
    parts: tuple[Explanation, ...] = ()
    is_error: bool = False

    def walk(self) -> Iterator[Explanation]:
        """Yield this and all explanations inside it."""
        yield self
        for part in self.parts:
            yield from part.walk()

    def reasons(self) -> list[Problem]:
        """Return the errors that made parts null, as problems."""
        return [Problem(FAULT, e.reason, e.start, e.end) for e in self.walk() if e.is_error]

    def lines(self, indent: int = 0) -> Iterator[str]:
        """Yield the explanation as indented lines ``text = value``."""
        reason = f"  # {self.reason}" if self.reason else ""
        yield f"{'  ' * indent}{self.text} = {self.value!r}{reason}"
        for part in self.parts:
            yield from part.lines(indent + 1)


class Explainer:
    """What explains one node: a function that gives its value, and the same for its parts.

    Made once for an expression and kept: to compile the parts again costs far more than to run
    them.
    """

    __slots__ = ("_node", "_parts", "_plan", "_text", "_value")

    def __init__(
        self, text: str, node: tree.Node, plan: Plan, make: Generator, parameters: str
    ) -> None:
        """Compile a node and its parts.

        Args:
            text: the whole expression.
            node: the part to explain.
            plan: what the checker found out.
            make: compiles the parts.
            parameters: what the compiled expression takes.
        """
        self._parts = tuple(
            Explainer(text, part, plan, make, parameters)
            for part in _outer_parts(node)
            if not _has_locals(part, plan)
        )
        self._node = node
        self._plan = plan
        self._text = text[node.start : node.end]
        self._value = make.compile(node, "value", parameters)

    def explain(self, arguments: tuple[object, ...]) -> Explanation:
        """Return the explanation of the node and its parts for these arguments.

        A part may read what the evaluation itself could do without; if that is not at hand, or
        fails, its value is null and the reason says so.
        """
        node = self._node
        made = tuple([part.explain(arguments) for part in self._parts])
        try:
            value = self._value(*arguments)
        except Unavailable:
            return Explanation(self._text, None, node.start, node.end, NOT_AT_HAND, made)
        except CasewrightError as err:  # of a table or a host function
            return Explanation(self._text, None, node.start, node.end, str(err), made)
        reason, is_error = ("", False) if value is not None else _reason(node, made, self._plan)
        return Explanation(self._text, value, node.start, node.end, reason, made, is_error)


def _outer_parts(node: tree.Node) -> tuple[tree.Node, ...]:
    if isinstance(node, tree.Literal):
        return ()
    if isinstance(node, tree.Filter):
        return (node.base,)
    if isinstance(node, (tree.For, tree.Quantified)):
        return tuple(part for it in node.iterators[:1] for part in it.parts())
    if isinstance(node, tree.FunctionLiteral):
        return ()
    if isinstance(node, tree.Call) and isinstance(node.function, tree.Name):
        return tuple(a for a in node.arguments if not isinstance(a, tree.Literal))
    if isinstance(node, tree.Membership):
        return (node.value,)
    return tuple(p for p in node.parts() if not isinstance(p, (tree.Literal, tree.UnaryTest)))


def _has_locals(node: tree.Node, plan: Plan) -> bool:
    """Return whether a part reads names that something around it binds."""
    used: set[str] = set()
    bound: set[str] = set()
    stack = [node]
    while stack:
        part = stack.pop()
        used.update(_LOCAL.findall(plan.sources.get(part, "")))
        bound.update(plan.locals.get(part, ()))
        stack.extend(part.parts())
    return not used <= bound


def _reason(node: tree.Node, parts: tuple[Explanation, ...], plan: Plan) -> tuple[str, bool]:
    if isinstance(node, tree.Name):
        return f"{node.name} has no value", False
    nulls = [part for part in parts if part.value is None]
    if isinstance(node, tree.Path):
        if nulls:
            return f"{nulls[0].text} is null", False
        return f"there is no {node.name}", False
    if isinstance(node, tree.Literal):
        return node.note, bool(node.note)
    if nulls and not isinstance(node, tree.If):
        return f"{nulls[0].text} is null", False
    return _fault(node, parts, plan)


def _fault(node: tree.Node, parts: tuple[Explanation, ...], plan: Plan) -> tuple[str, bool]:
    kinds = " and ".join(str(kind(part.value)) for part in parts)
    if isinstance(node, (tree.Comparison, tree.Arithmetic)):
        sides = f"a {kind_of(node.left, parts, plan)} and a {kind_of(node.right, parts, plan)}"
        return f"{node.op} gives nothing for {sides}", True
    if isinstance(node, tree.Call) and isinstance(node.function, tree.Name):
        return f"{node.function.name} gives nothing for these arguments ({kinds})", True
    return "", False


def kind_of(node: tree.Node, parts: tuple[Explanation, ...], plan: Plan) -> str:
    """Return the type of the value that a part had, or else of the node."""
    for part in parts:
        if (part.start, part.end) == (node.start, node.end):
            return str(kind(part.value))
    return str(plan.types[node])
