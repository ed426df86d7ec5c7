"""Parts of an expression worked out one by one: what an explanation looks at.

A part inside a loop reads the names that the loop binds; its values come as ``locals``. Everything
is compiled when it is first asked for and kept.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from casewright.errors import CasewrightError
from casewright.feel import tree
from casewright.feel.budget import Budget, BudgetExceeded
from casewright.feel.faults import Unavailable
from casewright.feel.render import text_of
from casewright.feel.types import ReferenceType
from casewright.feel.values import is_context, is_list

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from casewright.feel.codegen import Generator
    from casewright.feel.plan import Plan

_LOCAL = re.compile(r"\b_v\d+\b")
_SHOWN = 80

Locals = tuple[tuple[str, object], ...]


class Unknown:
    """Stands for the value of a part that could not be worked out."""

    def __repr__(self) -> str:
        return "not known"


UNKNOWN: Final = Unknown()


class Parts:
    """The parts of one expression, ready to be worked out.

    Attributes:
        text: the whole expression.
        plan: what the checker found out.
    """

    def __init__(self, text: str, plan: Plan, generator: Callable[[], Generator]) -> None:
        self.text = text
        self.plan = plan
        self._generator = generator
        self._made: dict[tuple[tree.Node, str], Callable[..., object]] = {}

    def written(self, node: tree.Node) -> str:
        """Return a part as it is written, on one line."""
        names = dotted(node)  # of an argument that is taken from the scope nothing is written
        if names:
            return ".".join(names)
        return " ".join(self.text[node.start : node.end].split())

    def value(self, node: tree.Node, s: object, bound: Locals = ()) -> object:
        """Return the value of a part; ``UNKNOWN`` where it needs what is not at hand."""
        if isinstance(node, tree.Literal):
            return node.value
        names = "".join(f", {name}" for name, _ in bound)
        key = (node, names)
        made = self._made.get(key)
        if made is None:
            made = self._generator().compile(node, "value", f"s, b{names}")
            self._made[key] = made
        return _worked_out(made, s, bound)

    def record(self, node: tree.Node, s: object, bound: Locals = ()) -> object:
        """Return the record that a reference names: None where there is none."""
        names = "".join(f", {name}" for name, _ in bound)
        key = (node, f"{names}, record")
        made = self._made.get(key)
        if made is None:
            made = self._generator().compile_record(node, f"s, b{names}")
            self._made[key] = made
        return _worked_out(made, s, bound)

    def is_reference(self, node: tree.Node) -> bool:
        """Return True for the id of a record, behind which a path reads on."""
        return isinstance(self.plan.types.get(node), ReferenceType)

    def reads_locals(self, node: tree.Node, bound: Locals = ()) -> bool:
        """Return whether a part reads names that something around it binds, but for ``bound``."""
        used: set[str] = set()
        known = {name for name, _ in bound}
        for part in self.inside(node):
            used.update(_LOCAL.findall(self.plan.sources.get(part, "")))
            known.update(self.plan.locals.get(part, ()))
        return not used <= known

    def inside(self, node: tree.Node) -> Iterator[tree.Node]:
        """Yield a part and all parts inside it."""
        stack = [node]
        while stack:
            part = stack.pop()
            yield part
            stack.extend(part.parts())


def _worked_out(made: Callable[..., object], s: object, bound: Locals) -> object:
    try:
        return made(s, Budget(), *(value for _, value in bound))
    except (Unavailable, CasewrightError):  # also of tables and host functions
        return UNKNOWN


def shown(value: object) -> str:
    """Return a value as FEEL writes it, shortened to a line."""
    if value is UNKNOWN:
        return "not known"
    if is_list(value) and (len(value) > 4 or any(is_context(item) for item in value)):
        return f"{len(value)} item{'s' * (len(value) != 1)}"
    try:
        text = text_of(Budget(), [value])[1:-1]  # in a list a text stands in quotes
    except BudgetExceeded:
        return "something very large"
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def dotted(node: tree.Node) -> tuple[str, ...]:
    """Return a path as names, ``("contact", "vip")``; () for what is no plain path."""
    names: list[str] = []
    while isinstance(node, tree.Path):
        names.append(node.name)
        node = node.base
    if not isinstance(node, tree.Name):
        return ()
    return (node.name, *reversed(names))
