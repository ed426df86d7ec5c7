"""A decision model that can be asked: the door of this room.

Made by :func:`casewright.dmn.load`, or of :class:`Definitions` that a program builds itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from casewright.dmn.model.graph import Graph
from casewright.dmn.model.notes import noting
from casewright.dmn.model.run import Run
from casewright.feel import Budget, BudgetExceeded
from casewright.feel.problems import suggestion
from casewright.feel.values import normalized

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from casewright.dmn.model.definition import Definitions
    from casewright.errors import Diagnostic

STEPS = 1_000_000
_NONE: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What an evaluation came to.

    Attributes:
        value: of the decision that was asked for.
        decisions: values of all decisions that it took, by name, in the order of their evaluation.
        inputs: values of the input data that were read, by name.
        notes: why values are null: inputs that are not of their type, violated hit policies.
    """

    value: Any
    decisions: Mapping[str, Any]
    inputs: Mapping[str, Any]
    notes: tuple[str, ...] = ()


class Model:
    """A decision model; immutable, may be evaluated by several threads at once.

    Two models are equal if their definitions and those of their imports are.

    Attributes:
        definitions: the model as written.
        imports: other models by the key of the import, which is its name if it has one.
        problems: mistakes in its logic and references; what they concern gives null.
    """

    def __init__(
        self,
        definitions: Definitions,
        *,
        imports: Mapping[str, Model] = _NONE,
        functions: Mapping[str, Callable[..., Any]] = _NONE,
        path: str = "<dmn>",
    ) -> None:
        """Compile a model.

        Args:
            definitions: what it says.
            imports: the models that it imports, by the key of the import.
            functions: Python functions in place of Java and PMML ones, by ``class.method`` or by
                the name of the business knowledge model; they take and give FEEL values.
            path: how messages call its file.
        """
        self.definitions = definitions
        self.imports = imports
        self._graph: Graph = self._compiled(functions, path)
        self._functions, self._path = functions, path
        self.problems: tuple[Diagnostic, ...] = tuple(self._graph.problems.found)

    def _compiled(
        self, functions: Mapping[str, Callable[..., Any]], path: str, *, strict: bool = False
    ) -> Graph:
        graphs = {name: model._graph for name, model in self.imports.items()}
        return Graph(self.definitions, graphs, functions, path, strict=strict)

    def check(self) -> tuple[Diagnostic, ...]:
        """Return what is suspicious beside :attr:`problems`, as warnings.

        Unknown names, comparisons of unlike types and wrong arguments give null in DMN; most often
        they are slips. Imported models are not looked into.
        """
        found = self._compiled(self._functions, self._path, strict=True).problems.found
        known = {(p.span, p.message) for p in self.problems}
        return tuple(
            replace(p, severity="warning") for p in found if (p.span, p.message) not in known
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Model):
            return NotImplemented
        return self.definitions == other.definitions and self.imports == other.imports

    def __hash__(self) -> int:
        return hash(self.definitions)

    def __repr__(self) -> str:
        return f"Model({self.definitions.name!r})"

    @property
    def name(self) -> str:
        """Return the name of the model."""
        return self.definitions.name

    @property
    def decisions(self) -> tuple[str, ...]:
        """Return the names of its decisions."""
        return tuple(node.name for node in self.definitions.decisions)

    @property
    def inputs(self) -> Mapping[str, str]:
        """Return its input data: names, and the types as the model names them."""
        return {node.name: node.variable.type_ref for node in self.definitions.inputs}

    @property
    def services(self) -> tuple[str, ...]:
        """Return the names of its decision services."""
        return tuple(node.name for node in self.definitions.services)

    def evaluate(
        self,
        decision: str,
        inputs: Mapping[str, Any] = _NONE,
        *,
        budget: Budget | None = None,
        now: datetime | None = None,
    ) -> Any:
        """Return the value of a decision.

        Args:
            decision: its name, or its id.
            inputs: values of input data by name; what is left out is null. Those of an imported
                model stand in a map named like the import.
            budget: evaluation steps; 1,000,000 unless given.
            now: what ``now()`` gives.

        Raises:
            ValueError: no such decision, or no such input.
            BudgetExceeded: the steps did not suffice.
            HostError: a function of the host failed.
        """
        return self.explain(decision, inputs, budget=budget, now=now).value

    def explain(
        self,
        decision: str,
        inputs: Mapping[str, Any] = _NONE,
        *,
        budget: Budget | None = None,
        now: datetime | None = None,
    ) -> Evaluation:
        """Return the value of a decision and those of all that it took.

        Raises:
            ValueError: no such decision, or no such input.
            BudgetExceeded: the steps did not suffice.
            HostError: a function of the host failed.
        """
        identity = self._identity(decision, self.definitions.decisions, "decision")
        self._check_inputs(inputs)
        with noting(budget or Budget(STEPS, now)) as noted:
            run = Run(self._graph, inputs, noted)
            value = _guarded(lambda: run.decision(identity))
        nodes = self._graph.nodes
        return Evaluation(
            value=value,
            decisions={
                nodes[i].name: v for i, v in run.values.items() if i in self._graph.decisions
            },
            inputs={nodes[i].name: v for i, v in run.values.items() if i in self._graph.inputs},
            notes=tuple(noted.notes),
        )

    def evaluate_service(
        self,
        service: str,
        inputs: Mapping[str, Any] = _NONE,
        *,
        budget: Budget | None = None,
        now: datetime | None = None,
    ) -> Any:
        """Return what a decision service gives: a value, or a context of several outputs.

        Args:
            service: its name, or its id.
            inputs: values of its input data and input decisions by name.
            budget: evaluation steps; 1,000,000 unless given.
            now: what ``now()`` gives.

        Raises:
            ValueError: no such service, or no such input.
            BudgetExceeded: the steps did not suffice.
            HostError: a function of the host failed.
        """
        identity = self._identity(service, self.definitions.services, "decision service")
        function = self._graph.functions[identity]
        for name in inputs:
            _check_known(name, function.parameters, f'decision service "{service}"')
        values = [normalized(inputs.get(name)) for name in function.parameters]
        return _guarded(lambda: function.call(budget or Budget(STEPS, now), *values))

    def _identity(self, name: str, nodes: Iterable[Any], word: str) -> str:
        known = {node.name: str(node.id) for node in nodes}
        if name in known:
            return known[name]
        if name in known.values():
            return name
        hint = suggestion(name, known) or f"it has {', '.join(known) or 'none'}"
        raise ValueError(f'model "{self.name}" has no {word} "{name}"; {hint}')

    def _check_inputs(self, inputs: Mapping[str, Any]) -> None:
        for name in inputs:
            _check_known(name, self._input_names(), f'model "{self.name}"')

    def _input_names(self) -> set[str]:
        """Return the names that inputs may have, those of imported models among them."""
        found = {node.name for node in self.definitions.inputs}
        found |= {node.variable.name for node in self.definitions.inputs}
        for name, model in self.imports.items():
            inner = model._input_names()
            found |= {name, *inner, *(f"{name}.{each}" for each in inner)}
        return found


def _guarded(evaluate: Callable[[], Any]) -> Any:
    """Return what an evaluation gives; values nested too deeply are over the budget, too."""
    try:
        return evaluate()
    except RecursionError:
        raise BudgetExceeded("values are nested too deeply") from None


def _check_known(name: str, known: Iterable[str], where: str) -> None:
    names = sorted(known)
    if name not in names:
        hint = suggestion(name, names) or f"it has {', '.join(names) or 'none'}"
        raise ValueError(f'{where} has no input "{name}"; {hint}')
