"""The checker: gives each node of a tree its type and each name its meaning.

All mistakes of a text are reported, not the first only. Where nothing is known about a value its
type is ``ANY`` and the mistakes of types that the standard answers with null stay possible at run
time.
"""

from __future__ import annotations

from typing import ClassVar

from casewright.feel import tree
from casewright.feel.check_filters import FilterChecker
from casewright.feel.frames import Frame, Local
from casewright.feel.operands import arithmetic_result, can_compare
from casewright.feel.problems import (
    BAD_LITERAL,
    UNLIKE_TYPES,
)
from casewright.feel.types import (
    ANY,
    BOOLEAN,
    DATE,
    NULL,
    NUMBER,
    ContextType,
    FunctionType,
    ListType,
    Member,
    RangeType,
    RecordSetType,
    Type,
    kind,
    plain,
    unify,
)


class Checker(FilterChecker):
    """Checks one tree against one scope; without a scope names are read from the context."""

    def _literal(self, node: tree.Literal) -> Type:
        if node.note:
            self._report(BAD_LITERAL, node, node.note)
        return kind(node.value)

    def _negation(self, node: tree.Negation) -> Type:
        found = self.check(node.operand)
        if found is ANY or found is NULL:
            return ANY
        if arithmetic_result("-", found, found) is None or found.name in ("date", "time"):
            self._report(UNLIKE_TYPES, node, f"a {found} cannot be negated")
            return NULL
        return found

    def _arithmetic(self, node: tree.Arithmetic) -> Type:
        left, right = self.check(node.left), self.check(node.right)
        found = arithmetic_result(node.op, left, right)
        if found is None:
            hint = (
                "use string(...)" if node.op == "+" and "string" in (left.name, right.name) else ""
            )
            self._report(
                UNLIKE_TYPES, node, f"{node.op} does not work on a {left} and a {right}", hint
            )
            return NULL
        return found

    def _comparison(self, node: tree.Comparison) -> Type:
        left, right = self.check(node.left), self.check(node.right)
        self._compare(node, node.op, left, right)
        return BOOLEAN

    def _compare(self, node: tree.Node, op: str, left: Type, right: Type) -> None:
        if can_compare(op, left, right):
            return
        hint = ""
        if {left.name, right.name} == {"date", "date and time"}:
            hint = "compare date(x) with the date"
        elif isinstance(left, FunctionType) or isinstance(right, FunctionType):
            hint = "to call a function write name(...)"
        elif isinstance(right, ListType):
            hint = "for one of several values write x in (...)"
        if left == right:
            message = f"{op} does not work on values of type {left}"
        else:
            message = f"{op} compares a {left} with a {right}"
        self._report(UNLIKE_TYPES, node, message, hint)

    def _truth(self, node: tree.Node, where: str) -> None:
        found = self.check(node)
        if found not in (BOOLEAN, ANY, NULL):
            hint = f"write {where} x != null" if where == "if" else "compare it with something"
            self._report(UNLIKE_TYPES, node, f"{where} needs a condition, this is a {found}", hint)

    def _junction(self, node: tree.Junction) -> Type:
        for item in node.items:
            self._truth(item, node.op)
        return BOOLEAN

    def _between(self, node: tree.Between) -> Type:
        value = self.check(node.value)
        for end in (node.low, node.high):
            self._compare(node, "<=", value, self.check(end))
        return BOOLEAN

    def _membership(self, node: tree.Membership) -> Type:
        value = self.check(node.value)
        for test in node.tests.tests:
            self._test(test, value)
        return BOOLEAN

    def _test(self, test: tree.Node, value: Type) -> None:
        if isinstance(test, tree.UnaryTest):
            self._compare(test, test.op, value, self.check(test.operand))
            self.plan.types[test] = BOOLEAN
            return
        self._matches(test, value, self.check(test))

    def _matches(self, test: tree.Node, value: Type, found: Type) -> None:
        if isinstance(found, RangeType) and not isinstance(value, RangeType):
            self._compare(test, "<=", value, found.item)
        elif isinstance(found, ListType) and not isinstance(value, ListType):
            inner = found.item.item if isinstance(found.item, RangeType) else found.item
            self._compare(test, "=", value, inner)
        elif not isinstance(found, ListType):
            self._compare(test, "=", value, found)

    def _cell(self, node: tree.Tests) -> Type:
        value = self._frame.names["?"].type
        for test in node.tests:
            if isinstance(test, tree.UnaryTest) or not uses_input(test):
                self._test(test, value)
            else:
                self._truth(test, "a test with ?")
        return BOOLEAN

    def _stray_test(self, node: tree.UnaryTest) -> Type:
        self.check(node.operand)
        return BOOLEAN

    def _instance_of(self, node: tree.InstanceOf) -> Type:
        self.check(node.value)
        return BOOLEAN

    def _if(self, node: tree.If) -> Type:
        self._truth(node.condition, "if")
        return unify([self.check(node.then), self.check(node.otherwise)])

    def _iterate(self, iterators: tuple[tree.Iterator, ...]) -> Frame:
        frame = self._frame
        for iterator in iterators:
            source = self._within(frame, iterator.source)
            path = self._paths.get(iterator.source)
            if iterator.last is not None:
                self._within(frame, iterator.last)
                source = ListType(source if source in (NUMBER, DATE) else ANY)
            self.plan.types[iterator] = source
            local = self._local(_element(source), path)
            self.plan.locals[iterator] = (local.py,)
            frame = Frame({iterator.name: local}, outer=frame)
        return frame

    def _for(self, node: tree.For) -> Type:
        frame = self._iterate(node.iterators)
        partial = self._local(ListType(ANY))
        self.plan.locals[node] = (partial.py,)
        snapshot = Local(partial.py, ListType(ANY), None, f"_f_snapshot(b, {partial.py})")
        body = self._within(Frame({"partial": snapshot}, outer=frame), node.body)
        return ListType(body if body is not NULL else ANY)

    def _quantified(self, node: tree.Quantified) -> Type:
        frame = self._iterate(node.iterators)
        outer, self._frame = self._frame, frame
        self._truth(node.body, "satisfies")
        self._frame = outer
        return BOOLEAN

    def _list(self, node: tree.ListLiteral) -> Type:
        found = [self.check(item) for item in node.items]
        return ListType(unify(found) if found else ANY)

    def _context(self, node: tree.ContextLiteral) -> Type:
        outer = self._frame
        members: dict[str, Member] = {}
        names: list[str] = []
        for key, item in zip(node.keys, node.items, strict=True):
            found = self.check(item)
            local = self._local(found, self._paths.get(item))
            names.append(local.py)
            members[key] = Member(found)
            self._frame = Frame({key: local}, outer=self._frame)
        self._frame = outer
        self.plan.locals[node] = tuple(names)
        return ContextType(members)

    def _range(self, node: tree.RangeLiteral) -> Type:
        found = [self.check(end) for end in node.parts()]
        if len(found) == 2:
            self._compare(node, "<=", found[0], found[1])
        return RangeType(unify([plain(f) for f in found]))

    def _function(self, node: tree.FunctionLiteral) -> Type:
        types = tuple(t or ANY for _, t in node.parameters)
        found = [self._local(t) for t in types]
        self.plan.locals[node] = tuple(local.py for local in found)
        if node.body is None:
            return FunctionType(types, ANY)
        names = {name: local for (name, _), local in zip(node.parameters, found, strict=True)}
        result = self._within(Frame(names, outer=self._frame), node.body)
        return FunctionType(types, result)

    _VISITS: ClassVar = {
        **FilterChecker._VISITS,
        tree.Literal: _literal,
        tree.Negation: _negation,
        tree.Arithmetic: _arithmetic,
        tree.Comparison: _comparison,
        tree.Junction: _junction,
        tree.Between: _between,
        tree.Membership: _membership,
        tree.Tests: _cell,
        tree.UnaryTest: _stray_test,
        tree.InstanceOf: _instance_of,
        tree.If: _if,
        tree.For: _for,
        tree.Quantified: _quantified,
        tree.ListLiteral: _list,
        tree.ContextLiteral: _context,
        tree.RangeLiteral: _range,
        tree.FunctionLiteral: _function,
    }


def _element(source: Type) -> Type:
    if isinstance(source, (ListType, RangeType)):
        return source.item
    return ANY if source is NULL or isinstance(source, RecordSetType) else source


def uses_input(node: tree.Node) -> bool:
    """Return whether ``?`` stands somewhere in a test."""
    if isinstance(node, tree.Name) and node.name == "?":
        return True
    return any(uses_input(part) for part in node.parts())
