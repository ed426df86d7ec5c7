"""Compiling packs into a program: every case type bound, every mistake of all of them reported."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import msgspec

from casewright.actions.binder import CaseBinder
from casewright.bind.places import Where, plain
from casewright.bind.roles import RoleDefinition, Roles
from casewright.bind.scope import case_scope, caseless_scope, plain_scope, summary_members
from casewright.bind.shape import BUILT_IN_DATA, check_attachments, shapes
from casewright.bind.tables import compiled_tables
from casewright.bind.world import World
from casewright.errors import SpecError, in_order
from casewright.feel import Function, Name, Parameter, Scope
from casewright.feel import types as feel
from casewright.flow import Flow
from casewright.lint import lint
from casewright.notify import (
    compile_acceptances,
    compile_told,
    compile_topic_map,
    template_sources,
)
from casewright.program.flows import compiled_flow
from casewright.program.kind import CaseType, Limits, RelatedKind, ReportTo, WayIn
from casewright.program.mechanisms import Masks, compile_mechanisms, rule_networks
from casewright.program.program import Program
from casewright.program.taken_over import name_case_types
from casewright.rules.correlations.correlating import Correlations, compiled_correlations
from casewright.spec.collecting import collector_paused
from casewright.spec.models.kinds import KINDS
from casewright.temporal import always_open
from casewright.views import compile_record_views

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from casewright.bind.fields import FieldDefinition
    from casewright.bind.shape import Shape
    from casewright.bind.tables import Tables
    from casewright.bind.values import Value
    from casewright.errors import Diagnostic
    from casewright.host import Host
    from casewright.rules.networks.choosing import Wanted
    from casewright.spec.pack_set import PackSet
    from casewright.views import Views

ENGINE_VERSION = "1"


def compile_packs(
    source: PackSet | str | Path | Sequence[str | Path],
    host: Host | None = None,
    *,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    domain: str = "",
    limits: Limits | None = None,
    network: Wanted = "auto",
) -> Program:
    """Return the program that packs make.

    Args:
        source: packs already loaded, or paths of packs, folders of packs or files.
        host: functions and actions that specs may name.
        settings: values by pack and name, instead of the packs' defaults.
        domain: the tenant; part of every key.
        limits: bounds of a step.
        network: what brings several facts together: ``auto`` takes ``durable-rules`` where it is
            installed and proven equal, ``native`` is Python alone. The answers are the same.

    Raises:
        SpecError: with every diagnostic, if one is an error.
        ValueError: ``durable`` is wanted and not installed.
    """
    program, diagnostics = check_packs(
        source, host, settings=settings, domain=domain, limits=limits, network=network
    )
    if program is None:
        raise SpecError(diagnostics)
    return program


@collector_paused()
def check_packs(
    source: PackSet | str | Path | Sequence[str | Path],
    host: Host | None = None,
    *,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    domain: str = "",
    limits: Limits | None = None,
    network: Wanted = "auto",
) -> tuple[Program | None, list[Diagnostic]]:
    """Return the program, None if there is an error, and every diagnostic in order."""
    from casewright.spec.pack_set import PackSet
    from casewright.spec.packs import load_packs

    found: list[Diagnostic] = []
    packs = source
    if not isinstance(packs, PackSet):
        paths = [packs] if isinstance(packs, str) or not isinstance(packs, list | tuple) else packs
        packs, found = load_packs(paths, domain=domain or None)  # type: ignore[arg-type]
    world = World(packs, host, settings)
    world.diagnostics.extend(found)
    has_errors = any(d.severity == "error" for d in found)
    made, case_types, correlations = _compiled(world, domain, limits or Limits(), network)
    world.diagnostics.extend(lint(world, made, case_types))
    record_views = _record_views(world)
    topic_specs = world.packs.all("topic_map")
    topic_maps = {spec.qualified: compile_topic_map(world, spec) for spec in topic_specs}
    acceptances = compile_acceptances(world, made, topic_specs)
    diagnostics = in_order(world.diagnostics)
    if has_errors or any(d.severity == "error" for d in diagnostics):
        return None, diagnostics
    program = Program(
        _hash(world),
        packs,
        case_types,
        world.record_types,
        world.settings,
        diagnostics,
        limits or Limits(),
        domain,
        world.tables,
        record_views,
        topic_maps,
        acceptances,
        correlations.all,
        world.zone,
        correlations.signals,
        (*correlations.networks, *rule_networks(case_types.values())),
        template_sources(world),
    )
    return program, diagnostics


def _record_views(world: World) -> dict[str, Views]:
    specs = world.packs.all("views")
    return {
        name: compile_record_views(
            world, kind, plain_scope(world, name.partition(".")[0], {}), specs
        )
        for name, kind in world.record_types.items()
    }


def _compiled(
    world: World, domain: str, limits: Limits, network: Wanted
) -> tuple[dict[str, Shape], dict[str, CaseType], Correlations]:
    world.declare()
    world.calendars()
    check_attachments(world)
    made = shapes(world)
    for shape in made.values():
        world.case_members[shape.name] = partial(summary_members, shape)
    tables = compiled_tables(world)
    world.tables = tables.compiled
    world.functions_of = partial(tables.visible, world, inherited=())
    binders: dict[str, CaseBinder] = {}
    case_types: dict[str, CaseType] = {}
    for shape in made.values():
        if shape.flow_spec is None:
            continue
        world.about = shape.name
        binder = CaseBinder(world, shape, _scope(world, shape, tables), made)
        binders[shape.name] = binder
        case_types[shape.name] = _case_type(binder, domain, limits)
    world.about = None
    correlations = compiled_correlations(
        world,
        made,
        {name: (binders[name], Masks(ct).of_expression) for name, ct in case_types.items()},
        partial(_caseless_scope, world, tables),
        compile_told,
        network,
        limits.observations,
    )
    for name, ct in case_types.items():
        world.about = name
        ct.watches = correlations.watches.get(name)
        ct.tables = tuple(tables.compiled.values())
        compile_mechanisms(binders[name], ct, network)
        ct.reads = frozenset(binders[name].seen)
        ct.keeps_events = any("recent_events" in path[:2] for path in ct.reads)
    world.about = None
    name_case_types(world, made)
    _join(made, case_types)
    return made, case_types, correlations


def _scope(world: World, shape: Shape, tables: Tables) -> Scope:
    inherited = tuple(name.partition(".")[0] for name in shape.lineage[1:])
    computed = [n for n, m in shape.spec.model.fields.items() if m.computed is not None]
    functions = {
        **_host_functions(world),
        **tables.visible(world, shape.spec.pack, inherited),
    }
    scope = case_scope(world, shape, functions, computed)
    bindings = {**scope.bindings, **tables.bindings, **_host_bindings(world)}
    return Scope(scope.names, scope.functions, bindings, scope.types, scope.strict)


def _caseless_scope(world: World, tables: Tables, pack: str) -> Scope:
    """Return the scope of what specs of a pack say about no case."""
    functions = {**_host_functions(world), **tables.visible(world, pack, ())}
    scope = caseless_scope(world, pack, functions)
    bindings = {**scope.bindings, **tables.bindings, **_host_bindings(world)}
    return Scope(scope.names, scope.functions, bindings)


def _host_bindings(world: World) -> dict[str, object]:
    return {f"_host_{i}": guarded(f) for i, f in enumerate(world.host.functions)}


def guarded(function: Any) -> Any:
    """Return a host function whose exceptions become ``failed: host_function``."""
    from casewright.host import HostFunctionError

    def call(*args: Any) -> Any:
        try:
            return function.call(*args)
        except Exception as err:
            raise HostFunctionError(f"{function.name}: {type(err).__name__}: {err}") from err

    return call


_HOST_TYPES = {
    "string": feel.STRING,
    "number": feel.NUMBER,
    "boolean": feel.BOOLEAN,
    "date": feel.DATE,
    "time": feel.TIME,
    "date and time": feel.DATE_TIME,
    "duration": feel.UNIT_DURATION,
    "list": feel.ListType(),
}


def _host_functions(world: World) -> dict[str, Function]:
    made: dict[str, Function] = {}
    for position, function in enumerate(world.host.functions):
        parameters = tuple(
            Parameter(name, _HOST_TYPES.get(kind, feel.ANY)) for name, kind in function.parameters
        )
        places = ", ".join(f"{{{at}}}" for at in range(len(parameters)))
        made[function.name] = Function(
            function.name,
            parameters,
            _HOST_TYPES.get(function.result, feel.ANY),
            f"_host_{position}({places})",
        )
    return made


def _case_type(binder: CaseBinder, domain: str, limits: Limits) -> CaseType:
    shape, world = binder.shape, binder.world
    calendar = binder.default_calendar or always_open(world.zone)
    number = shape.spec.model.number
    ct = CaseType(
        name=shape.name,
        title=shape.spec.model.title or shape.bare.replace("_", " ").capitalize(),
        pack=shape.spec.pack,
        domain=domain,
        fields={},
        flow=Flow(shape.name, "", {}, ()),
        roles=_roles(binder),
        limits=limits,
        zone_info=ZoneInfo(world.zone),
        calendar=calendar,
        calendars=binder.calendars(),
        number=None if number is None else (number.prefix, number.digits),
        lineage=shape.lineage,
        event_data=shape.event_data,
        journal_bits=shape.journal_bits,
        related_bits={name: related.bit for name, related in shape.related.items()},
        clock_bits={name: clock.bit for name, clock in shape.clocks.items()},
        playbook_bit=shape.playbook_bit,
        recent_bit=shape.recent_bit,
    )
    ct.fields = _fields(binder)
    ct.flow = compiled_flow(binder, ct)
    _ways_in(binder, ct)
    return ct


def _roles(binder: CaseBinder) -> Roles:
    definitions: dict[str, RoleDefinition] = {}
    known = binder.role_names()
    for spec in binder.shape.attached.get("roles", ()):
        for name, model in spec.model.roles.items():
            where = Where(spec, "/roles") / name
            for i, included in enumerate(model.includes):
                if included not in known:
                    binder.unknown("CW404", where / "includes" / i, "role", included, known)
            for i, what in enumerate(model.may):
                if what not in ("create", "read", "update"):
                    binder.event_type(what, where / "may" / i)
            for side in ("read", "write"):
                for i, field in enumerate(getattr(model, side)):
                    binder.field(field, where / side / i)
            when = None
            if model.when is not None:
                when = binder.condition(model.when, where / "when", "reader")
            definitions[name] = RoleDefinition(
                name,
                model.title or name,
                tuple(model.includes),
                frozenset(model.may),
                when,
                frozenset(model.read),
                frozenset(model.write),
            )
    return Roles(definitions)


def _fields(binder: CaseBinder) -> dict[str, Any]:
    shape = binder.shape
    made: dict[str, Any] = {}
    for name, definition in shape.fields.items():
        model = shape.spec.model.fields[name]
        where = shape.where / "fields" / name
        computed = check = None
        if model.computed is not None:
            expect = None if definition.kind == "duration" else definition.type
            computed = binder.expression(model.computed, where / "computed", "level", expect=expect)
        if model.check is not None:
            kind = (
                definition.type.item
                if isinstance(definition.type, feel.ListType)
                else definition.type
            )
            item = Name(kind, "s.lets.get('item')", ("item",))
            check = binder.condition(model.check, where / "check", "event", {"item": item})
        for side in ("read", "write"):
            for i, role in enumerate(getattr(model, side) or ()):
                binder.role(role, where / side / i)
        made[name] = replace(definition, computed=computed, check=check)
    shape.fields.update(made)
    return made


def _ways_in(binder: CaseBinder, ct: CaseType) -> None:
    model, where = binder.shape.spec.model, binder.shape.where
    extra = binder.naming(["create"])
    for name, service in model.services.items():
        place = where / "services" / name
        ct.services[name] = _way_in(binder, name, service, place, extra)
    for name, producer in model.record_producers.items():
        place = where / "record_producers" / name
        way = _way_in(binder, name, producer, place, extra)
        if producer.then is not None:
            binder.event_type(producer.then, place / "then")
        ct.producers[name] = replace(way, fields=frozenset(producer.fields), then=producer.then)
    defaults: list[tuple[FieldDefinition, Value]] = []
    for name, definition in ct.fields.items():
        field = model.fields[name]
        if field.default is not None and field.computed is None:
            value = binder.field_value(
                definition, field.default, where / "fields" / name / "default", "event", extra
            )
            if value is not None:
                defaults.append((definition, value))
    ct.defaults = tuple(defaults)
    for event, data in ct.event_data.items():
        ct.event_data[event] = {n: _with_default(binder, d, event) for n, d in data.items()}


def _with_default(binder: CaseBinder, definition: Any, event: str) -> Any:
    flow = binder.shape.flow_spec
    if flow is None:
        return definition
    for row_name, row in flow.model.transitions.items():
        model = row.data.get(definition.name)
        if model is None or model.default is None:
            continue
        where = Where(flow, "/transitions") / row_name / "data" / definition.name / "default"
        try:
            return replace(
                definition, default=definition.convert(model.default), required=model.required
            )
        except ValueError as err:
            binder.report("CW224", where, f"{err} (of event {event})")
    return definition


def _way_in(
    binder: CaseBinder, name: str, model: Any, where: Where, extra: dict[str, Name]
) -> WayIn:
    for i, role in enumerate(model.roles or ()):
        binder.role(role, where / "roles" / i)
    when = None
    if model.when is not None:
        when = binder.condition(model.when, where / "when", "event", extra)
    return WayIn(
        name,
        model.title or name.replace("_", " ").capitalize(),
        binder.field_values(model.set, where / "set", "event", extra),
        frozenset(model.roles or ()),
        when,
        playbook=getattr(model, "playbook", None),
    )


def _join(made: Mapping[str, Shape], case_types: Mapping[str, CaseType]) -> None:
    """Connect parents and children: who counts whom, and who tells whom of what."""
    reports: dict[str, dict[str, list[str]]] = {}
    parents: dict[tuple[str, str], str] = {}
    for name, ct in case_types.items():
        for list_name, related in made[name].related.items():
            types = {
                child.name: child for child in case_types.values() if related.of in child.lineage
            }
            ct.related[list_name] = RelatedKind(list_name, related.by, types)
            for child in types:
                reports.setdefault(child, {}).setdefault(related.by, []).append(list_name)
                parents[(child, related.by)] = name
    for child, by_field in reports.items():
        ct = case_types[child]
        ct.reports = tuple(
            ReportTo(by, parents[(child, by)], tuple(dict.fromkeys(lists)))
            for by, lists in by_field.items()
        )
    for name, ct in case_types.items():
        ct.reported = frozenset(_reported(name, ct, made, case_types))
        ct.told = tuple(
            (list_name, related.by)
            for list_name, related in ct.related.items()
            if any(
                len(path) > 1 and path[0] == related.by
                for child in related.types.values()
                for path in child.reads
            )
        )


def _reported(
    name: str, ct: CaseType, made: Mapping[str, Shape], case_types: Mapping[str, CaseType]
) -> set[str]:
    """Return the fields of a case type that others read through lists and parents."""
    found: set[str] = set()
    for other_name, other in case_types.items():
        lists = {n for n, related in other.related.items() if name in related.types}
        parents = {
            n
            for n, d in made[other_name].fields.items()
            if d.target_is_case and d.target in ct.lineage
        }
        for path in other.reads:
            if len(path) > 1 and path[0] in lists | parents and path[1] in ct.fields:
                found.add(path[1])
    return found


def _hash(world: World) -> str:
    """Return the program hash (``design.md`` 6.8): all that is bound, scenarios left out."""
    bound: dict[str, Any] = {"engine": ENGINE_VERSION, "settings": world.settings}
    for kind in KINDS:
        if kind == "scenario":
            continue
        for spec in world.packs.all(kind):
            body = plain(spec.model)
            if kind == "records":
                body.pop("rows", None)
            elif kind == "calendar":  # what files and countries have come to
                made = world.calendars().get(spec.qualified)
                body = {"zones": body.get("zones"), "calendar": made and made.canonical()}
            elif spec.csv is not None:
                body["csv"] = spec.csv.text
            for key in ("title", "description", "tags"):
                if kind != "case_type":
                    body.pop(key, None)
            bound[f"{kind}/{spec.qualified}"] = body
    bound["functions"] = [(f.name, f.version) for f in world.host.functions]
    encoded = msgspec.json.encode(bound, order="sorted", enc_hook=str)
    return hashlib.sha256(encoded).hexdigest()


__all__ = ["BUILT_IN_DATA", "check_packs", "compile_packs"]
