"""The scope of a case type: what each name of an expression is, and how it is read.

The sources below are Python of our own making over the view ``s``; nothing that a user wrote goes
into them but names that the schema has checked, quoted by ``repr``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from casewright.bind.declared import JOURNAL_TYPE, record_set_type
from casewright.bind.fields import FieldDefinition
from casewright.bind.shape import BUILT_IN_DATA, Shape
from casewright.case import COLUMNS
from casewright.feel import Function, Name, Parameter, Scope
from casewright.feel import types as feel
from casewright.spec.clock_view import CLOCK_ITEM_TYPE, CLOCK_TYPE
from casewright.spec.playbook_view import PLAYBOOK_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from casewright.bind.world import World

_COLUMN_TYPES = {
    "revision": feel.NUMBER,
    "created_at": feel.DATE_TIME,
    "updated_at": feel.DATE_TIME,
}
_CAUSE = feel.ContextType(
    {name: feel.Member(feel.STRING, f"{{}}.{name}") for name in ("event", "type", "actor")},
    name="cause",
)
_ORIGIN = feel.ContextType(
    {
        "id": feel.Member(feel.STRING, "{}.case"),
        "case_type": feel.Member(feel.STRING, "{}.case_type"),
        "number": feel.Member(feel.STRING, "{}.number"),
    },
    name="origin",
)
_PAST_EVENTS = feel.ListType(
    feel.ContextType(
        {
            "id": feel.Member(feel.STRING),
            "type": feel.Member(feel.STRING),
            "time": feel.Member(feel.DATE_TIME),
            "actor": feel.Member(feel.STRING),
            "roles": feel.Member(feel.ListType(feel.STRING)),
        },
        name="past event",
    )
)


def _actor_type() -> feel.ContextType:
    return _OpenAttributes(
        {
            "id": feel.Member(feel.STRING, "{}.id"),
            "roles": feel.Member(feel.ListType(feel.STRING), "list({}.roles)"),
        }
    )


class _Attributes(dict[str, feel.Member]):
    """Members of an actor: besides the known ones any that the host adds."""

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ARG002
        return self[key]

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str)

    def __missing__(self, key: str) -> feel.Member:
        return feel.Member(feel.ANY, f"{{}}.attributes.get({key!r})")


def _OpenAttributes(members: dict[str, feel.Member]) -> feel.ContextType:  # noqa: N802  reads as a type
    return feel.ContextType(_Attributes(members), closed=False, name="actor")


def related_type(world: World, shape: Shape, name: str) -> feel.Type:
    """Return the type of a related list: its items, with ``count`` and ``open`` besides."""
    related = shape.related[name]
    item = feel.ContextType(world.case_members[related.of](), name=related.of)
    return feel.ListType(
        item,
        members={
            "count": feel.Member(feel.NUMBER, f"s.related_list({name!r}).count"),
            "open": feel.Member(feel.NUMBER, f"s.related_list({name!r}).open"),
        },
    )


def summary_members(shape: Shape) -> Mapping[str, feel.Member]:
    """Return what another case may read of a case of this type: plain fields and its columns."""
    members = {
        name: feel.Member(definition.type)
        for name, definition in shape.fields.items()
        if definition.kind != "journal"
    }
    return {
        **members,
        "id": feel.Member(feel.STRING),
        "number": feel.Member(feel.STRING),
        "case_type": feel.Member(feel.STRING),
        "state": feel.Member(feel.STRING),
    }


def _field_read(definition: FieldDefinition, of: str) -> str:
    if definition.kind == "journal":
        return f"{of}.journals.get({definition.name!r})"
    return f"{of}.fields.get({definition.name!r})"


def case_scope(
    world: World, shape: Shape, functions: Mapping[str, Function], computed: Iterable[str]
) -> Scope:
    """Return the scope of expressions about a case of this type."""
    lazily = set(computed)
    names: dict[str, Name] = {}
    members: dict[str, feel.Member] = {}
    for column in COLUMNS:
        kind = _COLUMN_TYPES.get(column, feel.STRING)
        names[column] = Name(kind, f"s.{column}", (column,))
        members[column] = feel.Member(kind, f"{{}}.{column}")
    for journal in shape.journal_bits:
        names[journal] = Name(JOURNAL_TYPE, f"s.journals.get({journal!r})", (journal,))
        members[journal] = feel.Member(JOURNAL_TYPE, f"{{}}.journals.get({journal!r})")
    for name, definition in shape.fields.items():
        read = _field_read(definition, "s")
        if name in lazily:
            read = f"s.computed({name!r}, {definition.bit})"
        names[name] = Name(definition.type, read, (name,))
        of_record = f"{{}}.computed({name!r}, {definition.bit})" if name in lazily else None
        members[name] = feel.Member(definition.type, of_record or _field_read(definition, "{}"))
    for name in shape.related:
        kind = related_type(world, shape, name)
        names[name] = Name(kind, f"s.related_items({name!r})", (name,))
    clocks = feel.ContextType(
        {name: feel.Member(CLOCK_TYPE, f"{{}}.sla({name!r})") for name in shape.clocks}, name="sla"
    )
    record = feel.ContextType(
        {
            **members,
            "sla": feel.Member(clocks, "{}"),
            "playbook": feel.Member(PLAYBOOK_TYPE, "{}.playbook_view()"),
            "clocks": feel.Member(feel.ListType(CLOCK_ITEM_TYPE), "{}.clock_items()"),
            "recent_events": feel.Member(_PAST_EVENTS, "{}.recent_events()"),
        },
        name="case",
    )
    names["case"] = Name(record, "s", ("case",))
    names["previous"] = Name(record, "s.previous", ("previous",))
    names["sla"] = Name(clocks, "s", ("sla",))
    names["clocks"] = Name(feel.ListType(CLOCK_ITEM_TYPE), "s.clock_items()", ("clocks",))
    names["recent_events"] = Name(_PAST_EVENTS, "s.recent_events()", ("recent_events",))
    if shape.playbook_bit:
        names["playbook"] = Name(PLAYBOOK_TYPE, "s.playbook_view()", ("playbook",))
    names["actor"] = Name(_actor_type(), "s.actor", ("actor",))
    names["now"] = Name(feel.DATE_TIME, "s.now", ("now",))
    names["event"] = Name(event_type({}), "s.event", ("event",))
    names["records"] = _records_name(world)
    names.update(_settings_names(world, shape.spec.pack))
    return Scope(
        names,
        {**functions, **_case_functions()},
        {f"_settings_{pack}": values for pack, values in world.settings.items()},
    )


def _records_name(world: World) -> Name:
    members = {
        name.rpartition(".")[2]: feel.Member(record_set_type(world, name), "None")
        for name in world.record_types
    }
    return Name(feel.ContextType(members, name="records"), "s", ("records",))


def caseless_scope(world: World, pack: str, functions: Mapping[str, Function]) -> Scope:
    """Return the scope of expressions in a step without case: a window's, or of a signal.

    It has the time, reference data, settings and functions; what the step is about comes on top.
    """
    base = plain_scope(world, pack, {**functions, **_time_functions()})
    names = {
        **base.names,
        "now": Name(feel.DATE_TIME, "s.now", ("now",)),
        "records": _records_name(world),
    }
    return Scope(names, base.functions, base.bindings)


def message_names(data: Mapping[str, FieldDefinition]) -> dict[str, Name]:
    """Return the names of a message of no case: its data, ``event`` and ``actor``."""
    names = {
        name: Name(case_free(d), f"s.event.data.get({name!r})", (name,)) for name, d in data.items()
    }
    names["event"] = Name(
        event_type({n: replace(d, type=case_free(d)) for n, d in data.items()}, known=True),
        "s.event",
        ("event",),
    )
    names["actor"] = Name(_actor_type(), "s.actor", ("actor",))
    return names


def case_free(definition: FieldDefinition) -> feel.Type:
    """Return the type of a field where no case is at hand: a reference to a case is its id."""
    kind = definition.type
    if definition.kind == "reference" and definition.target_is_case:
        return feel.ListType(feel.STRING) if isinstance(kind, feel.ListType) else feel.STRING
    return kind


def plain_scope(world: World, pack: str, functions: Mapping[str, Function]) -> Scope:
    """Return the scope of expressions that have no case: settings and functions."""
    return Scope(
        _settings_names(world, pack),
        functions,
        {f"_settings_{name}": values for name, values in world.settings.items()},
    )


def _settings_names(world: World, pack: str) -> dict[str, Name]:
    names: dict[str, Name] = {}
    for name, types in world.setting_types.items():
        settings = feel.ContextType(
            {setting: feel.Member(d.type) for setting, d in types.items()}, name="settings"
        )
        read = f"_settings_{name}"
        names[name] = Name(
            feel.ContextType({"settings": feel.Member(settings, read)}, name=name), read, (name,)
        )
        if name == pack:
            names["settings"] = Name(settings, read, ("settings",))
    return names


def settings_name(world: World, pack: str) -> dict[str, Name]:
    """Return the name ``settings`` as it is meant in a pack; nothing if it declares none."""
    names = _settings_names(world, pack)
    return {"settings": names["settings"]} if "settings" in names else {}


def event_type(data: Mapping[str, FieldDefinition], *, known: bool = False) -> feel.ContextType:
    """Return the type of ``event`` where its data is as declared; unknown data is ``ANY``."""
    members = {name: feel.Member(definition.type) for name, definition in data.items()}
    return feel.ContextType(
        {
            "type": feel.Member(feel.STRING, "{}.type"),
            "id": feel.Member(feel.STRING, "{}.id"),
            "time": feel.Member(feel.DATE_TIME, "{}.time"),
            "occurred": feel.Member(feel.DATE_TIME, "{}.occurred"),
            "caused_by": feel.Member(_CAUSE, "{}.caused_by"),
            "origin": feel.Member(_ORIGIN, "{}.origin"),
            "data": feel.Member(
                feel.ContextType(members, closed=known, name="event.data"), "{}.data"
            ),
        },
        name="event",
    )


def event_name(shape: Shape, events: Iterable[str]) -> Name:
    """Return the name ``event`` where it is one of ``events``."""
    data: dict[str, FieldDefinition] = {}
    types = tuple(events)
    for event in types:
        data.update({n: d for n, d in shape.fields.items() if d.kind != "journal"})
        data.update(shape.event_data.get(event, {}))
        for name in BUILT_IN_DATA.get(event, ()):
            data[name] = FieldDefinition(name, "string", feel.STRING)
    return Name(event_type(data, known=False), "s.event", ("event",))


def _case_functions() -> dict[str, Function]:
    return {
        "has role": Function(
            "has role", (Parameter("role", feel.STRING),), feel.BOOLEAN, "s.has_role({0})"
        ),
        "changed": Function(
            "changed", (Parameter("field", feel.STRING),), feel.BOOLEAN, "s.changed({0})"
        ),
        **_time_functions(),
    }


def _time_functions() -> dict[str, Function]:
    return {
        "now": Function("now", (), feel.DATE_TIME, "s.now"),
        "today": Function("today", (), feel.DATE, "s.today"),
    }
