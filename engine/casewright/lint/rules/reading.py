"""Reading conditions into formulas, with FEEL's logic of three values.

A condition that is null does not hold, and neither does its negation; so what makes it true, false,
not true and not false are four questions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from casewright.feel import tree
from casewright.lint.rules.formulas import ALWAYS, NEVER, All, Atom, Subject, every, some
from casewright.lint.rules.values import FALSE, TRUE, Values, compared, points

if TYPE_CHECKING:
    from casewright.lint.rules.formulas import Formula, Solver

_MIRRORED = {"=": "=", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
_RELATION = {
    op: (points(holds), points(fails))
    for op, holds, fails in (
        ("=", ("equal", "same"), ("less", "more", "unlike")),
        ("!=", ("less", "more", "unlike"), ("equal", "same")),
        ("<", ("less",), ("equal", "more")),
        ("<=", ("less", "equal"), ("more",)),
        (">", ("more",), ("equal", "less")),
        (">=", ("more", "equal"), ("less",)),
    )
}
"""When a comparison of two subjects is true and false, by how they stand to each other.

``same`` and ``unlike`` are those that have no order; of subjects that cannot be compared nothing
holds.
"""
_ALIKE = points(("equal", "same", "apart"))

Want = Literal["true", "false", "not true", "not false"]
_DENIED: dict[Want, Want] = {
    "true": "false",
    "false": "true",
    "not true": "not false",
    "not false": "not true",
}


@dataclass(slots=True)
class Reader:
    """Reads conditions into formulas.

    Attributes:
        local: names that are not those of the scope here, of ``let`` and ``as``.
        implied: what calls that leave out arguments may read.
        keys: what parts that have been looked at are known by.
        read_before: conditions that have been read.
    """

    local: frozenset[str] = frozenset()
    implied: frozenset[str] = frozenset()
    keys: dict[tree.Node, Subject] = field(default_factory=dict["tree.Node", Subject])
    read_before: dict[tuple[tree.Node, Want], Formula] = field(
        default_factory=dict["tuple[tree.Node, Want]", "Formula"]
    )

    def read(self, node: tree.Node, want: Want = "true") -> Formula:
        """Return when a condition is true, false, or neither of them."""
        found = self.read_before.get((node, want))
        if found is None:
            found = self.read_before[node, want] = self._read(node, want)
        return found

    def _read(self, node: tree.Node, want: Want) -> Formula:
        if isinstance(node, tree.Junction):
            is_all = (node.op == "and") == (want in ("true", "not false"))
            items = [self.read(item, want) for item in node.items]
            return every(items) if is_all else some(items)
        denied = _denied(node)
        if denied is not None:
            return self.read(denied, _DENIED[want])
        if isinstance(node, tree.If):
            return self._choice(node, want)
        if isinstance(node, tree.Literal):
            truth = node.value is (want in ("true", "not true"))
            if want in ("not true", "not false"):
                truth = node.value is not (want == "not true")
            return ALWAYS if truth else NEVER
        if isinstance(node, tree.Comparison):
            return self._comparison(node, want)
        if isinstance(node, tree.Between):
            return self._between(node, want)
        if isinstance(node, tree.Membership) and not node.tests.negated:
            return self._membership(node, want)
        return self._opaque(node, want)

    def subject(self, node: tree.Node) -> Subject:
        """Return what a part of an expression is known by."""
        found = self.keys.get(node)
        if found is None:
            reads: set[str] = set()
            found = self.keys[node] = Subject(self._key(node, reads), frozenset(reads))
        return found

    # --- kinds of conditions ------------------------------------------------------------------

    def _choice(self, node: tree.If, want: Want) -> Formula:
        then = All((self.read(node.condition, "true"), self.read(node.then, want)))
        other = All((self.read(node.condition, "not true"), self.read(node.otherwise, want)))
        return some((then, other))

    def _comparison(self, node: tree.Comparison, want: Want) -> Formula:
        left, right = constant(node.left), constant(node.right)
        if left is not None and right is not None:
            return _decided(*compared(node.op, right.value), left.value, want)
        if right is not None:
            return self._atom(node.left, compared(node.op, right.value), want)
        if left is not None:
            return self._atom(node.right, compared(_MIRRORED[node.op], left.value), want)
        return self._relation(node, want)

    def _relation(self, node: tree.Comparison, want: Want) -> Formula:
        left, right, op = self.subject(node.left), self.subject(node.right), node.op
        if right.key < left.key:
            left, right, op = right, left, _MIRRORED[op]
        holds, fails = _RELATION[op]
        subject = Subject(f"{left.key} ? {right.key}", left.reads | right.reads)
        found = _wanted(subject, holds, fails, want)
        if left.key == right.key:
            return All((found, Atom(subject, _ALIKE)))
        return found

    def _between(self, node: tree.Between, want: Want) -> Formula:
        if want == "not false":  # null ends are left open
            return ALWAYS
        ends = ((">=", node.low), ("<=", node.high))
        parts = tuple(
            self.read(tree.Comparison(node.start, node.end, op, node.value, end), want)
            for op, end in ends
        )
        return every(parts) if want == "true" else some(parts)

    def _membership(self, node: tree.Membership, want: Want) -> Formula:
        is_all = want in ("false", "not true")
        parts = tuple(self._test(node.value, test, want) for test in node.tests.tests)
        if not parts or any(part is None for part in parts):
            return self._opaque(node, want)
        known = tuple(part for part in parts if part is not None)
        return every(known) if is_all else some(known)

    def _test(self, value: tree.Node, test: tree.Node, want: Want) -> Formula | None:
        if isinstance(test, tree.UnaryTest):
            made = tree.Comparison(test.start, test.end, test.op, value, test.operand)
            return self._comparison(made, want)
        if isinstance(test, tree.RangeLiteral):
            return self._range(value, test, want)
        if isinstance(test, tree.ListLiteral):
            known = [constant(item) for item in test.items]
            if None in known:
                return None
            inside = points(item.value for item in known if item is not None)
            return self._atom(value, (inside, inside.without()), want)
        if constant(test) is None:
            return None
        return self._comparison(tree.Comparison(test.start, test.end, "=", value, test), want)

    def _range(self, value: tree.Node, test: tree.RangeLiteral, want: Want) -> Formula | None:
        if want == "not false":
            return ALWAYS
        ends: list[tuple[str, tree.Node]] = []
        if test.low is not None:
            ends.append((">=" if test.low_included else ">", test.low))
        if test.high is not None:
            ends.append(("<=" if test.high_included else "<", test.high))
        if not ends or any(constant(end) is None for _, end in ends):
            return None
        parts = tuple(
            self.read(tree.Comparison(test.start, test.end, op, value, end), want)
            for op, end in ends
        )
        return every(parts) if want == "true" else some(parts)

    def _opaque(self, node: tree.Node, want: Want) -> Formula:
        return _wanted(self.subject(node), TRUE, FALSE, want)

    def _atom(self, node: tree.Node, sets: tuple[Values, Values], want: Want) -> Formula:
        return _wanted(self.subject(node), *sets, want)

    # --- keys -----------------------------------------------------------------------------------

    def _key(self, node: tree.Node, reads: set[str]) -> str:
        if isinstance(node, tree.Name):
            if node.name in self.local:
                return f"let {node.name}"
            reads.add(node.name)
            return node.name
        if isinstance(node, tree.Path):
            if isinstance(node.base, tree.Name) and node.base.name == "case":
                reads.add(node.name)
                return node.name
            if isinstance(node.base, tree.Name) and node.base.name == "sla":
                reads.add(f"sla.{node.name}")
                return f"sla.{node.name}"
            return f"{self._key(node.base, reads)}.{node.name}"
        if isinstance(node, tree.Literal):
            return repr(node.value)
        if isinstance(node, tree.Call) and isinstance(node.function, tree.Name):
            return self._call(node, node.function.name, reads)
        return self._other(node, reads)

    def _call(self, node: tree.Call, name: str, reads: set[str]) -> str:
        for argument in node.arguments:
            if name == "changed" and isinstance(argument, tree.Literal):
                reads.update((str(argument.value), "previous"))
        if name == "has role":
            reads.add("actor")
        elif len(node.arguments) < 2:  # a table reads what is left out from the scope
            reads |= self.implied
        parts = ", ".join(self._key(argument, reads) for argument in node.arguments)
        names = f" by {node.names}" if node.names else ""
        return f"{name}({parts}){names}"

    def _other(self, node: tree.Node, reads: set[str]) -> str:
        parts: list[str] = []
        for name in node.__struct_fields__:
            value: Any = getattr(node, name)
            if isinstance(value, tree.Node):
                parts.append(self._key(value, reads))
            elif isinstance(value, tuple):
                parts += [self._item(item, reads) for item in value]  # pyright: ignore[reportUnknownVariableType]  of anything
            elif name not in ("start", "end"):
                parts.append(str(value))
        return f"{type(node).__name__}({', '.join(parts)})"

    def _item(self, item: Any, reads: set[str]) -> str:
        return self._key(item, reads) if isinstance(item, tree.Node) else str(item)


def constant(node: tree.Node) -> tree.Literal | None:
    """Return a literal null, truth, number or text; None for anything else."""
    if isinstance(node, tree.Negation):
        inner = constant(node.operand)
        if inner is None or isinstance(inner.value, bool):
            return None
        if not isinstance(inner.value, int | Decimal):
            return None
        return tree.Literal(node.start, node.end, -inner.value)
    if isinstance(node, tree.Literal) and not node.note:
        value = node.value
        if value is None or isinstance(value, bool | int | Decimal | str):
            return node
    return None


def _denied(node: tree.Node) -> tree.Node | None:
    is_not = (
        isinstance(node, tree.Call)
        and isinstance(node.function, tree.Name)
        and node.function.name == "not"
        and len(node.arguments) == 1
    )
    return node.arguments[0] if is_not and isinstance(node, tree.Call) else None


def _wanted(subject: Subject, holds: Values, fails: Values, want: Want) -> Formula:
    values = {
        "true": lambda: holds,
        "false": lambda: fails,
        "not true": holds.without,
        "not false": fails.without,
    }[want]()
    return Atom(subject, values)


def _decided(holds: Values, fails: Values, value: object, want: Want) -> Formula:
    found = _wanted(Subject("", frozenset()), holds, fails, want)
    fits = isinstance(found, Atom) and bool(found.values.both(points((value,))))
    return ALWAYS if fits else NEVER


def follows(solver: Solver, node: tree.Node, reader: Reader, *given: Formula) -> bool:
    """Return True only if it is sure that a condition holds wherever ``given`` does."""
    return not solver.fits(*given, reader.read(node, "not true"))
