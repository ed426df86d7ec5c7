"""Source of conditions, each in three forms."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from casewright.feel import tree
from casewright.feel.check import uses_input
from casewright.feel.comparing import Operand, compare, range_test
from casewright.feel.emit_values import ValueEmitter
from casewright.feel.types import (
    BOOLEAN,
    NUMBER,
    STRING,
    ListType,
    RangeType,
    plain,
)
from casewright.feel.values import is_number

if TYPE_CHECKING:
    from casewright.feel.emitter import Form


class ConditionEmitter(ValueEmitter):
    """Writes what is true, false or null."""

    def _form(self, node: tree.Node, form: Form) -> str:
        negation = self._negated(node)
        if negation is not None:
            return self._not(negation, form)
        return super()._form(node, form)

    def operand(self, node: tree.Node) -> Operand:
        """Return a node as an operand of a comparison."""
        literal = self._known(node)
        quick = self._is_quick(node)
        self._quick = self._quick or quick
        return Operand(
            self._raw(node) if quick else self.value(node),
            plain(self._plan.types[node]),
            constant=literal is not None,
            simple=isinstance(node, tree.Literal)
            or literal is not None
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
        value = Operand("x", plain(self._input), simple=True)
        if node.negated and form != "value":
            form = "false" if form == "true" else "true"
        sources = [self._test(test, value, form) for test in node.tests]
        source = self._combined("or", sources, "", form)
        return f"_f_not({source})" if node.negated and form == "value" else source

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

    _FORMS: ClassVar = {
        tree.Comparison: _comparison,
        tree.Junction: _junction,
        tree.Between: _between,
        tree.Membership: _membership,
        tree.Tests: _tests,
        tree.If: _if,
        tree.Quantified: _quantified,
    }
