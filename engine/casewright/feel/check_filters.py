"""The part of the checker that knows filters, and which of them select records."""

from __future__ import annotations

from typing import ClassVar

from casewright.feel import tree
from casewright.feel.check_calls import CallChecker
from casewright.feel.frames import Frame, Local, member_of
from casewright.feel.plan import Selection
from casewright.feel.problems import (
    RECORD_SET,
    UNLIKE_TYPES,
)
from casewright.feel.types import (
    ANY,
    BOOLEAN,
    NULL,
    NUMBER,
    ListType,
    RecordSetType,
    Type,
)


class FilterChecker(CallChecker):
    """Checks filters; the records of a type need one that selects by an indexed property."""

    def _filter(self, node: tree.Filter) -> Type:
        self._filtered_nodes.add(node.base)
        base = self.check(node.base)
        path = self._paths.get(node.base)
        if path is not None:
            self._paths[node] = path
        item = base.item if isinstance(base, (ListType, RecordSetType)) else base
        local = self._local(item, path)
        if isinstance(base, RecordSetType):
            self._select(node, base, local)
        condition = self._within(Frame.of_item(local, self._frame), node.condition)
        self.plan.locals[node] = (local.py,)
        return self._filtered(node, base, item, condition)

    def _filtered(self, node: tree.Filter, base: Type, item: Type, condition: Type) -> Type:
        if condition is NUMBER:
            self.plan.indexes.add(node)
            return item
        if condition is BOOLEAN:
            return ListType(item) if base is not ANY else ListType(ANY)
        if condition is not ANY and condition is not NULL:
            self._report(
                UNLIKE_TYPES,
                node.condition,
                f"a filter needs a condition or a position, this is a {condition}",
            )
        return ANY

    def _select(self, node: tree.Filter, base: RecordSetType, local: Local) -> None:
        condition = node.condition
        parts = (
            condition.items
            if isinstance(condition, tree.Junction) and condition.op == "and"
            else (condition,)
        )
        for part in parts:
            found = self._selection(part, base, local)
            if found is not None:
                self.plan.selections[node] = found
                return
        fields = ", ".join(sorted(base.indexed)) or "none"
        self._report(
            RECORD_SET,
            node.condition,
            f"the records of {base} need a filter with = or in on an indexed field",
            f"indexed: {fields}",
        )

    def _selection(self, part: tree.Node, base: RecordSetType, local: Local) -> Selection | None:
        if isinstance(part, tree.Comparison) and part.op == "=":
            for own, other in ((part.left, part.right), (part.right, part.left)):
                if self._is_indexed(own, base) and not self._uses_item(other, local):
                    assert isinstance(own, tree.Name)
                    return Selection(own.name, other, many=False)
        if isinstance(part, tree.Membership) and self._is_indexed(part.value, base):
            assert isinstance(part.value, tree.Name)
            values = _value_list(part.tests)
            if values is not None and not self._uses_item(values, local):
                return Selection(part.value.name, values, many=True)
        return None

    def _is_indexed(self, node: tree.Node, base: RecordSetType) -> bool:
        return isinstance(node, tree.Name) and node.name in base.indexed

    def _uses_item(self, node: tree.Node, local: Local) -> bool:
        """Return whether an expression needs the element; if not, check it outside the filter."""
        names = [node] if isinstance(node, tree.Name) else []
        stack = list(node.parts())
        while stack:
            part = stack.pop()
            stack.extend(part.parts())
            if isinstance(part, tree.Name):
                names.append(part)
        if any(n.name == "item" or member_of(local.type, n.name) for n in names):
            return True
        self.check(node)
        return False

    _VISITS: ClassVar = {**CallChecker._VISITS, tree.Filter: _filter}


def _value_list(tests: tree.Tests) -> tree.Node | None:
    """Return the node of the values that tests allow, if they are just values."""
    if any(isinstance(t, (tree.UnaryTest, tree.RangeLiteral)) for t in tests.tests):
        return None
    if len(tests.tests) == 1 and not isinstance(tests.tests[0], tree.Literal):
        return tests.tests[0]
    return tree.ListLiteral(tests.start, tests.end, tests.tests)
