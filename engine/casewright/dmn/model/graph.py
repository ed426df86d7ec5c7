"""The requirement graph compiled: which node sees which values, and what it makes of them.

A decision sees the values of what it requires and nothing else. What comes from another model is
in a context named as the import, or stands by itself where the import has no name.

Source: DMN 1.5, chapter 6 and section 10.4 (decisions, knowledge models and services in FEEL).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from casewright.dmn.circles import calling_circles
from casewright.dmn.model.definition import (
    DecisionNode,
    DecisionService,
    Definitions,
    InputData,
    KnowledgeModel,
    prefix_of,
)
from casewright.dmn.model.functions import called, function_kind, made_function
from casewright.dmn.model.item_types import ANYTHING, ItemType, ItemTypes
from casewright.dmn.model.logic import Logic, nothing
from casewright.dmn.model.problems import REFERENCE, Problems
from casewright.dmn.model.run import Run
from casewright.dmn.model.scopes import Places
from casewright.feel import Budget
from casewright.feel.types import ANY, ContextType, FunctionType, Member, Type
from casewright.feel.values import FunctionValue

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from casewright.dmn.model.boxed import At, Variable
    from casewright.dmn.model.scopes import Code

Node: TypeAlias = InputData | DecisionNode | KnowledgeModel | DecisionService
Source: TypeAlias = "Callable[[Run], Any]"


@dataclass(slots=True, eq=False)
class CompiledDecision:
    """A decision that can be evaluated.

    Attributes:
        node: what it was compiled from.
        kind: declared type of its value.
        type: what FEEL knows of the value.
        needs: ids of decisions of this model that come before it.
        sources: give the values of its frame, in order.
        code: gives its value.
    """

    node: DecisionNode
    kind: ItemType
    type: Type = ANY
    needs: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    code: Code = nothing


@dataclass(slots=True)
class _Names:
    """What a node sees, in the order of its frame."""

    types: dict[str, Type] = field(default_factory=dict[str, Type])
    sources: dict[str, Source] = field(default_factory=dict[str, Source])
    parts: dict[str, dict[str, tuple[Type, Source]]] = field(
        default_factory=dict[str, dict[str, tuple[Type, Source]]]
    )

    def add(self, key: str, name: str, kind: Type, source: Source) -> None:
        prefix = prefix_of(key)
        if prefix:
            self.parts.setdefault(prefix, {})[name] = (kind, source)
        else:
            self.types[name] = kind
            self.sources[name] = source

    def closed(self) -> _Names:
        """Return these with a context for each import that has a name."""
        for prefix, parts in self.parts.items():
            members = {name: Member(kind) for name, (kind, _) in parts.items()}
            self.types[prefix] = ContextType(members, closed=False)
            self.sources[prefix] = _gathered({name: source for name, (_, source) in parts.items()})
        return self


def _gathered(sources: Mapping[str, Source]) -> Source:
    return lambda run: {name: source(run) for name, source in sources.items()}


class Graph:
    """The nodes of one model, compiled.

    Attributes:
        definitions: the model as written.
        imported: the graphs of other models by the key of the import.
        problems: mistakes.
        types: the types that it can name.
        inputs: the input data by id, each with its type.
        decisions: by id.
        functions: knowledge models and services by id.
    """

    def __init__(
        self,
        definitions: Definitions,
        imported: Mapping[str, Graph],
        functions: Mapping[str, Callable[..., Any]],
        path: str,
        *,
        strict: bool = False,
    ) -> None:
        self._strict = strict
        self.definitions = definitions
        self.imported: Mapping[str, Graph] = imported
        self.problems = Problems(path)
        self.types: ItemTypes = ItemTypes(
            definitions.items,
            {name: graph.types for name, graph in imported.items()},
            self.problems.report_type,
        )
        self._logic = Logic(self.types, self.problems, functions, definitions.language)
        everything: tuple[Node, ...] = (
            *definitions.inputs,
            *definitions.decisions,
            *definitions.knowledge,
            *definitions.services,
        )
        self.nodes: dict[str, Node] = {node.id: node for node in everything}
        self.inputs = {node.id: self._kind(node.variable, node.at) for node in definitions.inputs}
        self.decisions = {
            node.id: CompiledDecision(node, self._kind(node.variable, node.at))
            for node in definitions.decisions
        }
        self.functions: dict[str, FunctionValue] = {}
        self._bodies: dict[str, list[FunctionValue]] = {}
        self._make_functions()
        self._make_decisions()

    def resolve(self, href: str) -> tuple[str, Graph, Node] | None:
        """Return the import's key, the graph and the node that a reference means, or None."""
        namespace, _, identity = href.strip().rpartition("#")
        if namespace in ("", self.definitions.namespace) and identity in self.nodes:
            return "", self, self.nodes[identity]
        for item in self.definitions.imports:
            graph = self.imported.get(item.key)
            if graph is not None and item.namespace == namespace and identity in graph.nodes:
                return item.key, graph, graph.nodes[identity]
        return None

    def _found(self, hrefs: Sequence[str], at: At) -> list[tuple[str, Graph, Node]]:
        found: list[tuple[str, Graph, Node]] = []
        for href in hrefs:
            target = self.resolve(href)
            if target is None:
                hint = "is the other model imported, and given when this one is loaded?"
                message = f'nothing in the model has the id "{href}"'
                self.problems.report(REFERENCE, message, at, hint if "#" in href[1:] else "")
            else:
                found.append(target)
        return found

    def _kind(self, variable: Variable, at: At) -> ItemType:
        return self.types.of(variable.type_ref, at)

    # Functions

    def _make_functions(self) -> None:
        for service in self.definitions.services:
            self.functions[service.id] = self._service(service)
        for model in self.definitions.knowledge:
            self.functions[model.id] = self._signature(model)
        for model in self.definitions.knowledge:
            self._fill(model)

    def _result(self, variable: Variable, at: At, declared: str = "") -> ItemType:
        """Return the type of what a function gives; its variable names that or its own type."""
        kind = self._kind(variable, at)
        if kind.result is not None:
            return kind.result
        if kind.feel is ANY or isinstance(kind.feel, FunctionType):
            inner = self.types.of(declared, at)
            return ANYTHING if isinstance(inner.feel, FunctionType) else inner
        return kind

    def _signature(self, model: KnowledgeModel) -> FunctionValue:
        """Return a function that others can be compiled against before its body is."""
        declared = model.logic.type_ref if model.logic else ""
        result = self._result(model.variable, model.at, declared)
        if model.logic is None:
            return FunctionValue((), _null, FunctionType((), result.feel))
        bodies: list[FunctionValue] = []
        self._bodies[model.id] = bodies

        def call(b: Budget, *arguments: Any) -> Any:
            if not bodies:
                return None
            return result.coerced(bodies[0].call(b, *arguments), b)

        names = tuple(p.name for p in model.logic.parameters)
        return FunctionValue(names, call, function_kind(self._logic, model.logic, result.feel))

    def _fill(self, model: KnowledgeModel) -> None:
        """Compile the body of a knowledge model."""
        if model.logic is None:
            return
        self.problems.within = model.name
        names = _Names()
        self._add_functions(names, [f"#{model.id}", *model.knowledge], model.at)
        names = names.closed()
        places = Places.of(names.types, self.types.named, strict=self._strict)
        run = Run(self, {}, Budget())
        frame = [source(run) for source in names.sources.values()]
        if model.logic.kind == "FEEL":
            parameters = {p.name: self.types.of(p.type_ref).feel for p in model.logic.parameters}
            body, _ = self._logic.compiled(model.logic.body, places.with_names(parameters))
        else:
            body = nothing
        made = made_function(self._logic, model.logic, body, ANYTHING)(frame, run.budget)
        if isinstance(made, FunctionValue):
            self._bodies[model.id].append(made)
        self.problems.within = ""

    def _service(self, service: DecisionService) -> FunctionValue:
        self.problems.within = service.name
        given = self._found([*service.input_data, *service.input_decisions], service.at)
        outputs = self._found(service.outputs, service.at)
        self.problems.within = ""
        result = self._result(service.variable, service.at)
        names = tuple(node.variable.name for _, _, node in given)
        kinds = tuple(graph._kind(node.variable, node.at).feel for _, graph, node in given)

        def call(b: Budget, *arguments: Any) -> Any:
            return called(lambda _, budget: evaluate(budget, arguments), [], b)

        def evaluate(b: Budget, arguments: tuple[Any, ...]) -> Any:
            run = Run(self, {}, b)
            for (key, _, node), value in zip(given, arguments, strict=True):
                run.child(key).give(node.id, value)
            values = {
                node.variable.name: run.child(key).decision(node.id) for key, _, node in outputs
            }
            found = next(iter(values.values())) if len(values) == 1 else values
            return result.coerced(found, b)

        return FunctionValue(names, call, FunctionType(kinds, result.feel))

    def _add_functions(self, names: _Names, hrefs: Sequence[str], at: At) -> None:
        for key, graph, node in self._found(hrefs, at):
            function = graph.functions.get(node.id)
            if function is None:
                message = f'"{node.name}" is no business knowledge model or decision service'
                self.problems.report(REFERENCE, message, at)
                continue
            kind = function.kind
            assert isinstance(kind, FunctionType)
            names.add(key, node.variable.name, kind, _constant(function))

    # Decisions

    def _make_decisions(self) -> None:
        needs: dict[str, list[str]] = {}
        for identity, made in self.decisions.items():
            found = [self.resolve(href) for href in made.node.decisions]
            needs[identity] = [t[2].id for t in found if t is not None and not t[0]]
        circular = {name for circle in calling_circles(needs) for name in circle}
        for circle in calling_circles(needs):
            names = " -> ".join(self.nodes[identity].name for identity in circle)
            at = self.nodes[circle[0]].at
            self.problems.report(REFERENCE, f"decisions need each other in a circle: {names}", at)
        for identity in in_order(needs, circular):
            self._compile(self.decisions[identity], needs[identity])

    def _compile(self, made: CompiledDecision, needs: Sequence[str]) -> None:
        node = made.node
        self.problems.within = node.name
        names = self._required(node).closed()
        places = Places.of(names.types, self.types.named, strict=self._strict)
        code, found = self._logic.compiled(node.logic, places)
        made.code, made.type = self._logic.fitted(code, found, made.kind)
        made.needs, made.sources = tuple(needs), tuple(names.sources.values())
        self.problems.within = ""

    def _required(self, node: DecisionNode) -> _Names:
        names = _Names()
        self._add_functions(names, node.knowledge, node.at)
        for key, graph, target in self._found([*node.decisions, *node.inputs], node.at):
            if target.id in graph.decisions:
                kind, source = graph.decisions[target.id].type, _decision(key, target.id)
            elif target.id in graph.inputs:
                kind, source = graph.inputs[target.id].feel, _input(key, target.id)
            else:
                message = f'"{target.name}" is no decision and no input data'
                self.problems.report(REFERENCE, message, node.at)
                continue
            names.add(key, target.variable.name, kind, source)
        return names


def _null(b: Budget) -> Any:
    """Give null: what a knowledge model without a body gives."""


def _constant(function: FunctionValue) -> Source:
    return lambda run: function  # noqa: ARG005 - one signature for all sources


def _decision(key: str, identity: str) -> Source:
    return lambda run: run.child(key).decision(identity)


def _input(key: str, identity: str) -> Source:
    return lambda run: run.child(key).input(identity)


def in_order(needs: Mapping[str, Sequence[str]], left_out: set[str]) -> list[str]:
    """Return the names so that each comes behind those it needs.

    Args:
        needs: for each name those that come before it; no circles but through ``left_out``.
        left_out: names that do not come at all.
    """
    done: dict[str, None] = {}
    for root in needs:
        stack = [root]
        while stack:
            top = stack[-1]
            pending = [n for n in needs[top] if n not in done and n not in left_out]
            if top in done or top in left_out or not pending:
                if top not in left_out:
                    done[top] = None
                stack.pop()
            else:
                stack.extend(pending)
    return list(done)
