"""Decision tables as functions of expressions: bound once per program, shared by all scopes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from casewright.bind.declared import reference_type
from casewright.bind.places import Where, plain
from casewright.bind.scope import plain_scope
from casewright.dmn import Table, calling_circles, compile_table, read_definition, signature
from casewright.feel import Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from casewright.bind.world import World
    from casewright.dmn import Problem, TableDefinition
    from casewright.feel import Budget, Function
    from casewright.feel.types import Type
    from casewright.spec.pack_set import Spec


class Slot:
    """Where a table will stand once it is compiled; expressions hold its ``call``."""

    __slots__ = ("table",)

    def __init__(self) -> None:
        self.table: Table | None = None

    def call(self, s: Any, b: Budget, *args: Any) -> Any:
        """Decide."""
        if self.table is None:
            raise LookupError("the table did not compile")
        return self.table.decide(s, b, args)


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """Every table of a program: as functions by qualified name, and what expressions bind."""

    functions: Mapping[str, Function]
    bindings: Mapping[str, object]
    compiled: Mapping[str, Table]

    def visible(self, world: World, pack: str, inherited: tuple[str, ...]) -> dict[str, Function]:
        """Return the functions that specs of ``pack`` may name, by bare name."""
        made: dict[str, Function] = {}
        own = world.packs.packs.get(pack)
        uses = () if own is None else own.uses
        for name in (*uses, *reversed(inherited), pack):
            for qualified, function in self.functions.items():
                if qualified.startswith(f"{name}."):
                    made[qualified.rpartition(".")[2]] = function
        return made


def compiled_tables(world: World) -> Tables:
    """Return every decision table, compiled; mistakes are reported."""
    specs = {spec.qualified: spec for spec in world.packs.all("decision_table")}
    slots = {name: Slot() for name in specs}
    definitions: dict[str, TableDefinition] = {}
    functions: dict[str, Function] = {}
    bindings: dict[str, object] = {}
    column_types: dict[str, dict[str, Type]] = {}
    for position, (name, spec) in enumerate(specs.items()):
        definition, problems = read_definition(spec.name, plain(spec.model), _csv_of(spec))
        _report(world, spec, problems)
        definitions[name] = definition
        column_types[name] = _column_types(world, spec)
        binding = f"_table_{position}"
        bindings[binding] = slots[name].call
        functions[name] = signature(
            definition,
            binding,
            "",
            [column_types[name].get(c.name) or _declared(c) for c in definition.inputs],
            [column_types[name].get(c.name) or _declared(c) for c in definition.outputs],
        )
    known = Tables(functions, bindings, {})
    compiled: dict[str, Table] = {}
    for name, spec in specs.items():
        base = plain_scope(world, spec.pack, known.visible(world, spec.pack, ()))
        scope = Scope(base.names, base.functions, {**base.bindings, **bindings}, base.types)
        table, problems = compile_table(
            definitions[name],
            scope,
            resolve_reference=_references(world, spec),
            resolve_template=lambda _target, text: text,
            column_types=column_types[name],
        )
        _report(world, spec, problems)
        if table is not None:
            slots[name].table = table
            compiled[name] = table
    _report_circles(world, known, compiled)
    _spread_reads(functions, compiled)
    return Tables(functions, bindings, compiled)


def _csv_of(spec: Spec) -> Callable[[str], str]:
    def read(name: str) -> str:
        if spec.csv is None:
            raise ValueError(f'there is no file "{name}" in the pack')
        return spec.csv.text

    return read


def _declared(column: Any) -> Type:
    from casewright.dmn.cells import type_of_column

    return type_of_column(column)


def _column_types(world: World, spec: Spec) -> dict[str, Type]:
    made: dict[str, Type] = {}
    for side in ("inputs", "outputs"):
        for name, column in getattr(spec.model, side).items():
            if column.type == "reference" and column.to is not None:
                where = Where(spec, f"/{side}") / name / "to"
                target = world.seek("records", column.to, where)
                if target is not None:
                    made[name] = reference_type(world, target.qualified)
                elif world.seek("case_type", column.to, where) is None:
                    world.unknown(
                        "CW221",
                        where,
                        "record type",
                        column.to,
                        world.packs.candidates("records", spec.pack),
                    )
    return made


def _references(world: World, spec: Spec) -> Any:
    def resolve(target: str, text: str) -> str:
        found = world.seek("records", target, Where(spec, "")) if target else None
        rows: Mapping[str, dict[str, Any]] = {}
        if found is not None:
            rows = world.record_types[found.qualified].rows
        if text in rows or not rows:
            return text
        named = [key for key, row in rows.items() if row.get("name") == text]
        if len(named) == 1:
            return named[0]
        how = "several records" if named else "no record"
        raise LookupError(f'{how} of "{target}" with the id or name "{text}"')

    return resolve


def _report_circles(world: World, known: Tables, compiled: Mapping[str, Table]) -> None:
    specs = {spec.qualified: spec for spec in world.packs.all("decision_table")}
    names = {id(function): name for name, function in known.functions.items()}
    calls: dict[str, list[str]] = {}
    for name, table in compiled.items():
        visible = known.visible(world, specs[name].pack, ())
        calls[name] = [names[id(f)] for bare, f in visible.items() if bare in table.calls]
    for circle in calling_circles(calls):
        message = f"tables call each other in a circle: {' -> '.join(circle)}"
        where = Where(specs[circle[0]], "/rules")
        world.report("CW608", where, message, "a table may not need its own answer", key=True)


def _spread_reads(functions: dict[str, Function], compiled: Mapping[str, Table]) -> None:
    """Add to each table's reads those of the tables that it calls."""
    bare = {name.rpartition(".")[2]: name for name in functions}
    reads = {name: set(table.reads) for name, table in compiled.items()}
    grew = True
    while grew:
        grew = False
        for name, table in compiled.items():
            for call in table.calls:
                called = bare.get(call)
                if called in reads and not reads[called] <= reads[name]:
                    reads[name] |= reads[called]
                    grew = True
    for name, paths in reads.items():
        functions[name] = replace(functions[name], reads=frozenset(paths))


def _report(world: World, spec: Spec, problems: list[Problem]) -> None:
    for problem in problems:
        where = Where(spec, problem.place.pointer)
        offset = (
            problem.place.start
            if problem.place.end is not None and not problem.place.file
            else None
        )
        place = f"{problem.place.file}: " if problem.place.file else ""
        world.report(
            problem.code,
            where,
            place + problem.message,
            problem.hint,
            problem.severity,
            offset=offset,
        )
