"""XML elements of boxed expressions, read into records.

Elements that are unknown, such as extensions of a tool, are passed over; what a known element lacks
is empty. Nothing is compiled here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, cast

from casewright.dmn.model import boxed
from casewright.dmn.xml.names import AGGREGATIONS, HIT_POLICIES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from casewright.dmn.xml.tree import Element


@dataclass(frozen=True, slots=True)
class BoxReader:
    """Reads the boxed expressions of one node.

    Attributes:
        id: of the node.
        refuse: reports that an element cannot be read: (message, place).
    """

    id: str
    refuse: Callable[[str, boxed.At], None]

    def inner(self, element: Element | None) -> boxed.Box | None:
        """Return the boxed expression inside an element, or None if there is none."""
        if element is None:
            return None
        return next(iter(self.all(element)), None)

    def all(self, element: Element) -> list[boxed.Box]:
        """Return all boxed expressions directly inside an element."""
        return [self.box(child) for child in element.children if child.tag in self._BOXES]

    def box(self, element: Element) -> boxed.Box:
        """Return the boxed expression that an element is."""
        return self._BOXES[element.tag](self, element)

    def at(self, element: Element) -> boxed.At:
        """Return the place of an element."""
        return boxed.At(element.line, element.column, element.get("id") or self.id)

    def text(self, element: Element | None) -> boxed.Text:
        """Return the FEEL in the ``text`` child of an element, empty if it is not there."""
        if element is None:
            return boxed.Text("")
        found = element.one("text")
        identity = element.get("id") or self.id
        if found is None:
            return boxed.Text("", boxed.At(element.line, element.column, identity))
        line, column = found.text_line or found.line, found.text_column or found.column
        return boxed.Text(found.text, boxed.At(line, column, identity))

    def variable(self, element: Element) -> boxed.Variable:
        """Return the name and type that an element declares."""
        return boxed.Variable(clean_name(element.get("name")), type_ref(element))

    def function(self, element: Element) -> boxed.FunctionBox:
        """Return a function definition."""
        kind = element.get("kind") or "FEEL"
        if kind not in ("FEEL", "Java", "PMML"):
            self.refuse(f'unknown kind of function "{kind}"', self.at(element))
        return boxed.FunctionBox(
            parameters=tuple(self.variable(child) for child in element.all("formalParameter")),
            body=self.inner(element),
            kind=cast("boxed.FunctionKind", kind),
            type_ref=type_ref(element),
            at=self.at(element),
        )

    def _literal(self, element: Element) -> boxed.Box:
        language = element.get("expressionLanguage")
        return boxed.LiteralBox(self.text(element), type_ref(element), language)

    def _table(self, element: Element) -> boxed.Box:
        policy = element.get("hitPolicy") or "UNIQUE"
        if policy not in HIT_POLICIES:
            self.refuse(f'unknown hit policy "{policy}"', self.at(element))
        aggregation = element.get("aggregation")
        if aggregation and aggregation not in AGGREGATIONS:
            self.refuse(f'unknown aggregation "{aggregation}"', self.at(element))
        return boxed.TableBox(
            inputs=tuple(self._input(child) for child in element.all("input")),
            outputs=tuple(self._output(child) for child in element.all("output")),
            rules=tuple(self._rule(child) for child in element.all("rule")),
            hit_policy=HIT_POLICIES.get(policy, "unique"),
            aggregation=AGGREGATIONS.get(aggregation) if policy == "COLLECT" else None,
            annotations=tuple(child.get("name") for child in element.all("annotation")),
            output_label=element.get("outputLabel"),
            type_ref=type_ref(element),
            at=self.at(element),
        )

    def _input(self, element: Element) -> boxed.InputClause:
        expression = element.one("inputExpression")
        allowed = element.one("inputValues")
        return boxed.InputClause(
            expression=self.text(expression),
            type_ref=type_ref(expression) if expression is not None else "",
            allowed=None if allowed is None else self.text(allowed),
            label=element.get("label"),
            notes=tuple(sorted(element.notes.items())),
        )

    def _output(self, element: Element) -> boxed.OutputClause:
        allowed, default = element.one("outputValues"), element.one("defaultOutputEntry")
        return boxed.OutputClause(
            name=clean_name(element.get("name")),
            type_ref=type_ref(element),
            allowed=None if allowed is None else self.text(allowed),
            default=None if default is None else self.text(default),
            label=element.get("label"),
            notes=tuple(sorted(element.notes.items())),
        )

    def _rule(self, element: Element) -> boxed.Rule:
        return boxed.Rule(
            inputs=tuple(self.text(child) for child in element.all("inputEntry")),
            outputs=tuple(self.text(child) for child in element.all("outputEntry")),
            annotations=tuple(self.text(c).text for c in element.all("annotationEntry")),
            at=self.at(element),
        )

    def _context(self, element: Element) -> boxed.Box:
        entries: list[boxed.Entry] = []
        for child in element.all("contextEntry"):
            variable = child.one("variable")
            name = None if variable is None else self.variable(variable)
            entries.append(boxed.Entry(name, self.inner(child)))
        return boxed.ContextBox(tuple(entries), type_ref(element), self.at(element))

    def _invocation(self, element: Element) -> boxed.Box:
        bindings: list[boxed.Binding] = []
        for child in element.all("binding"):
            parameter = child.one("parameter")
            name = boxed.Variable("") if parameter is None else self.variable(parameter)
            bindings.append(boxed.Binding(name, self.inner(child)))
        return boxed.InvocationBox(
            self.inner(element), tuple(bindings), type_ref(element), self.at(element)
        )

    def _list(self, element: Element) -> boxed.Box:
        return boxed.ListBox(tuple(self.all(element)), type_ref(element), self.at(element))

    def _relation(self, element: Element) -> boxed.Box:
        return boxed.RelationBox(
            columns=tuple(self.variable(child) for child in element.all("column")),
            rows=tuple(tuple(self.all(row)) for row in element.all("row")),
            type_ref=type_ref(element),
            at=self.at(element),
        )

    def _conditional(self, element: Element) -> boxed.Box:
        condition, then, otherwise = (
            self.inner(element.one(tag)) for tag in ("if", "then", "else")
        )
        return boxed.ConditionalBox(condition, then, otherwise, type_ref(element), self.at(element))

    def _filter(self, element: Element) -> boxed.Box:
        source, match = self.inner(element.one("in")), self.inner(element.one("match"))
        return boxed.FilterBox(source, match, type_ref(element), self.at(element))

    def _iterator(self, element: Element) -> boxed.Box:
        kind = cast("Literal['for', 'some', 'every']", element.tag)
        body = element.one("return" if kind == "for" else "satisfies")
        return boxed.IteratorBox(
            kind=kind,
            variable=clean_name(element.get("iteratorVariable")),
            source=self.inner(element.one("in")),
            body=self.inner(body),
            type_ref=type_ref(element),
            at=self.at(element),
        )

    _BOXES: ClassVar[Mapping[str, Callable[[Any, Element], boxed.Box]]] = {
        "literalExpression": _literal,
        "decisionTable": _table,
        "context": _context,
        "invocation": _invocation,
        "functionDefinition": function,
        "list": _list,
        "relation": _relation,
        "conditional": _conditional,
        "filter": _filter,
        "for": _iterator,
        "some": _iterator,
        "every": _iterator,
    }


def type_ref(element: Element) -> str:
    """Return the type that an element names in an attribute, or as older files do in a child."""
    found = element.get("typeRef")
    if not found and (child := element.one("typeRef")) is not None:
        found = child.text
    return " ".join(found.split())


def clean_name(name: str) -> str:
    """Return a name with single blanks between its words, as FEEL compares names."""
    return " ".join(name.split())
