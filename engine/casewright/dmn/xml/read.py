"""A tree of XML read into definitions: item definitions, nodes, imports.

Source: DMN 1.5, chapter 6, and the schemas of DMN 1.1 to 1.5.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from casewright.dmn.model.boxed import At, Variable
from casewright.dmn.model.definition import (
    DecisionNode,
    DecisionService,
    Definitions,
    FunctionItem,
    Import,
    InputData,
    ItemDefinition,
    KnowledgeModel,
)
from casewright.dmn.xml.names import MODEL, VERSIONS
from casewright.dmn.xml.read_boxes import BoxReader, clean_name, type_ref
from casewright.dmn.xml.tree import XML
from casewright.errors import Diagnostic, Span, SpecError

if TYPE_CHECKING:
    from casewright.dmn.xml.tree import Element


def read_definitions(root: Element, path: str = "<dmn>") -> Definitions:
    """Return the model that a tree of XML describes.

    Args:
        root: its ``definitions`` element.
        path: how messages call the file.

    Raises:
        SpecError: it is no DMN of a known version, or an element has values that DMN does not know;
            it carries all mistakes.
    """
    reader = _Reader(path)
    reader.check_version(root)
    _drop_foreign(root, root.namespace)
    made = reader.definitions(root)
    reader.finish()
    return made


def _drop_foreign(element: Element, namespace: str) -> None:
    """Remove the extensions of other tools."""
    element.children = [child for child in element.children if child.namespace == namespace]
    for child in element.children:
        _drop_foreign(child, namespace)


class _Reader:
    def __init__(self, path: str) -> None:
        self._path = path
        self._problems: list[Diagnostic] = []
        self._ids: dict[str, At] = {}

    def check_version(self, root: Element) -> None:
        if root.tag != "definitions" or root.namespace not in VERSIONS:
            known = ", ".join(sorted(VERSIONS.values()))
            message = f'no DMN model: the root is "{root.tag}" of "{root.namespace}"'
            self._refuse(message, At(root.line, root.column), f"DMN {known} is read")
            self.finish()

    def finish(self) -> None:
        """Raise if something was refused."""
        if self._problems:
            raise SpecError(self._problems)

    def _refuse(self, message: str, at: At, hint: str = "") -> None:
        span = Span(self._path, at.line, at.column)
        self._problems.append(Diagnostic(XML, "error", message, span, at.id, hint))

    def definitions(self, root: Element) -> Definitions:
        return Definitions(
            name=clean_name(root.get("name")),
            namespace=root.get("namespace"),
            items=tuple(self._item(child) for child in root.all("itemDefinition")),
            inputs=tuple(self._input(child) for child in root.all("inputData")),
            decisions=tuple(self._decision(child) for child in root.all("decision")),
            knowledge=tuple(self._knowledge(c) for c in root.all("businessKnowledgeModel")),
            services=tuple(self._service(child) for child in root.all("decisionService")),
            imports=tuple(self._import(child) for child in root.all("import")),
            language=root.get("expressionLanguage"),
            description=_description(root),
        )

    def _item(self, element: Element) -> ItemDefinition:
        boxes = BoxReader(element.get("id") or element.get("name"), self._refuse)
        allowed, constraint = element.one("allowedValues"), element.one("typeConstraint")
        function = element.one("functionItem")
        return ItemDefinition(
            name=clean_name(element.get("name")),
            type_ref=type_ref(element),
            collection=element.get("isCollection") == "true",
            allowed=None if allowed is None else boxes.text(allowed),
            constraint=None if constraint is None else boxes.text(constraint),
            components=tuple(self._item(child) for child in element.all("itemComponent")),
            function=None if function is None else _function_item(function),
            at=boxes.at(element),
        )

    def _id(self, element: Element, at: At) -> str:
        """Return the id of a node; one without gets one that depends on its name only."""
        found = element.get("id") or _made_id(element)
        if found in self._ids:
            message = f'the id "{found}" is given twice, first in line {self._ids[found].line}'
            self._refuse(message, at)
        self._ids[found] = at
        return found

    def _node(self, element: Element) -> tuple[str, str, Variable, BoxReader, At]:
        """Return what all nodes have: id, name, variable, a reader and the place."""
        at = At(element.line, element.column, element.get("id"))
        identity = self._id(element, at)
        name = clean_name(element.get("name"))
        if not name:
            self._refuse(f"a {element.tag} without a name", at)
        boxes = BoxReader(identity, self._refuse)
        found = element.one("variable")
        variable = Variable(name) if found is None else boxes.variable(found)
        if not variable.name:
            variable = Variable(name, variable.type_ref)
        return identity, name, variable, boxes, boxes.at(element)

    def _input(self, element: Element) -> InputData:
        identity, name, variable, _, at = self._node(element)
        return InputData(identity, name, variable, _description(element), at)

    def _decision(self, element: Element) -> DecisionNode:
        identity, name, variable, boxes, at = self._node(element)
        return DecisionNode(
            id=identity,
            name=name,
            variable=variable,
            logic=boxes.inner(element),
            inputs=_required(element, "informationRequirement", "requiredInput"),
            decisions=_required(element, "informationRequirement", "requiredDecision"),
            knowledge=_required(element, "knowledgeRequirement", "requiredKnowledge"),
            description=_description(element),
            question=_text(element, "question"),
            allowed_answers=_text(element, "allowedAnswers"),
            label=element.get("label"),
            at=at,
        )

    def _knowledge(self, element: Element) -> KnowledgeModel:
        identity, name, variable, boxes, at = self._node(element)
        logic = element.one("encapsulatedLogic")
        return KnowledgeModel(
            id=identity,
            name=name,
            variable=variable,
            logic=None if logic is None else boxes.function(logic),
            knowledge=_required(element, "knowledgeRequirement", "requiredKnowledge"),
            description=_description(element),
            at=at,
        )

    def _service(self, element: Element) -> DecisionService:
        identity, name, variable, _, at = self._node(element)
        return DecisionService(
            id=identity,
            name=name,
            variable=variable,
            outputs=_hrefs(element, "outputDecision"),
            encapsulated=_hrefs(element, "encapsulatedDecision"),
            input_decisions=_hrefs(element, "inputDecision"),
            input_data=_hrefs(element, "inputData"),
            description=_description(element),
            at=at,
        )

    def _import(self, element: Element) -> Import:
        return Import(
            name=clean_name(element.get("name")),
            namespace=element.get("namespace"),
            kind=element.get("importType") or MODEL,
            location=element.get("locationURI"),
            at=At(element.line, element.column, element.get("id")),
        )


def _made_id(element: Element) -> str:
    """Return an id for a node without one, the same each time the file is read."""
    return f"_{element.tag}_" + re.sub(r"[^\w.\-]+", "_", element.get("name"), flags=re.ASCII)


def _text(element: Element, tag: str) -> str:
    found = element.one(tag)
    return "" if found is None else found.text


def _description(element: Element) -> str:
    return _text(element, "description")


def _hrefs(element: Element, tag: str) -> tuple[str, ...]:
    return tuple(child.get("href").strip() for child in element.all(tag))


def _required(element: Element, requirement: str, tag: str) -> tuple[str, ...]:
    return tuple(href for child in element.all(requirement) for href in _hrefs(child, tag))


def _function_item(element: Element) -> FunctionItem:
    parameters = tuple(
        Variable(clean_name(child.get("name")), type_ref(child))
        for child in element.all("parameters")
    )
    return FunctionItem(parameters, " ".join(element.get("outputTypeRef").split()))
