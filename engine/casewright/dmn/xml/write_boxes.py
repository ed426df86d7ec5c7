"""Boxed expressions written as XML, children in the order that the schema of DMN 1.5 asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from casewright.dmn.model import boxed
from casewright.dmn.xml.names import AGGREGATIONS, HIT_POLICIES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from casewright.dmn.xml.markup import Markup

_POLICIES = {policy: word for word, policy in HIT_POLICIES.items()}
_AGGREGATIONS = {aggregation: word for word, aggregation in AGGREGATIONS.items()}


def _notes(notes: tuple[tuple[str, str], ...]) -> dict[str, str]:
    return {f"casewright__{key}": value for key, value in notes}


@dataclass(frozen=True, slots=True)
class BoxWriter:
    """Writes boxed expressions into a document."""

    markup: Markup

    def box(self, box: boxed.Box | None) -> None:
        """Write an expression; nothing for one that is missing."""
        if box is not None:
            self._BOXES[type(box)](self, box)

    def variable(self, tag: str, variable: boxed.Variable) -> None:
        """Write a name and its type."""
        self.markup.empty(tag, name=variable.name, typeRef=variable.type_ref)

    def function(self, box: boxed.FunctionBox, tag: str = "functionDefinition") -> None:
        """Write a function definition."""
        kind = "" if box.kind == "FEEL" else box.kind
        with self.markup.element(tag, kind=kind, typeRef=box.type_ref):
            for parameter in box.parameters:
                self.variable("formalParameter", parameter)
            self.box(box.body)

    def texts(self, tag: str, text: boxed.Text | None, **attributes: str) -> None:
        """Write an element that holds a ``text``; nothing if there is none."""
        if text is not None:
            with self.markup.element(tag, **attributes):
                self.markup.text("text", text.text)

    def _around(self, tag: str, box: boxed.Box | None) -> None:
        if box is not None:
            with self.markup.element(tag):
                self.box(box)

    def _literal(self, box: boxed.LiteralBox) -> None:
        self.texts(
            "literalExpression", box.body, typeRef=box.type_ref, expressionLanguage=box.language
        )

    def _table(self, box: boxed.TableBox) -> None:
        aggregation = _AGGREGATIONS[box.aggregation] if box.aggregation else ""
        with self.markup.element(
            "decisionTable",
            typeRef=box.type_ref,
            hitPolicy=_POLICIES[box.hit_policy],
            aggregation=aggregation,
            outputLabel=box.output_label,
        ):
            for clause in box.inputs:
                with self.markup.element("input", label=clause.label, **_notes(clause.notes)):
                    self.texts("inputExpression", clause.expression, typeRef=clause.type_ref)
                    self.texts("inputValues", clause.allowed)
            for column in box.outputs:
                with self.markup.element(
                    "output",
                    label=column.label,
                    name=column.name,
                    typeRef=column.type_ref,
                    **_notes(column.notes),
                ):
                    self.texts("outputValues", column.allowed)
                    self.texts("defaultOutputEntry", column.default)
            for name in box.annotations:
                self.markup.empty("annotation", name=name)
            for rule in box.rules:
                self._rule(rule)

    def _rule(self, rule: boxed.Rule) -> None:
        with self.markup.element("rule"):
            for cell in rule.inputs:
                self.texts("inputEntry", cell)
            for cell in rule.outputs:
                self.texts("outputEntry", cell)
            for note in rule.annotations:
                self.texts("annotationEntry", boxed.Text(note))

    def _context(self, box: boxed.ContextBox) -> None:
        with self.markup.element("context", typeRef=box.type_ref):
            for entry in box.entries:
                with self.markup.element("contextEntry"):
                    if entry.variable is not None:
                        self.variable("variable", entry.variable)
                    self.box(entry.value)

    def _invocation(self, box: boxed.InvocationBox) -> None:
        with self.markup.element("invocation", typeRef=box.type_ref):
            self.box(box.function)
            for binding in box.bindings:
                with self.markup.element("binding"):
                    self.variable("parameter", binding.parameter)
                    self.box(binding.value)

    def _list(self, box: boxed.ListBox) -> None:
        with self.markup.element("list", typeRef=box.type_ref):
            for item in box.items:
                self.box(item)

    def _relation(self, box: boxed.RelationBox) -> None:
        with self.markup.element("relation", typeRef=box.type_ref):
            for column in box.columns:
                self.variable("column", column)
            for row in box.rows:
                with self.markup.element("row"):
                    for cell in row:
                        self.box(cell)

    def _conditional(self, box: boxed.ConditionalBox) -> None:
        with self.markup.element("conditional", typeRef=box.type_ref):
            self._around("if", box.condition)
            self._around("then", box.then)
            self._around("else", box.otherwise)

    def _filter(self, box: boxed.FilterBox) -> None:
        with self.markup.element("filter", typeRef=box.type_ref):
            self._around("in", box.source)
            self._around("match", box.match)

    def _iterator(self, box: boxed.IteratorBox) -> None:
        with self.markup.element(box.kind, typeRef=box.type_ref, iteratorVariable=box.variable):
            self._around("in", box.source)
            self._around("return" if box.kind == "for" else "satisfies", box.body)

    _BOXES: ClassVar[Mapping[type, Callable[[Any, Any], None]]] = {
        boxed.LiteralBox: _literal,
        boxed.TableBox: _table,
        boxed.ContextBox: _context,
        boxed.InvocationBox: _invocation,
        boxed.FunctionBox: function,
        boxed.ListBox: _list,
        boxed.RelationBox: _relation,
        boxed.ConditionalBox: _conditional,
        boxed.FilterBox: _filter,
        boxed.IteratorBox: _iterator,
    }
