"""One evaluation: the given inputs, and the values of decisions as they become known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casewright.dmn.model.notes import note
from casewright.feel.values import is_context, normalized

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casewright.dmn.model.graph import Graph
    from casewright.feel import Budget


class Run:
    """Values of one model during one evaluation.

    Attributes:
        budget: steps that are left.
        values: values of inputs and decisions by id.
    """

    def __init__(
        self,
        graph: Graph,
        inputs: Mapping[str, object],
        budget: Budget,
        outer: Mapping[str, object] | None = None,
    ) -> None:
        self._graph = graph
        self._inputs = inputs
        self._outer = outer or {}
        self._children: dict[str, Run] = {}
        self.budget = budget
        self.values: dict[str, Any] = {}

    def child(self, key: str) -> Run:
        """Return the run of an imported model, this one for an empty key.

        Its inputs are the entries of the input named like the import, or the inputs with that name
        and a dot in front; those that are in neither are inputs of this run.
        """
        graph = self._graph.imported.get(key)
        if graph is None:
            return self
        if key not in self._children:
            own = self._inputs.get(key)
            dotted = f"{key}."
            inner: dict[str, object] = {
                name.removeprefix(dotted): value
                for name, value in self._inputs.items()
                if name.startswith(dotted)
            }
            inner |= own if is_context(own) else {}
            around = {**self._outer, **self._inputs}
            self._children[key] = Run(graph, inner, self.budget, around)
        return self._children[key]

    def give(self, identity: str, value: object) -> None:
        """Say what an input or a decision is; it must fit its type, else it is null."""
        graph = self._graph
        if identity in graph.inputs:
            kind = graph.inputs[identity]
        else:
            kind = graph.decisions[identity].kind
        self.values[identity] = kind.coerced(value, self.budget)

    def input(self, identity: str) -> Any:
        """Return the value of input data, null if it is not given or not of its type."""
        if identity not in self.values:
            node = self._graph.nodes[identity]
            value = None
            for name in (node.variable.name, node.name):
                if name in self._inputs or name in self._outer:
                    value = normalized(self._inputs.get(name, self._outer.get(name)))
                    break
            self.give(identity, value)
            if value is not None and self.values[identity] is None:
                kind = node.variable.type_ref
                note(self.budget, f'input "{node.name}" is no {kind} that is allowed')
        return self.values[identity]

    def decision(self, identity: str) -> Any:
        """Return the value of a decision after those that it needs."""
        stack = [identity]
        while stack:
            top = stack[-1]
            made = self._graph.decisions[top]
            pending = [need for need in made.needs if need not in self.values]
            if top in self.values:
                stack.pop()
            elif pending:
                stack.extend(pending)
            else:
                self.budget.spend(1)
                frame = [source(self) for source in made.sources]
                self.values[top] = made.code(frame, self.budget)
        return self.values[identity]
