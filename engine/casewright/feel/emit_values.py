"""Source of values: names, paths, arithmetic, calls, filters, loops and literals."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from casewright.feel import tree
from casewright.feel.builtins.registry import Arranged
from casewright.feel.emitter import MAX_NESTING, Emitter, Form
from casewright.feel.frames import member_of
from casewright.feel.loops import make_range
from casewright.feel.properties import parts_of
from casewright.feel.types import (
    ANY,
    BOOLEAN,
    NUMBER,
    STRING,
    FunctionType,
    ListType,
    RecordSetType,
    ReferenceType,
    Type,
    plain,
)
from casewright.feel.values import BIGGEST

if TYPE_CHECKING:
    from casewright.feel.plan import CallPlan


_NUMBER_OPS = {
    "+": "_f_add_n",
    "-": "_f_sub_n",
    "*": "_f_mul_n",
    "/": "_f_div_n",
    "**": "_f_pow_n",
}
# Straight to the kept context: what overflows there interrupts, and the safe form answers.
_EXACT = {"+": "_f_add_d", "-": "_f_sub_d", "*": "_f_mul_d"}
# What has fewer bits has at most 34 digits; of longer ones the function looks closer.
_BITS = BIGGEST.bit_length()
_ANY_OPS = {"+": "_f_add", "-": "_f_sub", "*": "_f_mul", "/": "_f_div", "**": "_f_pow"}


# Built-ins that are one operation of Python, for arguments of these types and no others.
_AT_ONCE = {
    "count": (("list",), "len({0})"),
    "string length": (("string",), "len({0})"),
    "upper case": (("string",), "{0}.upper()"),
    "lower case": (("string",), "{0}.lower()"),
    "contains": (("string", "string"), "({1} in {0})"),
    "starts with": (("string", "string"), "{0}.startswith({1})"),
    "ends with": (("string", "string"), "{0}.endswith({1})"),
}


class ValueEmitter(Emitter):
    """Writes what has a value of any type."""

    def _literal(self, node: tree.Literal) -> str:
        return self.constant(node.value)

    def _name(self, node: tree.Name) -> str:
        return f"({source})" if " " in (source := self._plan.sources[node]) else source

    def _path(self, node: tree.Path) -> str:
        return self._property(self.value(node.base), self._plan.types[node.base], node.name)

    def _property(self, base: str, kind: Type, name: str) -> str:
        member = member_of(kind, name)
        temp = self._temp()
        if member is None:
            return self._other_property(base, kind, name, temp)
        read = member.read or "{}.get(" + self.constant(name) + ")"
        if "{}" not in read:
            return f"({read})"
        if isinstance(kind, ReferenceType):
            record = self._temp()
            follow = kind.follow.format(temp)
            return (
                f"(None if ({temp} := {base}) is None or ({record} := {follow}) is None"
                f" else {read.format(record)})"
            )
        return f"(None if ({temp} := {base}) is None else {read.format(temp)})"

    def _other_property(self, base: str, kind: Type, name: str, temp: str) -> str:
        if isinstance(kind, ListType) and kind.item is not ANY:
            inner = self._property(temp, kind.item, name)
            return f"_f_map(b, {base}, lambda {temp}: {inner})"
        parts = parts_of(kind)
        if parts is not None and name not in parts:
            return "None"
        return f"_f_get(b, {base}, {self.constant(name)})"

    def _negation(self, node: tree.Negation) -> str:
        return f"_f_neg({self.value(node.operand)})"

    def _raw(self, node: tree.Node) -> str:
        """Return the source of a number that need not be an ``int`` where it is integral."""
        if not self._is_quick(node):
            return self.value(node)
        assert isinstance(node, tree.Arithmetic)
        sides: list[str] = []
        nulls: list[str] = []
        kinds: list[str] = []
        for part in (node.left, node.right):
            if isinstance(part, tree.Literal) and part.value is not None:
                sides.append(self.value(part))
                if not isinstance(part.value, int):
                    kinds.append("False")
                continue
            temp = self._temp()
            self._nesting += 1
            nulls.append(f"({temp} := {self._raw(part)}) is None")
            self._nesting -= 1
            sides.append(temp)
            kinds.append(f"{temp}.__class__ is int")
        quick = self._bounded(f"{sides[0]} {node.op} {sides[1]}")
        exact = f"{_EXACT[node.op]}({sides[0]}, {sides[1]})"
        if "False" in kinds:
            return f"(None if {' or '.join(nulls)} else {exact})" if nulls else exact
        if not nulls:
            return quick
        return f"(None if {' or '.join(nulls)} else {quick} if {' and '.join(kinds)} else {exact})"

    def _bounded(self, source: str) -> str:
        """Return the source of a sum, difference or product of ``int`` with at most 34 digits."""
        temp = self._temp()
        return f"({temp} if ({temp} := {source}).bit_length() < {_BITS} else _f_bound({temp}))"

    def _is_quick(self, node: tree.Node) -> bool:
        """Return whether a node is a sum, difference or product of numbers, not too deep."""
        if self._safe or not isinstance(node, tree.Arithmetic) or node.op not in _EXACT:
            return False
        kinds = {plain(self._plan.types[node.left]), plain(self._plan.types[node.right])}
        return kinds == {NUMBER} and self._nesting < MAX_NESTING

    def _arithmetic(self, node: tree.Arithmetic) -> str:
        if self._is_quick(node):
            self._quick = True
            temp = self._temp()
            raw = self._raw(node)
            return f"({temp} if ({temp} := {raw}).__class__ is int else _f_trim({temp}))"
        left, right = self.value(node.left), self.value(node.right)
        kinds = {plain(self._plan.types[node.left]), plain(self._plan.types[node.right])}
        if kinds == {NUMBER}:
            return f"{_NUMBER_OPS[node.op]}({left}, {right})"
        if kinds == {STRING} and node.op == "+":
            return f"_f_concat(b, {left}, {right})"
        return f"{_ANY_OPS[node.op]}(b, {left}, {right})"

    def _instance(self, node: tree.InstanceOf) -> str:
        return f"_f_instance({self.value(node.value)}, {self.constant(node.type)})"

    def _list(self, node: tree.ListLiteral) -> str:
        return "[" + ", ".join(self.value(item) for item in node.items) + "]"

    def _context(self, node: tree.ContextLiteral) -> str:
        entries: list[str] = []
        names = self._plan.locals[node]
        mark = len(self._visible)
        for key, item, name in zip(node.keys, node.items, names, strict=True):
            entries.append(f"{self.constant(key)}: ({name} := {self.value(item)})")
            self._visible.append(name)
        del self._visible[mark:]
        return "{" + ", ".join(entries) + "}"

    def _range(self, node: tree.RangeLiteral) -> str:
        ends = [self._known(end) for end in (node.low, node.high) if end is not None]
        if all(end is not None for end in ends):
            low = None if node.low is None else ends[0]
            high = None if node.high is None else ends[-1]
            made = make_range(low, high, node.low_included, node.high_included, node.op)
            return self.constant(made)
        low = "None" if node.low is None else self.value(node.low)
        high = "None" if node.high is None else self.value(node.high)
        return f"_f_range({low}, {high}, {node.low_included}, {node.high_included}, {node.op!r})"

    def _filter(self, node: tree.Filter) -> str:
        base = self._filter_base(node)
        (item,) = self._plan.locals[node]
        condition_type = self._plan.types[node.condition]
        form: Form = "true" if condition_type is BOOLEAN else "value"
        if node in self._plan.indexes and isinstance(node.condition, tree.Literal):
            return f"_f_index({base}, {self.value(node.condition)})"
        condition = self._inner([item], node.condition, form)
        if condition_type is BOOLEAN:
            return f"_f_keep(b, {base}, lambda {item}: {condition})"
        if node in self._plan.indexes:
            return f"_f_at({base}, lambda {item}: {condition})"
        return f"_f_filter(b, {base}, lambda {item}: {condition})"

    def _filter_base(self, node: tree.Filter) -> str:
        selection = self._plan.selections.get(node)
        base_type = self._plan.types[node.base]
        if selection is not None and isinstance(base_type, RecordSetType):
            values = self.value(selection.values)
            return base_type.select.format(values, field=selection.field)
        if isinstance(node.base, tree.Name):
            source = self._plan.sources[node.base]
            if source.startswith("_f_snapshot(b, "):
                return source.removeprefix("_f_snapshot(b, ").removesuffix(")")
        return self.value(node.base)

    def _source(self, iterator: tree.Iterator) -> str:
        if iterator.last is not None:
            return f"_f_span(b, {self.value(iterator.source)}, {self.value(iterator.last)})"
        return f"_f_items(b, {self.value(iterator.source)})"

    def _sources(self, iterators: tuple[tree.Iterator, ...]) -> tuple[str, list[str]]:
        sources: list[str] = []
        names: list[str] = []
        for iterator in iterators:
            head = ", ".join(names)
            sources.append(f"lambda {head}: {self._source(iterator)}")
            names.extend(self._plan.locals[iterator])
            self._visible.extend(self._plan.locals[iterator])
        del self._visible[len(self._visible) - len(names) :]
        return "(" + ", ".join(sources) + ",)", names

    def _for(self, node: tree.For) -> str:
        (partial,) = self._plan.locals[node]
        if len(node.iterators) == 1:
            source = self._source(node.iterators[0])
            names = [*self._plan.locals[node.iterators[0]], partial]
            body = self._inner(names, node.body, "value")
            return f"_f_loop(b, {source}, lambda {', '.join(names)}: {body})"
        sources, names = self._sources(node.iterators)
        names.append(partial)
        body = self._inner(names, node.body, "value")
        return f"_f_loops(b, {sources}, lambda {', '.join(names)}: {body})"

    def _function(self, node: tree.FunctionLiteral) -> str:
        if node.body is None:
            return "None"
        names = list(self._plan.locals[node])
        body = self._inner(names, node.body, "value")
        kind = self._plan.types[node]
        assert isinstance(kind, FunctionType)
        parameters = self.constant(tuple(name for name, _ in node.parameters))
        types = self.constant(kind.parameters)
        result = self.constant(kind.result)
        head = ", ".join(["b", *names])
        return f"_f_function(b, {parameters}, {types}, {result}, lambda {head}: {body})"

    def _call(self, node: tree.Call) -> str:
        if node in self._plan.constants:
            return self.constant(self._plan.constants[node])
        plan = self._plan.calls[node]
        if plan.function is not None:
            arguments = ["None" if a is None else self.value(a) for a in plan.arguments]
            return f"({plan.function.call.format(*arguments)})"
        values = [self.value(argument) for argument in node.arguments]
        if plan.signatures:
            return self._at_once(node, plan, values) or self._builtin(plan, values)
        if node.function not in self._plan.types:
            return "None"  # a built-in that takes no such arguments
        packed = "(" + "".join(f"{v}, " for v in values) + ")"
        names = f", {self.constant(node.names)}" if node.names else ""
        return f"_f_invoke(b, {self.value(node.function)}, {packed}{names})"

    def _at_once(self, node: tree.Call, plan: CallPlan, values: list[str]) -> str | None:
        """Return source without a call of the built-in, where the types allow."""
        found = _AT_ONCE.get(plan.signatures[0].name)
        if found is None or node.names or len(found[0]) != len(values):
            return None
        kinds = [plain(self._plan.types[argument]).name for argument in node.arguments]
        if kinds != list(found[0]):
            return None
        temps = [self._temp() for _ in values]
        nulls = " or ".join(f"({t} := {v}) is None" for t, v in zip(temps, values, strict=True))
        return f"(None if {nulls} else {found[1].format(*temps)})"

    def _builtin(self, plan: CallPlan, values: list[str]) -> str:
        in_order = all(
            order[: len(values)] == tuple(range(min(len(values), len(order))))
            for order in plan.orders
        )
        if in_order:
            packed = "(" + "".join(f"{v}, " for v in values) + ")"
            return f"_f_call(b, {self.constant(plan.signatures)}, {packed})"
        arranged = Arranged(tuple(zip(plan.signatures, plan.orders, strict=True)))
        return f"{self.constant(arranged)}(b, {', '.join(values)})"

    def _stray_test(self, node: tree.UnaryTest) -> str:  # noqa: ARG002 - tests have no value of their own
        return "None"

    _VALUES: ClassVar = {
        tree.Literal: _literal,
        tree.Name: _name,
        tree.Path: _path,
        tree.Filter: _filter,
        tree.Call: _call,
        tree.Negation: _negation,
        tree.Arithmetic: _arithmetic,
        tree.InstanceOf: _instance,
        tree.For: _for,
        tree.ListLiteral: _list,
        tree.ContextLiteral: _context,
        tree.RangeLiteral: _range,
        tree.FunctionLiteral: _function,
        tree.UnaryTest: _stray_test,
    }
