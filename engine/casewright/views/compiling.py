"""From specs of kind ``views`` to views: paths and conditions compiled, mistakes reported."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

from casewright.bind.places import Where
from casewright.case import COLUMNS
from casewright.feel import FeelError, Name, Scope, compile
from casewright.feel import types as feel
from casewright.spec.clock_view import CLOCK_TYPE
from casewright.spec.models.common import one_or_many
from casewright.views.definition import (
    Column,
    Form,
    HandlingNote,
    Highlight,
    ListView,
    SortKey,
    Views,
)
from casewright.views.indicators import MEASURES, PERIODS, Indicator, split_call
from casewright.views.records import record_scope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from casewright.bind.binder import Binder
    from casewright.bind.records import RecordType
    from casewright.bind.world import World
    from casewright.feel import Expression
    from casewright.spec.pack_set import Spec

_NO_NAMES: Mapping[str, Name] = MappingProxyType({})


def compile_views(binder: Binder, specs: Iterable[Spec]) -> Views:
    """Return the views of a case type; mistakes are reported.

    Args:
        binder: of the case type.
        specs: every spec of kind ``views``; what is for other types is passed over.
    """
    shape = binder.shape

    def expression(
        text: str, where: Where, expect: feel.Type | None, extra: Mapping[str, Name] = _NO_NAMES
    ) -> Expression | None:
        return binder.expression(text, where, "reader", expect=expect, extra=extra)

    about = _About(
        world=binder.world,
        is_ours=lambda name: name in shape.lineage,
        names=frozenset({*shape.fields, *COLUMNS, *shape.journal_bits, *shape.related}),
        titles={name: definition.title for name, definition in shape.fields.items()},
        expression=expression,
        clocks=frozenset(shape.clocks),
        roles=frozenset(binder.role_names()),
    )
    return _compiled(about, specs)


def compile_record_views(
    world: World, record_type: RecordType, plain: Scope, specs: Iterable[Spec]
) -> Views:
    """Return the views of a record type; mistakes are reported.

    Args:
        world: takes the diagnostics.
        record_type: whose records are shown.
        plain: names and functions that need no case: settings.
        specs: every spec of kind ``views``; what is for other types is passed over.
    """
    scope = record_scope(world, record_type, plain)

    def expression(
        text: str, where: Where, expect: feel.Type | None, extra: Mapping[str, Name] = _NO_NAMES
    ) -> Expression | None:
        named = Scope({**scope.names, **extra}, scope.functions, scope.bindings, scope.types)
        try:
            return compile(text, named, expect=expect)
        except FeelError as err:
            for problem in err.problems:
                world.report(
                    problem.code, where, problem.message, problem.hint, offset=problem.start
                )
            return None

    about = _About(
        world=world,
        is_ours=lambda name: name == record_type.name,
        names=frozenset(record_type.fields),
        titles={name: definition.title for name, definition in record_type.fields.items()},
        expression=expression,
        clocks=frozenset(),
        roles=None,
    )
    return _compiled(about, specs)


def compile_handling_notes(binder: Binder) -> tuple[HandlingNote, ...]:
    """Return the handling notes of a case type; mistakes are reported."""
    spec = binder.shape.spec
    made: list[HandlingNote] = []
    for name, model in spec.model.handling_notes.items():
        where = Where(spec, "/handling_notes") / name
        when = binder.condition(model.when, where / "when", "reader")
        if when is not None:
            made.append(HandlingNote(name, model.title or _words(name), when, model.text))
    return tuple(made)


@dataclass(frozen=True, slots=True, eq=False)
class _About:
    """What views are about: a case type or a record type.

    Attributes:
        is_ours: whether a qualified name is the type's or one that it extends.
        names: what a column, form or highlight may name.
        roles: names of roles, or None where there are none to check against.
    """

    world: World
    is_ours: Callable[[str], bool]
    names: frozenset[str]
    titles: Mapping[str, str]
    expression: Callable[..., Expression | None]
    clocks: frozenset[str]
    roles: frozenset[str] | None

    def means(self, name: str, where: Where) -> bool:
        """Return True if a name of ``for`` or ``of`` means this type."""
        found = self.world.seek("case_type", name, where) or self.world.seek("records", name, where)
        return found is not None and self.is_ours(found.qualified)


def _compiled(about: _About, specs: Iterable[Spec]) -> Views:
    lists: dict[str, ListView] = {}
    highlights: dict[str, Highlight] = {}
    forms: dict[str, Form] = {}
    indicators: dict[str, Indicator] = {}
    for spec in specs:
        indicators.update(_indicators(about, spec))
        own = Where(spec, "/for")
        if not any(about.means(name, own) for name in one_or_many(spec.model.for_)):
            continue
        for name, model in spec.model.lists.items():
            key = name if name not in lists else f"{spec.name}.{name}"
            lists[key] = _list(about, key, model, Where(spec, "/lists") / name)
        for name, colours in spec.model.highlights.items():
            made = _highlight(about, name, colours, Where(spec, "/highlights") / name)
            highlights.setdefault(name, made)
        for name, model in spec.model.forms.items():
            key = name if name not in forms else f"{spec.name}.{name}"
            forms[key] = _form(about, key, model, Where(spec, "/forms") / name)
    return Views(lists, highlights, forms, indicators)


def _list(about: _About, name: str, model: Any, where: Where) -> ListView:
    keys = [_sort_key(about, text, where / "sort" / i) for i, text in enumerate(model.sort)]
    return ListView(
        name,
        model.title or _words(name),
        _condition(about, model.filter, where / "filter"),
        tuple(_columns(about, model.columns, where / "columns")),
        tuple(key for key in keys if key is not None),
        _roles(about, model.roles, where / "roles"),
    )


def _columns(about: _About, paths: tuple[str, ...], where: Where) -> Iterable[Column]:
    for i, path in enumerate(paths):
        value = about.expression(path, where / i, None)
        if value is None:
            continue
        if isinstance(value.type, feel.ContextType) and value.type.members:
            known = ", ".join(sorted(value.type.members)[:12])
            text = f'"{path}" is no single value'
            about.world.report("CW832", where / i, text, f"name what it holds: {known}")
            continue
        yield Column(path, about.titles.get(path) or _words(path.replace(".", " ")), value)


def _sort_key(about: _About, text: str, where: Where) -> SortKey | None:
    path = text.removeprefix("-")
    value = about.expression(path, where, None)
    return None if value is None else SortKey(value, is_descending=text.startswith("-"))


def _highlight(about: _About, name: str, colours: Mapping[str, str], where: Where) -> Highlight:
    _known(about, name, where, key=True)
    conditions = [
        (colour, _condition(about, text, where / colour)) for colour, text in colours.items()
    ]
    return Highlight(
        name,
        tuple((colour, condition) for colour, condition in conditions if condition is not None),
    )


def _form(about: _About, name: str, model: Any, where: Where) -> Form:
    fields: tuple[str, ...]
    if isinstance(model, tuple):
        fields, title, roles, place = cast("tuple[str, ...]", model), None, None, where
    else:
        fields, title, place = model.fields, model.title, where / "fields"
        roles = _roles(about, model.roles, where / "roles")
    known = tuple(one for i, one in enumerate(fields) if _known(about, one, place / i))
    return Form(name, title or _words(name), known, roles)


def _known(about: _About, name: str, where: Where, *, key: bool = False) -> bool:
    if name in about.names:
        return True
    about.world.unknown("CW831", where, "field", name, about.names, key=key)
    return False


def _roles(about: _About, names: tuple[str, ...] | None, where: Where) -> frozenset[str] | None:
    if names is None:
        return None
    for i, name in enumerate(names):
        if about.roles is not None and name.rpartition(".")[2] not in about.roles:
            about.world.unknown("CW404", where / i, "role", name, about.roles)
    return frozenset(name.rpartition(".")[2] for name in names)


def _condition(
    about: _About, text: str | None, where: Where, extra: Mapping[str, Name] = _NO_NAMES
) -> Expression | None:
    return None if text is None else about.expression(text, where, feel.BOOLEAN, extra)


def _indicators(about: _About, spec: Spec) -> Iterable[tuple[str, Indicator]]:
    for name, model in spec.model.indicators.items():
        where = Where(spec, "/indicators") / name
        clock = _clock(about, model.of, where)
        if clock is not None or about.means(model.of, where / "of"):
            yield name, _indicator(about, name, model, where, clock)


def _clock(about: _About, of: str, where: Where) -> str | None:
    """Return the clock that ``of`` means; report a name that means nothing at all."""
    world = about.world
    if world.seek("case_type", of, where / "of") or world.seek("records", of, where / "of"):
        return None
    declared = {name for spec in world.packs.all("sla_definitions") for name in spec.model.slas}
    bare = of.rpartition(".")[2]
    if bare not in declared:
        known = {
            *world.packs.candidates("case_type", where.pack),
            *world.packs.candidates("records", where.pack),
            *declared,
        }
        world.unknown("CW833", where / "of", "case type, record type or clock", of, known)
    return bare if bare in about.clocks else None


def _indicator(about: _About, name: str, model: Any, where: Where, clock: str | None) -> Indicator:
    extra = _NO_NAMES if clock is None else _clock_names(clock)
    measure, measured = split_call(model.measure, MEASURES)
    if measure is None and model.measure.strip() != "count":
        text = f'"{model.measure}" is no measure'
        cure = "write `count`, or one of sum, mean, median, min, max such as `mean(time_to_close)`"
        about.world.report("CW834", where / "measure", text, cure)
    of_value = measure is not None and measure != "count"
    period, by = split_call(model.by or "", PERIODS)
    return Indicator(
        name,
        model.title or _words(name),
        model.of,
        clock,
        _condition(about, model.where, where / "where", extra),
        measure or "count",  # type: ignore[arg-type]  # one of MEASURES
        about.expression(measured, where / "measure", None, extra) if of_value else None,
        None if model.by is None else about.expression(by, where / "by", None, extra),
        period,
        model.last,
        ZoneInfo(about.world.zone),
    )


def _clock_names(clock: str) -> dict[str, Name]:
    """Return the properties of a clock as names of their own."""
    return {
        name: Name(
            member.type, (member.read or "{}").format(f"s.sla({clock!r})"), ("sla", clock, name)
        )
        for name, member in CLOCK_TYPE.members.items()
    }


def _words(name: str) -> str:
    return name.replace("_", " ").replace(".", " ").capitalize()
