"""Compiling a definition into a table that decides.

A table is a function of its inputs; its cells may also read what the surroundings put into the
scope (settings, records, other tables). Everything that can be wrong is found here, none of it
later: the only thing that can fail at run time is the hit policy.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from casewright.dmn.cells import CellCompiler, Output, Resolve, type_of_column
from casewright.dmn.definition import SEVERAL_HITS, Cell, Place, Problem, TableDefinition
from casewright.dmn.explain import Explanation, explain
from casewright.dmn.frame import Frame
from casewright.dmn.hit_policy import Answers, Decide, deciding
from casewright.dmn.index import Conditions, Index, naive_rows
from casewright.dmn.index_build import build_index
from casewright.dmn.inputs import tree_of, typed_inputs
from casewright.dmn.literals import read_literals
from casewright.dmn.lookup import compiled_lookup
from casewright.feel import Budget, FeelError, types
from casewright.feel import compile as compile_expression
from casewright.feel.scope import Function, Name, Parameter, Scope

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from casewright.dmn.condition import Condition
    from casewright.feel import Expression
    from casewright.feel.types import Type

_NO_TYPES: Mapping[str, Type] = {}


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A compiled decision table.

    Attributes:
        definition: what it was compiled from.
        decide: ``decide(s, b, args)`` gives the result for the caller's view ``s``, a budget and
            the values of the inputs in their order: a context, a list of them, or None where no row
            matches. A result may be shared between calls and is never to be changed. It raises
            :class:`HitPolicyError`, and :class:`feel.BudgetExceeded`.
        input_types: FEEL types of the inputs.
        output_types: FEEL types of the outputs.
        reads: paths that cells read beside the inputs.
        calls: functions that cells call.
        conditions: the compiled input cells, by row and column.
        answers: the compiled output cells.
        index: how matching rows are found.
    """

    definition: TableDefinition
    decide: Decide
    input_types: tuple[Type, ...]
    output_types: tuple[Type, ...]
    reads: frozenset[tuple[str, ...]]
    calls: frozenset[str]
    conditions: Conditions
    answers: Answers
    index: Index

    @property
    def name(self) -> str:
        """Return the name by which expressions call it."""
        return self.definition.name

    def call(self, s: Any, b: Budget, *args: Any) -> Any:
        """Return what :attr:`decide` does; the form in which compiled expressions call a table."""
        return self.decide(s, b, args)

    def as_function(self, binding: str, name: str = "") -> Function:
        """Return the table as a FEEL function.

        Args:
            binding: the name under which ``call`` stands in the bindings of the scope.
            name: how expressions call it, if not by the table's own name.
        """
        function = signature(self.definition, binding, name, self.input_types, self.output_types)
        return replace(function, reads=self.reads)

    def arguments(self, inputs: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return plain or FEEL values by name as the values of the inputs in their order.

        Raises:
            ValueError: an input is unknown or not of its column's type.
        """
        return typed_inputs(self.name, self.definition.inputs, inputs)

    def evaluate(
        self, inputs: Mapping[str, Any], view: Any = None, budget: Budget | None = None
    ) -> Any:
        """Return the result for inputs by name; one that is left out is null.

        Raises:
            ValueError: an input is unknown or not of its column's type.
            HitPolicyError: more rows match than the hit policy allows.
        """
        return self.decide(view, budget or Budget(), self.arguments(inputs))

    def explain(
        self, inputs: Mapping[str, Any], view: Any = None, budget: Budget | None = None
    ) -> Explanation:
        """Return why the table decides as it does: the rows that match, and that nearly do.

        Raises:
            ValueError: an input is unknown or not of its column's type.
        """
        return explain(self, view, budget or Budget(), self.arguments(inputs))

    def matching_rows(self, s: Any, b: Budget, args: tuple[Any, ...]) -> list[int]:
        """Return the numbers of all rows that match, counted from 0, whatever the hit policy."""
        return self.index.every(Frame(s, args), b, args)

    def naive_rows(self, s: Any, b: Budget, args: tuple[Any, ...]) -> list[int]:
        """Return the same by looking at every cell; the index is tested against this."""
        return naive_rows(self.conditions, Frame(s, args), b, args)


def signature(
    definition: TableDefinition,
    binding: str,
    name: str = "",
    input_types: Sequence[Type] | None = None,
    output_types: Sequence[Type] | None = None,
) -> Function:
    """Return the FEEL function of a table that need not be compiled yet.

    An input that a call leaves out is what its expression gives in the scope of the call, or is
    read from there by its name.

    Args:
        definition: the table.
        binding: the name under which ``Table.call`` will stand in the bindings of the scope.
        name: how expressions call it, if not by the table's own name.
        input_types: FEEL types of the inputs, if not those of the declared columns.
        output_types: FEEL types of the outputs, if not those of the declared columns.
    """
    takes = input_types or [type_of_column(column) for column in definition.inputs]
    gives = output_types or [type_of_column(column) for column in definition.outputs]
    parameters = tuple(
        Parameter(column.name, kind, from_scope=True, default=tree_of(column))
        for column, kind in zip(definition.inputs, takes, strict=True)
    )
    places = "".join(f", {{{at}}}" for at in range(len(parameters)))
    return Function(
        name=name or definition.name,
        parameters=parameters,
        result=_result_type(definition, gives),
        call=f"{binding}(s, b{places})",
    )


def _result_type(definition: TableDefinition, outputs: Sequence[Type]) -> Type:
    if definition.aggregation == "count":
        outputs = [types.NUMBER]
    if definition.bare:
        result = outputs[0]
    else:
        members = {
            column.name: types.Member(kind)
            for column, kind in zip(definition.outputs, outputs, strict=True)
        }
        result = types.ContextType(members=members, name=f"result of {definition.name}")
    several = definition.hit_policy in SEVERAL_HITS and definition.aggregation is None
    return types.ListType(item=result) if several else result


def compile_table(
    definition: TableDefinition,
    scope: Scope | None = None,
    *,
    resolve_reference: Resolve | None = None,
    resolve_template: Resolve | None = None,
    column_types: Mapping[str, Type] = _NO_TYPES,
) -> tuple[Table | None, list[Problem]]:
    """Return the compiled table, and everything that is wrong with its definition.

    Args:
        definition: what to compile.
        scope: what cells may read beside the inputs; an input hides a name that is equal.
        resolve_reference: gives the id for (target, text of a cell); it raises LookupError, whose
            text becomes the problem, where there is no such record. Without it the text is the id.
        resolve_template: gives the value for ("", text of a cell) in the same way.
        column_types: FEEL types of inputs and outputs by name, where the declared type does not say
            it all, such as that of a reference behind which a path reads on.

    Returns:
        The table, or None if one of the problems is an error.
    """
    scope = scope or Scope()
    takes = tuple(column_types.get(c.name) or type_of_column(c) for c in definition.inputs)
    gives = tuple(column_types.get(c.name) or type_of_column(c) for c in definition.outputs)
    inputs = {
        column.name: Name(kind, f"s.args[{at}]", (column.name,))
        for at, (column, kind) in enumerate(zip(definition.inputs, takes, strict=True))
    }
    names = [c.name for c in definition.inputs] + [c.name for c in definition.outputs]
    compiler = CellCompiler(
        scope=replace(scope, names={**scope.names, **inputs}),
        resolve_reference=resolve_reference,
        resolve_template=resolve_template,
        types=dict(zip(names, (*takes, *gives), strict=True)),
    )
    _check_policy(definition, compiler)
    _check_expressions(definition, compiler)
    conditions = _conditions(definition, compiler)
    answers = _answers(definition, compiler)
    if any(problem.severity == "error" for problem in compiler.problems):
        return None, compiler.problems
    return _table(definition, takes, gives, conditions, answers), compiler.problems


def _conditions(definition: TableDefinition, compiler: CellCompiler) -> Conditions:
    """Return the left side, without the cells that were reported."""
    rows: list[tuple[Condition, ...]] = []
    for row in definition.rows:
        pairs = zip(definition.inputs, row.inputs, strict=True)
        found = [compiler.condition(column, cell) for column, cell in pairs]
        rows.append(tuple(condition for condition in found if condition is not None))
    return rows


def _answers(definition: TableDefinition, compiler: CellCompiler) -> Answers:
    """Return the right side, without the cells that were reported."""
    columns = definition.outputs

    def outputs(cells: Sequence[Cell]) -> tuple[Output, ...]:
        found = [compiler.output(c, cell) for c, cell in zip(columns, cells, strict=True)]
        return tuple(output for output in found if output is not None)

    with_default = any(column.default is not None for column in columns)
    return Answers(
        names=tuple(column.name for column in columns),
        rows=tuple(outputs(row.outputs) for row in definition.rows),
        ranks=_ranks(definition, compiler),
        defaults=outputs([c.default or Cell("") for c in columns]) if with_default else (),
        several=definition.hit_policy in SEVERAL_HITS and definition.aggregation is None,
        bare=definition.bare,
    )


def _table(
    definition: TableDefinition,
    takes: tuple[Type, ...],
    gives: tuple[Type, ...],
    conditions: Conditions,
    answers: Answers,
) -> Table:
    index = build_index(conditions, len(definition.inputs))
    decide = deciding(
        definition.name, definition.hit_policy, definition.aggregation, index, answers
    )
    lookup = None
    if definition.hit_policy not in SEVERAL_HITS:
        is_first = definition.hit_policy == "first"
        width = len(definition.inputs)
        lookup = compiled_lookup(index.root, width, answers, decide, first=is_first)
    expressions = _expressions(conditions, answers)
    names = {column.name for column in definition.inputs}
    return Table(
        definition=definition,
        decide=lookup or _counted(decide, with_frame=bool(expressions)),
        input_types=takes,
        output_types=gives,
        reads=frozenset(p for e in expressions for p in e.reads if p[0] not in names),
        calls=frozenset(call.name for e in expressions for call in e.calls),
        conditions=conditions,
        answers=answers,
        index=index,
    )


def _expressions(conditions: Conditions, answers: Answers) -> list[Expression]:
    tests = {c.expression for row in conditions for c in row}
    outputs = {o.expression for row in (*answers.rows, answers.defaults) for o in row}
    return [expression for expression in tests | outputs if expression is not None]


def _counted(decide: Decide, *, with_frame: bool) -> Decide:
    """Return ``decide`` that spends one step, with a frame for cells that read something."""

    def framed(s: Any, b: Budget, args: tuple[Any, ...]) -> Any:
        b.enter()
        try:
            return decide(Frame(s, args), b, args)
        finally:
            b.leave()

    def plain(s: Any, b: Budget, args: tuple[Any, ...]) -> Any:
        b.left -= 1
        if b.left < 0:
            b.spend(0)
        return decide(s, b, args)

    return framed if with_frame else plain


def _check_policy(definition: TableDefinition, compiler: CellCompiler) -> None:
    policy, outputs = definition.hit_policy, definition.outputs
    if definition.aggregation is not None and len(outputs) > 1:
        hint = "a table with several outputs collects without aggregation"
        message = f'"{definition.aggregation}" needs exactly one output'
        compiler.report("CW601", message, definition.place, hint)
    ranked = any(column.choices or column.allowed for column in outputs)
    if policy in ("priority", "output order") and not ranked:
        hint = "give an output `choices`, the highest priority first"
        compiler.report("CW601", f'hit policy "{policy}" needs an order', definition.place, hint)
    if definition.bare and len(outputs) > 1:
        compiler.report("CW602", "a bare result has exactly one output", definition.place)


def _check_expressions(definition: TableDefinition, compiler: CellCompiler) -> None:
    """Report expressions of inputs that are none; what they name is known only to calls."""
    for column in definition.inputs:
        if column.expression is None:
            continue
        try:
            compile_expression(column.expression)
        except FeelError as err:
            place = Place(f"{column.place.pointer}/expression")
            for problem in err.problems:
                at = replace(place, start=problem.start, end=problem.end)
                compiler.report(problem.code, problem.message, at, problem.hint)


def _ranks(definition: TableDefinition, compiler: CellCompiler) -> tuple[tuple[Any, ...], ...]:
    ranks: list[tuple[Any, ...]] = []
    for column in definition.outputs:
        if column.choices or column.allowed is None:
            ranks.append(column.choices)
            continue
        values = read_literals(column.allowed)
        if values is None and definition.hit_policy in ("priority", "output order"):
            message = f'allowed values of "{column.name}" are not literals'
            compiler.report("CW601", message, column.place, "write them out, separated by commas")
        ranks.append(tuple(values or ()))
    return tuple(ranks)
