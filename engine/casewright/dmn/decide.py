"""Tables on their own: load one from plain data, give it plain inputs, get an answer and why.

This is what ``casewright decide`` and programs that want only tables use. The engine compiles its
tables through its binder and calls them from expressions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from casewright.dmn.notation import read_definition
from casewright.dmn.table import Table, compile_table
from casewright.errors import Diagnostic, SpecError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from casewright.dmn.cells import Resolve
    from casewright.dmn.definition import Problem
    from casewright.dmn.explain import Explanation
    from casewright.feel.budget import Budget
    from casewright.feel.scope import Scope


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer of a table.

    Attributes:
        outputs: the context of outputs, a list of them for policies with several hits, or None
            where no row matches or the hit policy is violated.
        explanation: the rows that matched, those that nearly did, and the violation if any.
    """

    outputs: Any
    explanation: Explanation

    @property
    def error(self) -> str:
        """Return how the hit policy is violated, or an empty text."""
        return self.explanation.error


def load_table(
    data: Mapping[str, Any],
    *,
    scope: Scope | None = None,
    read_csv: Callable[[str], str] | None = None,
    resolve_reference: Resolve | None = None,
    resolve_template: Resolve | None = None,
) -> Table:
    """Return the table that the body of a ``decision_table`` spec describes.

    Args:
        data: the spec as plain data, as a YAML loader gives it.
        scope: what cells may read beside the inputs.
        read_csv: returns the text of a file named in ``rules: {csv: ...}``.
        resolve_reference: as in :func:`compile_table`.
        resolve_template: as in :func:`compile_table`.

    Raises:
        SpecError: the table has mistakes; it carries all of them.
    """
    name = str(data.get("name", "table"))
    definition, problems = read_definition(name, data, read_csv)
    table, found = compile_table(
        definition,
        scope,
        resolve_reference=resolve_reference,
        resolve_template=resolve_template,
    )
    problems += found
    if table is None or any(problem.severity == "error" for problem in problems):
        raise SpecError([_diagnostic(problem) for problem in problems])
    return table


def decide(
    table: Table, inputs: Mapping[str, Any], view: Any = None, budget: Budget | None = None
) -> Decision:
    """Return the answer of a table for plain inputs, and why.

    Args:
        table: the table.
        inputs: values by name, as JSON or as FEEL values; one that is left out is null.
        view: what cells read beside the inputs, if they do.
        budget: steps that expressions in cells may take.

    Raises:
        ValueError: an input is unknown or not of its column's type.
    """
    explanation = table.explain(inputs, view, budget)
    return Decision(explanation.result, explanation)


def _diagnostic(problem: Problem) -> Diagnostic:
    return Diagnostic(
        problem.code,
        problem.severity,
        problem.message,
        pointer=problem.place.pointer,
        hint=problem.hint,
    )
