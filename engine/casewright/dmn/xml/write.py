"""Definitions written as DMN 1.5 XML, with a diagram, so that other modellers open them.

Ids stay as they are unless XML refuses them. What was read and written is read as equal again.

Source: DMN 1.5, chapter 13 and its schema DMN15.xsd.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from casewright.dmn.xml.layout import Link, write_layout
from casewright.dmn.xml.markup import Markup, valid_ids
from casewright.dmn.xml.names import CASEWRIGHT, DC, DI, DMNDI, FEEL, MODEL
from casewright.dmn.xml.write_boxes import BoxWriter

if TYPE_CHECKING:
    from casewright.dmn.model.definition import (
        DecisionNode,
        DecisionService,
        Definitions,
        InputData,
        ItemDefinition,
        KnowledgeModel,
    )


def write_definitions(definitions: Definitions) -> str:
    """Return a model as an XML document."""
    return _Writer(definitions).document()


class _Writer:
    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions
        self._markup = Markup()
        self._boxes = BoxWriter(self._markup)
        nodes: tuple[InputData | KnowledgeModel | DecisionNode | DecisionService, ...] = (
            *definitions.inputs,
            *definitions.knowledge,
            *definitions.decisions,
            *definitions.services,
        )
        self._ids = valid_ids([node.id for node in nodes])
        self._links: list[Link] = []

    def document(self) -> str:
        model, markup = self._definitions, self._markup
        with markup.element(
            "definitions",
            xmlns=MODEL,
            xmlns__dmndi=DMNDI,
            xmlns__dc=DC,
            xmlns__di=DI,
            xmlns__casewright=CASEWRIGHT,
            id="_definitions",
            name=model.name or "model",
            namespace=model.namespace or f"urn:{'_'.join(model.name.split()) or 'model'}",
            expressionLanguage=model.language,
            typeLanguage=FEEL,
        ):
            self._text("description", model.description)
            for other in model.imports:
                markup.empty(
                    "import",
                    name_=other.name,
                    namespace=other.namespace,
                    importType=other.kind or MODEL,
                    locationURI=other.location,
                )
            for item in model.items:
                self._item(item, "itemDefinition")
            self._nodes()
            services = {node.id for node in model.services}
            drawn = [made for own, made in self._ids.items() if own not in services]
            links = [k for k in self._links if k.source in drawn]
            write_layout(markup, drawn, links)
        return str(markup)

    def _nodes(self) -> None:
        for data in self._definitions.inputs:
            self._input(data)
        for model in self._definitions.knowledge:
            self._knowledge(model)
        for decision in self._definitions.decisions:
            self._decision(decision)
        for service in self._definitions.services:
            self._service(service)

    def _text(self, tag: str, text: str) -> None:
        if text:
            self._markup.text(tag, text)

    def _item(self, item: ItemDefinition, tag: str) -> None:
        collection = "true" if item.collection else ""
        with self._markup.element(tag, name=item.name, isCollection=collection):
            self._text("typeRef", item.type_ref)
            self._boxes.texts("allowedValues", item.allowed)
            self._boxes.texts("typeConstraint", item.constraint)
            for component in item.components:
                self._item(component, "itemComponent")
            if item.function is not None:
                with self._markup.element("functionItem", outputTypeRef=item.function.result):
                    for parameter in item.function.parameters:
                        self._boxes.variable("parameters", parameter)

    def _input(self, node: InputData) -> None:
        with self._markup.element("inputData", id=self._ids[node.id], name=node.name):
            self._text("description", node.description)
            self._boxes.variable("variable", node.variable)

    def _decision(self, node: DecisionNode) -> None:
        with self._markup.element(
            "decision", id=self._ids[node.id], name=node.name, label=node.label
        ):
            self._text("description", node.description)
            self._text("question", node.question)
            self._text("allowedAnswers", node.allowed_answers)
            self._boxes.variable("variable", node.variable)
            self._required(node.id, "informationRequirement", "requiredDecision", node.decisions)
            self._required(node.id, "informationRequirement", "requiredInput", node.inputs)
            self._required(node.id, "knowledgeRequirement", "requiredKnowledge", node.knowledge)
            self._boxes.box(node.logic)

    def _knowledge(self, node: KnowledgeModel) -> None:
        with self._markup.element("businessKnowledgeModel", id=self._ids[node.id], name=node.name):
            self._text("description", node.description)
            self._boxes.variable("variable", node.variable)
            if node.logic is not None:
                self._boxes.function(node.logic, "encapsulatedLogic")
            self._required(node.id, "knowledgeRequirement", "requiredKnowledge", node.knowledge)

    def _service(self, node: DecisionService) -> None:
        with self._markup.element("decisionService", id=self._ids[node.id], name=node.name):
            self._text("description", node.description)
            self._boxes.variable("variable", node.variable)
            for tag, hrefs in (
                ("outputDecision", node.outputs),
                ("encapsulatedDecision", node.encapsulated),
                ("inputDecision", node.input_decisions),
                ("inputData", node.input_data),
            ):
                for href in hrefs:
                    self._markup.empty(tag, href=self._href(href))

    def _required(self, node: str, outer: str, tag: str, hrefs: tuple[str, ...]) -> None:
        for href in hrefs:
            target, written = self._ids[node], self._href(href)
            identity = f"_need_{len(self._links)}_{target}"
            source = self._ids.get(href.removeprefix("#"), "")
            self._links.append(Link(identity, source, target))
            with self._markup.element(outer, id=identity):
                self._markup.empty(tag, href=written)

    def _href(self, href: str) -> str:
        """Return a reference with the id that the node has in the document."""
        namespace, hash_sign, identity = href.rpartition("#")
        if namespace in ("", self._definitions.namespace):
            identity = self._ids.get(identity, identity)
        return f"{namespace}{hash_sign}{identity}"
