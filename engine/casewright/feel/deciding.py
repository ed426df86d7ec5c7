"""Which part of a condition decided that it does not hold, what it saw, and what it needed.

With ``and`` these are the parts that do not hold, with ``or`` all of them, one of which would do;
``not`` turns the question round. What is not true may be false or null; a null names its origin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from msgspec import Struct

from casewright.feel import tree
from casewright.feel.origins import Origins, Silent, operands
from casewright.feel.parts import UNKNOWN, dotted, shown
from casewright.feel.types import RecordSetType
from casewright.feel.values import is_list

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from casewright.feel.origins import Teller
    from casewright.feel.parts import Locals, Parts

_OPPOSITE = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_TURNED = {"=": "=", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
_MOST_SEEN = 6
_MOST_ITEMS = 100


class Deciding(Struct, frozen=True):
    """A part of a condition that has not the value that is needed.

    Attributes:
        text: the part, as written.
        value: what it gave: true, false, null, or ``UNKNOWN``.
        needed: what would do, in words, such as ``<= 2``.
        seen: what it compares, with the values: ``(("priority", 3),)``.
        why: where a null comes from, or how a function came to its value; else "".
        start: offset of the part in the expression.
        end: offset behind it.
        one_of: parts of which one would do.
    """

    text: str
    value: object
    needed: str
    seen: tuple[tuple[str, object], ...] = ()
    why: str = ""
    start: int = 0
    end: int = 0
    one_of: tuple[Deciding, ...] = ()

    @property
    def distance(self) -> int:
        """Return how many comparisons would have to come out otherwise."""
        return min((part.distance for part in self.one_of), default=1)

    def __str__(self) -> str:
        if self.one_of:
            return "one of these was needed: " + "; or ".join(str(part) for part in self.one_of)
        seen = ", ".join(f"{text} = {shown(value)}" for text, value in self.seen)
        line = f"{self.text} was {shown(self.value)}"
        line += f": {seen}" if seen else ""
        line += f", needed {self.needed}" if self.needed else ""
        return f"{line}; {self.why}" if self.why else line


class Search:
    """Looks for the deciding parts of one expression on one moment.

    Args:
        parts: of the expression.
        s: the moment.
        teller: knows the scope.
    """

    def __init__(self, parts: Parts, s: object, teller: Teller | None = None) -> None:
        self._parts = parts
        self._origins = Origins(parts, s, teller or Silent())

    def of(
        self, node: tree.Node, *, wanted: bool = True, bound: Locals = ()
    ) -> tuple[Deciding, ...]:
        """Return the parts that keep a node from being ``wanted``; () if it is.

        Args:
            node: a condition.
            wanted: the value that is needed.
            bound: values of names of the loops around it.
        """
        value = self._value(node, bound)
        if value is wanted:
            return ()
        shape = self._SHAPES.get(type(node))
        if shape is not None:
            return shape(self, node, wanted, bound)
        if (operand := self._negated(node)) is not None:
            return self.of(operand, wanted=not wanted, bound=bound)
        return (self._leaf(node, "true" if wanted else "false", bound),)

    def origin(self, node: tree.Node) -> str:
        """Return where the null of a node comes from."""
        return self._origins.of(node)

    def reads(self, node: tree.Node) -> tuple[tuple[str, object], ...]:
        """Return the names that a node reads, each once, with their values."""
        found: dict[str, object] = {}
        for part in named_parts(node):
            if self._is_shown(part, ()):
                found.setdefault(self._parts.written(part), self._value(part, ()))
        return tuple(found.items())

    def _value(self, node: tree.Node, bound: Locals) -> object:
        return self._origins.value(node, bound)

    def _negated(self, node: tree.Node) -> tree.Node | None:
        if isinstance(node, tree.Call) and len(node.arguments) == 1 and not node.names:
            plan = self._parts.plan.calls.get(node)
            if plan is not None and plan.signatures and plan.signatures[0].name == "not":
                return node.arguments[0]
        return None

    def _leaf(self, node: tree.Node, needed: str, bound: Locals, why: str = "") -> Deciding:
        """Return a node that cannot be taken apart further as a deciding part."""
        value = self._value(node, bound)
        seen = tuple(self._seen(node, bound))
        reasons = [why] if why else list(self._reasons(node, value, bound))
        return Deciding(
            self._parts.written(node),
            value,
            needed,
            seen[:_MOST_SEEN],
            "; ".join(dict.fromkeys(filter(None, reasons))),
            node.start,
            node.end,
        )

    def _reasons(self, node: tree.Node, value: object, bound: Locals) -> Iterator[str]:
        """Yield where its nulls come from, and how functions of the scope came to their value."""
        yield from self._nulls(node, value, bound)
        for part in self._parts.inside(node):
            if isinstance(part, tree.Call) and not self._parts.reads_locals(part, bound):
                plan = self._parts.plan.calls.get(part)
                if plan is not None and plan.function is not None:
                    yield self._origins.of_call(part, bound)

    def _nulls(self, node: tree.Node, value: object, bound: Locals) -> Iterator[str]:
        compared = [
            part
            for part in (operands(node, self._parts) if _compares(node) else (node,))
            if not isinstance(part, tree.Literal) and not self._parts.reads_locals(part, bound)
        ]
        nulls = [part for part in compared if self._value(part, bound) is None]
        for part in nulls:
            yield self._origins.of(part, bound)
        if not nulls and value is None:
            yield self._origins.of(node, bound)

    def _seen(self, node: tree.Node, bound: Locals) -> Iterator[tuple[str, object]]:
        """Yield what a part compares, then what that is made of, each once."""
        known: set[str] = set()
        for part in self._outer(node, bound):
            text = self._parts.written(part)
            if text not in known:
                known.add(text)
                yield text, self._value(part, bound)

    def _outer(self, node: tree.Node, bound: Locals) -> Iterator[tree.Node]:
        level = list(operands(node, self._parts)) if _compares(node) else [node]
        depth = 0
        while level and depth < 3:
            inner: list[tree.Node] = []
            for part in level:
                if not self._is_shown(part, bound):
                    continue
                if part is not node:
                    yield part
                if not _is_named(part):
                    inner.extend(operands(part, self._parts))
            level = inner
            depth += 1

    def _is_shown(self, part: tree.Node, bound: Locals) -> bool:
        if isinstance(part, (tree.Literal, tree.FunctionLiteral, tree.UnaryTest)):
            return False
        if isinstance(self._parts.plan.types.get(part), RecordSetType):
            return False
        return part not in self._parts.plan.constants and not self._parts.reads_locals(part, bound)

    # --- shapes -----------------------------------------------------------------------------

    def _junction(self, node: tree.Junction, wanted: bool, bound: Locals) -> tuple[Deciding, ...]:
        every = (node.op == "and") == wanted
        found = [self.of(item, wanted=wanted, bound=bound) for item in node.items]
        if every:
            return _known(tuple(part for parts in found for part in parts))
        choices = tuple(
            _together(parts, self._parts.written(item))
            for parts, item in zip(found, node.items, strict=True)
            if parts
        )
        if len(choices) == 1:
            return choices
        value = self._value(node, bound)
        text = self._parts.written(node)
        return (Deciding(text, value, "one of these", (), "", node.start, node.end, choices),)

    def _comparison(
        self, node: tree.Comparison, wanted: bool, bound: Locals
    ) -> tuple[Deciding, ...]:
        op = node.op if wanted else _OPPOSITE[node.op]
        other = node.right
        if self._is_fixed(node.left) and not self._is_fixed(node.right):
            op, other = _TURNED[op], node.left
        return (self._leaf(node, _needed(op, self._value(other, bound)), bound),)

    def _is_fixed(self, node: tree.Node) -> bool:
        return isinstance(node, tree.Literal) or node in self._parts.plan.constants

    def _between(self, node: tree.Between, wanted: bool, bound: Locals) -> tuple[Deciding, ...]:
        ends = f"{shown(self._value(node.low, bound))} to {shown(self._value(node.high, bound))}"
        return (self._leaf(node, ends if wanted else f"anything but {ends}", bound),)

    def _instance(self, node: tree.InstanceOf, wanted: bool, bound: Locals) -> tuple[Deciding, ...]:
        kind = f"a {node.type}" if wanted else f"anything but a {node.type}"
        return (self._leaf(node, kind, bound),)

    def _membership(
        self, node: tree.Membership, wanted: bool, bound: Locals
    ) -> tuple[Deciding, ...]:
        tests = ", ".join(self._test(test, bound) for test in node.tests.tests)
        is_in = wanted != node.tests.negated
        one = "one of " if len(node.tests.tests) > 1 else ""
        needed = f"{one}{tests}" if is_in else f"none of {tests}"
        return (self._leaf(node, needed, bound),)

    def _test(self, test: tree.Node, bound: Locals) -> str:
        """Return a test of ``in`` with the values that it tests against."""
        if isinstance(test, tree.UnaryTest):
            return f"{test.op} {shown(self._value(test.operand, bound))}"
        if isinstance(test, tree.RangeLiteral) or self._parts.reads_locals(test, bound):
            return self._parts.written(test)
        value = self._value(test, bound)
        if is_list(value) or not isinstance(test, tree.Literal):
            return f"{self._parts.written(test)} ({shown(value)})"
        return shown(value)

    def _if(self, node: tree.If, wanted: bool, bound: Locals) -> tuple[Deciding, ...]:
        held = self._value(node.condition, bound)
        branch = node.then if held is True else node.otherwise
        found = self.of(branch, wanted=wanted, bound=bound)
        why = f"{self._parts.written(node.condition)} was {shown(held)}"
        return tuple(_with(part, why) for part in found)

    def _quantified(
        self, node: tree.Quantified, wanted: bool, bound: Locals
    ) -> tuple[Deciding, ...]:
        iterator = node.iterators[0]
        items = None if iterator.last is not None else self._value(iterator.source, bound)
        where = self._parts.written(iterator.source)
        body = self._parts.written(node.body)
        wants_some = (node.op == "some") == wanted
        needed = ("an item" if wants_some else "all items") + f" of {where} with "
        needed += body if wanted else f"not({body})"
        if len(node.iterators) > 1 or not is_list(items):
            return (self._leaf(node, needed, bound),)
        why = self._of_items(node, list(items), wanted, bound)
        return (self._leaf(node, needed, bound, f"{where} {why}"),)

    def _of_items(
        self, node: tree.Quantified, items: list[Any], wanted: bool, bound: Locals
    ) -> str:
        """Return which items of a list decide, the nearest one with what it lacks."""
        if not items:
            return "is empty"
        names = self._parts.plan.locals[node.iterators[0]]
        failing: list[tuple[int, tuple[Deciding, ...]]] = []
        for at, item in enumerate(items[:_MOST_ITEMS]):
            inner = (*bound, *((name, item) for name in names))
            parts = self.of(node.body, wanted=wanted, bound=inner)
            if parts:
                failing.append((at, parts))
        count = f"has {len(items)} item{'s' * (len(items) != 1)}"
        if not failing:
            return count
        at, parts = min(failing, key=lambda found: (sum(p.distance for p in found[1]), found[0]))
        nearest = "; ".join(str(part) for part in parts)
        return f"{count}; item {at + 1} ({_named(items[at])}): {nearest}"

    _SHAPES: ClassVar[Mapping[type[tree.Node], Callable[..., tuple[Deciding, ...]]]] = {
        tree.Junction: _junction,
        tree.Comparison: _comparison,
        tree.Between: _between,
        tree.InstanceOf: _instance,
        tree.Membership: _membership,
        tree.If: _if,
        tree.Quantified: _quantified,
    }


def _known(parts: tuple[Deciding, ...]) -> tuple[Deciding, ...]:
    """Return parts without those that the evaluation did not come to, if others decided."""
    known = tuple(part for part in parts if part.value is not UNKNOWN)
    return known or parts


def _together(parts: tuple[Deciding, ...], text: str) -> Deciding:
    """Return parts that are needed together as one alternative."""
    if len(parts) == 1:
        return parts[0]
    first, last = parts[0], parts[-1]
    why = "; ".join(str(part) for part in parts)
    return Deciding(text, False, "", (), why, first.start, last.end)


def _with(part: Deciding, why: str) -> Deciding:
    from msgspec.structs import replace

    return replace(part, why="; ".join(filter(None, (part.why, why))))


def named_parts(node: tree.Node) -> Iterator[tree.Node]:
    """Yield the names and paths in a node, whole paths only; functions are no names here."""
    if dotted(node):
        yield node
        return
    for part in node.parts():
        if not (isinstance(node, tree.Call) and part is node.function):
            yield from named_parts(part)


def _compares(node: tree.Node) -> bool:
    return isinstance(node, (tree.Comparison, tree.Between, tree.Membership, tree.InstanceOf))


def _is_named(node: tree.Node) -> bool:
    return bool(dotted(node))


def _needed(op: str, value: object) -> str:
    if value is None:
        return {"=": "no value", "!=": "a value"}.get(op, "")
    if op == "=":
        return shown(value)
    return f"anything but {shown(value)}" if op == "!=" else f"{op} {shown(value)}"


def _named(item: object) -> str:
    """Return an item of a list by what people call it."""
    if isinstance(item, dict):
        known = cast("dict[str, object]", item)
        names = [known[name] for name in ("number", "name", "id") if known.get(name) is not None]
        return str(names[0]) if names else shown(known)
    return shown(item)
