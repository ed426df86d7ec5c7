"""The tree to Python source of our own making; no character of the user's text gets into it.

Each boolean node has three forms: ``value`` gives true, false or null, ``true`` is truthy exactly
when the value is true, ``false`` exactly when it is false. So null safety costs nothing where a
condition is only asked whether it holds. Constants are bound, not written; names come as source
from the scope.
"""

from __future__ import annotations

from datetime import date
from decimal import DecimalException
from typing import TYPE_CHECKING, Any, Literal, cast

from casewright.feel import arithmetic, loops, operators, properties, tree
from casewright.feel.builtins import as_builtin
from casewright.feel.builtins.registry import Arranged
from casewright.feel.builtins.registry import invoke as invoke_builtin
from casewright.feel.check import CallPlan, Plan, uses_input
from casewright.feel.comparing import Operand, compare, range_test
from casewright.feel.frames import member_of
from casewright.feel.properties import parts_of
from casewright.feel.types import (
    ANY,
    BOOLEAN,
    NUMBER,
    STRING,
    ContextType,
    FunctionType,
    ListType,
    RangeType,
    RecordSetType,
    ReferenceType,
    Type,
    instance_of,
    plain,
)
from casewright.feel.values import NUMBERS, is_number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Form = Literal["value", "true", "false"]
_MAX_NESTING = 9
RUNTIME: Mapping[str, object] = {
    "_f_eq": operators.equal,
    "_f_ne": operators.unequal,
    "_f_lt": operators.less,
    "_f_le": operators.at_most,
    "_f_gt": operators.greater,
    "_f_ge": operators.at_least,
    "_f_not": operators.negated,
    "_f_within": operators.within,
    "_f_passes": operators.passes,
    "_f_in": operators.in_range,
    "_f_add_n": arithmetic.add_numbers,
    "_f_sub_n": arithmetic.subtract_numbers,
    "_f_mul_n": arithmetic.multiply_numbers,
    "_f_div_n": arithmetic.divide_numbers,
    "_f_pow_n": arithmetic.power_numbers,
    "_f_concat": arithmetic.concat,
    "_f_num": arithmetic.whole_or_trimmed,
    "_f_add_d": NUMBERS.add,
    "_f_sub_d": NUMBERS.subtract,
    "_f_mul_d": NUMBERS.multiply,
    "_f_trouble": DecimalException,
    "_f_add": arithmetic.add,
    "_f_sub": arithmetic.subtract,
    "_f_mul": arithmetic.multiply,
    "_f_div": arithmetic.divide,
    "_f_pow": arithmetic.power,
    "_f_neg": arithmetic.negate,
    "_f_get": properties.get,
    "_f_items": loops.items,
    "_f_span": loops.span,
    "_f_loop": loops.loop,
    "_f_loops": loops.loops,
    "_f_some": loops.some,
    "_f_every": loops.every,
    "_f_any": loops.holds_for_any,
    "_f_all": loops.holds_for_all,
    "_f_snapshot": loops.snapshot,
    "_f_index": loops.index,
    "_f_keep": loops.keep,
    "_f_filter": loops.keep_or_index,
    "_f_map": loops.mapped,
    "_f_item": loops.item_name,
    "_f_range": loops.make_range,
    "_f_function": loops.function,
    "_f_invoke": loops.invoke,
    "_f_instance": instance_of,
    "_f_call": invoke_builtin,
    "_f_builtin": as_builtin,
}
_NUMBER_OPS = {
    "+": "_f_add_n",
    "-": "_f_sub_n",
    "*": "_f_mul_n",
    "/": "_f_div_n",
    "**": "_f_pow_n",
}
# Straight to the kept context: what overflows there interrupts, and the safe form answers.
_EXACT = {"+": "_f_add_d", "-": "_f_sub_d", "*": "_f_mul_d"}
_ANY_OPS = {"+": "_f_add", "-": "_f_sub", "*": "_f_mul", "/": "_f_div", "**": "_f_pow"}


class Generator:
    """Writes the source of one expression; constants gather in ``names``."""

    def __init__(self, plan: Plan, bindings: Mapping[str, object]) -> None:
        self._plan = plan
        self._bindings = bindings
        self.names: dict[str, object] = {**bindings, **RUNTIME}
        self._count = 0
        self._nesting = 0
        self._quick = False
        self._safe = False
        self._hoisted: list[str] = []
        self._visible: list[str] = []
        self._values: dict[type[tree.Node], Callable[[Any], str]] = {
            tree.Literal: self._literal,
            tree.Name: self._name,
            tree.Path: self._path,
            tree.Filter: self._filter,
            tree.Call: self._call,
            tree.Negation: self._negation,
            tree.Arithmetic: self._arithmetic,
            tree.InstanceOf: self._instance,
            tree.For: self._for,
            tree.ListLiteral: self._list,
            tree.ContextLiteral: self._context,
            tree.RangeLiteral: self._range,
            tree.FunctionLiteral: self._function,
            tree.UnaryTest: lambda _: "None",
        }
        self._forms: dict[type[tree.Node], Callable[[Any, Form], str]] = {
            tree.Comparison: self._comparison,
            tree.Junction: self._junction,
            tree.Between: self._between,
            tree.Membership: self._membership,
            tree.Tests: self._tests,
            tree.If: self._if,
            tree.Quantified: self._quantified,
        }

    # -- doors ---------------------------------------------------------------------------------

    def compile(self, node: tree.Node, form: Form, parameters: str = "s, b") -> Callable[..., Any]:
        """Return a function of ``parameters`` that evaluates the node in the given form."""
        self._hoisted, self._nesting, self._visible = [], 0, []
        if parameters != "s, b":
            self._visible = parameters.split(", ")[2:]
        self._quick = False
        body = self.form(node, form)
        if form != "value":
            body = f"True if {body} else False"
        head = "".join(self._hoisted) + f"def _f_main({parameters}):\n"
        if self._quick:
            self.names["_f_safe"] = _Safe(self, node, form, parameters)
            source = (
                f"{head} try:\n  return {body}\n"
                f" except _f_trouble:\n  return _f_safe({parameters})\n"
            )
        else:
            source = f"{head} return {body}\n"
        exec(compile(source, "<feel>", "exec"), self.names)  # noqa: S102 - source of our own making
        return cast("Callable[..., Any]", self.names["_f_main"])

    def form(self, node: tree.Node, form: Form) -> str:
        """Return the source of a node in a form; deep ones become functions of their own."""
        self._nesting += 1
        if self._nesting <= _MAX_NESTING:
            source = self._form(node, form)
        else:
            outer, self._nesting = self._nesting, 0
            body = self._form(node, form)
            self._nesting = outer
            parameters = ", ".join(["s", "b", *self._visible])
            name = self._temp("_f_part")
            self._hoisted.append(f"def {name}({parameters}):\n return {body}\n")
            source = f"{name}({parameters})"
        self._nesting -= 1
        return source

    def _form(self, node: tree.Node, form: Form) -> str:
        shaped = self._forms.get(type(node))
        if shaped is not None:
            return shaped(node, form)
        negation = self._negated(node)
        if negation is not None:
            return self._not(negation, form)
        if isinstance(node, tree.Literal) and form != "value":
            return str(node.value is (form == "true"))
        return self._as(self._values[type(node)](node), self._plan.types[node], form)

    def value(self, node: tree.Node) -> str:
        """Return the source that gives the node's value."""
        return self.form(node, "value")

    def _as(self, source: str, kind: Type, form: Form) -> str:
        if form == "value":
            return source
        if form == "true":
            return source if kind is BOOLEAN else f"(({source}) is True)"
        return f"(({source}) is False)"

    def _temp(self, prefix: str = "_t") -> str:
        self._count += 1
        return f"{prefix}{self._count}"

    def constant(self, value: object) -> str:
        """Return source for a constant: small ones as literals, others bound to a name."""
        if value is None or isinstance(value, (bool, int)):
            return repr(value) if not isinstance(value, int) or value >= 0 else f"({value!r})"
        name = self._temp("_k")
        self.names[name] = value
        return name

    # -- values --------------------------------------------------------------------------------

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
        """Return the source of a number that need not be in canonical form, for comparisons."""
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
        quick = f"{sides[0]} {node.op} {sides[1]}"
        exact = f"{_EXACT[node.op]}({sides[0]}, {sides[1]})"
        if "False" in kinds:
            return f"(None if {' or '.join(nulls)} else {exact})" if nulls else exact
        if not nulls:
            return f"({quick})"
        return f"(None if {' or '.join(nulls)} else {quick} if {' and '.join(kinds)} else {exact})"

    def _is_quick(self, node: tree.Node) -> bool:
        """Return whether a node is a sum, difference or product of numbers, not too deep."""
        if self._safe or not isinstance(node, tree.Arithmetic) or node.op not in _EXACT:
            return False
        kinds = {plain(self._plan.types[node.left]), plain(self._plan.types[node.right])}
        return kinds == {NUMBER} and self._nesting < _MAX_NESTING

    def _arithmetic(self, node: tree.Arithmetic) -> str:
        if self._is_quick(node):
            self._quick = True
            return f"_f_num({self._raw(node)})"
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
        low = "None" if node.low is None else self.value(node.low)
        high = "None" if node.high is None else self.value(node.high)
        return f"_f_range({low}, {high}, {node.low_included}, {node.high_included}, {node.op!r})"

    # -- filters and loops ---------------------------------------------------------------------

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
        return f"_f_filter(b, {base}, lambda {item}: {condition})"

    def _filter_base(self, node: tree.Filter) -> str:
        selection = self._plan.selections.get(node)
        base_type = self._plan.types[node.base]
        if selection is not None and isinstance(base_type, RecordSetType):
            values = self.value(selection.values)
            return base_type.select.format(values, field=repr(selection.field))
        if isinstance(node.base, tree.Name):
            source = self._plan.sources[node.base]
            if source.startswith("_f_snapshot(b, "):
                return source.removeprefix("_f_snapshot(b, ").removesuffix(")")
        return self.value(node.base)

    def _inner(self, names: list[str], node: tree.Node, form: Form) -> str:
        """Return the source of a node inside a lambda that binds ``names``."""
        self._visible.extend(names)
        source = self.form(node, form)
        del self._visible[len(self._visible) - len(names) :]
        return source

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

    def _quantified(self, node: tree.Quantified, form: Form) -> str:
        if form != "value" and len(node.iterators) == 1:
            helper = "_f_any" if (node.op == "some") == (form == "true") else "_f_all"
            names = list(self._plan.locals[node.iterators[0]])
            source = self._source(node.iterators[0])
            body = self._inner(names, node.body, form)
            return f"{helper}(b, {source}, lambda {', '.join(names)}: {body})"
        sources, names = self._sources(node.iterators)
        body = self._inner(names, node.body, "value")
        source = f"_f_{node.op}(b, {sources}, lambda {', '.join(names)}: {body})"
        return self._as(source, BOOLEAN, form)

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

    # -- calls ---------------------------------------------------------------------------------

    def _call(self, node: tree.Call) -> str:
        plan = self._plan.calls[node]
        if plan.function is not None:
            arguments = ["None" if a is None else self.value(a) for a in plan.arguments]
            return f"({plan.function.call.format(*arguments)})"
        values = [self.value(argument) for argument in node.arguments]
        if plan.signatures:
            return self._builtin(plan, values)
        if self._plan.made and isinstance(node.function, tree.Name) and not self._callable(node):
            return "None"
        packed = "(" + "".join(f"{v}, " for v in values) + ")"
        names = f", {self.constant(node.names)}" if node.names else ""
        return f"_f_invoke(b, {self.value(node.function)}, {packed}{names})"

    def _callable(self, node: tree.Call) -> bool:
        return node.function in self._plan.sources

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

    def _negated(self, node: tree.Node) -> tree.Node | None:
        """Return the operand of a call of the built-in ``not``, else None."""
        if isinstance(node, tree.Call) and len(node.arguments) == 1 and not node.names:
            plan = self._plan.calls[node]
            if plan.signatures and plan.signatures[0].name == "not":
                return node.arguments[0]
        return None

    def _not(self, operand: tree.Node, form: Form) -> str:
        if form == "value":
            return f"_f_not({self.value(operand)})"
        return self.form(operand, "false" if form == "true" else "true")

    # -- conditions ----------------------------------------------------------------------------

    def operand(self, node: tree.Node) -> Operand:
        """Return a node as an operand of a comparison."""
        literal = node.value if isinstance(node, tree.Literal) else None
        quick = self._is_quick(node)
        self._quick = self._quick or quick
        return Operand(
            self._raw(node) if quick else self.value(node),
            plain(self._plan.types[node]),
            constant=literal is not None,
            simple=isinstance(node, tree.Literal)
            or (isinstance(node, tree.Name) and self.value(node).isidentifier()),
            number_fast=is_number(literal),
        )

    def _comparison(self, node: tree.Comparison, form: Form) -> str:
        return compare(node.op, self.operand(node.left), self.operand(node.right), form, self._temp)

    def _junction(self, node: tree.Junction, form: Form) -> str:
        if form == "value":
            return self._junction_value(node)
        word = " and " if (node.op == "and") == (form == "true") else " or "
        return "(" + word.join(self.form(item, form) for item in node.items) + ")"

    def _junction_value(self, node: tree.Junction) -> str:
        """Return source that keeps each operand once, so that nesting does not double it."""
        decides = "False" if node.op == "and" else "True"
        other = "True" if node.op == "and" else "False"
        temps = [self._temp() for _ in node.items]
        decided = " or ".join(
            f"({t} := {self.value(item)}) is {decides}"
            for t, item in zip(temps, node.items, strict=True)
        )
        all_other = " and ".join(f"{t} is {other}" for t in temps)
        return f"({decides} if {decided} else {other} if {all_other} else None)"

    def _if(self, node: tree.If, form: Form) -> str:
        condition = self.form(node.condition, "true")
        then, otherwise = self.form(node.then, form), self.form(node.otherwise, form)
        return f"({then} if {condition} else {otherwise})"

    def _held(self, node: tree.Node) -> tuple[Operand, str]:
        """Return a node as an operand that may be used often, and the source that readies it."""
        operand = self.operand(node)
        if operand.simple:
            return operand, ""
        temp = self._temp()
        held = Operand(temp, operand.type, simple=True)
        return held, f"(({temp} := {operand.source}) is None or True)"

    def _between(self, node: tree.Between, form: Form) -> str:
        value, ready = self._held(node.value)
        sources = [
            self._compared(op, value, self.operand(end), form)
            for op, end in ((">=", node.low), ("<=", node.high))
        ]
        return self._combined("and", sources, ready, form)

    def _compared(self, op: str, left: Operand, right: Operand, form: Form) -> str:
        return compare(op, left, right, form, self._temp)

    def _combined(self, op: str, sources: list[str], ready: str, form: Form) -> str:
        if form == "value":
            decides, other = ("False", "True") if op == "and" else ("True", "False")
            temps = [self._temp() for _ in sources]
            pairs = zip(temps, sources, strict=True)
            decided = " or ".join(f"({t} := {s}) is {decides}" for t, s in pairs)
            all_other = " and ".join(f"{t} is {other}" for t in temps)
            source = f"({decides} if {decided} else {other} if {all_other} else None)"
            return f"({source} if {ready} else None)" if ready else source
        word = " and " if (op == "and") == (form == "true") else " or "
        joined = word.join(sources)
        return f"({ready} and ({joined}))" if ready else f"({joined})"

    def _membership(self, node: tree.Membership, form: Form) -> str:
        fast = self._constant_tests(node)
        if fast is not None:
            value = self.value(node.value)
            return f"({value} {'not in' if form == 'false' else 'in'} {fast})"
        held, ready = self._held(node.value)
        sources = [self._test(test, held, form) for test in node.tests.tests]
        return self._combined("or", sources, ready, form)

    def _constant_tests(self, node: tree.Membership) -> str | None:
        """Return a bound set of the tests if all are literals of the type of the value."""
        kind = plain(self._plan.types[node.value])
        tests = node.tests.tests
        if kind not in (STRING, NUMBER) or any(
            not isinstance(t, tree.Literal) or self._plan.types[t] is not kind for t in tests
        ):
            return None
        values = tuple(t.value for t in tests if isinstance(t, tree.Literal))
        return self.constant(values if len(values) < 4 else frozenset(values))

    def _tests(self, node: tree.Tests, form: Form) -> str:
        if not node.tests:
            return {"value": "True", "true": "True", "false": "False"}[form]
        value = Operand("x", plain(self._plan_input), simple=True)
        if node.negated and form != "value":
            form = "false" if form == "true" else "true"
        sources = [self._test(test, value, form) for test in node.tests]
        source = self._combined("or", sources, "", form)
        return f"_f_not({source})" if node.negated and form == "value" else source

    _plan_input: Type = ANY

    def fresh(self, *, safe: bool = False) -> Generator:
        """Return a generator for the same tree that no other thread uses.

        Args:
            safe: its code answers with null where numbers overflow, and interrupts nowhere.
        """
        made = Generator(self._plan, self._bindings).with_input(self._plan_input)
        made._safe = safe
        return made

    def with_input(self, kind: Type) -> Generator:
        """Return this generator, told the type of the input of a cell."""
        self._plan_input = kind
        return self

    def _test(self, test: tree.Node, value: Operand, form: Form) -> str:
        if isinstance(test, tree.UnaryTest):
            return self._compared(test.op, value, self.operand(test.operand), form)
        if uses_input(test) and value.source == "x":
            return self.form(test, form)
        found = plain(self._plan.types[test])
        if isinstance(test, tree.RangeLiteral) and not isinstance(
            value.type, (RangeType, ListType)
        ):
            ends = [None if e is None else self.operand(e) for e in (test.low, test.high)]
            span = range_test(value, ends[0], ends[1], test, form, self._temp)
            if span is not None:
                return span
        if found in (STRING, NUMBER, BOOLEAN) and value.type == found:
            return self._compared("=", value, self.operand(test), form)
        helper = "_f_in" if isinstance(test, tree.RangeLiteral) else "_f_passes"
        source = f"{helper}(b, {value.source}, {self.value(test)})"
        return self._as(source, BOOLEAN, form)


class _Safe:
    """The form of an expression for numbers that overflow, compiled when it is first needed."""

    __slots__ = ("_arguments", "_compiled", "_generator")

    def __init__(self, generator: Generator, node: tree.Node, form: Form, parameters: str) -> None:
        self._generator = generator
        self._arguments = (node, form, parameters)
        self._compiled: Callable[..., Any] | None = None

    def __call__(self, *arguments: object) -> object:
        if self._compiled is None:
            self._compiled = self._generator.fresh(safe=True).compile(*self._arguments)
        return self._compiled(*arguments)


__all__ = ["RUNTIME", "ContextType", "Form", "Generator", "date"]
